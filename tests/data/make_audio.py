# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures: makes the small files of tests/data/audio and tests/data/images with real encoders.

Run ``python tests/data/make_audio.py`` where ffmpeg is on PATH (with libmp3lame, libopus and libvorbis). What
it makes is committed: encoders differ, and the tests must not.
"""

import base64
import io
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from mutagen.flac import FLAC, Picture
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
    WXXX,
    CTOCFlags,
    Encoding,
    Frame,
    PictureType,
)
from mutagen.mp4 import MP4, AtomDataType, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from PIL import Image

HERE = Path(__file__).resolve().parent
AUDIO = HERE / "audio"
IMAGES = HERE / "images"

SECONDS = 3
# A tone that climbs and swells, so that a waveform has a shape and no two places sound alike.
SWEEP = f"aevalsrc='(0.1+0.28*t)*sin(2*PI*(220+90*t)*t)':s=44100:d={SECONDS}"
TITLE = "Été à Nouakchott : l\u2019eau, déjà rare"
ARTIST = "Aïssatou Ñdiaye"
ALBUM = "Le Fil du matin"
ARABIC_TITLE = "صباح الخير: الماء والمدينة"
ARABIC_ARTIST = "مريم بنت أحمد"
CHAPTERS = ((0, "Ouverture"), (1000, "L\u2019entretien"), (2250, "À suivre"))


def main() -> None:
    """Make every file anew."""
    for folder in (AUDIO, IMAGES):
        folder.mkdir(exist_ok=True)
    make_images()
    make_sound_ones()
    make_playlists()
    make_texts()
    make_crafted()
    make_impossible()
    make_hurt_tags()
    make_unsupported()


def ffmpeg(target: Path, *options: str, source: str = SWEEP) -> Path:
    """Encode the sweep into a file."""
    words = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", source, *options]
    subprocess.run([*words, "-map_metadata", "-1", "-fflags", "+bitexact", str(target)], check=True)
    return target


def encode(name: str, *options: str, source: str = SWEEP) -> Path:
    """Encode the sweep into a fixture."""
    return ffmpeg(AUDIO / name, *options, source=source)


def mp3(name: str) -> Path:
    """Encode a mono MP3 without any tag."""
    return encode(name, "-ac", "1", "-b:a", "32k", "-id3v2_version", "0", "-write_id3v1", "0")


def cover_jpeg(side: int = 320) -> bytes:
    """Draw a small cover."""
    image = Image.linear_gradient("L").resize((side, side)).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=60)
    return out.getvalue()


def make_sound_ones() -> None:
    """Make one good file of every kind, with the tags that its world uses."""
    tag = ID3()
    tag.add(TIT2(encoding=Encoding.UTF8, text=[TITLE]))
    tag.add(TPE1(encoding=Encoding.UTF8, text=[ARTIST]))
    tag.add(TALB(encoding=Encoding.UTF8, text=[ALBUM]))
    tag.add(COMM(encoding=Encoding.UTF8, lang="fra", desc="", text=["Enregistré au marché."]))
    tag.add(TRCK(encoding=Encoding.UTF8, text=["3/12"]))
    tag.add(TDRC(encoding=Encoding.UTF8, text=["2026-02-03"]))
    picture = {"encoding": Encoding.LATIN1, "mime": "image/jpeg", "type": PictureType.COVER_FRONT, "desc": ""}
    tag.add(APIC(**picture, data=cover_jpeg()))
    tag.save(mp3("mp3-id3v24-accents.mp3"))

    arabic = ID3()
    arabic.add(TIT2(encoding=Encoding.UTF16, text=[ARABIC_TITLE]))
    arabic.add(TPE1(encoding=Encoding.UTF16, text=[ARABIC_ARTIST]))
    arabic.save(mp3("mp3-id3v23-arabic.mp3"), v2_version=3)

    make_mp3_chapters()
    mp3("mp3-no-tags.mp3")
    encode("mp3-vbr.mp3", "-ac", "2", "-q:a", "9", "-id3v2_version", "0")
    id3v1 = mp3("mp3-id3v1.mp3")
    fields = struct.pack("30s30s30s4s28sBBB", b"L'eau rare", b"Aissatou", b"Le Fil", b"2026", b"", 0, 7, 101)
    id3v1.write_bytes(id3v1.read_bytes() + b"TAG" + fields)

    make_mp4s()
    make_oggs()
    encode("flac.flac", "-ac", "1", "-sample_fmt", "s16", "-ar", "16000", "-metadata", f"title={TITLE}")
    encode("wav.wav", "-ac", "1", "-ar", "8000")
    encode("aac.aac", "-ac", "1", "-b:a", "24k", "-c:a", "aac", "-f", "adts")


def make_mp3_chapters() -> None:
    """Chapters as podcast tools write them, one link of which must not be followed."""
    links = ("https://example.org/ouverture", "javascript:alert(1)", "")
    tag = ID3()
    names = [f"chp{index}" for index in range(len(CHAPTERS))]
    flags = CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    tag.add(CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
    for name, (start, title), link in zip(names, CHAPTERS, links, strict=True):
        inside: list[Frame] = [TIT2(encoding=Encoding.UTF8, text=[title])]
        if link:
            inside.append(WXXX(encoding=Encoding.LATIN1, desc="", url=link))
        end = start + 500
        tag.add(CHAP(element_id=name, start_time=start, end_time=end, sub_frames=inside))
    tag.save(mp3("mp3-with-chapters.mp3"))


def make_mp4s() -> None:
    """An M4A as iTunes tags it, one with chapters, one of Apple's lossless kind."""
    aac = ("-ac", "1", "-c:a", "aac", "-b:a", "24k")
    itunes = MP4(encode("m4a-itunes-tags.m4a", *aac))
    itunes["\xa9nam"], itunes["\xa9ART"], itunes["\xa9alb"] = [TITLE], [ARABIC_ARTIST], [ALBUM]
    itunes["\xa9cmt"], itunes["\xa9day"], itunes["trkn"] = ["Enregistré au marché."], ["2026"], [(3, 12)]
    itunes["covr"] = [MP4Cover(cover_jpeg(), AtomDataType.JPEG)]
    itunes.save()
    encode("m4a-alac.m4a", "-ac", "1", "-ar", "8000", "-c:a", "alac")
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder, "chapters.txt")
        lines = [";FFMETADATA1"]
        for start, title in CHAPTERS:
            lines += [
                "[CHAPTER]",
                "TIMEBASE=1/1000",
                f"START={start}",
                f"END={start + 500}",
                f"title={title}",
            ]
        listed.write_text("\n".join(lines))
        words = [
            "ffmpeg",
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            SWEEP,
            "-i",
            str(listed),
            *aac,
        ]
        subprocess.run([*words, "-map_chapters", "1", str(AUDIO / "m4a-with-chapters.m4a")], check=True)


