# SPDX-License-Identifier: AGPL-3.0-or-later
"""Private matter is found and taken out, and nothing else is: sound, title, chapters and picture stay."""

import base64
import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from mutagen import File
from mutagen.flac import Picture
from mutagen.id3 import APIC, CHAP, COMM, ID3, PRIV, TIT2, TXXX, Encoding, PictureType
from mutagen.mp4 import MP4, AtomDataType, MP4Cover
from mutagen.oggopus import OggOpus
from PIL import ExifTags, Image

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.private_matter import clean_picture, find_private, picture_faults, strip_private
from podcasts.audio.sniff import KINDS, sniff
from podcasts.audio.tags import read_tags
from podcasts.errors import UnusableMediaError

LEFT_LIES_UP = 6


def photograph(file_format: str = "JPEG", orientation: int = 1, mode: str = "RGB") -> bytes:
    """Draw a wide picture as a telephone keeps it: with its place and its maker."""
    exif = Image.Exif()
    exif[ExifTags.Base.Model] = "Telephone 7, serial 12345"
    exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (18.0, 5.0, 0.0)
    out = io.BytesIO()
    picture = Image.linear_gradient("L").resize((64, 32)).convert("RGB").convert(mode)
    picture.save(out, file_format, exif=exif)
    return out.getvalue()


def samples_of(path: Path, ffmpeg: Ffmpeg) -> str:
    words = [ffmpeg.path, "-nostdin", "-v", "error", "-i", str(path), "-map", "0:a", "-f", "s16le", "-"]
    return hashlib.sha256(subprocess.run(words, check=True, capture_output=True).stdout).hexdigest()


def cover_of(data: bytes) -> APIC:
    return APIC(encoding=Encoding.LATIN1, mime="image/jpeg", type=PictureType.COVER_FRONT, desc="", data=data)


@pytest.fixture
def copy(audio_folder: Path, tmp_path: Path) -> Callable[[str], Path]:
    def make(name: str) -> Path:
        return Path(shutil.copy(audio_folder / name, tmp_path / name))

    return make


def test_an_mp3_loses_its_private_frames_and_keeps_everything_else(
    copy: Callable[[str], Path], ffmpeg: Ffmpeg
) -> None:
    path = copy("mp3-id3v24-accents.mp3")
    tag = ID3(path)
    tag.delall("APIC")
    tag.add(cover_of(photograph()))
    tag.add(PRIV(owner="shop", data=b"account 7"))
    tag.add(COMM(encoding=Encoding.UTF8, lang="eng", desc="iTunes_CDDB_1", text=["1+2+3"]))
    tag.add(TXXX(encoding=Encoding.UTF8, desc="source", text=["/home/aissatou/Bureau/entretien.wav"]))
    tag.save(path)
    kind, before, samples = sniff(path), read_tags(path, sniff(path)), samples_of(path, ffmpeg)
    assert find_private(path, kind) == (
        "file-paths",
        "picture-metadata",
        "picture-position",
        "private-frames",
    )
    strip_private(path, kind)
    after = read_tags(path, kind)
    assert find_private(path, kind) == ()
    assert (after.title, after.artist, after.album) == (before.title, before.artist, before.album)
    assert (after.comment, after.track_number, after.year) == ("Enregistré au marché.", 3, 2026)
    assert samples_of(path, ffmpeg) == samples
    assert after.cover is not None
    assert not list(picture_faults(after.cover))


def test_a_chapters_picture_is_cleaned_too_and_the_chapter_stays(copy: Callable[[str], Path]) -> None:
    path = copy("mp3-no-tags.mp3")
    inside = [TIT2(encoding=Encoding.UTF8, text=["Ouverture"]), cover_of(photograph())]
    tag = ID3()
    tag.add(CHAP(element_id="a", start_time=0, end_time=900, sub_frames=inside))
    tag.save(path)
    kind = sniff(path)
    assert find_private(path, kind) == ("picture-metadata", "picture-position")
    strip_private(path, kind)
    assert find_private(path, kind) == ()
    assert [chapter.title for chapter in read_tags(path, kind).chapters] == ["Ouverture"]
    assert ID3(path)["CHAP:a"].sub_frames.getall("APIC")


def test_an_m4a_loses_what_the_shop_wrote(copy: Callable[[str], Path], ffmpeg: Ffmpeg) -> None:
    path = copy("m4a-itunes-tags.m4a")
    mp4 = MP4(path)
    mp4["ownr"], mp4["apID"] = ["Aïssatou"], ["aissatou@example.org"]
    mp4["covr"] = [MP4Cover(photograph(), AtomDataType.JPEG)]
    mp4["----:com.apple.iTunes:iTunSMPB"] = [b"00000000 00000840"]
    mp4.save()
    kind, title, samples = sniff(path), read_tags(path, sniff(path)).title, samples_of(path, ffmpeg)
    assert find_private(path, kind) == ("picture-metadata", "picture-position", "private-frames")
    strip_private(path, kind)
    assert find_private(path, kind) == ()
    assert read_tags(path, kind).title == title
    assert "----:com.apple.iTunes:iTunSMPB" in MP4(path)
    assert samples_of(path, ffmpeg) == samples


