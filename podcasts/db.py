# SPDX-License-Identifier: AGPL-3.0-or-later
"""The database: engine, declarative base, UTC times, and transactions that say whether they write.

SQLite is told to begin a writing transaction with BEGIN IMMEDIATE: a deferred one that reads first and writes
later fails at once in WAL mode when somebody else wrote in between, whatever the time-out.
"""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    TypeDecorator,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import ConnectionPoolEntry

from podcasts.errors import BusyError

BUSY_SECONDS = 20
"""How long a transaction waits for another's lock."""

POOL_SIZE = 20
POOL_OVERFLOW = 40
RETRY_AFTER_SECONDS = 5

WRITE_LOCK = 0x67_72_69_6F_74
"""Number of PostgreSQL's advisory lock that writing transactions take."""

_PASSING = (
    *("locked", "lock timeout", "deadlock detected"),
    *("connection is bad", "connection failed", "connection refused", "server closed the connection"),
    *("terminating connection", "the database system is"),
)

WRITES = "griot_writes"
"""Execution option of a connection: True where the transaction may write."""


class Base(DeclarativeBase):
    """Parent of every table."""

    # Named constraints: Alembic must be able to drop what it did not name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC at rest, to the microsecond."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring an aware time to UTC; a naive one is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware UTC time."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_id() -> str:
    """Make an opaque identifier of a row: 128 random bits, 22 URL-safe letters."""
    return secrets.token_urlsafe(16)


def make_engine(url: str | URL) -> Engine:
    """Make the engine for SQLite or PostgreSQL; it connects when it is first used.

    Args:
        url: ``sqlite:///<path>`` or ``postgresql+psycopg://…``.
    """
    address = make_url(url)
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": POOL_OVERFLOW,
        "pool_timeout": BUSY_SECONDS,
        "json_serializer": lambda value: json.dumps(value, ensure_ascii=False),
    }
    if address.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(address, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        # A connection that the server closed while we slept is noticed before it is used.
        engine = create_engine(address, pool_pre_ping=True, **options)
        event.listen(engine, "begin", _begin_postgresql)
    return engine


class Database:
    """Sessions on one engine, each of which says whether it writes.

    Attributes:
        engine: what they stand on.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one state of the database and cannot write.

        Raises:
            BusyError: the database stayed locked.
        """
        with self._session(writes=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that holds the write lock from its first statement; what is not committed is undone.

        Raises:
            BusyError: the database stayed locked; nothing was changed.
        """
        with self._session(writes=True) as session:
            yield session

    @contextmanager
    def _session(self, *, writes: bool) -> Iterator[Session]:
        bound = self.engine.execution_options(**{WRITES: writes})
        try:
            with Session(bound, expire_on_commit=False) as session:
                yield session
        except OperationalError as reason:
            if is_busy(reason):
                raise BusyError(retry_after_seconds=RETRY_AFTER_SECONDS) from reason
            raise


def is_busy(reason: OperationalError) -> bool:
    """Say whether an error will pass: somebody holds a lock for too long, or the server is away for a moment."""
    words = str(reason.orig).lower()
    return reason.connection_invalidated or any(sign in words for sign in _PASSING)


def _prepare_sqlite(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    del record
    # Transactions are begun by _begin_sqlite, never by the driver behind our back.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, True)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES, True):
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS}s'")
        # One writer at a time, as in SQLite: what a use case has read is still true when it writes.
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
