# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transcripts: the words of a sound, read from any of five forms into segments, and written in four.

WebVTT (W3C), SubRip, JSON and HTML as the podcast namespace describes them (transcripts.md), and plain text.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from typing import Any, TypeVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from podcasts.audio.chapters import clock, parse_clock
from podcasts.errors import InvalidError
from podcasts.text import clean_block, clean_line, decoded, shallow_html
from podcasts.units import MEGABYTE

TRANSCRIPT_BYTES_AT_MOST = 5 * MEGABYTE
SEGMENTS_AT_MOST = 50_000
_Item = TypeVar("_Item")
_BODY_CHARACTERS = 20_000
_SPEAKER_CHARACTERS = 100
_LAST_SEGMENT_MS = 5_000
# The longest name that stands before a colon; longer ones are sentences.
_NAME_WORDS = 5
# None of these may look further than the next angle: megabytes of "<" would cost the square of their number.
_ARROW = re.compile(r"\s*([\d:.,]+)\s*-->\s*([\d:.,]+)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?\s([^<>]+)>", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
# SubRip knows these and no entities; anything else between angles is somebody's words.
_SRT_TAGS = re.compile(r"</?(?:b|i|u|s|font)(?:\s[^<>]*)?>|\{\\an\d\}", re.IGNORECASE)
_SPEAKER = re.compile(r"([^\W\d_][^:\n]{0,60})\s?:\s+(.*)", re.DOTALL)
_BLANKS = re.compile(r"\n[ \t]*\n")
_BLOCKS = ("STYLE", "REGION", "NOTE")
_TEXT_BLOCKS = frozenset({"p", "li", "blockquote"})


@dataclass(frozen=True)
class Segment:
    """What one person says in one go.

    Attributes:
        start_ms: where it begins; None where the source has no times. ``end_ms`` alike.
        speaker: "" where nobody is named.
        body: clean text; lines may break.
    """

    start_ms: int | None
    end_ms: int | None
    speaker: str
    body: str


@dataclass(frozen=True)
class Parsed:
    """A transcript that was read.

    Attributes:
        format: "vtt", "srt", "json", "html" or "text".
        segments: by their beginnings where there are times, else in the order of the source.
    """

    format: str
    segments: tuple[Segment, ...]

    @property
    def timed(self) -> bool:
        """Whether it says when each segment is heard."""
        return is_timed(self.segments)


def is_timed(segments: Sequence[Segment]) -> bool:
    """Say whether every segment has its times; only then there can be captions."""
    return bool(segments) and all(segment.start_ms is not None for segment in segments)


def parse_transcript(data: bytes) -> Parsed:
    """Read a transcript; its form is told by its own text, whatever the sender calls it.

    Raises:
        InvalidError: ``transcript-too-large`` (facts: ``limit_bytes``); ``transcript-too-many`` (facts: ``limit``);
            ``transcript-unreadable``; ``transcript-time`` (facts: ``line``).
    """
    if len(data) > TRANSCRIPT_BYTES_AT_MOST:
        raise InvalidError("transcript-too-large", limit_bytes=TRANSCRIPT_BYTES_AT_MOST)
    text = decoded(data).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    name = _form_of(text)
    cleaned = [_cleaned(segment) for segment in _not_too_many(_PARSERS[name](text))]
    kept = [segment for segment in cleaned if segment.body]
    if not kept:
        raise InvalidError("transcript-unreadable")
    return Parsed(name, tuple(_in_order(kept) if is_timed(kept) else _without_times(kept)))


def write_vtt(segments: Sequence[Segment]) -> str:
    """Write WebVTT with voices: Apple's apps show ``<v Speaker>``."""
    cues = (f"{_span(segment)}\n{_voice(segment)}{_escaped(segment.body)}\n" for segment in segments)
    return "\n".join(["WEBVTT\n", *cues])


def write_srt(segments: Sequence[Segment]) -> str:
    """Write SubRip; the speaker stands before the words, as the podcast namespace has it."""
    cues = [
        f"{number}\n{_span(segment).replace('.', ',')}\n{_said(segment)}\n"
        for number, segment in enumerate(segments, 1)
    ]
    return "\n".join(cues)


def write_json(segments: Sequence[Segment]) -> str:
    """Write the podcast namespace's JSON, version 1.0.0."""
    document = {
        "version": "1.0.0",
        "segments": [
            {
                **({"speaker": segment.speaker} if segment.speaker else {}),
                "startTime": (segment.start_ms or 0) / 1000,
                "endTime": (segment.end_ms or 0) / 1000,
                "body": segment.body,
            }
            for segment in segments
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def write_html(segments: Sequence[Segment], language: str, title: str) -> str:
    """Write the podcast namespace's HTML: cite, time and p; a page by itself, without script or style.

    Args:
        segments: with or without times.
        language: of the words (BCP 47).
        title: of the page.
    """
    parts = [part for segment in segments for part in _html_parts(segment)]
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title>'
    return (
        f'<!doctype html>\n<html lang="{html.escape(language)}" dir="auto"><head>{head}</head><body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


WRITERS: dict[str, Callable[[Sequence[Segment]], str]] = {
    "vtt": write_vtt,
    "srt": write_srt,
    "json": write_json,
}
"""The forms that need times."""


def _not_too_many(items: list[_Item], limit: int = SEGMENTS_AT_MOST) -> list[_Item]:
    """Let a list through that somebody could read; said before anything is made of it.

    Raises:
        InvalidError: ``transcript-too-many``.
    """
    if len(items) > limit:
        raise InvalidError("transcript-too-many", limit=SEGMENTS_AT_MOST)
    return items


def _form_of(text: str) -> str:
    start = text.lstrip()
    if start.startswith("WEBVTT"):
        return "vtt"
    if start[:1] in {"{", "["} and '"' in start:
        return "json"
    if start.startswith("<"):
        return "html"
    rows = text[:100_000].split("\n")
    return "srt" if any("-->" in row and _ARROW.match(row) for row in rows) else "text"


def _from_vtt(text: str) -> list[Segment]:
    """Read cues (WebVTT section 4.1); comments, styles and regions are passed over."""
    blocks = [
        block for block in _numbered_blocks(text) if not block[1][0].lstrip().startswith(("WEBVTT", *_BLOCKS))
    ]
    cues = (segment for line, block in blocks for segment in _vtt_cue(line, block))
    return list(islice(cues, SEGMENTS_AT_MOST + 1))


def _vtt_cue(line: int, block: Sequence[str]) -> Iterable[Segment]:
    at = next((place for place, row in enumerate(block[:2]) if "-->" in row), None)
    if at is None:
        return
    start_ms, end_ms = _times(block[at], line + at)
    words = "\n".join(block[at + 1 :])
    voices = list(_VOICE.finditer(words))
    if not voices:
        yield Segment(start_ms, end_ms, "", html.unescape(_TAGS.sub("", words)))
        return
    ends = [*(voice.start() for voice in voices[1:]), len(words)]
    for voice, end in zip(voices, ends, strict=True):
        said = html.unescape(_TAGS.sub("", words[voice.end() : end]))
        yield Segment(start_ms, end_ms, html.unescape(voice[1]), said)


def _from_srt(text: str) -> list[Segment]:
    found = []
    for line, block in _numbered_blocks(text):
        at = next((place for place, row in enumerate(block[:2]) if "-->" in row), None)
        if at is None:
            if block[0].strip().isdecimal():
                continue
            raise InvalidError("transcript-time", line=line)
        start_ms, end_ms = _times(block[at], line + at)
        words = _SRT_TAGS.sub("", "\n".join(block[at + 1 :]))
        found.append(Segment(start_ms, end_ms, "", words))
    return _with_speakers(found)


def _numbered_blocks(text: str) -> list[tuple[int, list[str]]]:
    """Cut at empty lines; each block with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    rows: list[str] = []
    for number, row in enumerate([*text.split("\n"), ""], 1):
        if row.strip():
            rows.append(row)
        elif rows:
            blocks.append((number - len(rows), rows))
            rows = []
    return _not_too_many(blocks)


def _times(row: str, line: int) -> tuple[int, int]:
    found = _ARROW.match(row)
    start_ms = parse_clock(found[1]) if found else None
    end_ms = parse_clock(found[2]) if found else None
    if start_ms is None or end_ms is None:
        raise InvalidError("transcript-time", line=line)
    return start_ms, end_ms


def _from_json(text: str) -> list[Segment]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidError("transcript-unreadable") from None
    entries = document.get("segments") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise InvalidError("transcript-unreadable")
    return [_json_segment(entry, number) for number, entry in enumerate(_not_too_many(entries), 1)]


def _json_segment(entry: Any, number: int) -> Segment:  # noqa: ANN401 - whatever stood there
    if not isinstance(entry, dict):
        raise InvalidError("transcript-time", line=number)
    times = [
        _json_time(entry.get(name, entry.get(other)))
        for name, other in (("startTime", "start"), ("endTime", "end"))
    ]
    if None in times:
        raise InvalidError("transcript-time", line=number)
    body = entry.get("body", entry.get("text", ""))
    return Segment(times[0], times[1], str(entry.get("speaker") or ""), str(body))


def _json_time(value: object) -> int | None:
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:  # noqa: PLR2004 - 31 years
        return round(value * 1000)
    return parse_clock(value) if isinstance(value, str) else None


def _from_html(text: str) -> list[Segment]:
    """Read cite, time and p in their order; other HTML by its paragraphs."""
    if len(shallow_html(text)) < len(text):
        raise InvalidError("transcript-unreadable")
    tree = LexborHTMLParser(text)
    for node in tree.css("script, style, template, noscript, iframe, svg"):
        node.decompose()
    found: list[Segment] = []
    speaker, start_ms = "", None
    nodes = _not_too_many(tree.css("cite, time, p, li, blockquote"), 3 * SEGMENTS_AT_MOST)
    around = _around(nodes)
    for node in nodes:
        if node.tag == "cite":
            speaker, start_ms = node.text(strip=True).rstrip(":"), None
        elif node.tag == "time":
            start_ms = parse_clock(node.text(strip=True).strip("[]()"))
        else:
            # Blocks inside are read by themselves; what stands between them is not lost.
            words = node.text(separator=" ", deep=node.mem_id not in around)
            found.append(Segment(start_ms, None, speaker, words))
    found = [segment for segment in found if segment.body.strip()]
    if not found and tree.body is not None:
        return _from_text(tree.body.text(separator="\n"))
    if all(segment.start_ms is not None for segment in found):
        return _with_ends(found)
    return [replace(segment, start_ms=None) for segment in found]


def _around(nodes: Iterable[LexborNode]) -> set[int]:
    """Find the elements that have a block inside, by their addresses in memory."""
    around: set[int] = set()
    for node in nodes:
        parent = node.parent if node.tag in _TEXT_BLOCKS else None
        while parent is not None and parent.mem_id not in around:
            around.add(parent.mem_id)
            parent = parent.parent
    return around


def _with_ends(segments: Sequence[Segment]) -> list[Segment]:
    """Let each segment last until the next one begins."""
    ends = [following.start_ms for _, following in pairwise(segments)]
    last = (segments[-1].start_ms or 0) + _LAST_SEGMENT_MS if segments else 0
    return [
        replace(segment, end_ms=max(end or 0, segment.start_ms or 0))
        for segment, end in zip(segments, [*ends, last], strict=True)
    ]


def _from_text(text: str) -> list[Segment]:
    paragraphs = [part for part in _BLANKS.split(text) if part.strip()]
    if len(paragraphs) == 1:
        # Some programs put one sentence on each line and no empty line between.
        paragraphs = [line for line in text.split("\n") if line.strip()]
    return _with_speakers([Segment(None, None, "", part) for part in _not_too_many(paragraphs)])


def _with_speakers(segments: Sequence[Segment]) -> list[Segment]:
    """Take names before a colon as speakers, where they come again; a single one may be any sentence."""
    found = [_SPEAKER.fullmatch(segment.body.strip()) for segment in segments]
    names = [match[1].strip() for match in found if match and len(match[1].split()) <= _NAME_WORDS]
    known = {name for name, count in Counter(names).items() if count > 1 or len(names) * 2 > len(segments)}
    return [
        replace(segment, speaker=match[1].strip(), body=match[2])
        if match and match[1].strip() in known
        else segment
        for segment, match in zip(segments, found, strict=True)
    ]


def _cleaned(segment: Segment) -> Segment:
    return replace(
        segment,
        speaker=clean_line(segment.speaker, _SPEAKER_CHARACTERS),
        body=clean_block(segment.body, _BODY_CHARACTERS).strip(),
    )


def _in_order(segments: Sequence[Segment]) -> list[Segment]:
    """Sort by beginnings; what ends before it begins lasts no time at all."""
    ordered = sorted(segments, key=lambda segment: segment.start_ms or 0)
    return [replace(one, end_ms=max(one.end_ms or 0, one.start_ms or 0)) for one in ordered]


def _without_times(segments: Sequence[Segment]) -> list[Segment]:
    return [replace(segment, start_ms=None, end_ms=None) for segment in segments]


def _span(segment: Segment) -> str:
    return f"{clock(segment.start_ms or 0)} --> {clock(segment.end_ms or 0)}"


def _voice(segment: Segment) -> str:
    return f"<v {_escaped(segment.speaker).replace('&gt;', '')}>" if segment.speaker else ""


def _escaped(text: str) -> str:
    """Escape what WebVTT reads as markup; a body holds no empty line and no arrow."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _BLANKS.sub("\n", safe)


def _said(segment: Segment) -> str:
    words = _BLANKS.sub("\n", segment.body).replace("-->", "→")
    return f"{segment.speaker}: {words}" if segment.speaker else words


def _html_parts(segment: Segment) -> list[str]:
    parts = [f"<cite>{html.escape(segment.speaker)}:</cite>"] if segment.speaker else []
    if segment.start_ms is not None:
        parts.append(f"<time>{clock(segment.start_ms)[:8]}</time>")
    return [*parts, f"<p>{html.escape(segment.body)}</p>"]


_PARSERS: dict[str, Callable[[str], list[Segment]]] = {
    "vtt": _from_vtt,
    "srt": _from_srt,
    "json": _from_json,
    "html": _from_html,
    "text": _from_text,
}
