# SPDX-License-Identifier: AGPL-3.0-or-later
"""Offline: the worker, its page and the application as the server gives them."""

import gzip
import io
import json
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image, ImageChops
from selectolax.lexbor import LexborHTMLParser as HtmlParser

from podcasts.audio.sign import ICONS, draw_sign
from podcasts.bootstrap import Griot
from podcasts.i18n import LANGUAGES
from podcasts.paths import static_folder
from podcasts.web.app import create_app
from podcasts.web.assets import Assets
from tests.factories import make_episode, make_show

BASE = "https://radio.example.org"
DOOR_BYTES = 1_536
WORKER_BYTES = 6_144


@pytest.fixture
def client(embedded: Griot) -> FlaskClient:
    """A site with an episode."""
    with embedded.database.writing() as session:
        make_episode(session, make_show(session, slug="matin"))
        session.commit()
    return create_app(embedded).test_client()


def of(page: HtmlParser, place: str, name: str) -> str:
    """Read an attribute of the one element in a place."""
    (node,) = page.css(place)
    return str(node.attributes[name])


def test_the_worker_serves_the_whole_site_and_is_asked_for_each_time(client: FlaskClient) -> None:
    response = client.get("/service-worker.js", base_url=BASE)
    assert response.mimetype == "text/javascript"
    assert response.headers["Cache-Control"] == "no-cache"
    assert "'self'" in response.headers["Content-Security-Policy"]
    given = json.loads(re.match(r"const GRIOT=(\{.*\});\n", response.text)[1])  # type: ignore[index]  # it is there
    assert given["pages"] == [f"/offline?lang={language}" for language in LANGUAGES]
    assert re.fullmatch(r"[0-9a-f]{12}", given["version"])
    # It waits for the tabs of the old version: nothing in it hurries.
    assert "skipWaiting" not in response.text
    again = client.get(
        "/service-worker.js", base_url=BASE, headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


def test_the_shell_is_another_when_any_part_of_the_site_is() -> None:
    bodies = {"a.js": b"1", "b.css": b"2"}
    one = Assets(bodies).digest()
    assert Assets(bodies).digest() == one
    assert Assets(bodies | {"b.css": b"3"}).digest() != one


def test_what_a_first_visit_pays_is_next_to_nothing() -> None:
    assets = Assets.load(static_folder())
    assert len(gzip.compress(assets.source("offline.js"), 9)) <= DOOR_BYTES
    assert len(gzip.compress(assets.source("worker.js"), 9)) <= WORKER_BYTES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_what_is_kept_speaks_each_language(client: FlaskClient, language: str) -> None:
    response = client.get(f"/offline?lang={language}", base_url=BASE)
    page = HtmlParser(response.text)
    assert of(page, "html", "lang") == language
    assert response.headers["Content-Language"] == language
    assert of(page, 'meta[name="robots"]', "content") == "noindex"
    assert len("".join(node.text() for node in page.css("main noscript"))) > 40
    words = json.loads(of(page, "griot-kept", "data-words"))
    assert all(words.values())
    assert ("%1" in words["many"], "%2" in words["many"], "%s" in words["remove"]) == (True, True, True)
    assert "Set-Cookie" not in response.headers


def test_listeners_pages_lead_to_it_and_the_studio_and_embeds_do_not(client: FlaskClient) -> None:
    home = HtmlParser(client.get("/", base_url=BASE).text)
    assert home.css_first('.foot a[href="/offline"]')
    assert home.css_first('link[rel="manifest"]')
    embed = client.get("/embed/shows/matin", base_url=BASE).text
    assert "manifest" not in embed
    assert "griot-keep" not in embed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_site_can_be_installed_as_an_application(client: FlaskClient, language: str) -> None:
    home = HtmlParser(client.get(f"/?lang={language}", base_url=BASE).text)
    response = client.get(of(home, 'link[rel="manifest"]', "href"), base_url=BASE)
    assert response.mimetype == "application/manifest+json"
    found = json.loads(response.data)
    assert (found["lang"], found["display"]) == (language, "standalone")
    assert found["dir"] == ("rtl" if language == "ar" else "ltr")
    assert (found["name"], found["start_url"], found["scope"]) == ("Griot", "/", "/")
    purposes = set()
    for icon in found["icons"]:
        picture = client.get(icon["src"], base_url=BASE)
        assert (picture.status_code, picture.mimetype) == (200, icon["type"])
        purposes.add((icon["sizes"], icon["purpose"]))
        if icon["type"] == "image/png":
            with Image.open(io.BytesIO(picture.data)) as image:
                assert icon["sizes"] == f"{image.width}x{image.height}"
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= purposes


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_our_sign_as_it_is_drawn(name: str) -> None:
    side, rounded = ICONS[name]
    with (
        Image.open(static_folder() / "icons" / name) as kept,
        Image.open(io.BytesIO(draw_sign(side, rounded=rounded))) as drawn,
    ):
        assert ImageChops.difference(kept, drawn).getbbox() is None
        corner = kept.getpixel((0, 0))
        assert isinstance(corner, tuple)
        assert (corner[3] == 0) is rounded
