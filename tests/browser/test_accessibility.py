# SPDX-License-Identifier: AGPL-3.0-or-later
"""axe-core finds nothing to complain about, in any mode a person may be in (WCAG 2.2 AA and its best practices)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.test_player import Site
from tests.serving import served

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
MODES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "200 % text": {"viewport": {"width": 640, "height": 800}},
    "Arabic": {"locale": "ar", "viewport": {"width": 360, "height": 640}},
}
TWICE = """document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.style.fontSize = "200%";
});"""
PUBLIC = ("/", "/shows/les-matins", "/playlists/le-journal")
STUDIO = (
    *("", "/shows", "/shows/new", "/shows/les-matins", "/upload", "/episodes", "/playlists", "/articles"),
    *("/sections", "/people", "/tokens"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests that change nothing on it."""
    with served(tmp_path_factory.mktemp("site")) as griot:
        yield Site(griot, Path(__file__).parent.parent / "data")


def violations(page: Page) -> list[str]:
    """Let axe look at a page: each complaint, and the first place where it is made."""
    page.evaluate(AXE)
    found = page.evaluate("(tags) => axe.run(document, { runOnly: tags })", TAGS)
    firsts = [(one["id"], one["nodes"][0]) for one in found["violations"]]
    return [f"{name}: {node['target']} {node['html'][:120]}" for name, node in firsts]


@pytest.fixture(
    params=[mode if mode == "light" else pytest.param(mode, marks=pytest.mark.long) for mode in MODES]
)
def page_in_mode(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """A tab of somebody in one of the modes."""
    context = chromium.new_context(**{"locale": "fr-FR", **MODES[request.param]})
    page = context.new_page()
    if request.param == "200 % text":
        page.add_init_script(TWICE)
    yield page
    context.close()


def test_the_player_and_its_panel(site: Site, page_in_mode: Page) -> None:
    page = page_in_mode
    for url in (f"{site.embed}?theme=auto", f"{site.playlist}?theme=auto", f"{site.embed}?layout=mini"):
        page.goto(url)
        assert violations(page) == []
    page.goto(f"{site.playlist}?theme=auto")
    page.locator("[data-do=more]").click()
    page.locator("[data-help] summary").click()
    assert violations(page) == []


def test_pages_for_listeners(site: Site, page_in_mode: Page) -> None:
    page = page_in_mode
    for path in PUBLIC:
        page.goto(site.griot.url + path)
        assert violations(page) == []
    page.goto(site.episode)
    page.locator(".hero [data-play]").click()
    assert violations(page) == []
    page.locator("griot-player [data-sheet]").click()
    page.wait_for_selector("griot-player [data-help]")
    assert violations(page) == []


def test_the_studio(site: Site, page_in_mode: Page) -> None:
    page = page_in_mode
    page.goto(f"{site.griot.url}/login")
    assert violations(page) == []
    page.fill("#email", "awa@example.org")
    page.fill("#password", "correct horse battery")
    page.click("main button[type=submit]")
    page.wait_for_url("**/studio/")
    for path in STUDIO:
        page.goto(f"{site.griot.url}/studio{path}")
        assert violations(page) == [], path
    for path in ("", "/words", "/sound"):
        page.goto(f"{site.griot.url}/studio/episodes/{site.first['id']}{path}")
        assert violations(page) == [], path
