# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tags: what a file says about itself, cleaned at the door; unusable tags say nothing and break nothing."""

import base64
import io
import os
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen._vorbis import VComment
from mutagen.aac import AAC
from mutagen.flac import FLAC, Picture
from mutagen.id3 import CHAP, ID3, ID3Tags
from mutagen.mp3 import MPEGInfo
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis

from podcasts.audio import mp4_chapters, tag_sizes, wav_chunks
from podcasts.audio.id3_frames import PICTURE_BYTES_AT_MOST, sifted_tag
from podcasts.audio.sniff import AudioKind, skip_id3
from podcasts.errors import UnusableMediaError
from podcasts.text import clean_line

LINE_CHARACTERS = 500
COMMENT_CHARACTERS = 4000
CHAPTERS_AT_MOST = 1000
SMALLEST_RATE_HZ = 4000
"""Half of what a telephone carries."""
_ID3V1_BYTES = 128
_FRONT_COVER = 3
_OPUS_HZ = 48_000
_LONGEST_MS = 1000 * 3600 * 1000
_URL = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"'`\\]{1,2000}", re.ASCII | re.IGNORECASE)
_CHAPTER_KEY = re.compile(r"chapter(\d{3})", re.ASCII)
_CHAPTER_TIME = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?", re.ASCII)
# What mutagen lets through when tags are hurt in ways that it did not foresee.
_UNUSABLE = (
    *(MutagenError, UnusableMediaError, ValueError, LookupError, TypeError, AttributeError),
    *(ArithmeticError, struct.error, EOFError, OSError, RecursionError, AssertionError, NotImplementedError),
)


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        start_ms: from the beginning of the sound.
        title: cleaned, at most 500 characters; "" where it has none.
        url: http or https; None where it names none, or something else.
    """

    start_ms: int
    title: str
    url: str | None = None


@dataclass(frozen=True)
class Tags:
    """What a file says about itself; every text is one clean line, None where it says nothing.

    Attributes:
        title: at most 500 characters, as artist and album.
        artist: several are joined by ", ".
        album: often the show's name.
        comment: at most 4000 characters.
        track_number: 1 or more.
        year: four digits.
        cover: the front cover's bytes as they stand, at most 10 MB, not looked at (``artwork.prepare_cover``
            does).
        bitrate_bps: as the header has it, for display only.
        channels: as the header has it.
        sample_rate_hz: as the header has it.
        codec: as an MP4 names it ("mp4a.40.2", "alac"); None for other kinds.
        chapters: by start.
    """

    title: str | None = None
    artist: str | None = None
    album: str | None = None
    comment: str | None = None
    track_number: int | None = None
    year: int | None = None
    cover: bytes | None = None
    bitrate_bps: int | None = None
    channels: int | None = None
    sample_rate_hz: int | None = None
    codec: str | None = None
    chapters: tuple[Chapter, ...] = ()


@dataclass(frozen=True)
class _Stream:
    """What the header says about the sound."""

    bitrate_bps: int | None = None
    channels: int | None = None
    sample_rate_hz: int | None = None
    codec: str | None = None


@dataclass(frozen=True)
class _Words:
    """What was found, not yet cleaned."""

    title: str = ""
    artist: str = ""
    album: str = ""
    comment: str = ""
    track_number: str = ""
    year: str = ""
    cover: bytes | None = None
    chapters: tuple[Chapter, ...] = ()


def require_rate(tags: Tags) -> None:
    """Refuse a sound with so few samples that nobody could follow it, and that would grow a thousandfold.

    Raises:
        UnusableMediaError: ``rate-too-low`` (facts: ``rate_hz``, ``smallest_hz``).
    """
    if tags.sample_rate_hz is not None and 0 < tags.sample_rate_hz < SMALLEST_RATE_HZ:
        raise UnusableMediaError("rate-too-low", rate_hz=tags.sample_rate_hz, smallest_hz=SMALLEST_RATE_HZ)


def read_tags(path: Path, kind: AudioKind) -> Tags:
    """Read title, artist, album, cover, chapters and what the header says about the sound.

    Never raises for what stands in the file, and takes at most some 100 MB of memory whatever it claims.

    Args:
        path: the file.
        kind: what ``sniff`` found.
    """
    readers = {
        "m4a": _read_mp4,
        "opus-mp4": _read_mp4,
        "flac": _read_flac,
        "opus": _read_ogg,
        "vorbis": _read_ogg,
        "wav": _read_wav,
    }
    read = readers.get(kind.name, _read_mpeg)
    with path.open("rb") as file:
        try:
            words, stream = read(file, kind)
        except _UNUSABLE:
            return Tags()
    return _cleaned(words, stream)


def _cleaned(words: _Words, stream: _Stream) -> Tags:
    chapters = sorted(words.chapters[:CHAPTERS_AT_MOST], key=lambda chapter: chapter.start_ms)
    return Tags(
        title=clean_line(words.title, LINE_CHARACTERS) or None,
        artist=clean_line(words.artist, LINE_CHARACTERS) or None,
        album=clean_line(words.album, LINE_CHARACTERS) or None,
        comment=clean_line(words.comment, COMMENT_CHARACTERS) or None,
        track_number=_number(words.track_number, r"\d{1,5}"),
        year=_number(words.year, r"\d{4}"),
        cover=words.cover if words.cover and len(words.cover) <= PICTURE_BYTES_AT_MOST else None,
        bitrate_bps=stream.bitrate_bps or None,
        channels=stream.channels or None,
        sample_rate_hz=stream.sample_rate_hz or None,
        codec=stream.codec,
        chapters=tuple(chapters),
    )


def _number(text: str, pattern: str) -> int | None:
    found = re.match(pattern, text.strip(), re.ASCII)
    return int(found[0]) or None if found else None


def _chapter(start_ms: int, title: str, url: str = "") -> Chapter | None:
    """Make a chapter; None for one that begins nowhere."""
    if not 0 <= start_ms <= _LONGEST_MS:
        return None
    link = url.strip()
    return Chapter(start_ms, clean_line(title, LINE_CHARACTERS), link if _URL.fullmatch(link) else None)


def _only(chapters: Iterable[Chapter | None]) -> tuple[Chapter, ...]:
    return tuple(chapter for chapter in chapters if chapter)


def _read_mpeg(file: BinaryIO, kind: AudioKind) -> tuple[_Words, _Stream]:
    size = os.fstat(file.fileno()).st_size
    words = _id3_words(_id3_of(file, size))
    file.seek(0)
    try:
        info = AAC(file).info if kind.name == "aac" else MPEGInfo(file, skip_id3(file, size))
    except _UNUSABLE:
        return words, _Stream()
    return words, _stream_of(info)


def _stream_of(info: object) -> _Stream:
    bitrate, channels, rate = (
        _whole(getattr(info, name, None)) for name in ("bitrate", "channels", "sample_rate")
    )
    return _Stream(bitrate, channels, rate)


def _whole(number: float | None) -> int | None:
    return round(number) if number else None


def _id3_of(file: BinaryIO, size: int) -> ID3 | None:
    """Read an ID3v2 tag at the start, else an ID3v1 tag at the end."""
    tag = sifted_tag(file, 0)
    if tag is None and size >= _ID3V1_BYTES:
        file.seek(size - _ID3V1_BYTES)
        tag = file.read(_ID3V1_BYTES)
    return _id3(tag)


def _id3(tag: bytes | None) -> ID3 | None:
    try:
        return ID3(io.BytesIO(tag)) if tag else None
    except _UNUSABLE:
        return None


def _id3_words(tag: ID3 | None) -> _Words:
    if tag is None:
        return _Words()
    pictures = tag.getall("APIC")
    return _Words(
        title=_id3_text(tag, "TIT2"),
        artist=_id3_text(tag, "TPE1") or _id3_text(tag, "TPE2"),
        album=_id3_text(tag, "TALB"),
        comment=_id3_comment(tag),
        track_number=_id3_text(tag, "TRCK"),
        year=_id3_text(tag, "TDRC") or _id3_text(tag, "TDRL"),
        cover=_front([(picture.type, picture.data) for picture in pictures]),
        chapters=_only(map(_id3_chapter, tag.getall("CHAP"))),
    )


def _id3_text(tag: ID3Tags, name: str) -> str:
    frames = tag.getall(name)
    return ", ".join(str(text) for frame in frames[:1] for text in frame.text)


def _id3_comment(tag: ID3) -> str:
    """Choose the comment without a description: the described ones are machines' (iTunNORM, ID3v1 …)."""
    comments = sorted(tag.getall("COMM"), key=lambda frame: frame.desc != "")
    if comments and not comments[0].desc.startswith("iTun"):
        return str(comments[0])
    # ffmpeg, and what is built on it, writes a text of its own kind instead.
    return _id3_text(tag, "TXXX:comment")


