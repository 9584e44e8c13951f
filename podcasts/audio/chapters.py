# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chapters in the forms that other programs write: Podcasting 2.0 JSON, Podlove simple chapters, mp4chaps text."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from podcasts.errors import InvalidError
from podcasts.text import clean_line, decoded
from podcasts.units import MEGABYTE

CHAPTERS_BYTES_AT_MOST = 1 * MEGABYTE
CHAPTERS_AT_MOST = 1_000
_TITLE_CHARACTERS = 300
_LONGEST_MS = 1_000_000 * 1_000
_PSC = "{http://podlove.org/simple-chapters}"
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,3}):)?(\d{1,7})(?:[.,](\d{1,9}))?", re.ASCII)
_TEXT_LINE = re.compile(r"\[?([\d:.,]+)\]?\s*(?:[-–—|]\s*)?(.*)", re.ASCII)
_VORBIS_TIME = re.compile(r"CHAPTER(\d{2,3})=(.+)", re.IGNORECASE)
_VORBIS_NAME = re.compile(r"CHAPTER(\d{2,3})(NAME|URL)=(.*)", re.IGNORECASE)
_LINK = re.compile(r"https?://[^<>\s]+", re.IGNORECASE)


@dataclass(frozen=True)
class ChapterLine:
    """One chapter as it stood in a file.

    Attributes:
        start_ms: from the beginning.
        title: one clean line; "" for none.
        url: as it stood, not yet checked; None for none. ``image_url`` alike.
    """

    start_ms: int
    title: str
    url: str | None = None
    image_url: str | None = None


def parse_chapters(data: bytes) -> tuple[ChapterLine, ...]:
    """Read chapters of any of the forms, told by the bytes themselves; by their beginnings.

    Raises:
        InvalidError: ``chapters-unreadable``; ``chapters-too-many`` (facts: ``limit``); ``chapter-time``
            (facts: ``line``, counted from 1 as the form counts: a line of text, else an entry).
    """
    if len(data) > CHAPTERS_BYTES_AT_MOST:
        raise InvalidError("chapters-too-many", limit=CHAPTERS_AT_MOST)
    text = decoded(data)
    start = text.lstrip()[:1]
    if start in {"{", "["}:
        found = _from_json(text)
    elif start == "<":
        found = _from_psc(data if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else text.lstrip().encode())
    else:
        found = _from_text(text)
    if not found:
        raise InvalidError("chapters-unreadable")
    if len(found) > CHAPTERS_AT_MOST:
        raise InvalidError("chapters-too-many", limit=CHAPTERS_AT_MOST)
    return tuple(sorted(found, key=lambda chapter: chapter.start_ms))


def chapters_json(chapters: Sequence[ChapterLine]) -> dict[str, Any]:
    """Write JSON chapters 1.2.0 of the podcast namespace."""
    return {
        "version": "1.2.0",
        "chapters": [
            {
                "startTime": chapter.start_ms / 1000,
                "title": chapter.title,
                **({"url": chapter.url} if chapter.url else {}),
                **({"img": chapter.image_url} if chapter.image_url else {}),
            }
            for chapter in chapters
        ],
    }


def chapters_text(chapters: Sequence[ChapterLine]) -> str:
    """Write mp4chaps text, which ``parse_chapters`` reads again: what a person edits in a text field."""
    return "\n".join(
        f"{clock(chapter.start_ms)} {chapter.title}{f' <{chapter.url}>' if chapter.url else ''}".rstrip()
        for chapter in chapters
    )


def clock(start_ms: int) -> str:
    """Write a time as ``hh:mm:ss.mmm`` (normal play time, RFC 7826 section 4.4.2)."""
    seconds, milliseconds = divmod(start_ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}"


