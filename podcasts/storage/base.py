# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storage: a few verbs on keys, whatever keeps the bytes. It knows no podcast and no HTTP."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol


class Storage(Protocol):
    """Anything that keeps files under keys made by ``podcasts.storage.keys``.

    Every verb that takes a key raises NotFoundError for one that Griot cannot have made.
    """

    def put(self, source: Path, key: str) -> None:
        """Take over a finished temporary file: after this it survives a power cut, and ``source`` is gone.

        Args:
            source: a file from ``new_temporary``, closed.
            key: where it goes; what was there is replaced in one step.

        Raises:
            DiskFullError: no room; nothing is kept, ``source`` neither.
        """
        ...

    def put_bytes(self, data: bytes, key: str) -> None:
        """Keep these bytes, with the promises of ``put``.

        Raises:
            DiskFullError: no room; nothing is kept.
        """
        ...

    def open(self, key: str) -> BinaryIO:
        """Open for reading: seekable, and a seek reads nothing.

        Raises:
            NotFoundError: nothing under this key.
        """
        ...

    def local_path(self, key: str) -> Path | None:
        """Name the file itself, for ffmpeg and X-Accel-Redirect; None where the bytes are no local file.

        It is not checked that the file is there.
        """
        ...

    def size(self, key: str) -> int:
        """Count the bytes.

        Raises:
            NotFoundError: nothing under this key.
        """
        ...

    def exists(self, key: str) -> bool:
        """Say whether something is kept under this key."""
        ...

    def delete(self, key: str) -> None:
        """Forget what is under this key; nothing there is no error."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """List the keys that begin with ``prefix``, in no order, temporaries left out."""
        ...

    def new_temporary(self, suffix: str = "") -> Path:
        """Make an empty file to fill before ``put``: random name, mode 0600, in the store's file system.

        Raises:
            DiskFullError: no room.
        """
        ...

    def temporary(self, name: str) -> Path:
        """Name a temporary file again, by the last part of what ``new_temporary`` gave.

        Raises:
            NotFoundError: no temporary can have this name.
        """
        ...

    def parts(self) -> list[Path]:
        """List the temporaries of uploads in pieces: those made with the suffix ``.part``."""
        ...

    def sweep_temporaries(self, *, older_than: timedelta, now: datetime) -> int:
        """Remove temporaries last written more than ``older_than`` before ``now``; answer how many went.

        Those of uploads in pieces stay, which may pause for days: who made them removes them.
        """
        ...

    def check(self) -> None:
        """Write, read back and remove a few bytes.

        Raises:
            DiskFullError: no room.
            OSError: the store cannot be written or read.
        """
        ...
