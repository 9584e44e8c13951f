# SPDX-License-Identifier: AGPL-3.0-or-later
"""Units: a length is written as listeners read it."""

import pytest

from podcasts.units import clock_text, whole_seconds


@pytest.mark.parametrize(
    ("duration_ms", "written"),
    [
        (None, ""),
        (0, "0:00"),
        (499, "0:00"),
        (500, "0:01"),
        (59_499, "0:59"),
        (59_500, "1:00"),
        (1_450_000, "24:10"),
        (3_599_500, "1:00:00"),
        (3_723_000, "1:02:03"),
        (36_000_000, "10:00:00"),
    ],
)
def test_a_length_is_minutes_and_seconds_with_hours_from_one(duration_ms: int | None, written: str) -> None:
    assert clock_text(duration_ms) == written


def test_halves_of_seconds_go_up() -> None:
    assert [whole_seconds(ms) for ms in (0, 499, 500, 1499, 1500)] == [0, 0, 1, 1, 2]
