# SPDX-License-Identifier: AGPL-3.0-or-later
"""Feed loading: rows become the document that ``podcasts.feeds`` renders.

One feed for each show is the podcast. All others (all shows, a section, a playlist) are derived from it: they have
a podcast:guid of their own, a title that says what they are, and are blocked, so that no directory lists one audio
many times.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from podcasts.errors import NotFoundError
from podcasts.feeds.document import ArticleRef, Channel, Country, Enclosure, Item, Soundbite, TranscriptRef
from podcasts.feeds.podcast_guid import NAMESPACE, item_guid, podcast_guid
from podcasts.i18n import translator
from podcasts.links import Links
from podcasts.models import Artwork, EpisodeArticle, Playlist, Site
from podcasts.notes import notes_teaser, notes_text, render_notes
from podcasts.services import queries
from podcasts.services.clips import made_clips
from podcasts.services.queries import Track
from podcasts.services.transcripts import accepted_of_show
from podcasts.text import ascii_slug

NAMELESS_SITE = "Griot"
PRIMARY = "primary"
TRANSCRIPT_MIMES = {
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "json": "application/json",
    "html": "text/html",
}
"""Forms of a transcript, the one that most apps read first."""

CAPTIONS = frozenset({"vtt", "srt"})
ROLLING = timedelta(minutes=1)
"""How long a playlist of the last so many days is true: it loses episodes by the clock alone."""


@dataclass(frozen=True)
class FeedPlace:
    """Where and when a feed is written.

    Attributes:
        links: our addresses.
        now: the instant that decides what is visible.
        timezone: IANA name; the newsroom's midnight begins "today".
        default_language: of feeds whose site or playlist names none.
    """

    links: Links
    now: datetime
    timezone: str
    default_language: str


@dataclass(frozen=True)
class LoadedFeed:
    """A feed ready to be rendered.

    Attributes:
        channel: the document.
        changed_at: when anything in it was last touched, what went included: Last-Modified.
        valid_until: when it changes by the clock alone; None where only releases do that.
        moved_to: the feed's present address, where it was asked for by an old one.
    """

    channel: Channel
    changed_at: datetime
    valid_until: datetime | None = None
    moved_to: str | None = None


def load_show_feed(session: Session, place: FeedPlace, slug: str) -> LoadedFeed:
    """Load the feed of a show: the podcast. Seven queries.

    Raises:
        NotFoundError: there is no such show.
    """
    show, touched_at = queries.find_show_and_touch(session, slug)
    tracks = _with_belongings(session, queries.feed_tracks(session, place.now, show=show), show.id)
    built_at = _newest(show.updated_at, tracks)
    links = place.links
    channel = Channel(
        self_url=links.show_feed(show.slug),
        link=show.link or links.show(show.slug),
        title=show.title,
        description=_plain(show.description) or show.title,
        language=show.language,
        author=show.author or show.title,
        owner_name=show.owner_name or show.author or show.title,
        owner_email=show.owner_email,
        image_url=_picture(links, show.artwork),
        category=show.category,
        explicit=show.explicit,
        itunes_type=show.type,
        copyright=show.copyright,
        podcast_guid=show.guid,
        locked=show.locked,
        blocked=show.demo,
        new_feed_url=show.new_feed_url,
        complete=show.complete,
        funding_url=show.funding_url,
        funding_label=show.funding_label,
        built_at=built_at,
        items=_items(place.links, tracks),
    )
    moved_to = None if show.slug == slug else links.show_feed(show.slug)
    return LoadedFeed(channel, max(built_at, touched_at), moved_to=moved_to)


def load_site_feed(session: Session, place: FeedPlace) -> LoadedFeed:
    """Load the feed of all shows but the demonstration. Six queries."""
    site = queries.site(session)
    tracks = queries.feed_tracks(session, place.now)
    title = _site_title(site)
    t = translator(_language(place, site))
    channel = _derived(
        place,
        site,
        self_url=place.links.site_feed(),
        link=place.links.home(),
        title=t.gettext("%(site)s: all shows", site=title),
        description=site.description or title,
        artwork=site.artwork,
        guid=site.guid or podcast_guid(place.links.site_feed()),
        tracks=tracks,
        built_at=_newest(site.updated_at, tracks),
    )
    return _loaded(session, channel)


def load_section_feed(session: Session, place: FeedPlace, slug: str) -> LoadedFeed:
    """Load the feed of a section and those below it. Seven queries.

    Raises:
        NotFoundError: there is no such section.
    """
    section = queries.find_section(session, slug)
    url = place.links.section_feed(section.slug)
    site = queries.site(session)
    tracks = queries.feed_tracks(session, place.now, section=section)
    t = translator(_language(place, site))
    title = t.gettext("%(section)s: all episodes", section=section.name)
    channel = _derived(
        place,
        site,
        self_url=url,
        link=place.links.section(section.slug),
        title=title,
        description=_plain(section.description) or f"{title} – {_site_title(site)}",
        artwork=section.artwork or site.artwork,
        guid=_guid_of(section.id),
        tracks=tracks,
        built_at=_newest(section.updated_at, tracks),
    )
    return _loaded(session, channel, moved_to=None if section.slug == slug else url)


def load_playlist_feed(session: Session, place: FeedPlace, slug: str) -> LoadedFeed:
    """Load the feed of a playlist; its items have guids of their own. At most nine queries.

    Raises:
        NotFoundError: there is no such playlist, it is not published, or its feed is off.
    """
    playlist = queries.find_playlist(session, slug)
    if not playlist.feed_on:
        raise NotFoundError
    url = place.links.playlist_feed(playlist.slug)
    site = queries.site(session)
    tracks = queries.playlist_tracks(session, playlist, place.now, place.timezone)
    language = playlist.language or _language(place, site)
    title = translator(language).gettext("%(playlist)s (playlist)", playlist=playlist.title)
    channel = _derived(
        place,
        site,
        self_url=url,
        link=place.links.playlist(playlist.slug),
        title=title,
        description=_plain(playlist.description) or f"{title} – {_site_title(site)}",
        artwork=playlist.artwork or site.artwork,
        guid=playlist.guid,
        tracks=_once(tracks),
        built_at=_newest(playlist.updated_at, tracks),
        language=language,
        guids_within=playlist.guid,
    )
    until = _rolling_end(playlist, place)
    return _loaded(session, channel, moved_to=None if playlist.slug == slug else url, valid_until=until)


def _derived(
    place: FeedPlace,
    site: Site,
    *,
    self_url: str,
    link: str,
    title: str,
    description: str,
    artwork: Artwork | None,
    guid: str,
    tracks: Sequence[Track],
    built_at: datetime,
    language: str | None = None,
    guids_within: str | None = None,
) -> Channel:
    """Write the head of a feed that is no podcast of its own: blocked, and the site's."""
    author = site.author or _site_title(site)
    return Channel(
        self_url=self_url,
        link=link,
        title=title,
        description=description,
        language=language or _language(place, site),
        author=author,
        owner_name=site.owner_name or author,
        owner_email=site.owner_email or "",
        image_url=_picture(place.links, artwork),
        category=site.category,
        explicit=site.explicit or any(_is_explicit(track) for track in tracks),
        itunes_type="episodic",
        copyright="",
        podcast_guid=guid,
        locked=True,
        blocked=True,
        built_at=built_at,
        items=_items(place.links, tracks, page_url=link, guids_within=guids_within),
    )


