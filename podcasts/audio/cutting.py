# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cutting: a sound without its beginning or end, its packets as they are, so that nothing is encoded twice."""

from pathlib import Path

from podcasts.audio.ffmpeg import Ffmpeg, Window
from podcasts.audio.sniff import AudioKind
from podcasts.audio.tags import read_tags
from podcasts.units import MEGABYTE

_ALAC = ("-c:a", "alac", "-movflags", "+faststart", "-f", "ipod")
# ffmpeg's name of each container, and how its sound is taken over. FLAC is written anew, without loss, because a
# copied header would go on telling the old length.
_COPIES = {
    "mp3": ("-c:a", "copy", "-id3v2_version", "0", "-write_xing", "1", "-f", "mp3"),
    "m4a": ("-c:a", "copy", "-movflags", "+faststart", "-f", "ipod"),
    "aac": ("-c:a", "copy", "-f", "adts"),
    "opus": ("-c:a", "copy", "-f", "ogg"),
    "opus-mp4": ("-c:a", "copy", "-movflags", "+faststart", "-f", "mp4"),
    "vorbis": ("-c:a", "copy", "-f", "ogg"),
    "flac": ("-c:a", "flac", "-f", "flac"),
    "wav": ("-c:a", "copy", "-f", "wav"),
}


def cut(source: Path, kind: AudioKind, window: Window, target: Path, ffmpeg: Ffmpeg) -> None:
    """Write a part of a sound to another file of the same kind; exact to a packet, some 26 ms.

    Args:
        source: the sound.
        kind: what ``sniff`` found.
        window: what stays.
        target: an empty file of ours.
        ffmpeg: cuts.

    Raises:
        UnusableMediaError: ``encoding-failed``; ``too-long-to-decode``.
        DiskFullError: no room.
    """
    limit_bytes = 2 * source.stat().st_size + MEGABYTE
    # The part is chosen among the packets that come out: a jump in the file would land on an Ogg page's beginning.
    part = ("-ss", window.start, "-t", window.length)
    ffmpeg.encode(source, kind, target, (*part, *_way(source, kind)), limit_bytes=limit_bytes)


def _way(source: Path, kind: AudioKind) -> tuple[str, ...]:
    """Choose how the sound is taken over; ALAC is without loss too, and its packets are long: it is written anew."""
    if kind.name == "m4a" and read_tags(source, kind).codec == "alac":
        return _ALAC
    return _COPIES[kind.name]
