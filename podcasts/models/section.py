# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sections: countries, topics and tags, one kind of thing shared by shows, episodes, articles and playlists."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of
from podcasts.models.site import Artwork

SECTION_KINDS = ("section", "country", "tag")


class Section(Identified, Dated, Versioned, Binned, Base):
    """One section of the newsroom.

    Attributes:
        kind: section, country or tag.
        iso: two capital letters of ISO 3166-1 for a country, else None.
        parent_id: the section above; None at the top.
        position: the editor's order among its neighbours.
        rss_url: the newsroom's own feed of this section's articles.
        ground: which pair of colours stands behind covers that we draw.
    """

    __tablename__ = "section"
    __table_args__ = (one_of("kind", SECTION_KINDS),)

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    iso: Mapped[str | None]
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("section.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    description: Mapped[str] = mapped_column(default="")
    rss_url: Mapped[str | None]
    ground: Mapped[int] = mapped_column(default=0)
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")


class ShowSection(Base):
    """A show stands in a section."""

    __tablename__ = "show_section"

    show_id: Mapped[str] = mapped_column(ForeignKey("show.id"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)


class EpisodeSection(Base):
    """An episode stands in a section."""

    __tablename__ = "episode_section"

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)


class PlaylistSection(Base):
    """A playlist stands in a section."""

    __tablename__ = "playlist_section"

    playlist_id: Mapped[str] = mapped_column(ForeignKey("playlist.id"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)


class ArticleSection(Base):
    """An article stands in a section."""

    __tablename__ = "article_section"

    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), primary_key=True)
    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(default=0)
