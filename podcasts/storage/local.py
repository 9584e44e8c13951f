# SPDX-License-Identifier: AGPL-3.0-or-later
"""Local storage: files in a folder, never half-written, still there after a power cut."""

import contextlib
import errno
import os
import re
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from podcasts.errors import DiskFullError, NotFoundError
from podcasts.storage.keys import check_key

INCOMING = ".incoming"
PART = ".part"
"""Ending of a file that comes in pieces."""

_TEMPORARY = re.compile(r"[0-9a-f]{32}(?:\.[0-9a-z]{1,12})?", re.ASCII)
_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})
_SUFFIX = re.compile(r"(?:\.[0-9a-z]{1,12})?", re.ASCII)
# A delete may prune a folder between our making it and our using it; losing that race so often is no chance.
_RENAME_TRIES = 20


@contextlib.contextmanager
def disk_full_removes(path: Path) -> Iterator[None]:
    """Turn "no space" and "over quota" into DiskFullError, and leave no half-written file behind.

    Args:
        path: what is being written; removed after any error, whatever its reason.

    Raises:
        DiskFullError: ENOSPC or EDQUOT.
    """
    try:
        yield
    except OSError as reason:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        if reason.errno in _NO_ROOM:
            raise DiskFullError from reason
        raise


@contextlib.contextmanager
def disk_full_keeps() -> Iterator[None]:
    """Turn "no space" and "over quota" into DiskFullError, and leave what is there.

    Raises:
        DiskFullError: ENOSPC or EDQUOT.
    """
    try:
        yield
    except OSError as reason:
        if reason.errno in _NO_ROOM:
            raise DiskFullError from reason
        raise


class LocalStorage:
    """Storage in a folder of this machine.

    Attributes:
        root: the folder; made at the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, source: Path, key: str) -> None:
        """Take over a finished temporary file: fsync it, rename it, fsync the folders."""
        target = self._path(key)
        with disk_full_removes(source):
            source.chmod(_FILE_MODE)
            _sync(source)
            self._move(source, target)
        with disk_full_removes(target):
            _sync(target.parent)

    def put_bytes(self, data: bytes, key: str) -> None:
        """Keep these bytes, by way of a temporary file."""
        check_key(key)
        source = self.new_temporary()
        with disk_full_removes(source):
            source.write_bytes(data)
        self.put(source, key)

    def open(self, key: str) -> BinaryIO:
        """Open without a buffer of Python's own: a range costs its own bytes and no more."""
        try:
            return self._path(key).open("rb", buffering=0)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as reason:
            raise NotFoundError from reason

    def local_path(self, key: str) -> Path | None:
        """Name the file."""
        return self._path(key)

    def size(self, key: str) -> int:
        """Count the bytes."""
        try:
            return self._path(key).stat().st_size
        except (FileNotFoundError, NotADirectoryError) as reason:
            raise NotFoundError from reason

    def exists(self, key: str) -> bool:
        """Say whether there is such a file."""
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        """Remove the file, and the folder it leaves empty."""
        path = self._path(key)
        path.unlink(missing_ok=True)
        # rmdir refuses a folder that holds anything, so a file that arrives meanwhile is safe.
        with contextlib.suppress(OSError):
            path.parent.rmdir()

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Walk the folder; what is not ours (a README, a temporary) is passed over."""
        for folder, _, names in os.walk(self.root):
            for name in names:
                key = (Path(folder) / name).relative_to(self.root).as_posix()
                if key.startswith(prefix) and _is_key(key):
                    yield key

    def new_temporary(self, suffix: str = "") -> Path:
        """Make an empty file in the folder of what is coming in.

        Raises:
            ValueError: the suffix is more than a dot and a few small letters.
            DiskFullError: no room.
        """
        if not _SUFFIX.fullmatch(suffix):
            raise ValueError(suffix)
        path = self.root / INCOMING / (secrets.token_hex(16) + suffix)
        with disk_full_removes(path):
            path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
            path.touch(mode=0o600, exist_ok=False)
        return path

    def temporary(self, name: str) -> Path:
        """Name a file in the folder of what is coming in."""
        if not _TEMPORARY.fullmatch(name):
            raise NotFoundError
        return self.root / INCOMING / name

    def parts(self) -> list[Path]:
        """List the files of uploads in pieces."""
        return list((self.root / INCOMING).glob(f"*{PART}"))

    def sweep_temporaries(self, *, older_than: timedelta, now: datetime) -> int:
        """Remove what was left behind by uploads that never ended."""
        oldest = (now - older_than).timestamp()
        removed = 0
        for path in (self.root / INCOMING).glob("*"):
            if path.suffix == PART:
                continue
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()
                    removed += 1
        return removed

    def check(self) -> None:
        """Write, read back and remove a few bytes, as /readyz asks."""
        probe = self.new_temporary()
        said = secrets.token_bytes(16)
        try:
            with disk_full_removes(probe):
                probe.write_bytes(said)
                if probe.read_bytes() != said:
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
        finally:
            probe.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.root / check_key(key)

    def _move(self, source: Path, target: Path) -> None:
        for tries_left in reversed(range(_RENAME_TRIES)):
            try:
                self._make_folder(target.parent)
                source.rename(target)
            except (FileNotFoundError, FileExistsError):
                # Somebody took the empty folder away in between: mkdir found it, and it was gone again.
                if not tries_left or not source.exists():
                    raise
            else:
                return

    def _make_folder(self, folder: Path) -> None:
        """Make the folder and every one above it up to the root, so that their names are on the disk too."""
        if folder.is_dir():
            return
        if folder != self.root:
            self._make_folder(folder.parent)
        folder.mkdir(mode=_FOLDER_MODE, parents=folder == self.root, exist_ok=True)
        _sync(folder.parent)


def _is_key(key: str) -> bool:
    try:
        check_key(key)
    except NotFoundError:
        return False
    return True


def _sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
