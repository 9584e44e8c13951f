# SPDX-License-Identifier: AGPL-3.0-or-later
"""MP4 boxes: which tracks a file has, read from its table of contents alone (ISO/IEC 14496-12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

OPUS = b"Opus"
SOUNDS = frozenset({b"mp4a", b"alac", OPUS})
STILL_PICTURES = frozenset({b"jpeg", b"mjpa", b"mjpb", b"png "})
_NAMES = {
    b"samr": "AMR",
    b"sawb": "AMR",
    b"drms": "M4P",
    b"enca": "M4P",
    b"ac-3": "AC-3",
    b"ec-3": "AC-3",
    b"fLaC": "FLAC (MP4)",
}
_BOXES_AT_MOST = 2000
_TRACKS_AT_MOST = 50
_HEADER_BYTES = 8
_LONG_HEADER_BYTES = 16


@dataclass(frozen=True)
class Box:
    """One box.

    Attributes:
        name: its four letters.
        start: where its content begins, in bytes from the start of the file.
        end: where it ends, never beyond the box around it.
    """

    name: bytes
    start: int
    end: int


@dataclass(frozen=True)
class Track:
    """One track.

    Attributes:
        handler: "soun", "vide", "text" and so on; "" where it does not say.
        codec: the four letters of its first sample entry.
    """

    handler: str
    codec: bytes


def codec_name(codec: bytes) -> str:
    """Name a codec as people know it, or by its four letters."""
    return _NAMES.get(codec) or codec.decode("ascii", "replace").strip()


def tracks(file: BinaryIO, start: int, end: int) -> list[Track]:
    """List the tracks of the file's first ``moov`` box; none where it is missing (a file cut short)."""
    moov = find(file, start, end, b"moov")
    if moov is None:
        return []
    traks = (box for box in boxes(file, moov.start, moov.end) if box.name == b"trak")
    return [_track(file, trak) for trak in islice(traks, _TRACKS_AT_MOST)]


def find(file: BinaryIO, start: int, end: int, *path: bytes) -> Box | None:
    """Find a box by the names that lead to it, such as ``b"moov", b"udta"``; None where there is none."""
    found = Box(b"", start, end)
    for name in path:
        inside = (box for box in boxes(file, found.start, found.end) if box.name == name)
        box = next(inside, None)
        if box is None:
            return None
        found = box
    return found


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """Read the headers of the boxes that stand side by side between two places (section 4.2)."""
    for _ in range(_BOXES_AT_MOST):
        # A size may claim 2^64 bytes: no seeking there.
        if start + _HEADER_BYTES > end:
            return
        file.seek(start)
        header = file.read(_LONG_HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        size, header_bytes = int.from_bytes(header[:4], "big"), _HEADER_BYTES
        if size == 1:
            size, header_bytes = int.from_bytes(header[8:16], "big"), _LONG_HEADER_BYTES
        elif size == 0:
            size = end - start
        if size < header_bytes:
            return
        yield Box(header[4:8], start + header_bytes, min(start + size, end))
        start += size


def _track(file: BinaryIO, trak: Box) -> Track:
    handler = find(file, trak.start, trak.end, b"mdia", b"hdlr")
    samples = find(file, trak.start, trak.end, b"mdia", b"minf", b"stbl", b"stsd")
    return Track(
        # Both follow a full box's four bytes of version and flags, and four more.
        handler=_at(file, handler, 8).decode("ascii", "replace"),
        codec=_at(file, samples, 12),
    )


def _at(file: BinaryIO, box: Box | None, offset: int) -> bytes:
    """Read four letters at a place in a box's content."""
    if box is None or box.start + offset + 4 > box.end:
        return b""
    file.seek(box.start + offset)
    return file.read(4)
