# SPDX-License-Identifier: AGPL-3.0-or-later
"""Receiving a file from a form (RFC 7578): streamed to disk, hashed on the way, in memory that never grows."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from podcasts.errors import GriotError, InvalidError, Problem, TooLargeError
from podcasts.storage.local import disk_full_removes
from podcasts.text import clean_line

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

BLOCK_BYTES = 256 * 1024
FIELD_BYTES = 10_000
FIELDS_AT_MOST = 50
OVERHEAD_BYTES = 1_000_000
"""How much longer than its file a form may be."""

DRAINED_BYTES = 8 * 1024 * 1024
"""How much of a refused body is still read, so that the sender hears why instead of a broken line."""

FILE_NAME_CHARACTERS = 255


class Readable(Protocol):
    """A request's body."""

    def read(self, size: int, /) -> bytes:
        """Read at most so many bytes; b"" at the end."""
        ...


class Temporaries(Protocol):
    """What makes files to fill: a storage."""

    def new_temporary(self, suffix: str = "") -> Path:
        """Make an empty file."""
        ...


CheckFields = Callable[[Mapping[str, str]], None]


@dataclass(frozen=True)
class Received:
    """A file that has arrived whole.

    Attributes:
        temporary: where it lies, closed and complete; whoever receives it puts it away or removes it.
        sha256: hex, of its bytes.
        size_bytes: how many there are.
        file_name: the sender's own, the last part of it, cleaned; "" where there was none.
        fields: the small fields that came with it.
    """

    temporary: Path
    sha256: str
    size_bytes: int
    file_name: str
    fields: Mapping[str, str]


def receive_file(
    body: Readable,
    storage: Temporaries,
    *,
    content_type: str | None,
    content_length: int | None,
    limit_bytes: int,
    check_fields: CheckFields | None = None,
) -> Received:
    """Take the part named ``file`` out of a form as it comes.

    Args:
        body: the request's body.
        storage: makes the temporary file.
        content_type: the request's, with its boundary.
        content_length: the request's; None where it does not say.
        limit_bytes: largest file.
        check_fields: called with the fields before the first byte of the file is taken; what it raises ends
            the reception.

    Raises:
        InvalidError: "no-file" on ``file``; "malformed"; "upload-broken-off".
        TooLargeError: facts ``limit_bytes``.
        DiskFullError: nothing is kept.
    """
    boundary = _boundary(content_type)
    if content_length is not None and content_length > limit_bytes + OVERHEAD_BYTES:
        drain(body)
        raise TooLargeError(limit_bytes=limit_bytes)
    temporary = storage.new_temporary()
    try:
        with disk_full_removes(temporary), temporary.open("wb") as file:
            form = _Form(file, limit_bytes, check_fields)
            _feed(body, boundary, form, content_length)
        return form.received(temporary)
    except BaseException as reason:
        temporary.unlink(missing_ok=True)
        if isinstance(reason, GriotError):
            drain(body)
        raise


def read_small_body(body: Readable, *, limit_bytes: int) -> bytes:
    """Read a body that is one small file, such as a picture.

    Raises:
        TooLargeError: facts ``limit_bytes``.
    """
    parts: list[bytes] = []
    size = 0
    while block := body.read(BLOCK_BYTES):
        size += len(block)
        if size > limit_bytes:
            drain(body)
            raise TooLargeError(limit_bytes=limit_bytes)
        parts.append(block)
    return b"".join(parts)


@dataclass
class _Part:
    """The part that is being read."""

    header_name: bytes = b""
    header_value: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    is_file: bool = False
    text: bytes = b""


