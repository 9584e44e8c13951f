# SPDX-License-Identifier: AGPL-3.0-or-later
"""Loudness: how loud a sound is over its whole length (EBU R128, ITU-R BS.1770), and the gain to a target."""

import re
from dataclasses import dataclass
from pathlib import Path

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import AudioKind
from podcasts.errors import UnusableMediaError

MONO_BELOW_STEREO_LU = 3.0
"""One channel sounds as loud as two equal ones when its measure is so much lower."""

GAIN_AT_MOST_DB = 24.0
"""More would make a sound of the noise of an empty room."""

_SILENCE_LUFS = -69.9
_SUMMARY = re.compile(r"\[Parsed_ebur128_(\d+) @ [^\]]*\] Summary:(.*?)(?=\[Parsed_ebur128|\Z)", re.DOTALL)
_INTEGRATED = re.compile(r"I:\s+(-?\d+(?:\.\d+)?|-inf|nan) LUFS")
_ONE = "[0:a:0]ebur128=framelog=verbose[out]"
# Both in one pass, because decoding twice costs more than measuring twice.
_TWO = (
    "[0:a:0]asplit[own][mix];[mix]{mix},ebur128=framelog=verbose,anullsink;[own]ebur128=framelog=verbose[out]"
)
_STEREO = 2


@dataclass(frozen=True)
class Loudness:
    """How loud a sound is.

    Attributes:
        integrated_lufs: with the channels that it has; None for silence.
        mono_lufs: mixed down to one channel; None for silence.
    """

    integrated_lufs: float | None
    mono_lufs: float | None


def measure_loudness(source: Path, kind: AudioKind, ffmpeg: Ffmpeg, *, channels: int | None) -> Loudness:
    """Measure in one pass, in memory that does not grow with the length.

    Args:
        source: the file.
        kind: what ``sniff`` found.
        ffmpeg: measures.
        channels: as the header has it; one channel is its own mixture.

    Raises:
        UnusableMediaError: ``broken-audio``; ``too-long-to-decode``; ``loudness-unknown``.
    """
    words = ffmpeg.report(source, kind, _ONE if channels == 1 else _TWO.format(mix=mono_mix(channels)))
    found = {int(number): _integrated(summary) for number, summary in _SUMMARY.findall(words)}
    if not found or _UNREAD in found.values():
        raise UnusableMediaError("loudness-unknown")
    measures = [_audible(found[number]) for number in sorted(found)]
    # Filters are numbered as the graph names them: the mixture first.
    return Loudness(integrated_lufs=measures[-1], mono_lufs=measures[0])


def mono_mix(channels: int | None) -> str:
    """Write ffmpeg's filter that mixes a sound down to one channel.

    Args:
        channels: of the sound. For two it is their mean, which is never louder than full scale; for more, or where
            it is not known, ffmpeg's own rule, which may be.
    """
    return "pan=mono|c0=0.5*c0+0.5*c1" if channels == _STEREO else "aformat=channel_layouts=mono"


def gain_db(measured_lufs: float | None, target_lufs: float) -> float:
    """Say by how much a sound must be raised (or lowered) to reach a target; 0 for silence."""
    if measured_lufs is None:
        return 0.0
    return round(min(target_lufs - measured_lufs, GAIN_AT_MOST_DB), 2)


_UNREAD = float("nan")


def _integrated(summary: str) -> float:
    """Read the integrated loudness of a summary; the last one counts, an early one knows nothing yet."""
    values = _INTEGRATED.findall(summary)
    return float(values[-1]) if values else _UNREAD


def _audible(lufs: float) -> float | None:
    """Know silence, for which the standard has no measure (-70 LUFS is its gate)."""
    return lufs if lufs > _SILENCE_LUFS else None
