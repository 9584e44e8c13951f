# SPDX-License-Identifier: AGPL-3.0-or-later
"""Cutting: every kind of sound keeps its kind, and what is left is as long as it should be."""

from pathlib import Path

import pytest

from podcasts.audio.cutting import cut
from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import Ffmpeg, Window
from podcasts.audio.sniff import sniff

SOUNDS = [
    "mp3-no-tags.mp3",
    "mp3-vbr.mp3",
    "m4a-itunes-tags.m4a",
    "m4a-alac.m4a",
    "aac.aac",
    "opus-with-chapters.opus",
    "opus-in-mp4.m4a",
    "vorbis.ogg",
    "flac.flac",
    "flac-header-says-600s.flac",
    "wav.wav",
]


@pytest.mark.parametrize("name", SOUNDS)
def test_what_is_left_is_as_long_as_the_window(
    audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg, name: str
) -> None:
    path = audio_folder / name
    kind = sniff(path)
    whole_ms = decode(path, kind, ffmpeg).duration_ms
    window = Window(whole_ms // 4, whole_ms // 2)
    made = tmp_path / f"cut.{kind.extension}"
    cut(path, kind, window, made, ffmpeg)
    assert sniff(made).name == kind.name
    # What is without loss is written anew, to the sample.
    tolerance_ms = 2 if "alac" in name or "flac" in name else 120
    assert decode(made, kind, ffmpeg).duration_ms == pytest.approx(window.duration_ms, abs=tolerance_ms)
