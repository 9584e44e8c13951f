# SPDX-License-Identifier: AGPL-3.0-or-later
"""Renditions: who gets the upload itself, and what the encoded forms are."""

import struct
from pathlib import Path
from typing import Any

import pytest
from mutagen import mp3

from podcasts.audio import mp4_boxes
from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.loudness import measure_loudness
from podcasts.audio.renditions import (
    LIGHT,
    LIGHT_OPUS,
    Recipe,
    Source,
    gain_for,
    is_served_as_it_is,
    is_worth_making,
    make_rendition,
    normal_recipe,
)
from podcasts.audio.sniff import KINDS, sniff
from podcasts.audio.tags import read_tags
from tests.audio.test_loudness import tone


def source(path: Path = Path("x"), **facts: Any) -> Source:
    """Describe a sound of one minute, unless said otherwise."""
    values: dict[str, Any] = {
        "kind": "mp3",
        "codec": None,
        "size_bytes": 960_000,
        "duration_ms": 60_000,
        "channels": 2,
        "sample_rate_hz": 44_100,
        **facts,
    }
    values["kind"] = KINDS[values["kind"]]
    return Source(path=path, **values)


@pytest.mark.parametrize(
    ("facts", "as_it_is"),
    [
        ({}, True),
        ({"size_bytes": 1_930_000}, True),
        ({"size_bytes": 2_400_000}, False),
        ({"size_bytes": 900_000, "duration_ms": 5_000}, True),
        ({"kind": "m4a", "codec": "mp4a.40.2"}, True),
        ({"kind": "m4a", "codec": "alac"}, False),
        ({"kind": "m4a", "codec": None}, False),
        ({"kind": "m4a", "codec": "mp4a.40.2", "channels": 6}, False),
        ({"sample_rate_hz": 8_000}, False),
        ({"kind": "wav"}, False),
        ({"kind": "flac"}, False),
        ({"kind": "opus"}, False),
        ({"kind": "opus-mp4", "codec": "Opus"}, False),
        ({"kind": "aac"}, False),
        ({"channels": None, "sample_rate_hz": None}, True),
    ],
)
def test_apps_get_the_upload_itself_where_they_can_play_it(facts: dict[str, Any], *, as_it_is: bool) -> None:
    assert is_served_as_it_is(source(**facts)) is as_it_is


@pytest.mark.parametrize(
    ("rate_hz", "encoded_hz"),
    [
        (96_000, 48_000),
        (48_000, 48_000),
        (24_000, 48_000),
        (8_000, 48_000),
        (88_200, 44_100),
        (22_050, 44_100),
    ],
)
def test_every_rate_becomes_one_that_every_player_knows(rate_hz: int, encoded_hz: int) -> None:
    assert normal_recipe(source(kind="wav", sample_rate_hz=rate_hz)).sample_rate_hz == encoded_hz


def test_a_light_rendition_that_would_not_be_lighter_is_not_made() -> None:
    small = source(size_bytes=60 * 5_000)
    assert not is_worth_making(LIGHT, small)
    assert is_worth_making(LIGHT_OPUS, small)
    assert is_worth_making(LIGHT, source(kind="flac", size_bytes=1))


@pytest.mark.parametrize("recipe", [LIGHT, LIGHT_OPUS, normal_recipe(source(kind="wav"))])
def test_renditions_are_as_long_and_as_loud_as_they_should_be(
    tmp_path: Path, ffmpeg: Ffmpeg, recipe: Recipe
) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-30, channels=2, seconds=6)
    kind = sniff(path)
    before = measure_loudness(path, kind, ffmpeg, channels=2)
    raise_db = gain_for(
        recipe,
        stereo_target_lufs=-16,
        mono_target_lufs=-19,
        own=before.integrated_lufs,
        mono=before.mono_lufs,
    )
    made = tmp_path / f"made.{recipe.kind.extension}"
    sound = source(path, kind="wav", duration_ms=6_000, sample_rate_hz=48_000)
    make_rendition(sound, recipe, made, ffmpeg, raise_db=raise_db)
    after = measure_loudness(made, sniff(made), ffmpeg, channels=recipe.channels)
    assert after.integrated_lufs == pytest.approx(-19 if recipe.channels == 1 else -16, abs=0.7)
    assert decode(made, sniff(made), ffmpeg).duration_ms == pytest.approx(6_000, abs=50)


def test_light_renditions_are_what_they_are_called(
    audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    path = audio_folder / "flac.flac"
    sound = source(path, kind="flac")
    light, opus = tmp_path / "light.mp3", tmp_path / "light.m4a"
    make_rendition(sound, LIGHT, light, ffmpeg, raise_db=None)
    make_rendition(sound, LIGHT_OPUS, opus, ffmpeg, raise_db=None)
    info: Any = mp3.MP3(light).info
    assert (info.bitrate, info.channels, info.sample_rate) == (40_000, 1, 24_000)
    assert sniff(opus) is KINDS["opus-mp4"]
    assert read_tags(opus, sniff(opus)).channels == 1


def test_the_lightest_tells_all_about_itself_before_its_sound_in_a_few_bytes(
    tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    path = tone(tmp_path / "tone.wav", dbfs=-20, channels=1, seconds=120)
    made = tmp_path / "made.m4a"
    sound = source(path, kind="wav", duration_ms=120_000, channels=1, sample_rate_hz=48_000)
    make_rendition(sound, LIGHT_OPUS, made, ffmpeg, raise_db=None)
    with made.open("rb") as file:
        places = {box.name: box for box in mp4_boxes.boxes(file, 0, made.stat().st_size)}
        movie = mp4_boxes.find(file, 0, made.stat().st_size, b"moov", b"mvhd")
        assert movie is not None
        file.seek(movie.start + 12)
        per_second, length = struct.unpack(">II", file.read(8))
    # What a player must have before it begins weighs no more for two minutes than for two seconds.
    assert places[b"moov"].end < places[b"mdat"].start < 1_000
    assert made.stat().st_size == pytest.approx(120 * 3_000, rel=0.01)
    # The length in the header is the source's own, without the run-up; decoded, it ends with its last packet.
    assert length / per_second == pytest.approx(120, abs=0.001)
    assert decode(made, sniff(made), ffmpeg).duration_ms == pytest.approx(120_000, abs=20)


def test_the_same_sound_gives_the_same_bytes(audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg) -> None:
    sound = source(audio_folder / "flac.flac", kind="flac")
    for recipe in (LIGHT, LIGHT_OPUS):
        first, second = tmp_path / "first", tmp_path / "second"
        make_rendition(sound, recipe, first, ffmpeg, raise_db=3.0)
        make_rendition(sound, recipe, second, ffmpeg, raise_db=3.0)
        assert first.read_bytes() == second.read_bytes()
