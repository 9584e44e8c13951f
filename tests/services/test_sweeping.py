# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sweeping: strangers among the files go, what a row names stays, what is fresh is left alone."""

import os
from datetime import UTC, datetime, timedelta

from podcasts.bootstrap import Griot
from podcasts.services.sweeping import sweep_storage
from podcasts.storage.keys import new_key
from tests.factories import make_audio

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
