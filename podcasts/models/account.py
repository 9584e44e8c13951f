# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts: people, their sessions and tokens, and what they may work on."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from podcasts.db import Base, UtcDateTime
from podcasts.models.base import Binned, Dated, Identified, Versioned, one_of

ADMIN = "admin"
EDITOR = "editor"
PRODUCER = "producer"
ROLES = (ADMIN, EDITOR, PRODUCER)


class User(Identified, Dated, Versioned, Binned, Base):
    """A person who works here.

    Attributes:
        email: lower case, unique, what one signs in with.
        name: how others see the person; may be "".
        password_hash: argon2; None where no password opens the account.
        role: admin (everything), editor (their sections), producer (their shows).
        language: of the studio; None follows the browser.
    """

    __tablename__ = "account"
    __table_args__ = (one_of("role", ROLES),)

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password_hash: Mapped[str | None]
    role: Mapped[str]
    language: Mapped[str | None]


class LoginSession(Identified, Base):
    """One signed-in browser.

    Attributes:
        token_hash: SHA-256 of the random value in the cookie; the value itself is kept nowhere.
        ended_at: set at logout; the row stays for the audit.
    """

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="raise")


class ApiToken(Identified, Base):
    """A token for scripts, with the rights of its owner.

    Attributes:
        token_hash: SHA-256 of the random token; the token itself is shown once and kept nowhere.
        name: what its owner calls it.
    """

    __tablename__ = "api_token"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(lazy="raise")


class SetupLink(Identified, Base):
    """The one-time link with which the first account is made."""

    __tablename__ = "setup_link"

    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ShowMember(Base):
    """A person who works on a show."""

    __tablename__ = "show_member"

    show_id: Mapped[str] = mapped_column(ForeignKey("show.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SectionMember(Base):
    """A person who works on a section."""

    __tablename__ = "section_member"

    section_id: Mapped[str] = mapped_column(ForeignKey("section.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