def make_oggs() -> None:
    """Opus with chapters and a cover in its comments, and bare in MP4; Vorbis with Arabic."""
    wrapping = ("-movflags", "+faststart", "-f", "mp4")
    encode("opus-in-mp4.m4a", "-ac", "1", "-c:a", "libopus", "-b:a", "16k", "-vbr", "off", *wrapping)
    opus = OggOpus(encode("opus-with-chapters.opus", "-ac", "1", "-c:a", "libopus", "-b:a", "16k"))
    opus["title"], opus["artist"], opus["album"] = TITLE, [ARTIST, ARABIC_ARTIST], ALBUM
    for index, (start, title) in enumerate(CHAPTERS, 1):
        opus[f"CHAPTER{index:03}"] = f"00:00:{start // 1000:02}.{start % 1000:03}"
        opus[f"CHAPTER{index:03}NAME"] = title
    opus["CHAPTER001URL"] = "https://example.org/ouverture"
    picture = Picture()
    picture.type, picture.mime, picture.data = PictureType.COVER_FRONT, "image/jpeg", cover_jpeg()
    opus["metadata_block_picture"] = base64.b64encode(picture.write()).decode()
    opus.save()
    vorbis = OggVorbis(encode("vorbis.ogg", "-ac", "1", "-c:a", "libvorbis", "-q:a", "0"))
    vorbis["title"], vorbis["artist"], vorbis["date"] = ARABIC_TITLE, ARABIC_ARTIST, "2026-02-03"
    vorbis.save()


