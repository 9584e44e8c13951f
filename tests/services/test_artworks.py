# SPDX-License-Identifier: AGPL-3.0-or-later
"""Artwork as rows: described, and let go when nothing names it; what is named never goes."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError
from podcasts.models import Artwork, Chapter
from podcasts.services.artworks import files_of, store_artwork, sweep_artworks
from tests.factories import MORNING, make_audio, make_episode, make_playlist, make_section, make_show

LATER = MORNING + timedelta(days=1, seconds=1)


@pytest.fixture
def picture(data: Path) -> bytes:
    return (data / "images" / "cover.jpg").read_bytes()


def test_a_picture_nobody_names_goes_after_a_day_with_its_files(griot: Griot, picture: bytes) -> None:
    artwork = store_artwork(griot.storage, MORNING, picture)
    with griot.database.writing() as session:
        session.add(artwork)
        session.commit()
    assert sweep_artworks(griot.database, griot.storage, LATER - timedelta(seconds=2)) == 0
    assert sweep_artworks(griot.database, griot.storage, LATER) == 1
    assert list(griot.storage.keys()) == []


@pytest.mark.parametrize("owner", ["show", "episode", "audio", "playlist", "section", "chapter"])
def test_a_picture_that_something_names_stays(griot: Griot, picture: bytes, owner: str) -> None:
    artwork = store_artwork(griot.storage, MORNING, picture)
    with griot.database.writing() as session:
        session.add(artwork)
        session.flush()
        named: dict[str, Any] = {"artwork_id": artwork.id}
        if owner == "show":
            make_show(session, **named)
        elif owner == "episode":
            make_episode(session, make_show(session), **named)
        elif owner == "audio":
            make_audio(session, **named)
        elif owner == "playlist":
            make_playlist(session, **named)
        elif owner == "section":
            make_section(session, **named)
        else:
            episode = make_episode(session, make_show(session))
            session.add(Chapter(episode_id=episode.id, start_ms=0, title="", **named))
        session.commit()
    assert sweep_artworks(griot.database, griot.storage, LATER) == 0
    assert all(griot.storage.exists(key) for key in files_of(artwork))


def test_a_description_is_one_clean_line_and_not_too_long(griot: Griot, picture: bytes) -> None:
    artwork = store_artwork(griot.storage, MORNING, picture, alt=" Le fleuve\n à l'aube\x00 ")
    assert isinstance(artwork, Artwork)
    assert artwork.alt == "Le fleuve à l'aube"
    with pytest.raises(InvalidError) as caught:
        store_artwork(griot.storage, MORNING, picture, alt="x" * 301)
    assert (caught.value.problems[0].field, caught.value.problems[0].code) == ("alt", "too-long")
