# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sign: our five rounded bars as pictures of an application, for home screens that take no SVG."""

import io

from PIL import Image, ImageDraw

GROUND, BAR = "#27308f", "#ffb81c"
ICONS: dict[str, tuple[int, bool]] = {
    "icon-192.png": (192, True),
    "icon-512.png": (512, True),
    "maskable-512.png": (512, False),
    "touch-180.png": (180, False),
}
"""Committed files below ``podcasts/static/icons``: side in px, and whether they bring round corners of their own."""

_UNITS, _CORNER, _BAR_WIDTH = 24, 5, 2
_BARS = ((5, 10, 14), (8.5, 7.5, 16.5), (12, 5.5, 18.5), (15.5, 8.5, 15.5), (19, 10.5, 13.5))
_FINER = 8


def draw_sign(side_px: int, *, rounded: bool) -> bytes:
    """Draw ``podcasts/static/sign.svg`` as a PNG.

    Args:
        side_px: of the square.
        rounded: with corners that let the ground through; else to the edge, for systems that cut a shape of their
            own (W3C Web Application Manifest, "maskable": everything that matters lies in the inner 80 %).
    """
    unit = side_px * _FINER / _UNITS
    image = Image.new("RGBA", (side_px * _FINER, side_px * _FINER), "#27308f00" if rounded else GROUND)
    pen = ImageDraw.Draw(image)
    if rounded:
        pen.rounded_rectangle((0, 0, image.width - 1, image.height - 1), radius=_CORNER * unit, fill=GROUND)
    half = _BAR_WIDTH / 2
    for x, top, bottom in _BARS:
        corners = ((x - half) * unit, (top - half) * unit, (x + half) * unit, (bottom + half) * unit)
        pen.rounded_rectangle(corners, radius=half * unit, fill=BAR)
    written = io.BytesIO()
    image.resize((side_px, side_px), Image.Resampling.LANCZOS).save(written, "PNG", optimize=True)
    return written.getvalue()
