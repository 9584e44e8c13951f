# SPDX-License-Identifier: AGPL-3.0-or-later
"""Episodes: what is published, with its chapters, transcripts, people and articles."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.article import Article
from podcasts.models.audio import Audio, MediaKey
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of
from podcasts.models.cta import Cta
from podcasts.models.section import Section
from podcasts.models.show import Show
from podcasts.models.site import Artwork

DRAFT, SCHEDULED, PUBLISHED, WITHDRAWN = "draft", "scheduled", "published", "withdrawn"
STORED_STATUSES = (DRAFT, PUBLISHED, WITHDRAWN)
EPISODE_TYPES = ("full", "trailer", "bonus")
NOTES_FORMATS = ("markdown", "html")
ARTICLE_ROLES = ("primary", "related", "source", "correction")
TRANSCRIPT_FORMATS = ("vtt", "srt", "json", "html", "text")
TRANSCRIPT_ORIGINS = ("upload", "machine")
ACCEPTED = "accepted"
TRANSCRIPT_STATUSES = (DRAFT, ACCEPTED)


class Episode(Identified, Dated, Versioned, Binned, Base):
    """One episode of a show.

    Attributes:
        guid: ``urn:uuid:`` and random, or imported byte for byte; never changed.
        slug: unique in its show.
        title: never "": the tag's, else the file's name stands in.
        title_is_provisional: the file's name stands in until the tags are read.
        artist: None falls back to the tags, then the show's author; ``album`` alike, then the show's title.
        notes: source, of the format ``notes_format``.
        summary: one or two plain sentences; "" takes the notes' beginning.
        explicit: None as the show.
        status: draft, published or withdrawn; published with a later ``published_at`` is called scheduled.
        language: None as the show.
    """

    __tablename__ = "episode"
    __table_args__ = (
        UniqueConstraint("show_id", "slug"),
        UniqueConstraint("show_id", "guid"),
        one_of("status", STORED_STATUSES),
        one_of("type", EPISODE_TYPES),
        one_of("notes_format", NOTES_FORMATS),
        CheckConstraint("status <> 'published' OR published_at IS NOT NULL", name="published_has_time"),
        Index("ix_episode_public", "show_id", "status", "published_at"),
        Index("ix_episode_newest", "status", "published_at"),
    )

    guid: Mapped[str]
    show_id: Mapped[str] = mapped_column(ForeignKey("show.id"))
    audio_id: Mapped[str | None] = mapped_column(ForeignKey("audio.id"), index=True)
    slug: Mapped[str]
    title: Mapped[str]
    title_is_provisional: Mapped[bool] = mapped_column(default=False)
    artist: Mapped[str | None]
    album: Mapped[str | None]
    summary: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    notes_format: Mapped[str] = mapped_column(default="markdown")
    season: Mapped[int | None]
    number: Mapped[int | None]
    type: Mapped[str] = mapped_column(default="full")
    explicit: Mapped[bool | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    status: Mapped[str] = mapped_column(default=DRAFT)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    language: Mapped[str | None]
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    show: Mapped[Show] = relationship(lazy="raise")
    audio: Mapped[Audio | None] = relationship(lazy="raise")
    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
    articles: Mapped[list["EpisodeArticle"]] = relationship(
        lazy="raise", order_by="EpisodeArticle.position", cascade="all, delete-orphan"
    )
    chapters: Mapped[list["Chapter"]] = relationship(
        lazy="raise", order_by="Chapter.start_ms", cascade="all, delete-orphan"
    )
    transcripts: Mapped[list["Transcript"]] = relationship(
        lazy="raise", order_by="(Transcript.language, Transcript.status)", viewonly=True
    )
    sections: Mapped[list[Section]] = relationship(
        secondary="episode_section", order_by="EpisodeSection.position", lazy="raise", viewonly=True
    )
    media_keys: Mapped[list[MediaKey]] = relationship(lazy="raise", viewonly=True)
    ctas: Mapped[list[Cta]] = relationship(lazy="raise", order_by="Cta.position", viewonly=True)


class EpisodeArticle(Identified, Base):
    """An episode belongs to an article."""

    __tablename__ = "episode_article"
    __table_args__ = (UniqueConstraint("episode_id", "article_id"), one_of("role", ARTICLE_ROLES))

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), index=True)
    role: Mapped[str]
    position: Mapped[int]
    label: Mapped[str | None]

    article: Mapped[Article] = relationship(lazy="raise")


class Chapter(Identified, Base):
    """One chapter; JSON chapters 1.2.0, Podlove simple chapters and ID3 are written from it.

    Attributes:
        image_url: a picture elsewhere, as an import or a script named it; ``artwork_id`` goes before it.
    """

    __tablename__ = "chapter"

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    start_ms: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str]
    url: Mapped[str | None]
    image_url: Mapped[str | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")


class Transcript(Identified, Dated, Versioned, Base):
    """The words of an episode in one language: one source, from which every form is written.

    Attributes:
        format: in which form they came; ``source`` is that text, as it was given.
        origin: uploaded by somebody, or written by a machine.
        status: a draft is seen by producers alone; accepted is public with its episode.
        segments: [{start_ms, end_ms, speaker, body}]; the times are None where the source has none.
    """

    __tablename__ = "transcript"
    __table_args__ = (
        one_of("format", TRANSCRIPT_FORMATS),
        one_of("origin", TRANSCRIPT_ORIGINS),
        one_of("status", TRANSCRIPT_STATUSES),
        UniqueConstraint("episode_id", "language", "status"),
    )

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"))
    language: Mapped[str]
    format: Mapped[str]
    origin: Mapped[str]
    status: Mapped[str]
    source: Mapped[str]
    segments: Mapped[list[Any]] = mapped_column(JSON, default=list)


class Clip(Identified, Dated, Base):
    """A piece of an episode that stands for it: a sound of its own, and podcast:soundbite.

    Attributes:
        start_ms: where it begins in the episode.
        duration_ms: 15 to 120 seconds.
        fade_in_ms: how long it takes to come in; ``fade_out_ms`` to go out.
        public_key: what stands in its public address.
        storage_key: where its MP3 lies; None until it is made.
        error_code: why it could not be made.
    """

    __tablename__ = "clip"

    episode_id: Mapped[str] = mapped_column(ForeignKey("episode.id"), index=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("audio.id"), index=True)
    title: Mapped[str]
    start_ms: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int]
    fade_in_ms: Mapped[int]
    fade_out_ms: Mapped[int]
    public_key: Mapped[str] = mapped_column(unique=True)
    storage_key: Mapped[str | None] = mapped_column(unique=True)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))


class Person(Identified, Base):
    """Somebody who is heard or worked on a show or an episode (podcast:person)."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("(show_id IS NULL) <> (episode_id IS NULL)", name="one_owner"),)

    show_id: Mapped[str | None] = mapped_column(ForeignKey("show.id"), index=True)
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"), index=True)
    name: Mapped[str]
    role: Mapped[str | None]
    group: Mapped[str | None] = mapped_column("person_group")
    href: Mapped[str | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    position: Mapped[int]
