# SPDX-License-Identifier: AGPL-3.0-or-later
"""Feeds over HTTP: conditional both ways, compressed, never rebuilt without need, and at once up to date."""

import gzip
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import feedparser
import podcastparser
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.clock import StoppedClock
from podcasts.models import Episode, EpisodeSection, Show, SlugEntry
from podcasts.services.actors import SYSTEM
from podcasts.services.changes import record
from podcasts.web import feeds
from podcasts.web.app import create_app
from podcasts.web.feed_cache import FeedCache, ReadyFeed, ready_feed
from tests.conftest import recorded_queries
from tests.factories import MORNING, make_article, make_episode, make_playlist, make_section, make_show


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    return create_app(griot).test_client()


@pytest.fixture
def feed(griot: Griot) -> str:
    """Path of the feed of a show with one episode."""
    with griot.database.writing() as session:
        show = make_show(session, slug="eco", title="L’économie en clair")
        row = make_episode(session, show, title="Un <b> & demi ]]>", notes="Des *notes*.")
        make_article(session, "https://news.example/a", episode=row, title="L’article")
        session.commit()
    return "/shows/eco/feed.xml"


def _change(griot: Griot, **values: Any) -> None:
    """Change the one episode as a service does: with a row in the outbox."""
    with griot.database.writing() as session:
        row = session.scalars(select(Episode)).one()
        for name, value in values.items():
            setattr(row, name, value)
        row.updated_at = griot.clock.now()
        record(session, SYSTEM, griot.clock.now(), "episode.edited", ("episode", row.id))
        session.commit()


def test_a_feed_says_what_it_is(client: FlaskClient, feed: str) -> None:
    response = client.get(feed)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/rss+xml; charset=utf-8"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Last-Modified"] == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert not response.headers["ETag"].startswith("W/")
    assert "Set-Cookie" not in response.headers


def test_other_peoples_readers_read_it(client: FlaskClient, feed: str) -> None:
    body = client.get(feed).data
    read = feedparser.parse(body)
    assert not read.bozo
    assert read.feed.title == "L’économie en clair"
    assert read.entries[0].title == "Un <b> & demi ]]>"
    assert read.entries[0].link == "https://news.example/a"
    assert read.entries[0].enclosures[0].href.startswith("https://radio.example.org/media/")
    podcast = podcastparser.parse("https://radio.example.org/shows/eco/feed.xml", io.BytesIO(body))
    assert podcast["episodes"][0]["enclosures"][0]["mime_type"] == "audio/mpeg"


