# SPDX-License-Identifier: AGPL-3.0-or-later
"""Audio: an uploaded file, what was read from it, and its renditions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of
from podcasts.models.site import Artwork

PROCESSING = "processing"
READY = "ready"
FAILED = "failed"
AUDIO_STATUSES = (PROCESSING, READY, FAILED)

NORMAL = "normal"
RENDITION_NAMES = (NORMAL, "light", "light-opus")


class Audio(Identified, Dated, Versioned, Binned, Base):
    """One uploaded file; many episodes and playlists may use it.

    Attributes:
        sha256: hex, of the bytes as they came.
        storage_key: where the bytes lie; None once a failed file is gone from the store.
        kind: name of the AudioKind ("mp3"), decided by the bytes.
        file_name: the uploader's own, cleaned, for people only.
        error_code: why it failed, with ``error_facts``.
        duration_ms: decoded; None until it was.
        peaks: about 400 values of 0 to 255.
        cover_bars: 11 values of 0 to 255, for the cover drawn from the sound.
        tag_chapters: chapters found in the file: [{start_ms, title, url}].
        loudness_lufs: integrated loudness; None until measured.
    """

    __tablename__ = "audio"
    __table_args__ = (
        one_of("status", AUDIO_STATUSES),
        Index("ix_audio_owner_hash", "uploaded_by_id", "sha256"),
    )

    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str]
    kind: Mapped[str]
    storage_key: Mapped[str | None] = mapped_column(unique=True)
    file_name: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=PROCESSING)
    error_code: Mapped[str | None]
    error_facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    title: Mapped[str | None]
    artist: Mapped[str | None]
    album: Mapped[str | None]
    comment: Mapped[str | None]
    track_number: Mapped[int | None]
    year: Mapped[int | None]
    duration_ms: Mapped[int | None] = mapped_column(BigInteger)
    bitrate_bps: Mapped[int | None]
    channels: Mapped[int | None]
    sample_rate_hz: Mapped[int | None]
    peaks: Mapped[list[int] | None] = mapped_column(JSON)
    cover_bars: Mapped[list[int] | None] = mapped_column(JSON)
    tag_chapters: Mapped[list[Any]] = mapped_column(JSON, default=list)
    loudness_lufs: Mapped[float | None]
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    uploaded_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
    renditions: Mapped[list["Rendition"]] = relationship(lazy="raise", order_by="Rendition.name")


class Rendition(Identified, Base):
    """One form of an audio that can be served: the normal one is the upload itself."""

    __tablename__ = "rendition"
    __table_args__ = (UniqueConstraint("audio_id", "name"), one_of("name", RENDITION_NAMES))

    audio_id: Mapped[str] = mapped_column(ForeignKey("audio.id"))
    name: Mapped[str]
    mime: Mapped[str]
    extension: Mapped[str]
    storage_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    bitrate_bps: Mapped[int | None]
    channels: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MediaKey(Base):
    """The public address of one rendition of one audio for one episode or bare playlist item.

    Two episodes of one audio have two keys, so that withdrawing one hides only its own; new audio gets a new
    key, so that the bytes under an address never change.
    """

    __tablename__ = "media_key"
    __table_args__ = (
        UniqueConstraint("episode_id", "audio_id", "rendition"),
        UniqueConstraint("playlist_item_id", "audio_id", "rendition"),
        CheckConstraint("(episode_id IS NULL) <> (playlist_item_id IS NULL)", name="one_owner"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    audio_id: Mapped[str] = mapped_column(ForeignKey("audio.id"), index=True)
    rendition: Mapped[str] = mapped_column(default=NORMAL)
    episode_id: Mapped[str | None] = mapped_column(ForeignKey("episode.id"))
    playlist_item_id: Mapped[str | None] = mapped_column(ForeignKey("playlist_item.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
