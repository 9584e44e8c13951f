# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures come out square, clean and light, and hostile ones not at all."""

import io
import os
import re
import tracemalloc
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from podcasts.audio.artwork import GROUNDS, Crop, cover_svg, placeholder_png, prepare_cover
from podcasts.audio.picture_size import picture_size
from podcasts.errors import UnusableMediaError
from podcasts.paths import static_folder

HURT = {"made", "not-an-image", "broken-image", "image-too-large", "image-too-small"}
SVG = "{http://www.w3.org/2000/svg}"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refusal(data: bytes, smallest_px: int = 300) -> UnusableMediaError:
    with pytest.raises(UnusableMediaError) as caught:
        prepare_cover(data, smallest_px=smallest_px)
    return caught.value


@pytest.mark.parametrize(("name", "width"), [("cover.jpg", 1400), ("wide.webp", 1400), ("alpha.png", 1400)])
def test_every_size_is_square_rgb_of_its_format(images_folder: Path, name: str, width: int) -> None:
    cover = prepare_cover((images_folder / name).read_bytes(), smallest_px=300)
    feed, page = opened(cover.feed_jpeg), opened(cover.page_webp)
    small, thumb = opened(cover.small_webp), opened(cover.thumb_webp)
    assert (feed.format, feed.mode, feed.size, cover.width) == ("JPEG", "RGB", (width, width), width)
    assert (page.format, page.size) == ("WEBP", (400 if name == "alpha.png" else 600,) * 2)
    assert (small.format, small.size, thumb.format, thumb.size) == ("WEBP", (112, 112), "WEBP", (72, 72))
    assert len(cover.thumb_webp) <= 4000


def test_what_is_too_large_for_directories_is_made_smaller_and_lighter() -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (3300, 3200), os.urandom(3300 * 3200 * 3)).save(out, "JPEG", quality=30)
    cover = prepare_cover(out.getvalue(), smallest_px=1400)
    assert 1400 <= cover.width <= 3000
    assert len(cover.feed_jpeg) <= 512_000


def test_what_lists_show_is_light_even_of_noise() -> None:
    out = io.BytesIO()
    Image.frombytes("RGB", (72, 72), os.urandom(72 * 72 * 3)).save(out, "PNG")
    cover = prepare_cover(out.getvalue(), smallest_px=72)
    assert max(len(cover.thumb_webp), len(cover.small_webp)) <= 4000


@pytest.mark.parametrize("name", ["alpha.png", "palette.png"])
def test_what_is_transparent_lies_on_white(images_folder: Path, name: str) -> None:
    feed = opened(prepare_cover((images_folder / name).read_bytes(), smallest_px=300).feed_jpeg)
    assert feed.getpixel((10, 10)) == (255, 255, 255)
    # Directories refuse less than 1400 px, so a picture of 400 is brought up to that.
    assert near(feed.getpixel((700, 700)), (0, 0, 255))


def test_print_colours_and_16_bits_become_rgb(images_folder: Path) -> None:
    cmyk = opened(prepare_cover((images_folder / "cmyk.jpg").read_bytes(), smallest_px=300).feed_jpeg)
    assert near(cmyk.getpixel((200, 200)), (255, 0, 0))
    grey = opened(prepare_cover((images_folder / "grey-16-bit.png").read_bytes(), smallest_px=300).feed_jpeg)
    assert near(grey.getpixel((200, 200)), (128, 128, 128))


def test_a_turned_photograph_stands_upright_and_tells_nothing_more(images_folder: Path) -> None:
    data = (images_folder / "exif-turned.jpg").read_bytes()
    assert b"secret source" in data
    cover = prepare_cover(data, smallest_px=300)
    feed = opened(cover.feed_jpeg)
    # Orientation 6: what is stored on top is seen on the right.
    assert near(feed.getpixel((1225, 700)), (255, 0, 0))
    assert near(feed.getpixel((175, 700)), (255, 255, 255))
    assert dict(feed.getexif()) == {}
    for made in (cover.feed_jpeg, cover.page_webp, cover.small_webp, cover.thumb_webp):
        assert b"secret source" not in made


