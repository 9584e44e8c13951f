# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sound of an episode in the studio, in a real Chromium: silence cut off, clips made."""

import math
import struct
import wave
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.test_whole_job import make_show, set_up
from tests.serving import served

pytestmark = pytest.mark.browser


def speech(path: Path) -> Path:
    """Write three seconds of silence, twenty of tone and two of silence."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(2 * 16_000 * 3))
        one = b"".join(
            struct.pack("<h", round(9000 * math.sin(2 * math.pi * 300 * at / 16_000))) for at in range(16_000)
        )
        file.writeframes(one * 20)
        file.writeframes(bytes(2 * 16_000 * 2))
    return path


def open_sound(page: Page) -> None:
    """Open the page of the sound, once the file has been read."""
    expect(page.locator(".desk-sound audio")).to_have_count(1, timeout=60_000)
    page.click("text=Son : versions")
    page.wait_for_url("**/sound")


def until(page: Page, selector: str, words: str) -> None:
    """Load the page again until the worker has done it."""
    for _ in range(60):
        if words in " ".join(page.locator(selector).all_inner_texts()):
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def test_silence_is_cut_off_and_a_clip_is_made(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()  # the refused clip's 422 stands on the console on purpose
    file = speech(tmp_path / "parole.wav")
    with served(tmp_path) as griot:
        set_up(page, griot)
        make_show(page, griot)
        page.goto(f"{griot.url}/studio/upload")
        page.set_input_files("#file", file)
        page.click("main button[type=submit]")
        page.wait_for_url("**/studio/episodes/**", timeout=60_000)
        open_sound(page)
        expect(page.locator("#steps + ul")).to_contain_text("Fait")
        expect(page.locator("main")).to_contain_text("Version la plus légère (Opus)")
        expect(page.locator("main")).to_contain_text("amené à -19 LUFS")
        drawn = (
            "() => document.querySelector('canvas').getContext('2d').getImageData(600, 60, 1, 1).data[3] > 0"
        )
        page.wait_for_function(drawn)
        page.click("form:has-text('Les deux à la fois') button")
        until(page, "main", "0:21")
        assert "de silence" not in page.locator("main").inner_text()
        page.fill("#clip_title", "Le cœur")
        page.fill("#clip_start", "0:02")
        page.fill("#clip_length", "5")
        page.click("text=Faire l'extrait")
        expect(page.locator("#clip-error")).to_contain_text("15")
        assert page.input_value("#clip_title") == "Le cœur"
        page.fill("#clip_length", "15")
        page.click("text=Faire l'extrait")
        until(page, "#clips ~ ul", "0:02 – 0:17")
        until(page, "#clips ~ ul", "ko")
        page.evaluate("document.querySelector('#clips ~ ul audio').play()")
        page.wait_for_function("() => document.querySelector('#clips ~ ul audio').currentTime > 0.3")
        page.click("button:has-text('Retirer')")
        expect(page.locator("#clips ~ ul li")).to_have_count(0)


def test_the_page_fits_a_phone_and_works_without_scripts(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()
    with served(tmp_path, "--demo") as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/episodes?status=published")
        page.click(".desk-row a >> nth=0")
        page.click("text=Son : versions")
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.click("text=Couper à la main")
        page.fill("#start", "soon")
        page.click("form:has(#start) button[type=submit]")
        expect(page.get_by_role("alert").first).to_contain_text("1:30")
        assert page.input_value("#start") == "soon"
