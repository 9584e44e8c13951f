# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site: what this Griot is called and how it presents itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from podcasts.errors import NotFoundError
from podcasts.feeds.categories import all_categories
from podcasts.feeds.podcast_guid import podcast_guid
from podcasts.links import Links
from podcasts.models import ADMIN, SITE_ID, Artwork, Site
from podcasts.services import values
from podcasts.services.actors import SYSTEM, Actor
from podcasts.services.changes import record
from podcasts.services.shows import require_version
from podcasts.services.values import choice, flag, line, optional

FIELDS: Mapping[str, values.Cleaner] = {
    "title": optional(line(values.TITLE_CHARACTERS)),
    "description": optional(line(1_000)),
    "author": optional(line(values.NAME_CHARACTERS)),
    "owner_name": optional(line(values.NAME_CHARACTERS)),
    "owner_email": optional(values.email),
    "category": optional(choice(*all_categories())),
    "explicit": flag,
    "language": optional(values.language),
    "artist_separator": optional(line(10)),
}


def edit_site(
    session: Session, actor: Actor, now: datetime, *, given: Mapping[str, Any], version: int | None = None
) -> Site:
    """Change how the site presents itself.

    Raises:
        NotFoundError: the actor is no admin.
        InvalidError: a problem for each field at fault.
        StaleError: somebody else changed it since ``version``.
    """
    if actor.role != ADMIN:
        raise NotFoundError
    site = session.get_one(Site, SITE_ID)
    require_version(site.version, version)
    for name, value in values.clean_values(given, FIELDS).items():
        setattr(site, name, value)
    site.updated_at = now
    record(session, actor, now, "site.edited", ("site", str(SITE_ID)), {"fields": sorted(given)})
    session.commit()
    return site


def set_site_artwork(session: Session, actor: Actor, now: datetime, *, artwork: Artwork) -> Site:
    """Give the site a picture, which stands for the feed of all shows.

    Raises:
        NotFoundError: the actor is no admin.
    """
    if actor.role != ADMIN:
        raise NotFoundError
    site = session.get_one(Site, SITE_ID)
    session.add(artwork)
    session.flush()
    site.artwork_id = artwork.id
    site.updated_at = now
    record(session, actor, now, "site.artwork-changed", ("site", str(SITE_ID)), {"artwork": artwork.id})
    session.commit()
    return site


def ensure_guid(session: Session, now: datetime, links: Links) -> None:
    """Mint the guid of the feed of all shows, once: by the rule under a public address, else at random."""
    site = session.get_one(Site, SITE_ID)
    if site.guid is not None:
        return
    site.guid = podcast_guid(links.site_feed()) if links.is_public() else str(uuid4())
    site.updated_at = now
    record(session, SYSTEM, now, "site.guid-minted", ("site", str(SITE_ID)))
    session.commit()