def make_playlists() -> None:
    """Lists that name a file beside them, dressed as audio: ffmpeg's own guess would play what they name."""
    hls = "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nsecret.mp3\n#EXT-X-ENDLIST\n"
    text("playlist-named-mp3.mp3", hls)
    text("playlist-after-blank-lines.mp3", "\ufeff\n\n   " + hls)
    (AUDIO / "playlist-utf16.mp3").write_bytes(hls.encode("utf-16"))
    (AUDIO / "playlist-after-id3.mp3").write_bytes(id3_of(TIT2(encoding=3, text=["x"])) + hls.encode())
    text("ffconcat-named-mp3.mp3", "ffconcat version 1.0\nfile secret.mp3\n")
    text("concat-without-header.mp3", "file 'secret.mp3'\n")
    text("pls-named-mp3.mp3", "[playlist]\nFile1=secret.mp3\nNumberOfEntries=1\n")
    text("dash-named-m4a.m4a", '<?xml version="1.0"?><MPD><BaseURL>secret.mp3</BaseURL></MPD>')
    text("svg.mp3", '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>')


def make_texts() -> None:
    """What is no audio at all."""
    (AUDIO / "zero-bytes.mp3").write_bytes(b"")
    text("text.mp3", "Bonjour, ceci est une note et non un enregistrement.\n" * 20)
    (AUDIO / "id3-then-text.mp3").write_bytes(id3_of(TIT2(encoding=3, text=["x"])) + b"not sound. " * 300)
    huge = id3_of(TIT2(encoding=3, text=["x"]))
    (AUDIO / "id3-longer-than-file.mp3").write_bytes(huge[:6] + b"\x7f\x7f\x7f\x7f" + huge[10:])
    (AUDIO / "png.mp3").write_bytes((IMAGES / "alpha.png").read_bytes())
    (AUDIO / "one-frame.mp3").write_bytes((AUDIO / "mp3-no-tags.mp3").read_bytes()[:104] + b"no more " * 50)


