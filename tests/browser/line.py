# SPDX-License-Identifier: AGPL-3.0-or-later
"""A line between a browser and a server: as slow as it is told to be, and cut when it is told to be."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Line:
    """Carries bytes both ways and counts those that go up.

    Attributes:
        url: where the browser connects to.
        sent_bytes: how many went up so far, headers included.
    """

    def __init__(self, port: int, bytes_per_second: int) -> None:
        self.sent_bytes = 0
        self._port = port
        self._pace = bytes_per_second
        self._up = True
        self._open: set[socket.socket] = set()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def run(self) -> None:
        """Take calls until the line is taken down."""
        while True:
            try:
                caller, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._carry, args=(caller,), daemon=True).start()

    def lead_to(self, port: int) -> None:
        """Let the line end at another server."""
        self._port = port

    def cut(self) -> None:
        """End every call and take no other."""
        self._up = False
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Take calls again."""
        self._up = True

    def close(self) -> None:
        """Take the line down."""
        self.cut()
        self._server.close()

    def _carry(self, caller: socket.socket) -> None:
        if not self._up:
            caller.close()
            return
        try:
            callee = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        except OSError:
            caller.close()
            return
        self._open |= {caller, callee}
        down = threading.Thread(target=self._pump, args=(callee, caller, False), daemon=True)
        down.start()
        self._pump(caller, callee, True)
        down.join()
        self._open -= {caller, callee}
        caller.close()
        callee.close()

    def _pump(self, source: socket.socket, target: socket.socket, upward: bool) -> None:  # noqa: FBT001
        with suppress(OSError):
            while block := source.recv(32_768):
                target.sendall(block)
                if upward:
                    self.sent_bytes += len(block)
                    time.sleep(len(block) / self._pace)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(port: int, *, bytes_per_second: int) -> Iterator[Line]:
    """Lay a line to a server on this machine, for as long as the block lasts."""
    line = Line(port, bytes_per_second)
    threading.Thread(target=line.run, daemon=True).start()
    try:
        yield line
    finally:
        line.close()
