# SPDX-License-Identifier: AGPL-3.0-or-later
"""Audio kinds: what a file is, decided by its bytes and never by its name or by what the sender says.

Whatever is not clearly one of the kinds here never reaches ffmpeg: a playlist dressed as an MP3 would make it
read other people's files.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from podcasts.audio import mp4_boxes
from podcasts.errors import UnusableMediaError


@dataclass(frozen=True)
class AudioKind:
    """One kind of audio file.

    Attributes:
        name: "mp3", "m4a", "aac", "opus" (in Ogg), "opus-mp4", "vorbis", "flac" or "wav".
        mime: its Content-Type, equal in enclosure and answer.
        extension: without the dot.
        demuxer: what ``ffmpeg -f`` calls it.
    """

    name: str
    mime: str
    extension: str
    demuxer: str


MP3 = AudioKind("mp3", "audio/mpeg", "mp3", "mp3")
# Apple's table of enclosure types knows .m4a as audio/x-m4a only; browsers play that as well as audio/mp4.
M4A = AudioKind("m4a", "audio/x-m4a", "m4a", "mov")
AAC = AudioKind("aac", "audio/aac", "aac", "aac")
OPUS = AudioKind("opus", "audio/ogg", "opus", "ogg")
# Telephones keep .mp4 among the films. Apple's own type is for AAC: an app that goes by it would be misled.
OPUS_MP4 = AudioKind("opus-mp4", "audio/mp4", "m4a", "mov")
VORBIS = AudioKind("vorbis", "audio/ogg", "ogg", "ogg")
FLAC = AudioKind("flac", "audio/flac", "flac", "flac")
WAV = AudioKind("wav", "audio/wav", "wav", "wav")
KINDS = {kind.name: kind for kind in (MP3, M4A, AAC, OPUS, OPUS_MP4, VORBIS, FLAC, WAV)}

_WINDOW_BYTES = 64 * 1024
_ID3_HEADER_BYTES = 10
# Some tools put a new tag before the old one; more than a few is no audio file but a riddle.
_ID3_TAGS_AT_MOST = 4
_FRAMES_WANTED = 3
_FRAMES_AT_END_OF_FILE = 2

_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PLAYLIST_OPENINGS = (
    b"#extm3u",
    b"#ext-x-",
    b"#extinf",
    b"ffconcat",
    b"[playlist]",
    b"[reference]",
    b"<",
    b"file '",
    b'file "',
    b"file ",
)
_UNSUPPORTED_OPENINGS = (
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (b"FORM", "AIFF"),
    (b"#!AMR", "AMR"),
    (b"MThd", "MIDI"),
    (b"caff", "CAF"),
    (b".snd", "AU"),
    (b"MAC ", "Monkey's Audio"),
    (b"wvpk", "WavPack"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"TTA1", "True Audio"),
    (b"DSD ", "DSD"),
    (b".RMF", "RealAudio"),
    (b".ra\xfd", "RealAudio"),
    (b"\x0b\x77", "AC-3"),
    (b"\x1a\x45\xdf\xa3", "WebM"),
)
_VIDEO_OPENINGS = (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"FLV\x01")

# ISO/IEC 11172-3 table of section 2.4.2.3 and ISO/IEC 13818-3's for the lower sampling rates, by layer and
# version; index 0 ("free") is left out on purpose: nobody publishes it.
_KBPS = {
    (3, 1): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (3, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_LAYER_III, _LAYER_II = 3, 2
_MPEG_1 = 3
_ALL_ONES = 0xFF
_SYNC = 0xE0
_BAD_BITRATE = 0xF
_MPEG_HEADER_BYTES = 4
_ADTS_HEADER_BYTES = 7
_ADTS_MASK, _ADTS_SYNC = 0xF6, 0xF0
_RESERVED_RATE = 3
_ADTS_RATES = 13


def sniff(path: Path) -> AudioKind:
    """Decide what a file is by its first bytes, an ID3v2 tag skipped; an MP4 by its tracks.

    Reads at most some 70 kB, and of an MP4 some box headers more.

    Raises:
        UnusableMediaError: ``empty-file``; ``not-audio``; ``playlist-not-audio`` (a list of other files, or
            XML); ``video-not-audio``; ``unsupported-audio`` (facts: ``kind``, a name that people know).
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise UnusableMediaError("empty-file")
        start = skip_id3(file, size)
        file.seek(start)
        head = file.read(_WINDOW_BYTES)
        _refuse_text(head)
        kind = _by_opening(head) or _by_boxes(file, start, size, head)
        kind = kind or _by_frames(head, at_end=start + len(head) >= size)
    if kind is None:
        raise UnusableMediaError("not-audio")
    return kind


