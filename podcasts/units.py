# SPDX-License-Identifier: AGPL-3.0-or-later
"""Units: milliseconds, seconds and bytes as types, so that a bare "length" never appears."""

from typing import NewType

Milliseconds = NewType("Milliseconds", int)
Seconds = NewType("Seconds", float)
ByteCount = NewType("ByteCount", int)

KILOBYTE = 1_000
MEGABYTE = 1_000_000


def clock_text(duration_ms: int | None) -> str:
    """Write a length as listeners read it: ``m:ss``, or ``h:mm:ss`` from one hour.

    Args:
        duration_ms: milliseconds; None where the length is not known.

    Returns:
        The rounded length ("0:07", "24:10", "1:02:03"), or an empty string for None.
    """
    if duration_ms is None:
        return ""
    total = whole_seconds(duration_ms)
    hours, rest = divmod(total, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def whole_seconds(duration_ms: int) -> int:
    """Round milliseconds to whole seconds, halves up (itunes:duration wants whole seconds)."""
    return (duration_ms + 500) // 1000