def test_who_has_it_gets_304_by_etag_and_by_date(client: FlaskClient, feed: str) -> None:
    first = client.get(feed)
    by_etag = client.get(feed, headers={"If-None-Match": first.headers["ETag"]})
    by_date = client.get(feed, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (by_etag.status_code, by_etag.data) == (304, b"")
    assert (by_date.status_code, by_date.data) == (304, b"")


def test_another_etag_wins_over_the_same_date(client: FlaskClient, feed: str) -> None:
    first = client.get(feed)
    conditions = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(feed, headers=conditions).status_code == 200


def test_gzip_has_the_same_words_and_an_etag_of_its_own(client: FlaskClient, feed: str) -> None:
    plain = client.get(feed)
    zipped = client.get(feed, headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert zipped.headers["ETag"] != plain.headers["ETag"]
    again = {"Accept-Encoding": "gzip", "If-None-Match": zipped.headers["ETag"]}
    assert client.get(feed, headers=again).status_code == 304


@pytest.mark.parametrize("encodings", ["", "identity", "gzip;q=0", "*;q=0", "br"])
def test_who_takes_no_gzip_gets_none(client: FlaskClient, feed: str, encodings: str) -> None:
    response = client.get(feed, headers={"Accept-Encoding": encodings})
    assert "Content-Encoding" not in response.headers
    assert response.data.startswith(b"<?xml")


def test_head_says_what_get_would(client: FlaskClient, feed: str) -> None:
    got, head = client.get(feed), client.head(feed)
    assert head.data == b""
    for name in ("ETag", "Last-Modified", "Content-Length", "Content-Type"):
        assert head.headers[name] == got.headers[name]


def test_every_poll_gets_the_same_bytes(
    griot: Griot, clock: StoppedClock, client: FlaskClient, feed: str
) -> None:
    first = client.get(feed).data
    clock.move(timedelta(hours=3))
    assert client.get(feed).data == first
    # Another process, such as the same after a restart.
    assert create_app(griot).test_client().get(feed).data == first


def test_a_miss_takes_eight_questions_at_most_and_a_hit_one(
    griot: Griot, client: FlaskClient, feed: str
) -> None:
    with griot.database.writing() as session:
        show = session.scalars(select(Show)).one()
        section = make_section(session)
        for number in range(10):
            row = make_episode(session, show)
            make_article(session, f"https://news.example/{number}", episode=row)
            session.add(EpisodeSection(episode_id=row.id, section_id=section.id, position=0))
        session.commit()
    client.get("/feed.xml")
    with recorded_queries(griot.database.engine) as miss:
        client.get(feed)
    with recorded_queries(griot.database.engine) as hit:
        client.get(feed)
    assert miss.count <= 8
    assert hit.count == 1


def test_nothing_is_rendered_as_long_as_nothing_changes(
    client: FlaskClient, feed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(feed)
    monkeypatch.setattr(feeds, "render_rss", _never)
    assert client.get(feed).data == first.data
    assert client.get(feed, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def _never(*_anything: object) -> bytes:
    raise AssertionError("rendered again")


def test_a_change_shows_at_once(griot: Griot, clock: StoppedClock, client: FlaskClient, feed: str) -> None:
    first = client.get(feed)
    clock.move(timedelta(seconds=2))
    _change(griot, title="Un titre nouveau")
    after = client.get(feed, headers={"If-None-Match": first.headers["ETag"]})
    assert "Un titre nouveau" in after.text
    assert after.headers["Last-Modified"] != first.headers["Last-Modified"]


def test_a_withdrawn_episode_is_gone_at_once_also_for_who_asks_by_date(
    griot: Griot, clock: StoppedClock, client: FlaskClient, feed: str
) -> None:
    first = client.get(feed)
    clock.move(timedelta(seconds=2))
    _change(griot, status="withdrawn")
    after = client.get(feed, headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert after.status_code == 200
    assert "<item>" not in after.text


def test_a_scheduled_episode_appears_at_its_time_without_any_change(
    griot: Griot, clock: StoppedClock, client: FlaskClient, feed: str
) -> None:
    _change(griot, published_at=MORNING + timedelta(minutes=5))
    assert "<item>" not in client.get(feed).text
    clock.move(timedelta(minutes=5))
    assert "<item>" in client.get(feed).text


def test_one_unusable_episode_leaves_the_others(griot: Griot, client: FlaskClient, feed: str) -> None:
    with griot.database.writing() as session:
        make_episode(session, session.scalars(select(Show)).one(), title="\x0b\ufffe")
        session.commit()
    assert "Un &lt;b&gt; &amp; demi" in client.get(feed).text


@pytest.mark.parametrize(
    "path", ["/shows/none/feed.xml", "/playlists/none/feed.xml", "/sections/none/feed.xml"]
)
def test_what_is_not_there_is_404(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "make", [make_show, make_section, make_playlist], ids=["shows", "sections", "playlists"]
)
def test_an_old_address_leads_to_the_present_one(
    griot: Griot, client: FlaskClient, make: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.id.split("-")[-1]
    with griot.database.writing() as session:
        row = make(session)
        entry = SlugEntry(kind=kind[:-1], scope="", slug="old", subject_id=row.id, created_at=MORNING)
        session.add(entry)
        session.commit()
    response = client.get(f"/{kind}/old/feed.xml")
    assert response.status_code == 301
    assert response.headers["Location"] == f"/{kind}/{row.slug}/feed.xml"


def _ready(name: str, stamp: int = 1, size: int = 100) -> ReadyFeed:
    return ready_feed(name.encode() * size, MORNING, stamp, None)


def test_feeds_that_nobody_asks_for_make_room() -> None:
    one = _ready("a", size=1_000)
    cache = FeedCache(capacity_bytes=one.size_bytes * 2 + 10)
    for name in ("first", "second"):
        cache.get_or_build(name, 1, MORNING, lambda: one)
    assert cache.get("first", 1, MORNING)
    cache.get_or_build("third", 1, MORNING, lambda: one)
    assert cache.get("second", 1, MORNING) is None
    assert cache.get("first", 1, MORNING)


def test_a_feed_larger_than_all_room_is_still_served() -> None:
    assert FeedCache(capacity_bytes=1).get_or_build("a", 1, MORNING, lambda: _ready("a")).body


def test_many_who_ask_at_once_let_one_build() -> None:
    cache, built = FeedCache(), []
    together = threading.Barrier(8)

    def build() -> ReadyFeed:
        built.append(1)
        return _ready("a")

    def ask(_number: int) -> bytes:
        together.wait()
        return cache.get_or_build("a", 1, MORNING, build).body

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    assert len(built) == 1
