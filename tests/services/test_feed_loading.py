# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows become feeds: what each feed holds, where its items lead, who it is, and how few questions that takes."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.models import EpisodeArticle, EpisodeSection, Rendition, SlugEntry
from podcasts.services import feed_loading
from podcasts.services.feed_loading import FeedPlace, LoadedFeed
from podcasts.services.queries import site
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


def _place(griot: Griot, now: datetime = MORNING, timezone: str = "UTC") -> FeedPlace:
    return FeedPlace(griot.links, now, timezone, "fr")


def _show_feed(griot: Griot, slug: str, now: datetime = MORNING) -> LoadedFeed:
    with griot.database.reading() as session:
        return feed_loading.load_show_feed(session, _place(griot, now), slug)


def _playlist_feed(griot: Griot, slug: str, *, now: datetime = MORNING, timezone: str = "UTC") -> LoadedFeed:
    with griot.database.reading() as session:
        return feed_loading.load_playlist_feed(session, _place(griot, now, timezone), slug)


def test_the_feed_of_a_show_holds_its_visible_episodes_newest_first(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        make_episode(session, show, title="Old", published_at=MORNING - timedelta(days=2))
        make_episode(session, show, title="New")
        make_episode(session, show, title="Draft", status="draft", published_at=None)
        make_episode(session, make_show(session), title="Another show's")
        session.commit()
    assert [item.title for item in _show_feed(griot, show.slug).channel.items] == ["New", "Old"]


def test_the_feed_of_a_show_takes_at_most_seven_questions_however_many_episodes(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        section = make_section(session)
        for number in range(12):
            row = make_episode(session, show)
            make_article(session, f"https://news.example/{number}", episode=row)
            session.add(EpisodeSection(episode_id=row.id, section_id=section.id, position=0))
        session.commit()
    with recorded_queries(griot.database.engine) as queries:
        assert len(_show_feed(griot, show.slug).channel.items) == 12
    assert queries.count <= 7


def test_an_enclosure_says_the_exact_bytes_and_the_true_extension(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session)
        make_episode(session, show, audio=audio, title="Économie : l’été")
        size = session.scalar(select(Rendition.size_bytes).where(Rendition.audio_id == audio.id))
        session.commit()
    (item,) = _show_feed(griot, show.slug).channel.items
    assert item.enclosure is not None
    assert item.enclosure.length_bytes == size
    assert item.enclosure.mime == "audio/mpeg"
    assert item.enclosure.url.isascii()
    assert item.enclosure.url.endswith("/economie-l-ete.mp3")


def test_a_title_without_latin_letters_still_gives_an_ascii_address(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        make_episode(session, show, title="ميناء كارسا")
        session.commit()
    (item,) = _show_feed(griot, show.slug).channel.items
    assert item.enclosure is not None
    assert item.enclosure.url.endswith("/episode.mp3")


@pytest.mark.parametrize(
    ("link_to", "role", "leads_to_article"),
    [("article", "primary", True), ("article", "related", False), ("episode", "primary", False)],
)
def test_an_item_leads_to_its_primary_article_where_the_show_says_so(
    griot: Griot, link_to: str, role: str, *, leads_to_article: bool
) -> None:
    with griot.database.writing() as session:
        show = make_show(session, link_to=link_to)
        row = make_episode(session, show)
        article = make_article(session, "https://news.example/a")
        session.add(EpisodeArticle(episode_id=row.id, article_id=article.id, role=role, position=0))
        session.commit()
    (item,) = _show_feed(griot, show.slug).channel.items
    own = f"https://radio.example.org/shows/{show.slug}/{row.slug}"
    assert item.link == ("https://news.example/a" if leads_to_article else own)
    assert [(ref.url, ref.role) for ref in item.articles] == [("https://news.example/a", role)]


def test_a_show_with_nothing_but_a_title_has_what_every_feed_needs(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
    channel = _show_feed(griot, show.slug).channel
    assert channel.image_url == "https://radio.example.org/static/cover.png"
    assert channel.description
    assert channel.author
    assert channel.owner_email == ""
    assert not channel.blocked


def test_a_demonstration_is_blocked_and_not_in_the_feed_of_all_shows(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session, demo=True)
        make_episode(session, show)
        session.commit()
    assert _show_feed(griot, show.slug).channel.blocked
    with griot.database.reading() as session:
        assert feed_loading.load_site_feed(session, _place(griot)).channel.items == ()


def test_an_old_address_says_where_the_feed_is_now(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        section, playlist = make_section(session), make_playlist(session)
        for kind, row in (("show", show), ("section", section), ("playlist", playlist)):
            session.add(SlugEntry(kind=kind, scope="", slug="old", subject_id=row.id, created_at=MORNING))
        session.commit()
    with griot.database.reading() as session:
        loads = (
            (feed_loading.load_show_feed, griot.links.show_feed(show.slug)),
            (feed_loading.load_section_feed, griot.links.section_feed(section.slug)),
            (feed_loading.load_playlist_feed, griot.links.playlist_feed(playlist.slug)),
        )
        for load, url in loads:
            assert load(session, _place(griot), "old").moved_to == url


def test_derived_feeds_are_blocked_say_what_they_are_and_have_guids_of_their_own(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        section = make_section(session, name="Mali")
        row = make_episode(session, show)
        session.add(EpisodeSection(episode_id=row.id, section_id=section.id, position=0))
        playlist = make_playlist(session, [row], title="Le journal")
        site(session).title = "La Dépêche"
        session.commit()
    with griot.database.reading() as session:
        place = _place(griot)
        channels = [
            feed_loading.load_site_feed(session, place).channel,
            feed_loading.load_section_feed(session, place, section.slug).channel,
            feed_loading.load_playlist_feed(session, place, playlist.slug).channel,
        ]
    assert all(channel.blocked for channel in channels)
    assert [channel.title for channel in channels] == [
        "La Dépêche : toutes les émissions",
        "Mali : tous les épisodes",
        "Le journal (playlist)",
    ]
    assert len({show.guid, *(channel.podcast_guid for channel in channels)}) == 4
    site_item, section_item, playlist_item = (channel.items[0].guid for channel in channels)
    assert site_item == section_item == row.guid
    assert playlist_item == f"urn:uuid:{uuid.uuid5(uuid.UUID(playlist.guid), row.guid)}"


def test_what_stands_twice_in_a_playlist_is_once_in_its_feed_and_a_bare_sound_leads_to_the_playlist(
    griot: Griot,
) -> None:
    with griot.database.writing() as session:
        row = make_episode(session, make_show(session), title="Episode")
        bare = make_audio(session, title="Bare")
        playlist = make_playlist(session, [row, bare, row])
        session.commit()
    items = _playlist_feed(griot, playlist.slug).channel.items
    assert [item.title for item in items] == ["Episode", "Bare"]
    assert items[1].link == griot.links.playlist(playlist.slug)


@pytest.mark.parametrize("values", [{"feed_on": False}, {"published": False}, {"deleted_at": MORNING}])
def test_a_playlist_that_is_hidden_or_has_its_feed_off_has_none(griot: Griot, values: dict[str, Any]) -> None:
    with griot.database.writing() as session:
        playlist = make_playlist(session, **values)
        session.commit()
    with pytest.raises(NotFoundError):
        _playlist_feed(griot, playlist.slug)


def test_a_playlist_of_today_is_true_until_the_newsrooms_midnight(griot: Griot) -> None:
    with griot.database.writing() as session:
        today = make_playlist(session, rule={"since": "today"})
        week = make_playlist(session, rule={"since": "7d"})
        session.commit()
    until = _playlist_feed(griot, today.slug, timezone="Asia/Tokyo").valid_until
    assert until == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert _playlist_feed(griot, week.slug).valid_until == MORNING + timedelta(minutes=1)


def test_a_withdrawn_episode_moves_the_time_of_the_feed_and_leaves_its_dates_alone(griot: Griot) -> None:
    later = MORNING + timedelta(minutes=3)
    with griot.database.writing() as session:
        show = make_show(session)
        make_episode(session, show)
        make_episode(session, show, status="withdrawn", updated_at=later)
        session.commit()
    loaded = _show_feed(griot, show.slug, later)
    assert loaded.changed_at == later
    assert loaded.channel.built_at == MORNING


def test_a_release_is_a_change_of_the_feed(griot: Griot) -> None:
    later = MORNING + timedelta(hours=1)
    with griot.database.writing() as session:
        show = make_show(session)
        make_episode(session, show, published_at=later)
        session.commit()
    assert _show_feed(griot, show.slug, later).changed_at == later
