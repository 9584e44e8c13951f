# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is written into a rendition is read back exactly, by our reader and by ffmpeg; the sound stays."""

import hashlib
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from podcasts.audio import mp4_boxes
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import KINDS, sniff
from podcasts.audio.tag_writing import TagSheet, sheet_hash, write_tags
from podcasts.audio.tags import Chapter, read_tags
from podcasts.errors import UnusableMediaError

SHEET = TagSheet(
    title="Économie \N{EN DASH} l'été \N{RADIO}",
    artist="مريم بنت أحمد",
    album="قصّة اليوم",
    comment="Enregistré au marché.",
    track_number=12,
    year=2026,
    page_url="https://example.org/e/12",
    chapters=(Chapter(0, "Ouverture", "https://example.org/o"), Chapter(1500, "À suivre")),
    duration_ms=3000,
)
NAMES = ("mp3-vbr.mp3", "mp3-id3v24-accents.mp3", "opus-with-chapters.opus", "opus-in-mp4.m4a")
# Nero's list of chapters has no place for links.
WITHOUT_LINKS = tuple(replace(chapter, url=None) for chapter in SHEET.chapters)


def run(ffmpeg: Ffmpeg, path: Path, *options: str) -> bytes:
    words = [ffmpeg.path, "-nostdin", "-v", "error", "-i", str(path), *options, "-"]
    return subprocess.run(words, check=True, capture_output=True).stdout


@pytest.mark.parametrize("name", NAMES)
def test_a_sheet_is_read_back_exactly_and_the_sound_stays(
    name: str, audio_folder: Path, images_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    path = Path(shutil.copy(audio_folder / name, tmp_path))
    cover = next(images_folder.glob("*.jp*g")).read_bytes()
    samples = run(ffmpeg, path, "-map", "0:a", "-f", "s16le")
    write_tags(path, sniff(path), replace(SHEET, cover_jpeg=cover))
    tags = read_tags(path, sniff(path))
    assert (tags.title, tags.artist, tags.album) == (SHEET.title, SHEET.artist, SHEET.album)
    assert (tags.comment, tags.track_number, tags.year) == (SHEET.comment, 12, 2026)
    assert tags.chapters == (WITHOUT_LINKS if name.endswith("m4a") else SHEET.chapters)
    assert tags.cover == cover
    assert (SHEET.page_url or "").encode() in path.read_bytes()
    assert run(ffmpeg, path, "-map", "0:a", "-f", "s16le") == samples
    words = run(
        ffmpeg, path, "-map_metadata:g", "0:s:a:0" if name.endswith("opus") else "0", "-f", "ffmetadata"
    )
    for text in (SHEET.title, SHEET.artist, SHEET.album, "Ouverture", "À suivre"):
        assert text in words.decode()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_sheet_gives_the_same_bytes(name: str, audio_folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(audio_folder / name, tmp_path))
    hashes = []
    for sheet in (SHEET, replace(SHEET, title="x" * 5000), SHEET):
        write_tags(path, sniff(path), sheet)
        hashes.append(hashlib.sha256(path.read_bytes()).hexdigest())
    assert hashes[0] == hashes[2] != hashes[1]


def boxes_of(path: Path) -> dict[bytes, int]:
    """Give the outermost boxes of an MP4, in order, with their places."""
    with path.open("rb") as file:
        return {box.name: box.start for box in mp4_boxes.boxes(file, 0, path.stat().st_size)}


def test_an_mp4_keeps_its_table_of_contents_before_the_sound(audio_folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(audio_folder / "opus-in-mp4.m4a", tmp_path))
    heard = path.read_bytes()[boxes_of(path)[b"mdat"] :]
    long = replace(SHEET, cover_jpeg=b"\xff\xd8" + bytes(100_000), chapters=(Chapter(5, "é" * 200),) * 300)
    for sheet in (long, TagSheet("", "", ""), SHEET):
        write_tags(path, sniff(path), sheet)
        boxes = boxes_of(path)
        assert list(boxes) == [b"ftyp", b"moov", b"mdat"]
        assert path.read_bytes()[boxes[b"mdat"] :] == heard
        assert first_sample(path) == boxes[b"mdat"]
    write_tags(path, sniff(path), long)
    # The list counts in one byte, and so does the length of a title, which is never cut inside a letter.
    assert read_tags(path, sniff(path)).chapters[-1] == Chapter(5, "é" * 127)
    assert len(read_tags(path, sniff(path)).chapters) == 255


def first_sample(path: Path) -> int:
    """Read where the table of contents says that the sound begins."""
    way = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stco")
    with path.open("rb") as file:
        box = mp4_boxes.find(file, 0, path.stat().st_size, *way)
        assert box is not None
        file.seek(box.start + 8)
        return int.from_bytes(file.read(4), "big")


@pytest.mark.parametrize("name", ["truncated.m4a", "text.mp3", "mp4-size-lies.m4a"])
def test_an_mp4_of_another_shape_is_left_as_it_is(name: str, audio_folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(audio_folder / name, tmp_path))
    before = path.read_bytes()
    with pytest.raises(UnusableMediaError) as refusal:
        write_tags(path, KINDS["opus-mp4"], SHEET)
    assert refusal.value.code == "tags-unwritable"
    assert path.read_bytes() == before


def test_a_sheets_name_changes_with_what_it_says() -> None:
    others = (
        replace(SHEET, title="x"),
        replace(SHEET, year=2027),
        replace(SHEET, cover_jpeg=b"x"),
        replace(SHEET, chapters=()),
        replace(SHEET, page_url=None),
    )
    assert len({sheet_hash(sheet) for sheet in (SHEET, *others)}) == len(others) + 1
    assert sheet_hash(replace(SHEET)) == sheet_hash(SHEET)


def test_kinds_that_are_no_rendition_are_refused(audio_folder: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(audio_folder / "wav.wav", tmp_path))
    before = path.read_bytes()
    with pytest.raises(UnusableMediaError) as refusal:
        write_tags(path, sniff(path), SHEET)
    assert refusal.value.code == "tags-unwritable"
    assert path.read_bytes() == before
