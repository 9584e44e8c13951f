# SPDX-License-Identifier: AGPL-3.0-or-later
"""Articles: addresses in somebody else's CMS, by which their episodes are found; public metadata only."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Dated, Identified, Versioned, one_of

LINKED, PENDING, FETCHED, UNREACHABLE = "linked", "pending", "fetched", "failed"
FETCH_STATUSES = (LINKED, PENDING, FETCHED, UNREACHABLE)


class Article(Identified, Dated, Versioned, Base):
    """One article.

    Attributes:
        key: the normalised address (``podcasts.article_urls.article_key``), only for look-up.
        url: as given or canonical, without fragment and trackers: what is shown and linked.
        title: None until it was fetched or typed.
        terms: the newsroom's own section terms, as words.
        fetch_status: linked (never asked for), pending, fetched, failed.
        last_status: HTTP status of the last answer.
    """

    __tablename__ = "article"
    __table_args__ = (one_of("fetch_status", FETCH_STATUSES),)

    key: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    title: Mapped[str | None]
    author: Mapped[str | None]
    site_name: Mapped[str | None]
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    image_url: Mapped[str | None]
    excerpt: Mapped[str | None]
    terms: Mapped[list[Any]] = mapped_column(JSON, default=list)
    source_name: Mapped[str | None]
    source_url: Mapped[str | None]
    language: Mapped[str | None]
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    last_status: Mapped[int | None]
    fetch_status: Mapped[str] = mapped_column(default=LINKED)
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    aliases: Mapped[list["ArticleAlias"]] = relationship(lazy="raise", order_by="ArticleAlias.key")


class ArticleAlias(Identified, Base):
    """Another address of an article: AMP, old, shared."""

    __tablename__ = "article_alias"

    key: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    article_id: Mapped[str] = mapped_column(ForeignKey("article.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
