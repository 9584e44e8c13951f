# SPDX-License-Identifier: AGPL-3.0-or-later
"""The address that Griot listens on: taken before anything else is done, refused where it would be a trap."""

import errno
import socket
import sys
from ipaddress import ip_address
from typing import Any

from podcasts.errors import ConflictError, InvalidError, SettingsError

BACKLOG = 2048
"""Connections that may wait while the web server starts."""

KEEPALIVE_SECONDS = 60
SILENCE_SECONDS = 900
"""How long a listener may take nothing of what waits for it."""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server bound to ``host``.

    Raises:
        InvalidError: "host-unknown" (fact ``host``): no such host.
    """
    return all(ip_address(address[0].partition("%")[0]).is_loopback for _, address in _addresses(host, 0))


def require_base_url(host: str, base_url: str | None) -> None:
    """Refuse to serve the world without knowing our own address.

    Every absolute URL (feeds, enclosures, embeds) is built from GRIOT_BASE_URL; without one they would name
    an address of the inside, in podcast apps that never forget.

    Raises:
        SettingsError: "base-url-needed" (facts ``name``, ``detail``: the host).
        InvalidError: "host-unknown" (fact ``host``).
    """
    if not base_url and not is_loopback(host):
        raise SettingsError("base-url-needed", name="GRIOT_BASE_URL", detail=host)


def open_listener(host: str, port: int) -> socket.socket:
    """Take the port, before anything else is done.

    Connections are queued from now on and answered once the web server runs.

    Args:
        host: name or address to bind; "" is every address.
        port: 0 takes any free port; ``listener.getsockname()[1]`` tells which.

    Returns:
        A bound, listening TCP socket.

    Raises:
        ConflictError: "port-taken" or "port-forbidden" (facts ``host``, ``port``).
        InvalidError: "host-unknown" (fact ``host``): no such host, or not an address of this machine.
    """
    family, address = _addresses(host, port)[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except PermissionError as error:
        listener.close()
        raise ConflictError("port-forbidden", host=host, port=port) from error
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
            raise InvalidError("host-unknown", host=host) from error
        raise ConflictError("port-taken", host=host, port=port) from error
    _bound_silence(listener)
    return listener


def _bound_silence(listener: socket.socket) -> None:
    """Close, some time, connections of phones that went into a tunnel and of players paused for the night.

    Each holds a thread of the web server. Accepted connections inherit the options (Linux); a player that
    goes on asks again for the range that it lacks.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform.startswith("linux"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, KEEPALIVE_SECONDS)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE_SECONDS * 1000)


def listener_url(listener: socket.socket) -> str:
    """Write the address of a listener as a person on this machine opens it (http://127.0.0.1:8000)."""
    host, port = reachable_address(listener)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def reachable_address(listener: socket.socket) -> tuple[str, int]:
    """Tell the host and port at which this machine itself reaches a listener."""
    host, port = listener.getsockname()[:2]
    return reachable_host(host), port


def reachable_host(host: str) -> str:
    """Tell how this machine itself reaches a bound address: "every address" is loopback too."""
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, never bound
    return loopback.get(host, host)


def _addresses(host: str, port: int) -> list[tuple[int, Any]]:
    """Look a host up: (address family, address as ``bind`` takes it), in the system's order of preference."""
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise InvalidError("host-unknown", host=host) from error
    return [(family, address) for family, _type, _protocol, _name, address in found]
