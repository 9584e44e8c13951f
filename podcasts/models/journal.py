# SPDX-License-Identifier: AGPL-3.0-or-later
"""The listening journal: what was fetched and played, without addresses; folded in from append-only files."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer
from sqlalchemy.orm import Mapped, mapped_column

from podcasts.db import Base, UtcDateTime


class ListeningEvent(Base):
    """One media request or player event.

    Attributes:
        event: "get" or "head" for media requests, "play", "pause", … for the player's own.
        media_key: the public key that was asked for.
        episode_id: None for a bare playlist item; no foreign key, since history outlives what it is about.
        range_start: first byte asked for; None for the whole file. ``range_end`` is the last one.
        sent_bytes: what was really handed to the listener's connection; None where another server sent it.
        source: where it was asked from ("page", "embed", "feed", …), "" where nobody said.
        listener: a keyed hash that is good for one day; no address and no user agent at rest.
    """

    __tablename__ = "listening_event"
    __table_args__ = (
        Index("ix_listening_event_episode", "episode_id", "at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str]
    media_key: Mapped[str]
    episode_id: Mapped[str | None]
    rendition: Mapped[str]
    status: Mapped[int]
    range_start: Mapped[int | None] = mapped_column(BigInteger)
    range_end: Mapped[int | None] = mapped_column(BigInteger)
    sent_bytes: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str]
    listener: Mapped[str]


class JournalMark(Base):
    """How far a journal file has been folded in, kept in the same transaction as its events."""

    __tablename__ = "journal_mark"

    file_name: Mapped[str] = mapped_column(primary_key=True)
    offset_bytes: Mapped[int] = mapped_column(BigInteger)
