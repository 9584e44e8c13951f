# SPDX-License-Identifier: AGPL-3.0-or-later
"""The web server: gunicorn with one process of many threads, for many slow listeners at once.

Started by ``podcasts.serve`` as ``python -m podcasts.webserver SOCKET_FD APP``. gunicorn's own command line
is not used, because it also listens to GUNICORN_CMD_ARGS, to WEB_CONCURRENCY and to a gunicorn.conf.py that
lies about in the working directory.
"""

import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.util import import_app

from podcasts import child

THREADS = 600
"""Requests answered at once: a threaded server holds as many slow listeners as it has threads."""

CONNECTIONS = 2000
"""Open connections: the busy ones, and those kept alive between two requests."""

KEEPALIVE_SECONDS = 5
WORKER_GRACE_SECONDS = 3
"""How long a stopping server goes on feeding those who still listen."""

ARBITER_GRACE_SECONDS = 5
"""When gunicorn kills a server process that did not end by itself; more than its own grace."""

HEARTBEAT_SECONDS = 60
"""How long the main thread may be silent; requests run in other threads and may last as long as they like."""

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder in memory; the file in it has no name


def options(socket_fd: int) -> dict[str, object]:
    """List gunicorn's settings.

    Args:
        socket_fd: number of an open socket that is bound already.

    Returns:
        gunicorn's names and their values; what is not named is gunicorn's default.
    """
    return {
        "bind": f"fd://{socket_fd}",
        "worker_class": "gthread",
        "workers": 1,
        "threads": THREADS,
        "worker_connections": CONNECTIONS,
        "keepalive": KEEPALIVE_SECONDS,
        "timeout": HEARTBEAT_SECONDS,
        "graceful_timeout": ARBITER_GRACE_SECONDS,
        # A heartbeat that waits for a busy disk looks like a dead server.
        "worker_tmp_dir": heartbeat_folder(),
        # ?url= of an embedded article may be long; gunicorn's own limit is 4094.
        "limit_request_line": 8190,
        # Which proxy may say https is GRIOT_TRUSTED_PROXIES' business, above gunicorn.
        "forwarded_allow_ips": "",
        "loglevel": "warning",
        "proc_name": "griot",
        # An administration socket in the home folder that nobody asked for.
        "control_socket_disable": True,
        "when_ready": leave_ctrl_c_to_the_supervisor,
        "post_fork": tie_to_arbiter,
        "post_worker_init": leave_ctrl_c_to_the_supervisor,
        "worker_exit": end_without_waiting_for_threads,
    }


def heartbeat_folder() -> str:
    """Choose a folder for gunicorn's heartbeat file: in memory where there is one."""
    return str(SHARED_MEMORY if os.access(SHARED_MEMORY, os.W_OK | os.X_OK) else tempfile.gettempdir())


def leave_ctrl_c_to_the_supervisor(_server: object) -> None:
    """Ignore the terminal's Ctrl-C again, which gunicorn has just made its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def tie_to_arbiter(arbiter: Arbiter, worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """Let the server process die with gunicorn's arbiter, and give up its listeners before it is killed."""
    child.die_with_parent(arbiter.pid)
    worker.cfg.set("graceful_timeout", WORKER_GRACE_SECONDS)
    worker.log.error_log.addFilter(is_worth_saying)


def is_worth_saying(record: logging.LogRecord) -> bool:
    """Tell whether a line belongs into the log: a listener who took nothing for long is no error of ours."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, TimeoutError)


def end_without_waiting_for_threads(_arbiter: Arbiter, worker: Any) -> None:  # noqa: ANN401 - gunicorn ships no types
    """End a server process that stops in good order at once.

    Python would wait at exit for threads that still feed slow listeners, until gunicorn kills the process and
    logs that it must have run out of memory.
    """
    if worker.pid == os.getpid() and worker.booted and not worker.alive:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class WebServer(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn, told by us alone how to run and what to serve."""

    def __init__(self, socket_fd: int, app: str) -> None:
        self._socket_fd = socket_fd
        self._app = app
        super().__init__()

    def load_config(self) -> None:
        """Set gunicorn's options."""
        for name, value in options(self._socket_fd).items():
            self.cfg.set(name, value)

    def load(self) -> Callable[..., Any]:
        """Import the WSGI application, in the server process."""
        application: Callable[..., Any] = import_app(self._app)
        return application


def main(arguments: list[str]) -> None:
    """Serve until told to stop.

    Args:
        arguments: number of the bound socket, and the application as gunicorn writes it ("module:name()").
    """
    socket_fd, app = arguments
    WebServer(int(socket_fd), app).run()


if __name__ == "__main__":
    main(sys.argv[1:])
