# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chapters and transcripts in the studio, in a real Chromium."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.audio.test_transcripts import VTT
from tests.browser.test_whole_job import set_up
from tests.serving import Served, served

pytestmark = pytest.mark.browser


def open_words(page: Page, griot: Served) -> None:
    """Open chapters and transcript of an episode of the demonstration."""
    set_up(page, griot)
    page.goto(f"{griot.url}/studio/episodes?status=published")
    page.click(".desk-row a >> nth=0")
    page.click("text=Chapitres et transcription")
    page.wait_for_url("**/words")


def test_chapters_are_written_imported_and_shown(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()
    with served(tmp_path, "--demo") as griot:
        open_words(page, griot)
        page.fill("#time-1", "0:00")
        page.fill("#title-1", "L'aube")
        page.fill("#time-2", "1,5")
        page.fill("#title-2", "قصّة النهر")
        page.fill("#url-2", "https://gazette.example/fleuve")
        page.evaluate("document.querySelector('audio').play()")
        page.wait_for_function("() => document.querySelector('audio').currentTime > 1.6")
        page.evaluate("document.querySelector('audio').pause()")
        page.click("[data-chapter-row] >> nth=2 >> [data-here]")
        page.keyboard.type("Ici même")
        page.click("text=Une ligne de plus")
        page.click("text=Enregistrer les chapitres")
        expect(page.locator(".notice--ok")).to_be_visible()
        titles = page.locator("input[name=chapter_title]").evaluate_all("all => all.map(one => one.value)")
        assert [title for title in titles if title] == ["L'aube", "قصّة النهر", "Ici même"]
        page.fill("#time-1", "soon")
        page.click("text=Enregistrer les chapitres")
        expect(page.get_by_role("alert")).to_contain_text("ligne 1")
        assert page.input_value("#title-2") == "قصّة النهر"
        page.set_viewport_size({"width": 360, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.click("text=Importer des chapitres")
        page.fill("#pasted", "0:00 Un\n0:01 Deux <https://gazette.example/2>")
        page.click("button:has-text('Importer')")
        expect(page.locator("#title-2")).to_have_value("Deux")


def test_a_transcript_is_kept_read_and_heard_from_its_times(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()
    file = tmp_path / "mots.vtt"
    file.write_text(VTT, encoding="utf-8")
    with served(tmp_path, "--demo") as griot:
        open_words(page, griot)
        page.set_input_files("#transcript", file)
        page.click("text=Enregistrer la transcription")
        expect(page.locator(".transcript")).to_contain_text("VTT, SRT, JSON, HTML")
        page.click("summary:has-text('Lire')")
        expect(page.locator(".transcript__words")).to_contain_text("Awa Diallo")
        page.click("[data-seek] >> nth=1")
        page.wait_for_function("() => document.querySelector('audio').currentTime >= 2.4")
        page.fill("#transcript_text", "WEBVTT\n\n00:xx --> 0\noops")
        page.click("text=Enregistrer la transcription")
        expect(page.get_by_role("alert")).to_contain_text("ligne 3")
        page.click("button:has-text('Retirer')")
        expect(page.locator(".transcript")).to_have_count(0)
