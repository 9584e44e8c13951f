# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs: work for the background worker. The row is the truth; the queue only wakes somebody up.

A worker that dies leaves a running job whose heartbeat stands still; whoever sweeps puts it back.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from podcasts.db import new_id
from podcasts.errors import GriotError
from podcasts.models import Job, JobStep
from podcasts.models.job import DONE, FAILED, QUEUED, RUNNING, SKIPPED, WAITING
from podcasts.services.actors import Actor

ATTEMPTS_AT_MOST = 5
ENDED = frozenset({DONE, FAILED, SKIPPED})
FIRST_PAUSE = timedelta(seconds=5)
STALE_AFTER = timedelta(seconds=60)
"""A heartbeat older than this means that the worker is dead."""


def add_job(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    kind: str,
    subject_id: str,
    steps: Sequence[str],
    facts: Mapping[str, Any] | None = None,
) -> Job:
    """Note a piece of work; the caller commits, and wakes the worker afterwards.

    Args:
        session: a writing one.
        actor: who wants it.
        now: the instant.
        kind: what is to be done.
        subject_id: the row that it is about.
        steps: their names, in order.
        facts: what the work needs to know beside its subject; JSON.
    """
    job = Job(
        id=new_id(),
        kind=kind,
        subject_id=subject_id,
        status=QUEUED,
        not_before=now,
        created_at=now,
        total=len(steps),
        facts=dict(facts or {}),
        created_by_id=actor.user_id,
    )
    session.add(job)
    session.flush()
    for position, name in enumerate(steps):
        session.add(JobStep(id=new_id(), job_id=job.id, name=name, position=position, status=WAITING))
    return job


def claim_next(
    session: Session,
    now: datetime,
    kinds: Sequence[str],
    *,
    worker: str = "",
    subject_id: str | None = None,
) -> Job | None:
    """Take the job that has been due longest; commits, so that nobody else takes it.

    Steps that ended before are not done again; one in the middle of which the worker died is.

    Args:
        session: a writing one.
        now: the instant.
        kinds: what the caller can do.
        worker: who takes it.
        subject_id: only about this row; None for any.

    Returns:
        The job, running, with its steps; None when nothing is due.
    """
    query = (
        select(Job)
        .where(Job.status == QUEUED, Job.not_before <= now, Job.kind.in_(kinds))
        .order_by(Job.not_before, Job.created_at, Job.id)
        .options(selectinload(Job.steps))
        .limit(1)
    )
    if subject_id is not None:
        query = query.where(Job.subject_id == subject_id)
    job = session.scalars(query).first()
    if job is None:
        return None
    job.status, job.worker = RUNNING, worker
    job.attempts += 1
    job.started_at = job.started_at or now
    job.heartbeat_at = now
    for step in job.steps:
        if step.status == RUNNING:
            _reset(step)
    job.done = sum(step.status in ENDED for step in job.steps)
    session.commit()
    return job


def beat(session: Session, now: datetime, job_id: str) -> None:
    """Give a sign of life for a running job; commits."""
    session.execute(update(Job).where(Job.id == job_id, Job.status == RUNNING).values(heartbeat_at=now))
    session.commit()


def begin_step(session: Session, now: datetime, job_id: str, name: str) -> None:
    """Note that a step has begun; commits."""
    step = _step(session, job_id, name)
    if step is not None:
        step.status, step.started_at = RUNNING, now
    session.execute(update(Job).where(Job.id == job_id).values(heartbeat_at=now))
    session.commit()


def end_step(
    session: Session,
    now: datetime,
    job_id: str,
    name: str,
    *,
    error: GriotError | None = None,
    skipped: bool = False,
) -> None:
    """Note how a step ended; the caller commits."""
    step = _step(session, job_id, name)
    if step is None:
        return
    step.status = FAILED if error else SKIPPED if skipped else DONE
    step.finished_at = now
    if error is not None:
        step.error_code, step.error_facts = error.code, dict(error.facts)
    session.execute(update(Job).where(Job.id == job_id).values(done=Job.done + 1, heartbeat_at=now))


