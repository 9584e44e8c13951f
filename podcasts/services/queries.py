# SPDX-License-Identifier: AGPL-3.0-or-later
"""Queries: what listeners may see. Visible is decided here, by the query itself, and nowhere else."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from podcasts.db import UtcDateTime
from podcasts.errors import NotFoundError
from podcasts.models import (
    SITE_ID,
    Article,
    ArticleAlias,
    Artwork,
    Audio,
    Change,
    Chapter,
    Clip,
    Cta,
    Episode,
    EpisodeArticle,
    EpisodeSection,
    MediaKey,
    Playlist,
    PlaylistItem,
    PlaylistSection,
    Rendition,
    Section,
    Show,
    ShowSection,
    Site,
    SlugEntry,
    Transcript,
)
from podcasts.models.audio import NORMAL, READY
from podcasts.models.episode import ACCEPTED, DRAFT, PUBLISHED

Row = TypeVar("Row")

LISTED_AT_MOST = 200
"""Most rows that a page of a list holds."""

PLAYLIST_AT_MOST = 500
"""Most tracks of a playlist by rule without a limit of its own."""

MANY_SHOWS = 500

GRACE = timedelta(hours=24)
"""How long the address of replaced audio is still answered: apps ask feeds a few times a day."""


@dataclass(frozen=True)
class LightSound:
    """A lighter rendition of a track, under a public key of its own."""

    media_key: str
    rendition: Rendition


@dataclass(frozen=True)
class Track:
    """One thing to hear, whole: an episode, or an audio that stands in a playlist by itself.

    Attributes:
        title: the playlist's, else the episode's, else the tags', else the file's name.
        artist: the playlist's, else the episode's, else the tags', else the show's author; "" for none.
        album: the playlist's, else the episode's, else the tags', else the show's title; "" for none.
        audio: with duration, peaks and bars; ready.
        rendition: the normal one.
        media_key: public key of the sound.
        artwork: the episode's, else the file's own, else the show's; None for none.
        episode: None for a bare audio; ``show`` alike.
        item_id: its place in a playlist; None elsewhere.
        articles: links to articles by position, each with its article loaded.
        sections: the episode's own, in order.
        has_chapters: whether there are chapters to fetch.
        clips: its pieces that have files; loaded for feeds alone, as ``transcripts`` are: each a language, and
            whether it has times.
        lights: its lighter renditions; loaded for players alone (``with_lights``).
        has_words: whether there is an accepted transcript to fetch.
        ctas: the episode's buttons, in order.
    """

    title: str
    artist: str
    album: str
    audio: Audio
    rendition: Rendition
    media_key: str
    artwork: Artwork | None = None
    episode: Episode | None = None
    show: Show | None = None
    item_id: str | None = None
    articles: tuple[EpisodeArticle, ...] = ()
    sections: tuple[Section, ...] = ()
    has_chapters: bool = False
    clips: tuple[Clip, ...] = ()
    transcripts: tuple[tuple[str, bool], ...] = ()
    lights: tuple[LightSound, ...] = ()
    has_words: bool = False
    ctas: tuple[Cta, ...] = ()

    @property
    def published_at(self) -> datetime:
        """When it was published; a bare audio when it was uploaded."""
        if self.episode is not None and self.episode.published_at is not None:
            return self.episode.published_at
        return self.audio.created_at

    @property
    def language(self) -> str | None:
        """The language of its words, where it is known."""
        if self.episode is not None and self.episode.language:
            return self.episode.language
        return self.show.language if self.show is not None else None


@dataclass(frozen=True)
class TrackPage:
    """A page of tracks.

    Attributes:
        tracks: at most ``per_page``.
        page: from 1.
        total: how many there are in all.
    """

    tracks: tuple[Track, ...]
    page: int
    per_page: int
    total: int


@dataclass(frozen=True)
class Sound:
    """Sound under a public key.

    Attributes:
        media_key: the key.
        episode_id: None for a bare playlist item.
        rendition: where its bytes are and what they are.
        sha256: hex, of its bytes.
    """

    media_key: str
    episode_id: str | None
    rendition: Rendition
    sha256: str


@dataclass(frozen=True)
class FeedStamp:
    """What the truth of a stored feed hangs on.

    Attributes:
        change: number of the newest change; 0 for none yet.
        next_release: when the next scheduled episode becomes visible; None for no such.
    """

    change: int
    next_release: datetime | None


@dataclass(frozen=True)
class PageEntry:
    """The page of an episode, for the site map.

    Attributes:
        show: slug of its show; ``episode`` its own.
        changed_at: when it was last changed.
    """

    show: str
    episode: str
    changed_at: datetime


def site(session: Session) -> Site:
    """Load the site with its artwork. One query."""
    return session.execute(
        select(Site).where(Site.id == SITE_ID).options(joinedload(Site.artwork))
    ).scalar_one()


def is_public(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Say, as a condition on Episode joined with Show and Audio, what anybody may see at this instant."""
    return and_(
        Episode.status == PUBLISHED,
        Episode.published_at <= now,
        Episode.deleted_at.is_(None),
        Show.deleted_at.is_(None),
        Audio.status == READY,
        Audio.deleted_at.is_(None),
    )


