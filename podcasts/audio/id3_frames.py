# SPDX-License-Identifier: AGPL-3.0-or-later
"""ID3v2 frames, sifted: a small tag with the harmless frames of a large or hostile one, for mutagen to read.

mutagen takes a whole tag into memory and unpacks compressed frames without a limit: a few kilobytes can ask
for gigabytes. Here frames are passed over, not read, when they are compressed, encrypted or larger than what
they could have to say (ID3v2.4 structure, sections 3 and 4; v2.3 section 3; v2.2 section 3).
"""

import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from podcasts.audio.sniff import id3_tag_bytes, syncsafe
from podcasts.units import KILOBYTE, MEGABYTE

PICTURE_BYTES_AT_MOST = 10 * MEGABYTE
_PICTURE_FRAME_BYTES = PICTURE_BYTES_AT_MOST + 64 * KILOBYTE
_FRAME_BYTES = 256 * KILOBYTE
_SIFTED_BYTES = 24 * MEGABYTE
_FRAMES_AT_MOST = 2000
# Undoing v2.3's unsynchronisation needs the whole tag in memory.
_UNSYNCHRONISED_BYTES = 24 * MEGABYTE
_TAG_HEADER_BYTES = 10

_V22, _V23, _V24 = 2, 3, 4
_UNSYNCHRONISED = 0x80
_EXTENDED = 0x40
_PICTURES = frozenset({b"APIC", b"PIC"})
_CHAPTERS = frozenset({b"CHAP"})
_CHAPTER_TIMES_BYTES = 16
_NAME = re.compile(rb"[A-Z0-9]{3,4}")
# The second flag byte: compression and encryption.
_PACKED = {_V22: 0x00, _V23: 0xC0, _V24: 0x0C}


@dataclass(frozen=True)
class _Frame:
    name: bytes
    flags: bytes
    start: int
    size: int


def sifted_tag(file: BinaryIO, start: int) -> bytes | None:
    """Copy the harmless frames of the tag that begins at ``start`` into a tag of at most some 24 MB.

    Returns:
        A whole ID3v2 tag of the same version; None where there is none, or none that can be read.
    """
    file.seek(start)
    header = file.read(_TAG_HEADER_BYTES)
    length = id3_tag_bytes(header)
    if not length or header[3] not in _PACKED:
        return None
    version, flags = header[3], header[5]
    end = start + _TAG_HEADER_BYTES + syncsafe(header[6:10])
    at = start + _TAG_HEADER_BYTES
    if flags & _UNSYNCHRONISED and version < _V24:
        body = file.read(min(end - at, _UNSYNCHRONISED_BYTES)).replace(b"\xff\x00", b"\xff")
        file, at, end = io.BytesIO(body), 0, len(body)
    if flags & _EXTENDED and version > _V22:
        at += _extended_header_bytes(file, at, version)
    frames = _sifted(file, at, end, version)
    kept = flags & _UNSYNCHRONISED if version == _V24 else 0
    return b"ID3" + bytes((version, 0, kept)) + _as_syncsafe(len(frames)) + frames


def _extended_header_bytes(file: BinaryIO, at: int, version: int) -> int:
    file.seek(at)
    size = file.read(4)
    return 4 + int.from_bytes(size, "big") if version == _V23 else syncsafe(size)


def _sifted(file: BinaryIO, at: int, end: int, version: int) -> bytes:
    out = bytearray()
    for _ in range(_FRAMES_AT_MOST):
        frame = _frame_at(file, at, end, version)
        if frame is None:
            break
        at = frame.start + frame.size
        if _is_harmless(frame, version) and len(out) + frame.size <= _SIFTED_BYTES:
            out += _copy(file, frame, version)
    return bytes(out)


def _frame_at(file: BinaryIO, at: int, end: int, version: int) -> _Frame | None:
    """Read a frame's header; None at the padding, the end or anything that is no frame."""
    name_bytes, header_bytes = (3, 6) if version == _V22 else (4, 10)
    file.seek(at)
    header = file.read(header_bytes)
    name = header[:name_bytes]
    if len(header) < header_bytes or not _is_name(name):
        return None
    start = at + header_bytes
    digits = header[name_bytes : 2 * name_bytes]
    size = _v24_size(file, start, end, digits) if version == _V24 else int.from_bytes(digits, "big")
    if start + size > end:
        return None
    return _Frame(name, header[8:10], start, size)


def _v24_size(file: BinaryIO, start: int, end: int, digits: bytes) -> int:
    """Read a size as seven bits a byte, or as eight where that alone leads to a next frame (old iTunes)."""
    seven, eight = syncsafe(digits), int.from_bytes(digits, "big")
    if seven != eight and not _leads_on(file, start + seven, end) and _leads_on(file, start + eight, end):
        return eight
    return seven


def _leads_on(file: BinaryIO, at: int, end: int) -> bool:
    if at >= end:
        return at == end
    file.seek(at)
    name = file.read(4)
    return _is_name(name) or not any(name)


def _is_name(name: bytes) -> bool:
    return bool(_NAME.fullmatch(name))


def _is_harmless(frame: _Frame, version: int) -> bool:
    if frame.flags and frame.flags[1] & _PACKED[version]:
        return False
    return frame.size <= (_PICTURE_FRAME_BYTES if frame.name in _PICTURES else _FRAME_BYTES)


def _copy(file: BinaryIO, frame: _Frame, version: int) -> bytes:
    file.seek(frame.start)
    body = file.read(frame.size)
    if frame.name in _CHAPTERS:
        body = _sifted_chapter(body, version)
    if version == _V22:
        return frame.name + len(body).to_bytes(3, "big") + body
    size = _as_syncsafe(len(body)) if version == _V24 else len(body).to_bytes(4, "big")
    return frame.name + size + frame.flags + body


def _sifted_chapter(body: bytes, version: int) -> bytes:
    """Sift the frames inside a chapter too (ID3v2 chapter frame addendum, section 3.1)."""
    inside = body.find(b"\x00") + 1 + _CHAPTER_TIMES_BYTES
    return body[:inside] + _sifted(io.BytesIO(body), inside, len(body), version)


def _as_syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
