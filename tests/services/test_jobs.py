# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs: each is done once, survives the death of its worker, and is given up after several tries."""

from datetime import datetime, timedelta

from podcasts.bootstrap import Griot
from podcasts.errors import UnusableMediaError
from podcasts.models import Job, JobStep
from podcasts.services import jobs
from podcasts.services.actors import SYSTEM
from tests.factories import MORNING

KINDS = ("ingest",)


def add(griot: Griot, subject_id: str = "a", at: datetime = MORNING) -> str:
    """Note a job with two steps."""
    with griot.database.writing() as session:
        job = jobs.add_job(
            session, SYSTEM, at, kind="ingest", subject_id=subject_id, steps=("tags", "decode")
        )
        session.commit()
        return job.id


def claim(griot: Griot, at: datetime = MORNING) -> Job | None:
    """Take what is due."""
    with griot.database.writing() as session:
        return jobs.claim_next(session, at, KINDS)


def job_of(griot: Griot, job_id: str) -> Job:
    """Load a job."""
    with griot.database.reading() as session:
        return session.get_one(Job, job_id)


def test_the_oldest_is_taken_first_and_nobody_takes_it_again(griot: Griot) -> None:
    second, first = add(griot, "b", MORNING), add(griot, "a", MORNING - timedelta(minutes=1))
    taken = [job.id for job in (claim(griot), claim(griot)) if job]
    assert taken == [first, second]
    assert claim(griot) is None


def test_what_is_not_due_or_of_another_kind_is_left(griot: Griot) -> None:
    add(griot, at=MORNING + timedelta(seconds=1))
    assert claim(griot) is None
    with griot.database.writing() as session:
        assert jobs.claim_next(session, MORNING + timedelta(hours=1), ("fetch-article",)) is None


def test_a_job_of_a_dead_worker_comes_back_and_one_that_lives_does_not(griot: Griot) -> None:
    dead, alive = add(griot, "a"), add(griot, "b")
    claim(griot)
    claim(griot)
    later = MORNING + timedelta(minutes=5)
    with griot.database.writing() as session:
        jobs.beat(session, later, alive)
    with griot.database.writing() as session:
        assert jobs.requeue_stale(session, later) == 1
    assert (job_of(griot, dead).status, job_of(griot, alive).status) == ("queued", "running")


def test_a_job_that_broke_waits_longer_each_time_and_is_given_up(griot: Griot) -> None:
    job_id, now, pauses = add(griot), MORNING, []
    for _ in range(jobs.ATTEMPTS_AT_MOST - 1):
        assert claim(griot, now) is not None
        with griot.database.writing() as session:
            assert jobs.try_later(session, now, job_id)
        pause = job_of(griot, job_id).not_before - now
        pauses.append(pause)
        now += pause
    assert pauses == sorted(set(pauses))
    assert claim(griot, now) is not None
    with griot.database.writing() as session:
        assert not jobs.try_later(session, now, job_id)


def test_a_job_that_was_put_back_was_no_failed_try(griot: Griot) -> None:
    job_id = add(griot)
    claim(griot)
    with griot.database.writing() as session:
        jobs.put_back(session, MORNING, job_id)
    assert (job_of(griot, job_id).status, job_of(griot, job_id).attempts) == ("queued", 0)


def test_steps_say_how_far_it_is_and_are_not_done_again(griot: Griot) -> None:
    job_id = add(griot)
    claim(griot)
    with griot.database.writing() as session:
        jobs.end_step(session, MORNING, job_id, "tags")
        jobs.end_step(session, MORNING, job_id, "decode", error=UnusableMediaError("broken-audio"))
        session.commit()
    with griot.database.reading() as session:
        ended = {step.name: (step.status, step.error_code) for step in session.query(JobStep)}
        assert session.get_one(Job, job_id).done == 2
    assert ended == {"tags": ("done", None), "decode": ("failed", "broken-audio")}
    with griot.database.writing() as session:
        jobs.put_back(session, MORNING, job_id)
    claim(griot)
    with griot.database.reading() as session:
        assert {step.name: step.status for step in session.query(JobStep)} == {
            "tags": "done",
            "decode": "failed",
        }
        assert session.get_one(Job, job_id).done == 2
