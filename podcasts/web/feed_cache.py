# SPDX-License-Identifier: AGPL-3.0-or-later
"""The feed cache: finished feeds in memory, each true until something changes or is released.

A hit costs one question to the database (the number of the newest change) and builds nothing. What is kept is
the plain bytes and the compressed ones, each with its own strong ETag (RFC 9110 section 8.8.3.3).
"""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

GZIP_LEVEL = 6
CAPACITY_BYTES = 64_000_000
_LOCKS = 16


@dataclass(frozen=True)
class ReadyFeed:
    """A feed as it is sent.

    Attributes:
        body: the XML; ``zipped`` is the same in gzip.
        etag: of the body, without quotes; ``zipped_etag`` of the compressed one.
        changed_at: what Last-Modified says.
        stamp: number of the newest change when it was built.
        valid_until: when an episode is released by itself; None for never.
    """

    body: bytes
    zipped: bytes
    etag: str
    zipped_etag: str
    changed_at: datetime
    stamp: int
    valid_until: datetime | None

    @property
    def size_bytes(self) -> int:
        """What it takes in memory."""
        return len(self.body) + len(self.zipped)


def ready_feed(body: bytes, changed_at: datetime, stamp: int, valid_until: datetime | None) -> ReadyFeed:
    """Compress and name a finished feed."""
    digest = hashlib.sha256(body).hexdigest()
    # mtime=0: the same feed gives the same bytes at every hour.
    zipped = gzip.compress(body, GZIP_LEVEL, mtime=0)
    return ReadyFeed(body, zipped, digest, f"{digest}-gzip", changed_at, stamp, valid_until)


class FeedCache:
    """Finished feeds by name; those that were not asked for the longest go first.

    Attributes:
        capacity_bytes: what all of them may take together.
    """

    def __init__(self, capacity_bytes: int = CAPACITY_BYTES) -> None:
        self.capacity_bytes = capacity_bytes
        self._feeds: OrderedDict[str, ReadyFeed] = OrderedDict()
        self._lock = Lock()
        self._building = tuple(Lock() for _ in range(_LOCKS))

    def get(self, name: str, stamp: int, now: datetime) -> ReadyFeed | None:
        """Take a feed that is still true; None where it must be built."""
        with self._lock:
            feed = self._feeds.get(name)
            if feed is None or not _is_true(feed, stamp, now):
                return None
            self._feeds.move_to_end(name)
            return feed

    def get_or_build(self, name: str, stamp: int, now: datetime, build: Callable[[], ReadyFeed]) -> ReadyFeed:
        """Take a feed, or let one of many who ask at once build it while the others wait for that one."""
        found = self.get(name, stamp, now)
        if found is not None:
            return found
        with self._building[hash(name) % _LOCKS]:
            found = self.get(name, stamp, now)
            return found if found is not None else self._keep(name, build())

    def _keep(self, name: str, feed: ReadyFeed) -> ReadyFeed:
        with self._lock:
            self._feeds[name] = feed
            self._feeds.move_to_end(name)
            while len(self._feeds) > 1 and self._size_bytes() > self.capacity_bytes:
                self._feeds.popitem(last=False)
        return feed

    def _size_bytes(self) -> int:
        return sum(feed.size_bytes for feed in self._feeds.values())


def _is_true(feed: ReadyFeed, stamp: int, now: datetime) -> bool:
    return feed.stamp >= stamp and (feed.valid_until is None or now < feed.valid_until)
