# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that the player does can be done with the keyboard alone, and it is always seen where one is."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page

from tests.browser.test_accessibility import sign_in
from tests.browser.test_player import AT, Site, moves
from tests.serving import served

pytestmark = pytest.mark.browser

MOST_STOPS = 120
AROUND_PX = 10
SEEN_PIXELS = 60
"""A ring of 3 px around the smallest control has far more; a caret or a hairline has fewer."""

DRAWN_BY_THE_BROWSER = {"audio", "input date", "input time", "input datetime-local"}
"""Where the ring is around a part that no script sees."""

HERE = """() => {
  const here = document.activeElement;
  if (!here || here === document.body || here === document.documentElement) return null;
  const name = here.ariaLabel ?? here.labels?.[0]?.textContent ?? here.textContent;
  // What is drawn for a checkbox may be drawn at its label.
  const parts = [here, ...(here.matches("[type=radio], [type=checkbox]") ? here.labels : [])];
  const boxes = parts.map((part) => part.getBoundingClientRect());
  const [left, top] = ["left", "top"].map((side) => Math.min(...boxes.map((box) => box[side])));
  const [right, bottom] = ["right", "bottom"].map((side) => Math.max(...boxes.map((box) => box[side])));
  globalThis.visited ??= [];
  if (!visited.includes(here)) visited.push(here);
  return { name: name.trim().replace(/\\s+/g, " "), kind: here.localName, type: here.type ?? "",
           left, top, right, bottom, place: visited.indexOf(here), inPlayer: Boolean(here.closest("griot-player")) };
}"""

TO_THE_BEGINNING = """() => {
  const first = document.createElement("span");
  first.tabIndex = -1;
  document.body.prepend(first);
  first.focus();
  first.remove();
  globalThis.visited = [];
}"""
"""Tab goes on from where the focus was, even when that is gone."""

