# SPDX-License-Identifier: AGPL-3.0-or-later
"""Remaking: steps of an audio that failed, or that it never had, are done again alone; the function commits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from podcasts.errors import ConflictError, NotFoundError
from podcasts.models import Audio, Job
from podcasts.models.audio import FAILED, PROCESSING
from podcasts.models.job import FAILED as STEP_FAILED
from podcasts.models.job import QUEUED, RUNNING
from podcasts.services.actors import Actor, audio_to_use
from podcasts.services.changes import record
from podcasts.services.jobs import add_job, do_again
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
            "nothing-to-remake" where no step needs it.
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
    names = [step] if step else _in_need(row, job)
    if not names:
        raise ConflictError("nothing-to-remake")
    do_again(session, now, job, names)
    if row.status == FAILED:
        row.status, row.error_code, row.error_facts, row.let_go_at = PROCESSING, None, {}, None
    row.updated_at = now
    record(session, actor, now, "audio.remake-asked", ("audio", row.id), {"steps": names})
    session.commit()
    return row


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
