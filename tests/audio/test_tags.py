# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tags come out exact, clean and small."""

import random
import tracemalloc
import unicodedata
from pathlib import Path

import pytest

from podcasts.audio.sniff import KINDS, sniff
from podcasts.audio.tags import Chapter, Tags, read_tags

TITLE = "Été à Nouakchott : l\N{RIGHT SINGLE QUOTATION MARK}eau, déjà rare"
ARTIST = "Aïssatou Ñdiaye"
ALBUM = "Le Fil du matin"
ARABIC_TITLE = "صباح الخير: الماء والمدينة"
ARABIC_ARTIST = "مريم بنت أحمد"
CHAPTERS = (
    Chapter(0, "Ouverture"),
    Chapter(1000, "L\N{RIGHT SINGLE QUOTATION MARK}entretien"),
    Chapter(2250, "À suivre"),
)
LINKED = (Chapter(0, "Ouverture", "https://example.org/ouverture"), *CHAPTERS[1:])


def tags_of(path: Path) -> Tags:
    return read_tags(path, sniff(path))


def test_id3v24_comes_out_exact(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "mp3-id3v24-accents.mp3")
    assert (tags.title, tags.artist, tags.album) == (TITLE, ARTIST, ALBUM)
    assert (tags.comment, tags.track_number, tags.year) == ("Enregistré au marché.", 3, 2026)
    assert (tags.bitrate_bps, tags.channels, tags.sample_rate_hz) == (32_000, 1, 44_100)
    assert tags.cover is not None
    assert tags.cover.startswith(b"\xff\xd8\xff")


def test_arabic_in_utf16_comes_out_exact(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "mp3-id3v23-arabic.mp3")
    assert (tags.title, tags.artist) == (ARABIC_TITLE, ARABIC_ARTIST)


def test_id3v1_is_read_where_there_is_nothing_better(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "mp3-id3v1.mp3")
    assert (tags.title, tags.artist, tags.album) == ("L'eau rare", "Aissatou", "Le Fil")
    assert (tags.track_number, tags.year) == (7, 2026)


def test_itunes_tags_come_out_exact(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "m4a-itunes-tags.m4a")
    assert (tags.title, tags.artist, tags.album) == (TITLE, ARABIC_ARTIST, ALBUM)
    assert (tags.comment, tags.track_number, tags.year) == ("Enregistré au marché.", 3, 2026)
    assert tags.cover is not None


def test_vorbis_comments_come_out_exact(audio_folder: Path) -> None:
    opus = tags_of(audio_folder / "opus-with-chapters.opus")
    assert (opus.title, opus.artist, opus.album) == (TITLE, f"{ARTIST}, {ARABIC_ARTIST}", ALBUM)
    assert opus.cover is not None
    vorbis = tags_of(audio_folder / "vorbis.ogg")
    assert (vorbis.title, vorbis.artist, vorbis.year) == (ARABIC_TITLE, ARABIC_ARTIST, 2026)
    assert tags_of(audio_folder / "flac.flac").title == TITLE


def test_chapters_come_out_of_every_kind_and_only_web_links_do(audio_folder: Path) -> None:
    assert tags_of(audio_folder / "mp3-with-chapters.mp3").chapters == LINKED
    assert tags_of(audio_folder / "opus-with-chapters.opus").chapters == LINKED
    assert tags_of(audio_folder / "m4a-with-chapters.m4a").chapters == CHAPTERS


