# SPDX-License-Identifier: AGPL-3.0-or-later
"""Remaking: steps that failed, or that an audio never had, are done again alone; so are jobs that got lost."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session, selectinload

from podcasts.errors import ConflictError, NotFoundError
from podcasts.models import Audio, Clip, Job
from podcasts.models.audio import FAILED, PROCESSING
from podcasts.models.job import FAILED as STEP_FAILED
from podcasts.models.job import QUEUED, RUNNING
from podcasts.services.actors import SYSTEM, Actor, audio_to_use
from podcasts.services.changes import record
from podcasts.services.clips import CLIP
from podcasts.services.jobs import add_job, do_again
from podcasts.services.tagging import is_out
from podcasts.services.uploads import INGEST, STEPS


def remake(session: Session, actor: Actor, now: datetime, *, audio: str, step: str | None = None) -> Audio:
    """Have one step done again, or every step that failed or is missing. The caller wakes the worker.

    Args:
        session: a writing one.
        actor: who may use the audio.
        now: the instant.
        audio: id.
        step: its name; None for all that need it.

    Raises:
        NotFoundError: there is no such audio for this actor, or no such step.
        ConflictError: "audio-not-ready" while it is being processed; "file-lost" where its file is gone;
            "nothing-to-remake" where no step needs it, or somebody has the address of what it made.
    """
    row = audio_to_use(session, actor, audio)
    if step is not None and step not in STEPS:
        raise NotFoundError
    if row.storage_key is None:
        raise ConflictError("file-lost")
    job = _job_of(session, row)
    if job is None:
        job = add_job(session, actor, now, kind=INGEST, subject_id=row.id, steps=())
        session.refresh(job, ["steps"])
    elif job.status in {QUEUED, RUNNING}:
        raise ConflictError("audio-not-ready")
    needy = _in_need(row, job)
    # What has succeeded may be wished anew, at another loudness say, but not under the feet of listeners.
    names = needy if step is None else [step]
    if step is not None and step not in needy and is_out(session, row.id, now):
        names = []
    if not names:
        raise ConflictError("nothing-to-remake")
    do_again(session, now, job, names)
    if row.status == FAILED:
        row.status, row.error_code, row.error_facts, row.let_go_at = PROCESSING, None, {}, None
    row.updated_at = now
    record(session, actor, now, "audio.remake-asked", ("audio", row.id), {"steps": names})
    session.commit()
    return row


def restore_jobs(session: Session, now: datetime) -> int:
    """Give work whose job is gone, as when somebody emptied the table, another one; commits.

    Args:
        session: a writing one.
        now: the instant.

    Returns:
        How many were made.
    """
    audios = session.scalars(
        select(Audio.id).where(
            Audio.status == PROCESSING, Audio.deleted_at.is_(None), _without_job(Audio.id, INGEST)
        )
    ).all()
    unmade = session.scalars(
        select(Clip.id).where(
            Clip.storage_key.is_(None), Clip.error_code.is_(None), _without_job(Clip.id, CLIP)
        )
    ).all()
    for audio_id in audios:
        add_job(session, SYSTEM, now, kind=INGEST, subject_id=audio_id, steps=STEPS)
    for clip_id in unmade:
        add_job(session, SYSTEM, now, kind=CLIP, subject_id=clip_id, steps=())
    session.commit()
    return len(audios) + len(unmade)


def _without_job(subject: InstrumentedAttribute[str], kind: str) -> ColumnElement[bool]:
    return ~select(Job.id).where(Job.subject_id == subject, Job.kind == kind).exists()


def _job_of(session: Session, audio: Audio) -> Job | None:
    query = (
        select(Job)
        .where(Job.subject_id == audio.id, Job.kind == INGEST)
        .order_by(Job.created_at.desc(), Job.id)
        .options(selectinload(Job.steps))
        .limit(1)
    )
    return session.scalars(query).first()


def _in_need(audio: Audio, job: Job) -> list[str]:
    """Name the steps that failed or are missing; of an audio that failed, all that did not succeed."""
    states = {one.name: one.status for one in job.steps}
    if audio.status == FAILED:
        return [name for name in STEPS if states.get(name) != "done"]
    return [name for name in STEPS if states.get(name, STEP_FAILED) == STEP_FAILED]
