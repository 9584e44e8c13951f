# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tag sizes: what reading the tags would take into memory, added up from headers before mutagen begins."""

import os
from typing import BinaryIO

from podcasts.audio import mp4_boxes
from podcasts.audio.sniff import skip_id3
from podcasts.errors import UnusableMediaError
from podcasts.units import MEGABYTE

TAG_BYTES_AT_MOST = 24 * MEGABYTE
_OGG_HEADER_BYTES = 27
_OGG_PAGES_AT_MOST = 2000
# A packet goes on in the next segment behind a full one (RFC 3533 section 5).
_FULL_SEGMENT = 255
_FLAC_BLOCKS_AT_MOST = 200


def check_mp4(file: BinaryIO) -> None:
    """Check the boxes of user data, where titles, covers and chapters are.

    Raises:
        UnusableMediaError: ``tags-too-large``.
    """
    end = _size(file)
    moov = mp4_boxes.find(file, 0, end, b"moov")
    if moov is None:
        return
    inside = mp4_boxes.boxes(file, moov.start, moov.end)
    _check(sum(box.end - box.start for box in inside if box.name not in {b"trak", b"mvhd"}))


def check_flac(file: BinaryIO) -> None:
    """Check the metadata blocks (RFC 9639 section 8.1).

    Raises:
        UnusableMediaError: ``tags-too-large``.
    """
    at = skip_id3(file, _size(file)) + len(b"fLaC")
    total = 0
    for _ in range(_FLAC_BLOCKS_AT_MOST):
        file.seek(at)
        header = file.read(4)
        block_bytes = int.from_bytes(header[1:4], "big")
        total += block_bytes
        at += 4 + block_bytes
        if len(header) < len(b"fLaC") or header[0] & 0x80:
            break
    else:
        total = TAG_BYTES_AT_MOST + 1
    _check(total)


def check_ogg(file: BinaryIO) -> None:
    """Check the pages up to the one on which the comment packet ends, the second packet of its stream.

    Raises:
        UnusableMediaError: ``tags-too-large``.
    """
    at = total = packets_ended = 0
    for _ in range(_OGG_PAGES_AT_MOST):
        file.seek(at)
        header = file.read(_OGG_HEADER_BYTES)
        if len(header) < _OGG_HEADER_BYTES:
            break
        segments = file.read(header[26])
        total += sum(segments)
        at += _OGG_HEADER_BYTES + len(segments) + sum(segments)
        packets_ended += sum(segment < _FULL_SEGMENT for segment in segments)
        if packets_ended > 1:
            break
    else:
        total = TAG_BYTES_AT_MOST + 1
    _check(total)


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size


def _check(size_bytes: int) -> None:
    if size_bytes > TAG_BYTES_AT_MOST:
        raise UnusableMediaError("tags-too-large", limit_bytes=TAG_BYTES_AT_MOST)
