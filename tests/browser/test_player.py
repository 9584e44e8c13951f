# SPDX-License-Identifier: AGPL-3.0-or-later
"""The player in a real browser: what it weighs, what it does, and what it does when something is missing."""

import gzip
import http.server
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, expect

from podcasts.i18n import LANGUAGES
from tests.browser.line import Line, line_to
from tests.browser.test_upload import port_of
from tests.long.test_hard_times import sound_of
from tests.serving import Served, ask, served
from tests.test_end_to_end_api import call, until_read, upload

pytestmark = pytest.mark.browser

ONE_EPISODE_BYTES, LIST_BYTES, EXTRAS_BYTES = 8_192, 12_288, 10_240
AT = "document.querySelector('audio').currentTime"
MOVES = f"() => {AT} > 0.3"
TITLE = "Le fleuve remonte : ce que disent les pêcheurs de la rive droite"
CHAPTERS = [("Ouverture", 0), ("L\u2019entretien", 20), ("À suivre", 45)]
ARTICLE = "https://gazette.example/le-fleuve"
LONG = 230


class Site:
    """A running Griot with a show, an episode of a minute with chapters, and a playlist.

    Attributes:
        episode: path of its page; ``embed`` of its player; ``playlist`` of the player of the list.
        long: path of the player of a list that comes in parts.
    """

    def __init__(self, griot: Served, data: Path, seconds: int = 60) -> None:
        self.griot, self.token = griot, griot.make_token()
        self.api = f"{griot.url}/api/v1"
        show = call(self.api, "POST", "/shows", self.token, {"title": "Les matins", "language": "fr"}, 201)
        self.show = show["id"]
        audio = upload(griot, self.token, sound_of(seconds, data))
        until_read(griot, self.token, audio["id"])
        self.first = self.publish(TITLE, audio["id"])
        chapters = [{"start_seconds": at, "title": title} for title, at in CHAPTERS]
        call(
            self.api, "PUT", f"/episodes/{self.first['id']}/chapters", self.token, {"chapters": chapters}, 200
        )
        second = self.publish("Le prix du mil", audio["id"])
        self.describe(second["id"])
        items = [{"episode_id": self.first["id"]}, {"episode_id": second["id"]}]
        given = {"title": "Le journal", "items": items}
        self.playlist_id = call(self.api, "POST", "/playlists", self.token, given, 201)["id"]
        rows = [{**items[1], "title": f"Titre {number} du marché"} for number in range(1, LONG + 1)]
        call(self.api, "POST", "/playlists", self.token, {"title": "Long", "items": rows}, 201)
        self.long = f"{griot.url}/embed/playlists/long"
        self.episode = f"{griot.url}/shows/les-matins/{self.first['slug']}"
        self.embed = self.first["embed_url"]
        self.playlist = f"{griot.url}/embed/playlists/le-journal"

    def describe(self, episode_id: str) -> None:
        """Give an episode chapters with a page, words by two speakers, and a button."""
        chapters = [{"start_seconds": at, "title": title, "url": ARTICLE} for title, at in CHAPTERS]
        place = f"/episodes/{episode_id}"
        call(self.api, "PUT", f"{place}/chapters", self.token, {"chapters": chapters}, 200)
        button = {"label": "Faire un don", "url": "https://gazette.example/don", "icon": "give"}
        call(self.api, "PATCH", place, self.token, {"ctas": [button]}, 200)
        spoken = (
            f"00:{at:02d}.000 --> 00:{at + 5:02d}.000\n<v {'Awa' if at < 30 else 'Ali'}>Phrase {at} du marché."
            for at in range(0, 60, 5)
        )
        status, _, body = ask(
            "PUT",
            f"{self.api}{place}/transcript?language=fr",
            self.token,
            "\n\n".join(("WEBVTT", *spoken)).encode(),
            Content_Type="text/vtt",
        )
        assert status == 200, body

    def publish(self, title: str, audio_id: str, **more: Any) -> dict[str, Any]:
        """Publish an episode tied to an article."""
        given = {"audio_id": audio_id, "title": title, "articles": [{"url": ARTICLE}], **more}
        made = call(self.api, "POST", f"/shows/{self.show}/episodes", self.token, given, 201)
        return call(self.api, "POST", f"/episodes/{made['id']}/publish", self.token, {}, 200)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests that change nothing on it."""
    with served(tmp_path_factory.mktemp("site")) as griot:
        yield Site(griot, Path(__file__).parent.parent / "data")


@contextmanager
def around(frame: str) -> Iterator[str]:
    """Serve a page of another origin."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = frame.encode() if self.path == "/" else b""
            self.send_response(200 if body else 204)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def embedded(page: Page) -> Frame:
    """Find the frame with the player."""
    return next(frame for frame in page.frames if "/embed/" in frame.url)


def moves(page: Page | Frame) -> None:
    """Wait until sound goes by."""
    page.wait_for_function(MOVES)


