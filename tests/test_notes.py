# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes: Markdown in, clean HTML or plain text out, whatever was written."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcasts.notes import TAGS, notes_teaser, notes_text, render_notes


@pytest.mark.parametrize(
    ("source", "html"),
    [
        ("**Gras** et *fin*", "<p><strong>Gras</strong> et <em>fin</em></p>"),
        ("[ici](https://a.example/?b=1&c=2)", '<p><a href="https://a.example/?b=1&amp;c=2">ici</a></p>'),
        ("# Titre", "<h3>Titre</h3>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("", ""),
    ],
)
def test_markdown_becomes_clean_html(source: str, html: str) -> None:
    assert re.sub(r"^<p>(&lt;.*)</p>$", r"\1", render_notes(source)) == html


@pytest.mark.parametrize(
    "source",
    [
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "![x](https://tracker.example/pixel.png)",
        '<img src=x onerror="alert(1)">',
        "<a href='https://a.example' onclick='x' style='x'>a</a>",
        "<iframe src='https://a.example'></iframe><style>*{}</style>",
    ],
)
@pytest.mark.parametrize("notes_format", ["markdown", "html"])
def test_nothing_that_acts_or_loads_gets_through(source: str, notes_format: str) -> None:
    html = render_notes(source, notes_format)
    tags = set(re.findall(r"<([a-z0-9]+)", html))
    attributes = set(re.findall(r"<[a-z]+ ([a-z]+)=", html))
    assert tags <= TAGS
    assert attributes <= {"href"}
    assert not re.search(r'href="(?!https?:|mailto:)', html)


def test_links_on_pages_say_that_others_wrote_them() -> None:
    assert 'rel="noopener nofollow ugc"' in render_notes("[a](https://a.example)", page=True)
    assert "rel=" not in render_notes("[a](https://a.example)")


def test_plain_text_keeps_one_line_for_each_paragraph_and_item() -> None:
    assert notes_text("Un\n\n- deux &amp; trois\n- quatre") == "Un\ndeux & trois\nquatre"


@given(st.text(), st.sampled_from(["markdown", "html"]))
def test_any_notes_give_only_allowed_tags(source: str, notes_format: str) -> None:
    assert set(re.findall(r"<([a-z0-9]+)", render_notes(source, notes_format))) <= TAGS
    assert isinstance(notes_text(source, notes_format), str)


def test_the_beginning_of_notes_is_one_line_cut_between_words() -> None:
    assert notes_teaser("") == ""
    assert notes_teaser("**Un** mot\n\nsuivant") == "Un mot suivant"
    long = notes_teaser("mot " * 200)
    assert len(long) <= 280
    assert long.endswith("mot…")
