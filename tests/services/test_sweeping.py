# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sweeping: strangers among the files go, what a row names stays, what is fresh is left alone."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from podcasts.bootstrap import Griot
from podcasts.models import Audio, Rendition
from podcasts.services.actors import SYSTEM
from podcasts.services.jobs import add_job
from podcasts.services.sweeping import sweep_audio, sweep_storage
from podcasts.storage.keys import new_key
from tests.factories import make_audio, make_episode, make_playlist, make_show

NOW = datetime.now(UTC)
OLD = NOW - timedelta(hours=25)


def put(griot: Griot, at: datetime) -> str:
    """Put a file away that no row names."""
    key = new_key("audio", "mp3")
    griot.storage.put_bytes(b"x", key)
    path = griot.storage.local_path(key)
    assert path is not None
    os.utime(path, (at.timestamp(), at.timestamp()))
    return key


def test_only_old_files_without_a_row_go(griot: Griot) -> None:
    stranger, fresh = put(griot, OLD), put(griot, NOW)
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        session.commit()
    named = griot.storage.local_path(audio.storage_key or "")
    assert named is not None
    os.utime(named, (OLD.timestamp(), OLD.timestamp()))
    assert sweep_storage(griot.database, griot.storage, NOW) == 1
    assert not griot.storage.exists(stranger)
    assert griot.storage.exists(fresh)
    assert named.exists()


def test_old_temporaries_go_and_an_upload_under_way_stays(griot: Griot) -> None:
    old, under_way = griot.storage.new_temporary(), griot.storage.new_temporary()
    os.utime(old, (OLD.timestamp(), OLD.timestamp()))
    assert sweep_storage(griot.database, griot.storage, NOW) == 1
    assert (old.exists(), under_way.exists()) == (False, True)


def test_replaced_audio_goes_after_its_time_with_all_its_files(griot: Griot) -> None:
    with griot.database.writing() as session:
        old = make_audio(session, storage=griot.storage, let_go_at=NOW)
        key, audio_id = old.storage_key or "", old.id
        session.commit()
    assert sweep_audio(griot.database, griot.storage, NOW - timedelta(seconds=1)) == 0
    assert griot.storage.exists(key)
    assert sweep_audio(griot.database, griot.storage, NOW) == 1
    assert not griot.storage.exists(key)
    with griot.database.reading() as session:
        row = session.get_one(Audio, audio_id)
        assert (row.storage_key, row.deleted_at) == (None, NOW)
        assert session.query(Rendition).count() == 0


@pytest.mark.parametrize("use", ["episode", "binned episode", "playlist", "job", "processing"])
def test_audio_that_something_uses_never_goes(griot: Griot, use: str) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage, let_go_at=NOW - timedelta(days=1))
        if use == "episode":
            make_episode(session, make_show(session), audio=audio)
        elif use == "binned episode":
            make_episode(session, make_show(session), audio=audio, deleted_at=NOW - timedelta(days=29))
        elif use == "playlist":
            make_playlist(session, [audio])
        elif use == "job":
            add_job(session, SYSTEM, NOW, kind="derive", subject_id=audio.id, steps=())
        else:
            audio.status = "processing"
        session.commit()
    assert sweep_audio(griot.database, griot.storage, NOW) == 0
    assert griot.storage.exists(audio.storage_key or "")


def test_the_audio_of_what_left_the_bin_for_good_goes_too(griot: Griot) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        make_episode(session, make_show(session), audio=audio, deleted_at=NOW - timedelta(days=31))
        session.commit()
    assert sweep_audio(griot.database, griot.storage, NOW) == 1
    assert not griot.storage.exists(audio.storage_key or "")
