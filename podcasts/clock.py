# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one clock: aware UTC, and a second one that tests can stop and move."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time as an aware UTC datetime."""

    def now(self) -> datetime:
        """Tell the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Tell the present instant, aware, in UTC."""
        return datetime.now(UTC)


class StoppedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Tell the instant at which the clock stands."""
        return self._at

    def move(self, by: timedelta) -> None:
        """Move the clock forward (or back, by a negative amount)."""
        self._at += by
