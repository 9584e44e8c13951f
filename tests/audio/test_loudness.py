# SPDX-License-Identifier: AGPL-3.0-or-later
"""Loudness: measured as the standard has it, and brought to a target without being cut off."""

import math
import struct
import wave
from pathlib import Path

import pytest

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.loudness import GAIN_AT_MOST_DB, gain_db, measure_loudness
from podcasts.audio.sniff import sniff
from podcasts.errors import UnusableMediaError

RATE_HZ = 48_000


def tone(path: Path, *, dbfs: float, channels: int = 1, seconds: float = 4) -> Path:
    """Write a sine of 997 Hz, as ITU-R BS.1770 calibrates with."""
    peak = 32767 * 10 ** (dbfs / 20)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        frames = bytearray()
        for number in range(round(RATE_HZ * seconds)):
            value = round(peak * math.sin(2 * math.pi * 997 * number / RATE_HZ))
            frames += struct.pack("<h", value) * channels
        file.writeframes(bytes(frames))
    return path


def test_the_calibration_tone_of_the_standard_measures_what_it_should(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    # BS.1770-4 annex 1: a sine of 997 Hz at 0 dBFS in one channel reads -3.01 LUFS.
    path = tone(tmp_path / "tone.wav", dbfs=-20)
    found = measure_loudness(path, sniff(path), ffmpeg, channels=1)
    assert found.integrated_lufs == pytest.approx(-23.0, abs=0.15)
    assert found.mono_lufs == found.integrated_lufs


@pytest.mark.parametrize("channels", [2, None])
def test_two_equal_channels_are_louder_than_one(tmp_path: Path, ffmpeg: Ffmpeg, channels: int | None) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-20, channels=2)
    found = measure_loudness(path, sniff(path), ffmpeg, channels=channels)
    assert found.integrated_lufs == pytest.approx(-20.0, abs=0.15)
    # Their mean reads 3 LU lower; where the header says nothing, ffmpeg's own rule mixes louder.
    assert found.mono_lufs == pytest.approx(-23.0 if channels == 2 else -20.0, abs=0.15)


def test_silence_has_no_loudness(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    path = tone(tmp_path / "silence.wav", dbfs=-200, channels=2)
    found = measure_loudness(path, sniff(path), ffmpeg, channels=2)
    assert (found.integrated_lufs, found.mono_lufs) == (None, None)


def test_what_cannot_be_decoded_is_said(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    path = audio_folder / "truncated.m4a"
    with pytest.raises(UnusableMediaError) as caught:
        measure_loudness(path, sniff(audio_folder / "m4a-itunes-tags.m4a"), ffmpeg, channels=2)
    assert caught.value.code == "broken-audio"


def test_the_gain_leads_to_the_target_but_never_far_into_the_noise() -> None:
    assert gain_db(-23.0, -16.0) == 7.0
    assert gain_db(-10.0, -16.0) == -6.0
    assert gain_db(-60.0, -16.0) == GAIN_AT_MOST_DB
    assert gain_db(None, -16.0) == 0.0
