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
LIGHT = "light"
LIGHT_OPUS = "light-opus"
RENDITION_NAMES = (NORMAL, LIGHT, LIGHT_OPUS)


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
        loudness_lufs: integrated loudness (EBU R128); None until measured, and for silence.
        mono_loudness_lufs: the same of the sound mixed down to one channel.
        head_silence_ms: how long nothing is heard at the beginning; ``tail_silence_ms`` at the end.
        dense_peaks_key: where the studio's finer waveform lies; None for none.
        private_tags: kinds of private matter in the file that could be taken out (``audio.private_matter``).
        made_from_id: the audio that this one was cut or cleaned from; None for an upload.
        made_how: "trim" or "strip"; None for an upload.
        let_go_at: when the file may go if nothing uses it then; None: never by itself.
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
    mono_loudness_lufs: Mapped[float | None]
    head_silence_ms: Mapped[int | None]
    tail_silence_ms: Mapped[int | None]
    dense_peaks_key: Mapped[str | None]
    private_tags: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    made_from_id: Mapped[str | None] = mapped_column(ForeignKey("audio.id"))
    made_how: Mapped[str | None]
    let_go_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    artwork_id: Mapped[str | None] = mapped_column(ForeignKey("artwork.id"))
    uploaded_by_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"))

    artwork: Mapped[Artwork | None] = relationship(lazy="raise")
    renditions: Mapped[list["Rendition"]] = relationship(lazy="raise", order_by="Rendition.name")


class Rendition(Identified, Base):
    """One form of an audio that can be served: the normal one is the upload itself where apps can play that.

    Attributes:
        sha256: hex, of its bytes; None where it is the upload itself.
        loudness_target_lufs: what its loudness was brought to; None where it was left alone.
        tags_hash: of the tags and the cover that stand in it; None where nothing was written into it.
    """

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
    sha256: Mapped[str | None]
    loudness_target_lufs: Mapped[float | None]
    tags_hash: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MediaKey(Base):
    """The public address of one rendition of one audio for one episode or bare playlist item.

    Two episodes of one audio have two keys, so that withdrawing one hides only its own; new audio gets a new
    key, so that the bytes under an address never change.

    Attributes:
        retired_at: when the episode got other audio; for a grace time the old address is still answered, for
            those who have just read it in a feed. None while it is in use.
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
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
