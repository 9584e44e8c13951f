# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs: work for the background worker, as rows that outlive any crash; the queue is only a wake-up."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Identified, one_of

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
JOB_STATUSES = (QUEUED, RUNNING, DONE, FAILED)
WAITING, SKIPPED = "waiting", "skipped"
STEP_STATUSES = (WAITING, RUNNING, DONE, FAILED, SKIPPED)


class Job(Identified, Base):
    """One piece of work.

    Attributes:
        kind: what is to be done ("ingest", "fetch-article").
        subject_id: the row that it is about.
        attempts: how often it was begun.
        not_before: when it may be begun.
        heartbeat_at: last sign of life of the worker that runs it; an old one means that the worker died.
        worker: name of the worker that runs it, or ran it last.
        done: how much is done, of ``total``.
        warnings: [{code, facts}].
        facts: what the work needs to know beside its subject.
    """

    __tablename__ = "job"
    __table_args__ = (
        one_of("status", JOB_STATUSES),
        Index("ix_job_due", "status", "not_before"),
        Index("ix_job_subject", "subject_id"),
    )

    kind: Mapped[str]
    subject_id: Mapped[str]
    status: Mapped[str] = mapped_column(default=QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    heartbeat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None]
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[Any]] = mapped_column(JSON, default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    steps: Mapped[list["JobStep"]] = relationship(lazy="raise", order_by="JobStep.position")


class JobStep(Identified, Base):
    """One step of a job, so that a producer sees how far it is and what went wrong."""

    __tablename__ = "job_step"
    __table_args__ = (one_of("status", STEP_STATUSES),)

    job_id: Mapped[str] = mapped_column(ForeignKey("job.id"), index=True)
    name: Mapped[str]
    position: Mapped[int]
    status: Mapped[str] = mapped_column(default=WAITING)
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WorkerBeat(Base):
    """A worker's sign of life, which /readyz reads."""

    __tablename__ = "worker_beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(UtcDateTime)