def find_show(session: Session, slug: str) -> Show:
    """Find a show by its address, or by one that it once had (its ``slug`` then differs). One query.

    Raises:
        NotFoundError: there is none.
    """
    query = (
        select(Show)
        .join(SlugEntry, and_(SlugEntry.kind == "show", SlugEntry.subject_id == Show.id))
        .where(SlugEntry.slug == slug, SlugEntry.scope == "", Show.deleted_at.is_(None))
        .options(joinedload(Show.artwork))
    )
    return _found(session.scalars(query).one_or_none())


def find_show_and_touch(session: Session, slug: str) -> tuple[Show, datetime]:
    """Find a show as ``find_show``, and when it or any episode that was ever public was last touched. One query.

    A withdrawn episode counts: who asks for what is new since then must learn that it is gone.

    Raises:
        NotFoundError: there is none.
    """
    touched = (
        select(func.max(Episode.updated_at))
        .where(Episode.show_id == Show.id, Episode.status != DRAFT)
        .correlate(Show)
        .scalar_subquery()
    )
    query = (
        select(Show, touched)
        .join(SlugEntry, and_(SlugEntry.kind == "show", SlugEntry.subject_id == Show.id))
        .where(SlugEntry.slug == slug, SlugEntry.scope == "", Show.deleted_at.is_(None))
        .options(joinedload(Show.artwork))
    )
    show, at = _found(session.execute(query).one_or_none())
    return show, max(show.updated_at, at or show.updated_at)


def last_touch(session: Session) -> datetime | None:
    """Tell when any episode that was ever public was last touched; None where there is none. One query."""
    return session.scalar(select(func.max(Episode.updated_at)).where(Episode.status != DRAFT))


def find_playlist(session: Session, slug: str) -> Playlist:
    """Find a published playlist by its address, present or past. One query.

    Raises:
        NotFoundError: there is none, or it is not published.
    """
    query = (
        select(Playlist)
        .join(SlugEntry, and_(SlugEntry.kind == "playlist", SlugEntry.subject_id == Playlist.id))
        .where(SlugEntry.slug == slug, Playlist.deleted_at.is_(None), Playlist.published.is_(True))
        .options(joinedload(Playlist.artwork), joinedload(Playlist.ctas))
    )
    return _found(session.scalars(query).unique().one_or_none())


def find_section(session: Session, slug: str) -> Section:
    """Find a section by its address, present or past. One query.

    Raises:
        NotFoundError: there is none.
    """
    query = (
        select(Section)
        .join(SlugEntry, and_(SlugEntry.kind == "section", SlugEntry.subject_id == Section.id))
        .where(SlugEntry.slug == slug, Section.deleted_at.is_(None))
        .options(joinedload(Section.artwork))
    )
    return _found(session.scalars(query).one_or_none())


def find_track(session: Session, show: Show, episode_slug: str, now: datetime) -> Track:
    """Find a visible episode of a show by its address, present or past. At most four queries.

    Raises:
        NotFoundError: there is none, or it is not visible now.
    """
    entry = select(SlugEntry.subject_id).where(
        SlugEntry.kind == "episode", SlugEntry.scope == show.id, SlugEntry.slug == episode_slug
    )
    tracks = _tracks(session, _visible(now).where(Episode.id.in_(entry), Episode.show_id == show.id))
    return _found(tracks[0] if tracks else None)


