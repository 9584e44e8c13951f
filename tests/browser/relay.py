# SPDX-License-Identifier: AGPL-3.0-or-later
"""A relay before a Griot: goes down, cuts an answer short, plays the next version; and writes down what passed."""

import http.client
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_OF_THE_LINE = {"connection", "transfer-encoding", "content-length"}
_NOT_ASKED = {"connection", "accept-encoding", "if-none-match"}
_PATIENCE_SECONDS = 30


@dataclass
class Relay:
    """What a relay is told to do, and what it saw.

    Attributes:
        port: of the Griot behind it.
        url: where browsers connect to.
        down: it takes no call.
        stop_at: the next answer with sound stands still after so many bytes, until ``cut``; None lets it pass.
        version: what the service worker is made to say of its version; None leaves it.
        forgotten: beginnings of paths that answer 404, as after an update.
        asked: method, path and Range of every request that passed.
    """

    port: int
    url: str = ""
    down: bool = False
    stop_at: int | None = None
    version: str | None = None
    forgotten: tuple[str, ...] = ()
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    _standing: threading.Event = field(default_factory=threading.Event)
    _cut: threading.Event = field(default_factory=threading.Event)

    def cut(self) -> None:
        """Wait for the answer that stands still, end it, and go down."""
        assert self._standing.wait(_PATIENCE_SECONDS)
        self.down = True
        self._standing.clear()
        self._cut.set()

    def stand(self) -> None:
        """Hold an answer until it is cut."""
        self.stop_at = None
        self._cut.clear()
        self._standing.set()
        self._cut.wait(_PATIENCE_SECONDS)

    def of_sound(self) -> list[tuple[str, str, str]]:
        """List the requests for bytes of sound."""
        return [one for one in self.asked if re.match(r"/media/[^/]+/[^/]+\.(mp3|opus|m4a)", one[1])]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    relay: Relay

    def do_GET(self) -> None:
        if self.relay.down:
            self.close_connection = True
            return
        with suppress(ConnectionError):
            self._answer()

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self) -> None:
        asked = (self.command, self.path, self.headers.get("Range", ""))
        self.relay.asked.append(asked)
        status, headers, body = self._behind()
        if self.path.startswith(self.relay.forgotten or ("\0",)):
            status, body = 404, b""
        elif self.relay.version and self.path.startswith("/service-worker.js"):
            said = f'"version": "{self.relay.version}"'.encode()
            body = re.sub(rb'"version": "[^"]+"', said, body)
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD":
            return
        stop_at = self.relay.stop_at if asked in self.relay.of_sound() else None
        self.wfile.write(body[:stop_at])
        if stop_at is not None:
            self.wfile.flush()
            self.relay.stand()
            self.close_connection = True

    def _behind(self) -> tuple[int, list[tuple[str, str]], bytes]:
        behind = http.client.HTTPConnection("127.0.0.1", self.relay.port, timeout=30)
        # Bodies come as they are and whole, so that they can be changed.
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _NOT_ASKED}
        behind.request(self.command, self.path, headers={**headers, "Connection": "close"})
        answer = behind.getresponse()
        kept = [one for one in answer.getheaders() if one[0].lower() not in _OF_THE_LINE]
        found = answer.status, kept, answer.read()
        behind.close()
        return found

    def log_message(self, *_words: object) -> None:
        """Say nothing: the test reads what was asked."""


@contextmanager
def relay_to(port: int) -> Iterator[Relay]:
    """Put a relay before a server on this machine, for as long as the block lasts."""
    relay = Relay(port)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"relay": relay}))
    server.daemon_threads = True
    relay.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield relay
    finally:
        server.shutdown()
        server.server_close()
