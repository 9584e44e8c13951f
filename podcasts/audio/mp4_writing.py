# SPDX-License-Identifier: AGPL-3.0-or-later
"""MP4 writing: new words in the table of contents of a file of ours, which stays before the sound.

A player can begin with the first bytes that come only where the table stands in front ("fast start"). The sound is
moved as it is, and the table's places in the file (ISO/IEC 14496-12, section 8.7.5) with it.
"""

import io
import os
import shutil
import struct
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from podcasts.audio.mp4_boxes import Box, boxes, find

TEXT, JPEG, NUMBERS = 1, 13, 0
"""Kinds of values: UTF-8; a picture; numbers whose shape the name decides (QuickTime's "well-known types")."""

_HEADER_BYTES = 8
_CHAPTERS_AT_MOST = 255
_CHAPTER_TITLE_BYTES = 255
_TICKS_IN_A_MILLISECOND = 10_000
_PLACES = {b"stco": ">I", b"co64": ">Q"}
_STBL = (b"mdia", b"minf", b"stbl")


def write_user_data(
    path: Path, values: Mapping[bytes, tuple[int, bytes]], chapters: Sequence[tuple[int, str]]
) -> None:
    r"""Replace all words of a file, in place; the same words give the same bytes.

    Args:
        path: an MP4 that we made: one table of contents, before the sound.
        values: kind and bytes by name (``b"\xa9nam"``), as iTunes and its like write them ("ilst").
        chapters: milliseconds and title, by start; written as Nero's list ("chpl"), which counts in one byte.

    Raises:
        ValueError: the file is of another shape.
    """
    with path.open("r+b") as file, tempfile.TemporaryFile(prefix="griot-mp4-") as sound:
        whole = {box.name: box for box in boxes(file, 0, os.fstat(file.fileno()).st_size)}
        if not {b"ftyp", b"moov", b"mdat"} <= whole.keys() or whole[b"moov"].start > whole[b"mdat"].start:
            raise ValueError(path.name)
        _seek(file, whole[b"mdat"])
        shutil.copyfileobj(file, sound)
        kind, table = _bytes_of(file, whole[b"ftyp"]), _bytes_of(file, whole[b"moov"])
        table = _without_user_data(table) + _user_data(values, chapters)
        begins = len(kind) + _HEADER_BYTES + len(table) + _HEADER_BYTES
        file.seek(0)
        file.truncate()
        file.write(kind + _box(b"moov", _moved(table, begins - whole[b"mdat"].start)))
        sound.seek(0)
        shutil.copyfileobj(sound, file)


def _seek(file: BinaryIO, box: Box) -> None:
    """Go to where a box begins, with its header; a long one has another, and is not of our making."""
    file.seek(box.start - _HEADER_BYTES)
    if file.read(_HEADER_BYTES)[4:] != box.name:
        raise ValueError(box.name)
    file.seek(box.start - _HEADER_BYTES)


def _bytes_of(file: BinaryIO, box: Box) -> bytes:
    _seek(file, box)
    return file.read(_HEADER_BYTES + box.end - box.start)


def _without_user_data(table: bytes) -> bytes:
    """Give what stands in the table, without its header and without words."""
    file = io.BytesIO(table)
    inside = boxes(file, _HEADER_BYTES, len(table))
    kept = [box for box in inside if box.name not in {b"udta", b"meta"}]
    return b"".join(_bytes_of(file, box) for box in kept)


def _user_data(values: Mapping[bytes, tuple[int, bytes]], chapters: Sequence[tuple[int, str]]) -> bytes:
    items = b"".join(
        _box(name, _box(b"data", struct.pack(">II", kind, 0) + value))
        for name, (kind, value) in values.items()
    )
    handler = _box(b"hdlr", struct.pack(">II4s4s9x", 0, 0, b"mdir", b"appl"))
    meta = _box(b"meta", bytes(4) + handler + _box(b"ilst", items))
    return _box(b"udta", meta + _chapters(chapters[:_CHAPTERS_AT_MOST]))


def _chapters(chapters: Sequence[tuple[int, str]]) -> bytes:
    """Write Nero's list: starts in units of 100 ns, titles of up to 255 bytes."""
    if not chapters:
        return b""
    entries = [struct.pack(">B3xIB", 1, 0, len(chapters))]
    for start_ms, title in chapters:
        text = title.encode()[:_CHAPTER_TITLE_BYTES].decode("utf-8", "ignore").encode()
        entries.append(struct.pack(">QB", start_ms * _TICKS_IN_A_MILLISECOND, len(text)) + text)
    return _box(b"chpl", b"".join(entries))


def _moved(table: bytes, by: int) -> bytes:
    """Let the table name the sound's places where they are now."""
    file, out = io.BytesIO(table), bytearray(table)
    for track in list(boxes(file, 0, len(table))):
        samples = find(file, track.start, track.end, *_STBL) if track.name == b"trak" else None
        for box in list(boxes(file, samples.start, samples.end)) if samples else ():
            if shape := _PLACES.get(box.name):
                (count,) = struct.unpack_from(">I", table, box.start + 4)
                for number in range(count):
                    at = box.start + 8 + number * struct.calcsize(shape)
                    struct.pack_into(shape, out, at, struct.unpack_from(shape, table, at)[0] + by)
    return bytes(out)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", _HEADER_BYTES + len(content), name) + content
