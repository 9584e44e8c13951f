# SPDX-License-Identifier: AGPL-3.0-or-later
"""Kept for offline, in a real browser: what it costs who keeps nothing, and what works when there is no line."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.relay import Relay, relay_to
from tests.browser.test_accessibility import violations
from tests.browser.test_player import CHAPTERS, TITLE, Site
from tests.browser.test_upload import port_of
from tests.serving import ask, served
from tests.test_end_to_end_api import call, until_read, upload

pytestmark = pytest.mark.browser

DATA = Path(__file__).parent.parent / "data"
PIECE_BYTES = 262_144
SECONDS = 90
SOUND = "document.querySelector('audio')"
STORED = """async () => {
  const found = {};
  for (const name of await caches.keys()) {
    found[name] = (await (await caches.open(name)).keys()).map(({ url }) => url.slice(location.origin.length));
  }
  return found;
}"""
A_DAY_LATER = """async () => {
  const cache = await caches.open("griot-kept-1");
  for (const { url } of await cache.keys()) {
    if (!/\\/offline\\/kept\\/[^/]+$/.test(url)) continue;
    const record = await (await cache.match(url)).json();
    await cache.put(url, new Response(JSON.stringify({ ...record, at: record.at - 86_400_001 })));
  }
}"""
CONTROLLED = "() => navigator.serviceWorker.controller?.state === 'activated'"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests here, with sound that is larger than one piece."""
    with served(tmp_path_factory.mktemp("site")) as griot:
        yield Site(griot, DATA, seconds=SECONDS)


@pytest.fixture
def relay(site: Site) -> Iterator[Relay]:
    """The line to the server."""
    with relay_to(port_of(site.griot)) as relay:
        yield relay


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Page]:
    """A tab; it may complain of a lost line on the console, but no script of ours may throw."""
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert errors == []


def path_of(site: Site, episode: dict[str, Any] | None = None) -> str:
    """Give the path of an episode's page."""
    return f"/shows/les-matins/{(episode or site.first)['slug']}"


def keep(tab: Page, url: str, version: str = "light") -> None:
    """Keep an episode, by its page."""
    tab.goto(url)
    tab.locator(f"[data-keep-do={version}]").click()
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "kept")
    tab.wait_for_function(CONTROLLED)


def becomes(tab: Page, what: str) -> None:
    """Wait in the page until something is so that takes awaiting."""
    frames = f"for (let left = 2000; left && !({what}); left -= 1) await new Promise(requestAnimationFrame);"
    assert tab.evaluate(f"async () => {{ {frames} return {what}; }}"), what


def plays(tab: Page, beyond: float = 0.3) -> None:
    """Wait until the sound moves, beyond a place in seconds."""
    tab.wait_for_function(f"() => {SOUND}.currentTime > {beyond} && !{SOUND}.paused")


def kept_sound(tab: Page) -> str:
    """Give the path of the one sound that is kept."""
    note = "async () => (await (await caches.match(NAME)).json()).url"
    names = [path for path in tab.evaluate(STORED)["griot-kept-1"] if path.startswith("/offline/sound/")]
    assert len(names) == 1
    return str(tab.evaluate(note.replace("NAME", repr(names[0]))))


