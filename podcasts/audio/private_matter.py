# SPDX-License-Identifier: AGPL-3.0-or-later
"""Private matter: what a file tells about its maker beside its sound, found and, on request, taken out of a copy.

An upload is served byte for byte; so whoever uploads should know that the cover carries the place where it was
photographed, or that a shop wrote an account into the tags.
"""

import base64
import io
import os
import re
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, Frame
from mutagen.mp4 import MP4
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from PIL import ExifTags, Image, ImageOps

from podcasts.audio import tag_sizes, wav_chunks
from podcasts.audio.id3_frames import sifted_tag
from podcasts.audio.picture_size import picture_size
from podcasts.audio.sniff import AudioKind
from podcasts.errors import UnusableMediaError

PRIVATE_FRAMES = "private-frames"
FILE_PATHS = "file-paths"
PICTURE_POSITION = "picture-position"
PICTURE_METADATA = "picture-metadata"

_ID3_CHUNKS = frozenset({b"id3 ", b"ID3 "})
_NAMED_CHUNKS = frozenset({b"iXML", b"_PMX", b"aXML"})
_TEXT_CHUNKS = _NAMED_CHUNKS | {b"bext"}
_TEXT_CHUNK_BYTES = 1024 * 1024
_CHUNK_HEADER_BYTES = 8
_MEGAPIXELS_AT_MOST = 50_000_000
_QUALITY = 92
_UPRIGHT = 1
# ID3v2.4 sections 4.4 and on: private frames, identifiers of shops and databases, ownership, counters, objects.
_FRAMES = frozenset(
    {"PRIV", "GEOB", "UFID", "ENCR", "GRID", "OWNE", "COMR", "USER", "PCNT", "POPM", "POSS", "LINK", "AENC"}
)
# What iTunes and its like write about a purchase: account, owner, date, and numbers of the shop.
_ATOMS = frozenset(
    {"apID", "purd", "ownr", "cnID", "atID", "plID", "geID", "sfID", "akID", "cmID", "xid ", "\xa9xyz"}
)
_NAMES = re.compile(
    r"itun(?:norm|pgap|_cddb)|purchase|account|apple ?id|owner|serato|traktor|\bserial|\bdevice|\bgps|geo(?:tag|loc)"
    r"|\blocation|\bmachine|user ?name|discid|cddb|acoustid|fingerprint",
    re.IGNORECASE,
)
# iTunes' gapless information looks like the others and is none of them.
_HARMLESS = re.compile(r"itunsmpb", re.IGNORECASE)
_PATH = re.compile(r"(?:[A-Za-z]:\\[^\s\\]+\\|/(?:home|Users|root|mnt|media|Volumes)/[^\s/]+|file://)")
_BROKEN = (
    *(MutagenError, UnusableMediaError, OSError, ValueError, LookupError, TypeError, ArithmeticError),
    *(AttributeError, EOFError, RecursionError, struct.error, zlib.error),
)
_PICTURE_BROKEN = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, MemoryError)


def find_private(path: Path, kind: AudioKind) -> tuple[str, ...]:
    """Name the kinds of private matter in a file; never raises for what stands in it.

    Args:
        path: the upload.
        kind: what ``sniff`` found.

    Returns:
        Some of ``private-frames``, ``file-paths``, ``picture-position`` and ``picture-metadata``, sorted.
    """
    look = _LOOKS.get(kind.name)
    if look is None:
        return ()
    try:
        return tuple(sorted(set(look(path))))
    except _BROKEN:
        return ()


def strip_private(path: Path, kind: AudioKind) -> None:
    """Take private matter out of a copy, in place; sound, title, cover and chapters stay.

    Args:
        path: a copy that the caller made.
        kind: what ``sniff`` found.

    Raises:
        UnusableMediaError: ``tags-unwritable``: its tags cannot be written.
    """
    strip = _STRIPS.get(kind.name)
    if strip is None:
        raise UnusableMediaError("tags-unwritable", kind=kind.name)
    try:
        strip(path)
    except _BROKEN as reason:
        raise UnusableMediaError("tags-unwritable", kind=kind.name) from reason
    if find_private(path, kind):
        # Better to say no than to promise what is not so.
        raise UnusableMediaError("tags-unwritable", kind=kind.name)


