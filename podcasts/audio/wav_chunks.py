# SPDX-License-Identifier: AGPL-3.0-or-later
"""WAV chunks: format, INFO texts and the place of an ID3 tag (RIFF; EBU Tech 3306 for RF64)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

_CHUNKS_AT_MOST = 500
_INFO_BYTES_AT_MOST = 64 * 1024
_FORMAT_BYTES = 16
_FIRST_CHUNK = 12
_HEADER_BYTES = 8


@dataclass(frozen=True)
class WavFacts:
    """What the chunks say.

    Attributes:
        channels: None where no format is given, as the next two.
        sample_rate_hz: per second and channel.
        bitrate_bps: of all channels.
        id3_start: where an ID3v2 tag begins; None where there is none.
        info: texts by their four letters, such as INAM.
    """

    channels: int | None = None
    sample_rate_hz: int | None = None
    bitrate_bps: int | None = None
    id3_start: int | None = None
    info: dict[str, str] = field(default_factory=dict)


def read(file: BinaryIO) -> WavFacts:
    """Read the chunks that say something about the sound; the sound itself is passed over."""
    form = b""
    info: dict[str, str] = {}
    id3_start = None
    for name, start, size in chunks(file):
        file.seek(start)
        if name == b"fmt ":
            form = file.read(_FORMAT_BYTES)
        elif name in {b"id3 ", b"ID3 "}:
            id3_start = start
        elif name == b"LIST":
            info |= _info(file.read(min(size, _INFO_BYTES_AT_MOST)))
    if len(form) < _FORMAT_BYTES:
        return WavFacts(id3_start=id3_start, info=info)
    return WavFacts(
        channels=int.from_bytes(form[2:4], "little"),
        sample_rate_hz=int.from_bytes(form[4:8], "little"),
        bitrate_bps=int.from_bytes(form[8:12], "little") * 8,
        id3_start=id3_start,
        info=info,
    )


def chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Read the headers of the chunks: name, where the content begins, and its bytes as the header has it."""
    at = _FIRST_CHUNK
    for _ in range(_CHUNKS_AT_MOST):
        file.seek(at)
        header = file.read(8)
        if len(header) < _HEADER_BYTES:
            return
        size = int.from_bytes(header[4:8], "little")
        yield header[:4], at + 8, size
        at += 8 + size + size % 2


def _info(data: bytes) -> dict[str, str]:
    """Read an INFO list: names and texts, in UTF-8 or else in Windows' letters."""
    texts: dict[str, str] = {}
    if not data.startswith(b"INFO"):
        return texts
    at = 4
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        name = data[at : at + 4].decode("ascii", "replace")
        texts.setdefault(name, _decoded(data[at + 8 : at + 8 + size].rstrip(b"\x00")))
        at += 8 + size + size % 2
    return texts


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