def test_an_embed_is_one_light_request_without_a_byte_of_sound(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.embed)
    page.wait_for_timeout(500)
    assert [url for url in asked if not url.endswith("/favicon.ico")] == [site.embed]
    assert context.cookies() == []
    _, headers, body = ask("GET", f"{site.embed}?lang=fr")
    assert "set-cookie" not in headers
    dressed = ("light", "dark", "auto", "auto&layout=mini&accent=7a1f4d")
    for wish in (f"lang={lang}&theme={theme}" for lang in LANGUAGES for theme in dressed):
        wished = ask("GET", f"{site.embed}?{wish}")[2]
        assert len(gzip.compress(wished, 9)) <= ONE_EPISODE_BYTES, wish
    assert re.findall(rb'(?:src|href)="(?!data:,|http://127\.0\.0\.1|https://gazette\.example)', body) == []
    page.locator("[data-do=play]").click()
    moves(page)
    # What came with the tap: the extras, and the sound by ranges; all from here.
    assert {url.split("/")[3] for url in asked[1:]} <= {"player", "media", "favicon.ico"}
    assert len([url for url in asked if "/media/" in url and "peaks" not in url]) >= 1


def test_a_title_is_said_as_it_was_typed(site: Site, page: Page) -> None:
    title = 'À $& $\' %s <i>1</i> "2" مياه ' + "é" * 250
    audio = call(site.api, "GET", f"/episodes/{site.first['id']}", site.token, None, 200)["audio_id"]
    made = site.publish(title, audio)
    page.goto(made["embed_url"])
    assert title in (page.locator("[data-do=play]").get_attribute("aria-label") or "").replace("\u00a0", " ")
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_list_of_fifty_and_the_extras_stay_light(site: Site) -> None:
    items = [{"episode_id": site.first["id"]}] * 50
    given = {"title": "Cinquante titres", "items": items}
    call(site.api, "POST", "/playlists", site.token, given, 201)
    _, _, body = ask("GET", f"{site.griot.url}/embed/playlists/cinquante-titres?lang=fr")
    assert body.count(b"data-sounds=") == 50
    assert len(gzip.compress(body, 9)) <= LIST_BYTES
    for language in LANGUAGES:
        _, _, page = ask("GET", f"{site.embed}?lang={language}")
        found = re.search(rb'data-extras="([^"]+)"', page)
        assert found
        status, headers, script = ask("GET", found[1].decode())
        assert (status, headers["access-control-allow-origin"]) == (200, "*")
        assert len(gzip.compress(script, 9)) <= EXTRAS_BYTES
        # The panel is another module, for whoever opens it.
        panel = re.search(rb'"panel": "(/player/[^"]+)"', script)
        assert panel
        assert len(gzip.compress(ask("GET", site.griot.url + panel[1].decode())[2], 9)) <= EXTRAS_BYTES


def test_it_plays_jumps_and_says_what_it_does(site: Site, page: Page) -> None:
    page.goto(site.embed)
    play = page.locator("[data-do=play]")
    name = play.get_attribute("aria-label") or ""
    assert re.fullmatch(r"Écouter.: .*rive droite, 1.minute, [\d,]+.Mo", name)
    play.click()
    moves(page)
    assert (play.get_attribute("aria-label") or "").startswith("Pause")
    page.get_by_role("button", name="Avancer de 30 secondes").click()
    page.wait_for_function(f"() => {AT} > 30")
    page.get_by_role("button", name="Reculer de 15 secondes").click()
    page.wait_for_function(f"() => {AT} < 25")
    slider = page.locator("[data-seek]")
    assert re.match(r"1[5-9].secondes sur 1.minute", slider.get_attribute("aria-valuetext") or "")
    play.click()
    assert page.evaluate("document.querySelector('audio').paused") is True
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-at]")).to_have_text("0:00")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-at]")).to_have_text("0:10")
    page.keyboard.press("5")
    expect(page.locator("[data-at]")).to_have_text("0:30")
    page.locator("[data-do=speed]").click()
    expect(page.locator("[data-do=speed]")).to_have_text("1,25×")
    page.locator("[data-chapters] summary").click()
    page.locator("[data-chapter='45']").click()
    page.wait_for_function(f"() => {AT} > 45")


def megabytes(text: str) -> float:
    """Read "0,36 Mo"."""
    return float(text.removesuffix("\u202fMo").replace(",", "."))


