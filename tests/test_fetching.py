# SPDX-License-Identifier: AGPL-3.0-or-later
"""The guarded client: nothing inside is ever asked, whatever the address, the resolver or a redirect says.

The network below is replaced: made-up public addresses lead to a server of the test. The rule is the real one.
"""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import httpcore
import pytest

from podcasts.errors import FetchError, InvalidError
from podcasts.fetching import Fetched, Limits, check_public, fetch, is_public_address

PUBLIC = "93.184.216.34"
INSIDE = [
    *(
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://2130706433/",
    ),
    *(
        "http://0x7f.1/",
        "http://017700000001/",
        "http://127.1/",
        "http://169.254.169.254/latest/",
        "http://0.0.0.0/",
    ),
    *(
        "http://100.64.0.1/",
        "http://10.0.0.1/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://224.0.0.1/",
    ),
    *("http://[fe80::1]/", "http://[fc00::1]/", "http://[ff02::1]/", "http://[64:ff9b::7f00:1]/"),
    *("http://[2002:7f00:1::]/", "http://[2001:0:7f00:1::]/", "http://[::]/", "http://240.0.0.1/"),
    *("http://255.255.255.255/", "http://[::ffff:10.0.0.1]/", "http://192.0.2.1/", "http://198.18.0.1/"),
]
PORTS = ["http://a.example:22/", "http://a.example:25/", "http://a.example:5432/", "http://a.example:6379/"]
NO_ADDRESS = [
    "file:///etc/passwd",
    "gopher://a.example/",
    "http://",
    "a.example",
    "http://user@a.example/",
    "unix:/run/x",
]


def public(_host: str, _port: int) -> list[str]:
    """Resolve everything to one public address."""
    return [PUBLIC]


class Wires(httpcore.NetworkBackend):
    """Leads connections to a public address to a server of the test, and notes where they were to go."""

    def __init__(self, port: int) -> None:
        self.asked: list[tuple[str, int]] = []
        self._port = port
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Note the address, and connect to the test's server."""
        del local_address, socket_options
        self.asked.append((host, port))
        return self._network.connect_tcp("127.0.0.1", self._port, timeout=timeout)


@contextmanager
def site(answer: Callable[[bytes], Iterable[bytes]]) -> Iterator[Wires]:
    """Run a server that answers each connection with what a function makes of its request."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def talk(connection: socket.socket) -> None:
        with connection:
            try:
                for part in answer(connection.recv(65_536)):
                    if ended.is_set():
                        return
                    connection.sendall(part)
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield Wires(listener.getsockname()[1])
    finally:
        ended.set()
        listener.close()


def page(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Write an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def ask(url: str, wires: Wires, **values: object) -> Fetched:
    """Fetch over the test's wires."""
    given = {
        "user_agent": "Griot (+https://radio.example.org)",
        "resolve": public,
        "network": wires,
        **values,
    }
    return fetch(url, **given)  # type: ignore[arg-type]  # any argument


@pytest.mark.parametrize("url", [*INSIDE, *PORTS])
def test_nothing_inside_is_asked(url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_public(url)
    assert caught.value.code == "inside-address"
    with pytest.raises(InvalidError):
        fetch(url, user_agent="x")


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidError) as caught:
        check_public(url)
    assert caught.value.code == "not-a-web-address"


@pytest.mark.parametrize(
    "addresses", [["10.0.0.1"], [PUBLIC, "127.0.0.1"], ["::1", PUBLIC], [], ["nonsense"]]
)
def test_one_inside_address_among_the_answers_is_enough(addresses: list[str]) -> None:
    with site(lambda _: [page(b"secret")]) as wires:
        with pytest.raises(InvalidError):
            ask("http://a.example/", wires, resolve=lambda _host, _port: addresses)
        assert wires.asked == []


def test_the_checked_address_is_connected_to_and_the_name_asked_once() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    with site(lambda _: [page(b"ok")]) as wires:
        found = ask("http://a.example/x", wires, resolve=lambda _host, _port: next(answers))
    assert (found.status, found.body, wires.asked) == (200, b"ok", [(PUBLIC, 80)])


