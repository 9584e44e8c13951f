# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own pages in a real browser: sound goes on from page to page, the queue, and the player that grows."""

import gzip
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.browser.test_accessibility import violations
from tests.browser.test_player import AT, TITLE, Site, moves
from tests.serving import ask, served
from tests.test_end_to_end_api import call

pytestmark = pytest.mark.browser

MIL = "Le prix du mil"
LONG_LIST = 53
FIRST_VISIT_BYTES, STAY_BYTES = 25_000, 10_240
PLAYING = "() => !document.querySelector('audio').paused"
ROWS = r"player => player.rows.map((row) => row.dataset.title.replace(/[\u00a0\u202f]/g, ' '))"
SEAT = "[data-queue-box]"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests that change nothing on it; a playlist of two pages stands there too."""
    with served(tmp_path_factory.mktemp("site")) as griot:
        made = Site(griot, Path(__file__).parent.parent / "data")
        episodes = call(made.api, "GET", f"/playlists/{made.playlist_id}", made.token, None, 200)["items"]
        ids = [item["episode_id"] for item in episodes]
        items = [{"episode_id": ids[number % 2], "artist": "Awa Sidibala"} for number in range(LONG_LIST)]
        given = {"title": "Tout", "items": items}
        call(made.api, "POST", "/playlists", made.token, given, 201)
        yield made


def begin(page: Page, url: str, name: str = MIL) -> None:
    """Open a page and play a track of it; wait until what goes on is there."""
    page.goto(url)
    page.evaluate("window.marker = 'here'")
    page.get_by_role("link", name=re.compile(f"^Écouter.: {name}")).first.click()
    moves(page)
    page.wait_for_selector(SEAT, state="attached")


def still_here(page: Page) -> bool:
    """Tell whether the page is the one that was loaded, and sound goes by."""
    return bool(page.evaluate("window.marker === 'here' && !document.querySelector('audio').paused"))


def at(page: Page) -> float:
    """Read where the sound is."""
    return float(page.evaluate(AT))


def focused(page: Page) -> str:
    """Read what has the focus, in short."""
    return str(
        page.evaluate("(document.activeElement.localName + ' ' + document.activeElement.textContent).trim()")
    )


def test_sound_goes_on_from_page_to_page(site: Site, context: BrowserContext, page: Page) -> None:
    page.set_viewport_size({"width": 800, "height": 420})
    base = site.griot.url
    begin(page, f"{base}/")
    before = at(page)
    link = page.get_by_role("main").get_by_role("link", name="Les matins").last
    link.scroll_into_view_if_needed()
    scrolled = page.evaluate("scrollY")
    assert scrolled > 0
    link.click()
    expect(page).to_have_url(f"{base}/shows/les-matins")
    expect(page).to_have_title(re.compile("^Les matins – "))
    expect(page.get_by_role("heading", level=1, name="Les matins")).to_be_focused()
    assert page.evaluate("scrollY") == 0
    # What the page says to machines is the page's own, as if it had been loaded.
    fresh = context.new_page()
    fresh.goto(f"{base}/shows/les-matins")
    words = """() => [...document.head.querySelectorAll("meta, link, script")].map((one) => one.outerHTML).sort()"""
    assert page.evaluate(words) == fresh.evaluate(words)
    outline = """() => [...document.body.children].map((part) => part.localName + "." + part.className)"""
    assert page.evaluate(outline) == fresh.evaluate(outline)
    fresh.close()
    assert still_here(page)
    assert at(page) > before
    # The row of what is heard says so, here too.
    expect(page.locator("main li[aria-current]")).to_contain_text("en lecture")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Le fleuve")).click()
    expect(page).to_have_url(site.episode)
    expect(page.locator("griot-player [data-now-title]")).to_have_text(MIL)
    page.go_back()
    expect(page.locator("h1")).to_have_text("Les matins")
    assert focused(page).startswith("a Le fleuve")
    page.go_back()
    expect(page).to_have_title(re.compile("^(?!Les matins)"))
    page.wait_for_function(f"() => scrollY === {scrolled}")
    page.go_forward()
    expect(page.locator("h1")).to_have_text("Les matins")
    assert still_here(page)
    # A place inside the other page is gone to; a place inside this one is the browser's own business.
    page.evaluate("document.querySelector('main h3 a').href = '/playlists/tout#tracks'")
    page.evaluate("document.querySelector('main h3 a').click()")
    expect(page.locator("h2#tracks")).to_be_focused()
    expect(page.locator("h2#tracks")).to_be_in_viewport()
    page.evaluate("document.querySelector('.skip').click()")
    expect(page).to_have_url(f"{base}/playlists/tout#main")
    # A form that asks is a link too.
    page.evaluate(
        """() => {
          const form = document.createElement("form");
          form.innerHTML = '<input name="page" value="2">';
          form.action = "/playlists/tout";
          document.querySelector("main").append(form);
          form.requestSubmit();
        }"""
    )
    expect(page).to_have_url(f"{base}/playlists/tout?page=2")
    expect(page.locator(".track__index").first).to_have_text("51")
    # Another language is spoken by page, rows and player alike.
    page.get_by_role("link", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("griot-player").get_by_role("button", name=re.compile("^Pause: "))).to_be_visible()
    expect(page.locator("griot-player").get_by_role("button", name="Open the player")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Options: ")).first).to_be_visible()
    assert still_here(page)


def answering(answer: dict[str, Any]) -> Callable[[Route], None]:
    """Make what answers a request: as is said, or with a line that breaks."""
    return lambda route: route.fulfill(**answer) if answer else route.abort()


def test_before_the_first_play_links_are_links_and_a_failing_one_is_gone_to(
    site: Site, context: BrowserContext
) -> None:
    page = context.new_page()
    base = site.griot.url
    page.goto(f"{base}/")
    page.evaluate("window.marker = 'here'")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("main").get_by_role("link", name="Les matins").last.click()
    expect(page.locator("h1")).to_have_text("Les matins")
    assert page.evaluate("window.marker") is None
    # Nothing of what only a listener needs was asked for.
    assert [url for url in asked if re.search(r"^http://[^/]+/(listen|player)/", url)] == []

    begin(page, f"{base}/shows/les-matins")
    held: list[Route] = []
    page.route(f"{base}/playlists/le-journal", lambda route: held.extend([route]), times=1)
    page.evaluate(
        """(path) => {
          const link = document.querySelector("header a").cloneNode();
          link.href = path;
          document.querySelector("main").append(link);
          link.click();
        }""",
        "/playlists/le-journal",
    )
    page.wait_for_function("() => 'going' in document.documentElement.dataset")
    # A second click takes the place of the first, which is never shown.
    page.get_by_role("main").get_by_role("link", name=re.compile("^Le fleuve")).click()
    expect(page).to_have_url(site.episode)
    assert still_here(page)
    expect(page.locator("html")).not_to_have_attribute("data-going", re.compile(""))

    answers: tuple[dict[str, Any], ...] = (
        {"status": 500, "body": "x", "content_type": "text/html"},
        {"status": 200, "body": "x", "content_type": "text/plain"},
        {"status": 200, "body": "<p>Another house", "content_type": "text/html"},
        {},
    )
    for answer in answers:
        begin(page, f"{base}/shows/les-matins")
        page.route(f"{base}/", answering(answer), times=1)
        page.locator("header .brand").click()
        expect(page).to_have_url(f"{base}/")
        expect(page.locator("main .hero")).to_be_visible()
        assert page.evaluate("window.marker") is None


def test_a_first_visit_is_light(site: Site) -> None:
    for path in ("/", "/playlists/tout", "/shows/les-matins"):
        _, _, html = ask("GET", f"{site.griot.url}{path}?lang=fr")
        assets = re.findall(rb'"(/static/[^"]+\.(?:css|js))"', html)
        bodies = [html, *(ask("GET", site.griot.url + asset.decode())[2] for asset in assets)]
        kinds = {re.sub(rb"-[0-9a-f]+(?=\.)", b"", asset) for asset in assets}
        assert kinds >= {b"/static/site.css", b"/static/listen.js", b"/static/offline.js"}
        assert sum(len(gzip.compress(body, 9)) for body in bodies) <= FIRST_VISIT_BYTES
        later = re.search(rb'data-stay="([^"]+)"', html)
        assert later
        _, headers, script = ask("GET", site.griot.url + later[1].decode())
        assert "immutable" in headers["cache-control"]
        assert len(gzip.compress(script, 9)) <= STAY_BYTES
        assert ask("GET", f"{site.griot.url}/listen/fr-000000000000.js")[0] == 404
        assert ask("GET", f"{site.griot.url}/listen/tlh-000000000000.js")[0] == 404


def test_scripts_of_a_page_run_with_each_visit(site: Site, page: Page) -> None:
    """What a page's own script binds to its elements is there again when the page is."""
    show = f"{site.griot.url}/shows/les-matins"
    for name in ("ran", "once"):
        probe = {"body": f"window.{name} = (window.{name} ?? 0) + 1;", "content_type": "text/javascript"}
        page.route(f"**/{name}.js", answering(probe))

    def with_probe(route: Route) -> None:
        answer = route.fetch()
        tags = (
            '<script type="module" src="/static/once.js" data-stays></script>'
            '<script type="module" src="/static/ran.js"></script></main>'
        )
        route.fulfill(response=answer, body=answer.text().replace("</main>", tags))

    page.route(show, with_probe)
    begin(page, f"{site.griot.url}/")
    for visit in (1, 2):
        page.get_by_role("main").get_by_role("link", name="Les matins").last.click()
        expect(page).to_have_url(show)
        page.wait_for_function(f"() => window.ran === {visit} && window.once === 1")
        page.locator("header .brand").click()
        expect(page).to_have_url(f"{site.griot.url}/")
    assert still_here(page)


