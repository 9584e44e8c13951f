# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors: who does something, and what this person may see and change."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import Session

from podcasts.errors import NotFoundError
from podcasts.models import (
    ADMIN,
    EDITOR,
    PRODUCER,
    Audio,
    Episode,
    EpisodeSection,
    Playlist,
    PlaylistItem,
    PlaylistSection,
    Section,
    SectionMember,
    Show,
    ShowMember,
    ShowSection,
)

Row = TypeVar("Row")


@dataclass(frozen=True)
class Actor:
    """Who acts.

    Attributes:
        kind: "user" (signed in), "token" (a script) or "system" (worker, command line).
        user_id: the account; None for the system.
        role: admin, editor or producer; the system has admin's rights.
        token_id: the token of a script, else None.
    """

    kind: str
    user_id: str | None
    role: str
    token_id: str | None = None


SYSTEM = Actor("system", None, ADMIN)


def may_make_shows(actor: Actor) -> bool:
    """Everybody who works here may found a show, and is its first member."""
    return actor.role in {ADMIN, EDITOR, PRODUCER}


def may_make_playlists(actor: Actor) -> bool:
    """Everybody who works here may make a playlist."""
    return actor.role in {ADMIN, EDITOR, PRODUCER}


def may_make_sections(actor: Actor) -> bool:
    """Sections are the newsroom's order, kept by admins and editors."""
    return actor.role in {ADMIN, EDITOR}


def workable_shows(actor: Actor) -> ColumnElement[bool]:
    """Say, as a condition on Show, which shows the actor works on.

    Admins: all. Everybody: those they are members of. Editors: also those of their sections.
    """
    if actor.role == ADMIN:
        return true()
    if actor.user_id is None:
        return false()
    own = Show.id.in_(select(ShowMember.show_id).where(ShowMember.user_id == actor.user_id))
    if actor.role != EDITOR:
        return own
    in_section = select(ShowSection.show_id).where(ShowSection.section_id.in_(_sections_of(actor)))
    return or_(own, Show.id.in_(in_section))


def workable_episodes(actor: Actor) -> ColumnElement[bool]:
    """Say, as a condition on Episode, which episodes the actor works on.

    Those of workable shows; editors also those that stand in their sections.
    """
    if actor.role == ADMIN:
        return true()
    of_show = Episode.show_id.in_(select(Show.id).where(workable_shows(actor)))
    if actor.role != EDITOR or actor.user_id is None:
        return of_show
    in_section = select(EpisodeSection.episode_id).where(EpisodeSection.section_id.in_(_sections_of(actor)))
    return or_(of_show, Episode.id.in_(in_section))


def workable_playlists(actor: Actor) -> ColumnElement[bool]:
    """Say, as a condition on Playlist, which playlists the actor works on.

    One's own, and those of the sections that one is a member of (a playlist is its section's team's).
    """
    if actor.role == ADMIN:
        return true()
    if actor.user_id is None:
        return false()
    in_section = select(PlaylistSection.playlist_id).where(
        PlaylistSection.section_id.in_(_sections_of(actor))
    )
    return or_(Playlist.created_by_id == actor.user_id, Playlist.id.in_(in_section))


def usable_audio(actor: Actor) -> ColumnElement[bool]:
    """Say, as a condition on Audio, which audio the actor may see and use.

    One's own uploads, and what stands in episodes and playlists that one works on.
    """
    if actor.role == ADMIN:
        return true()
    if actor.user_id is None:
        return false()
    in_episodes = select(Episode.audio_id).where(workable_episodes(actor), Episode.audio_id.is_not(None))
    in_playlists = (
        select(PlaylistItem.audio_id)
        .join(Playlist, Playlist.id == PlaylistItem.playlist_id)
        .where(workable_playlists(actor), PlaylistItem.audio_id.is_not(None))
    )
    return or_(Audio.uploaded_by_id == actor.user_id, Audio.id.in_(in_episodes), Audio.id.in_(in_playlists))


def show_to_work_on(session: Session, actor: Actor, slug_or_id: str) -> Show:
    """Find a show by slug or id that the actor works on.

    Raises:
        NotFoundError: there is none, or it is not the actor's.
    """
    found = or_(Show.slug == slug_or_id, Show.id == slug_or_id)
    return _the_one(session, select(Show).where(found, Show.deleted_at.is_(None), workable_shows(actor)))


def episode_to_work_on(session: Session, actor: Actor, episode_id: str) -> Episode:
    """Find an episode by id that the actor works on and that is not in the bin.

    Raises:
        NotFoundError: there is none, or it is not the actor's.
    """
    live = and_(Episode.id == episode_id, Episode.deleted_at.is_(None))
    return _the_one(session, select(Episode).where(live, workable_episodes(actor)))


def playlist_to_work_on(session: Session, actor: Actor, slug_or_id: str) -> Playlist:
    """Find a playlist by slug or id that the actor works on.

    Raises:
        NotFoundError: there is none, or it is not the actor's.
    """
    found = or_(Playlist.slug == slug_or_id, Playlist.id == slug_or_id)
    live = and_(found, Playlist.deleted_at.is_(None))
    return _the_one(session, select(Playlist).where(live, workable_playlists(actor)))


def audio_to_use(session: Session, actor: Actor, audio_id: str) -> Audio:
    """Find an audio that the actor may see and use.

    Raises:
        NotFoundError: there is none, or it is somebody else's.
    """
    live = and_(Audio.id == audio_id, Audio.deleted_at.is_(None))
    return _the_one(session, select(Audio).where(live, usable_audio(actor)))


def section_to_work_on(session: Session, actor: Actor, slug_or_id: str) -> Section:
    """Find a section that the actor may change: admins all, editors their own.

    Raises:
        NotFoundError: there is none, or it is not the actor's.
    """
    found = and_(or_(Section.slug == slug_or_id, Section.id == slug_or_id), Section.deleted_at.is_(None))
    allowed = true() if actor.role == ADMIN else Section.id.in_(_sections_of(actor))
    if actor.role not in {ADMIN, EDITOR}:
        raise NotFoundError
    return _the_one(session, select(Section).where(found, allowed))


def _sections_of(actor: Actor) -> Select[str]:
    return select(SectionMember.section_id).where(SectionMember.user_id == actor.user_id)


def _the_one(session: Session, query: Select[Row]) -> Row:
    row = session.scalars(query.limit(1)).first()
    if row is None:
        raise NotFoundError
    return row
