# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demonstration: it can be heard at once, leaves everybody else alone, and goes without a trace."""

from pathlib import Path

from podcasts.bootstrap import Griot
from podcasts.db import Base
from podcasts.models import Audio, EpisodeSection, Playlist, Section, Show, User
from podcasts.services import demo, queries
from tests.factories import MORNING, make_episode, make_playlist, make_show

REMAINS = {"change", "site", "alembic_version"}


def stage(griot: Griot) -> demo.Stage:
    """Lay out what the demonstration takes."""
    return demo.Stage(griot.database, griot.storage, griot.ffmpeg, griot.clock, griot.links)


def files(griot: Griot) -> list[Path]:
    """List what lies in the store."""
    return [path for path in griot.settings.effective_media_root.rglob("*") if path.is_file()]


def test_it_can_be_heard_at_once_and_stands_in_no_feed_of_all_shows(griot: Griot) -> None:
    assert demo.add_demo(stage(griot), only_if_empty=True)
    now = griot.clock.now()
    with griot.database.reading() as session:
        playlist = session.query(Playlist).one()
        tracks = queries.playlist_tracks(session, playlist, now, "UTC")
        assert queries.feed_tracks(session, now) == []
        assert session.query(Show).one().demo
        assert session.query(User).count() == 0
    assert len(tracks) == 4
    assert all(
        track.audio.duration_ms and griot.storage.exists(track.rendition.storage_key) for track in tracks
    )
    assert [track.articles[0].article.title for track in tracks[1:2]] == [
        "Le fleuve remonte, les filets aussi"
    ]


def test_it_goes_without_a_trace(griot: Griot) -> None:
    demo.add_demo(stage(griot), only_if_empty=False)
    assert demo.remove_demo(griot.database, griot.storage, MORNING)
    assert not demo.remove_demo(griot.database, griot.storage, MORNING)
    with griot.database.reading() as session:
        left = {
            table.name for table in Base.metadata.sorted_tables if session.execute(table.select()).first()
        }
    assert left <= REMAINS
    assert files(griot) == []
    assert demo.add_demo(stage(griot), only_if_empty=True)


def test_it_does_not_push_in_beside_what_somebody_made(griot: Griot) -> None:
    with griot.database.writing() as session:
        make_show(session)
        session.commit()
    assert not demo.add_demo(stage(griot), only_if_empty=True)
    assert demo.add_demo(stage(griot), only_if_empty=False)
    assert not demo.add_demo(stage(griot), only_if_empty=False)


def test_what_others_came_to_use_stays_when_it_goes(griot: Griot) -> None:
    demo.add_demo(stage(griot), only_if_empty=True)
    with griot.database.writing() as session:
        section = session.query(Section).filter_by(slug="culture").one()
        own = make_episode(session, make_show(session))
        session.add(EpisodeSection(episode_id=own.id, section_id=section.id))
        audio = session.query(Audio).filter(Audio.title.like("Indicatif%")).one()
        playlist = make_playlist(session, [audio])
        session.commit()
    assert demo.remove_demo(griot.database, griot.storage, MORNING)
    with griot.database.reading() as session:
        assert session.get(Section, section.id) is not None
        kept = queries.playlist_tracks(session, playlist, griot.clock.now(), "UTC")
    assert [track.audio.id for track in kept] == [audio.id]
    assert griot.storage.exists(kept[0].rendition.storage_key)
