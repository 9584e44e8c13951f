# SPDX-License-Identifier: AGPL-3.0-or-later
"""The running service: one supervisor that keeps a web server and a background worker alive.

Both children belong to the supervisor's process group and die with it. A worker that dies is started again,
each time a little later; a web server that dies ends the service. This module knows no database: what has to
be prepared is prepared between ``podcasts.listener.open_listener`` and ``serve``.
"""

import os
import resource
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import click

from podcasts import child
from podcasts.listener import listener_url, reachable_address

APP = "podcasts.web.app:create_app()"
WORKER = ("-m", "podcasts.worker")

OPEN_FILES = 65_536
"""Most open files that we ask for: two for each listener, with room."""

STOP_SECONDS = 10.0
"""How long the children may take to stop; the web server gives its listeners less (podcasts.webserver)."""

STEADY_SECONDS = 60.0
"""A worker that ran this long is started again at once when it dies."""

FIRST_RESTART_SECONDS = 0.5
LAST_RESTART_SECONDS = 30.0
GREETING_SECONDS = 0.5
"""Pause between two questions whether the web server answers."""

QUIET_SECONDS = 60.0
"""How long the supervisor sleeps when all is well; a signal, or a child's death, wakes it."""


@dataclass
class _Worker:
    """The background worker, alive or waiting to be started again."""

    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause_seconds: float = FIRST_RESTART_SECONDS

    def keep_alive(self) -> None:
        """Start the worker where it is due; notice that it died and fix when it is due again."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.process = _start(self.command, self.environment)
                self.started_at = now
            return
        status = self.process.poll()
        if status is not None:
            self._plan_restart(now, status)

    def _plan_restart(self, now: float, status: int) -> None:
        if now - self.started_at >= STEADY_SECONDS:
            self.pause_seconds = FIRST_RESTART_SECONDS
        _say(
            f"The background worker ended ({_ending(status)}); starting it again in {self.pause_seconds:g} s."
        )
        self.process = None
        self.start_at = now + self.pause_seconds
        self.pause_seconds = min(self.pause_seconds * 2, LAST_RESTART_SECONDS)


@dataclass
class _Greeting:
    """The question, asked until it is answered, whether the web server is up."""

    address: tuple[str, int]
    shown: str
    selector: selectors.BaseSelector
    done: bool = False
    ask_at: float = 0.0
    connection: socket.socket | None = field(default=None, repr=False)

    def ask(self) -> None:
        """Send GET /healthz; the answer is read when it comes."""
        now = time.monotonic()
        if self.done or self.connection or now < self.ask_at:
            return
        self.ask_at = now + GREETING_SECONDS
        with suppress(OSError):
            connection = socket.create_connection(self.address, timeout=1)
            connection.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            connection.setblocking(False)
            self.connection = connection
            self.selector.register(connection, selectors.EVENT_READ, self.read)

    def read(self) -> None:
        """Read the answer, and say where Griot is when it is 200."""
        if self.connection is None:
            return
        answer = b""
        with suppress(OSError):
            answer = self.connection.recv(1000)
        self.close()
        self.ask_at = time.monotonic() + GREETING_SECONDS
        if answer.partition(b"\r\n")[0].split(b" ")[1:2] == [b"200"]:
            self.done = True
            click.echo(f"Griot is at {self.shown}")

    def close(self) -> None:
        """Let go of the question."""
        if self.connection is not None:
            self.selector.unregister(self.connection)
            self.connection.close()
            self.connection = None


@dataclass
class _Signals:
    """Signals as something to wait for, beside sockets, in one thread."""

    received: list[int] = field(default_factory=list)
    reader: socket.socket = field(init=False)
    writer: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.reader, self.writer = socket.socketpair()
        self.reader.setblocking(False)
        self.writer.setblocking(False)

    def note(self, number: int, _frame: FrameType | None) -> None:
        """Remember a signal; the wake-up byte is written by Python itself."""
        self.received.append(number)

    def read(self) -> None:
        """Empty the wake-up socket."""
        with suppress(BlockingIOError):
            while self.reader.recv(1000):
                pass

    def stops(self) -> list[int]:
        """List the requests to stop that came so far."""
        return [number for number in self.received if number != signal.SIGCHLD]


def serve(
    listener: socket.socket,
    *,
    base_url: str | None,
    environment: Mapping[str, str],
    app: str = APP,
    worker: Sequence[str] = WORKER,
) -> int:
    """Run the web server and the worker until a signal stops them or the web server ends.

    Args:
        listener: a listening socket (``open_listener``); it is closed here.
        base_url: GRIOT_BASE_URL as set; None takes the listener's own address and tells the children so.
        environment: GRIOT_* variables for the children, over those of this process.
        app: the WSGI application, as gunicorn writes it.
        worker: Python's arguments that start the worker.

    Returns:
        The exit code of the service: 0 after SIGTERM or Ctrl-C, 128 plus the signal's number where a second
        one cut the stop short, else the web server's own (128 plus the number where a signal killed it).
    """
    shown = base_url or listener_url(listener)
    variables = {**os.environ, **environment, "GRIOT_BASE_URL": shown}
    with _signals() as signals, selectors.DefaultSelector() as selector:
        selector.register(signals.reader, selectors.EVENT_READ, signals.read)
        greeting = _Greeting(reachable_address(listener), shown, selector)
        with raised_open_files():
            web = _start(["-m", "podcasts.webserver", str(listener.fileno()), app], variables, keep=listener)
        # A dead web server must refuse connections, not let them wait on our copy of its socket.
        listener.close()
        background = _Worker(list(worker), variables)
        try:
            return _supervise(web, background, greeting, signals)
        finally:
            greeting.close()
            for process in (web, background.process):
                _kill(process)


def _supervise(web: subprocess.Popen[bytes], worker: _Worker, greeting: _Greeting, signals: _Signals) -> int:
    while not signals.stops():
        status = web.poll()
        if status is not None:
            _say(f"The web server ended ({_ending(status)}); so does Griot.")
            _stop([worker.process], greeting.selector, signals)
            return _exit_code(status)
        worker.keep_alive()
        greeting.ask()
        all_well = greeting.done and worker.process is not None
        _wait(greeting.selector, QUIET_SECONDS if all_well else GREETING_SECONDS)
    greeting.close()
    if _stop([web, worker.process], greeting.selector, signals):
        return 0
    return 128 + signals.stops()[-1]


def _stop(
    processes: Sequence[subprocess.Popen[bytes] | None], selector: selectors.BaseSelector, signals: _Signals
) -> bool:
    """Ask the processes to stop and wait for them; kill them when a second signal comes or time is up."""
    running = [process for process in processes if process is not None and process.poll() is None]
    asked_before = len(signals.stops())
    for process in running:
        process.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    while any(process.poll() is None for process in running):
        cut_short = len(signals.stops()) > asked_before
        if cut_short or time.monotonic() > deadline:
            for process in running:
                _kill(process)
            return not cut_short
        _wait(selector, GREETING_SECONDS)
    return True


def _wait(selector: selectors.BaseSelector, seconds: float) -> None:
    for key, _events in selector.select(seconds):
        key.data()


def _start(
    arguments: Sequence[str], environment: Mapping[str, str], keep: socket.socket | None = None
) -> subprocess.Popen[bytes]:
    """Start Python with these arguments, tied to this process (podcasts.child).

    -P keeps modules that lie about in the working directory out of the program.
    """
    cradle = [sys.executable, "-I", "-S", str(Path(child.__file__).resolve()), str(os.getpid())]
    return subprocess.Popen(
        [*cradle, sys.executable, "-P", *arguments],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        pass_fds=[keep.fileno()] if keep else [],
    )


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None:
        process.kill()
        process.wait()


@contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)
    before = {number: signal.signal(number, signals.note) for number in numbers}
    wakeup_before = signal.set_wakeup_fd(signals.writer.fileno(), warn_on_full_buffer=False)
    try:
        yield signals
    finally:
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        signals.reader.close()
        signals.writer.close()


@contextmanager
def raised_open_files() -> Iterator[None]:
    """Let the processes started inside hold as many open files as the system allows us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        yield
        return
    # macOS refuses more than kern.maxfilesperproc, whatever the hard limit says.
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _ending(status: int) -> str:
    """Word how a process ended: subprocess writes a signal as a negative number."""
    return f"signal {-status}" if status < 0 else f"exit code {status}"


def _exit_code(status: int) -> int:
    return 128 - status if status < 0 else status


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
