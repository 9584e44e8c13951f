# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clips: the right window, faded at both ends, with no more in memory than the window."""

from array import array
from pathlib import Path

import pytest

from podcasts.audio.clips import LONGEST_MS, Fades, make_clip
from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import Ffmpeg, Window
from podcasts.audio.sniff import sniff
from podcasts.errors import UnusableMediaError
from tests.audio.test_loudness import tone


def samples(path: Path, ffmpeg: Ffmpeg) -> "array[int]":
    """Decode to mono at 8 kHz."""
    heard = array("h")
    heard.frombytes(b"".join(ffmpeg.pcm_chunks(path, sniff(path), sample_rate_hz=8000)))
    return heard


def test_a_clip_is_its_window_and_fades_at_both_ends(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-6, seconds=20)
    made = tmp_path / "clip.mp3"
    make_clip(path, sniff(path), Window(2_000, 15_000), Fades(1_000, 2_000), made, ffmpeg)
    assert sniff(made).name == "mp3"
    assert decode(made, sniff(made), ffmpeg).duration_ms == pytest.approx(15_000, abs=60)
    heard = samples(made, ffmpeg)
    begin, middle, end = (
        max(map(abs, part)) for part in (heard[800:1200], heard[40_000:44_000], heard[-1200:-800])
    )
    assert begin < middle / 3
    assert end < middle / 3


def test_a_clip_beyond_the_end_is_refused(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-6, seconds=5)
    with pytest.raises(UnusableMediaError) as caught:
        make_clip(path, sniff(path), Window(1_000, 15_000), Fades(0, 0), tmp_path / "clip.mp3", ffmpeg)
    assert caught.value.code == "clip-beyond-end"


def test_a_whole_episode_is_never_given_to_pydub(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-6, seconds=1)
    with pytest.raises(ValueError, match=str(LONGEST_MS + 1)):
        make_clip(path, sniff(path), Window(0, LONGEST_MS + 1), Fades(0, 0), tmp_path / "clip.mp3", ffmpeg)
