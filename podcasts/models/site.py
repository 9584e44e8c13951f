# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site itself, and artwork: pictures in every size that we serve."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Dated, Identified, Versioned

SITE_ID = 1


class Artwork(Identified, Base):
    """One square picture in every size; a new picture is a new row, so that addresses never change content.

    Attributes:
        public_key: what stands in its public addresses.
        feed_key: storage key of the JPEG for feeds; the others of the WebPs of 600, 112 and 72 px.
        width_px: of the JPEG, which is square.
        alt: what it shows, in words, for those who cannot see it; "" where nobody wrote it.
    """

    __tablename__ = "artwork"

    public_key: Mapped[str] = mapped_column(unique=True)
    feed_key: Mapped[str] = mapped_column(unique=True)
    page_key: Mapped[str] = mapped_column(unique=True)
    small_key: Mapped[str] = mapped_column(unique=True)
    thumb_key: Mapped[str] = mapped_column(unique=True)
    width_px: Mapped[int]
    feed_size_bytes: Mapped[int]
    alt: Mapped[str] = mapped_column(default="", server_default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Site(Dated, Versioned, Base):
    """What this Griot is called and how it presents itself; one row, made by the first migration.

    Attributes:
        guid: podcast:guid of the feed of all shows, minted once.
        title: None until somebody names the site.
        description: one or two sentences; None until somebody writes them.
        profile_links: "find us on": [{label, url}].
        menu: entries of the navigation, in the editor's order: [{label, url}].
        footer: links of the footer, in the editor's order: [{label, url}].
        artist_separator: between title and artist in the player; None for the language's own.
    """

    __tablename__ = "site"
    __table_args__ = (CheckConstraint(f"id = {SITE_ID}", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=SITE_ID)
    guid: Mapped[str | None]
    title: Mapped[str | None]
    description: Mapped[str | None]
    author: Mapped[str | None]
    owner_name: Mapped[str | None]
    owner_email: Mapped[str | None]
    category: Mapped[str | None]
    explicit: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    profile_links: Mapped[list[Any]] = mapped_column(JSON, default=list)
    menu: Mapped[list[Any]] = mapped_column(JSON, default=list)
    footer: Mapped[list[Any]] = mapped_column(JSON, default=list)
    artist_separator: Mapped[str | None]

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
