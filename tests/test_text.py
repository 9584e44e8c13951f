# SPDX-License-Identifier: AGPL-3.0-or-later
"""Text that others wrote: cleaned at the door, safe in XML, cut and turned into addresses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from podcasts.text import ascii_slug, clean_block, clean_line, cut_bytes, xml_safe


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a \t b\n c ", "a b c"),
        ("a\x00b\x1b[31m\x7f", "ab[31m"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("a\ud800b\ufffe", "ab"),
        ("مرحبا\u200f بالعالم", "مرحبا\u200f بالعالم"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
    ],
)
def test_a_line_is_one_clean_line(text: str, line: str) -> None:
    assert clean_line(text, 100) == line


def test_a_block_keeps_its_lines() -> None:
    assert clean_block("a\r\nb \r\n\r\n\r\n\r\nc\x00\rd", 100) == "a\nb\n\nc\nd"


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("L'été à Nouakchott : l’eau", "l-ete-a-nouakchott-l-eau"),
        ("Œuvre, cœur & straße", "oeuvre-coeur-strasse"),
        ("مرحبا", ""),
        ("--- 2026 ---", "2026"),
        ("../../etc/passwd", "etc-passwd"),
        ("Ɲɔgɔn ɲɛ", "nyogon-nye"),
    ],
)
def test_a_slug_is_ascii_words(text: str, slug: str) -> None:
    assert ascii_slug(text) == slug


def test_a_slug_is_cut_between_words() -> None:
    assert ascii_slug("un deux trois", 9) == "un-deux"
    assert ascii_slug("x" * 50, 9) == "x" * 9


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_nothing_gets_longer_than_asked(text: str, limit: int) -> None:
    assert len(clean_line(text, limit)) <= limit
    assert len(clean_block(text, limit)) <= limit
    assert len(ascii_slug(text, limit)) <= limit
    assert len(cut_bytes(text, limit * 4).encode("utf-8", "ignore")) <= limit * 4


@given(st.text())
def test_safe_text_can_stand_in_xml(text: str) -> None:
    element = etree.Element("a")
    element.text = xml_safe(text)
    assert etree.fromstring(etree.tostring(element)) is not None