def chapters_of(session: Session, episode_id: str) -> Sequence[Chapter]:
    """Load the chapters of an episode by start, with their pictures. One query, at most 1,000."""
    query = (
        select(Chapter)
        .where(Chapter.episode_id == episode_id)
        .options(joinedload(Chapter.artwork))
        .order_by(Chapter.start_ms, Chapter.id)
    )
    return session.scalars(query.limit(1000)).all()


def listed_shows(session: Session, *, demo: bool = True) -> Sequence[Show]:
    """Load every show by title, with artwork. One query, at most 500.

    Args:
        session: a reading one.
        demo: False leaves the demonstration out.
    """
    query = select(Show).where(Show.deleted_at.is_(None)).options(joinedload(Show.artwork))
    if not demo:
        query = query.where(Show.demo.is_(False))
    return session.scalars(query.order_by(func.lower(Show.title), Show.id).limit(MANY_SHOWS)).all()


def listed_playlists(session: Session, *, section: Section | None = None) -> Sequence[Playlist]:
    """Load published playlists, newest first, with artwork. One query, at most 200."""
    query = (
        select(Playlist)
        .where(Playlist.deleted_at.is_(None), Playlist.published.is_(True))
        .options(joinedload(Playlist.artwork))
        .order_by(Playlist.created_at.desc(), Playlist.id)
    )
    if section is not None:
        query = query.where(
            Playlist.id.in_(
                select(PlaylistSection.playlist_id).where(PlaylistSection.section_id.in_(subtree(section.id)))
            )
        )
    return session.scalars(query.limit(LISTED_AT_MOST)).all()


def listed_sections(session: Session) -> Sequence[Section]:
    """Load every section in the editor's order. One query."""
    query = select(Section).where(Section.deleted_at.is_(None))
    return session.scalars(query.order_by(Section.position, func.lower(Section.name)).limit(1000)).all()


def shows_in(session: Session, section: Section) -> Sequence[Show]:
    """Load the shows of a section and those below it, by title, with artwork. One query."""
    inside = select(ShowSection.show_id).where(ShowSection.section_id.in_(subtree(section.id)))
    query = (
        select(Show).where(Show.deleted_at.is_(None), Show.id.in_(inside)).options(joinedload(Show.artwork))
    )
    return session.scalars(query.order_by(func.lower(Show.title), Show.id).limit(LISTED_AT_MOST)).all()


def latest(
    session: Session,
    now: datetime,
    *,
    show: Show | None = None,
    section: Section | None = None,
    page: int = 1,
    per_page: int = 20,
) -> TrackPage:
    """Load a page of visible episodes, newest first. At most five queries.

    Args:
        session: a reading one.
        now: the instant that decides what is visible.
        show: only of this show.
        section: only in this section or below it; a show's section counts for its episodes.
        page: from 1.
        per_page: at most 200.
    """
    per_page = min(per_page, LISTED_AT_MOST)
    query = _visible(now)
    if show is not None:
        query = query.where(Episode.show_id == show.id)
    if section is not None:
        query = query.where(_in_sections(subtree(section.id)))
    total = (
        session.scalar(select(func.count()).select_from(query.with_only_columns(Episode.id).subquery())) or 0
    )
    ordered = query.order_by(*_NEWEST).limit(per_page).offset((page - 1) * per_page)
    return TrackPage(tuple(_tracks(session, ordered)), page, per_page, total)


def feed_tracks(
    session: Session, now: datetime, *, show: Show | None = None, section: Section | None = None
) -> list[Track]:
    """Load every visible episode of a feed, newest first. Four queries, however many there are.

    Without show and section: all shows but the demonstration.
    """
    query = _visible(now)
    query = query.where(Show.demo.is_(False) if show is None else Episode.show_id == show.id)
    if section is not None:
        query = query.where(_in_sections(subtree(section.id)))
    return _tracks(session, query.order_by(*_NEWEST))


