# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tables: the migrations make exactly what the models say, on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from podcasts.bootstrap import Griot
from podcasts.db import Base
from podcasts.models import SITE_ID, Episode, MediaKey, PlaylistItem, Show, Site
from tests.factories import MORNING, make_audio, make_episode, make_playlist, make_show


def test_migrations_make_what_the_models_say(griot: Griot) -> None:
    with griot.database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_site_is_one_row_from_the_first_migration(griot: Griot) -> None:
    with griot.database.writing() as session:
        assert session.get_one(Site, SITE_ID).title is None
        session.add(Site(id=2, created_at=MORNING, updated_at=MORNING))
        with pytest.raises(IntegrityError):
            session.commit()


def test_a_reading_session_cannot_write(griot: Griot) -> None:
    with griot.database.reading() as session, pytest.raises(DBAPIError):
        make_show(session)


def test_times_come_back_aware_and_exact(griot: Griot) -> None:
    exact = MORNING.replace(microsecond=123456)
    with griot.database.writing() as session:
        show_id = make_show(session, created_at=exact).id
        session.commit()
    with griot.database.reading() as session:
        assert session.get_one(Show, show_id).created_at == exact


def test_nobody_overwrites_what_he_has_not_seen(griot: Griot) -> None:
    with griot.database.writing() as session:
        show_id = make_show(session).id
        session.commit()
    with griot.database.reading() as session:
        seen = session.get_one(Show, show_id)
    with griot.database.writing() as session:
        session.get_one(Show, show_id).title = "First"
        session.commit()
    with griot.database.writing() as session:
        session.add(seen)
        seen.title = "Second"
        with pytest.raises(StaleDataError):
            session.commit()


def test_published_without_a_time_is_refused(griot: Griot) -> None:
    with griot.database.writing() as session, pytest.raises(IntegrityError):
        make_episode(session, make_show(session), published_at=None)


def test_a_place_in_a_playlist_has_one_sound(griot: Griot) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        episode, audio, playlist = make_episode(session, show), make_audio(session), make_playlist(session)
        both = PlaylistItem(playlist_id=playlist.id, position=0, episode_id=episode.id, audio_id=audio.id)
        session.add(both)
        with pytest.raises(IntegrityError):
            session.flush()


def test_an_episode_has_one_public_key_for_one_audio(griot: Griot) -> None:
    with griot.database.writing() as session:
        episode = make_episode(session, make_show(session))
        assert isinstance(episode, Episode)
        session.add(
            MediaKey(key="second", audio_id=episode.audio_id, episode_id=episode.id, created_at=MORNING)
        )
        with pytest.raises(IntegrityError):
            session.flush()
