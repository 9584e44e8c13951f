# SPDX-License-Identifier: AGPL-3.0-or-later
"""Enclosures: what podcast apps and directories ask of the one sound of an item."""

from urllib.parse import urlsplit

from podcasts.feeds.document import Enclosure

MIMES = {
    "mp3": {"audio/mpeg"},
    "m4a": {"audio/x-m4a", "audio/mp4"},
    "aac": {"audio/aac"},
    "opus": {"audio/ogg", "audio/opus"},
    "ogg": {"audio/ogg"},
    "flac": {"audio/flac"},
    "wav": {"audio/wav"},
}
"""MIME types that agree with an extension; Apple refuses what does not."""


def fault_of(enclosure: Enclosure | None) -> str | None:
    """Say why an enclosure cannot stand in a feed; None when it can."""
    if enclosure is None:
        return "no-enclosure"
    if not enclosure.url.isascii() or any(letter <= " " for letter in enclosure.url):
        return "enclosure-address"
    try:
        parts = urlsplit(enclosure.url)
    except ValueError:
        return "enclosure-address"
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return "enclosure-address"
    if enclosure.length_bytes <= 0:
        return "enclosure-empty"
    extension = parts.path.rpartition(".")[2]
    return None if enclosure.mime in MIMES.get(extension, set()) else "enclosure-type"