def refuse_early(path: Path) -> None:
    """Refuse what can be seen from a file's first 64 KiB to be no audio of ours, before the rest has come.

    What needs the file's end to be judged passes; ``sniff`` has the last word.

    Raises:
        UnusableMediaError: as ``sniff``: lists of other files, videos, kinds that are not supported.
    """
    with path.open("rb") as file:
        head = file.read(_WINDOW_BYTES)
    _refuse_text(head)
    _by_opening(head)


def skip_id3(file: BinaryIO, size: int) -> int:
    """Find where the audio begins behind ID3v2 tags (ID3v2.4 structure, section 3.1).

    Args:
        file: any position.
        size: the file's length in bytes.

    Returns:
        Bytes from the start; 0 where there is no tag.

    Raises:
        UnusableMediaError: ``not-audio``: the tag claims to be as long as the file or longer.
    """
    start = 0
    for _ in range(_ID3_TAGS_AT_MOST):
        file.seek(start)
        length = id3_tag_bytes(file.read(_ID3_HEADER_BYTES))
        if not length:
            break
        start += length
        if start >= size:
            raise UnusableMediaError("not-audio")
    return start


def id3_tag_bytes(header: bytes) -> int:
    """Read how long an ID3v2 tag is, header and footer included; 0 where these ten bytes begin none."""
    if len(header) < _ID3_HEADER_BYTES or header[:3] != b"ID3" or _ALL_ONES in header[3:5]:
        return 0
    if any(byte & 0x80 for byte in header[6:10]):
        return 0
    footer = _ID3_HEADER_BYTES if header[5] & 0x10 else 0
    return _ID3_HEADER_BYTES + footer + syncsafe(header[6:10])