def _id3_chapter(frame: CHAP) -> Chapter | None:
    # mutagen makes these attributes out of a table, where no type checker sees them.
    inside, start_ms = vars(frame)["sub_frames"], vars(frame)["start_time"]
    links = inside.getall("WXXX")
    return _chapter(int(start_ms), _id3_text(inside, "TIT2"), links[0].url if links else "")


def _front(pictures: list[tuple[int, bytes]]) -> bytes | None:
    """Choose the front cover, else the first picture that is not too large."""
    small = [(kind, data) for kind, data in pictures if 0 < len(data) <= PICTURE_BYTES_AT_MOST]
    small.sort(key=lambda picture: picture[0] != _FRONT_COVER)
    return small[0][1] if small else None


def _read_mp4(file: BinaryIO, _kind: AudioKind) -> tuple[_Words, _Stream]:
    tag_sizes.check_mp4(file)
    file.seek(0)
    mp4 = MP4(file)
    tags: Mapping[str, Any] = mp4.tags or {}
    words = _Words(
        title=_joined(tags.get("\xa9nam")),
        artist=_joined(tags.get("\xa9ART")) or _joined(tags.get("aART")),
        album=_joined(tags.get("\xa9alb")),
        comment=_joined(tags.get("\xa9cmt")),
        track_number=str((tags.get("trkn") or [(0, 0)])[0][0]),
        year=_joined(tags.get("\xa9day")),
        cover=_front([(_FRONT_COVER, bytes(picture)) for picture in tags.get("covr") or ()]),
        chapters=_nero_chapters(mp4) or _track_chapters(file),
    )
    return words, replace(_stream_of(mp4.info), codec=str(getattr(mp4.info, "codec", "")) or None)


