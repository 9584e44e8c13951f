# SPDX-License-Identifier: AGPL-3.0-or-later
"""Releasing: an episode goes out, with its words written into its files before anybody has their addresses."""

from datetime import datetime

from podcasts.db import Database
from podcasts.links import Links
from podcasts.models import Episode
from podcasts.services import publishing
from podcasts.services.actors import Actor, episode_to_work_on
from podcasts.services.tagging import settle_tags
from podcasts.storage.base import Storage


def release(
    database: Database,
    storage: Storage,
    links: Links,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    at: datetime | None = None,
) -> Episode:
    """Write the tags of an episode's renditions, then publish it; no transaction may be open.

    Args:
        database: for short transactions.
        storage: holds the files.
        links: the address of the episode's page, which stands in the tags.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        at: as ``publishing.publish`` takes it.

    Raises:
        NotFoundError: there is none for this actor.
        ConflictError: as ``publishing.publish``.
    """
    with database.reading() as session:
        episode_to_work_on(session, actor, episode)
    settle_tags(database, storage, links, now, episode=episode)
    with database.writing() as session:
        return publishing.publish(session, actor, now, episode=episode, at=at)
