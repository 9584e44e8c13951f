# SPDX-License-Identifier: AGPL-3.0-or-later
"""Allowed sites: on whose pages the players of a show may stand (CSP Level 3, section 6.4.2, frame-ancestors).

A site is kept as one source of that directive: scheme, host and, where it is not the scheme's own, port:
``https://gazette.example``, or ``https://*.gazette.example`` for everything below it (and not for itself). What is
kept is made of letters, digits, dots, hyphens and colons, so that it cannot end the directive or the header.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from podcasts.article_urls import article_url
from podcasts.errors import InvalidError
from podcasts.services.values import Fault
from podcasts.text import clean_line

SITES_AT_MOST = 50
CHARACTERS_AT_MOST = 2_000
"""Of all of them together: they go out in one header, and proxies keep 4 kB for all."""

_SHOWN_CHARACTERS = 80
_SITE = re.compile(
    r"(?:(?P<scheme>https?)://)?(?P<wild>\*\.)?(?P<host>[^/?#@*:\s]+)(?::(?P<port>\d{1,5}))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL | re.ASCII,
)
_KEPT = re.compile(r"(?P<scheme>https?)://(?P<wild>\*\.)?(?P<host>[a-z0-9.-]+)(?::(?P<port>\d+))?", re.ASCII)


def sites(value: Any) -> list[str]:  # noqa: ANN401 - whatever was sent
    """Clean a list of sites, each once, in the order given; an empty one means everywhere.

    Raises:
        Fault: "wrong-type", "too-many", "not-a-site", "site-with-path", "site-too-wide",
            "too-long".
    """
    if not isinstance(value, Sequence) or isinstance(value, str | bytes):
        raise Fault("wrong-type", wanted="[…]")
    if len(value) > SITES_AT_MOST:
        raise Fault("too-many", limit=SITES_AT_MOST)
    found = list(dict.fromkeys(site(one) for one in value))
    if len(" ".join(found)) > CHARACTERS_AT_MOST:
        raise Fault("too-long", limit=CHARACTERS_AT_MOST)
    return found


def site(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean one site; without a scheme it is an https one.

    Raises:
        Fault: "wrong-type"; "not-a-site", "site-with-path" or "site-too-wide" with the fact ``site``.
    """
    if not isinstance(value, str):
        raise Fault("wrong-type", wanted="text")
    shown = clean_line(value, _SHOWN_CHARACTERS)
    text = value.strip(" \t\r\n")
    if text in {"*", "http://*", "https://*"}:
        raise Fault("site-too-wide", site=shown)
    found = _SITE.fullmatch(text)
    if found is None or found["rest"][:1] not in {"", "/", "?", "#"}:
        raise Fault("not-a-site", site=shown)
    origin = _origin(found, shown)
    if found["rest"] not in {"", "/"}:
        raise Fault("site-with-path", site=shown, origin=origin)
    return origin


def shared_sites(restrictions: Iterable[Sequence[str]]) -> list[str] | None:
    """Tell where a player may stand that holds sound of several shows: where every one of them allows it.

    Args:
        restrictions: the allowed sites of each show; an empty one allows every site.

    Returns:
        None for everywhere; an empty list for nowhere but on our own pages.
    """
    allowed: list[_Source] | None = None
    for one in restrictions:
        if not one:
            continue
        sources = [_source(site) for site in one]
        allowed = sources if allowed is None else _common(allowed, sources)
    return None if allowed is None else [str(source) for source in allowed]


def _origin(found: "re.Match[str]", shown: str) -> str:
    """Write scheme, host and port as they are kept: the host in ASCII, as browsers compare it (IDNA).

    Raises:
        Fault: "not-a-site" or "site-too-wide".
    """
    scheme = (found["scheme"] or "https").lower()
    port = f":{found['port']}" if found["port"] else ""
    try:
        plain = article_url(f"{scheme}://{found['host']}{port}/").removesuffix("/")
    except InvalidError:
        raise Fault("not-a-site", site=shown) from None
    kept = _KEPT.fullmatch(plain)
    if kept is None:
        raise Fault("not-a-site", site=shown)
    if not found["wild"]:
        return plain
    if "." not in kept["host"] or kept["host"].rpartition(".")[2].isdecimal():
        # Below a whole top-level domain lives everybody; below an address of digits, nobody.
        raise Fault("site-too-wide", site=shown)
    return plain.replace("://", "://*.", 1)


@dataclass(frozen=True)
class _Source:
    scheme: str
    wild: bool
    host: str
    port: str

    def __str__(self) -> str:
        return f"{self.scheme}://{'*.' if self.wild else ''}{self.host}{':' + self.port if self.port else ''}"

    def narrowed(self, other: "_Source") -> "_Source | None":
        """Name the pages that both name; None for none. An http source includes https (CSP 3, section 6.7.2.8)."""
        if self.port != other.port:
            return None
        scheme = "http" if self.scheme == other.scheme == "http" else "https"
        for narrow, wide in ((self, other), (other, self)):
            inside = wide.wild and narrow.host.endswith(f".{wide.host}")
            if inside or (narrow.wild, narrow.host) == (wide.wild, wide.host):
                return _Source(scheme, narrow.wild, narrow.host, self.port)
        return None


def _source(site: str) -> _Source:
    found = _KEPT.fullmatch(site)
    if found is None:
        raise ValueError(site)
    return _Source(found["scheme"], bool(found["wild"]), found["host"], found["port"] or "")


def _common(some: Sequence[_Source], others: Sequence[_Source]) -> list[_Source]:
    """List what both allow."""
    both = (one.narrowed(other) for one in some for other in others)
    return list(dict.fromkeys(source for source in both if source))
