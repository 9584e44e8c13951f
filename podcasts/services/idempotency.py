# SPDX-License-Identifier: AGPL-3.0-or-later
"""Idempotency: a call that is repeated with the same key is answered again and not done again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from podcasts.errors import ConflictError, InvalidError
from podcasts.models import IdempotencyEntry

KEPT = timedelta(hours=24)
DEAD_AFTER = timedelta(minutes=10)
"""A call that has not ended by then died with its process; it may be tried again."""


@dataclass(frozen=True)
class Call:
    """One call: whose, where, under which key, with which body."""

    token_id: str
    route: str
    key: str
    body_sha256: str


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    body: str
    location: str | None


def begin(session: Session, now: datetime, call: Call) -> Answer | None:
    """Note that a call begins; commits.

    Returns:
        The answer, where the same call was answered already.

    Raises:
        InvalidError: "key-reused": the key came with another body.
        ConflictError: "key-in-use": the first call is still running.
    """
    entry = session.get(IdempotencyEntry, (call.token_id, call.route, call.key))
    if entry is not None and entry.created_at > now - KEPT:
        if entry.body_sha256 != call.body_sha256:
            raise InvalidError("key-reused")
        if entry.status is not None:
            return Answer(entry.status, entry.answer or "", entry.location)
        if entry.created_at > now - DEAD_AFTER:
            raise ConflictError("key-in-use")
    if entry is not None:
        session.delete(entry)
        session.flush()
    session.add(
        IdempotencyEntry(
            token_id=call.token_id,
            route=call.route,
            key=call.key,
            body_sha256=call.body_sha256,
            created_at=now,
        )
    )
    session.commit()
    return None


def finish(session: Session, call: Call, answer: Answer) -> None:
    """Keep the answer; commits."""
    entry = session.get(IdempotencyEntry, (call.token_id, call.route, call.key))
    if entry is not None:
        entry.status, entry.answer, entry.location = answer.status, answer.body, answer.location
        session.commit()


def forget(session: Session, call: Call) -> None:
    """Forget a call that failed, so that it can be made again; commits."""
    entry = session.get(IdempotencyEntry, (call.token_id, call.route, call.key))
    if entry is not None:
        session.delete(entry)
        session.commit()