def _loaded(
    session: Session, channel: Channel, *, moved_to: str | None = None, valid_until: datetime | None = None
) -> LoadedFeed:
    touched_at = queries.last_touch(session) or channel.built_at
    return LoadedFeed(channel, max(channel.built_at, touched_at), valid_until, moved_to)


def _items(
    links: Links, tracks: Sequence[Track], *, page_url: str = "", guids_within: str | None = None
) -> tuple[Item, ...]:
    """Write the items.

    Args:
        links: our addresses.
        tracks: in the feed's order.
        page_url: where a bare sound leads, which has no page of its own.
        guids_within: guid of the playlist to which the items' guids are bound; None keeps the episodes' own.
    """
    return tuple(_item(links, track, page_url, guids_within) for track in tracks)


def _item(links: Links, track: Track, page_url: str, guids_within: str | None) -> Item:
    episode, show = track.episode, track.show
    articles = sorted(track.articles, key=lambda link: link.role != PRIMARY)
    return Item(
        guid=_item_guid(track, guids_within),
        title=track.title,
        link=_item_link(links, track, articles) or page_url,
        published_at=track.published_at,
        notes_html=render_notes(episode.notes, episode.notes_format) if episode and episode.notes else "",
        summary=(episode.summary or notes_teaser(episode.notes, episode.notes_format)) if episode else "",
        enclosure=Enclosure(
            url=links.media(track.media_key, ascii_slug(track.title) or "episode", track.rendition.extension),
            length_bytes=track.rendition.size_bytes,
            mime=track.rendition.mime,
        ),
        duration_ms=track.audio.duration_ms,
        author=track.artist or (show.title if show else ""),
        explicit=_is_explicit(track),
        episode_type=episode.type if episode else "full",
        season=episode.season if episode else None,
        number=episode.number if episode else None,
        image_url=_picture(links, track.artwork) if track.artwork else None,
        articles=tuple(_article(link) for link in articles),
        categories=tuple(section.name for section in track.sections),
        countries=tuple(Country(section.iso, section.name) for section in track.sections if section.iso),
        chapters_url=links.chapters(track.media_key) if track.has_chapters else None,
        transcripts=_transcripts(links, track),
        # A clip of a longer sound that was cut since has its file still, but no place in this one.
        soundbites=tuple(
            Soundbite(one.start_ms, one.duration_ms, one.title)
            for one in track.clips
            if one.start_ms + one.duration_ms <= (track.audio.duration_ms or 0)
        ),
    )


