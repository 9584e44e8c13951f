# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shows: podcasts that one can subscribe to."""

from sqlalchemy import JSON, ForeignKey, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of
from podcasts.models.section import Section
from podcasts.models.site import Artwork

SHOW_TYPES = ("episodic", "serial")
LOUDNESS_LUFS = -16.0
"""What podcast apps and listeners are used to, in stereo."""

LINK_TARGETS = ("article", "episode")


class Show(Identified, Dated, Versioned, Binned, Base):
    """One show.

    Attributes:
        guid: podcast:guid, minted once or imported, never changed.
        description: Markdown source.
        language: BCP 47 ("fr", "pt-BR"); the feed's text is in it.
        category: Apple's, "News" or "News > Politics"; None until chosen.
        link: the show's page elsewhere; None for our own.
        link_to: whether an item's link is its primary article or its own page.
        new_feed_url: where the show has moved to (itunes:new-feed-url).
        loudness_on: whether encoded renditions are brought to ``loudness_lufs``.
        loudness_lufs: target for stereo; mono sounds as loud 3 LU lower.
        embed_sites: on whose pages its players may stand, as sources of frame-ancestors; empty for everywhere.
        demo: belongs to the demonstration: noindex, out of site-wide feeds.
    """

    __tablename__ = "show"
    __table_args__ = (one_of("type", SHOW_TYPES), one_of("link_to", LINK_TARGETS))

    guid: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    language: Mapped[str]
    author: Mapped[str] = mapped_column(default="")
    owner_name: Mapped[str] = mapped_column(default="")
    owner_email: Mapped[str] = mapped_column(default="")
    category: Mapped[str | None]
    explicit: Mapped[bool] = mapped_column(default=False)
    type: Mapped[str] = mapped_column(default="episodic")
    link: Mapped[str | None]
    copyright: Mapped[str] = mapped_column(default="")
    locked: Mapped[bool] = mapped_column(default=True)
    complete: Mapped[bool] = mapped_column(default=False)
    funding_url: Mapped[str | None]
    funding_label: Mapped[str | None]
    new_feed_url: Mapped[str | None]
    link_to: Mapped[str] = mapped_column(default="article")
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    loudness_on: Mapped[bool] = mapped_column(default=True, server_default=true())
    loudness_lufs: Mapped[float] = mapped_column(default=LOUDNESS_LUFS, server_default=str(LOUDNESS_LUFS))
    embed_sites: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    demo: Mapped[bool] = mapped_column(default=False)

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
    sections: Mapped[list[Section]] = relationship(
        secondary="show_section", order_by="ShowSection.position", lazy="raise", viewonly=True
    )
