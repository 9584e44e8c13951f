# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams: files as the body of an answer, in small blocks, seeking, and counted as they are really taken.

Werkzeug's range responses seek where the body can: a late range then costs what an early one costs. Nothing here
touches a request or an application: both are gone while the body still flows.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

BLOCK_BYTES = 65_536
"""What one listener holds in memory; 500 listeners hold 33 MB."""


class FileBlocks:
    """A file in blocks, which Werkzeug's range wrapper can seek in."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        block = self._file.read(BLOCK_BYTES)
        if not block:
            raise StopIteration
        return block

    def seekable(self) -> bool:
        """Say that one may seek."""
        return True

    def seek(self, offset_bytes: int) -> int:
        """Go to a byte."""
        return self._file.seek(offset_bytes)

    def tell(self) -> int:
        """Tell at which byte the next block begins."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class SentFile:
    """A file that the server hands to the kernel itself (sendfile), and that tells how far it came.

    What asks for it is the server's ``wsgi.file_wrapper`` (PEP 3333): it sends from where the file stands, as many
    bytes as Content-Length says. Python's ``socket.sendfile`` moves the file to where it came, also when the
    connection breaks; so the last move tells what was sent.
    """

    mode = "rb"

    def __init__(self, file: BinaryIO, first_byte: int) -> None:
        file.seek(first_byte)
        self._file = file
        self._first_byte = first_byte
        self._sent_bytes = 0
        self.ended: Callable[[int], None] | None = None

    def fileno(self) -> int:
        """Name the open file to the kernel."""
        return self._file.fileno()

    def seek(self, offset_bytes: int) -> int:
        """Note how far the kernel came."""
        self._sent_bytes = offset_bytes - self._first_byte
        return offset_bytes

    def read(self, size: int = -1) -> bytes:
        """Read, where the server does not use the kernel."""
        block = self._file.read(size)
        self._sent_bytes += len(block)
        return block

    def close(self) -> None:
        """Close the file, and tell ``ended``, once, how many bytes were sent."""
        self._file.close()
        if self.ended is not None:
            ended, self.ended = self.ended, None
            ended(self._sent_bytes)


class CountedBody:
    """A body that tells at its end how many bytes the connection took.

    A block counts when the server comes back for more: it has then been handed to the connection whole.
    """

    def __init__(self, body: object, ended: Callable[[int], None]) -> None:
        self._body = body
        self._blocks: Iterator[bytes] = iter(body)  # type: ignore[call-overload]  # a body is iterable
        self._ended: Callable[[int], None] | None = ended
        self._pending_bytes = 0
        self._taken_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        self._taken_bytes += self._pending_bytes
        self._pending_bytes = 0
        block = next(self._blocks)
        self._pending_bytes = len(block)
        return block

    def close(self) -> None:
        """Close the body and tell, once."""
        close = getattr(self._body, "close", None)
        if close is not None:
            close()
        if self._ended is not None:
            ended, self._ended = self._ended, None
            ended(self._taken_bytes)
