# SPDX-License-Identifier: AGPL-3.0-or-later
"""Parts: pieces of an upload put onto the disk, each byte acknowledged only when it is there for good."""

import binascii
import fcntl
import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from podcasts.errors import ChecksumError, InvalidError, LockedError, TooLargeError
from podcasts.services.multipart import BLOCK_BYTES, Readable
from podcasts.storage.local import disk_full_keeps

if TYPE_CHECKING:
    from hashlib import _Hash

CHECKPOINT_BYTES = 8 * 1024 * 1024
"""How often a long piece is put onto the disk on its way: a crash loses no more than that."""

SILENT_SECONDS = 5.0
"""A sender that has sent nothing for so long may be ended by whoever comes to go on: its line is dead."""

WAIT_SECONDS = 10.0
"""How long the newcomer waits for what the dead one still puts away."""

CHECKSUMS = ("sha1", "sha256", "md5")

Acknowledge = Callable[[int], None]


@dataclass(frozen=True)
class Piece:
    """What a sender is about to send.

    Attributes:
        offset: where it begins in the file.
        end: where the whole file ends.
        length: how many bytes it says it has; None where it does not say.
        checksum: name of the algorithm, and the digest; None for none.
    """

    offset: int
    end: int
    length: int | None
    checksum: tuple[str, bytes] | None = None


def take_piece(body: Readable, path: Path, piece: Piece, acknowledge: Acknowledge, heard: "Sender") -> int:
    """Put a piece into a file at its place.

    What comes before a line breaks is kept and acknowledged, except under a checksum, which is then not known.

    Args:
        body: the request's.
        path: of the file that fills.
        piece: what is said to come.
        acknowledge: told an offset when every byte before it is on the disk for good.
        heard: told of every block.

    Returns:
        The offset that was acknowledged last.

    Raises:
        LockedError: another process is at this file.
        ChecksumError: nothing of the piece is kept.
        TooLargeError: the piece goes beyond the end of the file; the offset acknowledged last stands.
        DiskFullError: the offset acknowledged last stands.
    """
    if piece.length is not None and piece.offset + piece.length > piece.end:
        raise TooLargeError(limit_bytes=piece.end)
    with disk_full_keeps(), path.open("r+b", buffering=0) as file:
        _lock(file)
        file.truncate(piece.offset)
        file.seek(piece.offset)
        if piece.checksum is None:
            return _take(body, file, piece, acknowledge, heard)
        return _take_checked(body, file, piece, acknowledge, heard)


@contextmanager
def finishing(path: Path) -> Iterator[None]:
    """Be the only process that makes something of a file that has filled.

    Raises:
        LockedError: another one is at it.
    """
    try:
        file = path.open("rb", buffering=0)
    except FileNotFoundError:
        # Another one has finished it and put it away since the row was read.
        raise LockedError from None
    with file:
        _lock(file)
        yield


def _take(body: Readable, file: BinaryIO, piece: Piece, acknowledge: Acknowledge, heard: "Sender") -> int:
    at = acknowledged = piece.offset
    for block in _blocks(body, piece, heard):
        _write(file, block)
        at += len(block)
        if at - acknowledged >= CHECKPOINT_BYTES:
            acknowledged = _put_down(file, at, acknowledge)
    return _put_down(file, at, acknowledge) if at > acknowledged else acknowledged


def _take_checked(
    body: Readable, file: BinaryIO, piece: Piece, acknowledge: Acknowledge, heard: "Sender"
) -> int:
    name, wanted = piece.checksum or ("", b"")
    digest: _Hash = hashlib.new(name, usedforsecurity=False)
    at = piece.offset
    for block in _blocks(body, piece, heard):
        digest.update(block)
        _write(file, block)
        at += len(block)
    if digest.digest() != wanted:
        file.truncate(piece.offset)
        raise ChecksumError
    return _put_down(file, at, acknowledge)


def _blocks(body: Readable, piece: Piece, heard: "Sender") -> Iterator[bytes]:
    """Read what comes, until the piece or the line ends.

    Raises:
        TooLargeError: more comes than there is room for.
    """
    left = piece.end - piece.offset
    while True:
        try:
            block = body.read(BLOCK_BYTES)
        except (OSError, ValueError):
            # The line broke, or the sender fell silent: what has come is kept.
            return
        if not block:
            return
        heard.now()
        if len(block) > left:
            raise TooLargeError(limit_bytes=piece.end)
        left -= len(block)
        yield block


def _write(file: BinaryIO, block: bytes) -> None:
    """Write the whole block: on a disk that is nearly full, one write takes only what still finds room."""
    left = memoryview(block)
    while left:
        left = left[file.write(left) :]


def _put_down(file: BinaryIO, at: int, acknowledge: Acknowledge) -> int:
    os.fsync(file.fileno())
    acknowledge(at)
    return at


def _lock(file: BinaryIO) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise LockedError from None


@dataclass
class Sender:
    """Whoever is sending an upload in this process.

    Attributes:
        connection: its socket; None where the server shows none.
        last_heard: on the monotonic clock.
        left: set when it has put away what it got.
    """

    connection: socket.socket | None
    last_heard: float = field(default_factory=time.monotonic)
    left: threading.Event = field(default_factory=threading.Event)

    def now(self) -> None:
        """Note that something came."""
        self.last_heard = time.monotonic()

    def is_silent(self) -> bool:
        """Say whether nothing has come for so long that the line must be dead."""
        return time.monotonic() - self.last_heard > SILENT_SECONDS

    def hang_up(self) -> None:
        """End a dead line: its reader meets the end of the body."""
        if self.connection is not None:
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RD)


class Senders:
    """One sender for each upload: whoever comes second is turned away, unless the first has fallen silent."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._senders: dict[str, Sender] = {}

    @contextmanager
    def alone(self, upload_id: str, connection: socket.socket | None) -> Iterator[Sender]:
        """Be the only one at an upload.

        Raises:
            LockedError: somebody is sending it.
        """
        sender = self._enter(upload_id, Sender(connection))
        try:
            yield sender
        finally:
            with self._lock:
                del self._senders[upload_id]
            sender.left.set()

    def end_silent(self, upload_id: str) -> None:
        """Wait for a sender whose line is dead to put away what it got; nothing where there is none."""
        with self._lock:
            before = self._senders.get(upload_id)
        if before is not None and before.is_silent():
            before.hang_up()
            before.left.wait(WAIT_SECONDS)

    def _enter(self, upload_id: str, sender: Sender) -> Sender:
        self.end_silent(upload_id)
        with self._lock:
            if upload_id in self._senders:
                raise LockedError
            self._senders[upload_id] = sender
        return sender


def parse_checksum(header: str | None) -> tuple[str, bytes] | None:
    """Read Upload-Checksum: an algorithm and its digest in base64 (tus 1.0.0, checksum extension).

    Raises:
        InvalidError: "upload-header".
    """
    if header is None:
        return None
    name, _, text = header.strip().partition(" ")
    try:
        digest = binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError):
        digest = b""
    if name not in CHECKSUMS or not digest:
        raise InvalidError("upload-header", header="Upload-Checksum")
    return name, digest
