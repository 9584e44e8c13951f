# SPDX-License-Identifier: AGPL-3.0-or-later
"""Renditions: the forms in which a sound is served, for every app, every line and every purse.

"normal" is what podcast apps get: an MP3 or AAC upload of a sane size as it is, byte for byte, else an MP3.
"light" is an MP3 for the light feed and for old players; "light-opus" costs least, sounds better and begins soonest.
"""

from dataclasses import dataclass
from pathlib import Path

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.loudness import gain_db, mono_mix
from podcasts.audio.sniff import MP3, OPUS_MP4, AudioKind

NORMAL_BITRATE_AT_MOST = 264_000
"""Of an upload that apps get as it is: what 256 kbit/s and its tags come to."""

_SERVED_CODECS = {"mp3": None, "m4a": "mp4a"}
_RATES_SERVED_HZ = (16_000, 48_000)
_CD_HZ, _VIDEO_HZ = 44_100, 48_000
_STEREO_BPS, _MONO_BPS = 128_000, 64_000
_LIGHT_BPS, _LIGHT_HZ = 40_000, 24_000
_OPUS_BPS = 24_000
_STEREO = 2
# Below full scale, because a lossy encoder overshoots.
_CEILING = 0.84
_MARGIN_BYTES = 1_000_000
# What saves less is not worth its place on the disk.
_LIGHTER_BY = 0.9


@dataclass(frozen=True)
class Source:
    """A sound to make renditions of.

    Attributes:
        path: its file.
        kind: what ``sniff`` found.
        codec: as the container calls it ("mp4a.40.2", "alac"); None where it holds but one.
        size_bytes: of the file.
        duration_ms: decoded.
        channels: as the header has it; None where unknown.
        sample_rate_hz: alike.
    """

    path: Path
    kind: AudioKind
    codec: str | None
    size_bytes: int
    duration_ms: int
    channels: int | None
    sample_rate_hz: int | None


@dataclass(frozen=True)
class Recipe:
    """How a rendition is made.

    Attributes:
        kind: what comes out.
        bitrate_bps: its constant bitrate.
        channels: 1 or 2.
        sample_rate_hz: of what comes out.
    """

    kind: AudioKind
    bitrate_bps: int
    channels: int
    sample_rate_hz: int


LIGHT = Recipe(MP3, _LIGHT_BPS, 1, _LIGHT_HZ)
LIGHT_OPUS = Recipe(OPUS_MP4, _OPUS_BPS, 1, _VIDEO_HZ)


def is_served_as_it_is(source: Source) -> bool:
    """Say whether podcast apps can be given the upload itself: MP3 or AAC, one or two channels, not oversized.

    Apple's apps know no Ogg, browsers no ALAC; and nobody's telephone wants a WAV.
    """
    if source.kind.name not in _SERVED_CODECS:
        return False
    codec = _SERVED_CODECS[source.kind.name]
    if codec is not None and not (source.codec or "").startswith(codec):
        return False
    least_hz, most_hz = _RATES_SERVED_HZ
    rate = source.sample_rate_hz or _CD_HZ
    average_bps = source.size_bytes * 8000 // max(source.duration_ms, 1)
    # A short file is small enough, whatever cover stands in it.
    light = average_bps <= NORMAL_BITRATE_AT_MOST or source.size_bytes <= _MARGIN_BYTES
    return light and (source.channels or 1) <= _STEREO and least_hz <= rate <= most_hz


def is_worth_making(recipe: Recipe, source: Source) -> bool:
    """Say whether a light rendition would be lighter than what apps get anyway."""
    if not is_served_as_it_is(source):
        return True
    return recipe.bitrate_bps * source.duration_ms // 8000 < _LIGHTER_BY * source.size_bytes


def normal_recipe(source: Source) -> Recipe:
    """Say how "normal" is encoded where the upload cannot be served: MP3, as many channels as it has, up to two."""
    mono = source.channels == 1
    rate = source.sample_rate_hz or _CD_HZ
    # 96 and 192 kHz, and the half rates, divide into 48; all else is brought to the compact disc's.
    hz = _VIDEO_HZ if rate % _VIDEO_HZ == 0 or _VIDEO_HZ % rate == 0 else _CD_HZ
    return Recipe(MP3, _MONO_BPS if mono else _STEREO_BPS, 1 if mono else _STEREO, hz)


def gain_for(
    recipe: Recipe,
    *,
    stereo_target_lufs: float,
    mono_target_lufs: float,
    own: float | None,
    mono: float | None,
) -> float:
    """Say how much a rendition is raised, in dB.

    Args:
        recipe: of the rendition.
        stereo_target_lufs: where two channels are to come.
        mono_target_lufs: where one channel is to come.
        own: loudness of the source as it is, in LUFS; None for silence or where it is not known.
        mono: of the source mixed down to one channel, alike.
    """
    if recipe.channels == 1:
        return gain_db(mono, mono_target_lufs)
    return gain_db(own, stereo_target_lufs)


def make_rendition(
    source: Source, recipe: Recipe, target: Path, ffmpeg: Ffmpeg, *, raise_db: float | None
) -> None:
    """Encode one rendition, in a pass of its own: two of them at a time use two cores better than one with many.

    Args:
        source: the sound.
        recipe: what comes out.
        target: an empty file of ours.
        ffmpeg: encodes.
        raise_db: gain, with a limiter above it; None leaves the loudness alone.

    Raises:
        UnusableMediaError: ``encoding-failed``; ``too-long-to-decode``.
        DiskFullError: no room.
    """
    options = ("-af", _filters(source, recipe, raise_db), *encoding(recipe))
    limit_bytes = 2 * recipe.bitrate_bps * source.duration_ms // 8000 + _MARGIN_BYTES
    ffmpeg.encode(source.path, source.kind, target, options, limit_bytes=limit_bytes)


def encoding(recipe: Recipe) -> tuple[str, ...]:
    """Write ffmpeg's options of a recipe's codec."""
    shape = ("-ac", str(recipe.channels), "-ar", str(recipe.sample_rate_hz))
    bitrate = ("-b:a", str(recipe.bitrate_bps))
    if recipe.kind is OPUS_MP4:
        # The table of contents stands before the sound: a player that has it begins, and asks only once. Packets of
        # one size make it some hundred bytes; of many sizes, it would be 4 kB a minute, paid before the first sound.
        wrapping = ("-movflags", "+faststart", "-f", "mp4")
        return (*shape, "-c:a", "libopus", *bitrate, "-vbr", "off", *wrapping)
    # The Xing header tells players the exact length; the ID3 tag is written afterwards.
    return (*shape, "-c:a", "libmp3lame", *bitrate, "-id3v2_version", "0", "-write_xing", "1", "-f", "mp3")


def _filters(source: Source, recipe: Recipe, raise_db: float | None) -> str:
    """Mix first, as the measure was taken; then raise; then hold down what would be cut off."""
    mix = mono_mix(source.channels) if recipe.channels == 1 else "aformat=channel_layouts=stereo"
    if raise_db is None:
        return mix
    return f"{mix},volume={raise_db}dB,alimiter=limit={_CEILING}:level=disabled"
