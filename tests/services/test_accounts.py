# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts: who gets in, who does not, and that nobody learns which of the two was wrong."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError, NotFoundError
from podcasts.models import ApiToken, LoginSession, SetupLink, User
from podcasts.services import accounts
from podcasts.services.actors import SYSTEM, Actor
from tests.factories import MORNING, actor_of, make_user

PASSWORD = "correct horse battery"
HASH = accounts.hash_password(PASSWORD)


@pytest.fixture
def awa(griot: Griot) -> User:
    """A producer with a password."""
    with griot.database.writing() as session:
        return accounts.create_user(
            session, SYSTEM, MORNING, email="Awa@Example.org", role="producer", password_hash=HASH
        )


def test_an_address_is_one_whatever_its_case(griot: Griot, awa: User) -> None:
    assert awa.email == "awa@example.org"
    with griot.database.writing() as session, pytest.raises(InvalidError) as caught:
        accounts.create_user(
            session, SYSTEM, MORNING, email="AWA@example.ORG", role="admin", password_hash=HASH
        )
    assert caught.value.problems[0].code == "email-taken"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "awa",
        "awa@",
        "@example.org",
        "a b@example.org",
        "a@b",
        "a\x00@example.org\n.x",
        "x" * 300 + "@example.org",
    ],
)
def test_what_is_no_address_is_refused(griot: Griot, email: str) -> None:
    with griot.database.writing() as session, pytest.raises(InvalidError):
        accounts.create_user(session, SYSTEM, MORNING, email=email, role="admin", password_hash=HASH)


@pytest.mark.parametrize(
    ("password", "code"), [("x" * 9, "password-too-short"), ("x" * 201, "password-too-long")]
)
def test_a_password_has_its_length(password: str, code: str) -> None:
    with pytest.raises(InvalidError) as caught:
        accounts.hash_password(password)
    assert caught.value.problems[0].code == code


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("awa@example.org", "wrong horse battery"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("awa@example.org", "x" * 10_000),
        ("\x00", "\ud800" * 12),
    ],
)
def test_who_does_not_fit_is_told_the_same(griot: Griot, awa: User, email: str, password: str) -> None:
    assert awa.role == "producer"
    with pytest.raises(InvalidError) as caught:
        accounts.sign_in(griot.database, MORNING, email=email, password=password)
    assert (caught.value.code, caught.value.problems) == ("wrong-login", ())


def test_an_unknown_address_is_hashed_too(griot: Griot, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    class Hasher:
        def verify(self, password_hash: str, password: bytes) -> None:
            """Note what is compared, and refuse."""
            seen.append(password_hash)
            raise VerificationError(password.decode())

    monkeypatch.setattr(accounts, "_hasher", Hasher())
    with pytest.raises(InvalidError):
        accounts.sign_in(griot.database, MORNING, email="nobody@example.org", password=PASSWORD)
    assert seen == [accounts._NOBODYS_HASH]


def test_every_log_in_is_a_new_session_and_log_out_ends_it(griot: Griot, awa: User) -> None:
    first, second = (
        accounts.sign_in(griot.database, MORNING, email="awa@example.org", password=PASSWORD)
        for _ in range(2)
    )
    assert first.secret != second.secret
    with griot.database.writing() as session:
        accounts.sign_out(session, MORNING, secret=first.secret)
    with griot.database.reading() as session:
        assert accounts.user_of_session(session, MORNING, first.secret) is None
        found = accounts.user_of_session(session, MORNING, second.secret)
        assert found is not None
        assert found.id == awa.id
        late = MORNING + accounts.SESSION_LENGTH
        assert accounts.user_of_session(session, late, second.secret) is None


def test_no_secret_is_at_rest(griot: Griot, awa: User) -> None:
    signed = accounts.sign_in(griot.database, MORNING, email="awa@example.org", password=PASSWORD)
    with griot.database.writing() as session:
        token = accounts.create_token(session, actor_of(awa), MORNING, user_id=awa.id, name="night")
    with griot.database.reading() as session:
        rows = [vars(row) for kind in (LoginSession, ApiToken, User) for row in session.query(kind)]
    assert signed.secret not in repr(rows)
    assert token not in repr(rows)
    assert PASSWORD not in repr(rows)


def test_a_hash_of_weaker_parameters_is_made_anew_at_log_in(griot: Griot) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8_192).hash(PASSWORD)
    with griot.database.writing() as session:
        user = accounts.create_user(
            session, SYSTEM, MORNING, email="awa@example.org", role="producer", password_hash=weak
        )
    for expected_change in (True, False):
        with griot.database.reading() as session:
            before = session.get_one(User, user.id).password_hash
        accounts.sign_in(griot.database, MORNING, email="awa@example.org", password=PASSWORD)
        with griot.database.reading() as session:
            after = session.get_one(User, user.id).password_hash
        assert (before != after) is expected_change
    assert after is not None
    assert not PasswordHasher().check_needs_rehash(after)


