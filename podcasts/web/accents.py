# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accents: the colour that an embedding page may wish for, checked, and mended where nobody could see it.

Nothing of what was asked reaches a style sheet: three numbers are read, and written anew.
"""

import re

SHAPE = 3.0
"""Least contrast between a control and its ground (WCAG 2.2, 1.4.11)."""

TEXT = 4.5
"""Least contrast between text and its ground (WCAG 2.2, 1.4.3)."""

GROUNDS = {"light": (255, 255, 255), "dark": (23, 26, 38)}
"""``--surface`` of each theme, on which the player stands; a test holds them to tokens.css."""

_WHITE, _INK, _BLACK = (255, 255, 255), (18, 20, 31), (0, 0, 0)
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.ASCII | re.IGNORECASE)
_STEPS = 20

Colour = tuple[int, int, int]


def read_colour(text: str) -> Colour | None:
    """Read "#27308f", "27308f" or "#23f"; None for anything else."""
    found = _HEX.fullmatch(text)
    if found is None:
        return None
    digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])  # noqa: PLR2004 - hex
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def contrast(one: Colour, other: Colour) -> float:
    """Tell how well two colours are told apart: 1 to 21 (WCAG 2.2, relative luminance)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def seen_on(colour: Colour, ground: Colour) -> Colour:
    """Give a colour as it is, or as near to it as can be told from its ground by ``SHAPE``."""
    away = _BLACK if _luminance(ground) > 0.5 else _WHITE  # noqa: PLR2004 - the lighter half
    for step in range(_STEPS + 1):
        mixed = _mixed(colour, away, step / _STEPS)
        if contrast(mixed, ground) >= SHAPE:
            return mixed
    return away


def text_on(colour: Colour) -> Colour:
    """Give the colour of text on another: white, our ink, or black where only that can be read."""
    return next(found for found in (_WHITE, _INK, _BLACK) if contrast(found, colour) >= TEXT)


def accent_style(text: str, theme: str) -> str:
    """Write the style of an accent for a theme ("light", "dark" or "auto"); "" for what is no colour."""
    colour = read_colour(text)
    if colour is None:
        return ""
    if theme != "auto":
        return _rule(colour, theme)
    return f"{_rule(colour, 'light')}@media(prefers-color-scheme:dark){{{_rule(colour, 'dark')}}}"


def _rule(colour: Colour, theme: str) -> str:
    accent = seen_on(colour, GROUNDS[theme])
    # Twice :root goes before the themes' own rules, which name an attribute.
    return f":root:root{{--accent:{written(accent)};--on-accent:{written(text_on(accent))}}}"


def written(colour: Colour) -> str:
    """Write a colour as "#27308f"."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _mixed(colour: Colour, other: Colour, part: float) -> Colour:
    red, green, blue = (round(one + (two - one) * part) for one, two in zip(colour, other, strict=True))
    return red, green, blue


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB
        for part in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
