# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filling: a file is made beside the stored ones and then put among them; one that was not finished goes away."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key


@dataclass(frozen=True)
class PutAway:
    """A file in the store that no row names yet.

    Attributes:
        key: its storage key.
        sha256: of its bytes, in hexadecimal.
    """

    key: str
    sha256: str
    size_bytes: int


@contextmanager
def filling(storage: Storage, extension: str) -> Iterator[Path]:
    """Make a file to fill, and leave none behind that was not put away.

    Args:
        storage: where the file is meant to go.
        extension: without a dot; ffmpeg and mutagen look at it.

    Raises:
        DiskFullError: no room.
    """
    temporary = storage.new_temporary(f".{extension}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def put_away(storage: Storage, filled: Path, extension: str) -> PutAway:
    """Put a filled file among the sounds under a new key.

    Args:
        storage: takes it over.
        filled: from ``filling``, closed.
        extension: of the key, without a dot.

    Raises:
        DiskFullError: no room; nothing is kept.
    """
    made = PutAway(new_key("audio", extension), digest_of(filled), filled.stat().st_size)
    storage.put(filled, made.key)
    return made


def digest_of(path: Path) -> str:
    """Compute the SHA-256 of a file, in hexadecimal, with little memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