def playlist_tracks(session: Session, playlist: Playlist, now: datetime, timezone: str) -> list[Track]:
    """Load what a playlist holds now, in its order; what is not public is left out. At most six queries.

    Args:
        session: a reading one.
        playlist: by rule or hand-ordered.
        now: the instant that decides what is visible.
        timezone: IANA name; the newsroom's midnight begins "today".
    """
    if playlist.rule is not None:
        return _tracks_by_rule(session, playlist, now, timezone)
    query = select(PlaylistItem).where(PlaylistItem.playlist_id == playlist.id)
    items = session.scalars(query.order_by(PlaylistItem.position, PlaylistItem.id)).all()
    here = select(PlaylistItem.episode_id).where(PlaylistItem.playlist_id == playlist.id)
    episodes = {
        track.episode.id: track
        for track in _tracks(session, _visible(now).where(Episode.id.in_(here)))
        if track.episode
    }
    bare = _bare_tracks(session, playlist) if any(item.audio_id for item in items) else {}
    placed = ((item, episodes.get(item.episode_id or "") or bare.get(item.id)) for item in items)
    tracks = [_overridden(track, item) for item, track in placed if track is not None]
    if playlist.order != "manual":
        tracks.sort(key=lambda track: track.published_at, reverse=playlist.order == "newest")
    return tracks


def with_lights(session: Session, tracks: Sequence[Track]) -> list[Track]:
    """Add the lighter renditions to tracks that are shown in a player. One query, however many there are."""
    query = (
        select(MediaKey, Rendition)
        .join(Rendition, and_(Rendition.audio_id == MediaKey.audio_id, Rendition.name == MediaKey.rendition))
        .where(
            MediaKey.audio_id.in_({track.audio.id for track in tracks}),
            MediaKey.rendition != NORMAL,
            MediaKey.retired_at.is_(None),
        )
        .order_by(MediaKey.rendition)
    )
    found: dict[tuple[str | None, str | None, str], list[LightSound]] = {}
    for key, rendition in session.execute(query):
        owner = (key.episode_id, key.playlist_item_id, key.audio_id)
        found.setdefault(owner, []).append(LightSound(key.key, rendition))
    return [replace(track, lights=tuple(found.get(_owner(track), ()))) for track in tracks]


def _owner(track: Track) -> tuple[str | None, str | None, str]:
    """Tell whose the keys of a track are: the episode's wherever it stands, else the bare item's."""
    if track.episode is not None:
        return (track.episode.id, None, track.audio.id)
    return (None, track.item_id, track.audio.id)


def find_articles(session: Session, keys: Sequence[str]) -> dict[str, Article]:
    """Find articles by normalised addresses, their own or an alias'. Two queries.

    Returns:
        Key to article, only for those that are known.
    """
    own = session.scalars(select(Article).where(Article.key.in_(keys))).all()
    found = {article.key: article for article in own}
    aliases = (
        select(ArticleAlias.key, Article)
        .join(Article, Article.id == ArticleAlias.article_id)
        .where(ArticleAlias.key.in_(keys))
    )
    for key, article in session.execute(aliases):
        found.setdefault(key, article)
    return found


def tracks_of_articles(session: Session, article_ids: Sequence[str], now: datetime) -> dict[str, list[Track]]:
    """Load the visible episodes of articles: primary first, then newest first. Four queries.

    Returns:
        Article id to tracks; articles without visible episodes are missing.
    """
    linked = select(EpisodeArticle.episode_id).where(EpisodeArticle.article_id.in_(article_ids))
    tracks = _tracks(session, _visible(now).where(Episode.id.in_(linked)).order_by(*_NEWEST))
    found: dict[str, list[Track]] = {}
    wanted = set(article_ids)
    for role_first in (True, False):
        for track in tracks:
            for link in track.articles:
                if link.article_id in wanted and (link.role == "primary") is role_first:
                    found.setdefault(link.article_id, []).append(track)
    return found


def next_release(session: Session, now: datetime) -> datetime | None:
    """Tell when the next scheduled episode becomes visible: what is stored is valid until then. One query."""
    return session.scalar(
        select(func.min(Episode.published_at)).where(Episode.status == PUBLISHED, Episode.published_at > now)
    )