def _nero_chapters(mp4: MP4) -> tuple[Chapter, ...]:
    return _only(_chapter(round(chapter.start * 1000), chapter.title) for chapter in mp4.chapters or ())


def _track_chapters(file: BinaryIO) -> tuple[Chapter, ...]:
    """Read the chapters of Apple's programs; a track that cannot be read costs nothing but itself."""
    try:
        found = mp4_chapters.read(file)
    except _UNUSABLE:
        return ()
    return _only(_chapter(sample.start_ms, sample.text, sample.url) for sample in found)


def _joined(values: Iterable[object] | None) -> str:
    return ", ".join(str(value) for value in values or ())


def _read_flac(file: BinaryIO, _kind: AudioKind) -> tuple[_Words, _Stream]:
    tag_sizes.check_flac(file)
    file.seek(0)
    flac = FLAC(file)
    cover = _front([(picture.type, picture.data) for picture in flac.pictures])
    info = flac.info
    # mutagen divides by the header's length, which lies; the bitrate is left to who knows the decoded one.
    stream = _Stream(None, _whole(info.channels), _whole(info.sample_rate))
    return _vorbis_words(_comments(flac.tags), cover), stream


def _read_ogg(file: BinaryIO, kind: AudioKind) -> tuple[_Words, _Stream]:
    tag_sizes.check_ogg(file)
    file.seek(0)
    if kind.name == "opus":
        opus = OggOpus(file)
        # Opus names no bitrate, and always plays at 48 kHz (RFC 7845 section 5.1).
        channels = _whole(getattr(opus.info, "channels", None))
        comments, stream = _comments(opus.tags), _Stream(None, channels, _OPUS_HZ)
    else:
        vorbis = OggVorbis(file)
        comments, stream = _comments(vorbis.tags), _stream_of(vorbis.info)
    return _vorbis_words(comments, _vorbis_cover(comments)), stream


