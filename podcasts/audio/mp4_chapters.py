# SPDX-License-Identifier: AGPL-3.0-or-later
"""MP4 chapters as Apple's programs write them: a track of texts that the sound's track names (QuickTime, "chap").

Nero's list of chapters ("chpl") is mutagen's to read; many files have this track alone.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import BinaryIO

from podcasts.audio.mp4_boxes import Box, boxes, find

SAMPLES_AT_MOST = 1_000
_TABLE_BYTES = 64 * 1024
_TEXT_BYTES = 4 * 1024
_TRACKS_AT_MOST = 50
_TEXT_HANDLERS = frozenset({b"text", b"sbtl"})
_MARKS = (b"\xfe\xff", b"\xff\xfe")


@dataclass(frozen=True)
class TextSample:
    """One text of the track, from ``start_ms`` on; ``url`` is "" where it leads nowhere."""

    start_ms: int
    text: str
    url: str


def read(file: BinaryIO) -> list[TextSample]:
    """Read the texts of the chapter track; an empty list where there is none. An empty text is a gap and left out.

    Raises:
        struct.error: a table is cut short.
    """
    moov = find(file, 0, os.fstat(file.fileno()).st_size, b"moov")
    if moov is None:
        return []
    inside = (box for box in boxes(file, moov.start, moov.end) if box.name == b"trak")
    tracks = list(islice(inside, _TRACKS_AT_MOST))
    named = {number for track in tracks for number in _named_chapters(file, track)}
    track = next((one for one in tracks if _number(file, one) in named and _is_text(file, one)), None)
    return list(_samples(file, track)) if track is not None else []


def _named_chapters(file: BinaryIO, track: Box) -> tuple[int, ...]:
    table = _content(file, find(file, track.start, track.end, b"tref", b"chap"))
    return struct.unpack(f">{len(table) // 4}I", table[: len(table) // 4 * 4])


def _number(file: BinaryIO, track: Box) -> int | None:
    header = _content(file, find(file, track.start, track.end, b"tkhd"))
    at = 20 if header[:1] == b"\x01" else 12
    return int.from_bytes(header[at : at + 4], "big") if len(header) >= at + 4 else None


def _is_text(file: BinaryIO, track: Box) -> bool:
    return _content(file, find(file, track.start, track.end, b"mdia", b"hdlr"))[8:12] in _TEXT_HANDLERS


def _samples(file: BinaryIO, track: Box) -> Iterator[TextSample]:
    stbl = find(file, track.start, track.end, b"mdia", b"minf", b"stbl")
    media = _content(file, find(file, track.start, track.end, b"mdia", b"mdhd"))
    if stbl is None or not media:
        return
    (per_second,) = struct.unpack_from(">I", media, 20 if media[0] == 1 else 12)
    tables = {box.name: _content(file, box) for box in boxes(file, stbl.start, stbl.end)}
    starts = accumulate(_lengths(tables.get(b"stts", b"")), initial=0)
    places = _places(tables)
    for start, (place, size) in zip(starts, islice(places, SAMPLES_AT_MOST), strict=False):
        file.seek(place)
        text, url = _text_and_url(file.read(min(size, _TEXT_BYTES)))
        if text and per_second:
            yield TextSample(start * 1000 // per_second, text, url)


def _lengths(table: bytes) -> Iterator[int]:
    """How long each sample lasts (stts, ISO/IEC 14496-12 section 8.6.1.2)."""
    for count, length in struct.iter_unpack(">II", _entries(table, 8, 8)):
        for _ in range(min(count, SAMPLES_AT_MOST)):
            yield length


def _places(tables: dict[bytes, bytes]) -> Iterator[tuple[int, int]]:
    """Where each sample begins in the file, and its bytes (stsz, stsc, stco, co64; sections 8.7.3 to 8.7.5)."""
    sizes = _sizes(tables.get(b"stsz", b""))
    runs = list(struct.iter_unpack(">III", _entries(tables.get(b"stsc", b""), 8, 12)))
    chunks = [place for (place,) in struct.iter_unpack(">I", _entries(tables.get(b"stco", b""), 8, 4))]
    chunks += [place for (place,) in struct.iter_unpack(">Q", _entries(tables.get(b"co64", b""), 8, 8))]
    run = 0
    for number, place in enumerate(chunks, 1):
        while run + 1 < len(runs) and runs[run + 1][0] <= number:
            run += 1
        at = place
        for size in islice(sizes, min(runs[run][1], SAMPLES_AT_MOST) if runs else 1):
            yield at, size
            at += size


def _sizes(table: bytes) -> Iterator[int]:
    if len(table) < 12:  # noqa: PLR2004 - version, one size for all, count
        return iter(())
    every, count = struct.unpack_from(">II", table, 4)
    if every:
        return iter([every] * min(count, SAMPLES_AT_MOST))
    return (size for (size,) in struct.iter_unpack(">I", _entries(table, 12, 4)))


def _entries(table: bytes, start: int, entry_bytes: int) -> bytes:
    """Cut a table's whole entries out of its box."""
    body = table[start:]
    return body[: len(body) // entry_bytes * entry_bytes]


def _text_and_url(sample: bytes) -> tuple[str, str]:
    """Read a text sample: its length, its text, and boxes behind it, of which "href" holds a link (QTFF)."""
    size = int.from_bytes(sample[:2], "big")
    text, behind = sample[2 : 2 + size], sample[2 + size :]
    coding = "utf-16" if text[:2] in _MARKS else "utf-8"
    name, link = behind[4:8], behind[13 : 13 + behind[12]] if len(behind) > 13 else b""  # noqa: PLR2004 - box, span
    return text.decode(coding, "replace"), link.decode("utf-8", "replace") if name == b"href" else ""


def _content(file: BinaryIO, box: Box | None) -> bytes:
    if box is None:
        return b""
    file.seek(box.start)
    return file.read(min(box.end - box.start, _TABLE_BYTES))
