# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads: a received file becomes audio that waits to be read; nothing acknowledged is ever lost."""

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.sniff import AudioKind, sniff
from podcasts.db import Database, new_id
from podcasts.models import Audio
from podcasts.models.audio import FAILED, PROCESSING
from podcasts.services.actors import Actor, usable_audio
from podcasts.services.changes import record
from podcasts.services.jobs import add_job
from podcasts.services.multipart import Received
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key

INGEST = "ingest"
STEPS = ("tags", "decode", "loudness", "cover", "normal", "light-opus", "light")
"""What is done with every upload; ``podcasts.services.processing`` does it."""

log = logging.getLogger(__name__)


class Wake(Protocol):
    """Wakes the worker."""

    def __call__(self) -> object:
        """Put a word into the queue."""
        ...


@dataclass(frozen=True)
class Stored:
    """What became of an upload.

    Attributes:
        audio_id: the audio.
        created: False when these bytes were there already for this actor.
    """

    audio_id: str
    created: bool


def store_upload(
    database: Database, storage: Storage, wake: Wake, actor: Actor, now: datetime, *, received: Received
) -> Stored:
    """Put a received file away and have it read: first the file, then the row, then the answer.

    Args:
        database: for one short transaction.
        storage: takes the file.
        wake: wakes the worker; when it cannot, the worker finds the job by itself a little later.
        actor: who uploads.
        now: the instant.
        received: its temporary file is gone afterwards, whatever happens.

    Raises:
        UnusableMediaError: what it is instead of audio; nothing is kept.
        DiskFullError: nothing is kept.
        BusyError: nothing is kept.
    """
    key = None
    try:
        kind = sniff(received.temporary)
        with database.reading() as session:
            known = _known(session, actor, received.sha256)
        if known is not None:
            return Stored(known, created=False)
        key = new_key("audio", kind.extension)
        storage.put(received.temporary, key)
        with database.writing() as session:
            stored = _note(session, actor, now, received, kind, key)
    except BaseException:
        if key is not None:
            storage.delete(key)
        raise
    finally:
        received.temporary.unlink(missing_ok=True)
    if not stored.created:
        storage.delete(key)
    _wake(wake)
    return stored


def _note(
    session: Session, actor: Actor, now: datetime, received: Received, kind: AudioKind, key: str
) -> Stored:
    known = _known(session, actor, received.sha256)
    if known is not None:
        return Stored(known, created=False)
    audio = Audio(
        id=new_id(),
        sha256=received.sha256,
        size_bytes=received.size_bytes,
        mime=kind.mime,
        kind=kind.name,
        storage_key=key,
        file_name=received.file_name,
        status=PROCESSING,
        uploaded_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(audio)
    session.flush()
    add_job(session, actor, now, kind=INGEST, subject_id=audio.id, steps=STEPS)
    record(session, actor, now, "audio.uploaded", ("audio", audio.id), {"bytes": received.size_bytes})
    session.commit()
    return Stored(audio.id, created=True)


def _known(session: Session, actor: Actor, sha256: str) -> str | None:
    """Find the same bytes among what this actor may use anyway: nobody learns of another's file by its hash."""
    query = (
        select(Audio.id)
        .where(
            Audio.sha256 == sha256, Audio.status != FAILED, Audio.deleted_at.is_(None), usable_audio(actor)
        )
        .order_by(Audio.created_at)
        .limit(1)
    )
    return session.scalar(query)


def _wake(wake: Wake) -> None:
    try:
        wake()
    except Exception:  # the row is the truth; the worker looks by itself
        log.exception("the worker could not be woken")
