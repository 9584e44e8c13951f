# SPDX-License-Identifier: AGPL-3.0-or-later
"""An article's metadata is fetched by the worker; what its page may claim, and what stays when it is gone."""

import pytest
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.errors import FetchError, GriotError, InvalidError
from podcasts.fetching import Fetched
from podcasts.models import Article, ArticleAlias, Job
from podcasts.services import article_fetching
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING, make_article

URL = "https://gazette.example/le-fleuve"
PAGE = b"""<!doctype html><html lang="fr"><head><title>Le fleuve</title>
<link rel="canonical" href="https://www.gazette.example/2026/le-fleuve">
<link rel="amphtml" href="https://other.example/amp/le-fleuve"></head><body>Texte</body></html>"""


@pytest.fixture
def article_id(griot: Griot) -> str:
    with griot.database.writing() as session:
        row = article_fetching.note_article(session, SYSTEM, MORNING, url=URL)
        return row.id


def fetch_with(
    griot: Griot, monkeypatch: pytest.MonkeyPatch, article_id: str, answer: Fetched | GriotError
) -> Article:
    """Fetch, with this answer from the network; the article afterwards."""

    def fetched(*_: object, **__: object) -> Fetched:
        if isinstance(answer, GriotError):
            raise answer
        return answer

    monkeypatch.setattr(article_fetching, "fetch", fetched)
    article_fetching.fetch_article(griot.database, MORNING, article_id=article_id, user_agent="Griot")
    with griot.database.reading() as session:
        return session.get_one(Article, article_id)


def test_a_noted_article_waits_with_one_job_for_each_asking(griot: Griot, article_id: str) -> None:
    with griot.database.writing() as session:
        again = article_fetching.note_article(session, SYSTEM, MORNING, url=URL + "/?utm_source=x")
        jobs = session.scalars(select(Job).where(Job.subject_id == article_id)).all()
    assert (again.id, again.fetch_status) == (article_id, "pending")
    assert {job.kind for job in jobs} == {article_fetching.KIND}


def test_a_page_names_its_article_and_only_its_own_sites_addresses(
    griot: Griot, monkeypatch: pytest.MonkeyPatch, article_id: str
) -> None:
    answer = Fetched(URL, 200, {"content-type": "text/html; charset=utf-8", "etag": '"1"'}, PAGE)
    article = fetch_with(griot, monkeypatch, article_id, answer)
    assert (article.title, article.fetch_status, article.etag) == ("Le fleuve", "fetched", '"1"')
    with griot.database.reading() as session:
        aliases = session.scalars(select(ArticleAlias.url)).all()
    assert aliases == ["https://www.gazette.example/2026/le-fleuve"]


def test_a_page_claims_no_article_that_there_is(
    griot: Griot, monkeypatch: pytest.MonkeyPatch, article_id: str
) -> None:
    with griot.database.writing() as session:
        make_article(session, "https://gazette.example/2026/le-fleuve")
        make_article(session, "https://www.gazette.example/2026/le-fleuve")
        session.commit()
    fetch_with(griot, monkeypatch, article_id, Fetched(URL, 200, {"content-type": "text/html"}, PAGE))
    with griot.database.reading() as session:
        assert session.scalars(select(ArticleAlias)).all() == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (FetchError("fetch-status", status=500), "fetch-status"),
        (Fetched(URL, 404, {}, b""), "fetch-status"),
        (InvalidError("inside-address"), "inside-address"),
    ],
)
def test_what_was_known_stays_when_the_page_is_gone(
    griot: Griot, monkeypatch: pytest.MonkeyPatch, article_id: str, answer: Fetched | GriotError, code: str
) -> None:
    fetch_with(griot, monkeypatch, article_id, Fetched(URL, 200, {"content-type": "text/html"}, PAGE))
    monkeypatch.undo()
    article = fetch_with(griot, monkeypatch, article_id, answer)
    assert (article.fetch_status, article.error_code, article.title) == ("failed", code, "Le fleuve")


def test_an_unchanged_page_changes_nothing(
    griot: Griot, monkeypatch: pytest.MonkeyPatch, article_id: str
) -> None:
    fetch_with(griot, monkeypatch, article_id, Fetched(URL, 200, {"content-type": "text/html"}, PAGE))
    article = fetch_with(griot, monkeypatch, article_id, Fetched(URL, 304, {}, b""))
    assert (article.fetch_status, article.title, article.last_status) == ("fetched", "Le fleuve", 304)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://localhost/", "http://[::ffff:10.0.0.1]/", "ftp://a.example/"]
)
def test_the_inside_is_refused_before_anything_is_written(url: str) -> None:
    with pytest.raises(InvalidError):
        article_fetching.check_article_address(url)
