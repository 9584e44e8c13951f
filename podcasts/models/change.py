# SPDX-License-Identifier: AGPL-3.0-or-later
"""Changes: the outbox and audit log; and what must be remembered across requests: addresses, repeated calls."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import one_of

ACTOR_KINDS = ("user", "token", "system")
SLUG_KINDS = ("show", "episode", "playlist", "section")


class Change(Base):
    """One change, written in the transaction that made it.

    Feed cache, search, WebSub, webhooks and the audit log read it in the order of ``id``.

    Attributes:
        action: "episode.published", "playlist.reordered", …
        actor_id: the account; None for the system.
        facts: what changed, without secrets.
    """

    __tablename__ = "change"
    __table_args__ = (
        one_of("actor_kind", ACTOR_KINDS),
        Index("ix_change_subject", "subject_kind", "subject_id"),
        # An id, once read by a follower, must never be given again.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    actor_kind: Mapped[str]
    actor_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class SlugEntry(Base):
    """Every address that was ever given, current ones too: none is given twice, old ones lead on for ever.

    Attributes:
        scope: the show's id for episodes, else "".
        subject_id: what it leads to.
    """

    __tablename__ = "slug_entry"
    __table_args__ = (one_of("kind", SLUG_KINDS),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True, default="")
    slug: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdempotencyEntry(Base):
    """A POST that came with an Idempotency-Key, and what was answered; kept 24 hours.

    Attributes:
        body_sha256: of the request, so that another body under the same key is refused.
        status: HTTP status of the answer; None while the first request is still running.
    """

    __tablename__ = "idempotency_entry"

    token_id: Mapped[str] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_sha256: Mapped[str]
    status: Mapped[int | None]
    answer: Mapped[str | None]
    location: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
