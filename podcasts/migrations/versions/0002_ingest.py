# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ingest: uploads in pieces, renditions, loudness, clips, transcripts with one source.

Columns with a reference are added by hand: Alembic would copy the whole table on SQLite, and dropping a table that
others refer to is refused there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is new; the table of transcripts, which nothing has filled so far, is made anew."""
    op.create_table(
        "clip",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("audio_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("fade_in_ms", sa.Integer(), nullable=False),
        sa.Column("fade_out_ms", sa.Integer(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_clip_audio_id_audio")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_clip_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_clip_episode_id_episode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clip")),
        sa.UniqueConstraint("public_key", name=op.f("uq_clip_public_key")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_clip_storage_key")),
    )
    op.create_table(
        "upload",
        sa.Column("owner_id", sa.String(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("temporary", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("show_id", sa.String(), nullable=True),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("audio_id", sa.String(), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "offset_bytes >= 0 AND offset_bytes <= size_bytes", name=op.f("ck_upload_offset_inside")
        ),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_upload_audio_id_audio")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_upload_episode_id_episode")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_upload_owner_id_account")),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_upload_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("temporary", name=op.f("uq_upload_temporary")),
    )
    op.create_index(op.f("ix_clip_audio_id"), "clip", ["audio_id"], unique=False)
    op.create_index(op.f("ix_clip_episode_id"), "clip", ["episode_id"], unique=False)
    op.create_index("ix_upload_expiry", "upload", ["expires_at"], unique=False)
    op.create_index("ix_upload_owner", "upload", ["owner_id", "created_at"], unique=False)
    op.add_column("artwork", sa.Column("alt", sa.String(), server_default="", nullable=False))
    op.add_column("audio", sa.Column("mono_loudness_lufs", sa.Double(), nullable=True))
    op.add_column("audio", sa.Column("head_silence_ms", sa.Integer(), nullable=True))
    op.add_column("audio", sa.Column("tail_silence_ms", sa.Integer(), nullable=True))
    op.add_column("audio", sa.Column("dense_peaks_key", sa.String(), nullable=True))
    op.add_column("audio", sa.Column("private_tags", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("audio", sa.Column("made_how", sa.String(), nullable=True))
    op.add_column("audio", sa.Column("let_go_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("job", sa.Column("facts", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("media_key", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rendition", sa.Column("sha256", sa.String(), nullable=True))
    op.add_column("rendition", sa.Column("loudness_target_lufs", sa.Double(), nullable=True))
    op.add_column("rendition", sa.Column("tags_hash", sa.String(), nullable=True))
    op.add_column(
        "show", sa.Column("loudness_on", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )
    op.add_column("show", sa.Column("loudness_lufs", sa.Double(), server_default="-16.0", nullable=False))
    op.execute(
        "ALTER TABLE audio ADD COLUMN made_from_id VARCHAR "
        "CONSTRAINT fk_audio_made_from_id_audio REFERENCES audio (id)"
    )
    op.execute(
        "ALTER TABLE chapter ADD COLUMN artwork_id VARCHAR "
        "CONSTRAINT fk_chapter_artwork_id_artwork REFERENCES artwork (id)"
    )
    op.drop_table("transcript")
    op.create_table(
        "transcript",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("segments", sa.JSON(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "format IN ('vtt', 'srt', 'json', 'html', 'text')", name=op.f("ck_transcript_format")
        ),
        sa.CheckConstraint("origin IN ('upload', 'machine')", name=op.f("ck_transcript_origin")),
        sa.CheckConstraint("status IN ('draft', 'accepted')", name=op.f("ck_transcript_status")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_transcript_episode_id_episode")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint(
            "episode_id", "language", "status", name=op.f("uq_transcript_episode_id_language_status")
        ),
    )
