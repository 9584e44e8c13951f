# SPDX-License-Identifier: AGPL-3.0-or-later
"""The length and the waveform are those of the sound that can be heard."""

import subprocess
import tracemalloc
import wave
from pathlib import Path

import pytest

from podcasts.audio.decoding import Sound, decode
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import KINDS, sniff
from podcasts.errors import UnusableMediaError

GOOD = [
    "aac.aac",
    "flac.flac",
    "flac-header-says-600s.flac",
    "m4a-alac.m4a",
    "m4a-itunes-tags.m4a",
    "mp3-id3v24-accents.mp3",
    "mp3-no-tags.mp3",
    "mp3-vbr.mp3",
    "opus-with-chapters.opus",
    "opus-in-mp4.m4a",
    "riff-size-lies.wav",
    "vorbis.ogg",
    "wav.wav",
]


def sound_of(path: Path, ffmpeg: Ffmpeg) -> Sound:
    return decode(path, sniff(path), ffmpeg)


def ffmpeg_s_own_ms(path: Path, ffmpeg: Ffmpeg) -> float:
    """Let ffmpeg decode in its own way: its own guess of what it is, the file by its name."""
    words = [ffmpeg.path, "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a:0", "-ac", "1"]
    shape = ["-ar", "44100", "-f", "s16le", "pipe:1"]
    ran = subprocess.run([*words, *shape], capture_output=True, check=True)
    return len(ran.stdout) / 2 / 44_100 * 1000


@pytest.mark.parametrize("name", GOOD)
def test_the_length_is_the_decoded_one(audio_folder: Path, ffmpeg: Ffmpeg, name: str) -> None:
    duration_ms = sound_of(audio_folder / name, ffmpeg).duration_ms
    assert abs(duration_ms - ffmpeg_s_own_ms(audio_folder / name, ffmpeg)) < 50
    # Encoders pad; none by more than this.
    assert 3000 <= duration_ms < 3050


def test_three_hours_under_a_header_of_ten_minutes(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    sound = sound_of(audio_folder / "flac-header-says-600s-holds-3h.flac", ffmpeg)
    assert sound.duration_ms == 3 * 3600 * 1000
    assert set(sound.peaks) == {0}


def test_the_waveform_follows_the_sound(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    sound = sound_of(audio_folder / "wav.wav", ffmpeg)
    assert len(sound.peaks) == 400
    assert max(sound.peaks) == 255
    # The fixture swells from a tenth to nearly full.
    assert 20 < sound.peaks[0] < 45
    tenths = [max(sound.peaks[start : start + 40]) for start in range(0, 400, 40)]
    assert tenths == sorted(tenths)
    assert len(sound.cover_bars) == 11
    assert sound.cover_bars == tuple(sorted(sound.cover_bars))
    assert (sound.cover_bars[0], sound.cover_bars[-1]) == (64, 255)


def test_silence_is_flat_and_has_a_length(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    sound = sound_of(wav_of(tmp_path, bytes(2 * 8000)), ffmpeg)
    assert (sound.duration_ms, sound.peaks, sound.cover_bars) == (1000, (0,) * 400, (0,) * 11)
    # Nothing is heard anywhere: then there is no silence before or after it to cut off.
    assert (sound.head_silence_ms, sound.tail_silence_ms) == (0, 0)
    assert set(sound.dense_peaks) == {0}


@pytest.mark.parametrize(("head", "tail"), [(0, 0), (0.5, 0), (0, 1.5), (1.0, 2.0)])
def test_silence_before_and_after_is_found(tmp_path: Path, ffmpeg: Ffmpeg, head: float, tail: float) -> None:
    loud = b"\xff\x3f\x01\xc0" * 4000
    parts = (bytes(2 * round(8000 * head)), loud, bytes(2 * round(8000 * tail)))
    sound = sound_of(wav_of(tmp_path, b"".join(parts)), ffmpeg)
    assert sound.head_silence_ms == pytest.approx(head * 1000, abs=40)
    assert sound.tail_silence_ms == pytest.approx(tail * 1000, abs=40)


def test_the_studio_s_waveform_is_finer_and_shows_levels_as_they_are(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    # Half of full scale, for ten seconds.
    sound = sound_of(wav_of(tmp_path, b"\x00\x40" * 80_000), ffmpeg)
    assert 1000 < len(sound.dense_peaks) <= 8192
    assert max(sound.dense_peaks) == pytest.approx(128, abs=16)
    assert max(sound.peaks) == 255


def test_the_shortest_sound_has_a_whole_waveform(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    sound = sound_of(wav_of(tmp_path, b"\xff\x7f" * 80), ffmpeg)
    assert sound.duration_ms == 10
    assert (len(sound.peaks), len(sound.cover_bars)) == (400, 11)


def test_a_file_cut_short_counts_for_what_can_be_heard(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    assert 1900 < sound_of(audio_folder / "truncated.mp3", ffmpeg).duration_ms < 2100
    assert 2500 < sound_of(audio_folder / "garbage-in-the-middle.mp3", ffmpeg).duration_ms < 3050


@pytest.mark.parametrize(
    ("name", "code"),
    [("truncated.m4a", "broken-audio"), ("wav-no-samples.wav", "no-sound-in-file")],
)
def test_what_cannot_be_heard_is_refused(audio_folder: Path, ffmpeg: Ffmpeg, name: str, code: str) -> None:
    with pytest.raises(UnusableMediaError) as caught:
        sound_of(audio_folder / name, ffmpeg)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_noise_under_any_demuxer_is_refused(tmp_path: Path, ffmpeg: Ffmpeg, kind: str) -> None:
    noise = tmp_path / "noise"
    noise.write_bytes(bytes(range(32, 127)) * 100)
    with pytest.raises(UnusableMediaError) as caught:
        decode(noise, KINDS[kind], ffmpeg)
    assert caught.value.code in {"broken-audio", "no-sound-in-file"}


def test_memory_does_not_grow_with_the_length(tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    peaks_bytes = []
    for minutes in (1, 4):
        path = wav_of(tmp_path, bytes(2 * 8000 * 60 * minutes))
        tracemalloc.start()
        try:
            sound = sound_of(path, ffmpeg)
            peaks_bytes.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
        assert sound.duration_ms == minutes * 60_000
    assert max(peaks_bytes) < 2_000_000


def wav_of(folder: Path, samples: bytes) -> Path:
    """Write 16-bit mono samples at 8 kHz."""
    path = folder / "made.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", "NONE"))
        file.writeframes(samples)
    return path