def _with_belongings(session: Session, tracks: Sequence[Track], show_id: str) -> list[Track]:
    """Give the tracks of a show their clips and transcripts. Two queries, none where there is no episode."""
    if not tracks:
        return []
    clips, transcripts = made_clips(session, show_id), accepted_of_show(session, show_id)
    return [
        replace(
            track,
            clips=tuple(clips.get(track.episode.id, ())),
            transcripts=tuple(transcripts.get(track.episode.id, ())),
        )
        if track.episode
        else track
        for track in tracks
    ]


def _transcripts(links: Links, track: Track) -> tuple[TranscriptRef, ...]:
    """Name every form of every language; VTT first, which Apple's apps take."""
    return tuple(
        TranscriptRef(
            links.transcript(track.media_key, form, language),
            mime,
            language,
            captions=timed and form in CAPTIONS,
        )
        for language, timed in track.transcripts
        for form, mime in TRANSCRIPT_MIMES.items()
        if timed or form == "html"
    )


def _item_guid(track: Track, guids_within: str | None) -> str:
    """Name an item: an episode's own guid; in a playlist one that is bound to both (stable under reordering)."""
    own = track.episode.guid if track.episode else track.audio.id
    if guids_within is None:
        return own
    return item_guid(guids_within, own)


def _item_link(links: Links, track: Track, articles: Sequence[EpisodeArticle]) -> str | None:
    """Choose where an item leads: its primary article where the show says so, else its page.

    None for a bare sound, which has no page.
    """
    if track.show is None or track.episode is None:
        return None
    if track.show.link_to == "article" and articles and articles[0].role == PRIMARY:
        return articles[0].article.url
    return links.episode(track.show.slug, track.episode.slug)


def _article(link: EpisodeArticle) -> ArticleRef:
    article = link.article
    return ArticleRef(
        url=article.url,
        title=link.label or article.title,
        site_name=article.site_name,
        published_at=article.published_at,
        role=link.role,
        source_name=article.source_name,
        source_url=article.source_url,
    )


def _once(tracks: Sequence[Track]) -> list[Track]:
    """Leave out what stands twice: a playlist may repeat, a feed may not."""
    seen: set[str] = set()
    kept = []
    for track in tracks:
        own = track.episode.id if track.episode else track.audio.id
        if own not in seen:
            kept.append(track)
        seen.add(own)
    return kept


def _rolling_end(playlist: Playlist, place: FeedPlace) -> datetime | None:
    """Tell until when a playlist by rule is true: until midnight, or for a moment where days roll."""
    since = (playlist.rule or {}).get("since")
    if not since:
        return None
    if since != "today":
        return place.now + ROLLING
    local = place.now.astimezone(ZoneInfo(place.timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).astimezone(place.now.tzinfo)


def _newest(at: datetime, tracks: Sequence[Track]) -> datetime:
    """Tell when what a feed shows was last changed or released."""
    times = [at]
    for track in tracks:
        times += [track.published_at, track.episode.updated_at if track.episode else track.audio.updated_at]
    return max(times)


def _picture(links: Links, artwork: Artwork | None) -> str:
    return links.artwork(artwork.public_key, "feed") if artwork is not None else links.default_cover()


def _plain(source: str) -> str:
    return notes_text(source, "markdown").strip() if source else ""


def _is_explicit(track: Track) -> bool:
    if track.episode is not None and track.episode.explicit is not None:
        return track.episode.explicit
    return track.show is not None and track.show.explicit


def _site_title(site: Site) -> str:
    return site.title or NAMELESS_SITE


def _language(place: FeedPlace, site: Site) -> str:
    return site.language or place.default_language


def _guid_of(row_id: str) -> str:
    """Name a derived feed for ever: by its row, which keeps its random id when its address changes."""
    return str(uuid.uuid5(NAMESPACE, row_id))