class _Form:
    """Listens to the parser: fields into memory, the file to disk."""

    def __init__(self, file: BinaryIO, limit_bytes: int, check_fields: CheckFields | None) -> None:
        self.ended = False
        self._file = file
        self._limit_bytes = limit_bytes
        self._check_fields = check_fields
        self._digest = hashlib.sha256()
        self._size_bytes = 0
        self._file_name: str | None = None
        self._fields: dict[str, str] = {}
        self._part = _Part()

    def callbacks(self) -> "MultipartCallbacks":
        """List what the parser calls."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._finish,
        }

    def received(self, temporary: Path) -> Received:
        """Tell what has arrived.

        Raises:
            InvalidError: "upload-broken-off", or "no-file" on ``file``.
        """
        if not self.ended:
            raise InvalidError("upload-broken-off")
        if self._file_name is None:
            raise InvalidError(problems=(Problem("file", "no-file"),))
        name = self._file_name
        return Received(temporary, self._digest.hexdigest(), self._size_bytes, name, dict(self._fields))

    def _begin(self) -> None:
        self._part = _Part()

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._part.header_name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.header_value += data[start:end]

    def _header_end(self) -> None:
        part = self._part
        # The parser of options wants latin-1 and gives bytes back, which are UTF-8 (RFC 7578 section 5.1.1).
        name, value = (text.decode("latin-1") for text in (part.header_name, part.header_value))
        part.headers[name.lower()] = value
        part.header_name = part.header_value = b""

    def _headers_finished(self) -> None:
        part = self._part
        kind, options = parse_options_header(part.headers.get("content-disposition"))
        if kind != b"form-data" or b"name" not in options:
            raise InvalidError("malformed")
        part.name = options[b"name"].decode("utf-8", "replace")
        part.is_file = part.name == "file" and b"filename" in options
        if part.is_file:
            self._begin_file(options[b"filename"])
        elif len(self._fields) >= FIELDS_AT_MOST:
            raise InvalidError("malformed")

    def _begin_file(self, file_name: bytes) -> None:
        if self._file_name is not None:
            raise InvalidError(problems=(Problem("file", "too-many", {"limit": 1}),))
        if self._check_fields is not None:
            self._check_fields(dict(self._fields))
        self._file_name = _clean_name(file_name)

    def _data(self, data: bytes, start: int, end: int) -> None:
        # A view saves a copy of every byte.
        block = memoryview(data)[start:end]
        if self._part.is_file:
            self._size_bytes += len(block)
            if self._size_bytes > self._limit_bytes:
                raise TooLargeError(limit_bytes=self._limit_bytes)
            self._digest.update(block)
            self._file.write(block)
            return
        self._part.text += bytes(block)
        if len(self._part.text) > FIELD_BYTES:
            raise InvalidError(problems=(Problem(self._part.name[:100], "too-long", {"limit": FIELD_BYTES}),))

    def _end(self) -> None:
        part = self._part
        if not part.is_file:
            self._fields[part.name[:100]] = part.text.decode("utf-8", "replace")

    def _finish(self) -> None:
        self.ended = True


def _feed(body: Readable, boundary: bytes, form: _Form, content_length: int | None) -> None:
    left = content_length
    try:
        parser = MultipartParser(boundary, form.callbacks())
        while not form.ended and (left is None or left > 0):
            block = body.read(BLOCK_BYTES if left is None else min(BLOCK_BYTES, left))
            if not block:
                return
            parser.write(block)
            left = None if left is None else left - len(block)
        parser.finalize()
    except FormParserError:
        raise InvalidError("malformed") from None
    except (ConnectionError, TimeoutError):
        raise InvalidError("upload-broken-off") from None


def _boundary(content_type: str | None) -> bytes:
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary:
        raise InvalidError(problems=(Problem("file", "no-file"),))
    return boundary


def _clean_name(file_name: bytes) -> str:
    """Keep the last part of a name from any system; it is shown, and never opens anything."""
    text = file_name.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]
    return clean_line(text, FILE_NAME_CHARACTERS)


def drain(body: Readable) -> None:
    """Read on a little after a refusal: a sender that still sends would not hear it."""
    left = DRAINED_BYTES
    try:
        while left > 0 and (block := body.read(min(BLOCK_BYTES, left))):
            left -= len(block)
    except (OSError, ValueError):
        return