def test_who_keeps_nothing_pays_nothing(context: BrowserContext, relay: Relay, site: Site, tab: Page) -> None:
    tab.goto(relay.url + path_of(site))
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "offer")
    expect(tab.locator("[data-keep-do=light]")).to_contain_text("Garder hors ligne · ")
    assert tab.evaluate("() => navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    assert tab.evaluate(STORED) == {}
    assert context.cookies() == []
    assert relay.of_sound() == []
    paths = [path for _, path, _ in relay.asked]
    assert "/service-worker.js" not in paths
    assert not [path for path in paths if path.startswith("/static/offline/")]
    for path in ("/login", "/embed/episodes/les-matins/" + site.first["slug"]):
        tab.goto(relay.url + path)
        assert tab.evaluate("() => navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


def test_without_a_script_or_a_store_the_page_says_so_and_offers_nothing(
    chromium: Browser, relay: Relay, site: Site
) -> None:
    context = chromium.new_context(locale="fr-FR", java_script_enabled=False)
    bare = context.new_page()
    bare.goto(f"{relay.url}/offline")
    expect(bare.locator("[data-kept-empty]")).to_be_hidden()
    bare.goto(relay.url + path_of(site))
    expect(bare.locator("griot-keep")).to_be_hidden()
    context.close()
    context = chromium.new_context(locale="fr-FR")
    context.add_init_script(
        "CacheStorage.prototype.has = () => { throw new DOMException('', 'SecurityError'); }"
    )
    refused = context.new_page()
    refused.goto(relay.url + path_of(site))
    expect(refused.locator("griot-keep")).to_have_attribute("data-state", "never")
    expect(refused.locator("griot-keep")).to_be_hidden()
    refused.goto(f"{relay.url}/offline")
    expect(refused.locator("[data-kept-never]")).to_be_visible()
    context.close()


def test_a_kept_episode_is_heard_sought_and_removed_without_a_line(
    context: BrowserContext, relay: Relay, site: Site, tab: Page
) -> None:
    keep(tab, relay.url + path_of(site))
    url = kept_sound(tab)
    assert url.endswith(".m4a")
    # Once, whole, and only the version that was chosen.
    assert relay.of_sound() == [("GET", f"{url}?source=download", "")]
    whole = ask("GET", site.griot.url + url)[2]
    context.set_offline(True)
    relay.down = True

    tab.goto(f"{relay.url}/offline")
    row = tab.locator("[data-kept-list] > li")
    expect(row.get_by_role("link", name=TITLE, exact=True)).to_be_visible()
    expect(tab.locator("[data-kept-sum]")).to_contain_text("1 épisode · ")
    expect(tab.locator("[data-kept-room]")).to_contain_text(" sur ")
    assert row.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth > 0)")
    assert violations(tab) == []
    row.locator("[data-play]").click()
    plays(tab)
    assert tab.evaluate(f"() => new URL({SOUND}.currentSrc).pathname") == url
    tab.evaluate(f"() => {{ {SOUND}.currentTime = {SECONDS - 6}; }}")
    plays(tab, SECONDS - 5.5)
    assert tab.evaluate(f"() => {SOUND}.duration") == pytest.approx(SECONDS, abs=1)

    # The page itself, as it was kept, with its chapters.
    tab.goto(relay.url + path_of(site))
    expect(tab.locator("h1")).to_have_text(TITLE.replace(" :", "\u202f:"))
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "kept")
    tab.locator(f"[data-chapter='{CHAPTERS[2][1]}']").first.click()
    plays(tab, CHAPTERS[2][1] + 0.3)
    chapters = tab.evaluate("(path) => fetch(path).then((answer) => answer.json())", chapters_of(tab))
    assert [one["title"] for one in chapters["chapters"]] == [title for title, _ in CHAPTERS]

    exact(tab, url, whole)
    another_version(tab)
    goes_on_without_a_line(tab)
    # Another page that is not here gives the list, and says why.
    tab.goto(f"{relay.url}/playlists/le-journal")
    expect(tab.locator("[data-kept-elsewhere]")).to_be_visible()
    expect(row).to_have_count(1)

    row.locator("[data-kept-remove]").click()
    dialog = tab.get_by_role("dialog")
    expect(dialog).to_contain_text(TITLE)
    dialog.get_by_role("button", name="Garder").click()
    expect(row).to_have_count(1)
    row.locator("[data-kept-remove]").click()
    dialog.get_by_role("button", name="Retirer").click()
    expect(tab.locator("[data-kept-empty]")).to_be_visible()
    assert [name for name in tab.evaluate(STORED) if not name.startswith("griot-shell-")] == []