def parse_clock(text: str) -> int | None:
    """Read ``hh:mm:ss.mmm``, ``mm:ss`` or seconds, to milliseconds; None for anything else."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[:3])
    start_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int((found[4] or "").ljust(3, "0")[:3])
    return start_ms if start_ms <= _LONGEST_MS else None


def _from_json(text: str) -> list[ChapterLine]:
    """Read JSON chapters, any version so far; entries with ``toc: false`` are no chapters for readers."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidError("chapters-unreadable") from None
    entries = document.get("chapters") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise InvalidError("chapters-unreadable")
    found = []
    for number, entry in enumerate(entries, 1):
        if not isinstance(entry, dict):
            raise InvalidError("chapter-time", line=number)
        if entry.get("toc") is not False:
            start_ms = _json_time(entry.get("startTime", entry.get("start_seconds")), number)
            image = entry.get("img", entry.get("image"))
            found.append(_line(start_ms, entry.get("title"), entry.get("url"), image))
    return found


def _json_time(value: object, number: int) -> int:
    if isinstance(value, str):
        start_ms = parse_clock(value)
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_MS / 1000:
        start_ms = round(value * 1000)
    else:
        start_ms = None
    if start_ms is None:
        raise InvalidError("chapter-time", line=number)
    return start_ms


def _from_psc(data: bytes) -> list[ChapterLine]:
    """Read psc:chapter elements (podlove.org/simple-chapters), by themselves or inside a feed's item."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise InvalidError("chapters-unreadable") from None
    if root.getroottree().docinfo.doctype:
        # Nobody needs one here, and entities are how others were hurt.
        raise InvalidError("chapters-unreadable")
    entries = list(root.iter(f"{_PSC}chapter")) or list(root.iter("chapter"))
    found = []
    for number, entry in enumerate(entries, 1):
        start_ms = parse_clock(entry.get("start", ""))
        if start_ms is None:
            raise InvalidError("chapter-time", line=number)
        found.append(_line(start_ms, entry.get("title"), entry.get("href"), entry.get("image")))
    return found


def _from_text(text: str) -> list[ChapterLine]:
    """Read lines of ``time title <link>``, or CHAPTER001= lines as Ogg tools write them."""
    lines = [line.strip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    if any(_VORBIS_TIME.fullmatch(line) for line in lines):
        return _from_vorbis_lines(lines)
    found: list[ChapterLine] = []
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        match = _TEXT_LINE.fullmatch(line)
        start_ms = parse_clock(match[1]) if match else None
        if match is None or start_ms is None:
            raise InvalidError("chapter-time", line=number)
        if len(found) >= CHAPTERS_AT_MOST:
            raise InvalidError("chapters-too-many", limit=CHAPTERS_AT_MOST)
        title, link = _title_and_link(match[2])
        found.append(_line(start_ms, title, link, None))
    return found


def _title_and_link(words: str) -> tuple[str, str | None]:
    """Cut ``<https://…>`` off the end of a line; None where none stands there."""
    before, angle, link = words.removesuffix(">").rpartition("<")
    if words.endswith(">") and angle and _LINK.fullmatch(link):
        return before.rstrip(), link
    return words, None


def _from_vorbis_lines(lines: Iterable[str]) -> list[ChapterLine]:
    times: dict[str, int] = {}
    words: dict[tuple[str, str], str] = {}
    for number, line in enumerate(lines, 1):
        if match := _VORBIS_TIME.fullmatch(line):
            start_ms = parse_clock(match[2])
            if start_ms is None:
                raise InvalidError("chapter-time", line=number)
            times[match[1]] = start_ms
        elif match := _VORBIS_NAME.fullmatch(line):
            words[match[1], match[2].upper()] = match[3]
    return [
        _line(start_ms, words.get((key, "NAME")), words.get((key, "URL")), None)
        for key, start_ms in times.items()
    ]


def _line(start_ms: int, title: object, url: object, image: object) -> ChapterLine:
    return ChapterLine(
        start_ms,
        clean_line(title, _TITLE_CHARACTERS) if isinstance(title, str) else "",
        url.strip() or None if isinstance(url, str) else None,
        image.strip() or None if isinstance(image, str) else None,
    )