# ID3


def _id3_of(path: Path) -> ID3 | None:
    """Read the frames that are harmless to read; what was sifted out is gone when this is written back."""
    with path.open("rb") as file:
        tag = sifted_tag(file, 0)
    return ID3(io.BytesIO(tag)) if tag else None


def _look_id3(path: Path) -> Iterable[str]:
    tag = _id3_of(path)
    for frame in tag.values() if tag is not None else ():
        yield from _frame_faults(frame)


def _frame_faults(frame: Frame) -> Iterable[str]:
    if isinstance(frame, APIC):
        yield from picture_faults(_data_of(frame))
    elif frame.FrameID in _FRAMES or _is_private_name(str(getattr(frame, "desc", ""))):
        yield PRIVATE_FRAMES
    elif any(_PATH.search(str(text)) for text in getattr(frame, "text", ())):
        yield FILE_PATHS
    for inside in _inside(frame).values():
        yield from _frame_faults(inside)


def _inside(frame: Frame) -> dict[str, Frame]:
    """Give the frames inside a chapter or a table of contents: a chapter's picture tells as much as the cover."""
    return getattr(frame, "sub_frames", None) or {}


def _data_of(frame: APIC) -> bytes:
    # mutagen makes this attribute out of a table, where no type checker sees it.
    return bytes(vars(frame)["data"])


def _strip_id3(path: Path) -> None:
    tag = _id3_of(path)
    if tag is None:
        return
    _clean_frames(tag)
    clean = ID3()
    for frame in tag.values():
        clean.add(frame)
    clean.save(path, v1=1)


def _clean_frames(frames: Any) -> None:  # noqa: ANN401 - mutagen's ID3 or the tags inside a chapter
    """Take private frames out of a tag, and out of its chapters; a chapter itself stays."""
    for key, frame in list(frames.items()):
        if _inside(frame):
            _clean_frames(_inside(frame))
        elif {PRIVATE_FRAMES, FILE_PATHS} & set(_frame_faults(frame)):
            del frames[key]
        elif isinstance(frame, APIC):
            vars(frame)["data"] = clean_picture(_data_of(frame))


# MP4


def _look_mp4(path: Path) -> Iterable[str]:
    with path.open("rb") as file:
        tag_sizes.check_mp4(file)
    tags: Mapping[str, Any] = MP4(path).tags or {}
    for name, values in tags.items():
        if name == "covr":
            for picture in values:
                yield from picture_faults(bytes(picture))
        else:
            yield from _text_faults(name in _ATOMS or _is_private_name(name), values)


def _strip_mp4(path: Path) -> None:
    with path.open("rb") as file:
        tag_sizes.check_mp4(file)
    mp4 = MP4(path)
    tags: Any = mp4.tags or {}
    for name in list(tags):
        if name == "covr":
            tags[name] = [
                type(picture)(clean_picture(bytes(picture)), picture.imageformat) for picture in tags[name]
            ]
        elif list(_text_faults(name in _ATOMS or _is_private_name(name), tags[name])):
            del tags[name]
    mp4.save()


# Vorbis comments: FLAC, Ogg Vorbis, Ogg Opus


def _opened(path: Path) -> Any:  # noqa: ANN401 - three of mutagen's types with the same face
    with path.open("rb") as file:
        start = file.read(4)
        (tag_sizes.check_flac if start in {b"fLaC", b"ID3\x03", b"ID3\x04"} else tag_sizes.check_ogg)(file)
    if start != b"OggS":
        return FLAC(path)
    try:
        return OggOpus(path)
    except MutagenError:
        return OggVorbis(path)


def _look_vorbis(path: Path) -> Iterable[str]:
    file = _opened(path)
    for picture in getattr(file, "pictures", ()):
        yield from picture_faults(picture.data)
    for name, value in file.tags or ():
        if name.lower() == "metadata_block_picture":
            with suppress(*_BROKEN):
                yield from picture_faults(_block_picture(value).data)
        else:
            yield from _text_faults(_is_private_name(name), [value])


