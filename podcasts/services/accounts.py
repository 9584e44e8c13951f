# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts: people, how they sign in, and the tokens of their scripts.

Secrets are random, shown once, and kept only as SHA-256; passwords as argon2. Hashing a password happens
outside of every transaction.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from podcasts.db import Database, new_id
from podcasts.errors import ConflictError, InvalidError, NotFoundError, Problem
from podcasts.models import ADMIN, ROLES, ApiToken, LoginSession, SetupLink, User
from podcasts.services import values
from podcasts.services.actors import SYSTEM, Actor
from podcasts.services.changes import record

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
SESSION_LENGTH = timedelta(days=30)
SETUP_LENGTH = timedelta(hours=24)
TOKEN_PREFIX = "griot_"  # noqa: S105 - makes a leaked token findable
SECRET_BYTES = 32

_hasher = PasswordHasher()
# Compared with when nobody has the address, so that the answer takes as long.
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe())


@dataclass(frozen=True)
class SignedIn:
    """A browser that has just signed in.

    Attributes:
        secret: for its cookie; kept nowhere else.
        user: who it is.
    """

    secret: str
    user: User


def hash_password(password: str, field: str = "password") -> str:
    """Hash a password with argon2id.

    Raises:
        InvalidError: "password-too-short" or "password-too-long" (facts: ``limit``), on ``field``.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidError(problems=(Problem(field, "password-too-short", {"limit": SHORTEST_PASSWORD}),))
    if len(password) > LONGEST_PASSWORD:
        raise InvalidError(problems=(Problem(field, "password-too-long", {"limit": LONGEST_PASSWORD}),))
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def create_user(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    email: str,
    role: str,
    password_hash: str | None,
    name: str = "",
) -> User:
    """Make an account.

    Args:
        session: a writing one.
        actor: an admin.
        now: the instant.
        email: unique, whatever its case.
        role: admin, editor or producer.
        password_hash: of ``hash_password``; None where no password opens it.
        name: how others see the person.

    Raises:
        NotFoundError: not for this actor.
        InvalidError: "not-an-email", "email-taken", "not-a-choice".
    """
    if actor.role != ADMIN:
        raise NotFoundError
    user = _new_user(session, now, email=email, role=role, password_hash=password_hash, name=name)
    record(session, actor, now, "account.created", ("account", user.id), {"role": role})
    session.commit()
    return user


def set_password(session: Session, actor: Actor, now: datetime, *, user_id: str, password_hash: str) -> User:
    """Change a password and sign the account out everywhere.

    Raises:
        NotFoundError: there is no such account, or it is not the actor's and he is no admin.
    """
    user = session.get(User, user_id)
    if user is None or user.deleted_at is not None or (actor.role != ADMIN and actor.user_id != user_id):
        raise NotFoundError
    user.password_hash = password_hash
    user.updated_at = now
    query = select(LoginSession).where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
    for login in session.scalars(query):
        login.ended_at = now
    record(session, actor, now, "account.password-changed", ("account", user_id))
    session.commit()
    return user


def sign_in(database: Database, now: datetime, *, email: str, password: str) -> SignedIn:
    """Sign a browser in under a new session; a hash of weaker parameters than today's is made anew.

    Raises:
        InvalidError: "wrong-login", the same and after the same time for an unknown address.
    """
    with database.reading() as session:
        user = _by_email(session, email)
    if not _fits(user.password_hash if user else None, password) or user is None:
        raise InvalidError("wrong-login")
    stronger = _stronger_hash(user.password_hash, password)
    with database.writing() as session:
        return _begin_login(session, now, user, stronger)


def sign_out(session: Session, now: datetime, *, secret: str) -> None:
    """End a session on the server: its cookie opens nothing any more."""
    login = session.scalar(
        select(LoginSession)
        .where(LoginSession.token_hash == hash_secret(secret), LoginSession.ended_at.is_(None))
        .options(joinedload(LoginSession.user))
    )
    if login is None:
        return
    login.ended_at = now
    actor = Actor("user", login.user_id, login.user.role)
    record(session, actor, now, "account.signed-out", ("account", login.user_id))
    session.commit()


def user_of_session(session: Session, now: datetime, secret: str) -> User | None:
    """Find who is signed in with this cookie; None when nobody is (any more). One query."""
    login = session.scalar(
        select(LoginSession)
        .where(
            LoginSession.token_hash == hash_secret(secret),
            LoginSession.ended_at.is_(None),
            LoginSession.expires_at > now,
        )
        .options(joinedload(LoginSession.user))
    )
    return login.user if login and login.user.deleted_at is None else None


def actor_of_token(session: Session, token: str) -> Actor | None:
    """Find whose token this is; None when it is none (any more). One query."""
    found = session.scalar(
        select(ApiToken)
        .where(ApiToken.token_hash == hash_secret(token), ApiToken.ended_at.is_(None))
        .options(joinedload(ApiToken.user))
    )
    if found is None or found.user.deleted_at is not None:
        return None
    return Actor("token", found.user_id, found.user.role, token_id=found.id)


def create_token(session: Session, actor: Actor, now: datetime, *, user_id: str, name: str) -> str:
    """Make a token for scripts, with the rights of its owner; it is shown this once.

    Raises:
        NotFoundError: there is no such account, or it is not the actor's and he is no admin.
        InvalidError: "required" or "too-long" on ``name``.
    """
    user = session.get(User, user_id)
    if user is None or user.deleted_at is not None or (actor.role != ADMIN and actor.user_id != user_id):
        raise NotFoundError
    clean = values.clean_values({"name": name}, {"name": values.line(100, required=True)})["name"]
    token = TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    row = ApiToken(id=new_id(), token_hash=hash_secret(token), user_id=user_id, name=clean, created_at=now)
    session.add(row)
    record(session, actor, now, "token.created", ("token", row.id), {"name": clean})
    session.commit()
    return token


def end_token(session: Session, actor: Actor, now: datetime, *, token_id: str) -> None:
    """End a token at once.

    Raises:
        NotFoundError: there is none, or it is not the actor's and he is no admin.
    """
    row = session.get(ApiToken, token_id)
    if row is None or row.ended_at is not None or (actor.role != ADMIN and actor.user_id != row.user_id):
        raise NotFoundError
    row.ended_at = now
    record(session, actor, now, "token.ended", ("token", row.id))
    session.commit()


def tokens_of(session: Session, user_id: str) -> list[ApiToken]:
    """List the tokens of an account that are good, newest first. One query, at most 200."""
    query = select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.ended_at.is_(None))
    return list(session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id).limit(200)))


def has_users(session: Session) -> bool:
    """Say whether anybody has an account. One query."""
    return bool(session.scalar(select(func.count(User.id)).where(User.deleted_at.is_(None))))


def find_user(session: Session, email: str) -> User:
    """Find an account by its address.

    Raises:
        NotFoundError: "no-such-user".
    """
    user = _by_email(session, email)
    if user is None:
        raise NotFoundError("no-such-user")
    return user


def create_setup_link(session: Session, now: datetime) -> str:
    """Make the one-time secret with which the first account is made; earlier ones end.

    Raises:
        ConflictError: "setup-over": somebody has an account.
    """
    if has_users(session):
        raise ConflictError("setup-over")
    for link in session.scalars(select(SetupLink).where(SetupLink.used_at.is_(None))):
        link.used_at = now
    secret = secrets.token_urlsafe(SECRET_BYTES)
    session.add(
        SetupLink(id=new_id(), token_hash=hash_secret(secret), created_at=now, expires_at=now + SETUP_LENGTH)
    )
    record(session, SYSTEM, now, "setup.link-created", ("site", "1"))
    session.commit()
    return secret


def setup_is_open(session: Session, now: datetime, secret: str) -> bool:
    """Say whether this secret still makes the first account."""
    return _setup_link(session, now, secret) is not None


def set_up(
    session: Session, now: datetime, *, secret: str, email: str, password_hash: str, name: str = ""
) -> User:
    """Make the first account, an admin's; the secret is used up.

    Raises:
        ConflictError: "setup-over".
        InvalidError: "not-an-email".
    """
    link = _setup_link(session, now, secret)
    if link is None:
        raise ConflictError("setup-over")
    link.used_at = now
    user = _new_user(session, now, email=email, role=ADMIN, password_hash=password_hash, name=name)
    actor = Actor("user", user.id, ADMIN)
    record(session, actor, now, "account.created", ("account", user.id), {"role": ADMIN, "by": "setup"})
    session.commit()
    return user


def hash_secret(secret: str) -> str:
    """Hash a random secret for the database; it needs no salt, since nobody can guess it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _setup_link(session: Session, now: datetime, secret: str) -> SetupLink | None:
    if not secret or has_users(session):
        return None
    return session.scalar(
        select(SetupLink).where(
            SetupLink.token_hash == hash_secret(secret),
            SetupLink.used_at.is_(None),
            SetupLink.expires_at > now,
        )
    )


