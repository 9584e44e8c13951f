# SPDX-License-Identifier: AGPL-3.0-or-later
"""A newsroom with one of everything that has a page, and the list of its pages: for what is asked of all of them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Page

from tests.audio.test_transcripts import VTT
from tests.browser.test_player import ARTICLE, Site
from tests.serving import Served, ask
from tests.test_end_to_end_api import call

LONG_TITLE = ("Le fleuve remonte, dit " + "l\u2019hydrologue-en-chef-de-la-station-" * 20)[:300]
"""As long as a title may be, with a word that no line holds."""

MIXED_TITLE = "مياه النهر : le fleuve 🌊 «remonte», 12 % de plus (نهر)"
PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Newsroom:
    """A running Griot with everything in it.

    Attributes:
        site: the show, two episodes and a playlist of every day.
        listening: addresses of pages for listeners, one of each kind and state.
        embeds: addresses of players for other pages, one of each kind, layout and state.
        stands_for: what to put for the names in routes of the studio; ``binned`` where they are about what was
            thrown away.
    """

    site: Site
    listening: tuple[str, ...]
    embeds: tuple[str, ...]
    stands_for: dict[str, str]
    binned: dict[str, str]

    def studio(self, page: Page) -> list[str]:
        """List the addresses of every page of the studio, from the table of routes.

        Args:
            page: a tab of somebody who has signed in.

        Raises:
            KeyError: a route names something for which ``stands_for`` has nothing.
        """
        known = self.stands_for | {"user_id": _own_number(page, self.site.griot.url)}
        paths = []
        for route in json.loads(self.site.griot.griot("routes", "--json")):
            rule = route["rule"]
            if rule.startswith("/studio") and "GET" in route["methods"]:
                names = known | (self.binned if rule.endswith("/binned") else {})
                paths.append("".join(_filled(rule, names)))
        urls = [self.site.griot.url + path for path in paths]
        return [url for url in urls if _is_page(page, url)]


def open_newsroom(griot: Served) -> Newsroom:
    """Fill a fresh Griot with one of everything."""
    site = Site(griot, Path(__file__).parent.parent / "data")
    make = _Maker(site)
    long, mixed = (make.episode({"title": title, "summary": title}) for title in (LONG_TITLE, MIXED_TITLE))
    english = make.episode({"title": "The river rises", "language": "en", "explicit": True})
    binned = make.episode({"title": "Jeté"})
    make.call("DELETE", f"/episodes/{binned['id']}", None, 204)
    section = make.call("POST", "/sections", {"name": "Environnement", "kind": "section"}, 201)["slug"]
    for one in (site.first, mixed):
        make.call("PATCH", f"/episodes/{one['id']}", {"sections": [section]}, 200)
    ask(
        "PUT",
        f"{site.api}/episodes/{site.first['id']}/transcript?language=fr",
        site.token,
        VTT.encode(),
        Content_Type="text/vtt",
    )
    items = [{"episode_id": one["id"]} for one in (site.first, long, mixed, english)]
    make.call("POST", "/playlists", {"title": LONG_TITLE, "slug": "longue", "items": items}, 201)
    make.call("POST", "/playlists", {"title": "Vide", "items": []}, 201)
    thrown = make.call("POST", "/playlists", {"title": "Jetée", "items": []}, 201)
    make.call("DELETE", f"/playlists/{thrown['id']}", None, 204)
    article = quote(ARTICLE, safe="")
    paths = ("/", "/shows/les-matins", "/playlists/le-journal", "/playlists/longue", "/playlists/vide")
    own = ("/offline", *paths, f"/sections/{section}", "/login", "/nobody-has-been-here")
    embed = f"{griot.url}/embed"
    return Newsroom(
        site,
        listening=(
            *(griot.url + path for path in own),
            *(one["url"] for one in (site.first, mixed, long)),
        ),
        embeds=(
            *(one["embed_url"] for one in (site.first, long, mixed)),
            f"{site.embed}?layout=mini",
            f"{site.embed}?theme=dark",
            *(f"{embed}/playlists/{slug}" for slug in ("le-journal", "longue", "vide")),
            f"{embed}/shows/les-matins",
            f"{embed}/article?url={article}",
            f"{embed}/episodes/les-matins/nobody-has-been-here",
        ),
        stands_for={
            "episode_id": site.first["id"],
            "audio_id": make.audio,
            "show": "les-matins",
            "playlist": "le-journal",
            "playlist_id": site.playlist_id,
            "section": section,
            "clip_id": "none",
        },
        binned={"episode_id": binned["id"], "playlist_id": thrown["id"]},
    )


class _Maker:
    """Makes things by the interface."""

    def __init__(self, site: Site) -> None:
        self._site = site
        found = call(site.api, "GET", f"/episodes/{site.first['id']}", site.token, None, 200)
        self.audio: str = found["audio_id"]

    def call(self, method: str, path: str, body: object, status: int) -> dict[str, Any]:
        """Call the interface; {} where it answers nothing."""
        answered, _, text = ask(method, self._site.api + path, self._site.token, body)
        assert answered == status, text
        return dict(json.loads(text)) if text else {}

    def episode(self, given: dict[str, Any]) -> dict[str, Any]:
        """Publish an episode."""
        made = self.call("POST", f"/shows/{self._site.show}/episodes", {"audio_id": self.audio, **given}, 201)
        return self.call("POST", f"/episodes/{made['id']}/publish", {}, 200)


def _own_number(page: Page, url: str) -> str:
    """Read the number of an account from the list of people."""
    found = re.search(r"/studio/people/([^\"/?]+)\"", page.request.get(f"{url}/studio/people").text())
    assert found
    return found[1]


def _filled(rule: str, names: Mapping[str, str]) -> Iterator[str]:
    """Put what it stands for into each place of a rule."""
    for number, part in enumerate(PLACE.split(rule)):
        yield names[part] if number % 2 else part


def _is_page(page: Page, url: str) -> bool:
    return page.request.get(url).headers.get("content-type", "").startswith("text/html")
