# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tag writing: what a rendition of ours says about itself, so that a file that travels alone still tells its story.

Only into files that we made; an upload is never touched.
"""

import base64
import hashlib
import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from mutagen import MutagenError
from mutagen.flac import Picture
from mutagen.id3 import (
    APIC,
    CHAP,
    COMM,
    CTOC,
    ID3,
    TALB,
    TDRC,
    TIT2,
    TPE1,
    TRCK,
    WOAF,
    WXXX,
    CTOCFlags,
    Encoding,
    Frame,
    ID3NoHeaderError,
    PictureType,
)
from mutagen.oggopus import OggOpus

from podcasts.audio import mp4_writing
from podcasts.audio.chapters import clock
from podcasts.audio.picture_size import picture_size
from podcasts.audio.sniff import AudioKind
from podcasts.audio.tags import Chapter
from podcasts.errors import UnusableMediaError

_PADDING_BYTES = 0
_NO_OFFSET = 0xFFFFFFFF
_CHAPTERS_AT_MOST = 255
"""The table of contents counts its entries in one byte (ID3v2 chapter frame addendum, section 3.2)."""


@dataclass(frozen=True)
class TagSheet:
    """What is written into a file; None and "" are left out.

    Attributes:
        comment: one or two sentences.
        track_number: the episode's number.
        year: of its release.
        page_url: where it can be read about.
        cover_jpeg: small; a file may travel on dear mobile data.
        chapters: by start.
        duration_ms: the end of the last chapter.
    """

    title: str
    artist: str
    album: str
    comment: str | None = None
    track_number: int | None = None
    year: int | None = None
    page_url: str | None = None
    cover_jpeg: bytes | None = None
    chapters: tuple[Chapter, ...] = ()
    duration_ms: int | None = None


def write_tags(path: Path, kind: AudioKind, sheet: TagSheet) -> None:
    """Replace all tags of a file by those of the sheet; the same sheet gives the same bytes.

    Args:
        path: an MP3, or Opus in MP4 or Ogg, of our own making.
        kind: which of them.
        sheet: what is written.

    Raises:
        UnusableMediaError: ``tags-unwritable``.
    """
    write = _WRITERS.get(kind.name)
    if write is None:
        raise UnusableMediaError("tags-unwritable", kind=kind.name)
    try:
        write(path, sheet)
    except (MutagenError, OSError, ValueError, struct.error) as reason:
        raise UnusableMediaError("tags-unwritable", kind=kind.name) from reason


def sheet_hash(sheet: TagSheet) -> str:
    """Name what a sheet says by its hash: files with the same name need not be written again."""
    facts = asdict(sheet)
    facts["cover_jpeg"] = hashlib.sha256(sheet.cover_jpeg or b"").hexdigest()
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _write_mp3(path: Path, sheet: TagSheet) -> None:
    """Write ID3v2.4 in UTF-8: every podcast app of these years reads it, and chapters are defined for it."""
    try:
        tag = ID3(path)
        tag.clear()
    except ID3NoHeaderError:
        tag = ID3()
    texts = {
        TIT2: sheet.title,
        TPE1: sheet.artist,
        TALB: sheet.album,
        TRCK: str(sheet.track_number or ""),
        TDRC: str(sheet.year or ""),
    }
    for frame, text in texts.items():
        if text:
            tag.add(frame(encoding=Encoding.UTF8, text=[text]))  # type: ignore[no-untyped-call]  # mutagen's
    if sheet.comment:
        tag.add(COMM(encoding=Encoding.UTF8, lang="XXX", desc="", text=[sheet.comment]))
    if sheet.page_url:
        tag.add(WOAF(url=sheet.page_url))
        tag.add(WXXX(encoding=Encoding.UTF8, desc="", url=sheet.page_url))
    if sheet.cover_jpeg:
        tag.add(
            APIC(
                encoding=Encoding.LATIN1,
                mime="image/jpeg",
                type=PictureType.COVER_FRONT,
                desc="",
                data=sheet.cover_jpeg,
            )
        )
    _add_chapters(tag, sheet)
    tag.save(path, v1=0, v2_version=4, padding=_no_padding)


def _add_chapters(tag: ID3, sheet: TagSheet) -> None:
    """Write chapters and their table of contents (ID3v2 chapter frame addendum, sections 3.1 and 3.2)."""
    chapters = sheet.chapters[:_CHAPTERS_AT_MOST]
    if not chapters:
        return
    ends = [*(chapter.start_ms for chapter in chapters[1:]), sheet.duration_ms or 0]
    for place, (chapter, end_ms) in enumerate(zip(chapters, ends, strict=True)):
        inside: list[Frame] = [TIT2(encoding=Encoding.UTF8, text=[chapter.title])]
        if chapter.url:
            inside.append(WXXX(encoding=Encoding.UTF8, desc="", url=chapter.url))
        tag.add(
            CHAP(
                element_id=f"ch{place}",
                start_time=chapter.start_ms,
                end_time=max(end_ms, chapter.start_ms),
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=inside,
            )
        )
    names = [f"ch{place}" for place in range(len(chapters))]
    flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    tag.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))


def _write_opus(path: Path, sheet: TagSheet) -> None:
    """Write Vorbis comments (RFC 7845 section 5.2) with the picture and chapters that players agree on."""
    opus = OggOpus(path)
    tags: dict[str, list[str]] = {}
    texts = {
        "TITLE": sheet.title,
        "ARTIST": sheet.artist,
        "ALBUM": sheet.album,
        "DESCRIPTION": sheet.comment or "",
        "TRACKNUMBER": str(sheet.track_number or ""),
        "DATE": str(sheet.year or ""),
        "CONTACT": sheet.page_url or "",
    }
    for name, text in texts.items():
        if text:
            tags[name] = [text]
    for place, chapter in enumerate(sheet.chapters[:1000]):
        name = f"CHAPTER{place:03}"
        tags[name] = [clock(chapter.start_ms)]
        tags[f"{name}NAME"] = [chapter.title]
        if chapter.url:
            tags[f"{name}URL"] = [chapter.url]
    if sheet.cover_jpeg:
        tags["METADATA_BLOCK_PICTURE"] = [_picture(sheet.cover_jpeg)]
    opus.delete()
    opus.update(tags)
    opus.save(padding=_no_padding)


def _write_mp4(path: Path, sheet: TagSheet) -> None:
    """Write iTunes' names, which ffmpeg and browsers know as well, and Nero's chapters, which hold no links."""
    texts = {
        b"\xa9nam": sheet.title,
        b"\xa9ART": sheet.artist,
        b"\xa9alb": sheet.album,
        b"\xa9cmt": sheet.comment or "",
        b"\xa9day": str(sheet.year or ""),
        b"\xa9url": sheet.page_url or "",
    }
    values = {name: (mp4_writing.TEXT, text.encode()) for name, text in texts.items() if text}
    if sheet.track_number:
        values[b"trkn"] = mp4_writing.NUMBERS, struct.pack(">4H", 0, min(sheet.track_number, 0xFFFF), 0, 0)
    if sheet.cover_jpeg:
        values[b"covr"] = mp4_writing.JPEG, sheet.cover_jpeg
    chapters = [(chapter.start_ms, chapter.title) for chapter in sheet.chapters]
    mp4_writing.write_user_data(path, values, chapters)


def _picture(jpeg: bytes) -> str:
    size = picture_size(jpeg)
    picture = Picture()
    picture.type, picture.mime, picture.data, picture.depth = PictureType.COVER_FRONT, "image/jpeg", jpeg, 24
    if size is not None:
        picture.width, picture.height = size.width, size.height
    return base64.b64encode(picture.write()).decode("ascii")


def _no_padding(_info: object) -> int:
    """Leave no room for later: nobody writes into these files again."""
    return _PADDING_BYTES


_WRITERS: dict[str, Callable[[Path, TagSheet], None]] = {
    "mp3": _write_mp3,
    "opus": _write_opus,
    "opus-mp4": _write_mp4,
}