def _new_user(
    session: Session, now: datetime, *, email: str, role: str, password_hash: str | None, name: str
) -> User:
    cleaned = values.clean_values(
        {"email": email, "role": role, "name": name},
        {"email": values.email, "role": values.choice(*ROLES), "name": values.line(values.NAME_CHARACTERS)},
    )
    if session.scalar(select(User.id).where(User.email == cleaned["email"])) is not None:
        raise InvalidError(problems=(Problem("email", "email-taken"),))
    user = User(id=new_id(), password_hash=password_hash, created_at=now, updated_at=now, **cleaned)
    session.add(user)
    session.flush()
    return user


def _by_email(session: Session, email: str) -> User | None:
    try:
        clean = values.email(email)
    except values.Fault:
        return None
    return session.scalar(select(User).where(User.email == clean, User.deleted_at.is_(None)))


def _begin_login(session: Session, now: datetime, checked: User, stronger: str | None) -> SignedIn:
    """Write down a new session, unless the account was changed while its password was being compared."""
    user = session.get(User, checked.id)
    if user is None or user.deleted_at is not None or user.password_hash != checked.password_hash:
        raise InvalidError("wrong-login")
    if stronger is not None:
        user.password_hash = stronger
    secret = secrets.token_urlsafe(SECRET_BYTES)
    login = LoginSession(
        id=new_id(),
        token_hash=hash_secret(secret),
        user_id=user.id,
        created_at=now,
        expires_at=now + SESSION_LENGTH,
    )
    session.add(login)
    record(session, Actor("user", user.id, user.role), now, "account.signed-in", ("account", user.id))
    session.commit()
    return SignedIn(secret, user)


def _stronger_hash(password_hash: str | None, password: str) -> str | None:
    """Hash anew what was hashed with other parameters than today's; None where that is not needed."""
    if password_hash is None or not _hasher.check_needs_rehash(password_hash):
        return None
    return _hasher.hash(password.encode("utf-8", "surrogatepass"))


def _fits(password_hash: str | None, password: str) -> bool:
    """Compare a password with a hash; without one with nobody's, so that it takes as long."""
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        _hasher.verify(password_hash or _NOBODYS_HASH, password.encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None