def waiting_steps(session: Session, job_id: str) -> frozenset[str]:
    """Name the steps of a job that have not ended."""
    query = select(JobStep.name).where(JobStep.job_id == job_id, JobStep.status.not_in(ENDED))
    return frozenset(session.scalars(query))


def do_again(session: Session, now: datetime, job: Job, names: Sequence[str]) -> None:
    """Have steps of an ended job done again, and those that it never had; the caller commits and wakes.

    Args:
        session: a writing one.
        now: the instant.
        job: with its steps.
        names: of the steps.
    """
    known = {step.name: step for step in job.steps}
    for name in names:
        if name in known:
            _reset(known[name])
        else:
            session.add(JobStep(id=new_id(), job_id=job.id, name=name, position=len(known), status=WAITING))
            job.total += 1
    job.status, job.not_before, job.attempts = QUEUED, now, 0
    job.finished_at, job.error_code, job.error_facts = None, None, {}
    job.done = max(0, job.total - len(names))


def finish(session: Session, now: datetime, job_id: str) -> None:
    """Note that a job is done; the caller commits."""
    job = session.get_one(Job, job_id)
    job.status, job.finished_at, job.done = DONE, now, job.total


def fail(session: Session, now: datetime, job_id: str, error: GriotError) -> None:
    """Note that a job cannot be done, and where it stopped; the caller commits."""
    job = session.get_one(Job, job_id)
    facts = {name: value for name, value in error.facts.items() if name != "detail"}
    for step in session.scalars(select(JobStep).where(JobStep.job_id == job_id, JobStep.status == RUNNING)):
        step.status, step.finished_at = FAILED, now
        step.error_code, step.error_facts = error.code, facts
    session.execute(
        update(JobStep)
        .where(JobStep.job_id == job_id, JobStep.status == WAITING)
        .values(status=SKIPPED, finished_at=now)
    )
    job.status, job.finished_at = FAILED, now
    job.error_code, job.error_facts = error.code, facts


def try_later(session: Session, now: datetime, job_id: str) -> bool:
    """Put a job that broke back into the queue, each time for longer; commits.

    Returns:
        False when it was tried often enough: the caller fails it.
    """
    job = session.get_one(Job, job_id)
    if job.attempts >= ATTEMPTS_AT_MOST:
        return False
    job.status = QUEUED
    job.not_before = now + FIRST_PAUSE * 4 ** (job.attempts - 1)
    session.commit()
    return True


def put_back(session: Session, now: datetime, job_id: str) -> None:
    """Put a job back that its worker had to leave in order to stop: it is no failed try; commits."""
    job = session.get_one(Job, job_id)
    if job.status == RUNNING:
        job.status, job.not_before = QUEUED, now
        job.attempts = max(0, job.attempts - 1)
        session.commit()


def requeue_stale(session: Session, now: datetime, *, older_than: timedelta = STALE_AFTER) -> int:
    """Put jobs back whose worker has died; commits.

    Returns:
        How many there were.
    """
    query = select(Job).where(Job.status == RUNNING, Job.heartbeat_at < now - older_than)
    stale = session.scalars(query).all()
    for job in stale:
        job.status, job.not_before = QUEUED, now
    session.commit()
    return len(stale)


def requeue_orphans(session: Session, now: datetime, is_dead: Callable[[str], bool]) -> int:
    """Put jobs back whose worker is known to be dead, without waiting for their heartbeat; commits.

    Args:
        session: a writing one.
        now: the instant.
        is_dead: whether the worker of this name is known to be dead.

    Returns:
        How many there were.
    """
    running = session.scalars(select(Job).where(Job.status == RUNNING)).all()
    orphans = [job for job in running if job.worker and is_dead(job.worker)]
    for job in orphans:
        job.status, job.not_before = QUEUED, now
    session.commit()
    return len(orphans)


def _step(session: Session, job_id: str, name: str) -> JobStep | None:
    return session.scalar(select(JobStep).where(JobStep.job_id == job_id, JobStep.name == name))


def _reset(step: JobStep) -> None:
    step.status, step.started_at, step.finished_at = WAITING, None, None
    step.error_code, step.error_facts = None, {}