def goes_on_without_a_line(tab: Page) -> None:
    """Open the sheet with its panel, and go from page to page while the sound goes on."""
    tab.locator("griot-player [data-sheet]").click()
    expect(tab.locator("griot-player[data-open] [data-more]")).to_contain_text("Partager")
    tab.keyboard.press("Escape")
    tab.evaluate("() => { window.marker = 'here'; }")
    tab.locator("header a[href='/'], header a").first.click()
    expect(tab.locator("[data-kept-elsewhere]")).to_be_visible()
    tab.locator("[data-kept-list] [data-kept-title]").click()
    expect(tab.locator("h1")).to_have_text(TITLE.replace(" :", "\u202f:"))
    assert tab.evaluate(f"() => window.marker === 'here' && !{SOUND}.paused") is True


def chapters_of(tab: Page) -> str:
    """Give the path of the chapters that were kept."""
    (found,) = [path for path in tab.evaluate(STORED)["griot-kept-1"] if path.endswith("/chapters.json")]
    return str(found)


def exact(tab: Page, url: str, whole: bytes) -> None:
    """Ask for ranges as players do, and compare every byte and header with what the server has."""
    script = """async ([url, range]) => {
      const answer = await fetch(url, range ? { headers: { Range: range } } : {});
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return {
        status: answer.status, size: bytes.length, hash: [...hash], type: answer.headers.get("Content-Type"),
        length: answer.headers.get("Content-Length"), range: answer.headers.get("Content-Range"),
      };
    }"""
    edge = f"bytes={PIECE_BYTES - 3}-{PIECE_BYTES + 2}"
    size = len(whole)
    wanted = {
        "": (200, 0, size), "bytes=0-": (206, 0, size), "bytes=0-0": (206, 0, 1),
        "bytes=100-299": (206, 100, 300), "bytes=-77": (206, size - 77, size),
        "bytes=-99999999": (206, 0, size), edge: (206, PIECE_BYTES - 3, PIECE_BYTES + 3),
        f"bytes={size - 1}-": (206, size - 1, size), "bytes=5-4": (200, 0, size), "items=0-1": (200, 0, size),
        "bytes=0-1,5-6": (200, 0, size),
    }  # fmt: skip
    assert size > PIECE_BYTES + 3
    for number, (range_, (status, first, end)) in enumerate(wanted.items()):
        found = tab.evaluate(script, [f"{url}?source={('page', 'feed', 'x')[number % 3]}", range_])
        part = whole[first:end]
        assert (found["status"], found["size"], found["length"]) == (status, len(part), str(len(part))), (
            range_
        )
        assert bytes(found["hash"]) == hashlib.sha256(part).digest(), range_
        assert found["range"] == (f"bytes {first}-{end - 1}/{size}" if status == 206 else None)
        assert found["type"] == "audio/mp4"
    beyond = tab.evaluate(script, [url, f"bytes={size}-"])
    assert (beyond["status"], beyond["range"], beyond["size"]) == (416, f"bytes */{size}", 0)


def another_version(tab: Page) -> None:
    """Without a line, whoever wants the version that is not here gets the one that is, from its beginning alone."""
    found = tab.evaluate(
        """async () => {
          const { sounds, name } = document.querySelector(".hero").dataset;
          const url = `/media/${sounds.split(" ")[1]}/${name}.mp3`;
          const part = { headers: { Range: "bytes=1000-" } };
          const later = await fetch(url, part).then(() => "answered", () => "refused");
          const audio = new Audio(url);
          await audio.play();
          while (audio.currentTime < 0.3) await new Promise(requestAnimationFrame);
          audio.currentTime = 60;
          while (audio.seeking || audio.currentTime < 60.3) await new Promise(requestAnimationFrame);
          audio.pause();
          return [later, (await fetch(url)).headers.get("Content-Type")];
        }"""
    )
    assert found == ["refused", "audio/mp4"]


