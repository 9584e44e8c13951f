# SPDX-License-Identifier: AGPL-3.0-or-later
"""Buttons beside the player: a call to action of an episode, a playlist or a show."""

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from podcasts.db import Base
from podcasts.models.base import Identified

CTA_OWNERS = ("playlist_id", "episode_id", "show_id")


class Cta(Identified, Base):
    """A button beside the player: subscribe, shop, give."""

    __tablename__ = "cta"
    __table_args__ = (
        CheckConstraint(
            " + ".join(f"(CASE WHEN {owner} IS NULL THEN 0 ELSE 1 END)" for owner in CTA_OWNERS) + " = 1",
            name="one_owner",
        ),
    )

    playlist_id: Mapped[str | None] = mapped_column(ForeignKey("playlist.id"), index=True)
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"), index=True)
    show_id: Mapped[str | None] = mapped_column(ForeignKey("show.id"), index=True)
    label: Mapped[str]
    url: Mapped[str]
    icon: Mapped[str | None]
    position: Mapped[int]
