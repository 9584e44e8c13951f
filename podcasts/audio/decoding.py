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
from podcasts.audio.waveform import PeakFolder, bars_for_cover, peaks_for_page, peaks_for_studio
from podcasts.errors import UnusableMediaError

SAMPLE_RATE_HZ = 16_000


@dataclass(frozen=True)
class Sound:
    """What was heard.

    Attributes:
        duration_ms: the decoded length, rounded to the millisecond.
        peaks: 400 values, 0 to 255, the loudest being 255; all 0 for silence.
        cover_bars: 11 values, 0 to 255.
        dense_peaks: up to 8192 bytes, 255 being full scale, for the studio's waveform.
        head_silence_ms: how long nothing is heard at the beginning; ``tail_silence_ms`` at the end; both 0 where
            nothing is heard at all.
    """

    duration_ms: int
    peaks: tuple[int, ...]
    cover_bars: tuple[int, ...]
    dense_peaks: bytes
    head_silence_ms: int
    tail_silence_ms: int


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
    head, tail = folder.silence_samples()
    return Sound(
        duration_ms=_milliseconds(folder.samples),
        peaks=peaks_for_page(peaks),
        cover_bars=bars_for_cover(peaks),
        dense_peaks=peaks_for_studio(peaks),
        head_silence_ms=_milliseconds(head),
        tail_silence_ms=_milliseconds(tail),
    )


def _milliseconds(samples: int) -> int:
    return (samples * 1000 + SAMPLE_RATE_HZ // 2) // SAMPLE_RATE_HZ


def _samples(chunk: bytes) -> "array[int]":
    samples = array("h")
    # A decoder that was stopped may leave half a sample.
    samples.frombytes(chunk[: len(chunk) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples
