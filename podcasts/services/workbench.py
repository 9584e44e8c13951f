# SPDX-License-Identifier: AGPL-3.0-or-later
"""The workbench: lists and single things for those who work on them, drafts and failures included."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from podcasts.errors import NotFoundError
from podcasts.models import (
    Article,
    Audio,
    Episode,
    EpisodeArticle,
    EpisodeSection,
    Job,
    JobStep,
    MediaKey,
    Playlist,
    PlaylistItem,
    PlaylistSection,
    Rendition,
    Section,
    Show,
    ShowSection,
    Transcript,
)
from podcasts.models.audio import NORMAL
from podcasts.models.episode import DRAFT, PUBLISHED, SCHEDULED, WITHDRAWN
from podcasts.services.actors import (
    Actor,
    audio_to_use,
    episode_to_work_on,
    playlist_to_work_on,
    show_to_work_on,
    usable_audio,
    workable_episodes,
    workable_playlists,
    workable_shows,
)

Row = TypeVar("Row")

PER_PAGE = 50
PER_PAGE_AT_MOST = 200


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """A page of a list.

    Attributes:
        rows: at most ``per_page``.
        total: how many there are in all.
        page: from 1.
    """

    rows: tuple[Row, ...]
    total: int
    page: int
    per_page: int


def shows(session: Session, actor: Actor, *, page: int = 1, per_page: int = PER_PAGE) -> Listing[Show]:
    """List the shows that the actor works on, by title, with artwork and sections. Three queries."""
    query = select(Show).where(Show.deleted_at.is_(None), workable_shows(actor))
    loaded = query.options(joinedload(Show.artwork), selectinload(Show.sections))
    return _listing(session, query, loaded.order_by(func.lower(Show.title), Show.id), page, per_page)


def show(session: Session, actor: Actor, slug_or_id: str) -> Show:
    """Load a show that the actor works on, with artwork and sections.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = show_to_work_on(session, actor, slug_or_id)
    options = (joinedload(Show.artwork), selectinload(Show.sections))
    return session.scalars(_fresh(select(Show).where(Show.id == row.id).options(*options))).one()


