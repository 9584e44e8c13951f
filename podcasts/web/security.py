# SPDX-License-Identifier: AGPL-3.0-or-later
"""Security headers, and whose address a request comes from."""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response, request

from podcasts.settings import Network

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; frame-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'"
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
HSTS = "max-age=31536000"

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class TrustedProxies:
    """Puts the listener's own address in the place of a proxy's that we trust.

    X-Forwarded-For is read from its end: every proxy appends whom it saw, and only what a trusted one appended
    is believed. X-Forwarded-Host is never read: links come from GRIOT_BASE_URL.
    """

    def __init__(self, app: WsgiApp, networks: tuple[Network, ...]) -> None:
        self._app = app
        self._networks = networks

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        environ["REMOTE_ADDR"] = self._client(environ)
        return self._app(environ, start_response)

    def _client(self, environ: dict[str, Any]) -> str:
        client = str(environ.get("REMOTE_ADDR") or "")
        hops = str(environ.get("HTTP_X_FORWARDED_FOR") or "").split(",")
        while self._is_trusted(client) and hops:
            before = hops.pop().strip()
            if not _address(before):
                break
            client = before
        return client

    def _is_trusted(self, client: str) -> bool:
        address = _address(client)
        return address is not None and any(
            address in network for network in self._networks if network.version == address.version
        )


def add_security_headers(app: Flask, *, https: bool) -> None:
    """Put the security headers on every answer; a view's own policy is kept."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        if https:
            headers.setdefault("Strict-Transport-Security", HSTS)
        if request.path.startswith(("/studio", "/login", "/setup", "/api/")):
            headers.setdefault("Cache-Control", "no-store")
        return response


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read an address; IPv4 inside IPv6 (RFC 4291 section 2.5.5.2), as two-family sockets name it, is IPv4."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
