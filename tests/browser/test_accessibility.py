# SPDX-License-Identifier: AGPL-3.0-or-later
"""axe-core finds nothing to complain about, in any mode a person may be in (WCAG 2.2 AA and its best practices)."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from tests.browser.looking import moving_parts, open_all, open_player, overflow_px, small_targets
from tests.browser.newsroom import Newsroom, open_newsroom
from tests.serving import served

pytestmark = pytest.mark.browser

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """(tags) => {
  // Where the system paints its own colours, axe still reads the letters' declared ones, and compares those.
  const painted = matchMedia("(forced-colors: active)").matches;
  return axe.run(document, { runOnly: tags, rules: { "color-contrast": { enabled: !painted } } });
}"""
# Narrow screens are high here: axe takes a link that is just passing below the player's bar for a small one.
HIGH_PX = 4_000
MODES: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "320 px": {"viewport": {"width": 320, "height": HIGH_PX}},
    "200 % text": {"viewport": {"width": 640, "height": HIGH_PX}},
    "Arabic": {"locale": "ar", "viewport": {"width": 360, "height": HIGH_PX}},
    "reduced motion": {"reduced_motion": "reduce"},
}
TWICE = """document.addEventListener("DOMContentLoaded", () => {
  document.documentElement.style.fontSize = "200%";
});"""
IN_THE_PAGE = {"200 % text": TWICE}
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """One server with one of everything, for all tests that change nothing on it."""
    with served(tmp_path_factory.mktemp("newsroom")) as griot:
        yield open_newsroom(griot)


def violations(page: Page) -> list[str]:
    """Let axe look at a page: each complaint, and the first place where it is made."""
    page.evaluate(AXE)
    found = page.evaluate(LOOK, TAGS)
    firsts = [(one["id"], one["nodes"][0]) for one in found["violations"]]
    return [f"{name}: {node['target']} {node['html'][:120]}" for name, node in firsts]


@dataclass(frozen=True)
class Visitor:
    """A tab of somebody in one of the modes.

    Attributes:
        page: the tab.
        mode: its name.
    """

    page: Page
    mode: str

    def looks_at(self, url: str) -> None:
        """Open a page and insist that it is good to be there."""
        self.page.goto(url)
        self.judges()

    def judges(self) -> None:
        """Insist that the page is good as it stands now."""
        assert violations(self.page) == [], self.page.url
        if self.mode == "reduced motion":
            assert moving_parts(self.page) == [], self.page.url
        if self.mode == "320 px":
            assert overflow_px(self.page) <= 0, self.page.url


@pytest.fixture(
    params=[mode if mode == "light" else pytest.param(mode, marks=pytest.mark.long) for mode in MODES]
)
def visitor(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Visitor]:
    """Somebody in one of the modes; French where the mode is not another language."""
    context = chromium.new_context(**{"locale": "fr-FR", **MODES[request.param]})
    page = context.new_page()
    if script := IN_THE_PAGE.get(request.param):
        page.add_init_script(script)
    yield Visitor(page, request.param)
    context.close()


@pytest.mark.timeout(600)
def test_the_player_and_its_panel(newsroom: Newsroom, visitor: Visitor) -> None:
    for url in newsroom.embeds:
        visitor.looks_at(url)
    for url in (newsroom.site.embed, newsroom.site.playlist):
        visitor.page.goto(f"{url}?theme=auto")
        open_player(visitor.page)
        visitor.judges()


@pytest.mark.timeout(600)
def test_pages_for_listeners(newsroom: Newsroom, visitor: Visitor) -> None:
    for url in newsroom.listening:
        visitor.looks_at(url)
    visitor.page.goto(newsroom.site.episode)
    visitor.page.locator(".hero [data-play]").click()
    open_player(visitor.page)
    visitor.judges()


@pytest.mark.timeout(900)
def test_the_studio(newsroom: Newsroom, visitor: Visitor) -> None:
    page = visitor.page
    sign_in(page, newsroom.site.griot.url)
    urls = newsroom.studio(page)
    assert len(urls) > 20
    for url in urls:
        visitor.looks_at(url)


def sign_in(page: Page, url: str) -> None:
    """Enter the studio."""
    page.goto(f"{url}/login")
    page.fill("#email", "awa@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/studio/")


def test_no_target_for_a_thumb_is_small_and_no_page_too_wide(newsroom: Newsroom, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr-FR", viewport={"width": 360, "height": 640})
    page = context.new_page()
    small = {}
    for url in (*newsroom.listening, *newsroom.embeds):
        page.goto(url)
        open_all(page)
        small[url] = small_targets(page)
        page.set_viewport_size({"width": 320, "height": 640})
        assert overflow_px(page) <= 0, url
        page.set_viewport_size({"width": 360, "height": 640})
    for url in (newsroom.site.embed, newsroom.site.playlist):
        page.goto(url)
        open_player(page)
        small[f"{url}, opened"] = small_targets(page)
    context.close()
    assert {url: found for url, found in small.items() if found} == {}


def test_what_moves_is_seen_where_motion_is_not_reduced(newsroom: Newsroom, chromium: Browser) -> None:
    """Without this, the test of reduced motion could look at nothing."""
    context = chromium.new_context(locale="fr-FR", reduced_motion="no-preference")
    page = context.new_page()
    page.goto(newsroom.site.episode)
    assert moving_parts(page) != []
    context.close()
