# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wishes: how a page would have the player that it embeds, as read from an address; nonsense is passed over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from podcasts.i18n import LANGUAGES

THEMES = ("light", "dark", "auto")
LAYOUTS = ("card", "mini", "list")

PAPERS = {"light": ("#ffffff",), "dark": ("#171a26",), "auto": ("#ffffff", "#171a26")}
"""What the player's accent stands on, in each theme (--surface of the style sheets)."""

_SEEN_CONTRAST = 3.0
"""What a control needs to be seen (WCAG 2.2, success criterion 1.4.11)."""

_COLOUR = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})", re.IGNORECASE | re.ASCII)
# What static/player/times.js reads: seconds, m:ss, 1m30s, npt:, each with an end (Media Fragments 1.0, 4.2.1).
_TIME = r"(?:npt:)?\d[\d.:hm]{0,11}s?"
_TIMES = re.compile(rf"{_TIME}(?:,{_TIME})?", re.ASCII)


@dataclass(frozen=True)
class Wishes:
    """How a player shall look and begin; "" wherever nothing is asked for.

    Attributes:
        theme: one of ``THEMES``.
        layout: one of ``LAYOUTS``.
        accent: a colour as "#rrggbb".
        language: one of ``LANGUAGES``; else the reader's own.
        start: where to begin, and where to end, as a Media Fragment writes it ("90", "1:30", "10,20").
    """

    theme: str = ""
    layout: str = ""
    accent: str = ""
    language: str = ""
    start: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str], prefix: str = "") -> "Wishes":
        """Read wishes from a query or a form, whose names may begin with a prefix."""

        def word(name: str, choices: tuple[str, ...]) -> str:
            asked = given.get(f"{prefix}{name}", "")
            return asked if asked in choices else ""

        return cls(
            theme=word("theme", THEMES),
            layout=word("layout", LAYOUTS),
            accent=_colour(given.get(f"{prefix}accent", "")),
            language=word("lang", LANGUAGES),
            start=_start(given.get(f"{prefix}t", "")),
        )

    def added_to(self, url: str) -> str:
        """Add to the address of a player, or of a page that oEmbed turns into one, what is asked for."""
        asked = {
            "theme": self.theme,
            "layout": self.layout,
            "accent": self.accent.removeprefix("#"),
            "lang": self.language,
            "t": self.start,
        }
        query = urlencode({name: value for name, value in asked.items() if value}, safe=":,")
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def accent_style(self) -> str:
        """Write the style sheet of the accent; "" where there is none, or where it could not be seen.

        The three ``:root`` outweigh the rules of every theme.
        """
        papers = PAPERS[self.theme or THEMES[0]]
        if not self.accent or any(contrast(self.accent, paper) < _SEEN_CONTRAST for paper in papers):
            return ""
        # One of the two always keeps 4.5:1.
        ink = max(("#ffffff", "#000000"), key=lambda one: contrast(one, self.accent))
        return f":root:root:root{{--accent:{self.accent};--on-accent:{ink}}}"


def contrast(one: str, other: str) -> float:
    """Measure the contrast of two colours "#rrggbb" (WCAG 2.2, contrast ratio), from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]  # noqa: PLR2004 - constants of sRGB
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _colour(text: str) -> str:
    found = _COLOUR.fullmatch(text)
    if found is None:
        return ""
    digits = found[1].lower()
    return f"#{digits if len(digits) == 6 else ''.join(digit * 2 for digit in digits)}"  # noqa: PLR2004 - two digits for each of three colours


def _start(text: str) -> str:
    return text if _TIMES.fullmatch(text) else ""