def newest_change(session: Session) -> tuple[int, datetime | None]:
    """Tell the number and time of the newest change: what was stored before it may be out of date. One query."""
    row = session.execute(select(Change.id, Change.at).order_by(Change.id.desc()).limit(1)).first()
    return (row[0], row[1]) if row else (0, None)


def feed_stamp(session: Session, now: datetime) -> FeedStamp:
    """Tell what the truth of a stored feed hangs on. One query."""
    newest = select(func.max(Change.id)).scalar_subquery()
    release = (
        select(func.min(Episode.published_at))
        .where(Episode.status == PUBLISHED, Episode.published_at > now)
        .scalar_subquery()
    )
    number, at = session.execute(select(newest, release)).one()
    return FeedStamp(number or 0, at)


def subtree(section_id: str) -> Select[str]:
    """Select the ids of a section and all below it."""
    below = select(Section.id).where(Section.id == section_id).cte(recursive=True)
    below = below.union(select(Section.id).join(below, Section.parent_id == below.c.id))
    return select(below.c.id)


def since_instant(since: str, now: datetime, timezone: str) -> datetime:
    """Read a rule's ``since``: "today", a number of days as "7d", or an instant of RFC 3339.

    Raises:
        ValueError: it is none of these.
    """
    if since == "today":
        return now.astimezone(ZoneInfo(timezone)).replace(hour=0, minute=0, second=0, microsecond=0)
    if since.endswith("d") and since[:-1].isdecimal():
        return now - timedelta(days=min(int(since[:-1]), 36_500))
    instant = datetime.fromisoformat(since)
    if instant.tzinfo is None:
        raise ValueError(since)
    return instant


def find_sound(session: Session, key: str, now: datetime) -> Sound:
    """Find the sound that anybody may hear now under a public key. One query.

    The key belongs to one episode or to one bare item of a playlist: when that is hidden, the key leads nowhere,
    whoever else uses the same audio; when it got other audio, the key is good for ``GRACE`` more.

    Raises:
        NotFoundError: no such key, or its owner is not public.
    """
    row = session.execute(_sound_query(), _moment(key, now)).one_or_none()
    return Sound(*_found(row))


def find_peaks(session: Session, key: str, now: datetime) -> Audio:
    """Find the audio, with its peaks, that anybody may hear now under a public key. One query.

    Raises:
        NotFoundError: as ``find_sound``.
    """
    query = _heard().with_only_columns(Audio)
    return _found(session.execute(query, _moment(key, now)).scalar_one_or_none())


def find_artwork(session: Session, public_key: str) -> Artwork:
    """Find a picture by its public key, which nobody can guess. One query.

    Raises:
        NotFoundError: there is none.
    """
    return _found(session.scalars(select(Artwork).where(Artwork.public_key == public_key)).one_or_none())


def episode_counts(session: Session, now: datetime) -> dict[str, int]:
    """Count the visible episodes of every show: show id to number; shows without any are missing. One query."""
    query = (
        select(Episode.show_id, func.count())
        .join(Episode.show)
        .join(Episode.audio)
        .where(is_public(now))
        .group_by(Episode.show_id)
    )
    return {show_id: number for show_id, number in session.execute(query)}  # noqa: C416 - rows are no pairs


def episode_pages(session: Session, now: datetime, *, limit: int) -> list[PageEntry]:
    """List the pages of visible episodes for the site map, newest first, without the demonstration. One query."""
    query = (
        select(Show.slug, Episode.slug, Episode.updated_at)
        .select_from(Episode)
        .join(Episode.show)
        .join(Episode.audio)
        .where(is_public(now), Show.demo.is_(False))
        .order_by(*_NEWEST)
    )
    return [PageEntry(*row) for row in session.execute(query.limit(limit))]


_VisibleSelect = Select[Episode, str, Rendition]
_NEWEST = (Episode.published_at.desc(), Episode.id.desc())


def _visible(now: datetime) -> _VisibleSelect:
    """Select what ``_tracks`` needs of every visible episode that has a public key for its sound."""
    return (
        select(Episode, MediaKey.key, Rendition)
        .join(Episode.show)
        .join(Episode.audio)
        .join(
            MediaKey,
            and_(
                MediaKey.episode_id == Episode.id,
                MediaKey.audio_id == Episode.audio_id,
                MediaKey.rendition == NORMAL,
            ),
        )
        .join(Rendition, and_(Rendition.audio_id == Audio.id, Rendition.name == NORMAL))
        .options(
            contains_eager(Episode.show).joinedload(Show.artwork),
            contains_eager(Episode.audio).joinedload(Audio.artwork),
            joinedload(Episode.artwork),
        )
        .where(is_public(now))
    )


