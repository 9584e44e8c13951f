# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sections: the newsroom's own order of countries, topics and tags; each function commits."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from podcasts.audio.artwork import GROUNDS
from podcasts.db import new_id
from podcasts.errors import InvalidError, NotFoundError, Problem
from podcasts.models import Section, SectionMember
from podcasts.models.section import SECTION_KINDS
from podcasts.services import values
from podcasts.services.actors import Actor, may_make_sections, section_to_work_on
from podcasts.services.changes import record
from podcasts.services.queries import subtree
from podcasts.services.shows import require_version
from podcasts.services.slugs import take_exact_slug, take_slug
from podcasts.services.values import block, choice, line, optional

FIELDS: Mapping[str, values.Cleaner] = {
    "name": line(values.NAME_CHARACTERS, required=True),
    "kind": choice(*SECTION_KINDS),
    "iso": optional(values.country),
    "parent": optional(values.identifier),
    "description": block(4_000),
    "rss_url": optional(values.web_address),
    "position": values.number(0),
    "slug": values.identifier,
}


def create_section(session: Session, actor: Actor, now: datetime, *, given: Mapping[str, Any]) -> Section:
    """Make a section; an editor who makes one is its first member.

    Raises:
        NotFoundError: not for this actor.
        InvalidError: a problem for each field at fault; "unknown-parent".
    """
    if not may_make_sections(actor):
        raise NotFoundError
    values.require(given, "name", "kind")
    cleaned = values.clean_values(given, FIELDS)
    section_id = new_id()
    parent_id = _parent(session, cleaned.pop("parent", None))
    wanted = cleaned.pop("slug", None)
    slug = (
        take_exact_slug(session, "section", section_id, wanted, now)
        if wanted
        else take_slug(session, "section", section_id, cleaned["name"], now)
    )
    number = session.scalar(select(func.count(Section.id))) or 0
    section = Section(
        id=section_id,
        slug=slug,
        parent_id=parent_id,
        ground=number % len(GROUNDS),
        created_at=now,
        updated_at=now,
        **{"position": number, **cleaned},
    )
    session.add(section)
    session.flush()
    if actor.user_id is not None:
        session.add(SectionMember(section_id=section.id, user_id=actor.user_id, created_at=now))
    record(session, actor, now, "section.created", ("section", section.id), {"slug": slug})
    session.commit()
    return section


def edit_section(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    section: str,
    given: Mapping[str, Any],
    version: int | None = None,
) -> Section:
    """Change a section.

    Raises:
        NotFoundError: there is none for this actor.
        InvalidError: a problem for each field at fault; "unknown-parent" also where a circle would close.
        StaleError: it is not of this version any more.
    """
    row = section_to_work_on(session, actor, section)
    require_version(row.version, version)
    cleaned = values.clean_values(given, FIELDS)
    if "parent" in cleaned:
        row.parent_id = _parent(session, cleaned.pop("parent"), below=row)
    if slug := cleaned.pop("slug", None):
        row.slug = take_exact_slug(session, "section", row.id, slug, now)
    for name, value in cleaned.items():
        setattr(row, name, value)
    row.updated_at = now
    record(session, actor, now, "section.edited", ("section", row.id), {"fields": sorted(given)})
    session.commit()
    return row


def _parent(session: Session, name: str | None, below: Section | None = None) -> str | None:
    if name is None:
        return None
    query = select(Section.id).where(
        or_(Section.slug == name, Section.id == name), Section.deleted_at.is_(None)
    )
    if below is not None:
        query = query.where(Section.id.not_in(subtree(below.id)))
    found = session.scalar(query)
    if found is None:
        raise InvalidError(problems=(Problem("parent", "unknown-parent"),))
    return found
