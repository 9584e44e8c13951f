# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows as the REST interface shows them. Times are RFC 3339 in UTC with Z; ids are opaque."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from podcasts.errors import Facts
from podcasts.i18n import Translator, reason_text
from podcasts.links import Links
from podcasts.models import (
    Article,
    Artwork,
    Audio,
    Clip,
    Cta,
    Episode,
    Job,
    JobStep,
    Playlist,
    PlaylistItem,
    Section,
    Show,
)
from podcasts.models.audio import NORMAL, READY
from podcasts.models.episode import ACCEPTED
from podcasts.services.publishing import status_at
from podcasts.services.queries import Track
from podcasts.text import ascii_slug


def instant(moment: datetime | None) -> str | None:
    """Write an instant as ``2026-11-23T08:00:00Z``."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def seconds(duration_ms: int | None) -> float | None:
    """Write a length in seconds."""
    return None if duration_ms is None else duration_ms / 1000


def show(row: Show, links: Links) -> dict[str, Any]:
    """Show a show; needs ``artwork`` and ``sections``."""
    same = (
        *("id", "slug", "guid", "title", "description", "language", "author", "owner_name", "owner_email"),
        *(
            "category",
            "explicit",
            "type",
            "link",
            "link_to",
            "copyright",
            "locked",
            "complete",
            "funding_url",
        ),
        *("funding_label", "new_feed_url", "loudness_on", "loudness_lufs", "embed_sites", "version"),
    )
    return {
        **_taken(row, same),
        **_dates(row),
        "sections": [section.slug for section in row.sections if section.deleted_at is None],
        "artwork_url": picture(row.artwork, links),
        "artwork_alt": row.artwork.alt if row.artwork else "",
        "url": links.show(row.slug),
        "feed_url": links.show_feed(row.slug),
    }


def audio(row: Audio, steps: Sequence[JobStep], links: Links, t: Translator) -> dict[str, Any]:
    """Show an audio; needs ``artwork`` and ``renditions``."""
    return {
        **_taken(row, ("id", "sha256", "mime", "file_name", "status", "title", "artist", "album")),
        **_taken(row, ("comment", "track_number", "year", "loudness_lufs", "private_tags")),
        "bytes": row.size_bytes,
        "error": error(row.error_code, row.error_facts, t),
        "duration_seconds": seconds(row.duration_ms),
        "head_silence_seconds": seconds(row.head_silence_ms),
        "tail_silence_seconds": seconds(row.tail_silence_ms),
        "chapters": [
            {"start_seconds": one["start_ms"] / 1000, "title": one["title"], "url": one.get("url")}
            for one in row.tag_chapters
        ],
        "made_from": row.made_from_id,
        "artwork_url": picture(row.artwork, links),
        "artwork_alt": row.artwork.alt if row.artwork else "",
        "steps": [step(one, t) for one in steps],
        "renditions": [
            {
                "name": rendition.name,
                "mime": rendition.mime,
                "bytes": rendition.size_bytes,
                "bitrate": rendition.bitrate_bps,
                "channels": rendition.channels,
                "loudness_target_lufs": rendition.loudness_target_lufs,
            }
            for rendition in row.renditions
        ],
        "created_at": instant(row.created_at),
    }


def clip(row: Clip, links: Links, t: Translator) -> dict[str, Any]:
    """Show a clip."""
    return {
        **_taken(row, ("id", "title")),
        "start_seconds": seconds(row.start_ms),
        "duration_seconds": seconds(row.duration_ms),
        "url": links.media(row.public_key, ascii_slug(row.title) or "clip", "mp3")
        if row.storage_key
        else None,
        "bytes": row.size_bytes,
        "error": error(row.error_code, row.error_facts, t),
    }


def episode(row: Episode, links: Links, now: datetime) -> dict[str, Any]:
    """Show an episode; needs everything that ``workbench.episode`` loads."""
    sound, of_show = row.audio, row.show
    artwork = row.artwork or (sound.artwork if sound else None) or of_show.artwork
    same = (
        "id",
        "slug",
        "guid",
        "title",
        "summary",
        "notes",
        "season",
        "number",
        "type",
        "explicit",
        "language",
    )
    return {
        **_taken(row, (*same, "audio_id", "version")),
        **_dates(row),
        "artist": row.artist or (sound.artist if sound else None) or of_show.author,
        "album": row.album or (sound.album if sound else None) or of_show.title,
        "status": status_at(row, now),
        "published_at": instant(row.published_at),
        "show": _taken(of_show, ("id", "slug", "title")),
        "url": links.episode(of_show.slug, row.slug),
        "embed_url": links.embed_episode(of_show.slug, row.slug),
        "audio_status": sound.status if sound else None,
        "duration_seconds": seconds(sound.duration_ms) if sound else None,
        "enclosure": enclosure(row, links),
        "renditions": renditions(row, links),
        "artwork_url": picture(artwork, links),
        "artwork_alt": artwork.alt if artwork else "",
        "chapters": [
            {
                "start_seconds": chapter.start_ms / 1000,
                "title": chapter.title,
                "url": chapter.url,
                "image": chapter.image_url,
            }
            for chapter in row.chapters
        ],
        "transcripts": transcripts(row, links),
        "articles": [
            {
                "id": link.article_id,
                "url": link.article.url,
                "title": link.article.title,
                "role": link.role,
                "label": link.label,
            }
            for link in row.articles
        ],
        "sections": [section.slug for section in row.sections if section.deleted_at is None],
        "ctas": ctas(row.ctas),
    }


def ctas(rows: Sequence[Cta]) -> list[dict[str, Any]]:
    """Show the buttons beside a player."""
    return [_taken(row, ("label", "url", "icon")) for row in rows]


def enclosure(row: Episode, links: Links) -> dict[str, Any] | None:
    """Show the sound of an episode as its feed names it; None until it is ready."""
    normal = next((one for one in renditions(row, links) if one["name"] == NORMAL), None)
    return None if normal is None else {name: normal[name] for name in ("url", "mime", "bytes")}


def renditions(row: Episode, links: Links) -> list[dict[str, Any]]:
    """Show every form in which an episode can be heard, and where; none until its audio is ready."""
    sound = row.audio
    if sound is None or sound.status != READY:
        return []
    keys = {found.rendition: found.key for found in row.media_keys if found.audio_id == row.audio_id}
    name = ascii_slug(row.title) or "episode"
    return [
        {
            "name": one.name,
            "url": links.media(keys[one.name], name, one.extension),
            "mime": one.mime,
            "bytes": one.size_bytes,
            "bitrate": one.bitrate_bps,
            "channels": one.channels,
        }
        for one in sound.renditions
        if one.name in keys
    ]


def transcripts(row: Episode, links: Links) -> list[dict[str, Any]]:
    """Show which transcripts an episode has, and where the accepted ones are read."""
    keys = (found for found in row.media_keys if (found.audio_id, found.rendition) == (row.audio_id, NORMAL))
    key = next((found.key for found in keys), None)
    return [
        {
            **_taken(one, ("language", "format", "origin", "status")),
            "urls": {
                form: links.transcript(key, form, one.language)
                for form in (("html",) if one.format in {"text", "html"} else ("vtt", "srt", "json", "html"))
            }
            if key is not None and one.status == ACCEPTED
            else {},
        }
        for one in row.transcripts
    ]


def section(row: Section, parent: str | None, links: Links) -> dict[str, Any]:
    """Show a section; ``parent`` is the slug of the one above."""
    same = ("id", "slug", "name", "kind", "iso", "description", "rss_url", "position", "version")
    return {
        **_taken(row, same),
        "parent": parent,
        "url": links.section(row.slug),
        "feed_url": links.section_feed(row.slug),
    }


def article(row: Article, t: Translator) -> dict[str, Any]:
    """Show an article."""
    same = ("id", "url", "title", "author", "site_name", "image_url", "excerpt", "language", "fetch_status")
    return {
        **_taken(row, same),
        "terms": list(row.terms),
        "published_at": instant(row.published_at),
        "error": error(row.error_code, row.error_facts, t),
    }


def playlist(
    row: Playlist, items: Sequence[dict[str, Any]], rule: Mapping[str, Any] | None, links: Links
) -> dict[str, Any]:
    """Show a playlist; needs ``artwork``, ``sections`` and ``ctas``; ``rule`` is by slugs."""
    same = ("id", "slug", "guid", "title", "description", "published", "order", "show_artist")
    return {
        **_taken(row, (*same, "artist_separator", "feed_on", "language", "version")),
        **_dates(row),
        "rule": dict(rule) if rule is not None else None,
        "sections": [one.slug for one in row.sections if one.deleted_at is None],
        "artwork_url": picture(row.artwork, links),
        "artwork_alt": row.artwork.alt if row.artwork else "",
        "url": links.playlist(row.slug),
        "feed_url": links.playlist_feed(row.slug),
        "embed_url": links.embed_playlist(row.slug),
        "ctas": ctas(row.ctas),
        "items": list(items),
    }


def item(row: PlaylistItem, position: int, *, public: bool) -> dict[str, Any]:
    """Show a place of a hand-ordered playlist; needs what ``workbench.playlist_items`` loads."""
    of_show = row.episode.show if row.episode else None
    sound = row.episode.audio if row.episode else row.audio
    own = row.episode.title if row.episode else (sound.title or sound.file_name if sound else "")
    artist = (row.episode.artist if row.episode else None) or (sound.artist if sound else None)
    album = (row.episode.album if row.episode else None) or (sound.album if sound else None)
    return {
        "id": row.id,
        "position": position,
        "episode_id": row.episode_id,
        "audio_id": row.audio_id,
        "title": row.title or own,
        "artist": row.artist or artist or (of_show.author if of_show else ""),
        "album": row.album or album or (of_show.title if of_show else ""),
        "duration_seconds": seconds(sound.duration_ms) if sound else None,
        "public": public,
    }


def gathered(track: Track, position: int) -> dict[str, Any]:
    """Show a place of a playlist by rule: it has no id of its own."""
    return {
        "id": None,
        "position": position,
        "episode_id": track.episode.id if track.episode else None,
        "audio_id": None,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_seconds": seconds(track.audio.duration_ms),
        "public": True,
    }


def job(row: Job, t: Translator) -> dict[str, Any]:
    """Show a job; needs ``steps``."""
    return {
        **_taken(row, ("id", "kind", "status", "done", "total")),
        "warnings": [
            {"code": one["code"], "message": reason_text(t, one["code"], one.get("facts", {}))}
            for one in row.warnings
        ],
        "steps": [step(one, t) for one in row.steps],
        "error": error(row.error_code, row.error_facts, t),
    }


def step(row: JobStep, t: Translator) -> dict[str, Any]:
    """Show a step."""
    return {"name": row.name, "status": row.status, "error": error(row.error_code, row.error_facts, t)}


def error(code: str | None, facts: Facts, t: Translator) -> dict[str, str] | None:
    """Show why something failed; None where nothing did."""
    return None if code is None else {"code": code, "message": reason_text(t, code, facts)}


def picture(row: Artwork | None, links: Links) -> str | None:
    """Show where a picture is."""
    return links.artwork(row.public_key, "feed") if row is not None else None


def _taken(row: object, names: Sequence[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _dates(row: Show | Episode | Playlist) -> dict[str, Any]:
    return {"created_at": instant(row.created_at), "updated_at": instant(row.updated_at)}
