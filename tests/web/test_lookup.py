# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article look-up: from an article's address to its episodes, for anybody's page."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from podcasts.bootstrap import Griot
from podcasts.models import ArticleAlias
from podcasts.web.app import create_app
from tests.conftest import recorded_queries
from tests.factories import MORNING, make_article, make_episode, make_show

PATH = "/api/v1/articles/episodes"
ARTICLE = "https://news.example/a"


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    with griot.database.writing() as session:
        row = make_episode(session, make_show(session, slug="eco", title="Éco"), slug="bus", title="Les bus")
        article = make_article(session, ARTICLE, episode=row, title="L’article")
        alias = ArticleAlias(
            key="https://news.example/amp/a", url="x", article_id=article.id, created_at=MORNING
        )
        session.add(alias)
        hidden = make_episode(session, make_show(session), status="draft", published_at=None)
        make_article(session, "https://news.example/hidden", episode=hidden)
        session.commit()
    return create_app(griot).test_client()


def _get(client: FlaskClient, url: str) -> Any:
    return client.get(PATH, query_string={"url": url})


@pytest.mark.parametrize(
    "url",
    [
        ARTICLE,
        "http://news.example/a/",
        "https://NEWS.example/a?utm_source=x#part",
        "https://news.example/amp/a",
    ],
)
def test_an_article_is_found_by_every_spelling_of_its_address(client: FlaskClient, url: str) -> None:
    response = _get(client, url)
    assert response.status_code == 200
    assert [episode["title"] for episode in response.json["episodes"]] == ["Les bus"]


def test_the_answer_has_all_that_a_page_needs_to_play(client: FlaskClient) -> None:
    response = _get(client, ARTICLE)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.json["article"]["title"] == "L’article"
    (episode,) = response.json["episodes"]
    assert episode["url"] == "https://radio.example.org/shows/eco/bus"
    assert episode["show"]["title"] == "Éco"
    assert episode["role"] == "primary"
    assert episode["duration_seconds"] == 2.0
    assert episode["published_at"] == "2026-11-23T07:00:00Z"
    assert episode["enclosure"]["mime"] == "audio/mpeg"
    assert episode["enclosure"]["url"].startswith("https://radio.example.org/media/")
    assert episode["embed_url"] == "https://radio.example.org/embed/episodes/eco/bus"
    assert episode["embed_url"] in episode["embed_html"]


@pytest.mark.parametrize("url", ["https://news.example/none", "https://news.example/hidden"])
def test_nothing_to_hear_is_204_which_may_be_kept_for_a_minute(client: FlaskClient, url: str) -> None:
    response = _get(client, url)
    assert (response.status_code, response.data) == (204, b"")
    assert response.headers["Cache-Control"] == "public, max-age=60"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("url", ["", "x", "javascript:alert(1)", "http://", "ftp://news.example/a"])
def test_what_is_no_address_is_422(client: FlaskClient, url: str) -> None:
    response = _get(client, url)
    assert response.status_code == 422
    assert response.json["errors"][0]["field"] == "url"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_many_addresses_are_looked_up_at_once(griot: Griot, client: FlaskClient) -> None:
    urls = [ARTICLE, "https://news.example/none", "https://news.example/hidden", "http://news.example/a/"]
    client.post(PATH, json={"urls": urls})
    with recorded_queries(griot.database.engine) as queries:
        response = client.post(PATH, json={"urls": urls + [f"https://news.example/{n}" for n in range(96)]})
    found: Any = response.json
    assert set(found) == {ARTICLE, "http://news.example/a/"}
    assert found[ARTICLE]["episodes"][0]["title"] == "Les bus"
    assert queries.count <= 6


def test_many_addresses_with_nothing_to_hear_are_204(client: FlaskClient) -> None:
    assert client.post(PATH, json={"urls": ["https://news.example/none"]}).status_code == 204
    assert client.post(PATH, json={"urls": []}).status_code == 204


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b"[" * 100_000, 400, None),
        (b"\xff\xfe", 400, None),
        (b"[]", 422, "urls"),
        (b"{}", 422, "urls"),
        (b'{"urls": "x"}', 422, "urls"),
        (b'{"urls": [1]}', 422, "urls.0"),
        (b'{"urls": ["https://a.example/", "x"]}', 422, "urls.1"),
        (b'{"urls": [' + b",".join([b'"https://a.example/"'] * 101) + b"]}", 422, "urls"),
    ],
)
def test_a_body_that_cannot_be_taken_says_why(
    client: FlaskClient, body: bytes, status: int, field: str | None
) -> None:
    response = client.post(PATH, data=body, content_type="application/json")
    assert response.status_code == status
    found: Any = response.json
    assert [error["field"] for error in found["errors"]] == ([field] if field else [])


def test_a_page_of_another_origin_may_ask(client: FlaskClient) -> None:
    response = client.options(PATH, headers={"Origin": "null", "Access-Control-Request-Method": "POST"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]


def test_who_asks_too_often_is_told_when_to_come_again(client: FlaskClient) -> None:
    answers = [_get(client, "https://news.example/none") for _ in range(301)]
    assert answers[0].status_code == 204
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
