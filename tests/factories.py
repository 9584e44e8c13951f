# SPDX-License-Identifier: AGPL-3.0-or-later
"""Factories: each makes a valid row; a test names only what matters to it. None of them commits."""

import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from podcasts.db import new_id
from podcasts.models import (
    Article,
    Artwork,
    Audio,
    Episode,
    EpisodeArticle,
    MediaKey,
    Playlist,
    PlaylistItem,
    Rendition,
    Section,
    Show,
    ShowMember,
    SlugEntry,
    User,
)
from podcasts.services.actors import Actor
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MP3 = Path(__file__).parent / "data" / "audio" / "mp3-id3v24-accents.mp3"
_numbers = count(1)


def _dated() -> dict[str, Any]:
    return {"created_at": MORNING, "updated_at": MORNING}


def make_user(session: Session, *, role: str = "producer", **values: Any) -> User:
    """Make an account; no password opens it."""
    user = User(
        **{"id": new_id(), "email": f"user-{next(_numbers)}@example.org", "role": role, **_dated(), **values}
    )
    session.add(user)
    session.flush()
    return user


def actor_of(user: User) -> Actor:
    """Let an account act."""
    return Actor("user", user.id, user.role)


def make_show(session: Session, *, member: User | None = None, **values: Any) -> Show:
    """Make a show, with a member if one is named."""
    number = next(_numbers)
    show = Show(
        **{
            "id": new_id(),
            "guid": str(uuid4()),
            "slug": f"show-{number}",
            "title": f"Show {number}",
            "language": "fr",
            **_dated(),
            **values,
        }
    )
    session.add(show)
    session.add(SlugEntry(kind="show", scope="", slug=show.slug, subject_id=show.id, created_at=MORNING))
    session.flush()
    if member is not None:
        session.add(ShowMember(show_id=show.id, user_id=member.id, created_at=MORNING))
        session.flush()
    return show


def make_audio(
    session: Session, *, storage: Storage | None = None, source: Path = MP3, **values: Any
) -> Audio:
    """Make a ready audio with its normal rendition; with a storage its bytes really lie there."""
    key = new_key("audio", "mp3")
    if storage is not None:
        temporary = storage.new_temporary()
        shutil.copy(source, temporary)
        storage.put(temporary, key)
    size = source.stat().st_size
    audio = Audio(
        **{
            "id": new_id(),
            "sha256": new_id(),
            "size_bytes": size,
            "mime": "audio/mpeg",
            "kind": "mp3",
            "storage_key": key,
            "status": "ready",
            "duration_ms": 2_000,
            "bitrate_bps": 64_000,
            "channels": 1,
            "peaks": [0, 128, 255, 64] * 100,
            "cover_bars": [20, 80, 200, 255, 120, 90, 60, 180, 220, 40, 10],
            **_dated(),
            **values,
        }
    )
    session.add(audio)
    session.flush()
    session.add(
        Rendition(
            audio_id=audio.id,
            name="normal",
            mime=audio.mime,
            extension="mp3",
            storage_key=key,
            size_bytes=audio.size_bytes,
            bitrate_bps=audio.bitrate_bps,
            channels=1,
            created_at=MORNING,
        )
    )
    session.flush()
    return audio


def make_episode(session: Session, show: Show, *, audio: Audio | None = None, **values: Any) -> Episode:
    """Make a published episode, an hour old, with audio and its public key (``audio_id=None``: without)."""
    number = next(_numbers)
    if audio is None and "audio_id" not in values:
        audio = make_audio(session)
    episode = Episode(
        **{
            "id": new_id(),
            "guid": f"urn:uuid:{uuid4()}",
            "show_id": show.id,
            "audio_id": audio.id if audio else None,
            "slug": f"episode-{number}",
            "title": f"Episode {number}",
            "status": "published",
            "published_at": MORNING - timedelta(hours=1),
            **_dated(),
            **values,
        }
    )
    session.add(episode)
    session.add(
        SlugEntry(kind="episode", scope=show.id, slug=episode.slug, subject_id=episode.id, created_at=MORNING)
    )
    session.flush()
    if episode.audio_id:
        session.add(
            MediaKey(key=new_id(), audio_id=episode.audio_id, episode_id=episode.id, created_at=MORNING)
        )
        session.flush()
    return episode


def make_artwork(session: Session, **values: Any) -> Artwork:
    """Make a picture's row; no file lies behind its keys."""
    sizes = ("feed_key", "page_key", "small_key", "thumb_key")
    keys = {size: new_key("artwork", "jpg" if size == "feed_key" else "webp") for size in sizes}
    facts = {"width_px": 3000, "feed_size_bytes": 250_000, "created_at": MORNING}
    artwork = Artwork(**{"id": new_id(), "public_key": new_id(), **keys, **facts, **values})
    session.add(artwork)
    session.flush()
    return artwork


def make_article(session: Session, url: str, *, episode: Episode | None = None, **values: Any) -> Article:
    """Make an article, tied to an episode if one is named (its primary article)."""
    article = Article(**{"id": new_id(), "key": url, "url": url, **_dated(), **values})
    session.add(article)
    session.flush()
    if episode is not None:
        link = EpisodeArticle(episode_id=episode.id, article_id=article.id, role="primary", position=0)
        session.add(link)
        session.flush()
    return article


def make_section(session: Session, **values: Any) -> Section:
    """Make a section."""
    number = next(_numbers)
    section = Section(
        **{
            "id": new_id(),
            "slug": f"section-{number}",
            "name": f"Section {number}",
            "kind": "section",
            **_dated(),
            **values,
        }
    )
    session.add(section)
    session.add(
        SlugEntry(kind="section", scope="", slug=section.slug, subject_id=section.id, created_at=MORNING)
    )
    session.flush()
    return section


def make_playlist(session: Session, sounds: list[Episode | Audio] | None = None, **values: Any) -> Playlist:
    """Make a playlist of episodes and bare audio, which get their public keys."""
    number = next(_numbers)
    playlist = Playlist(
        **{
            "id": new_id(),
            "guid": str(uuid4()),
            "slug": f"playlist-{number}",
            "title": f"Playlist {number}",
            **_dated(),
            **values,
        }
    )
    session.add(playlist)
    session.add(
        SlugEntry(kind="playlist", scope="", slug=playlist.slug, subject_id=playlist.id, created_at=MORNING)
    )
    session.flush()
    for position, sound in enumerate(sounds or []):
        _add_item(session, playlist, position, sound)
    return playlist


def _add_item(session: Session, playlist: Playlist, position: int, sound: Episode | Audio) -> None:
    bare = sound if isinstance(sound, Audio) else None
    item = PlaylistItem(
        id=new_id(),
        playlist_id=playlist.id,
        position=position,
        episode_id=None if bare else sound.id,
        audio_id=bare.id if bare else None,
    )
    session.add(item)
    session.flush()
    if bare:
        session.add(MediaKey(key=new_id(), audio_id=bare.id, playlist_item_id=item.id, created_at=MORNING))
        session.flush()
