# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shows: founding, describing and binning them; each function commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from podcasts.db import new_id
from podcasts.errors import InvalidError, NotFoundError, Problem, StaleError
from podcasts.feeds.categories import all_categories
from podcasts.feeds.podcast_guid import podcast_guid
from podcasts.links import Links
from podcasts.models import Artwork, Section, Show, ShowMember, ShowSection
from podcasts.models.show import LINK_TARGETS, SHOW_TYPES
from podcasts.services import embed_sites, values
from podcasts.services.actors import Actor, may_make_shows, show_to_work_on
from podcasts.services.changes import record
from podcasts.services.slugs import take_exact_slug, take_slug
from podcasts.services.values import Fault, block, choice, flag, line, optional

DESCRIPTION_CHARACTERS = 4_000
"""Directories cut a show's description at 4,000 bytes or characters."""

SECTIONS_AT_MOST = 50
QUIETEST_LUFS, LOUDEST_LUFS = -30.0, -9.0
"""Targets that make sense: below, phones cannot make it loud; above, everything is held down."""


def _category(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    if value not in all_categories():
        raise Fault("not-a-category")
    return str(value)


def _loudness(value: Any) -> float:  # noqa: ANN401 - whatever was sent
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if number is None or not QUIETEST_LUFS <= number <= LOUDEST_LUFS:
        raise Fault("out-of-range", smallest=QUIETEST_LUFS, largest=LOUDEST_LUFS)
    return round(float(number), 1)


FIELDS: Mapping[str, values.Cleaner] = {
    "title": line(values.TITLE_CHARACTERS, required=True),
    "description": block(DESCRIPTION_CHARACTERS),
    "language": values.language,
    "author": line(values.NAME_CHARACTERS),
    "owner_name": line(values.NAME_CHARACTERS),
    "owner_email": lambda value: optional(values.email)(value) or "",
    "category": optional(_category),
    "explicit": flag,
    "type": choice(*SHOW_TYPES),
    "link": optional(values.web_address),
    "copyright": line(values.NAME_CHARACTERS),
    "locked": flag,
    "complete": flag,
    "funding_url": optional(values.web_address),
    "funding_label": optional(line(128)),
    "new_feed_url": optional(values.web_address),
    "link_to": choice(*LINK_TARGETS),
    "loudness_on": flag,
    "loudness_lufs": _loudness,
    "embed_sites": embed_sites.sites,
    "slug": values.identifier,
    "sections": values.listed(SECTIONS_AT_MOST),
}


def create_show(
    session: Session, actor: Actor, now: datetime, *, links: Links, given: Mapping[str, Any]
) -> Show:
    """Found a show; whoever founds it is its first member.

    Args:
        session: a writing one.
        actor: anybody who works here.
        now: the instant.
        links: for the guid, which is made of the feed's address.
        given: values of ``FIELDS``; title and language are needed.

    Raises:
        NotFoundError: not for this actor.
        InvalidError: a problem for each field at fault.
    """
    if not may_make_shows(actor):
        raise NotFoundError
    values.require(given, "title", "language")
    cleaned = values.clean_values(given, FIELDS)
    sections = sections_by_name(session, cleaned.pop("sections", []))
    wanted = cleaned.pop("slug", None)
    show_id = new_id()
    slug = (
        take_exact_slug(session, "show", show_id, wanted, now)
        if wanted
        else take_slug(session, "show", show_id, cleaned["title"], now)
    )
    guid = podcast_guid(links.show_feed(slug)) if links.is_public() else str(uuid4())
    show = Show(id=show_id, guid=guid, slug=slug, created_at=now, updated_at=now, **cleaned)
    session.add(show)
    session.flush()
    _put_in_sections(session, show, sections)
    if actor.user_id is not None:
        session.add(ShowMember(show_id=show.id, user_id=actor.user_id, created_at=now))
    record(session, actor, now, "show.created", ("show", show.id), {"slug": slug})
    session.commit()
    return show


def edit_show(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    show: str,
    given: Mapping[str, Any],
    version: int | None = None,
) -> Show:
    """Change what is said about a show. A new slug leaves the old one leading to it.

    Args:
        session: a writing one.
        actor: a member of the show, an editor of its section, an admin.
        now: the instant.
        show: slug or id.
        given: values of ``FIELDS``, only those that change.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is none for this actor.
        InvalidError: a problem for each field at fault.
        StaleError: it is not of this version any more.
    """
    row = show_to_work_on(session, actor, show)
    require_version(row.version, version)
    cleaned = values.clean_values(given, FIELDS)
    sections = cleaned.pop("sections", None)
    if slug := cleaned.pop("slug", None):
        row.slug = take_exact_slug(session, "show", row.id, slug, now)
    for name, value in cleaned.items():
        setattr(row, name, value)
    row.updated_at = now
    if sections is not None:
        _put_in_sections(session, row, sections_by_name(session, sections))
    record(session, actor, now, "show.edited", ("show", row.id), {"fields": sorted(given)})
    session.commit()
    return row


def set_show_artwork(
    session: Session, actor: Actor, now: datetime, *, show: str, artwork: Artwork, version: int | None = None
) -> Show:
    """Give a show a cover.

    Args:
        session: a writing one.
        actor: as for ``edit_show``.
        now: the instant.
        show: slug or id.
        artwork: a new row, its files already in the store; it is added here.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is none for this actor.
        StaleError: it is not of this version any more.
    """
    row = show_to_work_on(session, actor, show)
    require_version(row.version, version)
    session.add(artwork)
    session.flush()
    row.artwork_id = artwork.id
    row.updated_at = now
    record(session, actor, now, "show.artwork-changed", ("show", row.id), {"artwork": artwork.id})
    session.commit()
    return row


def bin_show(session: Session, actor: Actor, now: datetime, *, show: str) -> None:
    """Put a show with all its episodes into the bin: it is hidden everywhere at once.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = show_to_work_on(session, actor, show)
    row.deleted_at = now
    row.updated_at = now
    record(session, actor, now, "show.binned", ("show", row.id))
    session.commit()


def sections_by_name(session: Session, names: Sequence[Any], field: str = "sections") -> list[Section]:
    """Find sections by slugs or ids, in the order given.

    Raises:
        InvalidError: "unknown-section" on each that there is not; "listed-twice".
    """
    wanted = [name for name in names if values.is_identifier(name)]
    query = select(Section).where(
        or_(Section.slug.in_(wanted), Section.id.in_(wanted)), Section.deleted_at.is_(None)
    )
    known = {name: row for row in session.scalars(query) for name in (row.slug, row.id)}
    problems = [
        Problem(f"{field}.{place}", "unknown-section")
        for place, name in enumerate(names)
        if not values.is_identifier(name) or name not in known
    ]
    found = [known[name] for name in wanted if name in known]
    if len({section.id for section in found}) < len(found):
        problems.append(Problem(field, "listed-twice"))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return found


def require_version(found: int, seen: int | None) -> None:
    """Refuse a change of what somebody else changed in between (RFC 9110 section 13.1.1).

    Raises:
        StaleError: facts ``found`` and ``seen``.
    """
    if seen is not None and seen != found:
        raise StaleError(found=found, seen=seen)


def _put_in_sections(session: Session, show: Show, sections: Sequence[Section]) -> None:
    session.execute(delete(ShowSection).where(ShowSection.show_id == show.id))
    for position, section in enumerate(sections):
        session.add(ShowSection(show_id=show.id, section_id=section.id, position=position))
