# SPDX-License-Identifier: AGPL-3.0-or-later
"""Resumable uploads: a file comes in pieces over any line, over days, and becomes audio once, whatever is killed.

The row says how far it is and what became of it; the file beside it fills. When the last byte is there, the file is
linked under a second name, which goes the way of every upload; the first stays until the row names the audio, so
that whoever comes back after a crash can finish.
"""

import logging
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from podcasts.audio.sniff import refuse_early
from podcasts.db import Database, new_id
from podcasts.errors import (
    ConflictError,
    GoneError,
    GriotError,
    InvalidError,
    NotFoundError,
    Problem,
    TooLargeError,
    UnusableMediaError,
)
from podcasts.models import Episode, Upload, User
from podcasts.models.episode import DRAFT
from podcasts.services import publishing
from podcasts.services.actors import Actor, episode_to_work_on, show_to_work_on
from podcasts.services.changes import record
from podcasts.services.filling import digest_of
from podcasts.services.multipart import FILE_NAME_CHARACTERS, Received
from podcasts.services.parts import finishing
from podcasts.services.uploads import Wake, store_upload
from podcasts.storage.base import Storage
from podcasts.storage.local import PART
from podcasts.text import clean_line

KEPT = timedelta(days=7)
"""How long an upload may take, pauses included."""

NAMELESS = "upload"
"""Stands for a name that nobody gave; a draft must be called something until its tags are read."""

STRANGERS_AFTER = timedelta(days=1)
EARLY_LOOK_BYTES = 64 * 1024
UNFINISHED_AT_MOST = 50

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Place:
    """What it takes to finish an upload."""

    database: Database
    storage: Storage
    wake: Wake


def create_upload(
    place: Place,
    actor: Actor,
    now: datetime,
    *,
    size_bytes: int,
    limit_bytes: int,
    file_name: str,
    show: str | None = None,
    episode: str | None = None,
) -> Upload:
    """Begin an upload.

    Args:
        place: where.
        actor: who sends it; nobody else may go on.
        now: the instant.
        size_bytes: of the whole file.
        limit_bytes: largest file.
        file_name: the sender's own.
        show: slug or id of the show in which a draft is made of it; None for none.
        episode: id of the episode that gets it; None for none.

    Raises:
        TooLargeError: facts ``limit_bytes``.
        UnusableMediaError: "empty-file".
        InvalidError: "one-of-two": both a show and an episode are named.
        NotFoundError: the show or the episode is not the actor's.
        DiskFullError: no room even for a beginning.
    """
    if size_bytes > limit_bytes:
        raise TooLargeError(limit_bytes=limit_bytes)
    if size_bytes == 0:
        raise UnusableMediaError("empty-file")
    if show and episode:
        raise InvalidError(problems=(Problem("show", "one-of-two"),))
    with place.database.reading() as session:
        show_id = show_to_work_on(session, actor, show).id if show else None
        episode_id = episode_to_work_on(session, actor, episode).id if episode else None
    temporary = place.storage.new_temporary(PART)
    upload = Upload(
        id=new_id(),
        owner_id=actor.user_id,
        size_bytes=size_bytes,
        offset_bytes=0,
        temporary=temporary.name,
        file_name=clean_line(file_name.replace("\\", "/").rpartition("/")[2], FILE_NAME_CHARACTERS)
        or NAMELESS,
        show_id=show_id,
        episode_id=episode_id,
        created_at=now,
        expires_at=now + KEPT,
    )
    try:
        with place.database.writing() as session:
            session.add(upload)
            record(session, actor, now, "upload.begun", ("upload", upload.id), {"bytes": size_bytes})
            session.commit()
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return upload


def find_upload(session: Session, actor: Actor, now: datetime, upload_id: str) -> Upload:
    """Find an upload of the actor's own.

    Raises:
        NotFoundError: there is none, it is somebody else's, or its time is over.
    """
    query = select(Upload).where(
        Upload.id == upload_id, Upload.owner_id == actor.user_id, Upload.expires_at > now
    )
    found = session.scalar(query.where(Upload.owner_id.is_not(None)))
    if found is None:
        raise NotFoundError
    return found


