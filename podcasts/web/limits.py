# SPDX-License-Identifier: AGPL-3.0-or-later
"""Limits: how often somebody may try something; counted in this process's memory."""

import time

from flask import current_app
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from podcasts.errors import TooManyRequestsError

LOGIN_OF_ACCOUNT = parse("10 per 15 minutes")
LOGIN_OF_ADDRESS = parse("60 per 15 minutes")
SETUP_OF_ADDRESS = parse("60 per 15 minutes")
LOOK_UP_OF_ADDRESS = parse("300 per minute")
CALLS_OF_TOKEN = parse("1200 per minute")
CALLS_OF_ADDRESS = parse("60 per minute")
"""Calls of the REST interface without a good token."""


class Limits:
    """Counts by name and key."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, limit: RateLimitItem, *key: str) -> None:
        """Count one try.

        Raises:
            TooManyRequestsError: it is one too many; facts: ``retry_after_seconds``.
        """
        if not self._limiter.hit(limit, *key):
            raise TooManyRequestsError(retry_after_seconds=self._wait_seconds(limit, *key))

    def forgive(self, limit: RateLimitItem, *key: str) -> None:
        """Forget the tries that were counted."""
        self._limiter.clear(limit, *key)

    def _wait_seconds(self, limit: RateLimitItem, *key: str) -> int:
        stats = self._limiter.get_window_stats(limit, *key)
        return max(1, int(stats.reset_time - time.time()) + 1)


def take(limit: RateLimitItem, *key: str) -> None:
    """Count one try in the present application; see ``Limits.take``."""
    limits: Limits = current_app.extensions["griot_limits"]
    limits.take(limit, *key)


def forgive(limit: RateLimitItem, *key: str) -> None:
    """Forget the tries that were counted; see ``Limits.forgive``."""
    limits: Limits = current_app.extensions["griot_limits"]
    limits.forgive(limit, *key)
