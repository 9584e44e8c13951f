# SPDX-License-Identifier: AGPL-3.0-or-later
"""oEmbed: what WordPress, Ghost and others get for one of our addresses."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from podcasts.bootstrap import Griot
from podcasts.models import Artwork, SlugEntry
from podcasts.web.app import create_app
from tests.factories import MORNING, make_episode, make_playlist, make_show

BASE = "https://radio.example.org"


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    with griot.database.writing() as session:
        artwork = Artwork(
            public_key="pic",
            feed_key="f",
            page_key="p",
            small_key="s",
            thumb_key="t",
            width_px=1400,
            feed_size_bytes=1,
            created_at=MORNING,
        )
        session.add(artwork)
        session.flush()
        show = make_show(session, slug="eco", title='Éco "clair" <b>', author="Awa", artwork_id=artwork.id)
        row = make_episode(session, show, slug="bus", title="Les bus & nous <i>")
        session.add(SlugEntry(kind="show", scope="", slug="old", subject_id=show.id, created_at=MORNING))
        make_playlist(session, [row], slug="jour", title="Le journal")
        session.commit()
    return create_app(griot).test_client()


def _ask(client: FlaskClient, url: str, **more: str) -> Any:
    return client.get("/oembed", query_string={"url": url, **more})


@pytest.mark.parametrize(
    ("url", "title", "player"),
    [
        (f"{BASE}/shows/eco/bus", "Les bus & nous <i>", "/embed/episodes/eco/bus"),
        (f"{BASE}/shows/eco/bus/?utm=x#t=3", "Les bus & nous <i>", "/embed/episodes/eco/bus"),
        (
            f"{BASE}/shows/eco/bus?theme=dark&accent=%23FC0&lang=en&t=1:30&x=%22%3E",
            "Les bus & nous <i>",
            "/embed/episodes/eco/bus?theme=dark&accent=ffcc00&lang=en&t=1:30",
        ),
        (
            f"{BASE}/shows/eco/bus?theme=%22%3E&accent=red%3B&lang=xx&t=1%3Cb%3E&layout=..%2F",
            "Les bus & nous <i>",
            "/embed/episodes/eco/bus",
        ),
        ("http://radio.example.org/shows/eco/bus", "Les bus & nous <i>", "/embed/episodes/eco/bus"),
        (f"{BASE}/shows/old/bus", "Les bus & nous <i>", "/embed/episodes/eco/bus"),
        (f"{BASE}/embed/episodes/eco/bus", "Les bus & nous <i>", "/embed/episodes/eco/bus"),
        (f"{BASE}/shows/eco", 'Éco "clair" <b>', "/embed/shows/eco"),
        (f"{BASE}/playlists/jour", "Le journal", "/embed/playlists/jour"),
    ],
)
def test_every_page_with_a_player_has_a_description(
    client: FlaskClient, url: str, title: str, player: str
) -> None:
    response = _ask(client, url)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    found = response.json
    assert (found["type"], found["version"], found["title"]) == ("rich", "1.0", title)
    html = HTMLParser(found["html"])
    iframe = html.css_first("iframe")
    assert iframe is not None
    assert iframe.attributes["src"] == BASE + player
    assert iframe.attributes["title"] == title
    quote = html.css_first("blockquote.wp-embedded-content a")
    assert quote is not None
    assert quote.text() == title
    assert html.css_first("i, b") is None


def test_the_width_is_a_whole_number_within_what_was_asked_for(client: FlaskClient) -> None:
    whole = _ask(client, f"{BASE}/shows/eco/bus").json
    assert (whole["width"], whole["height"]) == (640, 412)
    small = _ask(client, f"{BASE}/shows/eco/bus", maxwidth="300", maxheight="120").json
    assert (small["width"], small["height"]) == (300, 120)
    assert 'width="300" height="120"' in small["html"]
    for strange in ("0", "-1", "1e3", "²", "9" * 400, "\x00", "640px"):
        said = _ask(client, f"{BASE}/shows/eco/bus", maxwidth=strange, maxheight=strange).json
        assert (said["width"], said["height"]) == (640, 412)
    mini = _ask(client, f"{BASE}/shows/eco/bus?layout=mini").json
    assert mini["height"] == 200


@pytest.mark.parametrize(
    ("limit", "name"), [("2000", "cover.jpg"), ("700", "cover-600.webp"), ("80", "cover-72.webp")]
)
def test_the_picture_is_the_largest_within_the_limits(client: FlaskClient, limit: str, name: str) -> None:
    found = _ask(client, f"{BASE}/shows/eco", maxwidth=limit).json
    assert found["thumbnail_url"] == f"{BASE}/media/pic/{name}"
    assert found["thumbnail_width"] <= int(limit)


def test_no_picture_is_named_where_all_are_too_large(client: FlaskClient) -> None:
    assert "thumbnail_url" not in _ask(client, f"{BASE}/shows/eco", maxwidth="50").json


def test_xml_says_the_same(client: FlaskClient) -> None:
    response = _ask(client, f"{BASE}/shows/eco/bus", format="xml")
    assert response.headers["Content-Type"].startswith("text/xml")
    root = ET.fromstring(response.data)  # noqa: S314 - our own document
    said = _ask(client, f"{BASE}/shows/eco/bus").json
    assert {node.tag: node.text for node in root} == {name: str(value) for name, value in said.items()}


def test_another_format_is_501(client: FlaskClient) -> None:
    assert _ask(client, f"{BASE}/shows/eco/bus", format="yaml").status_code == 501


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        f"{BASE}/",
        f"{BASE}/shows/none",
        f"{BASE}/shows/eco/none",
        f"{BASE}/playlists/none",
        f"{BASE}/login",
        f"{BASE}/shows/eco/feed.xml",
        "https://radio.example.org.evil.example/shows/eco",
        "https://elsewhere.example/shows/eco",
        "javascript:alert(1)",
        "http://[",
        f"{BASE}/shows/%00",
    ],
)
def test_what_is_none_of_ours_is_404(client: FlaskClient, url: str) -> None:
    response = _ask(client, url)
    assert response.status_code == 404
    assert response.headers["Access-Control-Allow-Origin"] == "*"