def test_the_light_one_is_chosen_costs_less_and_is_remembered(site: Site, page: Page) -> None:
    page.goto(site.embed)
    sizes = [page.locator(f"[data-size={name}]").inner_text() for name in ("normal", "light")]
    # A tone of 8 kHz in mono is small however it is written; speech saves more.
    assert megabytes(sizes[1]) < megabytes(sizes[0])
    # The script fills in what the server has written, and a choice moves nothing.
    said = re.findall(r"data-size=\"?\w+\"?>([^<]*)<", ask("GET", f"{site.embed}?lang=fr")[2].decode())
    assert said == sizes
    boxes = [page.locator(".choice label").nth(place).bounding_box() for place in (0, 1)]
    page.locator("[data-do=play]").click()
    moves(page)
    assert page.evaluate("document.querySelector('audio').currentSrc").partition("?")[0].endswith(".mp3")
    page.get_by_label("Léger").check()
    page.wait_for_function("() => document.querySelector('audio').currentSrc.includes('.m4a')")
    assert [page.locator(".choice label").nth(place).bounding_box() for place in (0, 1)] == boxes
    moves(page)
    page.reload()
    assert page.get_by_label("Léger").is_checked()
    page.locator("[data-do=play]").click()
    moves(page)
    assert ".m4a" in page.evaluate("document.querySelector('audio').currentSrc")
    # Where Opus in MP4 cannot be played, the light MP3 is taken, and its weight is said.
    page.add_init_script(
        "const can = HTMLMediaElement.prototype.canPlayType;"
        "HTMLMediaElement.prototype.canPlayType ="
        " function (mime) { return mime.includes('opus') ? '' : can.call(this, mime); };"
    )
    page.reload()
    light = {one["name"]: one for one in page.evaluate("document.querySelector('griot-player').sounds")}[
        "light"
    ]
    assert megabytes(page.locator("[data-size=light]").inner_text()) == float(
        f"{int(light['bytes']) / 1e6:.2g}"
    )
    page.locator("[data-do=play]").click()
    moves(page)
    assert page.evaluate("document.querySelector('audio').currentSrc").endswith(light["url"])


def test_where_one_was_is_remembered_and_an_address_names_a_time(site: Site, page: Page) -> None:
    page.goto(f"{site.embed}#t=40")
    expect(page.locator("[data-at]")).to_have_text("0:40")
    page.locator("[data-do=play]").click()
    page.wait_for_function(f"() => {AT} > 40.2")
    page.locator("[data-do=play]").click()
    page.goto(site.embed)
    expect(page.locator("[data-at]")).to_have_text(re.compile(r"0:4[0-2]"))
    for nonsense in ("?t=<script>", "?t=-5", "?t=9e9", "#t=abc,def", "?t=99999", "#t=%F0%28"):
        page.goto(f"{site.embed}{nonsense}")
        expect(page.locator("[data-do=play]")).to_be_visible()
    # Neither does what somebody else has left in the store.
    for nonsense in ("1e9", "-3", "abc"):
        page.evaluate("(speed) => localStorage.setItem('griot:speed', speed)", nonsense)
        page.reload()
        expect(page.locator("[data-at]")).to_have_text(re.compile(r"0:4[0-2]"))


def test_a_list_goes_on(site: Site, page: Page) -> None:
    page.goto(site.playlist)
    page.get_by_role("link", name="Le prix du mil").click()
    moves(page)
    expect(page.locator("[data-now-title]")).to_have_text("Le prix du mil")
    expect(page.locator("li[aria-current]")).to_contain_text("Le prix du mil")
    page.get_by_role("button", name="Titre précédent").click()
    expect(page.locator("[data-now-title]")).to_have_text(re.compile("Le fleuve"))
    page.locator("griot-player").evaluate("(player) => { player.seek(59.4); player.play(); }")
    expect(page.locator("[data-now-title]")).to_have_text("Le prix du mil")
    moves(page)
    # The end of a clip is that of its own track.
    page.goto("about:blank")
    page.goto(f"{site.playlist}#t=0,1")
    page.get_by_role("link", name="Le prix du mil").click()
    page.wait_for_function(f"() => {AT} > 1.2 && !document.querySelector('audio').paused")
    # Of so few, nobody needs to search.
    expect(page.get_by_label("Chercher dans la liste")).to_have_count(0)


