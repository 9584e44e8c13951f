# SPDX-License-Identifier: AGPL-3.0-or-later
"""What newsrooms really send: lists of thousands, titles without end, two directions and emoji in one line."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import overflow_px
from tests.browser.newsroom import LONG_TITLE, MIXED_TITLE
from tests.browser.test_player import Site, moves
from tests.serving import ask, served
from tests.test_end_to_end_api import call

pytestmark = [pytest.mark.browser, pytest.mark.long]

MOST_TRACKS = 2_000
EMOJI_TITLE = "👩🏾‍🌾🌊" * 40
CUT_BIDI = "Réponse \u202e: fermée ? \u2067مي"
"""Begins two changes of direction and ends neither."""

TITLES = {"long": LONG_TITLE, "mixed": MIXED_TITLE, "emoji": EMOJI_TITLE, "cut": CUT_BIDI}


class Strained:
    """A running Griot with titles that hurt, and the longest list there may be."""

    def __init__(self, site: Site) -> None:
        self.site = site
        audio = call(site.api, "GET", f"/episodes/{site.first['id']}", site.token, None, 200)["audio_id"]
        self.episodes = {name: site.publish(title, audio) for name, title in TITLES.items()}
        each = [*self.episodes.values(), site.first]
        items = [{"episode_id": each[number % len(each)]["id"]} for number in range(MOST_TRACKS)]
        given = {"title": LONG_TITLE, "slug": "longue", "items": items}
        call(site.api, "POST", "/playlists", site.token, given, 201)
        self.list_page, self.list_embed = (
            f"{site.griot.url}{path}/playlists/longue" for path in ("", "/embed")
        )

    def urls(self) -> Iterator[str]:
        """List every page and embed that shows the titles."""
        yield from (f"{self.site.griot.url}/", f"{self.site.griot.url}/shows/les-matins")
        yield from (self.list_page, self.list_embed)
        for one in self.episodes.values():
            yield from (one["url"], one["embed_url"], f"{one['embed_url']}?layout=mini")


@pytest.fixture(scope="module")
def strained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Strained]:
    """One server for all tests that change nothing on it."""
    with served(tmp_path_factory.mktemp("strained")) as griot:
        yield Strained(Site(griot, Path(__file__).parent.parent / "data"))


@pytest.fixture
def narrow(chromium: Browser) -> Iterator[Page]:
    """A tab of 320 px; whatever it complains about fails the test."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 320, "height": 640})
    page = context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    yield page
    context.close()
    assert thrown == []


def test_no_title_makes_a_page_wider_than_a_phone(strained: Strained, narrow: Page) -> None:
    wide = {}
    for url in strained.urls():
        narrow.goto(url)
        wide[url] = overflow_px(narrow)
    assert {url: pixels for url, pixels in wide.items() if pixels > 0} == {}


def test_a_title_that_turns_the_direction_turns_nothing_after_it(strained: Strained, narrow: Page) -> None:
    narrow.goto(strained.episodes["cut"]["url"])
    time = narrow.locator("main time").first
    # Digits and letters of what follows stand in their own order: its box begins left of where it ends.
    order = time.evaluate(
        """(time) => {
          const place = (at) => {
            const range = document.createRange();
            range.setStart(time.firstChild, at);
            range.setEnd(time.firstChild, at + 1);
            return range.getBoundingClientRect().left;
          };
          return place(0) < place(time.textContent.length - 1);
        }"""
    )
    assert order is True


def test_a_list_of_two_thousand_can_be_seen_searched_and_played(strained: Strained, narrow: Page) -> None:
    narrow.goto(strained.list_embed)
    narrow.get_by_role("button", name="Écouter").first.click()
    moves(narrow)
    for _ in range(2):
        narrow.get_by_role("button", name="Titre suivant").click()
        moves(narrow)
    narrow.goto(strained.list_page)
    # The page says how many there are, and does not try to show them all at once.
    expect(narrow.get_by_role("main")).to_contain_text("titres")
    assert narrow.locator("li[data-track]").count() <= MOST_TRACKS
    assert narrow.get_by_role("navigation", name="Pages").count() == 1


def test_a_title_that_is_too_long_is_refused_in_words(strained: Strained) -> None:
    site = strained.site
    given = {"title": "é" * 500}
    status, headers, body = ask("POST", f"{site.api}/shows/{site.show}/episodes", site.token, given)
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert b'"field": "title"' in body