def lose_the_line(relay: Relay, tab: Page, button: str) -> None:
    """Press a button that keeps, and end the line when the first piece is here and the second is not."""
    relay.asked.clear()
    relay.stop_at = PIECE_BYTES + 50_000
    tab.locator(f"[data-keep-do={button}]").click()
    tab.wait_for_function(
        "() => caches.open('griot-sound-1').then((c) => c.keys()).then((all) => all.length > 0)"
    )
    becomes(tab, "(await (await caches.open('griot-sound-1')).keys()).length > 0")
    relay.cut()
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "lost")


def test_a_lost_line_goes_on_and_what_is_stopped_leaves_nothing(relay: Relay, site: Site, tab: Page) -> None:
    element = tab.locator("griot-keep")
    tab.goto(relay.url + path_of(site))
    lose_the_line(relay, tab, "normal")
    expect(element.locator("[data-keep-news]")).to_contain_text("connexion")
    relay.down = False
    tab.evaluate("() => dispatchEvent(new Event('online'))")
    expect(element).to_have_attribute("data-state", "kept")
    # One version is here: the player offers no other.
    expect(tab.locator("[data-choice]")).to_be_hidden()
    assert [range_ for _, _, range_ in relay.of_sound()] == ["", f"bytes={PIECE_BYTES}-"]
    tab.locator("[data-keep-do=remove]:visible").click()
    expect(element).to_have_attribute("data-state", "offer")

    # Broken off by the end of the tab: the next one goes on where it was.
    lose_the_line(relay, tab, "normal")
    relay.down = False
    tab.goto(relay.url + "/offline")
    expect(tab.locator("[data-kept-list]")).to_contain_text("inachevé")
    tab.goto(relay.url + path_of(site))
    expect(element).to_have_attribute("data-state", "broken")
    lose_the_line(relay, tab, "go")
    assert [range_ for _, _, range_ in relay.of_sound()] == [f"bytes={PIECE_BYTES}-"]
    tab.locator("[data-keep-do=cancel]").click()
    expect(element).to_have_attribute("data-state", "offer")
    assert [name for name in tab.evaluate(STORED) if not name.startswith("griot-shell-")] == []


@pytest.mark.parametrize(
    "refusal",
    [
        "StorageManager.prototype.estimate = async () => ({ quota: 90_000, usage: 1 });",
        """const put = Cache.prototype.put;
        Cache.prototype.put = function (name, answer) {
          if (/\\/offline\\/sound\\/[^/]+\\/1$/.test(name)) throw new DOMException("", "QuotaExceededError");
          return put.call(this, name, answer);
        };""",
    ],
    ids=["known before", "met half-way"],
)
def test_where_there_is_no_room_that_is_said_and_nothing_is_half_kept(
    relay: Relay, site: Site, tab: Page, refusal: str
) -> None:
    tab.add_init_script(refusal)
    tab.goto(relay.url + path_of(site))
    tab.locator("[data-keep-do=light]").click()
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "failed")
    expect(tab.locator("[data-keep-news]")).to_contain_text("pas assez de place")
    expect(tab.locator("[data-keep-do=light]")).to_be_visible()
    stored = tab.evaluate(STORED)
    assert [paths for name, paths in stored.items() if not name.startswith("griot-shell-") and paths] == []
    assert bool(relay.of_sound()) == ("put" in refusal)


