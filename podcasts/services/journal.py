# SPDX-License-Identifier: AGPL-3.0-or-later
"""The listening journal: appended line by line beside the database, folded into it later, without addresses.

A listener never waits for the database: each request for sound appends one line of JSON to a file of the day.
The worker folds whole lines into rows, and notes in the same transaction how far it came, so that each line
counts exactly once whatever is killed in between.

Who listens is told apart by a keyed hash. The key lives for one day (UTC), in a file of its own, and is then
deleted: after that nobody can tell which address a line came from, nor whether two days' lines are one person's.
"""

import hashlib
import hmac
import json
import logging
import os
import re
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from podcasts.models import JournalMark, ListeningEvent

GET, HEAD = "get", "head"

LINES_SUFFIX = ".jsonl"
SALT_SUFFIX = ".salt"

FOLD_BYTES = 2_000_000
"""How much of a file is folded in one transaction, so that nobody waits for its lock (about 10,000 lines)."""

_SALT_BYTES = 32
_LISTENER_LETTERS = 32
_LONGEST_TEXT = 200
_LARGEST_NUMBER = 2**63 - 1
_FILE_NAME = re.compile(r"\d{4}-\d{2}-\d{2}\.jsonl", re.ASCII)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listening:
    """One request for sound, as it ended.

    Attributes:
        at: when it began, aware.
        event: GET or HEAD.
        media_key: public key that was asked for.
        episode_id: None for a bare playlist item.
        rendition: "normal", …
        status: HTTP status of the answer.
        range_start: first byte of the answer's range; None for the whole file. ``range_end`` is the last one.
        sent_bytes: what the connection really took; None where another server sends it.
        source: "page", "embed", "feed" …; "" where nobody said.
        listener: from ``Journal.listener``.
    """

    at: datetime
    event: str
    media_key: str
    episode_id: str | None
    rendition: str
    status: int
    range_start: int | None
    range_end: int | None
    sent_bytes: int | None
    source: str
    listener: str


class Journal:
    """The journal as the web writes it. Nothing here ever raises: listening goes on with a full disk too.

    Attributes:
        folder: where its files lie; made when the first line is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._salt: tuple[date, bytes] | None = None
        self._lock = Lock()
        self._is_failing = False

    def listener(self, now: datetime, address: str, user_agent: str) -> str:
        """Tell listeners of one day apart: a keyed hash of address and user agent, under a key of that day.

        Returns:
            32 hex digits; "" where no key can be kept.
        """
        try:
            salt = self._salt_of(_day(now))
        except OSError as reason:
            self._failed(reason)
            return ""
        whole = f"{address}\0{user_agent}".encode(errors="replace")
        return hmac.new(salt, whole, hashlib.sha256).hexdigest()[:_LISTENER_LETTERS]

    def append(self, listening: Listening, now: datetime) -> None:
        """Write one line at the end of today's file; one system call, so lines of many threads never mix.

        Args:
            listening: what happened.
            now: the present instant; a line stands in the file of the day on which it is written.
        """
        line = json.dumps({**asdict(listening), "at": listening.at.isoformat()}, separators=(",", ":")) + "\n"
        try:
            self._write(self.folder / f"{_day(now)}{LINES_SUFFIX}", line.encode())
        except OSError as reason:
            self._failed(reason)
        else:
            self._is_failing = False

    def _write(self, path: Path, line: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)

    def _salt_of(self, day: date) -> bytes:
        with self._lock:
            if self._salt is None or self._salt[0] != day:
                self._salt = (day, _read_or_make_salt(self.folder, day))
                remove_old_salts(self.folder, day)
            return self._salt[1]

    def _failed(self, reason: OSError) -> None:
        """Say once that listening is not written down, and not again at every request."""
        if not self._is_failing:
            log.error("The listening journal in %s cannot be written: %s", self.folder, reason.strerror)
        self._is_failing = True


def fold_journal(session: Session, folder: Path, now: datetime) -> int:
    """Move whole lines from the files into rows; commits. Call again as long as it answers more than 0.

    A line that cannot be read is passed over. Files of days long finished are removed once all of them is folded,
    and old keys with them.

    Args:
        session: a writing one.
        folder: the journal's.
        now: the present instant.

    Returns:
        How many bytes of lines were taken.
    """
    marks = {mark.file_name: mark for mark in session.scalars(select(JournalMark))}
    names = sorted(path.name for path in folder.glob(f"*{LINES_SUFFIX}") if _FILE_NAME.fullmatch(path.name))
    for name in marks.keys() - set(names):
        # A mark goes after its file, never before: else the file would be folded a second time.
        session.delete(marks.pop(name))
    taken = sum(_fold_file(session, folder / name, marks) for name in names)
    session.commit()
    today = _day(now)
    remove_old_salts(folder, today)
    for name in names:
        if date.fromisoformat(name.removesuffix(LINES_SUFFIX)) < today - timedelta(days=1):
            _remove_when_folded(folder / name, marks[name].offset_bytes)
    return taken


def remove_old_salts(folder: Path, today: date) -> None:
    """Delete the keys of days gone by: from then on their lines are nobody's."""
    for path in folder.glob(f"*{SALT_SUFFIX}"):
        if path.name < f"{today}{SALT_SUFFIX}":
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _fold_file(session: Session, path: Path, marks: dict[str, JournalMark]) -> int:
    mark = marks.get(path.name)
    if mark is None:
        mark = marks[path.name] = JournalMark(file_name=path.name, offset_bytes=0)
        session.add(mark)
    taken = _whole_lines(path, mark.offset_bytes)
    events = [event for line in taken.splitlines() if (event := _event(line)) is not None]
    if events:
        session.execute(insert(ListeningEvent), events)
    mark.offset_bytes += len(taken)
    return len(taken)


def _whole_lines(path: Path, offset_bytes: int) -> bytes:
    """Read from an offset to the end of the last whole line, at most ``FOLD_BYTES``."""
    with path.open("rb") as file:
        file.seek(offset_bytes)
        block = file.read(FOLD_BYTES)
    end = block.rfind(b"\n") + 1
    if end == 0 and len(block) == FOLD_BYTES:
        # No line of ours is that long: rubbish, to be passed over.
        return block
    return block[:end]


def _event(line: bytes) -> dict[str, Any] | None:
    """Read a line into the columns of a ListeningEvent; None for one that is damaged."""
    try:
        values = json.loads(line)
        at = datetime.fromisoformat(values["at"]).astimezone(UTC)
        event = {
            "at": at,
            **{
                name: _text(values[name])
                for name in ("event", "media_key", "rendition", "source", "listener")
            },
            "episode_id": None if values["episode_id"] is None else _text(values["episode_id"]),
            "status": _number(values["status"]),
        }
        for name in ("range_start", "range_end", "sent_bytes"):
            event[name] = None if values[name] is None else _number(values[name])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        log.warning("A line of the listening journal cannot be read and is passed over.")
        return None
    return event


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "\0" in value:
        raise ValueError(type(value))
    value.encode()  # A lone surrogate is no text for a database.
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(type(value))
    return value


def _remove_when_folded(path: Path, offset_bytes: int) -> None:
    with suppress(OSError):
        if path.stat().st_size == offset_bytes:
            path.unlink()


def _read_or_make_salt(folder: Path, day: date) -> bytes:
    """Take the day's key; whoever comes first makes it, whole or not at all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{day}{SALT_SUFFIX}"
    with suppress(FileNotFoundError):
        return path.read_bytes()
    temporary = folder / f".{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SALT_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(temporary)
    finally:
        temporary.unlink()
    return path.read_bytes()


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
