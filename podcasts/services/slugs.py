# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slugs: the words in an address, given once and never again; old ones lead to where the thing is now."""

import re
from datetime import datetime
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.errors import InvalidError, Problem
from podcasts.models import SlugEntry
from podcasts.text import ascii_slug

SLUG_CHARACTERS = 80
RESERVED = frozenset({"feed", "new", "edit", "list"})
"""Words that stand where a slug could stand in an address."""

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)


def take_slug(
    session: Session, kind: str, subject_id: str, name: str, now: datetime, *, scope: str = ""
) -> str:
    """Give a thing a free address made of its name: ``-2``, ``-3``, … where it is taken.

    Args:
        session: a writing one.
        kind: "show", "episode", "playlist" or "section"; also the word where the name has no letters of ours.
        subject_id: the thing.
        name: its name in any script.
        now: when.
        scope: the show's id for an episode.
    """
    base = ascii_slug(name, SLUG_CHARACTERS) or kind
    for number in count(1):
        slug = base if number == 1 else f"{base}-{number}"
        if slug not in RESERVED and _is_free(session, kind, scope, slug, subject_id):
            _enter(session, kind, scope, slug, subject_id, now)
            return slug
    raise AssertionError(base)


def take_exact_slug(
    session: Session,
    kind: str,
    subject_id: str,
    slug: str,
    now: datetime,
    *,
    scope: str = "",
    field: str = "slug",
) -> str:
    """Give a thing the address that somebody asked for.

    Raises:
        InvalidError: "not-a-slug" or "slug-taken", on ``field``.
    """
    if not _SLUG.fullmatch(slug) or len(slug) > SLUG_CHARACTERS or slug in RESERVED:
        raise InvalidError(problems=(Problem(field, "not-a-slug"),))
    if not _is_free(session, kind, scope, slug, subject_id):
        raise InvalidError(problems=(Problem(field, "slug-taken"),))
    _enter(session, kind, scope, slug, subject_id, now)
    return slug


def find_by_old_slug(session: Session, kind: str, slug: str, *, scope: str = "") -> str | None:
    """Find the id of the thing that has, or ever had, this address."""
    entry = session.get(SlugEntry, (kind, scope, slug))
    return entry.subject_id if entry else None


def _is_free(session: Session, kind: str, scope: str, slug: str, subject_id: str) -> bool:
    holder = session.scalar(
        select(SlugEntry.subject_id).where(
            SlugEntry.kind == kind, SlugEntry.scope == scope, SlugEntry.slug == slug
        )
    )
    return holder in {None, subject_id}


def _enter(session: Session, kind: str, scope: str, slug: str, subject_id: str, now: datetime) -> None:
    if session.get(SlugEntry, (kind, scope, slug)) is None:
        session.add(SlugEntry(kind=kind, scope=scope, slug=slug, subject_id=subject_id, created_at=now))