def test_a_wav_loses_what_recorders_and_editors_wrote(copy: Callable[[str], Path], ffmpeg: Ffmpeg) -> None:
    path = copy("wav.wav")
    tag, out = ID3(), io.BytesIO()
    tag.add(TIT2(encoding=Encoding.UTF8, text=["Économie"]))
    tag.add(PRIV(owner="shop", data=b"account 7"))
    tag.add(cover_of(photograph()))
    tag.save(out)
    chunks = {
        b"id3 ": out.getvalue(),
        b"iXML": b"<BWFXML><LOCATION><LOCATION_GPS>48.858, 2.294</LOCATION_GPS></LOCATION></BWFXML>",
        b"bext": b"A=PCM,F=48000,T=C:\\Users\\aissatou\\take7.wav".ljust(602, b"\x00"),
        b"LIST": b"INFOISFT\x06\x00\x00\x00Lavf59IPRD\x0c\x00\x00\x00/home/awa/a/ICMT\x0b\x00\x00\x00on location",
    }
    with path.open("ab") as file:
        for name, body in chunks.items():
            file.write(name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2))
    kind, samples, size = sniff(path), samples_of(path, ffmpeg), path.stat().st_size
    assert set(find_private(path, kind)) == {
        *("file-paths", "private-frames", "picture-metadata", "picture-position"),
    }
    strip_private(path, kind)
    assert find_private(path, kind) == ()
    after = read_tags(path, kind)
    assert after.title == "Économie"
    assert after.cover is not None
    assert not Image.open(io.BytesIO(after.cover)).getexif()
    assert (samples_of(path, ffmpeg), path.stat().st_size) == (samples, size)
    data = path.read_bytes()
    assert [word for word in (b"48.858", b"aissatou", b"account 7", b"/home/awa") if word in data] == []
    assert all(word in data for word in (b"Lavf59", b"on location"))


def test_an_opus_keeps_its_chapters(copy: Callable[[str], Path], ffmpeg: Ffmpeg) -> None:
    path = copy("opus-with-chapters.opus")
    opus = OggOpus(path)
    opus["SERATO_MARKERS"], opus["SOURCE"] = ["x"], [r"C:\Users\aissatou\entretien.wav"]
    opus.save()
    kind, before, samples = sniff(path), read_tags(path, sniff(path)), samples_of(path, ffmpeg)
    assert find_private(path, kind) == ("file-paths", "private-frames")
    strip_private(path, kind)
    assert find_private(path, kind) == ()
    assert before.chapters
    assert read_tags(path, kind) == before
    assert samples_of(path, ffmpeg) == samples


def test_an_adts_stream_with_id3_can_be_cleaned(copy: Callable[[str], Path], ffmpeg: Ffmpeg) -> None:
    path = copy("aac.aac")
    samples = samples_of(path, ffmpeg)
    tag = ID3()
    tag.add(PRIV(owner="shop", data=b"account 7"))
    tag.add(TIT2(encoding=Encoding.UTF8, text=["Économie"]))
    tag.save(path)
    assert find_private(path, sniff(path)) == ("private-frames",)
    strip_private(path, sniff(path))
    assert find_private(path, sniff(path)) == ()
    assert read_tags(path, sniff(path)).title == "Économie"
    assert samples_of(path, ffmpeg) == samples


def test_an_upright_jpeg_keeps_every_pixel() -> None:
    data = photograph()
    clean = clean_picture(data)
    assert len(clean) < len(data)
    assert Image.open(io.BytesIO(clean)).tobytes() == Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_lay_on_its_side_stands(file_format: str) -> None:
    clean = clean_picture(photograph(file_format, LEFT_LIES_UP))
    assert Image.open(io.BytesIO(clean)).size == (32, 64)
    assert not list(picture_faults(clean))


def test_a_png_keeps_its_palette() -> None:
    data = photograph("PNG", mode="P")
    clean = clean_picture(data)
    assert not list(picture_faults(clean))
    before, after = (Image.open(io.BytesIO(each)).convert("RGB").tobytes() for each in (data, clean))
    assert after == before


def test_clean_files_have_nothing_to_tell(audio_folder: Path) -> None:
    names = (
        "mp3-id3v24-accents.mp3",
        "m4a-itunes-tags.m4a",
        "opus-with-chapters.opus",
        "opus-in-mp4.m4a",
        "flac.flac",
        "wav.wav",
    )
    assert [find_private(audio_folder / name, sniff(audio_folder / name)) for name in names] == [()] * len(
        names
    )


@pytest.mark.parametrize(
    "name", ["truncated.mp3", "invalid-utf16.mp3", "zlib-bomb-in-tag.mp3", "truncated.m4a"]
)
@pytest.mark.parametrize("kind", KINDS)
def test_hurt_files_raise_nothing_but_unusable_media(
    copy: Callable[[str], Path], name: str, kind: str
) -> None:
    path = copy(name)
    assert isinstance(find_private(path, KINDS[kind]), tuple)
    with suppress(UnusableMediaError):
        strip_private(path, KINDS[kind])


@pytest.mark.parametrize("name", ["flac.flac", "vorbis.ogg", "opus-with-chapters.opus"])
def test_comments_and_pictures_of_xiph_s_kinds_lose_what_is_private(
    audio_folder: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    shutil.copy(audio_folder / name, path)
    kind, before = sniff(path), read_tags(path, sniff(path))
    picture = Picture()
    picture.data, picture.type, picture.mime = photograph(), 3, "image/jpeg"
    file: Any = File(path)
    if name.endswith("flac"):
        file.clear_pictures()
        file.add_picture(picture)
    else:
        file["metadata_block_picture"] = [base64.b64encode(picture.write()).decode()]
    file["location"] = ["48.858,2.294"]
    file.save()
    assert set(find_private(path, kind)) == {"picture-metadata", "picture-position", "private-frames"}
    strip_private(path, kind)
    assert list(find_private(path, kind)) == []
    assert b"48.858" not in path.read_bytes()
    after = read_tags(path, kind)
    assert (after.title, after.artist, after.chapters) == (before.title, before.artist, before.chapters)
    assert after.cover is not None
    assert b"GPS" not in after.cover
    assert not Image.open(io.BytesIO(after.cover)).getexif()
