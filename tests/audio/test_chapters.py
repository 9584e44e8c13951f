# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chapters of other programs: every form is read as its authors mean it, and what cannot be read is said by line."""

import json

import pytest

from podcasts.audio.chapters import (
    ChapterLine,
    chapters_json,
    chapters_text,
    clock,
    parse_chapters,
    parse_clock,
)
from podcasts.errors import InvalidError

WANTED = (
    ChapterLine(0, "Début"),
    ChapterLine(62_500, "Le fleuve – قصّة 🎙️", "https://gazette.example/fleuve"),
    ChapterLine(3_723_004, "Fin"),
)
TEXT = """00:00:00.000 Début
00:01:02.500 Le fleuve – قصّة 🎙️ <https://gazette.example/fleuve>
01:02:03.004 Fin"""
PSC = """<?xml version="1.0" encoding="utf-8"?>
<psc:chapters version="1.2" xmlns:psc="http://podlove.org/simple-chapters">
<psc:chapter start="0" title="Début"/>
<psc:chapter start="01:02.500" title="Le fleuve – قصّة 🎙️" href="https://gazette.example/fleuve"/>
<psc:chapter start="01:02:03.004" title="Fin"/>
</psc:chapters>"""
VORBIS = """CHAPTER001=00:00:00.000
CHAPTER001NAME=Début
CHAPTER002=00:01:02.500
CHAPTER002NAME=Le fleuve – قصّة 🎙️
CHAPTER002URL=https://gazette.example/fleuve
CHAPTER003=01:02:03.004
CHAPTER003NAME=Fin"""
JSON = {
    "version": "1.2.0",
    "chapters": [
        {"startTime": 3723.004, "title": "Fin"},
        {"startTime": 0, "title": "Début"},
        {"startTime": 30, "title": "A picture only", "toc": False, "img": "https://x.example/a.jpg"},
        {"startTime": "62.5", "title": "Le fleuve – قصّة 🎙️", "url": "https://gazette.example/fleuve"},
    ],
}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(JSON).encode(),
        b"\xef\xbb\xbf" + json.dumps(JSON).encode(),
        PSC.encode(),
        PSC.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16"),
        f"<rss xmlns:psc='http://podlove.org/simple-chapters'><item>{PSC.partition('?>')[2]}</item></rss>".encode(),
        TEXT.encode(),
        TEXT.replace("\n", "\r\n").encode("utf-8-sig"),
        VORBIS.encode(),
    ],
    ids=["json", "json-bom", "psc", "psc-utf16", "psc-in-rss", "text", "text-windows", "vorbis"],
)
def test_every_form_says_the_same(data: bytes) -> None:
    assert parse_chapters(data) == WANTED


def test_what_is_written_is_read_again() -> None:
    assert parse_chapters(chapters_text(WANTED).encode()) == WANTED
    assert parse_chapters(json.dumps(chapters_json(WANTED)).encode()) == WANTED


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", "chapters-unreadable", None),
        (b"{", "chapters-unreadable", None),
        (b"[" * 100_000, "chapters-unreadable", None),
        (b'{"chapters": 5}', "chapters-unreadable", None),
        (b'{"chapters": [{"startTime": -1}]}', "chapter-time", 1),
        (b'{"chapters": [{"startTime": 0}, {"startTime": 1e400}]}', "chapter-time", 2),
        (b'{"chapters": [{"startTime": true}]}', "chapter-time", 1),
        (b"<not-xml", "chapters-unreadable", None),
        (b"00:00 A\nhello there\n", "chapter-time", 2),
        (b"00:00 A\n99999999999999999 B\n", "chapter-time", 2),
        (b"\xff\xd8\xff\xe0 a picture", "chapter-time", 1),
        (b"x" * 1_000_001, "chapters-too-many", None),
        (b"0:01 a\n" * 1_001, "chapters-too-many", None),
    ],
)
def test_what_cannot_be_read_is_said(data: bytes, code: str, line: int | None) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_chapters(data)
    assert (caught.value.code, caught.value.facts.get("line")) == (code, line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xml_with_entities_is_refused_in_any_encoding(encoding: str) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;&b;">]>' + PSC.partition("?>")[2].replace(
        "Fin", "&c;"
    )
    with pytest.raises(InvalidError):
        parse_chapters(bomb.encode(encoding))
    outside = '<!DOCTYPE a SYSTEM "file:///etc/passwd">' + PSC.partition("?>")[2]
    with pytest.raises(InvalidError):
        parse_chapters(outside.encode(encoding))


@pytest.mark.parametrize(
    ("text", "start_ms"),
    [
        ("0", 0),
        ("1:30", 90_000),
        ("01:00:00", 3_600_000),
        ("75.5", 75_500),
        ("1:02,5", 62_500),
        ("x", None),
        ("1:2:3:4", None),
    ],
)
def test_times_are_read_as_people_write_them(text: str, start_ms: int | None) -> None:
    assert parse_clock(text) == start_ms


def test_times_are_written_as_players_read_them() -> None:
    assert clock(3_723_004) == "01:02:03.004"


def test_a_line_of_blanks_is_read_at_once() -> None:
    # A pattern for the link at its end once took the square of the blanks.
    (chapter,) = parse_chapters(b"0:00 a" + b" " * 900_000 + b"b <http://news.example/a>")
    assert (chapter.start_ms, chapter.url) == (0, "http://news.example/a")
