# SPDX-License-Identifier: AGPL-3.0-or-later
"""The supervisor, with real processes and sockets around a small stand-in for the site and the worker."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

LISTENERS = 320
PATIENCE_SECONDS = 60

SITE = """
import os
import signal

CHUNK = b"x" * 65536


def endless():
    while True:
        yield CHUNK


def site(environ, start_response):
    path = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "text/plain")])
    if path == "/endless":
        return endless()
    facts = {
        "/healthz": "ok",
        "/server": os.getpid(),
        "/arbiter": os.getppid(),
        "/group": os.getpgrp(),
        "/base-url": os.environ["GRIOT_BASE_URL"],
        "/secret": os.environ.get("GRIOT_SECRET_KEY", ""),
        "/ctrl-c": signal.getsignal(signal.SIGINT).name,
    }
    return [str(facts[path]).encode()]


def create_app():
    return site


def broken_app():
    raise RuntimeError("no site today")
"""

WORKER = """
import os
import signal
import sys

print(f"worker {os.getpid()}", flush=True)
try:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("worker asked to stop"))
    while True:
        signal.pause()
finally:
    print("worker stopped", flush=True)
"""

STUBBORN_WORKER = """
import os
import signal

signal.signal(signal.SIGTERM, lambda *_: print("worker heard", flush=True))
print(f"worker {os.getpid()}", flush=True)
while True:
    signal.pause()
"""

SUPERVISOR = """
import sys
from podcasts.listener import open_listener
from podcasts.serve import serve

app, worker, base_url = sys.argv[1:]
sys.exit(serve(
    open_listener("127.0.0.1", 0),
    base_url=base_url or None,
    environment={"GRIOT_SECRET_KEY": "handed on"},
    app=app,
    worker=(worker,),
))
"""


@dataclass
class Service:
    """A supervisor that runs, and what it says."""

    process: subprocess.Popen[str]
    address: tuple[str, int] = ("", 0)

    def read_until(self, pattern: str) -> re.Match[str]:
        """Read what the service says until a line matches."""
        assert self.process.stdout is not None
        seen = []
        for line in self.process.stdout:
            seen.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"{pattern!r} never came in {seen}")

    def get(self, path: str) -> str:
        """Fetch a page of the stand-in site."""
        connection = HTTPConnection(*self.address, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def wait(self) -> int:
        """Wait for the end of the service and take its exit code."""
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def start(tmp_path: Path) -> Iterator["Starter"]:
    with ExitStack() as stack:
        yield Starter(tmp_path, stack)


@dataclass
class Starter:
    """Starts supervisors and ends what is left of them after the test."""

    folder: Path
    stack: ExitStack

    def __call__(
        self, *, app: str = "site_for_tests:create_app()", worker: str = WORKER, base_url: str = ""
    ) -> Service:
        """Start a supervisor whose children are the stand-ins; stdout and stderr come together."""
        (self.folder / "site_for_tests.py").write_text(SITE)
        (self.folder / "worker_for_tests.py").write_text(worker)
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, app, str(self.folder / "worker_for_tests.py"), base_url],
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "WEB_CONCURRENCY": "3",
                "GUNICORN_CMD_ARGS": "--threads=1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.stack.callback(finish, process)
        return Service(process)

    def ready(self, **arguments: str) -> Service:
        """Start a supervisor and wait until it says where Griot is."""
        service = self(**arguments)
        found = service.read_until(r"^Griot is at http://(127\.0\.0\.1):(\d+)$")
        service.address = (found[1], int(found[2]))
        return service


def finish(process: subprocess.Popen[str]) -> None:
    """End a supervisor that a failed test left, and close its pipe."""
    process.kill()
    process.wait(PATIENCE_SECONDS)
    if process.stdout:
        process.stdout.close()


def ended(pid: int) -> bool:
    """Tell whether a process is gone; a zombie that its parent has not asked for counts as gone."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return True


