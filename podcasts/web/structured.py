# SPDX-License-Identifier: AGPL-3.0-or-later
"""Structured data: what search engines are told about shows, episodes and playlists (schema.org as JSON-LD 1.1).

The same for a newsroom's own article: a snippet that says that it can be heard.
"""

import json
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from podcasts.links import Links
from podcasts.models import Chapter, Playlist, Show, Transcript
from podcasts.notes import notes_teaser
from podcasts.services import transcripts
from podcasts.services.queries import Track
from podcasts.units import whole_seconds
from podcasts.web.presenting import embed_url, media_url, picture_url, summary

TRANSCRIPT_CHARACTERS = 4_000
"""A longer transcript is not written out a second time on a page for people who pay by the byte."""


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


def episode(
    links: Links, track: Track, url: str, chapters: Sequence[Chapter] = (), words: Transcript | None = None
) -> Markup:
    """Describe an episode as a PodcastEpisode: its sound, its chapters, its words, the article it belongs to."""
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
            "episodeNumber": track.episode.number if track.episode else None,
            "image": picture_url(links, track.artwork),
            "associatedMedia": _sound(links, track, words),
            "hasPart": _clips(track, url, chapters) or None,
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


def article_snippet(links: Links, track: Track) -> str:
    """Write a script element for the newsroom's own article: search engines learn that it can be heard there.

    "" where the episode belongs to no article.
    """
    if not track.articles or not track.episode or not track.show:
        return ""
    article = next((link for link in track.articles if link.role == "primary"), track.articles[0]).article
    document = {
        "@type": "AudioObject",
        "name": track.title,
        "description": summary(track) or None,
        **_sound(links, track),
        "uploadDate": track.published_at.isoformat(timespec="seconds"),
        "thumbnailUrl": picture_url(links, track.artwork),
        "inLanguage": track.language,
        "url": links.episode(track.show.slug, track.episode.slug),
        "isBasedOn": article.url,
        "mainEntityOfPage": article.url,
    }
    return str(Markup('<script type="application/ld+json">{}</script>').format(_script(document)))


def item_list(
    links: Links, playlist: Playlist, tracks: Sequence[Track], first: int = 1, total: int | None = None
) -> Markup:
    """Describe a page of a playlist as an ItemList of the episodes that have pages.

    Args:
        links: our addresses.
        playlist: what is listed.
        tracks: those of this page.
        first: the place of the first of them, from 1.
        total: how many the whole playlist has; None: these are all.
    """
    entries = [
        {
            "@type": "ListItem",
            "position": position,
            "name": track.title,
            "url": links.episode(track.show.slug, track.episode.slug),
        }
        for position, track in enumerate(tracks, first)
        if track.show and track.episode
    ]
    return _script(
        {
            "@type": "ItemList",
            "name": playlist.title,
            "url": links.playlist(playlist.slug),
            "numberOfItems": len(tracks) if total is None else total,
            "itemListElement": entries,
        }
    )


def _sound(links: Links, track: Track, words: Transcript | None = None) -> dict[str, Any]:
    milliseconds = track.audio.duration_ms
    return _without_nothing(
        {
            "@type": "AudioObject",
            "contentUrl": media_url(links, track),
            "embedUrl": embed_url(links, track) or None,
            "encodingFormat": track.rendition.mime,
            "contentSize": str(track.rendition.size_bytes),
            "duration": None if milliseconds is None else f"PT{whole_seconds(milliseconds)}S",
            **(_words(links, track, words) if words else {}),
        }
    )


def _words(links: Links, track: Track, words: Transcript) -> dict[str, Any]:
    """Give what is said: as text where it is short, and where captions can be fetched."""
    segments = transcripts.segments_of(words)
    text = "\n".join(segment.body for segment in segments)
    captions = {
        "@type": "MediaObject",
        "contentUrl": links.transcript(track.media_key, "vtt", words.language),
        "encodingFormat": "text/vtt",
        "inLanguage": words.language,
    }
    return {
        "transcript": text if len(text) <= TRANSCRIPT_CHARACTERS else None,
        "caption": captions if "vtt" in transcripts.forms_of(segments) else None,
    }


def _clips(track: Track, url: str, chapters: Sequence[Chapter]) -> list[dict[str, Any]]:
    """Describe chapters as clips of the episode; each ends where the next begins."""
    ends = [chapter.start_ms for chapter in chapters[1:]] + [track.audio.duration_ms]
    return [
        _without_nothing(
            {
                "@type": "Clip",
                "name": chapter.title,
                "startOffset": whole_seconds(chapter.start_ms),
                "endOffset": None if end is None else whole_seconds(end),
                "url": f"{url}#t={chapter.start_ms // 1000}",
            }
        )
        for chapter, end in zip(chapters, ends, strict=False)
    ]


def _script(document: dict[str, Any]) -> Markup:
    """Write JSON for the inside of a script element: no text in it can end the element."""
    whole = {"@context": "https://schema.org", **_without_nothing(document)}
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup(safe)  # noqa: S704 - escaped just above


def _without_nothing(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}
