# SPDX-License-Identifier: AGPL-3.0-or-later
"""The background worker: one process that does the jobs, one after another, and keeps the house in order.

What is to be done stands in the job rows; the queue only wakes. Asked to stop (SIGTERM), the worker puts the job
that it is at back and ends at once. Ctrl-C of the terminal is the supervisor's business.
"""

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from types import FrameType

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError

from podcasts.bootstrap import Griot, build, waker
from podcasts.errors import BusyError, DatabaseVersionError, GriotError, UnusableMediaError
from podcasts.migrating import require_current
from podcasts.models import Job, WorkerBeat
from podcasts.models.job import QUEUED
from podcasts.services import (
    article_fetching,
    clips,
    deriving,
    jobs,
    processing,
    resumable,
    sweeping,
    transcribing,
    uploads,
)
from podcasts.services.artworks import sweep_artworks
from podcasts.services.bench import Bench
from podcasts.services.deriving import change_over
from podcasts.services.journal import fold_journal
from podcasts.services.remaking import restore_jobs
from podcasts.services.tagging import settle_due_tags
from podcasts.settings import load_settings

BEAT_SECONDS = 10.0
LOOK_SECONDS = 2.0
"""How often the worker looks for jobs by itself."""

LISTEN_SECONDS = 0.2
"""How often it listens for a word in the queue."""

WAIT_FOR_DATABASE_SECONDS = 2.0
FORGET_BEATS_AFTER = timedelta(minutes=10)

log = logging.getLogger(__name__)

Handler = Callable[[Griot, Job], None]


class Stopping(BaseException):
    """Somebody asked the worker to stop; like KeyboardInterrupt it is no error of the job it meets."""


def _ingest(griot: Griot, job: Job) -> None:
    processing.ingest(_bench(griot), job.id, job.subject_id)


def _bench(griot: Griot) -> Bench:
    return Bench(griot.database, griot.storage, griot.ffmpeg, griot.clock, griot.links, change_over)


def _fetch_article(griot: Griot, job: Job) -> None:
    article_fetching.fetch_article(
        griot.database,
        griot.clock.now(),
        article_id=job.subject_id,
        user_agent=f"Griot (+{griot.links.base})",
    )
    with griot.database.writing() as session:
        jobs.finish(session, griot.clock.now(), job.id)
        session.commit()


def _derive(griot: Griot, job: Job) -> None:
    deriving.derive(_bench(griot), job)


def _make_clip(griot: Griot, job: Job) -> None:
    clips.make(_bench(griot), job)


def _transcribe(griot: Griot, job: Job) -> None:
    desk = transcribing.Desk(griot.database, griot.storage, griot.clock, griot.settings.transcriber)
    transcribing.transcribe(desk, job)


HANDLERS: dict[str, Handler] = {
    uploads.INGEST: _ingest,
    deriving.DERIVE: _derive,
    clips.CLIP: _make_clip,
    transcribing.TRANSCRIBE: _transcribe,
    article_fetching.KIND: _fetch_article,
}
"""What does each kind of job."""

SLOW = frozenset({transcribing.TRANSCRIBE})
"""Kinds that take hours, in a lane of their own: nobody's upload waits for them."""


def _sweep_jobs(griot: Griot) -> None:
    now = griot.clock.now()
    sweeping.sweep_jobs(griot.database, now)
    with griot.database.writing() as session:
        restore_jobs(session, now)


def _sweep_storage(griot: Griot) -> None:
    now = griot.clock.now()
    place = resumable.Place(griot.database, griot.storage, waker(griot))
    resumable.sweep_uploads(place, now)
    sweeping.sweep_audio(griot.database, griot.storage, now)
    sweep_artworks(griot.database, griot.storage, now)
    sweeping.sweep_storage(griot.database, griot.storage, now)
    with griot.database.writing() as session:
        sweeping.sweep_answers(session, now)


def _settle_tags(griot: Griot) -> None:
    settle_due_tags(griot.database, griot.storage, griot.links, griot.clock.now())


def _fold_journal(griot: Griot) -> None:
    """Fold in what listeners did, piece by piece: no transaction is long, and a backlog is worked off."""
    taken = 1
    while taken:
        with griot.database.writing() as session:
            taken = fold_journal(session, griot.settings.journal_folder, griot.clock.now())


@dataclass
class Duty:
    """Something done again and again.

    Attributes:
        every_seconds: pause between two times.
        due_at: on the monotonic clock; 0 for at once.
    """

    work: Callable[[Griot], None]
    every_seconds: float
    due_at: float = 0.0


def duties() -> list[Duty]:
    """List what is done again and again."""
    return [
        Duty(_sweep_jobs, 30),
        Duty(_settle_tags, 30),
        Duty(_fold_journal, 30),
        Duty(_sweep_storage, 3600),
    ]


