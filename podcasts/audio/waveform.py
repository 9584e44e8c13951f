# SPDX-License-Identifier: AGPL-3.0-or-later
"""Waveforms: the peaks of any length of sound, folded as it passes by, in memory that does not grow."""

from array import array
from collections.abc import Sequence
from itertools import pairwise

PEAKS = 400
COVER_BARS = 11
LOUDEST = 255
FULL_SCALE = 32_768
# -50 dB of full scale: the room before somebody speaks, not the softest voice.
SILENT_BELOW = 104
_WINDOWS_AT_MOST = 8192
_FIRST_WINDOW_SAMPLES = 128
# The quietest bar of a cover is still a bar.
_LEAST_BAR = 64


class PeakFolder:
    """Takes samples in pieces of any size and keeps at most 8192 peaks, each of a window of equal length.

    When there are more, neighbours are merged and the window doubles: ten hours cost what ten minutes do.

    Attributes:
        samples: how many samples have been taken.
    """

    def __init__(self) -> None:
        self.samples = 0
        self._window_samples = _FIRST_WINDOW_SAMPLES
        self._peaks: list[int] = []
        self._rest = array("h")

    def take(self, samples: "array[int]") -> None:
        """Take the next samples, mono, 16 bits, signed."""
        self.samples += len(samples)
        self._rest.extend(samples)
        start = 0
        while start + self._window_samples <= len(self._rest):
            end = start + self._window_samples
            self._peaks.append(_peak(self._rest[start:end]))
            start = end
            if len(self._peaks) == _WINDOWS_AT_MOST:
                self._merge()
        del self._rest[:start]

    def peaks(self) -> list[int]:
        """Give the peaks so far, 0 to 32768, the last window perhaps an unfinished one."""
        return [*self._peaks, _peak(self._rest)] if self._rest else list(self._peaks)

    def silence_samples(self) -> tuple[int, int]:
        """Count the samples before anything is heard, and after; whole windows, so never too many.

        Returns:
            Head and tail; (0, 0) where nothing is heard at all.
        """
        heard = [index for index, peak in enumerate(self._peaks) if peak >= SILENT_BELOW]
        rest_is_heard = bool(self._rest) and _peak(self._rest) >= SILENT_BELOW
        if not heard:
            return (len(self._peaks) * self._window_samples if rest_is_heard else 0), 0
        after = 0 if rest_is_heard else self.samples - (heard[-1] + 1) * self._window_samples
        return heard[0] * self._window_samples, after

    def _merge(self) -> None:
        self._peaks = [max(pair) for pair in zip(self._peaks[::2], self._peaks[1::2], strict=True)]
        self._window_samples *= 2


def peaks_for_page(peaks: Sequence[int], count: int = PEAKS) -> tuple[int, ...]:
    """Fold or stretch peaks to ``count`` values, 0 to 255, the loudest being 255 (all 0 for silence)."""
    return _scaled([max(part) for part in _parts(peaks, count)])


def peaks_for_studio(peaks: Sequence[int]) -> bytes:
    """Give every peak that was kept as one byte, against full scale: the studio shows levels as they are."""
    return bytes(min(LOUDEST, peak * (LOUDEST + 1) // FULL_SCALE) for peak in peaks)


def bars_for_cover(peaks: Sequence[int], count: int = COVER_BARS) -> tuple[int, ...]:
    """Fold peaks to the bars of a cover, 0 to 255.

    The means of long stretches of speech are nearly equal, and a row of equal bars shows nobody's voice: so
    the differences are drawn larger, between a quarter and the whole height. It is a sign and no measurement.
    """
    means = [sum(part) // len(part) for part in _parts(peaks, count)]
    least, most = min(means), max(means)
    if most == least:
        return _scaled(means)
    reach = LOUDEST - _LEAST_BAR
    return tuple(_LEAST_BAR + reach * (mean - least) // (most - least) for mean in means)


def _parts(peaks: Sequence[int], count: int) -> list[Sequence[int]]:
    """Cut into ``count`` parts of nearly equal length, none empty: a short sound's peaks are repeated."""
    length = len(peaks)
    if not length:
        return [(0,)] * count
    edges = [index * length // count for index in range(count + 1)]
    return [peaks[start : max(end, start + 1)] for start, end in pairwise(edges)]


def _scaled(values: Sequence[int]) -> tuple[int, ...]:
    loudest = max(values) or 1
    return tuple(value * LOUDEST // loudest for value in values)


def _peak(samples: "array[int]") -> int:
    highest, lowest = max(samples), min(samples)
    return max(highest, -lowest)
