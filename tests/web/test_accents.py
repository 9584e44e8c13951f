# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accents: any colour becomes one that can be seen, with text on it that can be read; nothing else passes."""

import itertools
import re

import pytest

from podcasts.paths import static_folder
from podcasts.web.accents import GROUNDS, SHAPE, TEXT, accent_style, contrast, read_colour, seen_on, text_on

STEPS = (0, 51, 102, 128, 153, 204, 255)
EVERY = tuple(itertools.product(STEPS, STEPS, STEPS))


def test_colours_are_read_in_three_spellings() -> None:
    assert read_colour("#27308f") == read_colour("27308F") == (39, 48, 143)
    assert read_colour("#23f") == (34, 51, 255)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "red",
        "#12",
        "#1234",
        "#12345678",
        "rgb(1,2,3)",
        "#ggg",
        "123456;}",
        "#123\n",
        "\uff11\uff12\uff13",
        "</style>",
    ],
)
def test_anything_else_is_none_and_writes_nothing(text: str) -> None:
    assert read_colour(text) is None
    assert accent_style(text, "auto") == ""


@pytest.mark.parametrize("theme", GROUNDS)
def test_every_colour_can_be_seen_and_read(theme: str) -> None:
    for colour in EVERY:
        seen = seen_on(colour, GROUNDS[theme])
        assert contrast(seen, GROUNDS[theme]) >= SHAPE
        assert contrast(text_on(seen), seen) >= TEXT


def test_a_colour_that_can_be_seen_stays_as_it_is() -> None:
    assert seen_on((122, 31, 77), GROUNDS["light"]) == (122, 31, 77)
    assert seen_on((255, 194, 75), GROUNDS["dark"]) == (255, 194, 75)


def test_contrast_is_as_the_standard_has_it() -> None:
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_the_grounds_are_those_of_the_style_sheets() -> None:
    folder = static_folder() / "css"
    for theme, name in (("light", "tokens.css"), ("dark", "dark_by_choice.css")):
        found = re.search(r"--surface: (#[0-9a-f]{6})", (folder / name).read_text())
        assert found
        assert read_colour(found[1]) == GROUNDS[theme]


def test_a_player_that_follows_the_device_has_a_colour_for_each() -> None:
    style = accent_style("fff", "auto")
    assert style.count("--accent:#") == 2
    assert "--accent:#ffffff" in style.partition("@media")[2]
    assert re.fullmatch(r"[-:;#@(){}a-z0-9]+", style)
