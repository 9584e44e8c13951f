# SPDX-License-Identifier: AGPL-3.0-or-later
"""Playlists: episodes of many shows and bare audio, in an order or by a rule."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base
from podcasts.models.audio import Audio, MediaKey
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of
from podcasts.models.cta import Cta
from podcasts.models.episode import Episode
from podcasts.models.section import Section
from podcasts.models.site import Artwork

PLAYLIST_ORDERS = ("manual", "newest", "oldest")


class Playlist(Identified, Dated, Versioned, Binned, Base):
    """One playlist.

    Attributes:
        guid: podcast:guid of its feed, minted once.
        order: manual (the items as they stand), newest or oldest.
        rule: {section?, show?, tag?, since?, limit?}, the first three as ids; None for hand-ordered items.
        show_artist: whether the artist's column is shown.
        artist_separator: None as the site.
        feed_on: whether it has a feed.
        language: None as the site.
        demo: belongs to the demonstration.
    """

    __tablename__ = "playlist"
    __table_args__ = (one_of('"order"', PLAYLIST_ORDERS),)

    guid: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    published: Mapped[bool] = mapped_column(default=True)
    order: Mapped[str] = mapped_column(default="manual")
    rule: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    show_artist: Mapped[bool] = mapped_column(default=True)
    artist_separator: Mapped[str | None]
    feed_on: Mapped[bool] = mapped_column(default=True)
    language: Mapped[str | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    demo: Mapped[bool] = mapped_column(default=False)

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
    sections: Mapped[list[Section]] = relationship(
        secondary="playlist_section", order_by="PlaylistSection.position", lazy="raise", viewonly=True
    )
    ctas: Mapped[list[Cta]] = relationship(lazy="raise", order_by="Cta.position", viewonly=True)


class PlaylistItem(Identified, Base):
    """One place in a playlist: an episode, or an audio with no episode; its id outlives a new order.

    Attributes:
        title: instead of the episode's or the tags'; None keeps those. ``artist`` and ``album`` alike.
    """

    __tablename__ = "playlist_item"
    __table_args__ = (CheckConstraint("(episode_id IS NULL) <> (audio_id IS NULL)", name="one_sound"),)

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlist.id"), index=True)
    position: Mapped[int]
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"), index=True)
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("audio.id"), index=True)
    title: Mapped[str | None]
    artist: Mapped[str | None]
    album: Mapped[str | None]

    episode: Mapped[Episode | None] = relationship(lazy="raise")
    audio: Mapped[Audio | None] = relationship(lazy="raise")
    media_keys: Mapped[list[MediaKey]] = relationship(lazy="raise", viewonly=True)
