# SPDX-License-Identifier: AGPL-3.0-or-later
"""Members: who works here, and on which shows and sections."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from podcasts.errors import NotFoundError
from podcasts.models import ADMIN, Section, SectionMember, Show, ShowMember, User
from podcasts.services.actors import Actor
from podcasts.services.changes import record

PEOPLE_AT_MOST = 500


@dataclass(frozen=True)
class Works:
    """What a person works on, by ids."""

    show_ids: frozenset[str]
    section_ids: frozenset[str]


def people(session: Session, actor: Actor) -> Sequence[User]:
    """List who works here, by address. One query, at most 500.

    Raises:
        NotFoundError: the actor is no admin.
    """
    _require_admin(actor)
    query = select(User).where(User.deleted_at.is_(None)).order_by(User.email).limit(PEOPLE_AT_MOST)
    return session.scalars(query).all()


def person(session: Session, actor: Actor, user_id: str) -> User:
    """Find an account.

    Raises:
        NotFoundError: there is none, or the actor is no admin.
    """
    _require_admin(actor)
    user = session.get(User, user_id)
    if user is None or user.deleted_at is not None:
        raise NotFoundError
    return user


def works_on(session: Session, user_id: str) -> Works:
    """Tell what a person works on. Two queries."""
    shows = session.scalars(select(ShowMember.show_id).where(ShowMember.user_id == user_id))
    sections = session.scalars(select(SectionMember.section_id).where(SectionMember.user_id == user_id))
    return Works(frozenset(shows), frozenset(sections))


def set_works(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    user_id: str,
    show_ids: Sequence[str],
    section_ids: Sequence[str],
) -> None:
    """Set what a person works on; ids that there are not are passed over. Commits.

    Raises:
        NotFoundError: there is no such account, or the actor is no admin.
    """
    user = person(session, actor, user_id)
    shows = list(session.scalars(select(Show.id).where(Show.id.in_(show_ids), Show.deleted_at.is_(None))))
    sections = list(
        session.scalars(select(Section.id).where(Section.id.in_(section_ids), Section.deleted_at.is_(None)))
    )
    session.execute(delete(ShowMember).where(ShowMember.user_id == user.id))
    session.execute(delete(SectionMember).where(SectionMember.user_id == user.id))
    session.add_all(ShowMember(show_id=show_id, user_id=user.id, created_at=now) for show_id in shows)
    session.add_all(
        SectionMember(section_id=section_id, user_id=user.id, created_at=now) for section_id in sections
    )
    record(
        session,
        actor,
        now,
        "account.works-changed",
        ("account", user.id),
        {"shows": shows, "sections": sections},
    )
    session.commit()


def _require_admin(actor: Actor) -> None:
    if actor.role != ADMIN:
        raise NotFoundError
