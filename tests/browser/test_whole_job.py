# SPDX-License-Identifier: AGPL-3.0-or-later
"""The main job as people do it, in a real Chromium: from the set-up link to a podcast app's download."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import feedparser
import podcastparser
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.serving import Served, ask, served

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery"
ARTICLE = "https://gazette.example/environnement/le-fleuve"
ADVANCED = "(sound) => !sound.paused && sound.currentTime > 0.4"


def test_from_set_up_to_listening_reading_and_downloading(tmp_path: Path, data: Path, page: Page) -> None:
    file = data.parents[1] / "podcasts" / "demo" / "fleuve.mp3"
    with served(tmp_path) as griot:
        set_up(page, griot)
        make_show(page, griot)
        upload(page, griot, file)
        assert page.input_value("#title") == "Le fleuve remonte : ce que disent les pêcheurs"
        expect(page.locator("#artist-hint")).to_contain_text("Awa Sidibala")
        page.fill("#article-1", f"{ARTICLE}?utm_source=lettre")
        page.click("button[name=publish]")
        expect(page.locator(".notice[role=status]")).to_contain_text("Publié")
        public = page.input_value("#code-address")
        playlist = make_playlist(page, griot)
        hear_on_the_page(page, public)
        hear_in_the_playlist(page, playlist)
        hear_inside_another_site(page, public.replace("/shows/", "/embed/episodes/"))
        read_and_download(griot, file.read_bytes())
        assert ask("GET", public)[1].get("set-cookie") is None


def test_a_stranger_is_led_to_the_log_in_and_back(tmp_path: Path, page: Page) -> None:
    with served(tmp_path) as griot:
        set_up(page, griot)
        page.click("form[action='/logout'] button")
        page.goto(f"{griot.url}/studio/playlists")
        assert page.url == f"{griot.url}/login?next=/studio/playlists"
        page.fill("#email", "awa@example.org")
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url("**/studio/playlists")
        page.context.clear_cookies()
        page.goto(f"{griot.url}/studio/")
        assert page.url.startswith(f"{griot.url}/login")


def test_a_file_that_is_no_audio_is_refused_beside_the_field(
    tmp_path: Path, data: Path, context: BrowserContext
) -> None:
    page = context.new_page()  # its 415 stands on the console on purpose
    with served(tmp_path) as griot:
        set_up(page, griot)
        make_show(page, griot)
        page.goto(f"{griot.url}/studio/upload")
        page.set_input_files("#file", data / "audio" / "playlist-named-mp3.mp3")
        page.click("main button[type=submit]")
        expect(page.locator(".sending__row--bad")).to_contain_text(
            "C'est une liste qui renvoie à d'autres fichiers"
        )
        page.goto(f"{griot.url}/studio/episodes")
        expect(page.locator(".desk-row")).to_have_count(0)


def test_the_studio_works_without_scripts(tmp_path: Path, chromium: Browser) -> None:
    file = Path(__file__).parents[2] / "podcasts" / "demo" / "jingle.mp3"
    bare = chromium.new_context(locale="en-GB", java_script_enabled=False)
    page: Page = bare.new_page()
    with served(tmp_path, "--demo") as griot:
        set_up(page, griot)
        page.goto(f"{griot.url}/studio/upload")
        page.set_input_files("#file", file)
        page.click("main button[type=submit]")
        page.wait_for_url("**/studio/episodes/*")
        page.goto(f"{griot.url}/studio/playlists/le-journal-de-tambali")
        titles = page.locator("form[data-order] .desk-row__words > bdi")
        before = titles.all_inner_texts()
        page.click("button[name=down] >> nth=0")
        expect(titles.nth(1)).to_have_text(before[0])
        assert titles.all_inner_texts()[:2] == [before[1], before[0]]
    bare.close()


def test_no_page_of_the_demonstration_is_wider_than_the_screen(tmp_path: Path, page: Page) -> None:
    with served(tmp_path, "--demo") as griot:
        for path in (
            "/",
            "/shows/les-matins-de-tambali",
            "/playlists/le-journal-de-tambali",
            "/sections/culture",
        ):
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 640})
                page.goto(griot.url + path)
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
                assert page.locator("h1").count() == 1
        page.goto(f"{griot.url}/?lang=en")
        expect(page.locator("html")).to_have_attribute("lang", "en")


def set_up(page: Page, griot: Served) -> None:
    """Make the first account."""
    page.goto(griot.setup_link)
    page.fill("#name", "Awa")
    page.fill("#email", "awa@example.org")
    page.fill("#password", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/studio/")


def make_show(page: Page, griot: Served) -> None:
    """Found a show."""
    page.goto(f"{griot.url}/studio/shows/new")
    page.fill("#title", "La matinale du fleuve")
    page.fill("#author", "La Gazette")
    page.click("main button[type=submit]")
    page.wait_for_url("**/studio/shows/la-matinale-du-fleuve*")


def upload(page: Page, griot: Served, file: Path) -> None:
    """Upload a file and wait until it has been read."""
    page.goto(f"{griot.url}/studio/upload")
    page.set_input_files("#file", file)
    page.click("main button[type=submit]")
    page.wait_for_url("**/studio/episodes/*")
    page.wait_for_selector("[data-sound]")


def make_playlist(page: Page, griot: Served) -> str:
    """Make a playlist with the episode; the address of its page."""
    page.goto(f"{griot.url}/studio/playlists/new")
    page.fill("#title", "Le journal du soir")
    page.click("main button[type=submit]")
    page.click("button[name=add_episode]")
    expect(page.locator("[data-order-item]")).to_have_count(1)
    return page.input_value("#code-address")


def hear_on_the_page(page: Page, url: str) -> None:
    """Tap the play button and hear the time go by; nothing was fetched before."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    assert not [one for one in asked if re.search(r"/media/[^?]*\.mp3", one)]
    page.click("[data-play] >> nth=0")
    page.wait_for_function(f"() => [...document.querySelectorAll('audio')].some({ADVANCED})")
    assert page.evaluate("document.querySelector('audio').duration") > 30