def _tracks(session: Session, query: _VisibleSelect) -> list[Track]:
    """Load the tracks of a selection: one query for them, two for what belongs to them, one for buttons."""
    chaptered = select(Chapter.id).where(Chapter.episode_id == Episode.id).exists()
    worded = select(Transcript.id).where(Transcript.episode_id == Episode.id, Transcript.status == ACCEPTED)
    buttoned = select(Cta.id).where(Cta.episode_id == Episode.id).exists()
    rows = session.execute(query.add_columns(chaptered, worded.exists(), buttoned)).all()
    if not rows:
        return []
    ids = query.with_only_columns(Episode.id).options().scalar_subquery() if len(rows) > 1 else None
    mine = Episode.id.in_(ids) if ids is not None else Episode.id == rows[0][0].id
    articles = _grouped(
        session.execute(
            select(EpisodeArticle.episode_id, EpisodeArticle)
            .join(Episode, Episode.id == EpisodeArticle.episode_id)
            .where(mine)
            .options(joinedload(EpisodeArticle.article))
            .order_by(EpisodeArticle.position, EpisodeArticle.id)
        ).all()
    )
    sections = _grouped(
        session.execute(
            select(EpisodeSection.episode_id, Section)
            .join(Section, Section.id == EpisodeSection.section_id)
            .join(Episode, Episode.id == EpisodeSection.episode_id)
            .where(mine, Section.deleted_at.is_(None))
            .order_by(EpisodeSection.position, Section.name)
        ).all()
    )
    ctas = _ctas_of(session, [row[0].id for row in rows if row[-1]])
    return [
        _track(
            episode,
            key,
            rendition,
            articles=tuple(articles.get(episode.id, ())),
            sections=tuple(sections.get(episode.id, ())),
            has_chapters=has_chapters,
            has_words=has_words,
            ctas=tuple(ctas.get(episode.id, ())),
        )
        for episode, key, rendition, has_chapters, has_words, _ in rows
    ]


def _ctas_of(session: Session, episode_ids: Sequence[str]) -> dict[str | None, list[Cta]]:
    """Load the buttons of episodes: one query, none where no episode has any, as in most places."""
    found: dict[str | None, list[Cta]] = {}
    if episode_ids:
        query = select(Cta).where(Cta.episode_id.in_(episode_ids)).order_by(Cta.position, Cta.id)
        for cta in session.scalars(query):
            found.setdefault(cta.episode_id, []).append(cta)
    return found


def _track(
    episode: Episode,
    key: str,
    rendition: Rendition,
    *,
    articles: tuple[EpisodeArticle, ...],
    sections: tuple[Section, ...],
    has_chapters: bool,
    has_words: bool,
    ctas: tuple[Cta, ...],
) -> Track:
    audio, show = episode.audio, episode.show
    if audio is None:
        raise ValueError(episode.id)
    return Track(
        title=episode.title,
        artist=episode.artist or audio.artist or show.author,
        album=episode.album or audio.album or show.title,
        audio=audio,
        rendition=rendition,
        media_key=key,
        artwork=episode.artwork or audio.artwork or show.artwork,
        episode=episode,
        show=show,
        articles=articles,
        sections=sections,
        has_chapters=has_chapters,
        has_words=has_words,
        ctas=ctas,
    )


def _bare_tracks(session: Session, playlist: Playlist) -> dict[str, Track]:
    """Load the audio that stands in a playlist by itself: item id to track. One query."""
    query = (
        select(PlaylistItem.id, Audio, MediaKey.key, Rendition)
        .join(Audio, Audio.id == PlaylistItem.audio_id)
        .join(MediaKey, and_(MediaKey.playlist_item_id == PlaylistItem.id, MediaKey.audio_id == Audio.id))
        .join(Rendition, and_(Rendition.audio_id == Audio.id, Rendition.name == NORMAL))
        .where(PlaylistItem.playlist_id == playlist.id, MediaKey.rendition == NORMAL)
        .where(Audio.status == READY, Audio.deleted_at.is_(None))
        .options(joinedload(Audio.artwork))
    )
    return {
        item_id: Track(
            title=audio.title or audio.file_name,
            artist=audio.artist or "",
            album=audio.album or "",
            audio=audio,
            rendition=rendition,
            media_key=key,
            artwork=audio.artwork,
        )
        for item_id, audio, key, rendition in session.execute(query)
    }


