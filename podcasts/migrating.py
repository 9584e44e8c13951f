# SPDX-License-Identifier: AGPL-3.0-or-later
"""Migrating: brings a database to the shape that this code wants, and refuses one from a newer Griot."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine

from podcasts import paths
from podcasts.db import WRITES
from podcasts.errors import DatabaseVersionError

COPIES_KEPT = 3


def alembic_config() -> Config:
    """Make Alembic's configuration: our folder of scripts, no file."""
    config = Config()
    config.set_main_option("script_location", str(paths.migrations_folder()).replace("%", "%%"))
    return config


def wanted_version() -> str:
    """Name the version that this code wants."""
    head = ScriptDirectory.from_config(alembic_config()).get_current_head()
    return head or ""


def found_version(engine: Engine) -> str | None:
    """Name the version of a database; None for an empty one."""
    with engine.execution_options(**{WRITES: False}).connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def require_current(engine: Engine) -> None:
    """Let only a database of exactly this version through.

    Raises:
        DatabaseVersionError: "database-version" (older or empty) or "database-newer"; facts ``found``, ``wanted``.
    """
    found = found_version(engine)
    if found != wanted_version():
        code = "database-version" if found is None or _is_known(found) else "database-newer"
        raise DatabaseVersionError(code, found=found or "-", wanted=wanted_version())


def upgrade(engine: Engine) -> bool:
    """Bring a database to this version, in one transaction.

    Returns:
        False when there was nothing to do.

    Raises:
        DatabaseVersionError: "database-newer".
    """
    found = found_version(engine)
    if found == wanted_version():
        return False
    if found is not None and not _is_known(found):
        raise DatabaseVersionError("database-newer", found=found, wanted=wanted_version())
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def upgrade_sqlite(engine: Engine, database: Path, now: datetime) -> bool:
    """Bring an SQLite file to this version, after a copy of it, one process at a time.

    Args:
        engine: on the file.
        database: the file; made, with its folder, where there is none.
        now: for the copy's name.

    Returns:
        False when there was nothing to do.

    Raises:
        DatabaseVersionError: "database-newer".
    """
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _only_one(database.with_suffix(".lock")):
        found = found_version(engine) if database.exists() else None
        if found is not None and found != wanted_version() and _is_known(found):
            _copy(database, database.with_suffix(f".before-{now:%Y%m%dT%H%M%S}.sqlite"))
            _drop_old_copies(database)
        return upgrade(engine)


def _is_known(version: str) -> bool:
    try:
        return ScriptDirectory.from_config(alembic_config()).get_revision(version) is not None
    except CommandError:
        return False


def _copy(database: Path, target: Path) -> None:
    """Copy by SQLite's own backup, which sees what still lies in the write-ahead log."""
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _drop_old_copies(database: Path) -> None:
    copies = sorted(database.parent.glob(f"{database.stem}.before-*.sqlite"))
    for copy in copies[:-COPIES_KEPT]:
        copy.unlink(missing_ok=True)


@contextmanager
def _only_one(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
