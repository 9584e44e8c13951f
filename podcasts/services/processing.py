# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processing: an uploaded file is read, heard, measured and encoded, step by step.

Each step works outside of every transaction and then notes what it found together with its own end. Killed
anywhere, the job goes on with the steps that had not ended. A side step that fails says why and takes nothing else
with it; only a file in which nothing can be heard makes the audio fail.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from podcasts.audio.ffmpeg import Runs, StoppedError
from podcasts.audio.sniff import KINDS
from podcasts.audio.tags import read_tags
from podcasts.errors import BusyError, DiskFullError, GriotError, UnusableMediaError
from podcasts.models import Audio, Job, Rendition
from podcasts.models.audio import FAILED, NORMAL, READY
from podcasts.services import jobs
from podcasts.services.actors import SYSTEM
from podcasts.services.bench import Bench
from podcasts.services.changes import record
from podcasts.services.publishing import KEPT_AFTER_REPLACING
from podcasts.services.steps import STEPS_TOGETHER, Note, Step, Task, adopt

PASSES_AT_ONCE = 2
"""One encoder does not use two cores, two do; more would only take memory."""

WORTH_ANOTHER_TRY = frozenset({"too-long-to-decode", "ingest-failed", "disk-full"})
"""Reasons that lie in the machine and not in the file, which is therefore kept for a while."""

log = logging.getLogger(__name__)


def ingest(bench: Bench, job_id: str, audio_id: str) -> None:
    """Do the steps that have not ended; then the audio is ready, or failed with its reason.

    Raises:
        StoppedError: the process is leaving; the job is to be put back.
        DiskFullError: no room for what is essential; the job is to be tried later.
    """
    found = _upload(bench, audio_id)
    if found is None:
        _finish_job(bench, job_id)
        return
    path = bench.storage.local_path(found.key)
    if path is None or not bench.storage.exists(found.key):
        fail_audio(bench, job_id, audio_id, UnusableMediaError("file-lost"))
        return
    task = Task(
        job_id=job_id,
        audio_id=audio_id,
        key=found.key,
        path=path,
        kind=KINDS[found.kind],
        size_bytes=found.size_bytes,
        tags=read_tags(path, KINDS[found.kind]),
        waiting=_waiting(bench, job_id),
        ready=found.status == READY,
    )
    try:
        for group in STEPS_TOGETHER:
            _do_together(bench, task, [step for step in group if step.name in task.waiting])
    except UnusableMediaError as reason:
        log.info("audio %s failed: %s %s", audio_id, reason.code, dict(reason.facts))
        fail_audio(bench, job_id, audio_id, reason)
        return
    _end(bench, task)


def fail_audio(bench: Bench, job_id: str, audio_id: str, reason: GriotError) -> None:
    """Note that an audio cannot be used, and why; then let its file go, unless another try may help.

    An audio that is ready stays so: then a step that was done again has failed, and no more.
    """
    now = bench.clock.now()
    gone: list[str] = []
    with bench.database.writing() as session:
        audio = session.get_one(Audio, audio_id)
        if audio.status != READY:
            gone = _note_failure(session, audio, reason, now)
        jobs.fail(session, now, job_id, reason)
        session.commit()
    for key in gone:
        bench.storage.delete(key)


def _note_failure(session: Session, audio: Audio, reason: GriotError, now: datetime) -> list[str]:
    gone: list[str] = []
    audio.status, audio.updated_at = FAILED, now
    facts = {name: value for name, value in reason.facts.items() if name != "detail"}
    audio.error_code, audio.error_facts = reason.code, facts
    if reason.code in WORTH_ANOTHER_TRY:
        audio.let_go_at = now + KEPT_AFTER_REPLACING
    elif audio.storage_key is not None:
        gone.append(audio.storage_key)
        audio.storage_key = None
    made = select(Rendition.storage_key).where(Rendition.audio_id == audio.id)
    gone += [key for key in session.scalars(made) if key not in {audio.storage_key, *gone}]
    session.execute(delete(Rendition).where(Rendition.audio_id == audio.id))
    record(session, SYSTEM, now, "audio.failed", ("audio", audio.id), {"code": reason.code})
    return gone