def test_a_password_that_changes_while_it_is_compared_opens_nothing(
    griot: Griot, awa: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, new = accounts._fits, accounts.hash_password("another horse battery")

    def slow(password_hash: str | None, password: str) -> bool:
        with griot.database.writing() as session:
            accounts.set_password(session, SYSTEM, MORNING, user_id=awa.id, password_hash=new)
        return real(password_hash, password)

    monkeypatch.setattr(accounts, "_fits", slow)
    with pytest.raises(InvalidError) as caught:
        accounts.sign_in(griot.database, MORNING, email="awa@example.org", password=PASSWORD)
    assert caught.value.code == "wrong-login"
    with griot.database.reading() as session:
        assert session.query(LoginSession).count() == 0


def test_a_new_password_ends_every_session(griot: Griot, awa: User) -> None:
    signed = accounts.sign_in(griot.database, MORNING, email="awa@example.org", password=PASSWORD)
    with griot.database.writing() as session:
        new = accounts.hash_password("another horse battery")
        accounts.set_password(session, actor_of(awa), MORNING, user_id=awa.id, password_hash=new)
    with griot.database.reading() as session:
        assert accounts.user_of_session(session, MORNING, signed.secret) is None


def test_nobody_makes_accounts_or_tokens_for_others(griot: Griot, awa: User) -> None:
    with griot.database.writing() as session:
        other = make_user(session)
        session.commit()
    actor = actor_of(other)
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        accounts.create_user(session, actor, MORNING, email="b@example.org", role="admin", password_hash=HASH)
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        accounts.create_token(session, actor, MORNING, user_id=awa.id, name="x")
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        accounts.set_password(session, actor, MORNING, user_id=awa.id, password_hash=HASH)


def test_an_ended_token_opens_nothing(griot: Griot, awa: User) -> None:
    actor = actor_of(awa)
    with griot.database.writing() as session:
        token = accounts.create_token(session, actor, MORNING, user_id=awa.id, name="night")
    with griot.database.reading() as session:
        found = accounts.actor_of_token(session, token)
        row = accounts.tokens_of(session, awa.id)[0]
    assert found == Actor("token", awa.id, "producer", token_id=row.id)
    with griot.database.writing() as session:
        accounts.end_token(session, actor, MORNING, token_id=row.id)
    with griot.database.reading() as session:
        assert accounts.actor_of_token(session, token) is None
        assert accounts.actor_of_token(session, "griot_nonsense") is None
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        accounts.end_token(session, actor, MORNING, token_id=row.id)


def make_link(griot: Griot) -> str:
    """Make a set-up link; its secret."""
    with griot.database.writing() as session:
        return accounts.create_setup_link(session, MORNING)


def test_the_set_up_link_makes_one_administrator_once(griot: Griot) -> None:
    secret = make_link(griot)
    with griot.database.writing() as session:
        user = accounts.set_up(session, MORNING, secret=secret, email="awa@example.org", password_hash=HASH)
    assert user.role == "admin"
    with griot.database.writing() as session, pytest.raises(ConflictError):
        accounts.set_up(session, MORNING, secret=secret, email="b@example.org", password_hash=HASH)
    with griot.database.writing() as session, pytest.raises(ConflictError):
        accounts.create_setup_link(session, MORNING)
    with griot.database.reading() as session:
        assert secret not in repr([vars(row) for row in session.query(SetupLink)])


def test_a_set_up_link_ends_after_a_day_with_a_newer_one_and_with_any_account(griot: Griot) -> None:
    old, new = make_link(griot), make_link(griot)
    with griot.database.reading() as session:
        assert not accounts.setup_is_open(session, MORNING, old)
        assert not accounts.setup_is_open(session, MORNING, "")
        assert accounts.setup_is_open(session, MORNING + timedelta(hours=23), new)
        assert not accounts.setup_is_open(session, MORNING + timedelta(hours=24), new)
    with griot.database.writing() as session:
        make_user(session)
        session.commit()
    with griot.database.reading() as session:
        assert not accounts.setup_is_open(session, MORNING, new)