def _strip_vorbis(path: Path) -> None:
    file = _opened(path)
    pictures = list(getattr(file, "pictures", ()))
    if pictures:
        file.clear_pictures()
        for picture in pictures:
            file.add_picture(_cleaned_block(picture))
    kept: list[tuple[str, str]] = []
    for name, value in file.tags or ():
        if name.lower() == "metadata_block_picture":
            kept.append((name, _written_block(_cleaned_block(_block_picture(value)))))
        elif not list(_text_faults(_is_private_name(name), [value])):
            kept.append((name, value))
    if file.tags is not None:
        file.tags[:] = kept
    file.save()


def _block_picture(text: str) -> Picture:
    return Picture(base64.b64decode(text))


def _written_block(picture: Picture) -> str:
    return base64.b64encode(picture.write()).decode("ascii")


def _cleaned_block(picture: Picture) -> Picture:
    picture.data = clean_picture(picture.data)
    return picture


# WAV: an ID3 tag in a chunk, and the chunks of recorders and editors (EBU Tech 3285, iXML, XMP)


def _look_wav(path: Path) -> Iterable[str]:
    with path.open("rb") as file:
        for part in list(_wav_parts(file)):
            yield from _part_faults(file, part)


@dataclass(frozen=True)
class _WavPart:
    """A chunk, or one text of a LIST chunk; ``size`` ends with the file, whatever the header claims."""

    name: bytes
    start: int
    size: int


def _wav_parts(file: BinaryIO) -> Iterable[_WavPart]:
    end = os.fstat(file.fileno()).st_size
    for name, start, claimed in wav_chunks.chunks(file):
        size = min(claimed, max(0, end - start))
        if name == b"LIST":
            yield from _list_parts(file, start, size)
        elif name in _ID3_CHUNKS or name in _TEXT_CHUNKS:
            yield _WavPart(name, start, size)


def _list_parts(file: BinaryIO, start: int, size: int) -> Iterable[_WavPart]:
    file.seek(start)
    data = file.read(min(size, _TEXT_CHUNK_BYTES))
    at = len(b"INFO")
    while data.startswith(b"INFO") and at + _CHUNK_HEADER_BYTES <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        yield _WavPart(b"LIST", start + at + 8, max(0, min(length, len(data) - at - 8)))
        at += 8 + length + length % 2


def _part_faults(file: BinaryIO, part: _WavPart) -> Iterable[str]:
    if part.name in _ID3_CHUNKS:
        tag = sifted_tag(file, part.start)
        for frame in ID3(io.BytesIO(tag)).values() if tag else ():
            yield from _frame_faults(frame)
        return
    file.seek(part.start)
    text = file.read(min(part.size, _TEXT_CHUNK_BYTES)).replace(b"\x00", b" ").decode("utf-8", "replace")
    # A comment may say "on location"; iXML and XMP have fields of that name.
    yield from _text_faults(part.name in _NAMED_CHUNKS and _is_private_name(text), [text])


def _strip_wav(path: Path) -> None:
    """Blank what is private where it stands: no chunk moves, and the sound stays as it is, whatever its size."""
    with path.open("r+b") as file:
        for part in list(_wav_parts(file)):
            if not list(_part_faults(file, part)):
                continue
            if part.size > tag_sizes.TAG_BYTES_AT_MOST:
                raise UnusableMediaError("tags-too-large", limit_bytes=tag_sizes.TAG_BYTES_AT_MOST)
            clean = _clean_id3_chunk(file, part.start, part.size) if part.name in _ID3_CHUNKS else b""
            if not clean and part.name != b"LIST":
                file.seek(part.start - _CHUNK_HEADER_BYTES)
                file.write(b"JUNK")
            file.seek(part.start)
            file.write(clean.ljust(part.size, b"\x00"))