def test_chapters_of_apple_s_programs_are_a_track_of_texts(audio_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "apple.m4a"
    # They write no list of Nero's.
    path.write_bytes((audio_folder / "m4a-with-chapters.m4a").read_bytes().replace(b"chpl", b"free"))
    assert tags_of(path).chapters == CHAPTERS


@pytest.mark.parametrize("table", [b"stts", b"stsc", b"stsz", b"stco", b"mdhd", b"chap"])
@pytest.mark.parametrize("byte", [b"\x00", b"\xff"])
def test_a_hurt_track_of_chapters_costs_nothing_but_itself(
    audio_folder: Path, tmp_path: Path, table: bytes, byte: bytes
) -> None:
    path = tmp_path / "hurt.m4a"
    data = bytearray((audio_folder / "m4a-with-chapters.m4a").read_bytes().replace(b"chpl", b"free"))
    at = data.rfind(table)
    count = 4 if table == b"chap" else 20
    data[at + 4 : at + 4 + count] = byte * count
    path.write_bytes(data)
    tags = tags_of(path)
    assert len(tags.chapters) <= len(CHAPTERS)


def test_a_wav_says_what_its_info_chunk_and_its_format_say(audio_folder: Path, tmp_path: Path) -> None:
    title = TITLE.encode()
    item = b"INAM" + len(title).to_bytes(4, "little") + title + b"\x00" * (len(title) % 2)
    chunk = b"LIST" + (4 + len(item)).to_bytes(4, "little") + b"INFO" + item
    path = tmp_path / "info.wav"
    path.write_bytes((audio_folder / "wav.wav").read_bytes() + chunk)
    tags = tags_of(path)
    assert tags.title == TITLE
    assert (tags.bitrate_bps, tags.channels, tags.sample_rate_hz) == (128_000, 1, 8000)


def test_control_characters_and_direction_overrides_are_cleaned_away(audio_folder: Path) -> None:
    title = tags_of(audio_folder / "control-characters.mp3").title
    assert title is not None
    assert not [letter for letter in title if unicodedata.category(letter) in {"Cc", "Cs", "Cn"}]
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in title
    # Markup is not the cleaner's business: it is escaped where it is shown.
    assert "]]><script>" in title


def test_a_title_of_100_kb_is_cut_on_a_character(audio_folder: Path) -> None:
    assert tags_of(audio_folder / "title-100kB.mp3").title == "é" * 500


def test_one_text_that_cannot_be_read_takes_no_other_with_it(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "invalid-utf16.mp3")
    assert tags.artist == "Marie"
    assert tags.bitrate_bps == 32_000


@pytest.mark.parametrize("name", ["zlib-bomb-in-tag.mp3", "zlib-bomb-in-chapter.mp3"])
def test_compressed_frames_are_never_unpacked(audio_folder: Path, name: str) -> None:
    tracemalloc.start()
    try:
        tags = tags_of(audio_folder / name)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tags.title is None
    assert tags.artist == "Marie"
    assert peak_bytes < 5_000_000


def test_a_picture_of_100_mb_costs_no_memory_and_no_title(audio_folder: Path, tmp_path: Path) -> None:
    size, title = 100_000_000, b"\x03Still here"
    monster = tmp_path / "monster.mp3"
    frames = b"APIC" + syncsafe(size) + b"\x00\x00", b"TIT2" + syncsafe(len(title)) + b"\x00\x00" + title
    with monster.open("wb") as file:
        file.write(b"ID3\x04\x00\x00" + syncsafe(size + sum(map(len, frames))) + frames[0])
        file.seek(size, 1)
        file.write(frames[1] + (audio_folder / "mp3-no-tags.mp3").read_bytes())
    tracemalloc.start()
    try:
        tags = tags_of(monster)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tags.title == "Still here"
    assert tags.cover is None
    assert peak_bytes < 5_000_000


def test_flac_blocks_of_many_megabytes_are_not_read(audio_folder: Path, tmp_path: Path) -> None:
    whole = (audio_folder / "flac.flac").read_bytes()
    monster = tmp_path / "monster.flac"
    block = 16_000_000
    with monster.open("wb") as file:
        file.write(whole[:42])
        for _ in range(10):
            file.write(b"\x06" + block.to_bytes(3, "big"))
            file.seek(block, 1)
        file.write(whole[42:])
    tracemalloc.start()
    try:
        tags = tags_of(monster)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert tags == Tags()
    assert peak_bytes < 5_000_000


def test_no_tags_are_no_error(audio_folder: Path) -> None:
    tags = tags_of(audio_folder / "mp3-no-tags.mp3")
    assert (tags.title, tags.artist, tags.album, tags.cover, tags.chapters) == (None, None, None, None, ())


@pytest.mark.parametrize(
    "name",
    [
        *("mp3-id3v24-accents.mp3", "mp3-with-chapters.mp3", "m4a-itunes-tags.m4a", "m4a-with-chapters.m4a"),
        *("opus-with-chapters.opus", "vorbis.ogg", "flac.flac", "wav.wav", "aac.aac"),
    ],
)
def test_hurt_tags_never_raise(audio_folder: Path, tmp_path: Path, name: str) -> None:
    whole = (audio_folder / name).read_bytes()
    kind = sniff(audio_folder / name)
    hurt = tmp_path / name
    dice = random.Random(name)  # noqa: S311 - the same hurts at every run
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 4, 40))):
            # The tags stand near the beginning, or near the end in an MP4.
            at = dice.randrange(min(3000, len(data)))
            data[at if dice.random() < 0.5 else len(data) - 1 - at] = dice.randrange(256)
        hurt.write_bytes(data[: dice.choice((len(data), dice.randrange(1, len(data))))])
        assert isinstance(read_tags(hurt, kind), Tags)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_empty_file_has_no_tags(tmp_path: Path, kind: str) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    assert read_tags(empty, KINDS[kind]) == Tags()


def syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
