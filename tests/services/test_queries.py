# SPDX-License-Identifier: AGPL-3.0-or-later
"""What listeners may see, and how many questions to the database it takes."""

import re
from datetime import timedelta
from typing import Any

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.models import ArticleAlias, Chapter, EpisodeSection, ShowSection, SlugEntry
from podcasts.services import queries
from tests.conftest import recorded_queries
from tests.factories import (
    MORNING,
    make_article,
    make_audio,
    make_episode,
    make_playlist,
    make_section,
    make_show,
)

HIDDEN = {
    "a draft": {"status": "draft", "published_at": None},
    "scheduled": {"published_at": MORNING + timedelta(seconds=1)},
    "withdrawn": {"status": "withdrawn"},
    "in the bin": {"deleted_at": MORNING},
    "without audio": {"audio_id": None},
}


@pytest.mark.parametrize("values", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_is_not_public_is_nowhere(griot: Griot, values: dict[str, Any]) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        hidden = make_episode(session, show, **values)
        make_article(session, "https://news.example/a", episode=hidden)
        playlist = make_playlist(session, [hidden])
        session.commit()
    with griot.database.reading() as session:
        assert queries.latest(session, MORNING).total == 0
        assert queries.feed_tracks(session, MORNING, show=show) == []
        assert queries.playlist_tracks(session, playlist, MORNING, "UTC") == []
        article = queries.find_articles(session, ["https://news.example/a"])["https://news.example/a"]
        assert queries.tracks_of_articles(session, [article.id], MORNING) == {}
        with pytest.raises(NotFoundError):
            queries.find_track(session, show, hidden.slug, MORNING)


@pytest.mark.parametrize("values", [{"status": "failed"}, {"status": "processing"}, {"deleted_at": MORNING}])
def test_an_episode_whose_audio_cannot_be_heard_is_not_public(griot: Griot, values: dict[str, Any]) -> None:
    with griot.database.writing() as session:
        make_episode(session, make_show(session), audio=make_audio(session, **values))
        session.commit()
    with griot.database.reading() as session:
        assert queries.latest(session, MORNING).total == 0


def test_a_scheduled_episode_appears_by_itself_at_its_time(griot: Griot) -> None:
    later = MORNING + timedelta(minutes=5)
    with griot.database.writing() as session:
        make_episode(session, make_show(session), published_at=later)
        session.commit()
    with griot.database.reading() as session:
        assert queries.next_release(session, MORNING) == later
        assert queries.latest(session, later - timedelta(microseconds=1)).total == 0
        assert queries.latest(session, later).total == 1
        assert queries.next_release(session, later) is None


def test_everything_of_a_binned_show_is_gone(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session, deleted_at=MORNING)
        make_episode(session, show)
        session.commit()
    with griot.database.reading() as session:
        assert queries.latest(session, MORNING).total == 0
        with pytest.raises(NotFoundError):
            queries.find_show(session, show.slug)


def test_old_addresses_lead_to_the_thing(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="new-name")
        episode = make_episode(session, show, slug="new-title")
        session.add(SlugEntry(kind="show", slug="old-name", subject_id=show.id, created_at=MORNING))
        old = SlugEntry(kind="episode", scope=show.id, slug="old", subject_id=episode.id, created_at=MORNING)
        session.add(old)
        session.commit()
    with griot.database.reading() as session:
        found = queries.find_show(session, "old-name")
        assert found.slug == "new-name"
        track = queries.find_track(session, found, "old", MORNING)
        assert track.episode is not None
        assert track.episode.slug == "new-title"


def test_words_fall_back_to_tags_then_to_the_show(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session, title="Matin", author="Radio Baobab")
        tagged = make_audio(session, artist="Awa Traoré", album="Terroirs")
        make_episode(session, show, audio=tagged, slug="a", artist=None, album="Mine")
        make_episode(session, show, slug="b")
        session.commit()
    with griot.database.reading() as session:
        first = queries.find_track(session, show, "a", MORNING)
        second = queries.find_track(session, show, "b", MORNING)
    assert (first.artist, first.album) == ("Awa Traoré", "Mine")
    assert (second.artist, second.album) == ("Radio Baobab", "Matin")


def test_a_playlist_keeps_its_order_twins_and_overrides(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        one, two = make_episode(session, show, title="One"), make_episode(session, show, title="Two")
        bare = make_audio(session, title="Jingle")
        playlist = make_playlist(session, [two, one, bare, two])
        session.commit()
    with griot.database.reading() as session:
        tracks = queries.playlist_tracks(session, playlist, MORNING, "UTC")
    assert [track.title for track in tracks] == ["Two", "One", "Jingle", "Two"]
    assert len({track.item_id for track in tracks}) == 4
    assert len({track.media_key for track in tracks}) == 3


@pytest.mark.parametrize(("order", "titles"), [("newest", ["New", "Old"]), ("oldest", ["Old", "New"])])
def test_a_playlist_may_be_told_by_time(griot: Griot, order: str, titles: list[str]) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        new = make_episode(session, show, title="New")
        old = make_episode(session, show, title="Old", published_at=MORNING - timedelta(days=3))
        playlist = make_playlist(session, [old, new] if order == "newest" else [new, old], order=order)
        session.commit()
    with griot.database.reading() as session:
        tracks = queries.playlist_tracks(session, playlist, MORNING, "UTC")
    assert [track.title for track in tracks] == titles


def test_a_rule_gathers_by_section_below_and_by_show(griot: Griot) -> None:
    with griot.database.writing() as session:
        top = make_section(session)
        below = make_section(session, parent_id=top.id)
        in_section, in_show, outside = make_show(session), make_show(session), make_show(session)
        mine = make_episode(session, in_section, title="Of the episode")
        session.add(EpisodeSection(episode_id=mine.id, section_id=below.id))
        make_episode(session, in_show, title="Of the show", published_at=MORNING - timedelta(days=2))
        session.add(ShowSection(show_id=in_show.id, section_id=top.id))
        make_episode(session, outside, title="Elsewhere")
        by_section = make_playlist(session, rule={"section": top.id}, order="newest")
        by_show = make_playlist(session, rule={"show": outside.id}, order="newest")
        today = make_playlist(session, rule={"section": top.id, "since": "today"}, order="newest")
        session.commit()
    with griot.database.reading() as session:

        def titles(playlist: object) -> list[str]:
            return [t.title for t in queries.playlist_tracks(session, playlist, MORNING, "UTC")]  # type: ignore[arg-type]  # a Playlist

        assert titles(by_section) == ["Of the episode", "Of the show"]
        assert titles(by_show) == ["Elsewhere"]
        assert titles(today) == ["Of the episode"]


def test_today_begins_at_the_newsrooms_midnight() -> None:
    assert queries.since_instant("today", MORNING, "Asia/Tokyo").isoformat() == "2026-11-23T00:00:00+09:00"
    assert queries.since_instant("2d", MORNING, "UTC") == MORNING - timedelta(days=2)
    for nonsense in ("d", "-1d", "tomorrow", "2026-11-23T08:00:00", "9999999d9"):
        with pytest.raises(ValueError, match=re.escape(nonsense)):
            queries.since_instant(nonsense, MORNING, "UTC")


def test_an_article_is_found_by_its_aliases_with_its_primary_episode_first(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        newer, primary = make_episode(session, show), make_episode(session, show)
        newer.published_at = MORNING
        article = make_article(session, "https://news.example/a", episode=primary)
        link = make_article(session, "https://news.example/b", episode=newer)
        newer_link = [link]
        assert newer_link
        alias = ArticleAlias(
            key="https://amp.news.example/a",
            url="https://amp.news.example/a",
            article_id=article.id,
            created_at=MORNING,
        )
        session.add(alias)
        session.commit()
    with griot.database.reading() as session:
        found = queries.find_articles(session, ["https://amp.news.example/a", "https://news.example/none"])
        assert {key: row.id for key, row in found.items()} == {"https://amp.news.example/a": article.id}
        tracks = queries.tracks_of_articles(session, [article.id, link.id], MORNING)
    assert [track.episode.id for track in tracks[article.id] if track.episode] == [primary.id]


def test_a_feed_of_many_takes_three_questions(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        section = make_section(session)
        audio = make_audio(session)
        for number in range(30):
            episode = make_episode(session, show, audio=audio, title=f"{number}")
            make_article(session, f"https://news.example/{number}", episode=episode)
            session.add(EpisodeSection(episode_id=episode.id, section_id=section.id))
            session.add(Chapter(episode_id=episode.id, start_ms=0, title="Start"))
        session.commit()
    with griot.database.reading() as session, recorded_queries(griot.database.engine) as asked:
        tracks = queries.feed_tracks(session, MORNING, show=show)
        words = [
            (t.articles[0].article.url, t.sections[0].name, t.show.title, t.has_chapters)
            for t in tracks
            if t.show
        ]
    assert len(words) == 30
    assert all(word[3] for word in words)
    assert asked.count == 3


def test_pages_of_the_newest_come_with_their_total(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session)
        for number in range(5):
            at = MORNING - timedelta(hours=number)
            make_episode(session, show, audio=audio, title=str(number), published_at=at)
        session.commit()
    with griot.database.reading() as session:
        page = queries.latest(session, MORNING, show=show, page=2, per_page=2)
    assert ([track.title for track in page.tracks], page.total) == (["2", "3"], 5)
