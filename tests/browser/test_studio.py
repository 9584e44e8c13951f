# SPDX-License-Identifier: AGPL-3.0-or-later
"""The studio in a real Chromium: several files at once, faults, the order of a playlist by keyboard."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.test_whole_job import make_show, set_up
from tests.serving import Served, served

pytestmark = pytest.mark.browser

DEMO = Path(__file__).parents[2] / "podcasts" / "demo"


def test_several_files_are_sent_one_after_another_and_each_says_how_it_went(
    tmp_path: Path, data: Path, context: BrowserContext
) -> None:
    page = context.new_page()  # the refused file's 415 stands on the console on purpose
    with served(tmp_path) as griot:
        set_up(page, griot)
        make_show(page, griot)
        page.goto(f"{griot.url}/studio/upload")
        files = [DEMO / "jingle.mp3", data / "audio" / "text.mp3", DEMO / "marche.mp3"]
        page.set_input_files("#file", files)
        page.click("main button[type=submit]")
        rows = page.locator(".sending__row")
        expect(rows.nth(2)).to_contain_text("Lu et prêt.", timeout=60_000)
        expect(rows.nth(1)).to_contain_text("Ce fichier n'est pas un son")
        assert rows.locator(".sending__name").all_inner_texts() == [file.name for file in files]
        assert page.locator("[data-sending] progress").count() == 3
        page.goto(f"{griot.url}/studio/episodes?status=draft")
        expect(page.locator(".desk-row")).to_have_count(2)


def test_what_is_online_takes_a_new_sound_over_when_it_has_been_read(
    tmp_path: Path, data: Path, page: Page
) -> None:
    with served(tmp_path, "--demo") as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/episodes?status=published")
        page.click(".desk-row a >> nth=0")
        page.click(".desk-sound summary")
        page.set_input_files("#file", data / "audio" / "mp3-no-tags.mp3")
        page.click(".desk-sound button[type=submit]")
        page.click("text=Utiliser ce son")
        expect(page.locator(".desk-sound")).to_contain_text("mp3-no-tags.mp3", timeout=20_000)
        expect(page.locator(".desk-sound audio")).to_have_count(1)


def test_what_is_scheduled_is_published_now_by_a_button(tmp_path: Path, page: Page) -> None:
    with served(tmp_path, "--demo") as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/episodes?status=published")
        page.click(".desk-row a >> nth=0")
        page.fill("#publish_at", "2099-01-01T07:00")
        page.click("form[data-episode-form] .button--main")
        expect(page.locator(".desk-head .status")).to_have_text("Programmé", timeout=20_000)
        page.click("button[name=publish]")
        expect(page.locator(".desk-head .status")).to_have_text("En ligne", timeout=20_000)
        expect(page.locator(".notice[role=status]")).to_contain_text("Publié")


def test_a_playlist_is_ordered_by_keyboard_and_the_focus_stays(tmp_path: Path, page: Page) -> None:
    with served(tmp_path, "--demo") as griot:
        titles = open_playlist(page, griot)
        first, second = titles.all_inner_texts()[:2]
        page.focus("button[name=down] >> nth=0")
        page.keyboard.press("Enter")
        expect(titles.nth(0)).to_have_text(second, timeout=20_000)
        button = page.locator("button[name=down] >> nth=1")
        expect(button).to_be_focused()
        page.focus("button[name=up] >> nth=1")
        page.keyboard.press("Enter")
        expect(titles.nth(0)).to_have_text(first, timeout=20_000)
        expect(page.locator("button[name=down] >> nth=0")).to_be_focused()


def test_a_playlist_is_ordered_by_pulling(tmp_path: Path, page: Page) -> None:
    with served(tmp_path, "--demo") as griot:
        titles = open_playlist(page, griot)
        before = titles.all_inner_texts()
        items = page.locator("[data-order-item]")
        items.nth(0).drag_to(items.nth(len(before) - 1), target_position={"x": 20, "y": 60})
        expect(titles.nth(len(before) - 1)).to_have_text(before[0], timeout=20_000)
        page.reload()
        assert titles.all_inner_texts() == [*before[1:], before[0]]


def test_a_fault_takes_the_focus_and_what_was_typed_stays(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()  # the 422 stands on the console on purpose
    with served(tmp_path) as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/shows/new")
        page.fill("#title", "Le soir")
        page.fill("#language", "klingon")
        page.click("main button[type=submit]")
        expect(page.locator("#faults")).to_be_focused()
        page.click("#faults a")
        expect(page.locator("#language")).to_be_focused()
        assert page.input_value("#title") == "Le soir"


def open_playlist(page: Page, griot: Served) -> Locator:
    """Open the demonstration's playlist; the titles of what it holds, in order."""
    set_up(page, griot)
    page.goto(f"{griot.url}/studio/playlists/le-journal-de-tambali")
    return page.locator("[data-order-item] .desk-row__words > bdi")
