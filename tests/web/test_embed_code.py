# SPDX-License-Identifier: AGPL-3.0-or-later
"""The code of a player: made from choices in the address, and never more than code."""

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode

from podcasts.bootstrap import Griot
from podcasts.models import Show
from podcasts.web.accents import GROUNDS, SHAPE, contrast, read_colour
from podcasts.web.app import create_app
from podcasts.web.embed_code import PLAIN_ACCENT
from tests.factories import make_episode, make_playlist, make_show

BASE = "https://radio.example.org"
PAGES = ("/shows/eco/bus", "/shows/eco", "/playlists/jour")
HOSTILE = "\"'></textarea><script>alert(1)</script>&amp;"


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    with griot.database.writing() as session:
        show = make_show(session, slug="eco", title=HOSTILE)
        row = make_episode(session, show, slug="bus", title=HOSTILE)
        make_playlist(session, [row], slug="jour", title=HOSTILE)
        session.commit()
    return create_app(griot).test_client()


def pasted(client: FlaskClient, path: str, field: str) -> HTMLParser:
    """Paste one of the codes of a page into another page."""
    found = HTMLParser(client.get(path).text).css_first(f"#code-{field}")
    assert found is not None
    return HTMLParser(f"<body>{found.text()}</body>")


def only(page: HTMLParser, selector: str) -> LexborNode:
    """Find the one element that there is."""
    [found] = page.css(selector)
    return found


@pytest.mark.parametrize("path", PAGES)
def test_pasted_it_is_one_player_whatever_the_title(client: FlaskClient, path: str) -> None:
    frame = only(pasted(client, path, "iframe"), "body *")
    assert (frame.tag, frame.attributes["title"]) == ("iframe", HOSTILE)
    page = pasted(client, path, "script")
    player, script = only(page, "griot-player"), only(page, "script")
    assert (player.attributes["src"], player.attributes["title"]) == (BASE + path, HOSTILE)
    assert (script.attributes["src"], script.text()) == (f"{BASE}/embed.js", "")


@pytest.mark.parametrize("path", PAGES)
def test_choices_are_met_and_nonsense_is_passed_over(client: FlaskClient, path: str) -> None:
    plain = only(pasted(client, path, "iframe"), "iframe").attributes["src"]
    assert plain is not None
    assert "?" not in plain
    asked = "code-theme=dark&code-accent=%23FFCC00&code-t=1:30&code-lang=en&code-layout=mini"
    chosen = only(pasted(client, f"{path}?{asked}", "iframe"), "iframe").attributes
    shape = "&layout=mini" if path.endswith("bus") else ""
    assert chosen["src"] == f"{plain}?theme=dark{shape}&accent=ffcc00&lang=en&t=1:30"
    assert chosen["height"] == ("200" if shape else "560")
    nonsense = (
        "code-theme=%22%3E&code-accent=red&code-t=%3Cscript%3E&code-lang=xx&code-layout=..%2F&code-x=%00"
    )
    response = client.get(f"{path}?{nonsense}")
    assert response.status_code == 200
    assert only(pasted(client, f"{path}?{nonsense}", "iframe"), "iframe").attributes["src"] == plain
    assert HTMLParser(response.text).css_first("#embed[open]") is not None
    assert HTMLParser(client.get(path).text).css_first("#embed[open]") is None


def test_the_colour_that_the_form_begins_with_is_none_of_ones_own(client: FlaskClient) -> None:
    code = only(pasted(client, f"{PAGES[0]}?code-accent=%23{PLAIN_ACCENT[1:]}", "iframe"), "iframe")
    assert "accent" not in (code.attributes["src"] or "")
    plain = read_colour(PLAIN_ACCENT)
    assert plain
    assert contrast(plain, GROUNDS["light"]) >= SHAPE


def test_it_says_where_a_player_may_stand(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        session.query(Show).one().embed_sites = ["https://gazette.example"]
        session.commit()
    for path in PAGES:
        fold = HTMLParser(client.get(path).text).css_first("#embed")
        assert fold is not None
        assert "https://gazette.example" in fold.text()