def test_the_queue_is_made_arranged_and_kept(site: Site, page: Page) -> None:
    base = site.griot.url
    begin(page, f"{base}/playlists/le-journal")
    player = page.locator("griot-player")
    page.go_back()
    page.goto(f"{base}/shows/les-matins")
    # After a fresh page the bar stands where it was left, silent, and the rest of the list follows.
    expect(player.locator("[data-now-title]")).to_have_text(MIL)
    begin(page, f"{base}/shows/les-matins", "Le fleuve")
    assert player.evaluate(ROWS)[-1] == TITLE
    options = page.get_by_role("button", name=f"Options : {MIL}")
    options.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Écouter ensuite")).to_be_focused()
    page.keyboard.press("Escape")
    expect(options).to_be_focused()
    expect(options).to_have_attribute("aria-expanded", "false")
    for way in ("Écouter ensuite", "Ajouter à la file", "Ajouter à la file"):
        options.click()
        page.get_by_role("button", name=way).click()
    expect(page.locator("[data-note]")).to_have_text(re.compile(f"^Ajouté à la file.: {MIL}"))
    current = player.evaluate("(player) => player.current")
    assert player.evaluate(ROWS)[current:] == [TITLE, MIL, MIL, MIL]

    page.get_by_role("button", name="Ouvrir le lecteur").click()
    items = page.locator(".queue__item:not(.queue__item--past)")
    expect(items).to_have_count(4)
    page.get_by_role("button", name="Réordonner").click()
    player.evaluate("(player) => { player.rows.at(-1).dataset.title = 'Z'; }")
    up = items.last.locator("[data-move='-1']")
    up.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-note]")).to_have_text(re.compile("place 2 sur 3"))
    expect(items.nth(2).locator("[data-move='-1']")).to_be_focused()
    page.keyboard.press("Enter")
    assert player.evaluate(ROWS)[current:] == [TITLE, "Z", MIL, MIL]
    items.nth(1).drag_to(items.nth(3), target_position={"x": 20, "y": 50})
    assert player.evaluate(ROWS)[current:] == [TITLE, MIL, MIL, "Z"]
    items.nth(3).locator("[data-away]").click()
    assert player.evaluate(ROWS)[current:] == [TITLE, MIL, MIL]
    page.get_by_role("button", name="Vider").click()
    expect(page.locator("[data-queue-none]")).to_be_visible()
    expect(page.locator("[data-queue-head]")).to_be_focused()
    assert player.evaluate(ROWS)[current:] == [TITLE]


