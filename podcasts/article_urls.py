# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article addresses: the key under which an article is found again, and the address that is shown.

Two things are kept of every address (RFC 3986): the *key*, normalised hard and used only for look-up, and the
*url*, which is what was given without fragment and trackers. Nothing here asks the network.
"""

import ipaddress
import re
from urllib.parse import SplitResult, quote, urlsplit

from podcasts.errors import InvalidError

ADDRESS_CHARACTERS = 2_000

# Parameters that say where a reader came from and never what is read.
TRACKERS = frozenset(
    {
        *("fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "ysclid", "twclid"),
        *("ttclid", "igshid", "igsh", "li_fat_id", "mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi"),
        *("mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid", "s_cid", "ocid", "cmpid", "xtor"),
        *(
            "at_medium",
            "at_campaign",
            "at_custom1",
            "at_custom2",
            "at_custom3",
            "at_custom4",
            "__twitter_impression",
        ),
    }
)
TRACKER_PREFIXES = ("utm_", "pk_", "mtm_", "hsa_")

_DEFAULT_PORTS = {"http": 80, "https": 443}
_FORBIDDEN = re.compile(
    r"[\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u2060\u3000\ufeff\\<>\"`{}|^\ud800-\udfff]"
)
_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "!$&'()*+,;=:@/%~-._?"


def article_key(url: str) -> str:
    """Normalise an address for look-up: two spellings of one article give one key.

    https, host in lower case and ASCII (IDNA), no default port, no fragment, no trackers, percent-encoding and
    dot segments normalised (RFC 3986 sections 6.2.2 and 6.2.3), no slash at the end. The order of what remains
    of the query, "www." and the case of the path are kept: they may make a difference.

    Raises:
        InvalidError: "not-a-web-address" or "address-too-long" (facts: ``limit``).
    """
    parts = _split(url)
    path = _without_dots(_normalised(parts.path)).rstrip("/")
    query = _query(_normalised(parts.query))
    return f"https://{_authority(parts, https=True)}{path}{'?' + query if query else ''}"


def article_url(url: str) -> str:
    """Clean an address to be shown and linked: no fragment, no trackers; scheme, slash and spelling are kept.

    Letters outside ASCII are percent-encoded as UTF-8, so that it can stand in a feed.

    Raises:
        InvalidError: "not-a-web-address" or "address-too-long" (facts: ``limit``).
    """
    parts = _split(url)
    query = _query(_encoded(parts.query))
    path = _encoded(parts.path) or "/"
    return f"{parts.scheme.lower()}://{_authority(parts, https=False)}{path}{'?' + query if query else ''}"


def _split(url: str) -> SplitResult:
    text = url.strip(" \t\r\n")
    if len(text) > ADDRESS_CHARACTERS:
        raise InvalidError("address-too-long", limit=ADDRESS_CHARACTERS)
    if _FORBIDDEN.search(text):
        raise InvalidError("not-a-web-address")
    try:
        parts = urlsplit(text)
        known = parts.scheme.lower() in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError:
        raise InvalidError("not-a-web-address") from None
    if not known or parts.username is not None or parts.password is not None:
        raise InvalidError("not-a-web-address")
    return parts


def _authority(parts: SplitResult, *, https: bool) -> str:
    """Write host and port; a port that is the scheme's own is left out."""
    host = _host(parts.hostname or "")
    defaults = set(_DEFAULT_PORTS.values()) if https else {_DEFAULT_PORTS[parts.scheme.lower()]}
    return host if parts.port is None or parts.port in defaults else f"{host}:{parts.port}"


def _host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError:
            raise InvalidError("not-a-web-address") from None
    try:
        name = host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise InvalidError("not-a-web-address") from None
    if not name or not all(_HOST_LABEL.fullmatch(label) for label in name.split(".")):
        raise InvalidError("not-a-web-address")
    return name


def _encoded(text: str) -> str:
    """Percent-encode what cannot stand in an address; what is encoded already stays."""
    return quote(_STRAY_PERCENT.sub("%25", text), safe=_SAFE)


def _normalised(text: str) -> str:
    """Decode what need not be encoded, and write the rest with capital letters."""

    def spell(found: re.Match[str]) -> str:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else found[0].upper()

    return _PERCENT.sub(spell, _encoded(text))


def _query(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracker(part))


def _is_tracker(part: str) -> bool:
    name = part.partition("=")[0].lower()
    return name in TRACKERS or name.startswith(TRACKER_PREFIXES)


def _without_dots(path: str) -> str:
    """Remove dot segments (RFC 3986 section 5.2.4)."""
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept) if len(kept) > 1 else ""
