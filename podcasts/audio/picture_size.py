# SPDX-License-Identifier: AGPL-3.0-or-later
"""Picture sizes: what a JPEG, PNG or WebP says that it measures, before anything is decoded."""

from dataclasses import dataclass

_PNG = b"\x89PNG\r\n\x1a\n"
_MARKER = 0xFF
_START_OF_SCAN = 0xDA
# SOF0 to SOF15; the three left out begin tables and extensions.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PNG_HEADER_BYTES = 24
_WEBP_HEADER_BYTES = 10


@dataclass(frozen=True)
class PictureSize:
    """A format and a size.

    Attributes:
        file_format: "JPEG", "PNG" or "WEBP", as Pillow names them.
        width: in px, as stored (a picture may be turned by its EXIF).
        height: in px.
    """

    file_format: str
    width: int
    height: int


def picture_size(data: bytes) -> PictureSize | None:
    """Read format and size from the header alone; None for anything else, or a header cut short."""
    if data.startswith(_PNG):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return None


def _png(data: bytes) -> PictureSize | None:
    """Read the IHDR chunk, which stands first (PNG, third edition, section 5.6)."""
    if data[12:16] != b"IHDR" or len(data) < _PNG_HEADER_BYTES:
        return None
    return PictureSize("PNG", int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big"))


def _jpeg(data: bytes) -> PictureSize | None:
    """Take the largest frame header before the first scan (ITU-T T.81 section B.2.2)."""
    width = height = 0
    at = 2
    while at + 9 <= len(data) and data[at] == _MARKER:
        marker = data[at + 1]
        if marker == _MARKER:
            at += 1  # a filling byte
            continue
        if marker == _START_OF_SCAN:
            break
        if marker in _FRAMES:
            height = max(height, int.from_bytes(data[at + 5 : at + 7], "big"))
            width = max(width, int.from_bytes(data[at + 7 : at + 9], "big"))
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return PictureSize("JPEG", width, height) if width and height else None


def _webp(data: bytes) -> PictureSize | None:
    """Read the first chunk (RFC 9649 sections 2.5 to 2.7)."""
    chunk, body = data[12:16], data[20:30]
    if len(body) < _WEBP_HEADER_BYTES:
        return None
    if chunk == b"VP8X":
        return PictureSize("WEBP", 1 + _little(body[4:7]), 1 + _little(body[7:10]))
    if chunk == b"VP8L":
        bits = _little(body[1:5])
        return PictureSize("WEBP", 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if chunk == b"VP8 ":
        return PictureSize("WEBP", _little(body[6:8]) & 0x3FFF, _little(body[8:10]) & 0x3FFF)
    return None


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
