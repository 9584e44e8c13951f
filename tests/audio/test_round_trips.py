# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a real encoder writes is read back: the length to 50 ms, the words to the letter, in every kind we take."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import sniff
from podcasts.audio.tags import Chapter, read_tags

SECONDS = 7.31
"""Not a whole number of anybody's frames."""

KINDS = {
    "mp3-cbr": ("mp3", ("-c:a", "libmp3lame", "-b:a", "128k")),
    "mp3-vbr": ("mp3", ("-c:a", "libmp3lame", "-q:a", "4")),
    "mp3-without-lame-header": ("mp3", ("-c:a", "libmp3lame", "-b:a", "64k", "-write_xing", "0")),
    "mp3-id3v23": ("mp3", ("-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "3")),
    "m4a-aac": ("m4a", ("-c:a", "aac", "-b:a", "96k")),
    "m4a-alac": ("m4a", ("-c:a", "alac")),
    "m4a-fast-start": ("m4a", ("-c:a", "aac", "-movflags", "+faststart")),
    "opus": ("opus", ("-c:a", "libopus", "-b:a", "32k", "-ar", "48000")),
    "vorbis": ("ogg", ("-c:a", "libvorbis", "-q:a", "3")),
    "flac": ("flac", ("-c:a", "flac")),
    "wav-16": ("wav", ("-c:a", "pcm_s16le")),
    "wav-24": ("wav", ("-c:a", "pcm_s24le")),
    "wav-float": ("wav", ("-c:a", "pcm_f32le")),
    "aac-adts": ("aac", ("-c:a", "aac", "-b:a", "96k")),
}
WITHOUT_TAGS = {"aac-adts"}
WITH_CHAPTERS = {"mp3-cbr", "mp3-id3v23", "m4a-aac", "opus"}


@dataclass(frozen=True)
class Words:
    """What somebody typed into the tags."""

    title: str
    artist: str
    album: str


WORDS = {
    "french": Words("Été à Nouakchott : l\u2019eau, déjà rare", "Aïssatou Ñdiaye", "L\u2019œuvre du matin"),
    "arabic": Words("صباح الخير: الماء والمدينة", "مريم بنت أحمد", "أصوات الساحل"),
    "portuguese": Words("A água que não chegou", "João Conceição", "Manhã"),
}
# ffmpeg's Ogg writer rounds 2.5 s up and then adds the half second again; so no halves here.
CHAPTERS = (Chapter(0, "Ouverture"), Chapter(2_250, "ماء"), Chapter(6_000, "À suivre"))


def encoded(folder: Path, ffmpeg: Ffmpeg, name: str, words: Words) -> Path:
    """Let ffmpeg encode a tone with tags and chapters."""
    extension, options = KINDS[name]
    notes = [";FFMETADATA1", f"title={words.title}", f"artist={words.artist}", f"album={words.album}"]
    notes += ["comment=Dit à l\u2019antenne", "track=7", "date=2024"]
    ends = [*(chapter.start_ms for chapter in CHAPTERS[1:]), int(SECONDS * 1000)]
    for chapter, end in zip(CHAPTERS, ends, strict=True):
        times = ["TIMEBASE=1/1000", f"START={chapter.start_ms}", f"END={end}"]
        notes += ["[CHAPTER]", *times, f"title={chapter.title}"]
    sheet = folder / "notes.txt"
    sheet.write_text("\n".join(notes) + "\n", encoding="utf-8")
    target = folder / f"sound.{extension}"
    tone = f"sine=frequency=440:sample_rate=44100:duration={SECONDS}"
    read = ["-f", "lavfi", "-i", tone, "-f", "ffmetadata", "-i", str(sheet)]
    chapters = "1" if name in WITH_CHAPTERS else "-1"
    maps = ["-map", "0:a", "-map_metadata", "1", "-map_chapters", chapters]
    command = [ffmpeg.path, "-nostdin", "-v", "error", "-y", *read, *maps, *options, str(target)]
    subprocess.run(command, check=True)
    return target


def heard_ms(path: Path, ffmpeg: Ffmpeg) -> float:
    """Let ffmpeg decode it in its own way and count the samples."""
    shape = ["-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "pipe:1"]
    ran = subprocess.run(
        [ffmpeg.path, "-nostdin", "-v", "error", "-i", str(path), *shape], capture_output=True, check=True
    )
    return len(ran.stdout) / 2 / 48


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", WORDS)
def test_an_encoder_s_file_is_read_back(tmp_path: Path, ffmpeg: Ffmpeg, name: str, language: str) -> None:
    words = WORDS[language]
    path = encoded(tmp_path, ffmpeg, name, words)
    kind = sniff(path)
    assert kind.name == name.partition("-")[0]
    duration_ms = decode(path, kind, ffmpeg).duration_ms
    assert abs(duration_ms - heard_ms(path, ffmpeg)) <= 50
    assert abs(duration_ms - SECONDS * 1000) <= 80
    tags = read_tags(path, kind)
    if name in WITHOUT_TAGS:
        assert (tags.title, tags.artist, tags.album) == (None, None, None)
        return
    assert (tags.title, tags.artist, tags.album) == (words.title, words.artist, words.album)
    assert (tags.comment, tags.track_number, tags.year) == ("Dit à l\u2019antenne", 7, 2024)
    assert tags.chapters == (CHAPTERS if name in WITH_CHAPTERS else ())