def make_crafted() -> None:
    """Files cut short, and headers that lie."""
    whole = (AUDIO / "mp3-no-tags.mp3").read_bytes()
    (AUDIO / "truncated.mp3").write_bytes(whole[: len(whole) * 2 // 3])
    (AUDIO / "garbage-in-the-middle.mp3").write_bytes(whole[:5000] + bytes(range(256)) * 4 + whole[6000:])
    m4a = (AUDIO / "m4a-itunes-tags.m4a").read_bytes()
    last_written = encode("truncated.m4a", "-ac", "1", "-c:a", "aac", "-b:a", "24k").read_bytes()
    (AUDIO / "truncated.m4a").write_bytes(last_written[: len(last_written) // 2])
    (AUDIO / "m4a-named-mp3.mp3").write_bytes(m4a)
    shutil.copyfile(AUDIO / "mp3-no-tags.mp3", AUDIO / "mp3-named-wav.wav")
    flac = bytearray((AUDIO / "flac.flac").read_bytes())
    # STREAMINFO's count of samples: 36 bits that end 18 bytes into the block.
    samples = 600 * 16000
    flac[21] = flac[21] & 0xF0 | samples >> 32
    flac[22:26] = struct.pack(">I", samples & 0xFFFFFFFF)
    (AUDIO / "flac-header-says-600s.flac").write_bytes(flac)
    wav = bytearray((AUDIO / "wav.wav").read_bytes())
    wav[4:8] = struct.pack("<I", 0x7FFFFFF0)
    data = wav.index(b"data") + 4
    wav[data : data + 4] = struct.pack("<I", 0x7FFFFF00)
    (AUDIO / "riff-size-lies.wav").write_bytes(wav)
    (AUDIO / "wav-no-samples.wav").write_bytes(wav[: data - 4] + b"data" + bytes(4))
    make_dref(m4a)


def make_impossible() -> None:
    """Numbers that no recorder writes: no rate, no channels, boxes without end, a day of silence in a kilobyte."""
    wav = (AUDIO / "wav.wav").read_bytes()[:20_000]
    form = wav.index(b"fmt ") + 8
    (AUDIO / "wav-0-channels.wav").write_bytes(wav[: form + 2] + bytes(2) + wav[form + 4 :])
    (AUDIO / "wav-0-hz.wav").write_bytes(wav[: form + 4] + bytes(8) + wav[form + 12 :])
    flac = bytearray((AUDIO / "flac.flac").read_bytes())
    # STREAMINFO's rate: 20 bits that begin 10 bytes into the block; its samples: as above.
    flac[18:20], flac[20] = bytes(2), flac[20] & 0x0F
    (AUDIO / "flac-0-hz.flac").write_bytes(flac)
    silence = "anullsrc=r=8000:cl=mono"
    long = ("-t", "10800", "-c:a", "flac", "-frame_size", "32768")
    held = bytearray(encode("flac-header-says-600s-holds-3h.flac", *long, source=silence).read_bytes())
    held[21:26] = bytes([held[21] & 0xF0]) + struct.pack(">I", 600 * 8000)
    (AUDIO / "flac-header-says-600s-holds-3h.flac").write_bytes(held)
    # One sample a second: a day needs 86,400 of them, and nothing is said in each.
    day = ("-t", "86400", "-c:a", "flac", "-frame_size", "32768", "-strict", "-2")
    FLAC(encode("flac-24h-of-silence-in-1kB.flac", *day, source="anullsrc=r=1:cl=mono")).save(
        padding=lambda _: 0
    )
    m4a = (AUDIO / "m4a-itunes-tags.m4a").read_bytes()
    sound = m4a.index(b"mdat") - 4
    (AUDIO / "mp4-size-lies.m4a").write_bytes(m4a[:sound] + b"\xff\xff\xff\xf0" + m4a[sound + 4 :])
    table = m4a.index(b"stsz") + 12
    (AUDIO / "mp4-table-lies.m4a").write_bytes(m4a[:table] + b"\xff\xff\xff\xff" + m4a[table + 4 :])
    times = m4a.index(b"stts") + 8
    (AUDIO / "mp4-samples-of-a-day.m4a").write_bytes(
        m4a[: times + 8] + struct.pack(">I", 0x7FFFFFFF) + m4a[times + 12 :]
    )
    head = m4a[: struct.unpack(">I", m4a[:4])[0]]
    nested = b"".join(struct.pack(">I4s", (2000 - depth) * 8, b"moov") for depth in range(2000))
    (AUDIO / "moov-in-moov.m4a").write_bytes(head + nested)
    endless = b"".join(struct.pack(">I4s", 0, name) for name in (b"moov", b"trak", b"moov", b"moov"))
    (AUDIO / "moov-of-size-zero.m4a").write_bytes(head + endless)


def make_dref(m4a: bytes) -> None:
    """Make an M4A whose sound is said to lie in the file beside it (a data reference)."""
    at = m4a.index(struct.pack(">I4sI", 12, b"url ", 1))
    alias = macintosh_alias("secret.m4a")
    out = bytearray(m4a[:at] + alias + m4a[at + 12 :])
    grown = len(alias) - 12
    # Every box around it grows; the sound, which stands before them, keeps its place.
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = out.index(name, m4a.index(b"moov")) - 4
        out[start : start + 4] = struct.pack(">I", struct.unpack_from(">I", out, start)[0] + grown)
    # Its own sound is wiped: whatever is heard comes from elsewhere.
    sound = m4a.index(b"mdat") + 4
    size = struct.unpack_from(">I", m4a, sound - 8)[0] - 8
    out[sound : sound + size] = bytes(size)
    (AUDIO / "m4a-sound-elsewhere.m4a").write_bytes(out)


def macintosh_alias(name: str) -> bytes:
    """Write a data reference entry that names a file in the same folder (QuickTime File Format, "alis")."""
    path = f"/{name}".encode()
    body = bytes(10) + bytes(28) + bytes(12) + bytes(64) + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16)
    body += struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + struct.pack(">HH", 0xFFFF, 0)
    body += bytes(max(0, 160 - len(body)))
    return struct.pack(">I4sI", 12 + len(body), b"alis", 0) + body


def make_hurt_tags() -> None:
    """Good sound under bad tags."""
    tagged(
        "control-characters.mp3", TIT2(encoding=3, text=["A\x00B\x07C\u202eD]]><script>\ufffe\x1b[31m\n E"])
    )
    tagged("title-100kB.mp3", TIT2(encoding=3, text=["é" * 50_000]))
    picture = {"encoding": Encoding.LATIN1, "mime": "image/jpeg", "type": PictureType.COVER_FRONT, "desc": ""}
    tagged(
        "cover-no-image.mp3", APIC(**picture, data=b"<html>no picture</html>"), TIT2(encoding=3, text=[TITLE])
    )
    raw_tag("invalid-utf16.mp3", frame(b"TIT2", b"\x01\xff\xfe\x00\xd8\x41") + frame(b"TPE1", b"\x03Marie"))
    bomb = zlib.compress(b"\x03" + b"A" * 50_000_000, 9)
    packed = b"TIT2" + syncsafe(len(bomb) + 4) + b"\x00\x09" + syncsafe(50_000_001 & 0xFFFFFFF) + bomb
    raw_tag("zlib-bomb-in-tag.mp3", packed + frame(b"TPE1", b"\x03Marie"))
    inside = b"c1\x00" + struct.pack(">4I", 0, 500, 0xFFFFFFFF, 0xFFFFFFFF) + packed
    raw_tag("zlib-bomb-in-chapter.mp3", frame(b"CHAP", inside) + frame(b"TPE1", b"\x03Marie"))


def make_unsupported() -> None:
    """Audio of kinds that Griot does not take, and moving pictures."""
    encode("aiff.aiff", "-ac", "1", "-ar", "8000", "-t", "0.3")
    encode("wma.wma", "-ac", "1", "-c:a", "wmav2", "-b:a", "24k", "-t", "0.5")
    encode("webm.webm", "-ac", "1", "-c:a", "libopus", "-b:a", "8k", "-t", "0.5")
    encode("mp2.mp2", "-ac", "1", "-b:a", "32k", "-t", "0.5")
    encode("ogg-flac.ogg", "-ac", "1", "-ar", "8000", "-c:a", "flac", "-t", "0.5")
    silent = "color=c=blue:s=32x32:r=5:d=0.6"
    encode("video-only.mp4", "-c:v", "mpeg4", source=silent)
    encode("video-with-sound.mp4", "-f", "lavfi", "-i", silent, "-c:v", "mpeg4", "-c:a", "aac", "-t", "0.5")
    encode("avi.avi", "-c:v", "mpeg4", source=silent)


def make_images() -> None:
    """Pictures good, odd and hostile."""
    gradient = Image.linear_gradient("L")
    save_image("cover.jpg", gradient.resize((1400, 1400)).convert("RGB"), "JPEG", quality=40)
    save_image("wide.webp", gradient.resize((1500, 1400)).convert("RGB"), "WEBP", quality=20)
    save_image("small.jpg", gradient.resize((300, 200)).convert("RGB"), "JPEG", quality=40)
    save_image("cmyk.jpg", Image.new("CMYK", (400, 400), (0, 255, 255, 0)), "JPEG")
    alpha = Image.new("RGBA", (400, 400), (255, 0, 0, 0))
    alpha.paste((0, 0, 255, 255), (100, 100, 300, 300))
    save_image("alpha.png", alpha, "PNG", optimize=True)
    save_image("palette.png", alpha.convert("P"), "PNG", transparency=0)
    save_image("grey-16-bit.png", Image.new("I;16", (400, 400), 0x8000), "PNG")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "taken at the secret source's home"
    turned = Image.new("RGB", (400, 400), "white")
    turned.paste((255, 0, 0), (0, 0, 400, 200))
    save_image("exif-turned.jpg", turned, "JPEG", exif=exif)
    save_image("gif.gif", Image.new("P", (400, 400)), "GIF")
    (IMAGES / "svg.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>\n')
    whole = (IMAGES / "cover.jpg").read_bytes()
    (IMAGES / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    ihdr = b"IHDR" + struct.pack(">IIBBBBB", 65535, 65535, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + ihdr + struct.pack(">I", zlib.crc32(ihdr))
    (IMAGES / "png-65535x65535.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk)


def save_image(name: str, image: Image.Image, file_format: str, **options: object) -> None:
    """Save a picture into its fixture."""
    image.save(IMAGES / name, file_format, **options)


def text(name: str, words: str) -> None:
    """Write a text under a name that promises sound."""
    (AUDIO / name).write_bytes(words.encode())


def id3_of(*frames: object) -> bytes:
    """Write frames as an ID3v2.4 tag."""
    out = io.BytesIO()
    tag = ID3()
    for one in frames:
        tag.add(one)
    tag.save(out, padding=lambda _info: 0)
    return out.getvalue()


def tagged(name: str, *frames: object) -> None:
    """Make an MP3 under these frames."""
    write_tagged(name, lambda: id3_of(*frames))


def raw_tag(name: str, frames: bytes) -> None:
    """Make an MP3 under a tag that no library would write."""
    write_tagged(name, lambda: b"ID3\x04\x00\x00" + syncsafe(len(frames)) + frames)


def write_tagged(name: str, tag: Callable[[], bytes]) -> None:
    """Put a tag before the plain MP3."""
    (AUDIO / name).write_bytes(tag() + (AUDIO / "mp3-no-tags.mp3").read_bytes())


def frame(name: bytes, body: bytes) -> bytes:
    """Write one ID3v2.4 frame."""
    return name + syncsafe(len(body)) + b"\x00\x00" + body


def syncsafe(number: int) -> bytes:
    """Write a number of seven bits a byte."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


if __name__ == "__main__":
    main()