def test_a_sound_that_is_gone_is_said_and_the_next_one_follows(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(site.playlist)
    key = page.evaluate("document.querySelector('griot-player').key")
    page.route(re.compile(rf"/media/{key}/"), lambda route: route.fulfill(status=404, body="gone"))
    page.locator("[data-do=play]").click()
    expect(page.locator("[data-message]")).not_to_be_empty()
    expect(page.locator("[data-now-title]")).to_have_text("Le prix du mil", timeout=20_000)
    moves(page)
    expect(page.locator("[data-message]")).to_be_empty()
    # So is a panel that does not come; the sound does not stop for it.
    page.route("**/player/panel-*", lambda route: route.abort())
    page.locator("[data-do=more]").click()
    expect(page.locator("[data-message]")).to_contain_text("Cette partie")
    page.unroute("**/player/panel-*")
    page.locator("[data-do=more]").click()
    expect(page.locator("[data-more]").get_by_text("Partager")).to_be_visible()
    expect(page.locator("[data-message]")).to_be_empty()
    moves(page)


def test_chapters_words_and_keys_serve_every_track(site: Site, page: Page) -> None:
    page.goto(site.playlist)
    page.get_by_role("link", name="Le prix du mil").click()
    moves(page)
    play = page.locator("[data-do=play]")
    play.click()
    expect(page.locator("[data-wave] i")).to_have_count(2)
    page.keyboard.press("c")
    chapters = page.locator("[data-more] [data-chapters]")
    expect(chapters).to_contain_text("L\u2019entretien")
    expect(chapters.locator("summary")).to_be_focused()
    expect(chapters.locator(f"a[href='{ARTICLE}']")).to_have_count(3)
    chapters.locator("[data-chapter='20']").click()
    page.wait_for_function(f"() => {AT} > 20")
    expect(chapters.locator("[data-chapter='20']")).to_have_attribute("aria-current", "true")
    play.click()
    page.keyboard.press("t")
    words = page.locator("[data-transcript]")
    expect(words.locator(".line")).to_have_count(12)
    expect(words.locator("[data-spoken]")).to_have_attribute("lang", "fr")
    expect(words.locator(".line[aria-current]")).to_have_text("Phrase 20 du marché.")
    assert words.locator("b").all_text_contents() == ["Awa", "Ali"]
    words.get_by_role("searchbox").fill("MARCHE")
    expect(words.locator("[data-found]")).to_have_text("1 sur 12")
    words.get_by_role("button", name="Suivant").click()
    expect(words.locator("[data-found]")).to_have_text("2 sur 12")
    # Only the box is scrolled, and the focus stays where it is.
    before = page.evaluate("scrollY")
    page.locator("griot-player").evaluate("(player) => player.seek(56)")
    expect(words.locator(".line[aria-current]")).to_have_text("Phrase 55 du marché.")
    assert page.evaluate("scrollY") == before
    words.locator(".line").nth(6).click()
    page.wait_for_function(f"() => {AT} >= 30 && {AT} < 40")
    page.keyboard.press("ArrowDown")
    expect(words.locator(".line").nth(7)).to_be_focused()
    page.keyboard.press("?")
    assert {"C", "T", "M", "?", "Début / Fin", "Page préc."} <= set(page.locator("kbd").all_text_contents())
    # A track without words has no fold for them.
    page.locator("griot-player").evaluate("(player) => player.load(0)")
    expect(words).to_be_hidden()


SHARED = """
  window.shared = [];
  navigator.canShare = () => true;
  navigator.share = async (given) => { window.shared.push(given); };
"""


def test_a_sound_is_shared_kept_and_sent(site: Site, page: Page) -> None:
    page.add_init_script(SHARED)
    page.goto(f"{site.embed}#t=40")
    page.get_by_role("button", name="Autres réglages").click()
    page.locator("[data-sharing] summary").click()
    link = page.get_by_role("textbox", name="Lien")
    expect(link).to_have_value(f"{site.episode}#t=40")
    page.get_by_label("À", exact=True).fill("0:50")
    expect(link).to_have_value(f"{site.episode}#t=40,50")
    channels = page.locator("[data-channel]")
    expect(channels).to_have_count(8)
    for channel in channels.all():
        assert "%23t%3D40%2C50" in (channel.get_attribute("href") or "")
    code = page.get_by_label("Code du lecteur").input_value()
    assert code.startswith(f'<iframe src="{site.embed}#t=40,50" title="Le fleuve')
    assert code.endswith("</iframe>")
    page.get_by_label("À", exact=True).fill("<script>")
    expect(link).to_have_value(f"{site.episode}#t=40")
    expect(page.get_by_label("À", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Suite…").click()
    page.locator("[data-saving] summary").click()
    keep = page.locator("[data-download=light]")
    assert (keep.get_attribute("href") or "").endswith(".mp3?source=download")
    assert (keep.get_attribute("download") or "").endswith(" - Les matins.mp3")
    assert megabytes(keep.locator("bdi").inner_text()) > 0
    page.get_by_role("button", name="Envoyer le son").click()
    page.wait_for_function("() => window.shared.length === 2")
    name, size, kind = page.evaluate(
        "(({ name, size, type }) => [name, size, type])(window.shared[1].files[0])"
    )
    assert (name, kind) == (keep.get_attribute("download"), "audio/mpeg")
    assert size > 100_000
    assert page.evaluate("window.shared[0].url") == f"{site.episode}#t=40"


def test_settings_do_what_they_say(site: Site, page: Page) -> None:
    page.goto(site.playlist)
    player = page.locator("griot-player")
    page.locator("[data-do=play]").click()
    moves(page)
    said = page.evaluate(
        "(({ title, artist, album }) => [title, artist, album])(navigator.mediaSession.metadata)"
    )
    assert [word.replace("\u00a0", " ") for word in said] == [TITLE, "Les matins", "Les matins"]
    page.get_by_role("button", name="Autres réglages").click()
    page.locator("[data-settings] summary").click()
    page.get_by_label("Vitesse", exact=True).fill("0.65")
    expect(page.locator("[data-do=speed]")).to_have_text("0,65×")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 0.65
    page.locator("[data-do=play]").press("<")
    expect(page.locator("[data-do=speed]")).to_have_text("0,5×")
    page.get_by_label("Volume").fill("40")
    assert page.evaluate("document.querySelector('audio').volume") == 0.4
    ends = "(player) => { player.seek(59.6); player.play(); }"
    page.get_by_label("Répéter").select_option("one")
    player.evaluate(ends)
    page.wait_for_function(f"() => {AT} > 0.05 && {AT} < 10")
    expect(page.locator("[data-now-title]")).to_have_text(TITLE)
    page.get_by_label("Répéter").select_option("off")
    page.locator("[data-sleep]").select_option("end")
    player.evaluate(ends)
    page.wait_for_function("() => document.querySelector('audio').ended")
    expect(page.locator("[data-now-title]")).to_have_text(TITLE)
    # It was heard to its end: its row says so, and so does the next visit before anything is touched.
    expect(page.locator("li[data-track] .track__left")).to_have_text(["écouté"])
    page.reload()
    expect(page.locator("li[data-track] .track__left")).to_have_text(["écouté"])
    expect(page.locator("[data-do=speed]")).to_have_text("0,5×")


def test_a_long_list_comes_in_parts_and_is_searched_and_sorted_whole(site: Site, page: Page) -> None:
    page.goto(f"{site.long}?theme=dark")
    rows = page.locator("li[data-track]")
    expect(rows).to_have_count(100)
    rest = page.locator("[data-rest]")
    expect(rest).to_have_text("Encore 130 titres")
    rest.click()
    expect(rows).to_have_count(200)
    expect(rest).to_have_text("Encore 30 titres")
    page.get_by_label("Chercher dans la liste").fill("titre 222 du marche")
    expect(rows).to_have_count(LONG)
    expect(page.locator("li[data-track]:visible")).to_have_count(1)
    expect(page.locator("[data-count]")).to_contain_text("1")
    page.get_by_role("link", name="Titre 222 du marché").click()
    moves(page)
    expect(page.locator("[data-now-title]")).to_have_text("Titre 222 du marché")
    page.get_by_label("Chercher dans la liste").fill("")
    page.get_by_label("Ordre").select_option("title")
    page.wait_for_function(
        "() => document.querySelector('griot-player').rows[222].dataset.title === 'Titre 223 du marché'"
    )
    page.get_by_role("button", name="Titre suivant").click()
    expect(page.locator("[data-now-title]")).to_have_text("Titre 223 du marché")
    expect(page.locator("li[aria-current] .track__index")).to_have_text("223")
    expect(page.locator("li[aria-current] .cta")).to_have_attribute("href", "https://gazette.example/don")
    # Without script the rest is a page of its own; nonsense is the beginning.
    _, _, body = ask("GET", f"{site.long}?from=200&theme=dark&count=9999999999999")
    assert body.count(b"data-sounds=") == 30
    for nonsense in ("from=-1", "from=x", "count=0", "from=99999999999999999999", "from=%D9%A1"):
        assert ask("GET", f"{site.long}?{nonsense}")[0] == 200


def test_an_accent_is_seen_or_mended_and_never_anything_else(site: Site, page: Page) -> None:
    colour = "getComputedStyle(document.querySelector('.tool--play')).backgroundColor"
    for asked, seen in (
        ("7a1f4d", "rgb(122, 31, 77)"),
        ("%237a1f4d", "rgb(122, 31, 77)"),
        ("red;}", "rgb(39, 48, 143)"),
    ):
        page.goto(f"{site.embed}?accent={asked}")
        assert page.evaluate(colour) == seen
    # White on white is no button; what comes instead can be told from the card.
    page.goto(f"{site.embed}?accent=fff&quality=light")
    assert page.evaluate(colour) not in {"rgb(255, 255, 255)", "rgb(39, 48, 143)"}
    # What the site wishes holds until the listener says something else.
    assert page.get_by_label("Léger").is_checked()
    page.get_by_label("Normal").check()
    page.reload()
    assert page.get_by_label("Normal").is_checked()


def cut_half_way(route: Route) -> None:
    """Answer with less than was promised, as a server does that falls."""
    route.fulfill(
        status=200,
        headers={"Content-Type": "audio/mpeg", "Content-Length": "480000"},
        body=b"\xff\xfb" * 2000,
    )


def test_broken_sounds_never_throw(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.route(re.compile(r"/media/.*\.(mp3|opus)"), cut_half_way)
    page.goto(site.embed)
    page.locator("[data-do=play]").click()
    expect(page.locator("[data-message]")).not_to_be_empty()
    page.unroute(re.compile(r"/media/.*\.(mp3|opus)"))
    page.locator("[data-do=play]").click()
    page.locator("griot-player").evaluate("(player) => { player.again(); }")
    moves(page)
    # A sound of unknown length, a broken list of chapters and of words.
    for what in ("chapters", "transcript", "peaks"):
        page.route(
            re.compile(rf"/media/.*/{what}"), lambda route: route.fulfill(status=200, body="{<nonsense")
        )
    page.goto(site.playlist)
    page.evaluate(
        "() => { for (const row of document.querySelectorAll('[data-track]')) row.dataset.seconds = 0; }"
    )
    page.get_by_role("link", name="Le prix du mil").click()
    moves(page)
    page.locator("[data-do=play]").press("t")
    expect(page.locator("[data-spoken]")).not_to_be_empty()
    page.locator("[data-do=play]").press("5")
    assert errors == []


def ask_through(page: Page, griot: Served, line: Line) -> None:
    """Let the browser ask for sound through a line that can be cut."""
    page.route(
        re.compile(r"/media/"),
        lambda route: route.continue_(url=route.request.url.replace(griot.url, line.url)),
    )


def test_a_line_that_was_cut_is_taken_up_again_where_it_was(
    tmp_path: Path, context: BrowserContext, data: Path
) -> None:
    page = context.new_page()
    with served(tmp_path) as griot, line_to(port_of(griot), bytes_per_second=50_000_000) as line:
        site = Site(griot, data)
        # Through the line goes what the page asks for: its own address is the line's.
        ask_through(page, griot, line)
        page.goto(site.embed)
        page.locator("[data-do=play]").click()
        moves(page)
        page.locator("[data-do=play]").click()
        line.cut()
        # Another version: whatever the browser has kept is of no use.
        page.get_by_label("Léger").check()
        page.locator("griot-player").evaluate("(player) => player.seek(20)")
        page.locator("[data-do=play]").click()
        expect(page.locator("[data-message]")).to_contain_text("connexion")
        line.mend()
        page.wait_for_function(f"() => {AT} > 20.2")
        expect(page.locator("[data-message]")).to_be_empty()


WORDPRESS = """<!doctype html><meta charset="utf-8"><title>Un article</title>
<blockquote class="wp-embedded-content"><a href="{page}">Titre</a></blockquote>
<iframe class="wp-embedded-content" sandbox="allow-scripts" width="600" height="338"
  src="{embed}#?secret=Ab12Cd34Ef"></iframe>
<script>
  const frame = document.querySelector("iframe");
  window.heard = [];
  addEventListener("message", ({{ data, source }}) => {{
    if (source !== frame.contentWindow || !data || data.secret !== "Ab12Cd34Ef") return;
    window.heard.push(data);
    if (data.message === "height") frame.height = Math.min(1000, Math.max(200, ~~data.value));
    const ours = data.message === "link" && new URL(data.value).host === new URL(frame.src).host;
    if (ours && document.activeElement === frame) window.followed = data.value;
  }});
</script>"""


def test_it_lives_inside_wordpress(site: Site, context: BrowserContext) -> None:
    """By the rules of wp-embed.js: a sandbox without an origin, a secret, links to the frame's own host alone."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with around(WORDPRESS.format(page=site.episode, embed=site.embed)) as url:
        page.goto(url)
        page.wait_for_function("() => window.heard.some(({ message }) => message === 'height')")
        frame = embedded(page)
        height = page.evaluate("document.querySelector('iframe').height")
        assert 200 <= int(height) <= 1000
        assert frame.evaluate("document.documentElement.scrollHeight") <= int(height)
        frame.locator("[data-do=play]").click()
        moves(frame)
        frame.locator("[data-do=speed]").click()
        expect(frame.locator("[data-do=speed]")).to_have_text("1,25×")
        # What a sandbox blocks is not shown, in the panel neither.
        frame.locator("[data-do=more]").click()
        expect(frame.locator("[data-settings]")).to_be_visible()
        expect(frame.locator("[data-outside]:visible")).to_have_count(0)
        frame.locator("[data-home]").click()
        page.wait_for_function("() => window.followed")
        assert page.evaluate("window.followed") == site.episode
        assert errors == []


PARENT = """<!doctype html><title>Page</title>
<iframe src="{embed}" allow="autoplay" width="600" height="400"></iframe>
<iframe src="{playlist}" allow="autoplay" width="600" height="600"></iframe>
<script>
  window.heard = [];
  addEventListener("message", ({{ data, source }}) => window.heard.push({{ ...data, first: source === frames[0] }}));
  window.tell = (words, which = 0) => frames[which].postMessage(words, "*");
</script>"""


FLOOD = """() => {
  const hostile = [null, 7, "play", [], { griot: {} }, { griot: "seek", at: "x" }, { griot: "load", track: -1 }];
  for (const words of hostile) for (let time = 0; time < 500; time += 1) window.tell(words);
}"""


def test_a_page_may_rule_its_players_and_one_stops_the_other(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with around(PARENT.format(embed=site.embed, playlist=site.playlist)) as url:
        page.goto(url)
        page.wait_for_function("() => window.heard.filter(({ griot }) => griot === 'ready').length === 2")
        first, second = (frame for frame in page.frames if "/embed/" in frame.url)
        first.locator("[data-do=play]").click()
        page.wait_for_function(
            "() => window.heard.some(({ griot, at }) => griot === 'timeupdate' && at > 0.3)"
        )
        second.locator("[data-do=play]").click()
        moves(second)
        first.wait_for_function("() => document.querySelector('audio').paused")
        page.evaluate("window.tell({ griot: 'seek', at: 30 })")
        expect(first.locator("[data-at]")).to_have_text("0:30")
        page.evaluate("window.tell({ griot: 'load', track: 1 }, 1)")
        expect(second.locator("[data-now-title]")).to_have_text("Le prix du mil")
        # What is shown is what is heard: the track before has fallen silent.
        second.wait_for_function("() => document.querySelector('audio').paused")
        hostile = [
            "null",
            "7",
            "'play'",
            "{ griot: 'seek', at: 'x' }",
            "{ griot: 'load', track: -1 }",
            # What has no number, not even by asking for one.
            "{ griot: 'seek', at: { toString: 1, valueOf: 1 } }",
            "{ griot: 'load', track: { toString: 1, valueOf: 1 } }",
            "{ griot: {} }",
            "[]",
        ]
        page.evaluate(
            f"for (const words of [{','.join(hostile)}]) for (let i = 0; i < 500; i += 1) window.tell(words)"
        )
        expect(first.locator("[data-at]")).to_have_text("0:30")
        assert errors == []


def test_without_scripts_the_browser_plays(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(
        java_script_enabled=False, locale="fr-FR", viewport={"width": 360, "height": 640}
    )
    page = context.new_page()
    page.goto(site.embed)
    expect(page.locator("audio[controls]")).to_be_visible()
    expect(page.locator("[data-desk]")).to_be_hidden()
    expect(page.get_by_role("link", name="Lire l'article")).to_have_attribute("href", ARTICLE)
    page.goto(site.playlist)
    assert page.get_by_role("link", name="Le prix du mil").get_attribute("href")
    context.close()


@pytest.mark.parametrize(
    "query",
    [
        "theme=dark",
        "theme=auto",
        "theme=</style>",
        "layout=mini",
        "layout=../..",
        "lang=ar",
        "lang=<b>",
        "accent=red;}",
    ],
)
def test_wishes_are_met_or_passed_over_and_nothing_overflows(site: Site, page: Page, query: str) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto(f"{site.embed}?{query}")
    expect(page.locator("[data-do=play]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    boxes = page.locator("button:visible, summary:visible, .choice label:visible").all()
    for box in boxes:
        found = box.bounding_box()
        assert found is not None
        assert found["height"] >= 44
    if query == "layout=mini":
        # One row: at this width there is room for play and more alone.
        assert page.evaluate("document.body.scrollHeight") <= 200
        return
    # The transport and the waveform go from left to right in every language.
    places = [page.locator(f"[data-do=jump][data-by='{by}']").bounding_box() for by in (-15, 30)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["x"] < places[1]["x"]


def test_on_our_own_pages_one_player_serves_every_link(site: Site, page: Page) -> None:
    page.goto(f"{site.griot.url}/playlists/le-journal")
    bar = page.locator("griot-player")
    expect(bar).to_be_hidden()
    page.get_by_role("link", name=re.compile("^Écouter : Le prix du mil")).click()
    expect(bar).to_be_visible()
    moves(page)
    expect(bar.locator("[data-now-title]")).to_have_text("Le prix du mil")
    row = page.locator("main li[aria-current]")
    expect(row).to_contain_text("en lecture")
    # The first track of all has its waveform too, though the functions that ask for it came after it.
    page.wait_for_function(
        "() => document.querySelector('griot-player .voice path').getAttribute('d').includes('v')"
    )
    page.get_by_role("link", name=re.compile("^Pause : Le prix du mil")).click()
    page.wait_for_function("() => document.querySelector('audio').paused")
    page.goto(f"{site.episode}")
    page.locator("[data-chapter='20']").click()
    page.wait_for_function(f"() => {AT} > 20")
    expect(bar.locator("[data-now-title]")).to_have_text(re.compile("Le fleuve"))


LEFT_OF = """([selector, word]) => {
  const place = document.querySelector(selector);
  const text = document.createTreeWalker(place, NodeFilter.SHOW_TEXT).nextNode();
  const range = document.createRange();
  range.setStart(text, text.data.indexOf(word));
  range.setEnd(text, text.data.indexOf(word) + word.length);
  return range.getBoundingClientRect().left;
}"""


def test_in_arabic_all_is_mirrored_but_transport_waveform_and_times(site: Site, chromium: Browser) -> None:
    context = chromium.new_context(locale="ar-EG", viewport={"width": 360, "height": 640})
    page = context.new_page()
    audio = call(site.api, "GET", f"/episodes/{site.first['id']}", site.token, None, 200)["audio_id"]
    made = site.publish("CAN 2025: السنغال تلجأ إلى محكمة التحكيم", audio, language="ar")
    for url, title in (
        (f"{site.griot.url}/shows/les-matins/{made['slug']}", "h1"),
        (f"{made['embed_url']}?lang=ar", "[data-now-title]"),
    ):
        page.goto(url)
        assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == ["ar", "rtl"]
        # A title in Arabic goes from right to left, though a Latin word begins it.
        assert page.evaluate(LEFT_OF, [title, "CAN"]) > page.evaluate(LEFT_OF, [title, "السنغال"])
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        # Page and script write the same figures.
        play = page.locator("griot-player [data-do=play]")
        expect(play).to_have_accessible_name(re.compile("^استماع: CAN 2025.*, دقيقة, 0,[0-9]+ م.ب$"))
        if title == "h1":
            kept = page.locator("[data-keep-do=light] [data-keep-size]")
            expect(kept).to_have_text(re.compile("^[0-9]+ ك.ب$"))
        places = [page.locator(f"griot-player {what}") for what in (".transport", ".voice", ".times")]
        assert {place.evaluate("(one) => getComputedStyle(one).direction") for place in places} == {"ltr"}
        play.click()
        moves(page)
        expect(page.locator("[data-at]").first).to_have_text(re.compile("^0:[0-5][0-9]$"))
        slider = page.locator("[data-seek]").first
        slider.evaluate(
            "(one) => { one.value = 12; one.dispatchEvent(new Event('input', { bubbles: true })); }"
        )
        expect(slider).to_have_attribute("aria-valuetext", re.compile("^[1-5][0-9] ثانية من دقيقة$"))
    context.close()


ARTICLE_PAGE = """<!doctype html><html lang="fr"><meta charset="utf-8"><title>Article</title>
<link rel="canonical" href="{canonical}"><body style="background: {background}">
<p>Le texte.</p>
<script async src="{url}/embed.js" data-accent="7a1f4d" data-quality="light"></script><p>La suite.</p>"""
NAMED_PAGE = """<!doctype html><meta charset="utf-8"><title>Article</title>
<griot-player src="{page}"></griot-player><griot-player src="{url}/playlists/le-journal"></griot-player>
<griot-player src="https://elsewhere.example/shows/a/b"></griot-player><script async src="{url}/embed.js"></script>"""


def test_an_article_with_sound_gets_its_player_from_one_script(site: Site, page: Page) -> None:
    articles = (ARTICLE, "white"), (ARTICLE, "#111"), ("https://gazette.example/silent", "white")
    for canonical, background in articles:
        text = ARTICLE_PAGE.format(canonical=canonical, background=background, url=site.griot.url)
        with around(text) as url:
            page.goto(url)
            if canonical != ARTICLE:
                page.wait_for_load_state("networkidle")
                assert page.locator("iframe").count() == 0
                continue
            frame = page.locator("script + iframe")
            # Two episodes belong to it: they become a list.
            expect(frame).to_have_attribute("src", re.compile(r"/embed/article\?url=.*theme=(light|dark)"))
            expect(frame).to_have_attribute("src", re.compile("accent=7a1f4d&quality=light"))
            assert ("theme=dark" in (frame.get_attribute("src") or "")) is (background == "#111")
            inside = page.frame_locator("script + iframe")
            inside.locator("[data-do=play]").click()
            moves(embedded(page))
            page.wait_for_function("() => document.querySelector('iframe').height !== '412'")


def test_players_can_be_named_by_the_pages_that_they_play(site: Site, page: Page) -> None:
    with around(NAMED_PAGE.format(page=site.episode, url=site.griot.url)) as url:
        page.goto(url)
        expect(page.locator("griot-player > iframe")).to_have_count(2)
        players = [page.frame_locator(f"griot-player:nth-of-type({number}) > iframe") for number in (1, 2)]
        for player in players:
            expect(player.locator("[data-do=play]")).to_be_visible()
        first, second = (frame for frame in page.frames if "/embed/" in frame.url)
        assert "/embed/episodes/" in first.url
        first.locator("[data-do=play]").click()
        moves(first)
        second.locator("[data-do=play]").click()
        moves(second)
        first.wait_for_function("() => document.querySelector('audio').paused")


def test_the_script_for_articles_is_small_and_theirs_to_use(site: Site) -> None:
    status, headers, body = ask("GET", f"{site.griot.url}/embed.js")
    assert (status, headers["content-type"].partition(";")[0]) == (200, "text/javascript")
    assert len(gzip.compress(body, 9)) <= 5_120