def require_going_on(upload: Upload) -> None:
    """Let through only an upload that was not refused.

    Raises:
        GoneError: with the code and facts of what was wrong with the file.
    """
    if upload.error_code is not None:
        raise GoneError(upload.error_code, **upload.error_facts)


def unfinished(session: Session, actor: Actor, now: datetime) -> Sequence[Upload]:
    """List the actor's uploads that have not come to their end, newest first. One query."""
    query = (
        select(Upload)
        .where(
            Upload.owner_id == actor.user_id,
            Upload.expires_at > now,
            Upload.audio_id.is_(None),
            Upload.error_code.is_(None),
        )
        .order_by(Upload.created_at.desc(), Upload.id)
    )
    return session.scalars(query.limit(UNFINISHED_AT_MOST)).all()


def acknowledge(database: Database, upload_id: str, offset_bytes: int) -> None:
    """Note that every byte before an offset is on the disk for good.

    Raises:
        BusyError: it could not be noted; the bytes will be asked for again.
    """
    with database.writing() as session:
        upload = session.get(Upload, upload_id)
        if upload is None:
            # Its time was over while it came.
            raise NotFoundError
        upload.offset_bytes = offset_bytes
        session.commit()


def look_early(place: Place, upload: Upload, offset_bytes: int, now: datetime) -> None:
    """Look at a file's beginning as soon as it is there: nobody should send a film over a bad line for nothing.

    Raises:
        UnusableMediaError: it can never be audio; the upload has ended.
    """
    if upload.temporary is None or not upload.offset_bytes < EARLY_LOOK_BYTES <= offset_bytes:
        return
    try:
        refuse_early(place.storage.temporary(upload.temporary))
    except UnusableMediaError as reason:
        _refuse(place, upload.id, reason, now)
        raise


def terminate(place: Place, actor: Actor, now: datetime, *, upload_id: str) -> None:
    """Forget an upload and what has come of it; audio that it became stays.

    Raises:
        NotFoundError: there is no such upload of the actor's.
    """
    with place.database.writing() as session:
        upload = find_upload(session, actor, now, upload_id)
        temporary = upload.temporary
        session.delete(upload)
        record(session, actor, now, "upload.terminated", ("upload", upload_id))
        session.commit()
    _remove(place.storage, temporary)


def complete(place: Place, actor: Actor, now: datetime, *, upload_id: str) -> Upload:
    """Make audio of an upload whose last byte has come, and the draft that was asked for; safe to repeat.

    Web and worker may come to it at once: one finishes, the other is turned away.

    Raises:
        LockedError: somebody else is finishing it.
        UnusableMediaError: what it is instead of audio; the upload has ended.
        DiskFullError: it can be completed later.
        BusyError: it can be completed later.
    """
    with place.database.reading() as session:
        upload = session.get_one(Upload, upload_id)
    if upload.audio_id is not None or upload.temporary is None:
        return upload
    part = place.storage.temporary(upload.temporary)
    with finishing(part):
        return _complete(place, actor, now, part, upload_id)


def _complete(place: Place, actor: Actor, now: datetime, part: Path, upload_id: str) -> Upload:
    with place.database.reading() as session:
        # Read again: it may have been finished before the file was ours.
        upload = session.get_one(Upload, upload_id)
    if upload.audio_id is not None or upload.temporary is None:
        return upload
    try:
        stored = store_upload(
            place.database, place.storage, place.wake, actor, now, received=_received(place, part, upload)
        )
    except UnusableMediaError as reason:
        _refuse(place, upload_id, reason, now)
        raise
    episode_id = _place(place, actor, now, upload, stored.audio_id)
    with place.database.writing() as session:
        row = session.get_one(Upload, upload_id)
        row.audio_id, row.episode_id, row.temporary = stored.audio_id, episode_id, None
        session.commit()
    part.unlink(missing_ok=True)
    return row


def sweep_uploads(place: Place, now: datetime) -> int:
    """Forget uploads whose time is over, finish those that a crash left whole, remove files that no row names.

    Returns:
        How many were forgotten or finished.
    """
    with place.database.writing() as session:
        old = session.scalars(select(Upload).where(Upload.expires_at <= now)).all()
        names = [upload.temporary for upload in old]
        for upload in old:
            session.delete(upload)
        session.commit()
    for name in names:
        _remove(place.storage, name)
    _remove_strangers(place, now)
    return len(old) + _finish_whole(place, now)


