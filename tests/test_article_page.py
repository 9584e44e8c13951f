# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a page says about its article, from real shapes of pages; nothing in it raises."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcasts.article_page import ArticleFacts, read_article

URL = "https://gazette.example/environnement/le-fleuve"

PAGES = Path(__file__).parent / "data" / "articles"


def test_json_ld_comes_first() -> None:
    facts = read_article(
        (PAGES / "json-ld.html").read_bytes(), content_type="text/html; charset=utf-8", page_url=URL
    )
    assert facts == ArticleFacts(
        title="Le fleuve remonte",
        author="Awa, Ibra",
        site_name="La Gazette",
        published_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
        image_url="https://gazette.example/eau.jpg",
        excerpt="L'eau gagne.",
        canonical_url=URL,
        amp_url="https://amp.gazette.example/le-fleuve",
        language="fr-FR",
        terms=("Environnement", "Crue", "Pêche", "Mali"),
        source_name="Agence",
        source_url="https://agence.example/1",
    )


def test_open_graph_comes_next() -> None:
    facts = read_article((PAGES / "open-graph-arabic.html").read_bytes(), content_type=None, page_url=URL)
    assert (facts.title, facts.site_name, facts.language) == ("عنوان", "الجريدة", "ar-EG")
    assert facts.published_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert (facts.image_url, facts.canonical_url) == (None, "https://ar.example/a")


def test_a_bare_page_has_its_title() -> None:
    assert read_article(b"<title> Un \n titre </title>", content_type=None, page_url=URL).title == "Un titre"
    assert read_article(b"", content_type=None, page_url=URL) == ArticleFacts()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<title>Été</title>".encode("windows-1252"), "text/html; charset=windows-1252"),
        (b'<meta charset="iso-8859-1"><title>\xc9t\xe9</title>', None),
        ("<title>Été</title>".encode(), "text/html; charset=unheard-of"),
    ],
)
def test_letters_are_read_as_the_page_says(body: bytes, content_type: str | None) -> None:
    assert read_article(body, content_type=content_type, page_url=URL).title == "Été"


def ld(document: str) -> bytes:
    """Write a page with this JSON-LD and a title."""
    return f'<script type="application/ld+json">{document}</script><title>ok</title>'.encode()


HOSTILE = [
    ld("[" * 100_000),
    ld('{"@type":"NewsArticle","headline":{"a":1},"author":7,"image":[[]],"datePublished":9}'),
    ld('{"@type":"Article","keywords":[1,null,{}],"isBasedOn":[3],"datePublished":"99999-01-01"}'),
    b"<title>ok</title>" + b"<meta name=a content=b>" * 50_000,
    # Deeper than any page; a parser takes minutes of it.
    b"<title>ok</title>" + b"<div><blockquote>a" * 100_000,
    b"\x00<title>ok\x00\x1b</title>",
    b'<title>ok</title><link rel="canonical" href="http://[::1"><html lang="' + b"x" * 10_000 + b'">',
]


@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_pages_say_what_can_be_said(body: bytes) -> None:
    assert read_article(body, content_type="text/html", page_url=URL).title == "ok"


@given(
    st.binary(max_size=400) | st.text(st.characters(exclude_categories=["Cs"]), max_size=200).map(str.encode),
    st.none() | st.text(max_size=30),
)
def test_any_bytes_are_read_without_an_error(body: bytes, content_type: str | None) -> None:
    facts = read_article(body, content_type=content_type, page_url=URL)
    assert facts.title is None or len(facts.title) <= 300