def syncsafe(data: bytes) -> int:
    """Read a number of seven bits a byte (ID3v2.4 structure, section 6.2)."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number


def _refuse_text(head: bytes) -> None:
    """Refuse playlists and XML by name, in UTF-8 or UTF-16, whatever blanks or marks stand before."""
    text = head[:4096]
    for mark in _TEXT_MARKS:
        text = text.removeprefix(mark)
    text = text.replace(b"\x00", b"").lstrip().lower()
    if text.startswith(_PLAYLIST_OPENINGS):
        raise UnusableMediaError("playlist-not-audio")


def _by_opening(head: bytes) -> AudioKind | None:
    if head.startswith(b"fLaC"):
        return FLAC
    if head.startswith(b"OggS"):
        return _ogg_kind(head)
    if head[:4] in {b"RIFF", b"RF64", b"BW64"}:
        return _riff_kind(head)
    if head.startswith(_VIDEO_OPENINGS):
        raise UnusableMediaError("video-not-audio")
    for opening, name in _UNSUPPORTED_OPENINGS:
        if head.startswith(opening):
            raise UnusableMediaError("unsupported-audio", kind=name)
    return None


def _riff_kind(head: bytes) -> AudioKind:
    if head[8:12] == b"WAVE":
        return WAV
    raise UnusableMediaError("video-not-audio" if head[8:12] == b"AVI " else "not-audio")


def _ogg_kind(head: bytes) -> AudioKind:
    """Name an Ogg file by the streams that begin in it (RFC 3533 section 6: all first pages stand first)."""
    codecs = [_ogg_codec(packet) for packet in _ogg_first_packets(head)]
    if "video" in codecs:
        raise UnusableMediaError("video-not-audio")
    for codec in codecs:
        if codec in {OPUS.name, VORBIS.name}:
            return KINDS[codec]
    for codec in codecs:
        if codec:
            raise UnusableMediaError("unsupported-audio", kind=codec)
    raise UnusableMediaError("not-audio")


def _ogg_first_packets(head: bytes) -> list[bytes]:
    packets = []
    at = 0
    while head[at : at + 4] == b"OggS" and len(head) > at + 27 and head[at + 5] & 0x02:
        segments = head[at + 27 : at + 27 + head[at + 26]]
        body = at + 27 + len(segments)
        packets.append(head[body : body + sum(segments)])
        at = body + sum(segments)
    return packets


def _ogg_codec(packet: bytes) -> str:
    for opening, name in (
        (b"OpusHead", OPUS.name),
        (b"\x01vorbis", VORBIS.name),
        (b"Speex   ", "Speex"),
        (b"\x7fFLAC", "Ogg FLAC"),
        (b"\x80theora", "video"),
        (b"BBCD", "video"),
    ):
        if packet.startswith(opening):
            return name
    return ""


def _by_boxes(file: BinaryIO, start: int, size: int, head: bytes) -> AudioKind | None:
    """Name an MP4 by its tracks; one without a table of contents passes, for ffmpeg to find it broken."""
    if head[4:8] not in {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return None
    tracks = mp4_boxes.tracks(file, start, size)
    # A still picture is a cover or a chapter's image; anything else that moves makes it a video.
    if any(track.handler == "vide" and track.codec not in mp4_boxes.STILL_PICTURES for track in tracks):
        raise UnusableMediaError("video-not-audio")
    sounds = [track.codec for track in tracks if track.handler == "soun"]
    if not sounds and any(track.handler for track in tracks):
        raise UnusableMediaError("video-not-audio")
    if sounds and sounds[0] not in mp4_boxes.SOUNDS:
        raise UnusableMediaError("unsupported-audio", kind=mp4_boxes.codec_name(sounds[0]))
    return OPUS_MP4 if sounds[:1] == [mp4_boxes.OPUS] else M4A


def _by_frames(head: bytes, *, at_end: bool) -> AudioKind | None:
    """Look for a run of MPEG frames, each standing where the one before says that it ends."""
    at = head.find(b"\xff")
    while at >= 0:
        if _frames_from(head, at, _layer_iii_bytes, at_end=at_end):
            return MP3
        if _frames_from(head, at, _adts_bytes, at_end=at_end):
            return AAC
        if _frames_from(head, at, _layer_ii_bytes, at_end=at_end):
            raise UnusableMediaError("unsupported-audio", kind="MP2")
        at = head.find(b"\xff", at + 1)
    return None


def _frames_from(head: bytes, at: int, frame_bytes: Callable[[bytes], int], *, at_end: bool) -> bool:
    """Say whether three like frames follow each other from here, or two and then the end of the file."""
    first = head[at : at + 4]
    frames = 0
    while frames < _FRAMES_WANTED:
        header = head[at : at + _ADTS_HEADER_BYTES]
        length = frame_bytes(header)
        if not length or not _alike(first, header):
            return at_end and frames >= _FRAMES_AT_END_OF_FILE and len(header) < _ADTS_HEADER_BYTES
        frames += 1
        at += length
    return True


def _alike(first: bytes, header: bytes) -> bool:
    """Say whether two frames are of one stream: the same version, layer and sampling rate."""
    return first[1] == header[1] and first[2] & 0x0C == header[2] & 0x0C


def _layer_iii_bytes(header: bytes) -> int:
    return _mpeg_frame_bytes(header, layer=_LAYER_III)


def _layer_ii_bytes(header: bytes) -> int:
    return _mpeg_frame_bytes(header, layer=_LAYER_II)


def _mpeg_frame_bytes(header: bytes, *, layer: int) -> int:
    """Read how long an MPEG audio frame is (ISO/IEC 11172-3 section 2.4.1.3); 0 where none begins here."""
    if len(header) < _MPEG_HEADER_BYTES or header[0] != _ALL_ONES or header[1] & _SYNC != _SYNC:
        return 0
    version, bitrate, rate = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if 4 - (header[1] >> 1 & 3) != layer or version not in _RATES_HZ or rate == _RESERVED_RATE:
        return 0
    if not 0 < bitrate < _BAD_BITRATE:
        return 0
    first_version = version == _MPEG_1
    bits_a_second = 1000 * _KBPS[layer, 1 if first_version else 2][bitrate - 1]
    slots = 144 if first_version or layer == _LAYER_II else 72
    return slots * bits_a_second // _RATES_HZ[version][rate] + (header[2] >> 1 & 1)


def _adts_bytes(header: bytes) -> int:
    """Read how long an ADTS frame of AAC is (ISO/IEC 13818-7 section 6.2); 0 where none begins here."""
    if len(header) < _ADTS_HEADER_BYTES or header[0] != _ALL_ONES or header[1] & _ADTS_MASK != _ADTS_SYNC:
        return 0
    length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return length if length > _ADTS_HEADER_BYTES and header[2] >> 2 & 0xF < _ADTS_RATES else 0