def _finish_whole(place: Place, now: datetime) -> int:
    """Finish uploads that are whole but became nothing: whoever sent them heard that every byte was taken."""
    with place.database.reading() as session:
        query = (
            select(Upload, User)
            .join(User, User.id == Upload.owner_id)
            .where(
                Upload.offset_bytes == Upload.size_bytes,
                Upload.audio_id.is_(None),
                Upload.error_code.is_(None),
                Upload.temporary.is_not(None),
            )
        )
        whole = session.execute(query.limit(UNFINISHED_AT_MOST)).all()
    finished = 0
    for upload, user in whole:
        path = place.storage.temporary(upload.temporary or "")
        # A file that was written to a moment ago is being finished by whoever sent it.
        if not path.exists() or datetime.fromtimestamp(path.stat().st_mtime, UTC) > now - timedelta(
            minutes=2
        ):
            continue
        try:
            complete(place, Actor("user", user.id, user.role), now, upload_id=upload.id)
        except GriotError as reason:
            log.info("upload %s could not be finished: %s", upload.id, reason.code)
        finished += 1
    return finished


def _remove_strangers(place: Place, now: datetime) -> None:
    with place.database.reading() as session:
        named = set(session.scalars(select(Upload.temporary).where(Upload.temporary.is_not(None))))
    for path in place.storage.parts():
        if path.name in named:
            continue
        try:
            if datetime.fromtimestamp(path.stat().st_mtime, UTC) < now - STRANGERS_AFTER:
                path.unlink()
        except FileNotFoundError:
            continue


def _received(place: Place, part: Path, upload: Upload) -> Received:
    """Give the whole file a second name, which goes the way of every upload."""
    digest = digest_of(part)
    second = place.storage.new_temporary()
    second.unlink()
    try:
        os.link(part, second)
    except OSError:
        # Some file systems know no second names.
        shutil.copyfile(part, second)
    return Received(second, digest, upload.size_bytes, upload.file_name, {})


def _place(place: Place, actor: Actor, now: datetime, upload: Upload, audio_id: str) -> str | None:
    """Give the audio to the episode that asked for it, or to a draft; the episode's id, None where none asked.

    An episode that is online keeps its sound until somebody says so; a target that is gone meanwhile is no reason
    to lose the audio.
    """
    given = {"audio_id": audio_id}
    try:
        if upload.episode_id is not None:
            with place.database.writing() as session:
                publishing.edit_episode(session, actor, now, episode=upload.episode_id, given=given)
            return upload.episode_id
        if upload.show_id is None:
            return None
        with place.database.writing() as session:
            known = session.scalar(_draft_of(upload, audio_id))
            if known is not None:
                return known
            return publishing.create_episode(session, actor, now, show=upload.show_id, given=given).id
    except ConflictError:
        return upload.episode_id
    except NotFoundError:
        return None


def _draft_of(upload: Upload, audio_id: str) -> Select[str]:
    """Look for the draft that an earlier try made, before it was killed."""
    return (
        select(Episode.id)
        .where(
            Episode.audio_id == audio_id,
            Episode.show_id == upload.show_id,
            Episode.status == DRAFT,
            Episode.deleted_at.is_(None),
            Episode.created_by_id == upload.owner_id,
            Episode.created_at >= upload.created_at,
        )
        .limit(1)
    )


def _refuse(place: Place, upload_id: str, reason: UnusableMediaError, now: datetime) -> None:
    with place.database.writing() as session:
        upload = session.get_one(Upload, upload_id)
        temporary, upload.temporary = upload.temporary, None
        upload.error_code, upload.error_facts = reason.code, dict(reason.facts)
        record(session, _owner(upload), now, "upload.refused", ("upload", upload_id), {"code": reason.code})
        session.commit()
    _remove(place.storage, temporary)


def _owner(upload: Upload) -> Actor:
    return Actor("user", upload.owner_id, "producer")


def _remove(storage: Storage, name: str | None) -> None:
    if name is not None:
        storage.temporary(name).unlink(missing_ok=True)