@dataclass(frozen=True)
class _Found:
    key: str
    kind: str
    size_bytes: int
    status: str


def _upload(bench: Bench, audio_id: str) -> _Found | None:
    with bench.database.reading() as session:
        audio = session.get(Audio, audio_id)
    if audio is None or audio.status == FAILED or audio.storage_key is None or audio.deleted_at is not None:
        return None
    return _Found(audio.storage_key, audio.kind, audio.size_bytes, audio.status)


def _waiting(bench: Bench, job_id: str) -> frozenset[str]:
    with bench.database.reading() as session:
        return jobs.waiting_steps(session, job_id)


def _do_together(bench: Bench, task: Task, steps: Sequence[Step]) -> None:
    """Do steps that do not wait for each other, two at a time; the first that must not fail ends all."""
    if not steps:
        return
    own = replace(bench, ffmpeg=replace(bench.ffmpeg, runs=Runs()))
    pool = ThreadPoolExecutor(PASSES_AT_ONCE, thread_name_prefix="step")
    try:
        for future in as_completed([pool.submit(_do, own, task, step) for step in steps]):
            future.result()
    except BaseException:
        # Somebody asked us to stop, or there is nothing to hear: the others' work would be for nothing.
        own.ffmpeg.runs.call_off()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _do(bench: Bench, task: Task, step: Step) -> None:
    """Do one step and note how it ended."""
    with bench.database.writing() as session:
        jobs.begin_step(session, bench.clock.now(), task.job_id, step.name)
    try:
        note = step.work(bench, task)
    except (StoppedError, BusyError):
        raise
    except (UnusableMediaError, DiskFullError) as reason:
        if step.essential:
            raise
        log.info("audio %s: %s failed: %s %s", task.audio_id, step.name, reason.code, dict(reason.facts))
        _end_step(bench, task, step, error=reason)
        return
    except Exception:
        if step.essential:
            raise
        log.exception("audio %s: %s broke", task.audio_id, step.name)
        _end_step(bench, task, step, error=UnusableMediaError("step-broke"))
        return
    _end_step(bench, task, step, note=note)


def _end_step(
    bench: Bench, task: Task, step: Step, *, note: Note | None = None, error: GriotError | None = None
) -> None:
    now = bench.clock.now()
    gone: Sequence[str] = ()
    with bench.database.writing() as session:
        if note is not None:
            audio = session.get_one(Audio, task.audio_id)
            gone = note(session, audio, now)
            audio.updated_at = now
        skipped = note is None and error is None
        jobs.end_step(session, now, task.job_id, step.name, error=error, skipped=skipped)
        session.commit()
    for key in gone:
        bench.storage.delete(key)


def _end(bench: Bench, task: Task) -> None:
    """Make the audio ready: every step has ended, some perhaps without success."""
    now = bench.clock.now()
    gone: Sequence[str] = ()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, task.audio_id)
        made = session.scalar(
            select(Rendition.id).where(Rendition.audio_id == audio.id, Rendition.name == NORMAL)
        )
        if made is None:
            # Its encoding failed; what was uploaded can still be heard in most places.
            gone = adopt(task)(session, audio, now)
        audio.status, audio.error_code, audio.error_facts, audio.updated_at = READY, None, {}, now
        jobs.finish(session, now, task.job_id)
        bench.when_ready(session, now, session.get_one(Job, task.job_id).facts, audio)
        action = "audio.remade" if task.ready else "audio.ready"
        record(session, SYSTEM, now, action, ("audio", audio.id), {"duration_ms": audio.duration_ms})
        session.commit()
    for key in gone:
        bench.storage.delete(key)


def _finish_job(bench: Bench, job_id: str) -> None:
    with bench.database.writing() as session:
        jobs.finish(session, bench.clock.now(), job_id)
        session.commit()
