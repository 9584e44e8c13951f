# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sweeping: what a crash left behind is put right; no row names a missing file, no file is without a row."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CompoundSelect, delete, select, union
from sqlalchemy.orm import Session

from podcasts.db import Database
from podcasts.models import Artwork, Audio, Clip, IdempotencyEntry, Rendition
from podcasts.services.jobs import requeue_stale
from podcasts.storage.base import Storage

TEMPORARIES_AFTER = timedelta(hours=24)
"""An upload on a bad line may take hours."""

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