def test_what_was_heard_is_found_after_a_reload_and_nothing_is_fetched(site: Site, page: Page) -> None:
    base = site.griot.url
    begin(page, f"{base}/shows/les-matins", "Le fleuve")
    player = page.locator("griot-player")
    page.get_by_role("button", name=f"Options : {MIL}").click()
    page.get_by_role("button", name="Ajouter à la file").click()
    # At its end the next one follows.
    player.evaluate("(player) => { player.seek(59.4); }")
    expect(player.locator("[data-now-title]")).to_have_text(MIL)
    moves(page)
    player.evaluate("(player) => { player.seek(30); player.pause(); }")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(player.locator("[data-now-title]")).to_have_text(MIL)
    expect(player.locator("[data-at]")).to_have_text("0:30")
    assert player.evaluate(ROWS)[-2:] == [TITLE, MIL]
    assert page.evaluate("document.querySelector('audio').paused") is True
    assert [url for url in asked if "/media/" in url and not url.endswith(".json")] == []
    expect(page.locator(f"main li:has-text('{MIL}')")).to_contain_text("encore 1 min")
    expect(page.locator("main li:has-text('Le fleuve')")).to_contain_text("écouté")
    # By the row, not by the bar: whatever makes it play, the lock screen tells of it.
    page.locator(f"main li:has-text('{MIL}') [data-play]").click()
    page.wait_for_function(f"() => {AT} > 30")
    page.wait_for_function(f"() => navigator.mediaSession.metadata?.title === '{MIL}'")


