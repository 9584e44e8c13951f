# SPDX-License-Identifier: AGPL-3.0-or-later
"""Structured data: what search engines are told about shows, episodes and playlists (schema.org as JSON-LD 1.1)."""

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from podcasts.links import Links
from podcasts.models import Playlist, Show
from podcasts.notes import notes_teaser
from podcasts.services.queries import Track
from podcasts.units import whole_seconds
from podcasts.web.presenting import media_url, picture_url, summary


def series(links: Links, show: Show) -> Markup:
    """Describe a show as a PodcastSeries."""
    return _script(
        {
            "@type": "PodcastSeries",
            "name": show.title,
            "url": links.show(show.slug),
            "webFeed": links.show_feed(show.slug),
            "description": notes_teaser(show.description) or None,
            "inLanguage": show.language,
            "image": picture_url(links, show.artwork),
            "author": {"@type": "Organization", "name": show.author} if show.author else None,
        }
    )


def episode(links: Links, track: Track, url: str) -> Markup:
    """Describe an episode as a PodcastEpisode with its AudioObject, and the article that it belongs to."""
    primary = [link.article.url for link in track.articles if link.role == "primary"]
    show = track.show
    return _script(
        {
            "@type": "PodcastEpisode",
            "name": track.title,
            "url": url,
            "mainEntityOfPage": url,
            "isBasedOn": primary[0] if primary else None,
            "description": summary(track) or None,
            "inLanguage": track.language,
            "datePublished": track.published_at.isoformat(timespec="seconds"),
            "image": picture_url(links, track.artwork),
            "associatedMedia": _sound(links, track),
            "partOfSeries": {
                "@type": "PodcastSeries",
                "name": show.title,
                "url": links.show(show.slug),
                "webFeed": links.show_feed(show.slug),
            }
            if show
            else None,
        }
    )


def item_list(links: Links, playlist: Playlist, tracks: Sequence[Track]) -> Markup:
    """Describe a playlist as an ItemList of the episodes that have pages."""
    entries = [
        {
            "@type": "ListItem",
            "position": position,
            "name": track.title,
            "url": links.episode(track.show.slug, track.episode.slug),
        }
        for position, track in enumerate(tracks, 1)
        if track.show and track.episode
    ]
    return _script(
        {
            "@type": "ItemList",
            "name": playlist.title,
            "url": links.playlist(playlist.slug),
            "itemListElement": entries,
        }
    )


def _sound(links: Links, track: Track) -> dict[str, Any]:
    milliseconds = track.audio.duration_ms
    return _without_nothing(
        {
            "@type": "AudioObject",
            "contentUrl": media_url(links, track),
            "encodingFormat": track.rendition.mime,
            "contentSize": str(track.rendition.size_bytes),
            "duration": None if milliseconds is None else f"PT{whole_seconds(milliseconds)}S",
        }
    )


def _script(document: dict[str, Any]) -> Markup:
    """Write JSON for the inside of a script element: no text in it can end the element."""
    whole = {"@context": "https://schema.org", **_without_nothing(document)}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - escaped just above


def _without_nothing(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
