# SPDX-License-Identifier: AGPL-3.0-or-later
"""Peaks fold the same however the sound arrives."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podcasts.audio.waveform import PeakFolder, bars_for_cover, peaks_for_page

SAMPLES = st.lists(st.integers(-32768, 32767), max_size=600)


@given(SAMPLES, st.integers(1, 200))
def test_the_size_of_the_pieces_changes_nothing(samples: list[int], piece: int) -> None:
    whole, pieces = PeakFolder(), PeakFolder()
    whole.take(array("h", samples))
    for start in range(0, len(samples), piece):
        pieces.take(array("h", samples[start : start + piece]))
    assert whole.peaks() == pieces.peaks()
    assert whole.samples == pieces.samples == len(samples)


@given(SAMPLES.filter(bool))
def test_the_loudest_sample_is_never_lost(samples: list[int]) -> None:
    folder = PeakFolder()
    folder.take(array("h", samples))
    assert max(folder.peaks()) == max(map(abs, samples))


def test_a_long_sound_is_kept_in_few_peaks_at_their_places() -> None:
    folder = PeakFolder()
    silence = array("h", bytes(2 * 100_000))
    for number in range(40):
        folder.take(silence)
        if number == 9:
            folder.take(array("h", [30_000]))
    peaks = folder.peaks()
    assert len(peaks) <= 8192
    assert peaks.index(30_000) / len(peaks) == pytest.approx(0.25, abs=0.001)


@given(st.lists(st.integers(0, 32768), max_size=1500), st.integers(1, 450))
def test_the_page_gets_as_many_values_as_it_asked_for(peaks: list[int], count: int) -> None:
    values = peaks_for_page(peaks, count)
    assert len(values) == count
    assert all(0 <= value <= 255 for value in values)
    assert max(values) == (255 if any(peaks) else 0)


@given(st.lists(st.integers(0, 32768), max_size=1500))
def test_a_cover_s_bars_are_between_a_quarter_and_the_whole_unless_all_are_equal(peaks: list[int]) -> None:
    bars = bars_for_cover(peaks)
    assert len(bars) == 11
    assert len(set(bars)) == 1 or (min(bars), max(bars)) == (64, 255)
