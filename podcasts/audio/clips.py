# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clips: a short piece of a sound, faded in and out, as a file of its own.

ffmpeg cuts the window and pydub is given its samples: two minutes are 21 MB, where a whole episode in pydub's hands
would be gigabytes.
"""

from dataclasses import dataclass
from pathlib import Path

from pydub import AudioSegment

from podcasts.audio.ffmpeg import Ffmpeg, Window
from podcasts.audio.renditions import Recipe, encoding
from podcasts.audio.sniff import MP3, AudioKind
from podcasts.errors import UnusableMediaError
from podcasts.units import MEGABYTE

SHORTEST_MS = 15_000
LONGEST_MS = 120_000
"""What podcast:soundbite recommends: 15 to 120 seconds."""

_RECIPE = Recipe(MP3, 128_000, 2, 44_100)
_SAMPLE_BYTES = 2
_FILE_BYTES = 4 * MEGABYTE
# Less than this of what was asked for: the clip lies beyond the end of the sound.
_LEAST_PART = 0.9


@dataclass(frozen=True)
class Fades:
    """How long a clip takes to come in and to go out, in milliseconds."""

    in_ms: int
    out_ms: int


def make_clip(
    source: Path, kind: AudioKind, window: Window, fades: Fades, target: Path, ffmpeg: Ffmpeg
) -> None:
    """Cut a window out of a sound, fade it and write it as an MP3.

    Args:
        source: the sound.
        kind: what ``sniff`` found.
        window: at most ``LONGEST_MS``.
        fades: no longer than the clip.
        target: an empty file of ours.
        ffmpeg: cuts and encodes.

    Raises:
        UnusableMediaError: ``clip-beyond-end``; ``broken-audio``; ``encoding-failed``; ``too-long-to-decode``.
        DiskFullError: no room.
    """
    if window.duration_ms > LONGEST_MS:
        raise ValueError(window.duration_ms)
    shape = {"sample_rate_hz": _RECIPE.sample_rate_hz, "channels": _RECIPE.channels}
    samples = b"".join(ffmpeg.pcm_chunks(source, kind, window=window, **shape))
    frame_bytes = _SAMPLE_BYTES * _RECIPE.channels
    segment = AudioSegment(
        data=samples[: len(samples) // frame_bytes * frame_bytes],
        sample_width=_SAMPLE_BYTES,
        frame_rate=_RECIPE.sample_rate_hz,
        channels=_RECIPE.channels,
    )
    if len(segment) < _LEAST_PART * window.duration_ms:
        raise UnusableMediaError("clip-beyond-end")
    faded = segment.fade_in(min(fades.in_ms, len(segment))).fade_out(min(fades.out_ms, len(segment)))
    ffmpeg.encode_pcm(faded.raw_data, target, encoding(_RECIPE), limit_bytes=_FILE_BYTES, **shape)