def _overridden(track: Track, item: PlaylistItem) -> Track:
    return dataclasses.replace(
        track,
        item_id=item.id,
        title=item.title or track.title,
        artist=item.artist or track.artist,
        album=item.album or track.album,
    )


def _tracks_by_rule(session: Session, playlist: Playlist, now: datetime, timezone: str) -> list[Track]:
    rule = playlist.rule or {}
    query = _visible(now)
    for name in ("section", "tag"):
        if rule.get(name):
            query = query.where(_in_sections(subtree(rule[name])))
    if rule.get("show"):
        query = query.where(Episode.show_id == rule["show"])
    if not playlist.demo:
        query = query.where(Show.demo.is_(False))
    if rule.get("since"):
        query = query.where(Episode.published_at >= since_instant(rule["since"], now, timezone))
    oldest = playlist.order == "oldest"
    # A limit keeps the newest, whatever the order in which they are then told.
    limited = query.order_by(*_NEWEST).limit(min(rule.get("limit") or PLAYLIST_AT_MOST, PLAYLIST_AT_MOST))
    tracks = _tracks(session, limited)
    return tracks[::-1] if oldest else tracks


@cache
def _sound_query() -> Select[str, str | None, Rendition, str]:
    """Build the query of every request for sound once: building it takes as long as asking it."""
    digest = func.coalesce(Rendition.sha256, Audio.sha256)
    return _heard().with_only_columns(MediaKey.key, MediaKey.episode_id, Rendition, digest)


def _moment(key: str, now: datetime) -> dict[str, Any]:
    """Fill in the parameters of ``_heard``."""
    return {"key": key, "now": now, "retired_after": now - GRACE}


def _heard() -> Select[MediaKey]:
    """Select what belongs to a public key whose owner is public; parameters as ``_moment`` fills them in."""
    now: BindParameter[datetime] = bindparam("now", type_=UtcDateTime())
    retired_after: BindParameter[datetime] = bindparam("retired_after", type_=UtcDateTime())
    bare = and_(
        PlaylistItem.audio_id == Audio.id,
        Playlist.published.is_(True),
        Playlist.deleted_at.is_(None),
        Audio.status == READY,
        Audio.deleted_at.is_(None),
    )
    return (
        select(MediaKey)
        .join(Audio, Audio.id == MediaKey.audio_id)
        .join(Rendition, and_(Rendition.audio_id == Audio.id, Rendition.name == MediaKey.rendition))
        .outerjoin(Episode, Episode.id == MediaKey.episode_id)
        .outerjoin(Show, Show.id == Episode.show_id)
        .outerjoin(PlaylistItem, PlaylistItem.id == MediaKey.playlist_item_id)
        .outerjoin(Playlist, Playlist.id == PlaylistItem.playlist_id)
        .where(
            MediaKey.key == bindparam("key"),
            or_(
                and_(is_public(now), or_(Episode.audio_id == Audio.id, MediaKey.retired_at > retired_after)),
                bare,
            ),
        )
    )


def _in_sections(section_ids: Select[str]) -> ColumnElement[bool]:
    """Say, as a condition on Episode, that it or its show stands in one of these sections."""
    return or_(
        Episode.id.in_(select(EpisodeSection.episode_id).where(EpisodeSection.section_id.in_(section_ids))),
        Episode.show_id.in_(select(ShowSection.show_id).where(ShowSection.section_id.in_(section_ids))),
    )


def _grouped(rows: Sequence[Any]) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = {}
    for owner, thing in rows:
        groups.setdefault(owner, []).append(thing)
    return groups


def _found(row: Row | None) -> Row:
    if row is None:
        raise NotFoundError
    return row
