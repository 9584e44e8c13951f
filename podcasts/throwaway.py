# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL for the tests alone: made in a minute folder, gone with the process that made it.

It writes to disk when it likes, so that a fresh database takes a hundredth of a second; the machine's own databases
are neither used nor touched.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ACCOUNT = "postgres"
"""Whom PostgreSQL runs as where we are root, which it refuses."""

DEBIAN_PLACES = Path("/usr/lib/postgresql")
HASTY = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=200")
START_SECONDS = 30
STOP_SECONDS = 20


@contextmanager
def throwaway_postgresql() -> Iterator[str | None]:
    """Start a PostgreSQL that listens on a socket in a folder of its own, and stop it in the end.

    Yields:
        Its SQLAlchemy address; None where no PostgreSQL server is installed, or it does not start.
    """
    programs = find_programs()
    if programs is None:
        yield None
        return
    # A socket's path has 107 characters at most, so not below a checkout.
    folder = Path(tempfile.mkdtemp(prefix="griot-pg-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, ACCOUNT)
        with _server(programs, folder) as runs:
            yield f"postgresql+psycopg://{ACCOUNT}@/postgres?host={folder}" if runs else None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path | None:
    """Find the folder of PostgreSQL's programs, the newest where there are several; None where there is none."""
    versions = [path for path in DEBIAN_PLACES.glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def _server(programs: Path, folder: Path) -> Iterator[bool]:
    data = folder / "data"
    make = (
        programs / "initdb",
        "-D",
        data,
        "--no-sync",
        "-A",
        "trust",
        "-U",
        ACCOUNT,
        "-E",
        "UTF8",
        "--locale=C",
    )
    if subprocess.run(_as_account(make), check=False, capture_output=True, cwd="/").returncode != 0:
        yield False
        return
    settings: tuple[str, ...] = (*HASTY, "listen_addresses=", f"unix_socket_directories={folder}")
    run: tuple[str | Path, ...] = (
        programs / "postgres",
        "-D",
        data,
        *(word for one in settings for word in ("-c", one)),
    )
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            _as_account(run),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            start_new_session=True,
        )
    try:
        yield _answers(server, folder)
    finally:
        server.send_signal(signal.SIGINT)  # "fast shutdown": sessions are ended
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _as_account(command: Sequence[str | Path]) -> tuple[str | Path, ...]:
    """Let the kernel end a program with us, however we end, and run it as somebody else where we are root."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return tuple(command)
    other = ("--reuid", ACCOUNT, "--regid", ACCOUNT, "--clear-groups") if os.geteuid() == 0 else ()
    return (setpriv, *other, "--pdeathsig", "QUIT", *command)


def _answers(server: "subprocess.Popen[bytes]", folder: Path) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        # The last line of the file says "ready" once connections are taken.
        state = folder / "data" / "postmaster.pid"
        if state.exists() and "ready" in state.read_text():
            return True
        time.sleep(0.05)
    return False
