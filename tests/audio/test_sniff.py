# SPDX-License-Identifier: AGPL-3.0-or-later
"""Kinds are decided by the bytes."""

from pathlib import Path

import pytest

from podcasts.audio.sniff import KINDS, sniff
from podcasts.errors import UnusableMediaError

GOOD = {
    "aac.aac": "aac",
    "control-characters.mp3": "mp3",
    "cover-no-image.mp3": "mp3",
    "flac-header-says-600s.flac": "flac",
    "flac.flac": "flac",
    "garbage-in-the-middle.mp3": "mp3",
    "invalid-utf16.mp3": "mp3",
    "m4a-alac.m4a": "m4a",
    "m4a-itunes-tags.m4a": "m4a",
    "m4a-named-mp3.mp3": "m4a",
    "m4a-with-chapters.m4a": "m4a",
    "mp3-id3v1.mp3": "mp3",
    "mp3-id3v23-arabic.mp3": "mp3",
    "mp3-id3v24-accents.mp3": "mp3",
    "mp3-named-wav.wav": "mp3",
    "mp3-no-tags.mp3": "mp3",
    "mp3-vbr.mp3": "mp3",
    "mp3-with-chapters.mp3": "mp3",
    "opus-with-chapters.opus": "opus",
    "opus-in-mp4.m4a": "opus-mp4",
    "riff-size-lies.wav": "wav",
    "title-100kB.mp3": "mp3",
    "truncated.mp3": "mp3",
    "vorbis.ogg": "vorbis",
    "wav.wav": "wav",
}
REFUSED = {
    "zero-bytes.mp3": "empty-file",
    "text.mp3": "not-audio",
    "id3-then-text.mp3": "not-audio",
    "id3-longer-than-file.mp3": "not-audio",
    "one-frame.mp3": "not-audio",
    "png.mp3": "not-audio",
    "playlist-named-mp3.mp3": "playlist-not-audio",
    "playlist-after-blank-lines.mp3": "playlist-not-audio",
    "playlist-after-id3.mp3": "playlist-not-audio",
    "playlist-utf16.mp3": "playlist-not-audio",
    "ffconcat-named-mp3.mp3": "playlist-not-audio",
    "concat-without-header.mp3": "playlist-not-audio",
    "pls-named-mp3.mp3": "playlist-not-audio",
    "dash-named-m4a.m4a": "playlist-not-audio",
    "svg.mp3": "playlist-not-audio",
    "video-only.mp4": "video-not-audio",
    "video-with-sound.mp4": "video-not-audio",
    "avi.avi": "video-not-audio",
}
UNSUPPORTED = {
    "aiff.aiff": "AIFF",
    "wma.wma": "WMA",
    "webm.webm": "WebM",
    "mp2.mp2": "MP2",
    "ogg-flac.ogg": "Ogg FLAC",
}


@pytest.mark.parametrize(("name", "kind"), GOOD.items())
def test_names_the_kind_whatever_the_file_is_called(audio_folder: Path, name: str, kind: str) -> None:
    assert sniff(audio_folder / name) == KINDS[kind]


@pytest.mark.parametrize(("name", "code"), REFUSED.items())
def test_refuses_what_is_no_audio_and_says_why(audio_folder: Path, name: str, code: str) -> None:
    with pytest.raises(UnusableMediaError) as caught:
        sniff(audio_folder / name)
    assert caught.value.code == code


@pytest.mark.parametrize(("name", "kind"), UNSUPPORTED.items())
def test_names_the_kinds_that_it_does_not_take(audio_folder: Path, name: str, kind: str) -> None:
    with pytest.raises(UnusableMediaError) as caught:
        sniff(audio_folder / name)
    assert (caught.value.code, caught.value.facts) == ("unsupported-audio", {"kind": kind})


def test_apple_s_table_of_enclosure_types_is_met() -> None:
    assert KINDS["mp3"].mime == "audio/mpeg"
    assert KINDS["m4a"].mime == "audio/x-m4a"


@pytest.mark.parametrize("name", sorted(GOOD))
def test_any_beginning_of_a_good_file_is_named_or_refused_but_breaks_nothing(
    audio_folder: Path, tmp_path: Path, name: str
) -> None:
    whole = (audio_folder / name).read_bytes()
    cut = tmp_path / "cut"
    seen = set()
    for length in [*range(1, 200, 7), *range(200, len(whole), len(whole) // 20)]:
        cut.write_bytes(whole[:length])
        try:
            seen.add(sniff(cut).name)
        except UnusableMediaError as reason:
            seen.add(reason.code)
    # Without its table of contents, no MP4 tells what is in it.
    bare = {"m4a"} if GOOD[name] == "opus-mp4" else set()
    assert seen <= {GOOD[name], "not-audio", "video-not-audio"} | bare


def test_reads_a_bounded_part_of_a_large_file(tmp_path: Path) -> None:
    # A hole of 3 GB: reading it all would take this test's time limit and the machine's memory.
    sparse = tmp_path / "sparse.mp3"
    with sparse.open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(UnusableMediaError, match="not-audio"):
        sniff(sparse)


def test_an_mp4_whose_boxes_contain_each_other_s_size_ends(tmp_path: Path) -> None:
    endless = tmp_path / "endless.m4a"
    endless.write_bytes(
        b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A isom" + b"\x00\x00\x00\x08free" * 50_000
    )
    assert sniff(endless).name == "m4a"


def test_a_box_that_claims_more_than_any_disk_holds_is_not_sought(tmp_path: Path) -> None:
    boundless = tmp_path / "boundless.m4a"
    start = b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A isom"
    boundless.write_bytes(start + b"\x00\x00\x00\x01free" + b"\xff" * 8 + bytes(100))
    assert sniff(boundless).name == "m4a"


def test_a_second_id3_tag_is_skipped_too(audio_folder: Path, tmp_path: Path) -> None:
    tagged = (audio_folder / "mp3-id3v24-accents.mp3").read_bytes()
    twice = tmp_path / "twice.mp3"
    twice.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + tagged)
    assert sniff(twice).name == "mp3"
