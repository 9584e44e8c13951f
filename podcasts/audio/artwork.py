# SPDX-License-Identifier: AGPL-3.0-or-later
"""Artwork: strangers' pictures made safe for feeds and pages, and covers of our own where there is none."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PIL import Image, ImageDraw, ImageOps

from podcasts.audio.picture_size import picture_size
from podcasts.errors import UnusableMediaError
from podcasts.units import KILOBYTE, MEGABYTE

PICTURE_BYTES_AT_MOST = 20 * MEGABYTE
MEGAPIXELS_AT_MOST = 50
FEED_PX = 3000
FEED_PX_AT_LEAST = 1400
PAGE_PX = 600
SMALL_PX = 112
THUMB_PX = 72
# A photograph saved progressively has about ten scans. Each costs a pass over the picture, for 100 bytes of file.
JPEG_SCANS_AT_MOST = 500

_FEED_JPEG_BYTES = 512 * KILOBYTE
_LIGHT_BYTES = 4 * KILOBYTE
# The last trials are for noise and lace only; a photograph passes long before.
_FEED_TRIALS = ((FEED_PX, (88, 82, 76, 70)), (2000, (82, 70)), (FEED_PX_AT_LEAST, (76, 64, 52, 40)))
_LIGHT_QUALITIES = (80, 65, 50, 35, 20, 5)
_PAGE_QUALITY = 82
_ROUNDING_PX = 2
_TAG_QUALITY = 78
# Pillow's decoders complain in many words: OSError, SyntaxError (PNG), ValueError (text chunks), and more.
_PILLOW_ERRORS = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, MemoryError)

GROUNDS = (
    ("#27308f", "#ffb81c"),
    ("#0f5c4c", "#f6f6f2"),
    ("#7a1f4d", "#ffb81c"),
    ("#12141f", "#aebcff"),
    ("#8a3d00", "#ffffff"),
)
# The sign: heights of its five bars, in parts of a hundred of the square.
_SIGN_BARS = (22, 44, 60, 34, 16)
_SIGN_BAR_WIDTH = 8
_SIGN_BAR_STEP = 14


@dataclass(frozen=True)
class Crop:
    """A square of a picture as people see it, that is, after its EXIF turned it upright.

    Attributes:
        x: the square's left edge, in parts of 1 of the width.
        y: its top edge, in parts of 1 of the height.
        size: its side, in parts of 1 of the shorter side: 1 is the largest square there is.
    """

    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Cover:
    """One picture in every size we serve, square, RGB, without metadata.

    Attributes:
        feed_jpeg: JPEG for feeds and directories, 1400 to 3000 px (directories refuse smaller ones, so a
            smaller picture is brought up); at most 512 kB where that can be had without spoiling it.
        width: width (and height) of ``feed_jpeg`` in px.
        page_webp: WebP of 600 px, or of the picture's own size where that is less.
        small_webp: WebP of 112 px, at most 4 kB: lists and players show many.
        thumb_webp: WebP of 72 px, at most 4 kB.
    """

    feed_jpeg: bytes
    width: int
    page_webp: bytes
    small_webp: bytes
    thumb_webp: bytes


def prepare_cover(data: bytes, *, smallest_px: int, crop: Crop | None = None) -> Cover:
    """Make a cover of a JPEG, PNG or WebP: turned upright, on white, cut square; of a moving one, its first frame.

    Args:
        data: the picture's bytes.
        smallest_px: the square must have as many on a side (directories want 1400 of a show).
        crop: which square; None cuts the largest from the middle.

    Raises:
        UnusableMediaError: ``not-an-image``; ``image-too-heavy`` (facts: ``limit_bytes``);
            ``image-too-large`` (facts: ``width``, ``height``, ``limit_megapixels``), before decoding;
            ``image-too-small`` (facts: ``width``, ``height``, ``smallest_px``, of the square where one was
            chosen); ``crop-outside``; ``broken-image``.
    """
    _check_crop(crop)
    file_format = _checked_format(data, smallest_px)
    try:
        square = _on_white(_square(_decoded(data, file_format, crop), crop, smallest_px))
    except Image.DecompressionBombError as reason:
        raise UnusableMediaError("broken-image") from reason
    except _PILLOW_ERRORS as reason:
        raise UnusableMediaError("broken-image") from reason
    # A copy of the pixels alone: no EXIF, no profile, no text goes along.
    clean = Image.new("RGB", square.size)
    clean.paste(square)
    return _every_size(_at_most(clean, FEED_PX))


def cover_for_tags(feed_jpeg: bytes, side_px: int) -> bytes:
    """Make the small JPEG that goes into a sound file of a cover of ours.

    Args:
        feed_jpeg: as ``prepare_cover`` made it.
        side_px: of the square, at most.
    """
    with Image.open(io.BytesIO(feed_jpeg), formats=("JPEG",)) as image:
        image.draft("RGB", (side_px, side_px))
        return _saved(_at_most(image.convert("RGB"), side_px), "JPEG", quality=_TAG_QUALITY, optimize=True)


def placeholder_png() -> bytes:
    """Draw our sign as a PNG of 3000 px, for feeds of shows without a cover (a feed may not use SVG).

    Feeds name the committed ``podcasts/static/cover.png``, whose bytes never change; this drew it.
    """
    ground, bar = GROUNDS[0]
    image = Image.new("RGB", (FEED_PX, FEED_PX), ground)
    pen = ImageDraw.Draw(image)
    unit = FEED_PX / 100
    left = (100 - _SIGN_BAR_STEP * (len(_SIGN_BARS) - 1) - _SIGN_BAR_WIDTH) / 2
    for index, height in enumerate(_SIGN_BARS):
        x, y = left + index * _SIGN_BAR_STEP, (100 - height) / 2
        corners = (x * unit, y * unit, (x + _SIGN_BAR_WIDTH) * unit, (y + height) * unit)
        pen.rounded_rectangle(corners, radius=_SIGN_BAR_WIDTH / 2 * unit, fill=bar)
    return _saved(image, "PNG", optimize=True)


def cover_svg(bars: Sequence[int], ground: int, label: str | None = None) -> str:
    """Draw an episode by its own voice: rounded bars on its section's ground, as SVG markup for a page.

    Corners, size and the hairline around the dark ground are the style sheet's business.

    Args:
        bars: 9 to 11 heights, 0 to 255.
        ground: which of the five pairs of colours; counted round.
        label: what it shows, for those who cannot see it; None where the words stand beside it.
    """
    paper, ink = GROUNDS[ground % len(GROUNDS)]
    says = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    step = 84 / max(len(bars), 1)
    lines = [_bar_line(index, height, step) for index, height in enumerate(bars)]
    # Every third bar stands back, as in the drawings: a rhythm, so that the row does not look like a comb.
    faint = "".join(line for index, line in enumerate(lines) if index % 3 == 0)
    strong = "".join(line for index, line in enumerate(lines) if index % 3)
    return (
        f'<svg class="cover" viewBox="0 0 100 100" {says}>'
        f'<path fill="{paper}" d="M0 0h100v100H0z"/>'
        f'<g stroke="{ink}" stroke-width="{step * 0.7:.1f}" stroke-linecap="round">'
        f'<path d="{strong}"/><path d="{faint}" opacity=".5"/></g></svg>'
    )


def _bar_line(index: int, height: int, step: float) -> str:
    """Draw one bar as a line with round ends, which add its width to its length."""
    width = step * 0.7
    half = max(0, round((72 * min(max(height, 0), 255) / 255 - width) / 2))
    # A line without any length has no ends to round in some browsers.
    return f"M{8 + (index + 0.5) * step:.1f} {50 - half}v{2 * half or '.01'}"


def _every_size(square: Image.Image) -> Cover:
    feed_jpeg, width = _feed_jpeg(_at_least(square, FEED_PX_AT_LEAST))
    return Cover(
        feed_jpeg=feed_jpeg,
        width=width,
        page_webp=_webp(_at_most(square, PAGE_PX), _PAGE_QUALITY),
        small_webp=_light(square, SMALL_PX),
        thumb_webp=_light(square, THUMB_PX),
    )


def _check_crop(crop: Crop | None) -> None:
    if crop is None:
        return
    # Compared so that "not a number" fails as well.
    if not (0 <= crop.x < 1 and 0 <= crop.y < 1 and 0 < crop.size <= 1):
        raise UnusableMediaError("crop-outside")


def _checked_format(data: bytes, smallest_px: int) -> str:
    """Name the format for Pillow, after every check that needs no decoding."""
    if len(data) > PICTURE_BYTES_AT_MOST:
        raise UnusableMediaError("image-too-heavy", limit_bytes=PICTURE_BYTES_AT_MOST)
    size = picture_size(data)
    if size is None:
        raise UnusableMediaError("not-an-image")
    _check_pixels(size.width, size.height)
    if min(size.width, size.height) < smallest_px:
        raise UnusableMediaError(
            "image-too-small", width=size.width, height=size.height, smallest_px=smallest_px
        )
    if size.file_format == "JPEG" and data.count(b"\xff\xda") > JPEG_SCANS_AT_MOST:
        raise UnusableMediaError("broken-image")
    return size.file_format


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise UnusableMediaError("broken-image")
    if width * height > MEGAPIXELS_AT_MOST * 1_000_000:
        raise UnusableMediaError(
            "image-too-large", width=width, height=height, limit_megapixels=MEGAPIXELS_AT_MOST
        )


def _decoded(data: bytes, file_format: str, crop: Crop | None) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=(file_format,)) as image:
        # Pillow reads headers its own way; what it is about to decode is what counts.
        _check_pixels(*image.size)
        # A chosen square must not be enough pixels only before a JPEG was decoded at a half or a quarter.
        enough_px = math.ceil(FEED_PX / (crop.size if crop else 1))
        image.draft("RGB", (enough_px, enough_px))
        image.load()
        return ImageOps.exif_transpose(image)


def _on_white(image: Image.Image) -> Image.Image:
    """Bring any mode to RGB: transparency on white, 16 bits of grey to eight, CMYK by Pillow's plain rule."""
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def _square(image: Image.Image, crop: Crop | None, smallest_px: int) -> Image.Image:
    if crop is None:
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
    else:
        side = max(1, round(crop.size * min(image.size)))
        left = _inside(round(crop.x * image.width), side, image.width)
        top = _inside(round(crop.y * image.height), side, image.height)
    if side < smallest_px:
        raise UnusableMediaError("image-too-small", width=side, height=side, smallest_px=smallest_px)
    return image.crop((left, top, left + side, top + side))


