# SPDX-License-Identifier: AGPL-3.0-or-later
"""Articles are tied to episodes by their address, however it is spelled; nothing is fetched for that."""

import socket

import pytest
from sqlalchemy import func, select

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError
from podcasts.models import Article, EpisodeArticle
from podcasts.services.articles import ARTICLES_AT_MOST, article_links, tie
from tests.factories import MORNING, make_article, make_episode, make_show

URL = "https://gazette.example/le-fleuve"


def test_the_first_is_primary_and_the_others_related_unless_they_say_otherwise() -> None:
    given = [{"url": f"{URL}/{number}"} for number in range(2)] + [{"url": URL, "role": "source"}]
    assert [link.role for link in article_links(given)] == ["primary", "related", "source"]


def test_one_address_in_two_spellings_is_one_article(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        known = make_article(session, "https://gazette.example/le-fleuve")
        episodes = [make_episode(session, show) for _ in range(2)]
        spellings = (URL, "http://GAZETTE.example/le-fleuve/?utm_source=x#haut")
        for episode, spelling in zip(episodes, spellings, strict=True):
            tie(session, episode, article_links([{"url": spelling}]), MORNING)
        linked = session.scalars(select(EpisodeArticle.article_id)).all()
        assert (set(linked), session.scalar(select(func.count(Article.id)))) == ({known.id}, 1)


def test_linking_asks_nobody(griot: Griot, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        pytest.fail("a name was resolved")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        tie(session, episode, article_links([{"url": "http://intranet.example:8080/a"}]), MORNING)
        assert session.scalar(select(Article.fetch_status)) == "linked"


def test_what_is_tied_anew_replaces_what_was_tied(griot: Griot) -> None:
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        for path in ("a", "b"):
            tie(session, episode, article_links([{"url": f"{URL}/{path}"}]), MORNING)
        rows = session.scalars(
            select(Article.url).join(EpisodeArticle, EpisodeArticle.article_id == Article.id)
        ).all()
    assert rows == [f"{URL}/b"]


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ("abc", "articles", "wrong-type"),
        (None, "articles", "wrong-type"),
        ([{"url": URL}] * 2, "articles", "listed-twice"),
        ([{"url": URL}] * (ARTICLES_AT_MOST + 1), "articles", "too-many"),
        ([{}], "articles.0.url", "required"),
        ([7], "articles.0.url", "wrong-type"),
        ([{"url": "ftp://gazette.example/a"}], "articles.0.url", "not-a-web-address"),
        ([{"url": URL, "role": "boss"}], "articles.0.role", "not-a-choice"),
        ([{"url": URL}, {"url": URL + "/b", "new": 1}], "articles.1.new", "unknown-field"),
    ],
)
def test_a_link_that_is_none_is_named(given: object, field: str, code: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        article_links(given)
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [(field, code)]