def _comments(tags: object) -> dict[str, list[str]]:
    """Gather Vorbis comments under lower-case names."""
    gathered: dict[str, list[str]] = {}
    for name, value in tags if isinstance(tags, VComment) else ():
        gathered.setdefault(name.lower(), []).append(value)
    return gathered


def _vorbis_words(tags: Mapping[str, list[str]], cover: bytes | None) -> _Words:
    return _Words(
        title=_joined(tags.get("title")),
        artist=_joined(tags.get("artist")) or _joined(tags.get("albumartist")),
        album=_joined(tags.get("album")),
        comment=_joined(tags.get("comment")) or _joined(tags.get("description")),
        track_number=_joined(tags.get("tracknumber")),
        year=_joined(tags.get("date")) or _joined(tags.get("year")),
        cover=cover,
        chapters=_vorbis_chapters(tags),
    )


def _vorbis_cover(tags: Mapping[str, list[str]]) -> bytes | None:
    """Read the pictures that stand in comments as base64 (xiph.org wiki, METADATA_BLOCK_PICTURE)."""
    pictures = []
    for text in tags.get("metadata_block_picture", ()):
        try:
            picture = Picture(base64.b64decode(text))
        except _UNUSABLE:
            continue
        pictures.append((picture.type, picture.data))
    return _front(pictures)


def _vorbis_chapters(tags: Mapping[str, list[str]]) -> tuple[Chapter, ...]:
    """Read CHAPTER001=HH:MM:SS.mmm, CHAPTER001NAME and CHAPTER001URL (xiph.org wiki, Chapter Extension)."""
    numbers = sorted({found[1] for key in tags if (found := _CHAPTER_KEY.fullmatch(key))})
    return _only(_vorbis_chapter(tags, f"chapter{number}") for number in numbers)


def _vorbis_chapter(tags: Mapping[str, list[str]], key: str) -> Chapter | None:
    time = _CHAPTER_TIME.fullmatch(tags[key][0].strip())
    if not time:
        return None
    hours, minutes, seconds = (int(part) for part in time.groups()[:3])
    milliseconds = int((time[4] or "0").ljust(3, "0")[:3])
    start_ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds
    return _chapter(start_ms, _joined(tags.get(key + "name")), _joined(tags.get(key + "url")))


def _read_wav(file: BinaryIO, _kind: AudioKind) -> tuple[_Words, _Stream]:
    facts = wav_chunks.read(file)
    stream = _Stream(facts.bitrate_bps, facts.channels, facts.sample_rate_hz)
    if facts.id3_start is not None and (tag := _id3(sifted_tag(file, facts.id3_start))):
        return _id3_words(tag), stream
    info = facts.info
    words = _Words(
        title=info.get("INAM", ""),
        artist=info.get("IART", ""),
        album=info.get("IPRD", ""),
        comment=info.get("ICMT", ""),
        track_number=info.get("ITRK", "") or info.get("IPRT", ""),
        year=info.get("ICRD", ""),
    )
    return words, stream
