# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads: files that come in pieces (tus 1.0.0), each with the offset up to which nothing is asked for again."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Identified


class Upload(Identified, Base):
    """One upload.

    Attributes:
        owner_id: the account that may go on with it, and nobody else.
        size_bytes: Upload-Length.
        offset_bytes: Upload-Offset: so many bytes are on the disk for good.
        temporary: name of the file that fills, in the store's folder of what is coming in; None once it is
            audio, was refused or was terminated.
        file_name: the sender's own, cleaned, for people.
        show_id: the show in which a draft is made of it; None for none.
        episode_id: the episode that gets it as its sound, or the draft that was made of it.
        audio_id: what became of it.
        error_code: why nothing became of it, with ``error_facts``.
        expires_at: Upload-Expires.
    """

    __tablename__ = "upload"
    __table_args__ = (
        CheckConstraint("offset_bytes >= 0 AND offset_bytes <= size_bytes", name="offset_inside"),
        Index("ix_upload_owner", "owner_id", "created_at"),
        Index("ix_upload_expiry", "expires_at"),
    )

    owner_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    offset_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    temporary: Mapped[str | None] = mapped_column(unique=True)
    file_name: Mapped[str] = mapped_column(default="")
    show_id: Mapped[str | None] = mapped_column(ForeignKey("show.id"))
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"))
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("audio.id"))
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
