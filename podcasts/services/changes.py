# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes: one row for every change, in the transaction that makes it: the outbox and the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from podcasts.models import Change
from podcasts.services.actors import Actor


def record(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject: tuple[str, str],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Note a change; it is kept or lost with the caller's transaction.

    Args:
        session: the caller's, which commits.
        actor: who did it.
        now: when.
        action: subject and past participle, "episode.published".
        subject: kind and id, ("episode", "…").
        facts: what changed, without secrets; None for nothing more to say.
    """
    kind, subject_id = subject
    session.add(
        Change(
            at=now,
            actor_kind=actor.kind,
            actor_id=actor.user_id,
            action=action,
            subject_kind=kind,
            subject_id=subject_id,
            facts=dict(facts or {}),
        )
    )
