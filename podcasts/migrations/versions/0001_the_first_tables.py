# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first tables."""

import sqlalchemy as sa
from alembic import op


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role IN ('admin', 'editor', 'producer')", name=op.f("ck_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "article",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("site_name", sa.String(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("image_url", sa.String(), nullable=True),
        sa.Column("excerpt", sa.String(), nullable=True),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("source_name", sa.String(), nullable=True),
        sa.Column("source_url", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("etag", sa.String(), nullable=True),
        sa.Column("last_modified", sa.String(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("fetch_status", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "fetch_status IN ('linked', 'pending', 'fetched', 'failed')", name=op.f("ck_article_fetch_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("key", name=op.f("uq_article_key")),
    )
    op.create_table(
        "artwork",
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("feed_key", sa.String(), nullable=False),
        sa.Column("page_key", sa.String(), nullable=False),
        sa.Column("small_key", sa.String(), nullable=False),
        sa.Column("thumb_key", sa.String(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("feed_size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artwork")),
        sa.UniqueConstraint("feed_key", name=op.f("uq_artwork_feed_key")),
        sa.UniqueConstraint("page_key", name=op.f("uq_artwork_page_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_artwork_public_key")),
        sa.UniqueConstraint("small_key", name=op.f("uq_artwork_small_key")),
        sa.UniqueConstraint("thumb_key", name=op.f("uq_artwork_thumb_key")),
    )
    op.create_table(
        "journal_mark",
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file_name", name=op.f("pk_journal_mark")),
    )
    op.create_table(
        "listening_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("media_key", sa.String(), nullable=False),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("rendition", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("range_start", sa.BigInteger(), nullable=True),
        sa.Column("range_end", sa.BigInteger(), nullable=True),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("listener", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listening_event")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_listening_event_episode", "listening_event", ["episode_id", "at"], unique=False)
    op.create_table(
        "setup_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_setup_link_token_hash")),
    )
    op.create_table(
        "slug_entry",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('show', 'episode', 'playlist', 'section')", name=op.f("ck_slug_entry_kind")
        ),
        sa.PrimaryKeyConstraint("kind", "scope", "slug", name=op.f("pk_slug_entry")),
    )
    op.create_index(op.f("ix_slug_entry_subject_id"), "slug_entry", ["subject_id"], unique=False)
    op.create_table(
        "worker_beat",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker_beat")),
    )
    op.create_table(
        "api_token",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_api_token_user_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_user_id"), "api_token", ["user_id"], unique=False)
    op.create_table(
        "article_alias",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_alias_article_id_article")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_alias")),
        sa.UniqueConstraint("key", name=op.f("uq_article_alias_key")),
    )
    op.create_index(op.f("ix_article_alias_article_id"), "article_alias", ["article_id"], unique=False)
    op.create_table(
        "audio",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=True),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("artist", sa.String(), nullable=True),
        sa.Column("album", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("track_number", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.Column("bitrate_bps", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("sample_rate_hz", sa.Integer(), nullable=True),
        sa.Column("peaks", sa.JSON(), nullable=True),
        sa.Column("cover_bars", sa.JSON(), nullable=True),
        sa.Column("tag_chapters", sa.JSON(), nullable=False),
        sa.Column("loudness_lufs", sa.Double(), nullable=True),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("uploaded_by_id", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('processing', 'ready', 'failed')", name=op.f("ck_audio_status")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_audio_artwork_id_artwork")),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["account.id"], name=op.f("fk_audio_uploaded_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audio")),
        sa.UniqueConstraint("storage_key", name=op.f("uq_audio_storage_key")),
    )
    op.create_index("ix_audio_owner_hash", "audio", ["uploaded_by_id", "sha256"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint("actor_kind IN ('user', 'token', 'system')", name=op.f("ck_change_actor_kind")),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_change_actor_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_subject", "change", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "job",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_status")),
        sa.ForeignKeyConstraint(["created_by_id"], ["account.id"], name=op.f("fk_job_created_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_due", "job", ["status", "not_before"], unique=False)
    op.create_index("ix_job_subject", "job", ["subject_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_login_session_user_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "playlist",
        sa.Column("guid", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("published", sa.Boolean(), nullable=False),
        sa.Column("order", sa.String(), nullable=False),
        sa.Column("rule", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("show_artist", sa.Boolean(), nullable=False),
        sa.Column("artist_separator", sa.String(), nullable=True),
        sa.Column("feed_on", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.String(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("\"order\" IN ('manual', 'newest', 'oldest')", name=op.f('ck_playlist_"order"')),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_playlist_artwork_id_artwork")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_playlist_created_by_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist")),
        sa.UniqueConstraint("guid", name=op.f("uq_playlist_guid")),
        sa.UniqueConstraint("slug", name=op.f("uq_playlist_slug")),
    )
    op.create_table(
        "section",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("iso", sa.String(), nullable=True),
        sa.Column("parent_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("rss_url", sa.String(), nullable=True),
        sa.Column("ground", sa.Integer(), nullable=False),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('section', 'country', 'tag')", name=op.f("ck_section_kind")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_section_artwork_id_artwork")),
        sa.ForeignKeyConstraint(["parent_id"], ["section.id"], name=op.f("fk_section_parent_id_section")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_section")),
        sa.UniqueConstraint("slug", name=op.f("uq_section_slug")),
    )
    op.create_index(op.f("ix_section_parent_id"), "section", ["parent_id"], unique=False)
    op.create_table(
        "show",
        sa.Column("guid", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=False),
        sa.Column("owner_email", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=True),
        sa.Column("copyright", sa.String(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("funding_url", sa.String(), nullable=True),
        sa.Column("funding_label", sa.String(), nullable=True),
        sa.Column("new_feed_url", sa.String(), nullable=True),
        sa.Column("link_to", sa.String(), nullable=False),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("link_to IN ('article', 'episode')", name=op.f("ck_show_link_to")),
        sa.CheckConstraint("type IN ('episodic', 'serial')", name=op.f("ck_show_type")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_show_artwork_id_artwork")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_show")),
        sa.UniqueConstraint("guid", name=op.f("uq_show_guid")),
        sa.UniqueConstraint("slug", name=op.f("uq_show_slug")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("guid", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=True),
        sa.Column("owner_name", sa.String(), nullable=True),
        sa.Column("owner_email", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("profile_links", sa.JSON(), nullable=False),
        sa.Column("menu", sa.JSON(), nullable=False),
        sa.Column("footer", sa.JSON(), nullable=False),
        sa.Column("artist_separator", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_single")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_site_artwork_id_artwork")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_table(
        "article_section",
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_article_section_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_article_section_section_id_section")
        ),
        sa.PrimaryKeyConstraint("article_id", "section_id", name=op.f("pk_article_section")),
    )
    op.create_index(op.f("ix_article_section_section_id"), "article_section", ["section_id"], unique=False)
    op.create_table(
        "episode",
        sa.Column("guid", sa.String(), nullable=False),
        sa.Column("show_id", sa.String(), nullable=False),
        sa.Column("audio_id", sa.String(), nullable=True),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("title_is_provisional", sa.Boolean(), nullable=False),
        sa.Column("artist", sa.String(), nullable=True),
        sa.Column("album", sa.String(), nullable=True),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("notes_format", sa.String(), nullable=False),
        sa.Column("season", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=True),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("created_by_id", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("notes_format IN ('markdown', 'html')", name=op.f("ck_episode_notes_format")),
        sa.CheckConstraint(
            "status <> 'published' OR published_at IS NOT NULL", name=op.f("ck_episode_published_has_time")
        ),
        sa.CheckConstraint("status IN ('draft', 'published', 'withdrawn')", name=op.f("ck_episode_status")),
        sa.CheckConstraint("type IN ('full', 'trailer', 'bonus')", name=op.f("ck_episode_type")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_episode_artwork_id_artwork")),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_episode_audio_id_audio")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["account.id"], name=op.f("fk_episode_created_by_id_account")
        ),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_episode_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode")),
        sa.UniqueConstraint("show_id", "guid", name=op.f("uq_episode_show_id_guid")),
        sa.UniqueConstraint("show_id", "slug", name=op.f("uq_episode_show_id_slug")),
    )
    op.create_index(op.f("ix_episode_audio_id"), "episode", ["audio_id"], unique=False)
    op.create_index("ix_episode_newest", "episode", ["status", "published_at"], unique=False)
    op.create_index("ix_episode_public", "episode", ["show_id", "status", "published_at"], unique=False)
    op.create_table(
        "idempotency_entry",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body_sha256", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("location", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_token.id"], name=op.f("fk_idempotency_entry_token_id_api_token")
        ),
        sa.PrimaryKeyConstraint("token_id", "route", "key", name=op.f("pk_idempotency_entry")),
    )
    op.create_table(
        "job_step",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.Column("error_facts", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed', 'skipped')", name=op.f("ck_job_step_status")
        ),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name=op.f("fk_job_step_job_id_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_step")),
    )
    op.create_index(op.f("ix_job_step_job_id"), "job_step", ["job_id"], unique=False)
    op.create_table(
        "playlist_section",
        sa.Column("playlist_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlist.id"], name=op.f("fk_playlist_section_playlist_id_playlist")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_playlist_section_section_id_section")
        ),
        sa.PrimaryKeyConstraint("playlist_id", "section_id", name=op.f("pk_playlist_section")),
    )
    op.create_index(op.f("ix_playlist_section_section_id"), "playlist_section", ["section_id"], unique=False)
    op.create_table(
        "rendition",
        sa.Column("audio_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("extension", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("bitrate_bps", sa.Integer(), nullable=True),
        sa.Column("channels", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint("name IN ('normal', 'light', 'light-opus')", name=op.f("ck_rendition_name")),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_rendition_audio_id_audio")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendition")),
        sa.UniqueConstraint("audio_id", "name", name=op.f("uq_rendition_audio_id_name")),
    )
    op.create_table(
        "section_member",
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_section_member_section_id_section")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_section_member_user_id_account")),
        sa.PrimaryKeyConstraint("section_id", "user_id", name=op.f("pk_section_member")),
    )
    op.create_index(op.f("ix_section_member_user_id"), "section_member", ["user_id"], unique=False)
    op.create_table(
        "show_member",
        sa.Column("show_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_show_member_show_id_show")),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"], name=op.f("fk_show_member_user_id_account")),
        sa.PrimaryKeyConstraint("show_id", "user_id", name=op.f("pk_show_member")),
    )
    op.create_index(op.f("ix_show_member_user_id"), "show_member", ["user_id"], unique=False)
    op.create_table(
        "show_section",
        sa.Column("show_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_show_section_section_id_section")
        ),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_show_section_show_id_show")),
        sa.PrimaryKeyConstraint("show_id", "section_id", name=op.f("pk_show_section")),
    )
    op.create_index(op.f("ix_show_section_section_id"), "show_section", ["section_id"], unique=False)
    op.create_table(
        "chapter",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("start_ms", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("image_url", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_chapter_episode_id_episode")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chapter")),
    )
    op.create_index(op.f("ix_chapter_episode_id"), "chapter", ["episode_id"], unique=False)
    op.create_table(
        "cta",
        sa.Column("playlist_id", sa.String(), nullable=True),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("show_id", sa.String(), nullable=True),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("icon", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(CASE WHEN playlist_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN episode_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN show_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_cta_one_owner"),
        ),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_cta_episode_id_episode")),
        sa.ForeignKeyConstraint(["playlist_id"], ["playlist.id"], name=op.f("fk_cta_playlist_id_playlist")),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_cta_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cta")),
    )
    op.create_index(op.f("ix_cta_episode_id"), "cta", ["episode_id"], unique=False)
    op.create_index(op.f("ix_cta_playlist_id"), "cta", ["playlist_id"], unique=False)
    op.create_index(op.f("ix_cta_show_id"), "cta", ["show_id"], unique=False)
    op.create_table(
        "episode_article",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("article_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "role IN ('primary', 'related', 'source', 'correction')", name=op.f("ck_episode_article_role")
        ),
        sa.ForeignKeyConstraint(
            ["article_id"], ["article.id"], name=op.f("fk_episode_article_article_id_article")
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_episode_article_episode_id_episode")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episode_article")),
        sa.UniqueConstraint(
            "episode_id", "article_id", name=op.f("uq_episode_article_episode_id_article_id")
        ),
    )
    op.create_index(op.f("ix_episode_article_article_id"), "episode_article", ["article_id"], unique=False)
    op.create_table(
        "episode_section",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("section_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_episode_section_episode_id_episode")
        ),
        sa.ForeignKeyConstraint(
            ["section_id"], ["section.id"], name=op.f("fk_episode_section_section_id_section")
        ),
        sa.PrimaryKeyConstraint("episode_id", "section_id", name=op.f("pk_episode_section")),
    )
    op.create_index(op.f("ix_episode_section_section_id"), "episode_section", ["section_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("show_id", sa.String(), nullable=True),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("person_group", sa.String(), nullable=True),
        sa.Column("href", sa.String(), nullable=True),
        sa.Column("artwork_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint("(show_id IS NULL) <> (episode_id IS NULL)", name=op.f("ck_person_one_owner")),
        sa.ForeignKeyConstraint(["artwork_id"], ["artwork.id"], name=op.f("fk_person_artwork_id_artwork")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_person_episode_id_episode")),
        sa.ForeignKeyConstraint(["show_id"], ["show.id"], name=op.f("fk_person_show_id_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_episode_id"), "person", ["episode_id"], unique=False)
    op.create_index(op.f("ix_person_show_id"), "person", ["show_id"], unique=False)
    op.create_table(
        "playlist_item",
        sa.Column("playlist_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("audio_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("artist", sa.String(), nullable=True),
        sa.Column("album", sa.String(), nullable=True),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(episode_id IS NULL) <> (audio_id IS NULL)", name=op.f("ck_playlist_item_one_sound")
        ),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_playlist_item_audio_id_audio")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_playlist_item_episode_id_episode")
        ),
        sa.ForeignKeyConstraint(
            ["playlist_id"], ["playlist.id"], name=op.f("fk_playlist_item_playlist_id_playlist")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_playlist_item")),
    )
    op.create_index(op.f("ix_playlist_item_audio_id"), "playlist_item", ["audio_id"], unique=False)
    op.create_index(op.f("ix_playlist_item_episode_id"), "playlist_item", ["episode_id"], unique=False)
    op.create_index(op.f("ix_playlist_item_playlist_id"), "playlist_item", ["playlist_id"], unique=False)
    op.create_table(
        "transcript",
        sa.Column("episode_id", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.CheckConstraint("format IN ('vtt', 'srt', 'json', 'html')", name=op.f("ck_transcript_format")),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_transcript_episode_id_episode")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transcript")),
        sa.UniqueConstraint(
            "episode_id", "language", "format", name=op.f("uq_transcript_episode_id_language_format")
        ),
    )
    op.create_table(
        "media_key",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("audio_id", sa.String(), nullable=False),
        sa.Column("rendition", sa.String(), nullable=False),
        sa.Column("episode_id", sa.String(), nullable=True),
        sa.Column("playlist_item_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(episode_id IS NULL) <> (playlist_item_id IS NULL)", name=op.f("ck_media_key_one_owner")
        ),
        sa.ForeignKeyConstraint(["audio_id"], ["audio.id"], name=op.f("fk_media_key_audio_id_audio")),
        sa.ForeignKeyConstraint(["episode_id"], ["episode.id"], name=op.f("fk_media_key_episode_id_episode")),
        sa.ForeignKeyConstraint(
            ["playlist_item_id"],
            ["playlist_item.id"],
            name=op.f("fk_media_key_playlist_item_id_playlist_item"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_media_key")),
        sa.UniqueConstraint(
            "episode_id", "audio_id", "rendition", name=op.f("uq_media_key_episode_id_audio_id_rendition")
        ),
        sa.UniqueConstraint(
            "playlist_item_id",
            "audio_id",
            "rendition",
            name=op.f("uq_media_key_playlist_item_id_audio_id_rendition"),
        ),
    )
    op.create_index(op.f("ix_media_key_audio_id"), "media_key", ["audio_id"], unique=False)
    op.execute(
        "INSERT INTO site (id, explicit, profile_links, menu, footer, created_at, updated_at, version) "
        "VALUES (1, false, '[]', '[]', '[]', CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, 1)"
    )
