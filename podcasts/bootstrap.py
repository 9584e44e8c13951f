# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bootstrap: settings in; database, storage, queue, clock and links out, the same for web, worker and cli."""

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from huey import SqliteHuey

from podcasts.audio.ffmpeg import Ffmpeg, find_ffmpeg
from podcasts.clock import Clock, SystemClock
from podcasts.db import Database, make_engine
from podcasts.errors import SettingsError
from podcasts.links import Links
from podcasts.migrating import upgrade_sqlite
from podcasts.settings import Settings, environment_name
from podcasts.storage.base import Storage
from podcasts.storage.local import LocalStorage

WAKE_WORD = b"wake"
LOCAL_BASE_URL = "http://127.0.0.1:8000"
SECRET_FILE = "secret-key"  # noqa: S105 - the name of a file


@dataclass(frozen=True)
class Griot:
    """One running Griot: everything that a use case may need.

    Attributes:
        settings: as they were read at start.
        database: sessions that say whether they write.
        storage: the files.
        queue: wakes the worker; what is to be done stands in the job rows.
        clock: the time.
        links: addresses under the public base.
        ffmpeg: the decoder.
        secret_key: signs forms and cookies.
    """

    settings: Settings
    database: Database
    storage: Storage
    queue: SqliteHuey
    clock: Clock
    links: Links
    ffmpeg: Ffmpeg
    secret_key: str


def build(settings: Settings, *, clock: Clock | None = None) -> Griot:
    """Put a Griot together. Makes the instance folder and the secret key; opens no database yet.

    Args:
        settings: from ``load_settings``.
        clock: None for the machine's.

    Raises:
        SettingsError: a folder cannot be used, or no ffmpeg is found.
    """
    make_folder(settings.instance, "instance")
    make_folder(settings.effective_media_root, "media_root")
    return Griot(
        settings=settings,
        database=Database(make_engine(settings.effective_database_url)),
        storage=LocalStorage(settings.effective_media_root),
        queue=SqliteHuey("griot", filename=str(settings.queue_path), fsync=True),
        clock=clock or SystemClock(),
        links=Links(settings.base_url or LOCAL_BASE_URL),
        ffmpeg=find_ffmpeg(settings.ffmpeg),
        secret_key=_secret_key(settings),
    )


def migrate_embedded(griot: Griot) -> bool:
    """Bring an SQLite database to this version; another database is never migrated here.

    Returns:
        Whether the database is now known to be of this version; False for another kind of database.

    Raises:
        DatabaseVersionError: it was used by a newer Griot.
    """
    path = sqlite_path(griot.settings)
    if path is None:
        return False
    upgrade_sqlite(griot.database.engine, path, griot.clock.now())
    return True


def waker(griot: Griot) -> Callable[[], object]:
    """Make what wakes the worker after a job was noted: one word in the queue."""
    return lambda: griot.queue.storage.enqueue(WAKE_WORD)


def sqlite_path(settings: Settings) -> Path | None:
    """Name the SQLite file in use; None where the database is another."""
    url = settings.effective_database_url
    return Path(url.removeprefix("sqlite:///")) if url.startswith("sqlite:///") else None


def make_folder(folder: Path, setting: str) -> None:
    """Make a folder of ours, closed to other users.

    Raises:
        SettingsError: it cannot be made or written.
    """
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as reason:
        raise SettingsError(name=environment_name(setting), detail=f"{folder}: {reason.strerror}") from reason
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(name=environment_name(setting), detail=f"{folder}: not writable")


def _secret_key(settings: Settings) -> str:
    """Take the secret as set, else the one made at the first start."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    path = settings.instance / SECRET_FILE
    with suppress(FileExistsError):
        _write_once(path, secrets.token_urlsafe(48))
    secret = path.read_text(encoding="ascii").strip()
    if not secret:
        raise SettingsError(name=environment_name("secret_key"), detail=f"{path}: empty")
    return secret


def _write_once(path: Path, text: str) -> None:
    """Write a file that must not be there yet; who comes second never sees half of it."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(temporary)
    finally:
        temporary.unlink()