def wait_until_ended(pid: int) -> None:
    """Wait for the end of a process that is not our child."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        readable, _, _ = select.select([descriptor], [], [], PATIENCE_SECONDS)
        assert readable or ended(pid), f"process {pid} still runs"
    finally:
        os.close(descriptor)


def test_it_says_where_griot_is_once_the_site_answers(start: Starter) -> None:
    assert start.ready().get("/healthz") == "ok"


def test_children_get_the_settings_and_the_address(start: Starter) -> None:
    service = start.ready()

    assert service.get("/secret") == "handed on"
    assert service.get("/base-url") == f"http://127.0.0.1:{service.address[1]}"


def test_a_public_address_is_handed_on_and_shown(start: Starter) -> None:
    start(base_url="https://radio.example").read_until(r"^Griot is at https://radio\.example$")


def test_all_processes_are_of_one_group_and_only_the_supervisor_hears_ctrl_c(start: Starter) -> None:
    service = start.ready()

    assert service.get("/group") == str(os.getpgid(service.process.pid))
    assert service.get("/ctrl-c") == "SIG_IGN"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_in_good_order(start: Starter, number: signal.Signals) -> None:
    service = start.ready()
    server = int(service.get("/server"))

    os.killpg(service.process.pid, number) if number == signal.SIGINT else service.process.send_signal(number)

    service.read_until("worker stopped")
    assert service.wait() == 0
    wait_until_ended(server)


def test_a_second_signal_kills(start: Starter) -> None:
    service = start(worker=STUBBORN_WORKER)
    worker = int(service.read_until(r"^worker (\d+)")[1])
    service.read_until("^Griot is at")

    service.process.send_signal(signal.SIGINT)
    service.read_until("worker heard")
    service.process.send_signal(signal.SIGINT)

    assert service.wait() == 128 + signal.SIGINT
    wait_until_ended(worker)


def test_a_killed_worker_is_started_again(start: Starter) -> None:
    service = start()
    first = int(service.read_until(r"^worker (\d+)")[1])

    os.kill(first, signal.SIGKILL)

    service.read_until(r"background worker ended \(signal 9\)")
    assert int(service.read_until(r"^worker (\d+)")[1]) != first


def test_a_killed_supervisor_takes_everything_with_it(start: Starter) -> None:
    service = start(worker=STUBBORN_WORKER)
    worker = int(service.read_until(r"^worker (\d+)")[1])
    found = service.read_until(r"^Griot is at http://(.*):(\d+)$")
    service.address = (found[1], int(found[2]))
    arbiter, server = int(service.get("/arbiter")), int(service.get("/server"))

    service.process.kill()

    for pid in (worker, arbiter, server):
        wait_until_ended(pid)


def test_a_dead_web_server_ends_the_service_and_stops_the_worker(start: Starter) -> None:
    service = start.ready()

    os.kill(int(service.get("/arbiter")), signal.SIGKILL)

    service.read_until("web server ended")
    service.read_until("worker stopped")
    assert service.wait() == 128 + signal.SIGKILL


def test_a_killed_server_process_is_replaced(start: Starter) -> None:
    service = start.ready()
    first = int(service.get("/server"))

    os.kill(first, signal.SIGKILL)
    wait_until_ended(first)

    assert int(service.get("/server")) != first


def test_a_site_that_cannot_start_ends_the_service_with_an_error(start: Starter) -> None:
    service = start(app="site_for_tests:broken_app()")

    service.read_until("no site today")
    assert service.wait() != 0


def test_a_stop_does_not_wait_for_a_slow_listener(start: Starter) -> None:
    service = start.ready()
    with slow_listener(service):
        service.process.send_signal(signal.SIGTERM)

        assert service.process.stdout is not None
        assert "out of memory" not in service.process.stdout.read()
        assert service.wait() == 0


def test_hundreds_of_slow_listeners_leave_room_for_the_next_reader(start: Starter) -> None:
    service = start.ready()
    with ExitStack() as listeners:
        for _ in range(LISTENERS):
            listeners.enter_context(slow_listener(service))

        assert service.get("/healthz") == "ok"


def slow_listener(service: Service) -> socket.socket:
    """Open a stream, take its first bytes and then no more."""
    connection = socket.create_connection(service.address, timeout=PATIENCE_SECONDS)
    connection.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert connection.recv(12) == b"HTTP/1.1 200"
    return connection
