# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sweeping: what a crash left behind is put right; no row names a missing file, no file is without a row."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, delete, select, union
from sqlalchemy.orm import Session

from podcasts.db import Database
from podcasts.models import (
    Artwork,
    Audio,
    Clip,
    Episode,
    IdempotencyEntry,
    Job,
    MediaKey,
    PlaylistItem,
    Rendition,
)
from podcasts.models.audio import PROCESSING
from podcasts.models.job import QUEUED, RUNNING
from podcasts.services.actors import SYSTEM
from podcasts.services.changes import record
from podcasts.services.jobs import requeue_stale
from podcasts.services.publishing import BIN_DAYS
from podcasts.storage.base import Storage

TEMPORARIES_AFTER = timedelta(hours=24)
"""An upload on a bad line may take hours."""

AUDIO_AT_ONCE = 50
"""How many audios one sweep lets go: no transaction is long."""

IDEMPOTENCY_KEPT = timedelta(hours=24)


def sweep_jobs(database: Database, now: datetime) -> int:
    """Put back the jobs of dead workers; answer how many there were."""
    with database.writing() as session:
        return requeue_stale(session, now)


def sweep_storage(database: Database, storage: Storage, now: datetime) -> int:
    """Remove temporaries, and files that no row has named for a day; answer how many went.

    A file is put away before its row is written, so only files that stood without a row in two sweeps' listing
    and are older than a day are strangers: their keys are listed first and the rows read after.
    """
    gone = storage.sweep_temporaries(older_than=TEMPORARIES_AFTER, now=now)
    every = storage.keys()
    listed = [key for key in every if _is_old(storage, key, now)]
    with database.reading() as session:
        named = set(session.scalars(_named_keys()))
    for key in listed:
        if key not in named:
            storage.delete(key)
            gone += 1
    return gone


def sweep_audio(database: Database, storage: Storage, now: datetime) -> int:
    """Let replaced audio go whose time has come, and the audio of episodes that left the bin for good.

    Whether anything still uses it is asked in the transaction that forgets it; the files go after that. So a file
    that is named can never go, whoever takes it into use meanwhile.

    Returns:
        How many audios went.
    """
    with database.writing() as session:
        _empty_bin(session, now)
        ripe = select(Audio).where(Audio.let_go_at <= now, Audio.deleted_at.is_(None))
        ripe = ripe.where(Audio.status != PROCESSING).limit(AUDIO_AT_ONCE)
        keys: list[str] = []
        gone = 0
        for audio in session.scalars(ripe).all():
            if _is_used(session, audio.id):
                audio.let_go_at = None
            else:
                keys += _forget(session, audio, now)
                gone += 1
        session.commit()
    for key in keys:
        storage.delete(key)
    return gone


def _empty_bin(session: Session, now: datetime) -> None:
    """Part episodes that lay in the bin for its 30 days from their audio; nobody can take them out any more."""
    old = select(Episode).where(
        Episode.deleted_at <= now - timedelta(days=BIN_DAYS), Episode.audio_id.is_not(None)
    )
    for episode in session.scalars(old.limit(AUDIO_AT_ONCE)).all():
        audio = session.get_one(Audio, episode.audio_id)
        audio.let_go_at = now
        episode.audio_id = None
    session.flush()


def _is_used(session: Session, audio_id: str) -> bool:
    """Say whether an episode (in the bin too), a playlist or a piece of work still needs an audio."""
    uses = (
        select(Episode.id).where(Episode.audio_id == audio_id),
        select(PlaylistItem.id).where(PlaylistItem.audio_id == audio_id),
        select(Job.id).where(Job.subject_id == audio_id, Job.status.in_((QUEUED, RUNNING))),
    )
    return any(session.scalar(use.limit(1)) is not None for use in uses)


def _forget(session: Session, audio: Audio, now: datetime) -> list[str]:
    """Forget the files of an audio; its row stays, because the history names it."""
    made = session.scalars(select(Rendition.storage_key).where(Rendition.audio_id == audio.id))
    keys = {key for key in (audio.storage_key, audio.dense_peaks_key, *made) if key}
    session.execute(delete(Rendition).where(Rendition.audio_id == audio.id))
    session.execute(delete(MediaKey).where(MediaKey.audio_id == audio.id))
    audio.storage_key = audio.dense_peaks_key = None
    audio.deleted_at = audio.updated_at = now
    record(session, SYSTEM, now, "audio.let-go", ("audio", audio.id))
    return sorted(keys)


def sweep_answers(session: Session, now: datetime) -> None:
    """Forget answers to repeated calls after a day; commits."""
    session.execute(delete(IdempotencyEntry).where(IdempotencyEntry.created_at < now - IDEMPOTENCY_KEPT))
    session.commit()


def _named_keys() -> CompoundSelect[Any]:
    columns = (
        *(Audio.storage_key, Audio.dense_peaks_key, Rendition.storage_key, Clip.storage_key),
        *(Artwork.feed_key, Artwork.page_key, Artwork.small_key, Artwork.thumb_key),
    )
    return union(*(select(column).where(column.is_not(None)) for column in columns))


def _is_old(storage: Storage, key: str, now: datetime) -> bool:
    path = storage.local_path(key)
    try:
        return path is not None and path.stat().st_mtime < (now - TEMPORARIES_AFTER).timestamp()
    except FileNotFoundError:
        return False
