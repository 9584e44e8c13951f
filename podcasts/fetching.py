# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fetching: the one guarded client for every address that a person gives.

A name is resolved once; every answer must be a global address; the connection goes to the checked address, and
all of it again after each redirect. Body and time are limited as a whole, also when the body is compressed.
There is no switch that lets an inside address through; tests replace the network below, not the rule.
"""

import contextlib
import ipaddress
import socket
import ssl
import time
import typing
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpcore

from podcasts.article_urls import article_url
from podcasts.errors import FetchError, InvalidError

REDIRECTS = frozenset({301, 302, 303, 307, 308})
READ_BYTES = 64 * 1024
HEADER_BYTES = 100_000

# Kinds that Python still calls global, and through which the inside can be reached (RFC 6052, RFC 3056, RFC 4380).
_TUNNELS = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)
_HTTP_PORTS = frozenset({80, 443})
_FIRST_FREE_PORT = 1024
# Ports above that which other protocols own: databases, caches, queues (after the Fetch standard's bad ports).
_FOREIGN_PORTS = frozenset(
    {
        1433,
        1521,
        2049,
        2375,
        2376,
        3306,
        3389,
        4369,
        5060,
        5061,
        5432,
        5672,
        5900,
        6000,
        6379,
        6665,
        6666,
        6667,
    }
    | {6668, 6669, 9200, 9300, 10080, 11211, 27017}
)

Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True)
class Limits:
    """How much of another site's answer is taken.

    Attributes:
        max_bytes: of the body, unpacked, of the last answer.
        seconds: for everything together, redirects included.
        redirects: at most so many.
    """

    max_bytes: int = 2_000_000
    seconds: float = 5.0
    redirects: int = 3


@dataclass(frozen=True)
class Fetched:
    """What another site answered.

    Attributes:
        url_final: the address that answered, after redirects.
        status: HTTP status.
        headers: names in lower case; of several of one name the last.
        body: unpacked.
    """

    url_final: str
    status: int
    headers: dict[str, str]
    body: bytes


def fetch(
    url: str,
    *,
    user_agent: str,
    limits: Limits | None = None,
    accept: str = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
    etag: str | None = None,
    last_modified: str | None = None,
    resolve: Resolve | None = None,
    network: httpcore.NetworkBackend | None = None,
) -> Fetched:
    """Ask another site for a document.

    Args:
        url: http or https.
        user_agent: who asks.
        limits: None for 2 MB, 5 seconds, 3 redirects.
        accept: the Accept header.
        etag: of an earlier answer, for If-None-Match.
        last_modified: of an earlier answer, for If-Modified-Since.
        resolve: host and port to addresses; None for the system's.
        network: opens connections to checked addresses; None for the system's.

    Raises:
        InvalidError: "not-a-web-address", "address-too-long" or "inside-address", also of a redirect.
        FetchError: "fetch-timeout", "fetch-too-large" (facts: ``limit_bytes``), "fetch-failed",
            "fetch-too-many-redirects".
    """
    limits = limits or Limits()
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": user_agent,
        "Accept": accept,
        "Accept-Encoding": "gzip, deflate",
    }
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    deadline = time.monotonic() + limits.seconds
    guard = _GuardedNetwork(resolve or _system_resolve, network or httpcore.SyncBackend(), deadline)
    here = article_url(url)
    for _ in range(limits.redirects + 1):
        answer = _ask(here, headers, limits, guard, deadline)
        location = answer.headers.get("location")
        if answer.status not in REDIRECTS or not location:
            return answer
        here = _next_address(here, location)
    raise FetchError("fetch-too-many-redirects")


def check_public(url: str, *, resolve: Resolve | None = None) -> None:
    """Refuse an address that is none, or that leads inside; one that nobody can resolve passes.

    Raises:
        InvalidError: "not-a-web-address", "address-too-long" or "inside-address".
    """
    parts = urlsplit(article_url(url))
    port = parts.port or (443 if parts.scheme == "https" else 80)
    _check_port(port)
    with contextlib.suppress(OSError, UnicodeError):
        _public_addresses(parts.hostname or "", port, resolve or _system_resolve)


def is_public_address(text: str) -> bool:
    """Say whether an IP address is one of the open internet.

    Loopback, private, link-local, shared, multicast, reserved and unspecified ones are not, nor those that wrap
    an IPv4 address in IPv6.
    """
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        wrapped = address.ipv4_mapped is not None or address.is_site_local
        return not wrapped and not any(address in tunnel for tunnel in _TUNNELS)
    return True


class _GuardedNetwork(httpcore.NetworkBackend):
    """Connects to an address that was checked, never to a name."""

    def __init__(self, resolve: Resolve, network: httpcore.NetworkBackend, deadline: float) -> None:
        self._resolve = resolve
        self._network = network
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve once, check every answer, connect to the first that takes us."""
        del timeout, local_address
        failure: Exception = OSError(host)
        for address in _public_addresses(host, port, self._resolve):
            try:
                stream = self._network.connect_tcp(
                    address, port, timeout=_left(self._deadline), socket_options=socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (OSError, httpcore.ConnectError) as reason:
                failure = reason
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Refuse: no web address leads to a file."""
        del path, timeout, socket_options
        raise InvalidError("inside-address")

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(min(seconds, _left(self._deadline)))


class _TimedStream(httpcore.NetworkStream):
    """A connection on which every wait ends at the deadline of the whole: a slow drip does not last."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come."""
        del timeout
        return self._stream.read(max_bytes, timeout=_left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send."""
        del timeout
        self._stream.write(buffer, timeout=_left(self._deadline))

    def close(self) -> None:
        """Close."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on under TLS; the certificate must be the name's."""
        del timeout
        secured = self._stream.start_tls(ssl_context, server_hostname, timeout=_left(self._deadline))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:  # noqa: ANN401 - as httpcore declares it
        """Tell about the connection."""
        return self._stream.get_extra_info(info)


def _ask(
    url: str, headers: dict[bytes | str, bytes | str], limits: Limits, guard: _GuardedNetwork, deadline: float
) -> Fetched:
    """Send one request and read its answer."""
    port = urlsplit(url).port
    if port is not None:
        _check_port(port)
    # No pool, no proxy of the environment, no cookie: one request, one connection.
    pool = httpcore.ConnectionPool(network_backend=guard, max_keepalive_connections=0, retries=0)
    try:
        with pool, pool.stream("GET", url, headers=headers) as answer:
            found = _headers(answer.headers)
            body = b"" if answer.status in REDIRECTS else _body(answer.iter_stream(), found, limits, deadline)
            return Fetched(url, answer.status, found, body)
    except (httpcore.TimeoutException, TimeoutError):
        raise FetchError("fetch-timeout") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError, ValueError, zlib.error):
        raise FetchError("fetch-failed") from None


def _body(blocks: Iterable[bytes], headers: dict[str, str], limits: Limits, deadline: float) -> bytes:
    """Read a body and unpack it, within the limits."""
    unpack = _unpacker(headers.get("content-encoding", ""))
    parts: list[bytes] = []
    size = packed = 0
    for block in blocks:
        _left(deadline)
        packed += len(block)
        for part in unpack(block):
            size += len(part)
            parts.append(part)
            if size > limits.max_bytes:
                break
        if max(size, packed) > limits.max_bytes:
            raise FetchError("fetch-too-large", limit_bytes=limits.max_bytes)
    return b"".join(parts)


def _unpacker(encoding: str) -> Callable[[bytes], Iterable[bytes]]:
    """Make what unpacks a body piece by piece, so that a bomb is noticed as it grows (RFC 9110 section 8.4.1)."""
    kind = encoding.strip().lower()
    if kind in {"", "identity"}:
        return lambda block: (block,)
    if kind not in {"gzip", "x-gzip", "deflate"}:
        raise ValueError(kind)
    stream = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(block: bytes) -> Iterable[bytes]:
        left = block
        while left:
            yield stream.decompress(left, READ_BYTES)
            left = stream.unconsumed_tail

    return unpack


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    pairs = list(raw)
    if sum(len(name) + len(value) for name, value in pairs) > HEADER_BYTES:
        raise FetchError("fetch-failed")
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in pairs}


def _next_address(here: str, location: str) -> str:
    """Follow a redirect to another web address; from https back to http as well: nothing secret is sent."""
    try:
        return article_url(urljoin(here, location))
    except ValueError:
        raise FetchError("fetch-failed") from None


def _public_addresses(host: str, port: int, resolve: Resolve) -> list[str]:
    """Resolve a name, and refuse it whole when one of its addresses leads inside.

    Raises:
        InvalidError: "inside-address".
        OSError: nobody knows the name.
    """
    addresses = resolve(host.strip("[]"), port)
    if not addresses or not all(is_public_address(address) for address in addresses):
        raise InvalidError("inside-address")
    return addresses


def _system_resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _check_port(port: int) -> None:
    if port not in _HTTP_PORTS and (port < _FIRST_FREE_PORT or port in _FOREIGN_PORTS):
        raise InvalidError("inside-address")


def _left(deadline: float) -> float:
    """Tell how much time is left.

    Raises:
        TimeoutError: none.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
