# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chaptering: chapters that another program wrote become an episode's, in place of those it had."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from podcasts.audio.chapters import ChapterLine
from podcasts.models import Episode
from podcasts.services import publishing
from podcasts.services.actors import Actor


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
