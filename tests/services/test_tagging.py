# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tags of renditions are settled until somebody may have an address of the file, and never after."""

from pathlib import Path

from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.models import MediaKey, PlaylistItem, Rendition
from podcasts.services import playlists, processing, publishing, tagging
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING, make_show
from tests.services.test_processing import bench_of, claim, upload


def with_words(griot: Griot, data: Path) -> tuple[str, str]:
    """Upload a WAV, whose renditions are ours, as a draft's sound, and change its title; audio and episode."""
    audio_id = upload(griot, data / "audio" / "wav.wav")
    with griot.database.writing() as session:
        show = make_show(session, slug="matins")
        session.commit()
    with griot.database.writing() as session:
        given = {"audio_id": audio_id, "title": "Premier titre"}
        episode = publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given=given)
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.writing() as session:
        publishing.edit_episode(session, SYSTEM, MORNING, episode=episode.id, given={"title": "Un autre"})
    return audio_id, episode.id


def settled(griot: Griot, episode: str) -> bool:
    """Settle the tags; say whether that made other files."""
    with griot.database.reading() as session:
        before = set(session.scalars(select(Rendition.storage_key)))
    tagging.settle_tags(griot.database, griot.storage, griot.links, MORNING, episode=episode)
    with griot.database.reading() as session:
        after = set(session.scalars(select(Rendition.storage_key)))
    assert all(griot.storage.exists(key) for key in after)
    return before != after


def put_in_playlist(griot: Griot, audio_id: str, *, published: bool) -> None:
    """Let an audio stand bare in a playlist."""
    with griot.database.writing() as session:
        given = {"title": "Jingles", "published": published, "items": [{"audio_id": audio_id}]}
        playlists.create_playlist(session, SYSTEM, MORNING, links=griot.links, given=given)


def test_a_draft_s_files_get_its_latest_words(griot: Griot, data: Path) -> None:
    audio_id, episode = with_words(griot, data)
    put_in_playlist(griot, audio_id, published=False)
    assert settled(griot, episode)
    assert not settled(griot, episode)


def test_audio_that_is_public_in_a_playlist_keeps_its_addresses(griot: Griot, data: Path) -> None:
    audio_id, episode = with_words(griot, data)
    put_in_playlist(griot, audio_id, published=True)
    with griot.database.reading() as session:
        item = session.scalars(select(PlaylistItem)).one()
        query = select(MediaKey.key).where(MediaKey.playlist_item_id == item.id)
        keys = set(session.scalars(query))
    assert keys
    assert not settled(griot, episode)
    with griot.database.reading() as session:
        assert set(session.scalars(query)) == keys