def test_a_redirect_to_the_inside_is_refused() -> None:
    def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.1"] if host == "inside.example" else [PUBLIC]

    with site(lambda _: [page(b"", "Location: http://inside.example/", status="302 Found")]) as wires:
        with pytest.raises(InvalidError) as caught:
            ask("http://a.example/", wires, resolve=resolve)
        assert caught.value.code == "inside-address"
        assert len(wires.asked) == 1


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://127.0.0.1/", "http://[::1/", "//10.0.0.1/"]
)
def test_a_redirect_to_nowhere_good_is_refused(location: str) -> None:
    with site(lambda _: [page(b"", f"Location: {location}", status="301 Moved")]) as wires:
        with pytest.raises((InvalidError, FetchError)):
            ask(
                "http://a.example/",
                wires,
                resolve=lambda host, _port: [host if host[0].isdigit() else PUBLIC],
            )
        assert len(wires.asked) == 1


def test_redirects_are_followed_three_times_and_no_more() -> None:
    def answer(request: bytes) -> list[bytes]:
        step = int(request.split(b"/")[1].split(b" ")[0] or b"0")
        return [page(b"there")] if step == 3 else [page(b"", f"Location: /{step + 1}", status="302 Found")]

    with site(answer) as wires:
        found = ask("http://a.example/0", wires)
        assert (found.url_final, found.body) == ("http://a.example/3", b"there")
        with pytest.raises(FetchError) as caught:
            ask("http://a.example/-9", wires)
    assert caught.value.code == "fetch-too-many-redirects"


def endless(_request: bytes) -> Iterator[bytes]:
    """Answer without end."""
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b"x" * 65_536


def dripping(_request: bytes) -> Iterator[bytes]:
    """Answer a byte now and then."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
    wait = threading.Event()
    while True:
        wait.wait(0.05)
        yield b"x"


def test_an_endless_body_ends_at_the_limit() -> None:
    with site(endless) as wires, pytest.raises(FetchError) as caught:
        ask("http://a.example/", wires)
    assert (caught.value.code, caught.value.facts["limit_bytes"]) == ("fetch-too-large", 2_000_000)


def test_a_slow_drip_ends_at_the_time_limit() -> None:
    with site(dripping) as wires, pytest.raises(FetchError) as caught:
        ask("http://a.example/", wires, limits=Limits(seconds=0.6))
    assert caught.value.code == "fetch-timeout"


def test_a_server_that_says_nothing_ends_at_the_time_limit() -> None:
    def silent(_request: bytes) -> Iterator[bytes]:
        threading.Event().wait(2)
        yield b""

    with site(silent) as wires, pytest.raises(FetchError) as caught:
        ask("http://a.example/", wires, limits=Limits(seconds=0.4))
    assert caught.value.code == "fetch-timeout"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_packed_bodies_are_unpacked(pack: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    with site(lambda _: [page(pack(b"bonjour" * 100), f"Content-Encoding: {encoding}")]) as wires:
        assert ask("http://a.example/", wires).body == b"bonjour" * 100


def test_a_bomb_is_noticed_before_it_goes_off() -> None:
    bomb = gzip.compress(b"\x00" * 300_000_000, 9)
    assert len(bomb) < 2_000_000
    with site(lambda _: [page(bomb, "Content-Encoding: gzip")]) as wires, pytest.raises(FetchError) as caught:
        ask("http://a.example/", wires)
    assert caught.value.code == "fetch-too-large"


BROKEN = {
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "broken gzip": page(b"not gzip", "Content-Encoding: gzip"),
    "unknown packing": page(b"x", "Content-Encoding: br"),
    "a flood of headers": b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"y" * 200_000 + b"\r\n\r\n",
    "nothing": b"",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_answer_is_one_error(answer: bytes) -> None:
    with site(lambda _: [answer]) as wires, pytest.raises(FetchError) as caught:
        ask("http://a.example/", wires, limits=Limits(seconds=3))
    assert caught.value.code == "fetch-failed"


def test_validators_and_the_name_of_who_asks_are_sent_and_nothing_else() -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> list[bytes]:
        seen.append(request)
        return [page(b"", 'ETag: "2"', status="304 Not Modified")]

    with site(answer) as wires:
        found = ask(
            "http://a.example/é?q=1#x", wires, etag='"1"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT"
        )
    assert (found.status, found.headers["etag"]) == (304, '"2"')
    sent = seen[0].decode().lower()
    assert sent.startswith("get /%c3%a9?q=1 http/1.1\r\n")
    for line in ("host: a.example", 'if-none-match: "1"', "user-agent: griot (+https://radio.example.org)"):
        assert line in sent
    assert "cookie" not in sent


def test_addresses_are_judged_by_what_they_are() -> None:
    assert is_public_address(PUBLIC)
    assert is_public_address("2606:2800:220:1:248:1893:25c8:1946")
    assert not is_public_address("fe80::1%eth0")
    assert not is_public_address("not an address")