def _inside(start: int, side: int, length: int) -> int:
    """Mend what rounding did at the edge; a square that really runs over it is refused."""
    if start + side > length + _ROUNDING_PX:
        raise UnusableMediaError("crop-outside")
    return min(start, length - side)


def _feed_jpeg(square: Image.Image) -> tuple[bytes, int]:
    """Lower the quality a little, then the size as far as directories allow, until it is light enough."""
    data, width = b"", 0
    for side, qualities in _FEED_TRIALS:
        image = _at_most(square, side)
        for quality in qualities:
            data, width = _saved(image, "JPEG", quality=quality, optimize=True, progressive=True), image.width
            if len(data) <= _FEED_JPEG_BYTES:
                return data, width
    return data, width


def _light(square: Image.Image, side: int) -> bytes:
    image = _resized(square, side)
    data = b""
    for quality in _LIGHT_QUALITIES:
        data = _webp(image, quality)
        if len(data) <= _LIGHT_BYTES:
            break
    return data


def _at_most(image: Image.Image, side: int) -> Image.Image:
    return _resized(image, side) if image.width > side else image


def _at_least(image: Image.Image, side: int) -> Image.Image:
    return _resized(image, side) if image.width < side else image


def _resized(image: Image.Image, side: int) -> Image.Image:
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _webp(image: Image.Image, quality: int) -> bytes:
    return _saved(image, "WEBP", quality=quality, method=5)


def _saved(image: Image.Image, file_format: str, **options: bool | int) -> bytes:
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()
