# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tagging: what stands in the files of renditions, until their addresses are given out.

A rendition is encoded while the producer still writes the title. So its tags are written again when the episode is
about to be released; never afterwards, because the bytes under a public address do not change.
"""

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from podcasts.audio.artwork import cover_for_tags
from podcasts.audio.sniff import MP3, OPUS, OPUS_MP4
from podcasts.audio.tag_writing import TagSheet, sheet_hash, write_tags
from podcasts.audio.tags import Chapter as ChapterTag
from podcasts.db import Database, new_id
from podcasts.errors import DiskFullError, NotFoundError, UnusableMediaError
from podcasts.links import Links
from podcasts.models import Artwork, Audio, Episode, Playlist, PlaylistItem, Rendition, Show
from podcasts.models.audio import NORMAL
from podcasts.models.episode import PUBLISHED
from podcasts.services.filling import filling, put_away
from podcasts.services.renditions import put_rendition
from podcasts.storage.base import Storage

NORMAL_COVER_PX = 600
LIGHT_COVER_PX = 240
"""A picture of 600 px weighs as much as ten seconds of light sound; nobody pays for that."""

SOON = timedelta(minutes=3)
"""How long before a planned release the tags are written for the last time."""

# An AAC is never written into: it is the upload itself. Ogg comes from before light sound was in MP4.
_KIND_OF = {kind.extension: kind for kind in (MP3, OPUS, OPUS_MP4)}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Words:
    """What the tags are made of, apart from any session."""

    audio: Audio
    episode: Episode | None
    artwork_key: str | None


def load_sheet(database: Database, storage: Storage, links: Links, audio_id: str, rendition: str) -> TagSheet:
    """Put together what is written into a rendition: the words of its first episode, else those of the file.

    Args:
        database: is read.
        storage: holds the cover.
        links: the address of the episode's page.
        audio_id: the audio.
        rendition: its name; light ones carry a small cover.
    """
    with database.reading() as session:
        words = _load_words(session, audio_id)
    side_px = NORMAL_COVER_PX if rendition == NORMAL else LIGHT_COVER_PX
    return _sheet(words, links, _cover(storage, words.artwork_key, side_px))


def settle_tags(database: Database, storage: Storage, links: Links, now: datetime, *, episode: str) -> None:
    """Write the present words of an episode into its renditions, if nobody has their addresses yet.

    No transaction may be open. What cannot be written is left as it is: the feed and the pages have the words.

    Args:
        database: for short transactions.
        storage: holds the files.
        links: the address of the episode's page.
        now: the instant.
        episode: id; one that is not there, or has no renditions of ours, is passed over.
    """
    with database.reading() as session:
        audio_id = session.scalar(select(Episode.audio_id).where(Episode.id == episode))
        if audio_id is None or is_out(session, audio_id, now):
            return
        query = select(Rendition).where(Rendition.audio_id == audio_id, Rendition.tags_hash.is_not(None))
        renditions = session.scalars(query).all()
    for rendition in renditions:
        sheet = load_sheet(database, storage, links, audio_id, rendition.name)
        if sheet_hash(sheet) != rendition.tags_hash:
            try:
                _write_anew(database, storage, now, rendition, sheet)
            except (UnusableMediaError, DiskFullError, NotFoundError):
                log.warning("tags of rendition %s stay as they were", rendition.id, exc_info=True)


def settle_due_tags(database: Database, storage: Storage, links: Links, now: datetime) -> None:
    """Write the tags of what is about to be released by the clock: it may have been edited since it was planned."""
    with database.reading() as session:
        due = session.scalars(
            select(Episode.id).where(
                Episode.status == PUBLISHED, Episode.published_at > now, Episode.published_at <= now + SOON
            )
        ).all()
    for episode in due:
        settle_tags(database, storage, links, now, episode=episode)


def is_out(session: Session, audio_id: str, now: datetime) -> bool:
    """Say whether somebody may have an address of this audio: through an episode, or bare in a playlist.

    Args:
        session: any.
        audio_id: the audio.
        now: the instant.
    """
    released = select(Episode.id).where(
        Episode.audio_id == audio_id, Episode.status == PUBLISHED, Episode.published_at <= now
    )
    listed = (
        select(PlaylistItem.id)
        .join(Playlist, Playlist.id == PlaylistItem.playlist_id)
        .where(PlaylistItem.audio_id == audio_id, Playlist.published, Playlist.deleted_at.is_(None))
    )
    return any(session.scalar(query.limit(1)) is not None for query in (released, listed))


def _write_anew(
    database: Database, storage: Storage, now: datetime, rendition: Rendition, sheet: TagSheet
) -> None:
    kind = _KIND_OF[rendition.extension]
    with filling(storage, kind.extension) as temporary:
        with storage.open(rendition.storage_key) as before, temporary.open("wb") as after:
            shutil.copyfileobj(before, after, 1024 * 1024)
        write_tags(temporary, kind, sheet)
        file = put_away(storage, temporary, kind.extension)
    made = Rendition(
        id=new_id(),
        audio_id=rendition.audio_id,
        name=rendition.name,
        mime=rendition.mime,
        extension=rendition.extension,
        storage_key=file.key,
        size_bytes=file.size_bytes,
        bitrate_bps=rendition.bitrate_bps,
        channels=rendition.channels,
        sha256=file.sha256,
        loudness_target_lufs=rendition.loudness_target_lufs,
        tags_hash=sheet_hash(sheet),
        created_at=now,
    )
    gone = [made.storage_key]
    with database.writing() as session:
        # Somebody may have released it, or encoded it anew, in between: then this file was made for nothing.
        same = session.get(Rendition, rendition.id) is not None
        if same and not is_out(session, rendition.audio_id, now):
            gone = list(put_rendition(session, session.get_one(Audio, rendition.audio_id), made, now))
            session.commit()
    for key in gone:
        storage.delete(key)


def _load_words(session: Session, audio_id: str) -> _Words:
    audio = session.scalars(
        select(Audio).where(Audio.id == audio_id).options(joinedload(Audio.artwork))
    ).one()
    query = (
        select(Episode)
        .where(Episode.audio_id == audio_id, Episode.deleted_at.is_(None))
        .order_by(Episode.created_at, Episode.id)
        .options(
            joinedload(Episode.artwork),
            joinedload(Episode.show).joinedload(Show.artwork),
            selectinload(Episode.chapters),
        )
        .limit(1)
    )
    episode = session.scalars(query).one_or_none()
    artwork: Artwork | None = audio.artwork
    if episode is not None:
        artwork = episode.artwork or artwork or episode.show.artwork
    return _Words(audio, episode, artwork.feed_key if artwork else None)


def _sheet(words: _Words, links: Links, cover: bytes | None) -> TagSheet:
    audio, episode = words.audio, words.episode
    if episode is None:
        chapters = tuple(
            ChapterTag(one["start_ms"], one["title"], one.get("url")) for one in audio.tag_chapters
        )
        return TagSheet(
            title=audio.title or audio.file_name,
            artist=audio.artist or "",
            album=audio.album or "",
            comment=audio.comment,
            track_number=audio.track_number,
            year=audio.year,
            page_url=None,
            cover_jpeg=cover,
            chapters=chapters,
            duration_ms=audio.duration_ms,
        )
    return TagSheet(
        title=episode.title,
        artist=episode.artist or audio.artist or episode.show.author,
        album=episode.album or audio.album or episode.show.title,
        comment=episode.summary or None,
        track_number=episode.number or audio.track_number,
        year=episode.published_at.year if episode.published_at else audio.year,
        page_url=links.episode(episode.show.slug, episode.slug),
        cover_jpeg=cover,
        chapters=tuple(ChapterTag(one.start_ms, one.title, one.url) for one in episode.chapters),
        duration_ms=audio.duration_ms,
    )


def _cover(storage: Storage, key: str | None, side_px: int) -> bytes | None:
    """Take the cover in a size for a file; a picture that is gone is no reason to do without tags."""
    if key is None:
        return None
    try:
        with storage.open(key) as file:
            return cover_for_tags(file.read(), side_px)
    except NotFoundError:
        return None