NO_RING = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("*:focus-visible, *:focus-visible + * { outline: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""


@dataclass(frozen=True)
class Stop:
    """Where the Tab key stopped.

    Attributes:
        name: what is read there.
        kind: its element, with its type ("input range").
        in_player: whether it belongs to the player.
        seen: whether the screen shows that one is there.
    """

    name: str
    kind: str
    in_player: bool
    seen: bool


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One server for all tests that change nothing on it."""
    with served(tmp_path_factory.mktemp("site")) as griot:
        yield Site(griot, Path(__file__).parent.parent / "data")


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A tab as wide as a phone, of somebody who has a keyboard and nothing else."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 360, "height": 740})
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def walk(page: Page) -> list[Stop]:
    """Press Tab from the beginning of a page until it leaves the page, or begins again.

    Raises:
        AssertionError: it goes round in circles: a trap.
    """
    page.evaluate(TO_THE_BEGINNING)
    stops: list[Stop] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here is None or (here["place"] == 0 and len(stops) > 1):
            return stops
        if here["place"] < len(stops):
            # The browser's own controls of a sound, and the parts of a date, are one place with several stops.
            assert here["place"] == len(stops) - 1, f"{page.url}: back at {here['name']!r}"
            continue
        kind = f"{here['kind']} {here['type']}".strip()
        seen = kind in DRAWN_BY_THE_BROWSER or _is_seen(page, here)
        stops.append(Stop(here["name"], kind, here["inPlayer"], seen))
    raise AssertionError(f"{page.url} is never left: {stops[-5:]}")


def _is_seen(page: Page, here: dict[str, float]) -> bool:
    """Compare the picture of a control in focus with its picture without; the focus stays where it is."""
    with_focus = _picture(page, here)
    page.evaluate("() => { globalThis.left = document.activeElement; left.blur(); }")
    without = _picture(page, here)
    page.evaluate("() => left.focus({ preventScroll: true, focusVisible: true })")
    changed = ImageChops.difference(with_focus, without).convert("L").point(lambda level: 255 * (level > 40))
    return changed.histogram()[255] >= SEEN_PIXELS


def _picture(page: Page, here: dict[str, float]) -> Image.Image:
    size = page.viewport_size or {"width": 0, "height": 0}
    left, top = max(0, here["left"] - AROUND_PX), max(0, here["top"] - AROUND_PX)
    right = min(size["width"], here["right"] + AROUND_PX)
    bottom = min(size["height"], here["bottom"] + AROUND_PX)
    assert right > left, here
    assert bottom > top, here
    clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    return Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")  # type: ignore[arg-type]  # a plain dict


def unseen(stops: list[Stop]) -> list[str]:
    """List where nobody sees where they are."""
    return [f"{stop.kind}: {stop.name}" for stop in stops if not stop.seen]


def go_to(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        here = page.evaluate(HERE)
        if here and re.match(name, here["name"]):
            return
    raise AssertionError(name)


FUNCTIONS = (
    *("Écouter", "Position", "Vitesse", "Reculer de 15 secondes", "Avancer de 30 secondes", "Couper le son"),
    *("Volume", "S'arrêter après", "Partager", "Télécharger", "Réglages", "Raccourcis"),
)
OF_LISTS = ("Titre précédent", "Titre suivant", "Répéter", "Dans le désordre")


@pytest.mark.parametrize("kind", ["embed", "playlist", "episode"])
def test_tab_reaches_every_function_and_is_seen_everywhere(site: Site, phone: Page, kind: str) -> None:
    phone.goto(getattr(site, kind))
    if kind == "episode":
        phone.set_viewport_size({"width": 1280, "height": 900})
        stops = walk(phone)
        assert unseen(stops) == []
        assert [stop.name for stop in stops[:2]] == ["Aller au contenu", "Aller au lecteur"]
    phone.evaluate(TO_THE_BEGINNING)
    go_to(phone, "Ouvrir le lecteur" if kind == "episode" else "Autres réglages")
    phone.keyboard.press("Enter")
    phone.locator("griot-player [data-settings] summary").wait_for()
    go_to(phone, "Réglages")
    phone.keyboard.press("Enter")
    stops = [stop for stop in walk(phone) if stop.in_player or kind != "episode"]
    assert unseen(stops) == []
    names = [stop.name for stop in stops if stop.in_player]
    wanted = FUNCTIONS + (OF_LISTS if kind == "playlist" else ())
    assert [word for word in wanted if not any(name.startswith(word) for name in names)] == [], names
    # One after another, as they are read; nothing is visited twice.
    assert len({(stop.name, stop.kind) for stop in stops if stop.kind == "button button"}) == len(
        [stop for stop in stops if stop.kind == "button button"]
    )


def test_the_keyboard_alone_plays_seeks_and_chooses(site: Site, phone: Page) -> None:
    phone.goto(site.embed)
    go_to(phone, "Écouter")
    phone.keyboard.press("Enter")
    moves(phone)
    phone.keyboard.press("k")
    assert phone.evaluate("document.querySelector('audio').paused") is True
    phone.evaluate(TO_THE_BEGINNING)
    go_to(phone, "Position")
    # Nobody has to drag (WCAG 2.5.7).
    phone.keyboard.press("Home")
    for key, least in (
        ("ArrowRight", 9.5),
        ("ArrowRight", 19.5),
        ("5", 29.5),
        ("ArrowLeft", 19.5),
        ("9", 53),
    ):
        phone.keyboard.press(key)
        phone.wait_for_function(f"(least) => {AT} >= least && {AT} < least + 2", arg=least)
    go_to(phone, "Chapitres")
    phone.keyboard.press("Enter")
    go_to(phone, r"0:20 L.entretien")
    phone.keyboard.press("Enter")
    phone.wait_for_function(f"() => {AT} >= 20 && {AT} < 25")
    moves(phone)


def test_a_key_outside_the_player_is_nobodys_business(site: Site, phone: Page) -> None:
    """WCAG 2.1.4: keys of one letter are ours only while the focus is inside the player."""
    phone.goto(site.episode)
    go_to(phone, "Écouter")
    phone.keyboard.press("Enter")
    moves(phone)
    phone.evaluate("() => document.activeElement.blur()")
    for key in ("k", "m", "l", "0", " "):
        phone.keyboard.press(key)
    assert phone.evaluate("document.querySelector('audio').paused") is False
    assert phone.evaluate("document.querySelector('audio').muted") is False
    # The skip link leads into the player, and there they work.
    phone.evaluate(TO_THE_BEGINNING)
    go_to(phone, "Aller au lecteur")
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    assert phone.evaluate(HERE)["inPlayer"] is True
    phone.keyboard.press("m")
    phone.wait_for_function("() => document.querySelector('audio').muted")


def test_a_focus_that_nobody_sees_is_noticed(site: Site, phone: Page) -> None:
    """Without this, the walk could look at nothing."""
    phone.goto(site.embed)
    phone.evaluate(NO_RING)
    assert len(unseen(walk(phone))) > 5


@pytest.mark.long
def test_the_studio_is_walked_by_keyboard(site: Site, phone: Page) -> None:
    phone.set_viewport_size({"width": 1280, "height": 900})
    sign_in(phone, site.griot.url)
    episode = f"/episodes/{site.first['id']}"
    for path in ("/", "/upload", "/episodes", "/playlists/le-journal", "/shows/les-matins", episode):
        phone.goto(f"{site.griot.url}/studio{path}")
        stops = walk(phone)
        assert unseen(stops) == [], path
        assert stops[0].name == "Aller au contenu"
