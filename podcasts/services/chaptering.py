# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chaptering: chapters that another program wrote become an episode's, in place of those it had."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.chapters import ChapterLine
from podcasts.errors import NotFoundError
from podcasts.models import Artwork, Chapter, Episode
from podcasts.services import publishing
from podcasts.services.actors import Actor, episode_to_work_on
from podcasts.services.changes import record


def take_chapters(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    chapters: Sequence[ChapterLine],
    version: int | None = None,
) -> Episode:
    """Set all chapters of an episode; commits.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        chapters: as they were read.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is none for this actor.
        InvalidError: a problem for each link that is none, by "chapters.<place>.<field>".
        StaleError: it is not of this version any more.
    """
    given = [
        {
            "start_seconds": chapter.start_ms / 1000,
            "title": chapter.title,
            "url": chapter.url,
            "image": chapter.image_url,
        }
        for chapter in chapters
    ]
    return publishing.edit_episode(
        session, actor, now, episode=episode, given={"chapters": given}, version=version
    )


def set_chapter_artwork(
    session: Session, actor: Actor, now: datetime, *, episode: str, chapter: str, artwork: Artwork
) -> Chapter:
    """Give a chapter a picture; ``artwork`` is a new row whose files are in the store; commits.

    Raises:
        NotFoundError: there is no such episode for this actor, or no such chapter.
    """
    row = episode_to_work_on(session, actor, episode)
    found = session.scalar(select(Chapter).where(Chapter.id == chapter, Chapter.episode_id == row.id))
    if found is None:
        raise NotFoundError
    session.add(artwork)
    session.flush()
    found.artwork_id = artwork.id
    row.updated_at = now
    record(session, actor, now, "episode.chapter-pictured", ("episode", row.id), {"artwork": artwork.id})
    session.commit()
    return found
