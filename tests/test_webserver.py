# SPDX-License-Identifier: AGPL-3.0-or-later
"""How the web server is set up: one process, many threads, and room beside them."""

import logging
import os
from pathlib import Path

import pytest

from podcasts.webserver import WebServer, heartbeat_folder, is_worth_saying


@pytest.fixture
def server() -> WebServer:
    return WebServer(5, "wsgi:app")


def test_it_serves_by_one_process_with_many_threads(
    server: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUNICORN_CMD_ARGS", "--workers=4 --threads=1")

    assert server.cfg.workers == 1
    assert server.cfg.threads == 600
    assert server.cfg.worker_class_str == "gthread"
    assert server.cfg.address == [5]


def test_connections_kept_alive_have_room_beside_busy_ones(server: WebServer) -> None:
    assert server.cfg.worker_connections >= 2 * server.cfg.threads


def log_line(error: Exception | None) -> logging.LogRecord:
    """Make a line of gunicorn's log, with or without an exception."""
    exc_info = (type(error), error, None) if error else None
    return logging.LogRecord("gunicorn.error", logging.ERROR, "", 1, "Socket error", None, exc_info)


def test_a_listener_who_went_away_is_no_line_in_the_log() -> None:
    assert not is_worth_saying(log_line(TimeoutError("nothing taken for long")))


@pytest.mark.parametrize("error", [None, OSError("disk full"), ValueError("a defect")])
def test_every_other_line_is_kept(error: Exception | None) -> None:
    assert is_worth_saying(log_line(error))


def test_the_heartbeat_waits_for_no_busy_disk() -> None:
    folder = Path(heartbeat_folder())

    assert os.access(folder, os.W_OK)
    assert not Path("/dev/shm").is_dir() or folder == Path("/dev/shm")  # noqa: S108 - the folder in memory