def hear_in_the_playlist(page: Page, url: str) -> None:
    """Play the first track of a playlist."""
    page.goto(url)
    page.click("[data-play] >> nth=0")
    page.wait_for_function(f"() => [...document.querySelectorAll('audio')].some({ADVANCED})")


def hear_inside_another_site(page: Page, embed: str) -> None:
    """Play the embed in an iframe of a page of another origin."""
    with other_site(
        f'<!doctype html><title>Article</title><iframe src="{embed}" width="400" height="300"></iframe>'
    ) as url:
        page.goto(url)
        frame = next(one for one in page.frames if "/embed/" in one.url)
        frame.locator("[data-do=play]").click()
        frame.wait_for_function(f"() => [...document.querySelectorAll('audio')].some({ADVANCED})")


def read_and_download(griot: Served, sound: bytes) -> None:
    """Read the feed as a podcast app does, and download what it names."""
    feed = f"{griot.url}/shows/la-matinale-du-fleuve/feed.xml"
    _, _, body = ask("GET", feed)
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    entry = parsed.entries[0]
    assert (entry.link, entry.itunes_duration) == (ARTICLE, "34")
    assert f'<a href="{ARTICLE}">' in entry.content[0].value
    with (griot.folder / "feed.xml").open("wb+") as file:
        file.write(body)
        file.seek(0)
        episode = podcastparser.parse(feed, file)["episodes"][0]
    assert episode["enclosures"][0]["file_size"] == len(sound)
    assert ask("GET", entry.enclosures[0].href)[2] == sound


@contextmanager
def other_site(document: str) -> Iterator[str]:
    """Serve one page from another origin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer with the page; without an icon, quietly."""
            found = self.path == "/"
            self.send_response(200 if found else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if found:
                self.wfile.write(document.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the library
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # Another name of this machine is another site.
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
