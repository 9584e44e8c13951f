# SPDX-License-Identifier: AGPL-3.0-or-later
"""Embeds: one document that any page may frame, without cookies, other hosts or anything unforeseen."""

import base64
import hashlib
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.models import Cta, Episode, EpisodeArticle, Playlist, Show, Site, Transcript
from podcasts.web.app import create_app
from tests.conftest import recorded_queries
from tests.factories import MORNING, make_article, make_episode, make_playlist, make_show

EMBEDS = (
    "/embed/episodes/eco/bus",
    "/embed/shows/eco",
    "/embed/playlists/jour",
    "/embed/article?url=https%3A%2F%2Fnews.example%2Fa%3Futm_source%3Dx",
)


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    with griot.database.writing() as session:
        show = make_show(session, slug="eco")
        row = make_episode(session, show, slug="bus", title="Les bus")
        make_article(session, "https://news.example/a", episode=row)
        make_playlist(session, [row], slug="jour")
        session.commit()
    return create_app(griot).test_client()


@pytest.mark.parametrize("path", EMBEDS)
def test_any_page_may_frame_it_and_it_keeps_to_itself(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors *" in policy
    assert "unsafe" not in policy
    assert "X-Frame-Options" not in response.headers
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", EMBEDS)
@pytest.mark.parametrize("more", ["", "accent=8a3d00"])
def test_its_style_and_script_are_the_ones_that_the_policy_allows(
    client: FlaskClient, path: str, more: str
) -> None:
    response = client.get(f"{path}{'&' if '?' in path else '?'}{more}")
    policy = response.headers["Content-Security-Policy"]
    inside = re.findall(r"<(style|script)[^>]*>(.*?)</\1>", response.text, re.DOTALL)
    assert {name for name, _ in inside} == {"style", "script"}
    for _, text in inside:
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy


@pytest.mark.parametrize("path", EMBEDS)
def test_it_has_real_words_and_a_player_that_loads_nothing_by_itself(client: FlaskClient, path: str) -> None:
    page = HTMLParser(client.get(path).text)
    assert "Les bus" in (page.body.text() if page.body else "")
    audio = page.css_first("audio[controls]")
    assert audio is not None
    assert audio.attributes["preload"] == "none"
    source = page.css_first("audio source")
    assert source is not None
    address = source.attributes["src"] or ""
    assert address.startswith("https://radio.example.org/media/")
    assert address.endswith("?source=embed")


@pytest.mark.parametrize(
    "path",
    [
        "/embed/article?url=https://news.example/b",
        "/embed/article?url=x",
        "/embed/article",
        "/embed/shows/none",
    ],
)
def test_nothing_to_hear_is_a_small_page_that_may_be_framed(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "frame-ancestors *" in response.headers["Content-Security-Policy"]
    assert "Rien à écouter ici" in response.text
    assert len(response.data) < 12_000


def test_an_article_with_several_episodes_gets_all_of_them(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        first = make_episode(session, show, title="Premier")
        article = make_article(session, "https://news.example/two", episode=first, title="Deux sons")
        second = make_episode(session, show, title="Second")
        session.add(EpisodeArticle(episode_id=second.id, article_id=article.id, role="related", position=0))
        session.commit()
    text = client.get("/embed/article?url=https://news.example/two").text
    assert "Premier" in text
    assert "Second" in text


def test_it_is_light_unless_it_is_asked_to_be_dark(client: FlaskClient) -> None:
    assert 'data-theme="light"' in client.get(EMBEDS[0]).text
    assert 'data-theme="dark"' in client.get(f"{EMBEDS[0]}?theme=dark").text
    assert 'data-theme="light"' in client.get(f"{EMBEDS[0]}?theme=%22%3E").text


WISHES = (
    "?accent=27308f",
    "?accent=%23fff&theme=auto",
    "?layout=mini",
    "?layout=card&quality=light&theme=dark",
)


@pytest.mark.parametrize("path", EMBEDS[:3])
@pytest.mark.parametrize("wishes", WISHES)
def test_every_kind_meets_every_wish_within_its_policy(client: FlaskClient, path: str, wishes: str) -> None:
    response = client.get(f"{path}{wishes}")
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "style=" not in response.text
    for text in re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    player = HTMLParser(response.text).css_first("griot-player")
    assert player is not None
    layout = re.search("layout=([a-z]+)", wishes)
    assert f"player--{layout[1] if layout else 'card'}" in (player.attributes["class"] or "") or not layout
    assert player.attributes.get("data-quality") == ("light" if "quality" in wishes else None)


def test_a_wish_that_is_none_is_passed_over(client: FlaskClient) -> None:
    plain = client.get(EMBEDS[0])
    for wish in ("accent=red", "accent=%3C/style%3E", "layout=x", "quality=loud", "accent=1;}*{color:red"):
        response = client.get(f"{EMBEDS[0]}?{wish}")
        assert response.data == plain.data
        assert response.headers["Content-Security-Policy"] == plain.headers["Content-Security-Policy"]


def test_buttons_and_words_are_said_for_one_query_more(griot: Griot, client: FlaskClient) -> None:
    def asked() -> int:
        with recorded_queries(griot.database.engine) as queries:
            assert client.get("/embed/playlists/jour").status_code == 200
        return queries.count

    asked()
    without = asked()
    with griot.database.writing() as session:
        row = session.scalars(select(Episode)).one()
        of_list = session.scalars(select(Playlist)).one()
        for number, owner in enumerate(({"episode_id": row.id}, {"playlist_id": of_list.id})):
            url = f"https://news.example/{number}"
            session.add(Cta(label="Don", url=url, icon="give", position=0, **owner))
        words = {"format": "vtt", "origin": "upload", "source": "", "segments": []}
        session.add(
            Transcript(
                episode_id=row.id,
                language="fr",
                status="accepted",
                created_at=MORNING,
                updated_at=MORNING,
                **words,
            )
        )
        session.commit()
    assert asked() == without + 1
    page = HTMLParser(client.get("/embed/playlists/jour").text)
    assert [link.attributes["href"] for link in page.css(".cta")] == [
        f"https://news.example/{n}" for n in (1, 0)
    ]
    row_of_list = page.css_first("li[data-track]")
    assert row_of_list is not None
    assert row_of_list.attributes["data-has"] == "t"


def test_the_separator_is_the_lists_own_else_the_sites(griot: Griot, client: FlaskClient) -> None:
    def said() -> str | None:
        page = HTMLParser(client.get("/embed/playlists/jour").text)
        place = page.css_first("[data-now-who]")
        assert place is not None
        return place.attributes["data-before"]

    assert said() == " – "
    with griot.database.writing() as session:
        session.scalars(select(Site)).one().artist_separator = " | "
        session.commit()
    assert said() == " | "
    with griot.database.writing() as session:
        session.scalars(select(Playlist)).one().artist_separator = " / "
        session.commit()
    assert said() == " / "


def test_no_other_page_may_be_framed_by_strangers(client: FlaskClient) -> None:
    assert "frame-ancestors 'self'" in client.get("/shows/eco").headers["Content-Security-Policy"]


def frame_ancestors(client: FlaskClient, path: str) -> str:
    """Read who may frame a page."""
    response = client.get(path)
    assert "X-Frame-Options" not in response.headers
    return response.headers["Content-Security-Policy"].partition("frame-ancestors ")[2]


def test_a_show_names_the_sites_on_which_its_players_may_stand(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        show = session.query(Show).one()
        show.embed_sites = ["https://news.example", "https://*.news.example"]
        session.commit()
    own = "'self' https://radio.example.org"
    for path in EMBEDS:
        assert frame_ancestors(client, path) == f"{own} https://news.example https://*.news.example"
    # Who may not show the player is not told less about the episode.
    asked = {"url": "https://radio.example.org/shows/eco/bus"}
    assert client.get("/oembed", query_string=asked).status_code == 200


def test_a_list_of_several_shows_stands_where_all_of_them_allow_it(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        show = session.query(Show).one()
        show.embed_sites = ["https://*.news.example", "https://a.example"]
        free = make_episode(session, make_show(session))
        narrow = make_episode(session, make_show(session, embed_sites=["https://www.news.example"]))
        closed = make_episode(session, make_show(session, embed_sites=["https://closed.example"]))
        first = show.id
        row = make_episode(session, show, slug="train")
        make_playlist(session, [row, free], slug="two")
        make_playlist(session, [row, narrow, free], slug="three")
        make_playlist(session, [row, closed], slug="none")
        make_playlist(session, [free], slug="free")
        session.commit()
    assert first
    own = "'self' https://radio.example.org"
    assert (
        frame_ancestors(client, "/embed/playlists/two") == f"{own} https://*.news.example https://a.example"
    )
    assert frame_ancestors(client, "/embed/playlists/three") == f"{own} https://www.news.example"
    assert frame_ancestors(client, "/embed/playlists/none") == own
    assert frame_ancestors(client, "/embed/playlists/free") == "*"


@pytest.mark.parametrize(
    ("query", "style"),
    [
        ("accent=8a3d00", ":root:root{--accent:#8a3d00;--on-accent:#ffffff}"),
        ("accent=%238A3D00&theme=light", ":root:root{--accent:#8a3d00;--on-accent:#ffffff}"),
        ("accent=fc0&theme=dark", ":root:root{--accent:#ffcc00;--on-accent:#12141f}"),
        ("accent=red%3B%7D", ""),
        ("accent=</style><script>alert(1)</script>", ""),
        ("accent=url(//evil.example)", ""),
        ("accent=%00", ""),
        ("accent=12345", ""),
    ],
)
def test_an_accent_is_a_colour_or_nothing(client: FlaskClient, query: str, style: str) -> None:
    response = client.get(f"{EMBEDS[0]}?{query}")
    assert response.status_code == 200
    found = re.findall(r"<style>(.*?)</style>", response.text, re.DOTALL)[1:]
    assert found == ([style] if style else [])
    assert "evil.example" not in response.text


def test_the_player_of_an_article_is_described_by_oembed_under_its_own_address(
    griot: Griot, client: FlaskClient
) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        article = make_article(
            session, "https://news.example/two?a=1&b=2", episode=make_episode(session, show)
        )
        second = make_episode(session, show)
        session.add(EpisodeArticle(episode_id=second.id, article_id=article.id, role="related", position=0))
        session.commit()
    page = HTMLParser(client.get("/embed/article?url=https://news.example/two?a=1%26b=2").text)
    link = page.css_first('link[type="application/json+oembed"]')
    assert link is not None
    described: Any = client.get(
        (link.attributes["href"] or "").removeprefix("https://radio.example.org")
    ).json
    assert described["html"].count("<iframe") == 1
    assert "/embed/article?url=https%3A%2F%2Fnews.example%2Ftwo" in described["html"]