def test_a_long_list_goes_on_with_its_next_page(site: Site, page: Page) -> None:
    page.goto(f"{site.griot.url}/playlists/tout")
    page.locator("main .track").nth(49).locator("[data-play]").click()
    moves(page)
    player = page.locator("griot-player")
    # Who speaks goes with a track from its row into the queue and onto the lock screen.
    expect(player.locator("[data-now-show]")).to_have_text(
        "\u2068Awa Sidibala\u2069 · \u2068Les matins\u2069"
    )
    page.wait_for_function("() => navigator.mediaSession.metadata?.artist === 'Awa Sidibala'")
    page.wait_for_function(f"() => document.querySelector('griot-player').rows.length === {LONG_LIST}")
    player.evaluate("(player) => { player.seek(59.4); }")
    page.wait_for_function("() => document.querySelector('griot-player').current === 50")
    page.wait_for_function(PLAYING)


BAR_HEIGHT = 64
SMALL_TARGETS = """() => [...document.querySelectorAll("griot-player button")]
  .filter((button) => button.offsetParent && Math.min(button.offsetWidth, button.offsetHeight) < 44)
  .map((button) => button.outerHTML)"""


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A tab on a phone; what is thrown in it fails the test."""
    context = chromium.new_context(
        locale="fr-FR", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    context.set_default_timeout(20_000)
    tab = context.new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    yield tab
    context.close()
    assert errors == []


def test_on_a_phone_the_bar_grows_to_a_sheet_and_back_puts_it_away(site: Site, phone: Page) -> None:
    page = phone
    base = site.griot.url
    begin(page, f"{base}/playlists/tout")
    bar = page.locator("griot-player")
    box = bar.bounding_box()
    assert box is not None
    assert BAR_HEIGHT <= box["height"] <= BAR_HEIGHT + 1
    # The end of the page is not under it.
    page.evaluate("scrollTo(0, 1e6)")
    foot = page.locator("footer").bounding_box()
    assert foot is not None
    assert foot["y"] + foot["height"] <= 640 - BAR_HEIGHT + 1
    # Nor is what has the focus.
    link = page.locator("main .track").nth(20).locator("h3 a")
    link.focus()
    place = link.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] <= 640 - BAR_HEIGHT
    top = page.evaluate("scrollY")
    page.touchscreen.tap(150, 610)
    dialog = page.get_by_role("dialog", name="Lecteur")
    expect(dialog).to_be_visible()
    expect(page.get_by_role("button", name="Fermer le lecteur")).to_be_focused()
    assert page.evaluate(
        "[...document.body.children].every((part) => part.inert || part.localName === 'griot-player')"
    )
    assert page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches") is False
    assert still_here(page)
    for name in ("voice", "transport", "times", "choice", "queue", "more"):
        expect(page.locator(f"griot-player .{name}")).to_be_visible()
    # Everything is in reach of a thumb, at every width, and the page behind does not scroll.
    for width, height in ((320, 568), (640, 320), (360, 640)):
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.querySelector('griot-player').scrollWidth") <= width
        assert page.evaluate(SMALL_TARGETS) == []
    page.wait_for_selector("[data-help]", state="attached")
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(bar.get_by_role("button", name="Ouvrir le lecteur")).to_be_focused()
    assert page.evaluate("scrollY") == top
    page.touchscreen.tap(150, 610)
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(f"{base}/playlists/tout")
    page.go_forward()
    expect(dialog).to_be_visible()
    assert still_here(page)


def test_a_link_in_the_sheet_leads_on_and_the_bar_is_mirrored_in_part(site: Site, phone: Page) -> None:
    page = phone
    base = site.griot.url
    begin(page, f"{base}/playlists/tout")
    bar = page.locator("griot-player")
    dialog = page.get_by_role("dialog", name="Lecteur")
    page.touchscreen.tap(150, 610)
    expect(dialog).to_be_visible()
    # A link in it leads to the page, whose way back is the page below the sheet.
    bar.locator("[data-now-title]").click()
    expect(page).to_have_url(re.compile("/shows/les-matins/"))
    expect(page.locator("h1")).to_be_focused()
    expect(dialog).to_be_hidden()
    assert page.evaluate("[...document.body.children].some((part) => part.inert)") is False
    page.go_back()
    expect(page).to_have_url(f"{base}/playlists/tout")
    expect(page.locator("h1")).to_have_text("Tout")
    assert still_here(page)
    # From right to left the bar is mirrored; the time, the transport and the slider are not.
    page.evaluate("document.documentElement.dir = 'rtl'")
    cover, play = (bar.locator(name).bounding_box() for name in (".now__cover", "[data-do=play]"))
    assert cover is not None
    assert play is not None
    assert play["x"] < cover["x"]
    page.touchscreen.tap(250, 610)
    places = [bar.locator(f"[data-do=jump][data-by='{by}']").bounding_box() for by in (-15, 30)]
    assert places[0] is not None
    assert places[1] is not None
    assert places[0]["x"] < places[1]["x"]
    # A reload while it is open shows the page, and the way back is one step.
    page.reload()
    expect(bar.locator("[data-now-title]")).to_have_text(MIL)
    expect(dialog).to_be_hidden()
