# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wishes: how a page would have the player that it embeds, as read from an address; nonsense is passed over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from podcasts.i18n import LANGUAGES
from podcasts.web.accents import accent_style, read_colour, written

THEMES = ("light", "dark", "auto")
LAYOUTS = ("card", "mini", "list")

QUALITIES = ("light",)

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
        quality: one of ``QUALITIES``: which version to begin with.
        language: one of ``LANGUAGES``; else the reader's own.
        start: where to begin, and where to end, as a Media Fragment writes it ("90", "1:30", "10,20").
    """

    theme: str = ""
    layout: str = ""
    accent: str = ""
    quality: str = ""
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
            quality=word("quality", QUALITIES),
            language=word("lang", LANGUAGES),
            start=_start(given.get(f"{prefix}t", "")),
        )

    def added_to(self, url: str) -> str:
        """Add to the address of a player, or of a page that oEmbed turns into one, what is asked for."""
        asked = {
            "theme": self.theme,
            "layout": self.layout,
            "accent": self.accent.removeprefix("#"),
            "quality": self.quality,
            "lang": self.language,
            "t": self.start,
        }
        query = urlencode({name: value for name, value in asked.items() if value}, safe=":,")
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    def accent_style(self) -> str:
        """Write the style sheet of the accent, mended where it could not be seen; "" where there is none."""
        return accent_style(self.accent, self.theme or THEMES[0])


def _colour(text: str) -> str:
    found = read_colour(text)
    return written(found) if found else ""


def _start(text: str) -> str:
    return text if _TIMES.fullmatch(text) else ""
