# SPDX-License-Identifier: AGPL-3.0-or-later
"""Choosing the square of a cover, in a real Chromium: what is stored is the part that was shown."""

import io
import re
import urllib.request
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.test_whole_job import set_up
from tests.serving import served

pytestmark = pytest.mark.browser
RED = 150


def test_the_part_that_was_chosen_by_keyboard_becomes_the_cover(tmp_path: Path, page: Page) -> None:
    held: list[Route] = []
    image = Image.new("RGB", (2000, 1000), "blue")
    image.paste("red", (1000, 0, 2000, 1000))
    image.save(tmp_path / "two.png")
    with served(tmp_path, "--demo") as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/episodes?status=published")
        # On a bad line somebody is quicker than the script.
        page.route(re.compile(r"/crop-\w+\.js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks a function
        page.click(".desk-row a >> nth=0")
        page.set_input_files("#picture", tmp_path / "two.png")
        held[0].continue_()
        expect(page.locator("[data-crop-words]")).to_contain_text("1000 × 1000")
        page.focus("[data-crop-x]")
        page.keyboard.press("End")
        page.fill("#alt", "Deux rives, l'une rouge")
        page.click("text=Mettre cette pochette")
        expect(page.locator(".notice--ok")).to_be_visible()
        source = page.get_attribute(".cover--desk", "src")
        with urllib.request.urlopen(f"{griot.url}{source}") as answer:
            stored = Image.open(io.BytesIO(answer.read())).convert("RGB")
    for corner in ((10, 10), (stored.width - 10, stored.height - 10)):
        pixel = stored.getpixel(corner)
        assert isinstance(pixel, tuple)
        assert pixel[0] > RED > pixel[2]