@pytest.mark.parametrize(
    "data", [b"", b"<html>", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBP"]
)
def test_what_begins_no_picture_is_none(data: bytes) -> None:
    assert refusal(data).code == "not-an-image"


@pytest.mark.parametrize("name", ["gif.gif", "svg.svg"])
def test_other_formats_are_refused(images_folder: Path, name: str) -> None:
    assert refusal((images_folder / name).read_bytes()).code == "not-an-image"


def test_a_bomb_is_refused_before_it_is_decoded(images_folder: Path) -> None:
    tracemalloc.start()
    try:
        reason = refusal((images_folder / "png-65535x65535.png").read_bytes())
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reason.code == "image-too-large"
    assert reason.facts == {"width": 65535, "height": 65535, "limit_megapixels": 50}
    assert peak_bytes < 1_000_000


def test_a_jpeg_with_two_sizes_is_measured_by_the_larger(images_folder: Path) -> None:
    data = (images_folder / "cover.jpg").read_bytes()
    second = (
        b"\xff\xc0\x00\x11\x08"
        + (65_000).to_bytes(2, "big") * 2
        + b"\x03\x01\x11\x00\x02\x11\x00\x03\x11\x00"
    )
    assert refusal(data[:2] + second + data[2:]).code == "image-too-large"


def test_small_and_heavy_and_hurt_pictures_say_so(images_folder: Path) -> None:
    small = refusal((images_folder / "small.jpg").read_bytes(), smallest_px=1400)
    assert (small.code, small.facts) == (
        "image-too-small",
        {"width": 300, "height": 200, "smallest_px": 1400},
    )
    assert refusal((images_folder / "truncated.jpg").read_bytes()).code == "broken-image"
    heavy = refusal((images_folder / "cover.jpg").read_bytes() + bytes(20_000_000))
    assert (heavy.code, heavy.facts) == ("image-too-heavy", {"limit_bytes": 20_000_000})


@pytest.mark.parametrize("name", ["cover.jpg", "alpha.png", "wide.webp", "palette.png", "cmyk.jpg"])
def test_hurt_pictures_are_made_or_refused_and_nothing_else(images_folder: Path, name: str) -> None:
    whole = (images_folder / name).read_bytes()
    for length in range(1, len(whole), max(1, len(whole) // 12)):
        hurt = bytearray(whole)
        hurt[length % 200] ^= 0x55
        for data in (whole[:length], bytes(hurt)):
            assert outcome(data) in HURT


def outcome(data: bytes) -> str:
    """Name what becomes of a picture; any error but ours fails the test."""
    try:
        return "made" if prepare_cover(data, smallest_px=1).width else "nothing"
    except UnusableMediaError as reason:
        return reason.code


def test_sizes_are_read_from_headers_as_pillow_reads_them(images_folder: Path) -> None:
    for name in ("cover.jpg", "wide.webp", "alpha.png", "cmyk.jpg", "exif-turned.jpg"):
        data = (images_folder / name).read_bytes()
        size = picture_size(data)
        assert size is not None
        assert (size.file_format, (size.width, size.height)) == (opened(data).format, opened(data).size)
    for options in ({"lossless": True}, {"lossless": False}, {"lossless": True, "exif": b"Exif\x00\x00"}):
        out = io.BytesIO()
        Image.new("RGB", (321, 123), "red").save(out, "WEBP", **options)
        size = picture_size(out.getvalue())
        assert size is not None
        assert (size.width, size.height) == (321, 123)


def test_the_committed_sign_is_what_feeds_may_use() -> None:
    data = (static_folder() / "cover.png").read_bytes()
    sign, drawn = opened(data), opened(placeholder_png())
    assert (sign.format, sign.mode, sign.size) == ("PNG", "RGB", (3000, 3000))
    assert len(data) <= 200_000
    assert sign.tobytes() == drawn.tobytes()


@pytest.mark.parametrize("count", [1, 9, 11])
@pytest.mark.parametrize("ground", range(5))
def test_a_cover_is_drawn_from_its_bars_inside_its_square(count: int, ground: int) -> None:
    markup = cover_svg([0, 255, 128, 40, 64, 255, 12, 200, 255, 255, 0][:count], ground)
    root = ET.fromstring(markup.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))  # noqa: S314 - ours
    assert root.get("viewBox") == "0 0 100 100"
    assert root.get("aria-hidden") == "true"
    lines = root.findall(f"{SVG}g/{SVG}path")
    half = float(root.findall(f"{SVG}g")[0].get("stroke-width") or "nan") / 2
    bars = re.findall(r"M([\d.]+) ([\d.]+)v([\d.]+)", "".join(line.get("d") or "" for line in lines))
    assert len(bars) == count
    for x, y, tall in (map(float, bar) for bar in bars):
        assert 5 < x - half < x + half < 95
        assert 5 < y - half < y + tall + half < 95
    assert GROUNDS[ground][0] in markup
    assert "style=" not in markup


def test_a_label_is_escaped() -> None:
    markup = cover_svg([1] * 9, 7, label='"><script>')
    assert "<script>" not in markup
    assert 'role="img"' in markup


def near(pixel: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(is_ - want) <= 6 for is_, want in zip(pixel, wanted, strict=True))


def quarters() -> bytes:
    """Draw a picture of 2000 x 1600 px: red and green above, blue and black below."""
    image = Image.new("RGB", (2000, 1600), "black")
    image.paste("red", (0, 0, 1000, 800))
    image.paste("green", (1000, 0, 2000, 800))
    image.paste("blue", (0, 800, 1000, 1600))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("crop", "colour"),
    [(Crop(0, 0, 0.5), (255, 0, 0)), (Crop(0.5, 0, 0.5), (0, 128, 0)), (Crop(0, 0.5, 0.5), (0, 0, 255))],
)
def test_the_part_that_was_chosen_is_cut_out(crop: Crop, colour: tuple[int, int, int]) -> None:
    feed = opened(prepare_cover(quarters(), smallest_px=300, crop=crop).feed_jpeg)
    for corner in ((20, 20), (1380, 20), (20, 1380), (1380, 1380)):
        assert near(feed.getpixel(corner), colour)


@pytest.mark.parametrize(
    "crop",
    [
        Crop(0.7, 0, 0.9),
        Crop(-0.1, 0, 0.5),
        Crop(0, 1, 0.5),
        Crop(0, 0, 0),
        Crop(0, 0, 1.1),
        Crop(float("nan"), 0, 1),
    ],
)
def test_a_part_outside_of_the_picture_is_refused(crop: Crop) -> None:
    with pytest.raises(UnusableMediaError) as caught:
        prepare_cover(quarters(), smallest_px=300, crop=crop)
    assert caught.value.code == "crop-outside"


def test_a_part_that_is_too_small_for_directories_is_refused() -> None:
    with pytest.raises(UnusableMediaError) as caught:
        prepare_cover(quarters(), smallest_px=1400, crop=Crop(0, 0, 0.5))
    assert (caught.value.code, caught.value.facts["width"]) == ("image-too-small", 800)