def test_an_update_never_breaks_a_running_tab(
    context: BrowserContext, relay: Relay, site: Site, tab: Page
) -> None:
    keep(tab, relay.url + path_of(site))
    (old,) = [name for name in tab.evaluate(STORED) if name.startswith("griot-shell-")]
    script = tab.locator("griot-keep").get_attribute("data-script")
    tab.locator(".hero [data-play]").click()
    plays(tab)

    relay.version = "next"
    state = """async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      await registration.update();
      const coming = registration.installing ?? registration.waiting;
      if (coming?.state === "installing") await new Promise((done) => { coming.onstatechange = done; });
      return [registration.waiting?.state, registration.active.state];
    }"""
    assert tab.evaluate(state) == ["installed", "activated"]
    # The next version knows the old one's parts no longer.
    relay.forgotten = (str(script), "/player/")
    assert {name for name in tab.evaluate(STORED) if name.startswith("griot-shell-")} == {
        old,
        "griot-shell-next",
    }
    # The running tab plays on, and its parts answer although no server has them.
    at = float(tab.evaluate(f"() => {SOUND}.currentTime"))
    plays(tab, at + 0.3)
    extras = tab.locator("griot-player").get_attribute("data-extras")
    for part in (script, extras):
        assert (
            tab.evaluate("(path) => fetch(path, { cache: 'no-store' }).then(({ status }) => status)", part)
            == 200
        )
        assert ask("GET", relay.url + str(part))[0] == 404
    tab.reload()
    assert old in tab.evaluate(STORED)

    # Once no tab runs on the old one, the new one takes over and clears up; what is kept stays.
    tab.close()
    relay.forgotten = ()
    other = context.new_page()
    other.goto(f"{relay.url}/offline")
    becomes(other, f"!(await caches.has('{old}'))")
    other.reload()
    expect(other.locator("[data-kept-list] > li")).to_have_count(1)
    context.set_offline(True)
    relay.down = True
    other.reload()
    other.locator("[data-kept-list] [data-play]").click()
    plays(other)


def test_what_is_withdrawn_goes_and_what_is_private_never_comes(
    context: BrowserContext, relay: Relay, site: Site, tab: Page
) -> None:
    audio = upload(site.griot, site.token, (DATA / "audio" / "mp3-vbr.mp3").read_bytes())
    until_read(site.griot, site.token, audio["id"])
    passing = site.publish("Un son qui part", audio["id"])
    keep(tab, relay.url + path_of(site, passing))
    keep(tab, relay.url + path_of(site) + "?lang=en")
    for path in ("/login", "/embed/episodes/les-matins/" + site.first["slug"], "/search?q=x", "/"):
        tab.goto(relay.url + path)
    stored = [path for paths in tab.evaluate(STORED).values() for path in paths]
    assert not [
        path for path in stored if path.startswith(("/login", "/studio", "/embed", "/api", "/search"))
    ]
    assert "/" not in stored
    # An embed is somebody else's page: without a line the browser says so, and not we.
    relay.down = True
    other = context.new_page()
    with pytest.raises(PlaywrightError, match="ERR_"):
        other.goto(f"{relay.url}/embed/episodes/les-matins/{site.first['slug']}?theme=dark")
    # The page is in the language in which it was kept, whatever the browser prefers.
    tab.goto(relay.url + path_of(site))
    expect(tab.locator("html")).to_have_attribute("lang", "en")
    relay.down = False

    # Words that were mended come with the next visit of another day.
    call(site.api, "PATCH", f"/episodes/{passing['id']}", site.token, {"notes": "Corrigé depuis."}, 200)
    tab.evaluate(A_DAY_LATER)
    tab.goto(relay.url + path_of(site, passing))
    expect(tab.locator("griot-keep")).to_have_attribute("data-state", "kept")
    page = f"await (await caches.match('{path_of(site, passing)}', {{ ignoreVary: true }})).text()"
    becomes(tab, f"({page}).includes('Corrigé depuis.')")

    call(site.api, "POST", f"/episodes/{passing['id']}/withdraw", site.token, {}, 200)
    tab.goto(f"{relay.url}/offline")
    expect(tab.locator("[data-kept-news]")).to_contain_text("Un son qui part")
    expect(tab.locator("[data-kept-list] > li")).to_have_count(1)
    stored = [path for paths in tab.evaluate(STORED).values() for path in paths]
    assert path_of(site, passing) not in stored
    assert len([path for path in stored if path.startswith("/offline/kept/")]) == 2
