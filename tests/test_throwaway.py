# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tests' own PostgreSQL: it answers, it is fresh, and nothing of it stays."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from podcasts import throwaway
from podcasts.throwaway import find_programs, throwaway_postgresql

HOLD = (
    "from podcasts.throwaway import *\nwith throwaway_postgresql() as url:\n print(url, flush=True); input()"
)


@pytest.fixture(autouse=True)
def _needs_postgresql() -> None:
    if find_programs() is None:
        pytest.skip("no PostgreSQL server on this machine")


def folder_of(url: str) -> Path:
    """Find the folder of its socket."""
    return Path(str(make_url(url).query["host"]))


def test_it_answers_and_leaves_nothing() -> None:
    with throwaway_postgresql() as url:
        assert url is not None
        engine = create_engine(url)
        with engine.connect() as connection:
            assert (
                connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")) is True
            )
            assert connection.scalar(text("SHOW server_encoding")) == "UTF8"
            assert connection.scalar(text("SHOW listen_addresses")) == ""
        engine.dispose()
        assert folder_of(url).stat().st_mode & 0o777 == 0o700
    assert not folder_of(url).exists()


def test_two_stand_beside_each_other() -> None:
    with throwaway_postgresql() as one, throwaway_postgresql() as other:
        assert None not in {one, other}
        assert one != other


def test_it_goes_with_whoever_started_it() -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        folder = folder_of(holder.stdout.readline().strip())
        server = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        holder.kill()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{server}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    gone = not Path(f"/proc/{server}").exists()
    subprocess.run(["rm", "-rf", folder], check=True)
    assert gone


def test_where_there_is_none_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(throwaway, "DEBIAN_PLACES", tmp_path)
    monkeypatch.setenv("PATH", os.devnull)
    with throwaway_postgresql() as url:
        assert url is None
