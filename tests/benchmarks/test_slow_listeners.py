# SPDX-License-Identifier: AGPL-3.0-or-later
"""Five hundred slow listeners at 128 kbit/s: how long a new page and new sound take meanwhile, and the memory."""

import http.client
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.media_server import large_sound, web_server

LISTENERS = 500
BYTES_A_SECOND = 16_000
TICK_SECONDS = 0.25
ASKED = 100
FILE_BYTES = 60_000_000
RECEIVE_BUFFER_BYTES = 8_192


@pytest.mark.benchmark
@pytest.mark.timeout(600)
def test_new_pages_while_five_hundred_listen(tmp_path: Path, migrated_sqlite: Path) -> None:
    sound = large_sound(tmp_path, migrated_sqlite, FILE_BYTES)
    with web_server(tmp_path) as port:
        alone = _waits_ms(port, "/")
        with _listening(port, sound.path) as listeners:
            page, start = _waits_ms(port, "/"), _waits_ms(port, sound.path, Range="bytes=0-65535")
            heard = listeners.still_heard()
        memory = _memory_megabytes(port)
    print(  # noqa: T201 - the figures are the purpose
        f"\n{heard} of {LISTENERS} listeners fed; a new page {median(page):.1f} ms (worst {max(page):.1f}), "
        f"alone {median(alone):.1f} ms; new sound {median(start):.1f} ms (worst {max(start):.1f}); "
        f"memory of the server {memory:.0f} MB"
    )
    assert heard == LISTENERS


class _Listeners:
    """Connections that take their sound slowly."""

    def __init__(self, port: int, path: str) -> None:
        self._sockets = [_connect(port, path) for _ in range(LISTENERS)]
        self._taken = [0] * LISTENERS
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def still_heard(self) -> int:
        """Count those who got more sound during the next seconds."""
        before = list(self._taken)
        self._stop.wait(4)
        return sum(now > then for now, then in zip(self._taken, before, strict=True))

    def stop(self) -> None:
        """Hang up."""
        self._stop.set()
        self._thread.join()
        for connection in self._sockets:
            connection.close()

    def _listen(self) -> None:
        portion = int(BYTES_A_SECOND * TICK_SECONDS)
        while not self._stop.wait(TICK_SECONDS):
            for place, connection in enumerate(self._sockets):
                try:
                    self._taken[place] += len(connection.recv(portion))
                except BlockingIOError:
                    continue


@contextmanager
def _listening(port: int, path: str) -> Iterator[_Listeners]:
    listeners = _Listeners(port, path)
    try:
        # Long enough for every buffer between us to be full.
        threading.Event().wait(5)
        yield listeners
    finally:
        listeners.stop()


def _connect(port: int, path: str) -> socket.socket:
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    connection.connect(("127.0.0.1", port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    connection.setblocking(False)
    return connection


def _waits_ms(port: int, path: str, **headers: str) -> list[float]:
    return [_wait_ms(port, path, headers) for _ in range(ASKED)]


def _wait_ms(port: int, path: str, headers: dict[str, str]) -> float:
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    assert response.status in {200, 206}
    connection.close()
    return (time.perf_counter() - started) * 1000


def _memory_megabytes(port: int) -> float:
    """Add up the resident memory of the processes that hold the port's listening socket (Linux)."""
    inode = next(
        words[9]
        for words in map(str.split, Path("/proc/net/tcp").read_text().splitlines()[1:])
        if words[3] == "0A" and int(words[1].rpartition(":")[2], 16) == port
    )
    holders = {
        link.parts[2] for link in Path("/proc").glob("[0-9]*/fd/*") if _target(link) == f"socket:[{inode}]"
    }
    sizes = [_resident_kilobytes(pid) for pid in holders]
    return max(sizes) / 1000


def _target(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return ""


def _resident_kilobytes(pid: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