def _clean_id3_chunk(file: BinaryIO, start: int, size: int) -> bytes:
    """Write the tag of a chunk anew without what is private; b"" where it would not fit into its place."""
    tag = ID3(io.BytesIO(sifted_tag(file, start) or b""))
    _clean_frames(tag)
    clean = ID3()
    for frame in tag.values():
        clean.add(frame)
    out = io.BytesIO()
    clean.save(out, padding=lambda _: 0)
    return out.getvalue() if len(out.getvalue()) <= size else b""


# Texts and pictures


def _is_private_name(name: str) -> bool:
    return bool(_NAMES.search(name)) and not _HARMLESS.search(name)


def _text_faults(by_name: bool, values: object) -> Iterable[str]:  # noqa: FBT001 - one of two reasons
    if by_name:
        yield PRIVATE_FRAMES
    elif isinstance(values, list) and any(_PATH.search(str(value)) for value in values):
        yield FILE_PATHS


def picture_faults(data: bytes) -> Iterable[str]:
    """Name what a picture tells beside what it shows; nothing for one that cannot be read."""
    image = _opened_picture(data)
    if image is None:
        return
    with image:
        try:
            exif = image.getexif()
            position = exif.get_ifd(ExifTags.IFD.GPSInfo)
        except _PICTURE_BROKEN:
            yield PICTURE_METADATA
            return
        if position:
            yield PICTURE_POSITION
        if len(exif) or any(
            name in image.info for name in ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment")
        ):
            yield PICTURE_METADATA


def clean_picture(data: bytes) -> bytes:
    """Give a picture without metadata, upright; the same bytes where it had none or cannot be read."""
    if not list(picture_faults(data)):
        return data
    image = _opened_picture(data)
    if image is None:
        return data
    with image:
        if image.format == "JPEG" and not _is_turned(image):
            return _without_segments(data)
        try:
            return _drawn_anew(image)
        except _PICTURE_BROKEN:
            return data


def _is_turned(image: Image.Image) -> bool:
    try:
        return bool(image.getexif().get(ExifTags.Base.Orientation, _UPRIGHT) != _UPRIGHT)
    except _PICTURE_BROKEN:
        # What cannot be read turns nothing, and goes.
        return False


def _opened_picture(data: bytes) -> Image.Image | None:
    size = picture_size(data)
    if size is None or size.width * size.height > _MEGAPIXELS_AT_MOST:
        return None
    try:
        return Image.open(io.BytesIO(data), formats=(size.file_format,))
    except _PICTURE_BROKEN:
        return None


def _drawn_anew(image: Image.Image) -> bytes:
    upright = ImageOps.exif_transpose(image)
    # A copy keeps the palette, which a new picture of the same mode would not have.
    clean = upright.copy()
    clean.info = {
        name: upright.info[name] for name in ("transparency", "icc_profile") if name in upright.info
    }
    out = io.BytesIO()
    options: dict[str, Any] = {"quality": _QUALITY} if image.format != "PNG" else {}
    clean.save(out, image.format, **options)
    return out.getvalue()


def _without_segments(data: bytes) -> bytes:
    """Leave out EXIF, XMP, IPTC and comments: APP1, APP13 and COM (ITU-T T.81 annex B); the scan stays as it is."""
    private = {0xE1, 0xED, 0xFE}
    out, at = bytearray(data[:2]), 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:  # noqa: PLR2004 - marker, start of scan
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] not in private:
            out += data[at:end]
        at = end
    return bytes(out + data[at:])


_LOOKS: dict[str, Callable[[Path], Iterable[str]]] = {
    "mp3": _look_id3,
    "aac": _look_id3,
    "m4a": _look_mp4,
    "opus-mp4": _look_mp4,
    "flac": _look_vorbis,
    "opus": _look_vorbis,
    "vorbis": _look_vorbis,
    "wav": _look_wav,
}
_STRIPS: dict[str, Callable[[Path], None]] = {
    "mp3": _strip_id3,
    "aac": _strip_id3,
    "m4a": _strip_mp4,
    "opus-mp4": _strip_mp4,
    "flac": _strip_vorbis,
    "opus": _strip_vorbis,
    "vorbis": _strip_vorbis,
    "wav": _strip_wav,
}