def episodes(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    show: str | None = None,
    status: str | None = None,
    words: str | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Listing[Episode]:
    """List the episodes that the actor works on, last changed first, whole. At most seven queries.

    Args:
        session: a reading one.
        actor: whose workbench it is.
        now: tells scheduled from published.
        show: slug or id; None for all.
        status: draft, scheduled, published or withdrawn; None for all.
        words: letters that the title holds, case aside; None for all.
        page: from 1.
        per_page: at most 200.

    Raises:
        NotFoundError: there is no such show for this actor.
    """
    query = select(Episode).join(Episode.show)
    query = query.where(Episode.deleted_at.is_(None), Show.deleted_at.is_(None), workable_episodes(actor))
    if show is not None:
        query = query.where(Episode.show_id == show_to_work_on(session, actor, show).id)
    if words:
        query = query.where(func.lower(Episode.title).contains(words.lower(), autoescape=True))
    query = _of_status(query, status, now)
    ordered = query.options(*_whole_episode()).order_by(Episode.updated_at.desc(), Episode.id)
    return _listing(session, query, ordered, page, per_page)


def episode(session: Session, actor: Actor, episode_id: str) -> Episode:
    """Load an episode that the actor works on, whole.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = episode_to_work_on(session, actor, episode_id)
    return session.scalars(
        _fresh(select(Episode).where(Episode.id == row.id).options(*_whole_episode()))
    ).one()


def playlists(
    session: Session, actor: Actor, *, page: int = 1, per_page: int = PER_PAGE
) -> Listing[Playlist]:
    """List the playlists that the actor works on, last changed first. Four queries."""
    query = select(Playlist).where(Playlist.deleted_at.is_(None), workable_playlists(actor))
    loaded = query.options(
        joinedload(Playlist.artwork), selectinload(Playlist.sections), selectinload(Playlist.ctas)
    )
    return _listing(session, query, loaded.order_by(Playlist.updated_at.desc(), Playlist.id), page, per_page)


def playlist(session: Session, actor: Actor, slug_or_id: str) -> Playlist:
    """Load a playlist that the actor works on, with artwork and sections.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = playlist_to_work_on(session, actor, slug_or_id)
    options = (joinedload(Playlist.artwork), selectinload(Playlist.sections), selectinload(Playlist.ctas))
    return session.scalars(_fresh(select(Playlist).where(Playlist.id == row.id).options(*options))).one()


def playlist_items(session: Session, playlist_id: str) -> tuple[PlaylistItem, ...]:
    """Load the places of a hand-ordered playlist with their sound, hidden ones too. At most seven queries."""
    query = (
        select(PlaylistItem)
        .where(PlaylistItem.playlist_id == playlist_id)
        .options(
            joinedload(PlaylistItem.audio).joinedload(Audio.artwork),
            joinedload(PlaylistItem.episode).joinedload(Episode.audio).joinedload(Audio.artwork),
            joinedload(PlaylistItem.episode).joinedload(Episode.show).joinedload(Show.artwork),
            joinedload(PlaylistItem.episode).joinedload(Episode.artwork),
            selectinload(PlaylistItem.media_keys),
        )
        .order_by(PlaylistItem.position, PlaylistItem.id)
    )
    return tuple(session.scalars(query))


def audios(session: Session, actor: Actor, *, page: int = 1, per_page: int = PER_PAGE) -> Listing[Audio]:
    """List the audio that the actor may use, newest first, with renditions. Three queries."""
    query = select(Audio).where(Audio.deleted_at.is_(None), usable_audio(actor))
    loaded = query.options(joinedload(Audio.artwork), selectinload(Audio.renditions))
    return _listing(session, query, loaded.order_by(Audio.created_at.desc(), Audio.id), page, per_page)


def audio(session: Session, actor: Actor, audio_id: str) -> Audio:
    """Load an audio that the actor may use, with artwork and renditions.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = audio_to_use(session, actor, audio_id)
    options = (joinedload(Audio.artwork), selectinload(Audio.renditions))
    return session.scalars(_fresh(select(Audio).where(Audio.id == row.id).options(*options))).one()


def steps_of(session: Session, subject_id: str) -> tuple[JobStep, ...]:
    """Load the steps of the newest job about something, in their order; empty where there is none."""
    return steps_of_all(session, [subject_id]).get(subject_id, ())


def steps_of_all(session: Session, subject_ids: Sequence[str]) -> dict[str, tuple[JobStep, ...]]:
    """Load the steps of the newest job in steps about each of several things. Two queries."""
    query = (
        select(Job)
        .where(Job.subject_id.in_(subject_ids), Job.total > 0)
        .order_by(Job.created_at, Job.id.desc())
        .options(selectinload(Job.steps))
    )
    # A later job takes the place of an earlier one.
    return {job.subject_id: tuple(job.steps) for job in session.scalars(query)}


def job(session: Session, actor: Actor, job_id: str) -> Job:
    """Load a job that the actor started (an admin: any), with its steps.

    Raises:
        NotFoundError: there is none for this actor.
    """
    query = select(Job).where(Job.id == job_id).options(selectinload(Job.steps))
    if actor.role != "admin":
        query = query.where(Job.created_by_id == actor.user_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def article(session: Session, article_id: str) -> Article:
    """Load an article by id. Its metadata is public, so everybody who works here may read it.

    Raises:
        NotFoundError: there is none.
    """
    found = session.get(Article, article_id)
    if found is None:
        raise NotFoundError
    return found


def articles(
    session: Session, *, words: str | None = None, page: int = 1, per_page: int = PER_PAGE
) -> Listing[Article]:
    """List the articles that are known, last changed first.

    Args:
        session: a reading one.
        words: letters that title or address hold, case aside; None for all.
        page: from 1.
        per_page: at most 200.
    """
    query = select(Article)
    if words:
        here = func.lower(func.coalesce(Article.title, "")), func.lower(Article.url)
        query = query.where(or_(*(column.contains(words.lower(), autoescape=True) for column in here)))
    return _listing(session, query, query.order_by(Article.updated_at.desc(), Article.id), page, per_page)


def sections(session: Session, *, page: int = 1, per_page: int = PER_PAGE_AT_MOST) -> Listing[Section]:
    """List all sections in the editor's order. Two queries."""
    query = select(Section).where(Section.deleted_at.is_(None))
    ordered = query.order_by(Section.position, func.lower(Section.name))
    return _listing(session, query, ordered, page, per_page)


def section_slugs(session: Session, subject: str, subject_id: str) -> tuple[str, ...]:
    """Load the slugs of the sections that a "show", "episode" or "playlist" stands in, in order. One query."""
    table: Any = {"show": ShowSection, "episode": EpisodeSection, "playlist": PlaylistSection}[subject]
    owner = getattr(table, f"{subject}_id")
    query = select(Section.slug).join(table, table.section_id == Section.id).where(owner == subject_id)
    return tuple(session.scalars(query.where(Section.deleted_at.is_(None)).order_by(table.position)))


def media_key_of(session: Session, episode: Episode) -> str | None:
    """Tell the public key of an episode's present audio; None without audio. One query."""
    query = select(MediaKey.key).where(
        MediaKey.episode_id == episode.id,
        MediaKey.audio_id == episode.audio_id,
        MediaKey.rendition == NORMAL,
    )
    return session.scalar(query)


def rendition_of(session: Session, audio_id: str, name: str = NORMAL) -> Rendition | None:
    """Load one rendition; None until it was made. One query."""
    return session.scalar(select(Rendition).where(Rendition.audio_id == audio_id, Rendition.name == name))


def _whole_episode() -> tuple[Any, ...]:
    return (
        joinedload(Episode.show).joinedload(Show.artwork),
        joinedload(Episode.audio).joinedload(Audio.artwork),
        joinedload(Episode.audio).selectinload(Audio.renditions),
        joinedload(Episode.artwork),
        selectinload(Episode.articles).joinedload(EpisodeArticle.article),
        selectinload(Episode.sections),
        selectinload(Episode.chapters),
        selectinload(Episode.ctas),
        selectinload(Episode.media_keys),
        # Their words are megabytes that no list shows.
        selectinload(Episode.transcripts).load_only(
            Transcript.language, Transcript.format, Transcript.origin, Transcript.status
        ),
    )


def _of_status(query: Select[Episode], status: str | None, now: datetime) -> Select[Episode]:
    if status in {DRAFT, WITHDRAWN}:
        return query.where(Episode.status == status)
    if status == SCHEDULED:
        return query.where(Episode.status == PUBLISHED, Episode.published_at > now)
    if status == PUBLISHED:
        return query.where(Episode.status == PUBLISHED, Episode.published_at <= now)
    return query


def _listing(
    session: Session, counted: Select[Row], ordered: Select[Row], page: int, per_page: int
) -> Listing[Row]:
    per_page = max(1, min(per_page, PER_PAGE_AT_MOST))
    total = session.scalar(select(func.count()).select_from(counted.order_by(None).subquery())) or 0
    rows = session.scalars(ordered.limit(per_page).offset((page - 1) * per_page)).all()
    return Listing(tuple(rows), total, page, per_page)


def _fresh(query: Select[Row]) -> Select[Row]:
    """Let a row that is known already be filled with what it was not loaded with."""
    return query.execution_options(populate_existing=True)
