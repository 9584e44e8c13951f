# SPDX-License-Identifier: AGPL-3.0-or-later
"""Decoding: one pass through the decoder gives the exact length and the waveform.

Headers lie about lengths; the samples that come out do not.
"""

import sys
from array import array
from dataclasses import dataclass
from pathlib import Path

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import AudioKind
from podcasts.audio.waveform import PeakFolder, bars_for_cover, peaks_for_page
from podcasts.errors import UnusableMediaError

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class Sound:
    """What was heard.

    Attributes:
        duration_ms: the decoded length, rounded to the millisecond.
        peaks: 400 values, 0 to 255, the loudest being 255; all 0 for silence.
        cover_bars: 11 values, 0 to 255.
    """

    duration_ms: int
    peaks: tuple[int, ...]
    cover_bars: tuple[int, ...]


def decode(source: Path, kind: AudioKind, ffmpeg: Ffmpeg) -> Sound:
    """Listen to the whole file once, in memory that does not grow with its length.

    A file that is cut short or hurt in places counts for what can be heard in it, as every player treats it.
    One that the decoder gives up on (no table of contents, most of it unreadable) is broken.

    Raises:
        UnusableMediaError: ``broken-audio``; ``no-sound-in-file``; ``too-long-to-decode``.
    """
    folder = PeakFolder()
    for chunk in ffmpeg.pcm_chunks(source, kind, sample_rate_hz=SAMPLE_RATE_HZ):
        folder.take(_samples(chunk))
    if not folder.samples:
        raise UnusableMediaError("no-sound-in-file")
    peaks = folder.peaks()
    return Sound(
        duration_ms=(folder.samples * 1000 + SAMPLE_RATE_HZ // 2) // SAMPLE_RATE_HZ,
        peaks=peaks_for_page(peaks),
        cover_bars=bars_for_cover(peaks),
    )


def _samples(chunk: bytes) -> "array[int]":
    samples = array("h")
    # A decoder that was stopped may leave half a sample.
    samples.frombytes(chunk[: len(chunk) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
