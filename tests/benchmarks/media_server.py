# SPDX-License-Identifier: AGPL-3.0-or-later
"""A web server alone, as ``griot serve`` starts it, with one large sound to hear."""

import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from podcasts.listener import open_listener
from podcasts.models import MediaKey
from tests.conftest import make_griot
from tests.factories import MP3, make_audio, make_episode, make_show

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class LargeSound:
    """A published episode.

    Attributes:
        path: of its sound on the site.
        file: the same in the store.
    """

    path: str
    file: Path


def large_sound(folder: Path, migrated_sqlite: Path, size_bytes: int) -> LargeSound:
    """Make a Griot in a folder with one published episode whose sound is that large."""
    (folder / "instance").mkdir(exist_ok=True)
    database = folder / "instance" / "griot.sqlite"
    shutil.copy(migrated_sqlite, database)
    source = folder / "large.mp3"
    sound = MP3.read_bytes()
    source.write_bytes((sound * (size_bytes // len(sound) + 1))[:size_bytes])
    griot = make_griot(folder, f"sqlite:///{database}", None)
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage, source=source)
        make_episode(session, make_show(session), audio=audio, published_at=datetime(2020, 1, 1, tzinfo=UTC))
        key = session.scalars(select(MediaKey.key)).one()
        session.commit()
    griot.database.engine.dispose()
    file = griot.storage.local_path(audio.storage_key or "")
    assert file is not None
    return LargeSound(f"/media/{key}/large.mp3", file)


@contextmanager
def web_server(
    folder: Path, application: str = "podcasts.web.app:create_app()", **settings: str
) -> Iterator[int]:
    """Run the web server of a Griot; give its port.

    Args:
        folder: of instance and media.
        application: another that holds the site.
        settings: environment of that application.
    """
    listener = open_listener("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRIOT_")}
    environment |= {
        "GRIOT_INSTANCE": str(folder / "instance"),
        "GRIOT_MEDIA_ROOT": str(folder / "media"),
        "GRIOT_BASE_URL": f"http://127.0.0.1:{port}",
        **settings,
    }
    descriptor = listener.fileno()
    process = subprocess.Popen(
        [sys.executable, "-m", "podcasts.webserver", str(descriptor), application],
        pass_fds=(descriptor,),
        env=environment,
    )
    try:
        # The socket listens already; the answer comes when the server runs.
        urllib.request.urlopen(f"http://127.0.0.1:{port}/feed.xml", timeout=PATIENCE_SECONDS).close()
        yield port
    finally:
        listener.close()
        process.terminate()
        process.wait(PATIENCE_SECONDS)