@dataclass
class Worker:
    """One worker.

    Attributes:
        griot: what it works on.
        name: its process and host, under which it gives signs of life.
        job_id: what it is at; None between two jobs. ``slow_job_id`` alike, in the slow lane.
    """

    griot: Griot
    name: str = field(default_factory=lambda: f"worker-{os.getpid()}@{socket.gethostname()}")
    job_id: str | None = None
    slow_job_id: str | None = None
    duties: list[Duty] = field(default_factory=duties)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> int:
        """Work until asked to stop.

        Returns:
            0.
        """
        with _signals():
            try:
                self._wait_for_database()
                self._adopt_orphans()
                threading.Thread(target=self._beat, daemon=True, name="beat").start()
                threading.Thread(target=self._slow_lane, daemon=True, name="slow").start()
                while True:
                    self._turn()
            except Stopping:
                self._leave()
                return 0
            finally:
                self.ended.set()

    def _turn(self) -> None:
        """Do what is due, else wait a little."""
        try:
            self._do_duties()
            if not self.do_next():
                self._listen()
        except (GriotError, SQLAlchemyError, OSError) as reason:
            log.warning("trying again in a moment: %s", reason)
            time.sleep(WAIT_FOR_DATABASE_SECONDS)

    def _slow_lane(self) -> None:
        """Do what takes hours, beside everything else."""
        while not self.ended.is_set():
            try:
                job = self._claim(SLOW)
                if job is None:
                    self.ended.wait(LOOK_SECONDS)
                    continue
                self.slow_job_id = job.id
                self._do(job)
                self.slow_job_id = None
            except (GriotError, SQLAlchemyError, OSError) as reason:
                log.warning("trying again in a moment: %s", reason)
                self.ended.wait(WAIT_FOR_DATABASE_SECONDS)

    def do_next(self) -> bool:
        """Do the job that has been due longest; False when none is due."""
        job = self._claim(frozenset(HANDLERS) - SLOW)
        if job is None:
            return False
        self.job_id = job.id
        self._do(job)
        self.job_id = None
        return True

    def _claim(self, kinds: frozenset[str]) -> Job | None:
        """Take the job of these kinds that has been due longest; the lock is asked for only when there is one."""
        griot, now = self.griot, self.griot.clock.now()
        due = select(Job.id).where(Job.status == QUEUED, Job.not_before <= now, Job.kind.in_(kinds)).limit(1)
        with griot.database.reading() as session:
            if session.scalar(due) is None:
                return None
        with griot.database.writing() as session:
            return jobs.claim_next(session, now, tuple(kinds), worker=self.name)

    def _do(self, job: Job) -> None:
        try:
            HANDLERS[job.kind](self.griot, job)
        except BusyError:
            self._put_back(job.id)
        except Exception:  # whatever broke, the job is tried again and then given up
            log.exception("job %s (%s) broke", job.id, job.kind)
            self._try_later(job)

    def _try_later(self, job: Job) -> None:
        griot, now = self.griot, self.griot.clock.now()
        with griot.database.writing() as session:
            again = jobs.try_later(session, now, job.id)
        if again:
            return
        reason = UnusableMediaError("ingest-failed")
        if job.kind == uploads.INGEST:
            processing.fail_audio(_bench(griot), job.id, job.subject_id, reason)
            return
        with griot.database.writing() as session:
            jobs.fail(session, now, job.id, reason)
            session.commit()

    def _do_duties(self) -> None:
        for duty in self.duties:
            if time.monotonic() >= duty.due_at:
                duty.due_at = time.monotonic() + duty.every_seconds
                duty.work(self.griot)

    def _listen(self) -> None:
        """Wait for a word in the queue, at most until it is time to look by ourselves."""
        until = time.monotonic() + LOOK_SECONDS
        while time.monotonic() < until:
            if self.griot.queue.storage.dequeue() is not None:
                return
            time.sleep(LISTEN_SECONDS)

    def _adopt_orphans(self) -> None:
        """Put back what workers of this machine were at when they died; others are told by their heartbeat."""
        with self.griot.database.writing() as session:
            jobs.requeue_orphans(session, self.griot.clock.now(), is_dead)

    def _wait_for_database(self) -> None:
        while True:
            try:
                require_current(self.griot.database.engine)
            except (DatabaseVersionError, SQLAlchemyError) as reason:
                log.info("waiting for the database: %s", type(reason).__name__)
                time.sleep(WAIT_FOR_DATABASE_SECONDS)
            else:
                return

    def _beat(self) -> None:
        """Give signs of life, for the worker and for the job that it is at."""
        griot = self.griot
        while not self.ended.is_set():
            try:
                now = griot.clock.now()
                with griot.database.writing() as session:
                    session.merge(WorkerBeat(name=self.name, beat_at=now))
                    session.execute(delete(WorkerBeat).where(WorkerBeat.beat_at < now - FORGET_BEATS_AFTER))
                    for job_id in (self.job_id, self.slow_job_id):
                        if job_id is not None:
                            jobs.beat(session, now, job_id)
                    session.commit()
            except (GriotError, SQLAlchemyError, OSError) as reason:
                log.warning("no sign of life this time: %s", reason)
            self.ended.wait(BEAT_SECONDS)

    def _leave(self) -> None:
        log.info("the worker stops")
        self.ended.set()
        for job_id in (self.job_id, self.slow_job_id):
            if job_id is not None:
                self._put_back(job_id)
        with self.griot.database.writing() as session:
            session.execute(delete(WorkerBeat).where(WorkerBeat.name == self.name))
            session.commit()

    def _put_back(self, job_id: str) -> None:
        with self.griot.database.writing() as session:
            jobs.put_back(session, self.griot.clock.now(), job_id)


def is_dead(name: str) -> bool:
    """Say whether a worker is known to be dead: it was one of this machine, and its process is gone."""
    process, _, host = name.removeprefix("worker-").partition("@")
    if host != socket.gethostname() or not process.isdecimal() or int(process) == os.getpid():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def run_worker(griot: Griot) -> int:
    """Work until SIGTERM; the process's exit code."""
    return Worker(griot).run()


def log_to_stderr() -> None:
    """Write logs as lines for people and machines."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    for talkative in ("alembic", "huey"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


@contextmanager
def _signals() -> Iterator[None]:
    """Turn SIGTERM into Stopping, once; leave Ctrl-C to the supervisor."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        # A second one must not interrupt the leaving.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise Stopping

    before = signal.signal(signal.SIGTERM, stop), signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


def main() -> int:
    """Run a worker with this process's settings."""
    log_to_stderr()
    return run_worker(build(load_settings()))


if __name__ == "__main__":
    sys.exit(main())
