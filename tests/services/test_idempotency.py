# SPDX-License-Identifier: AGPL-3.0-or-later
"""A repeated call is answered again; for how long, and what becomes of a call whose process died."""

from dataclasses import replace
from datetime import timedelta

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError
from podcasts.models import ApiToken
from podcasts.services.idempotency import DEAD_AFTER, KEPT, Answer, Call, begin, finish, forget
from tests.factories import MORNING, make_user

ANSWER = Answer(201, '{"id": "a"}', "https://radio.example.org/api/v1/shows/a")


@pytest.fixture
def call(griot: Griot) -> Call:
    with griot.database.writing() as session:
        user = make_user(session)
        session.add(ApiToken(id="t", token_hash="h", user_id=user.id, name="CMS", created_at=MORNING))
        session.commit()
    return Call("t", "POST /api/v1/shows", "key", "0" * 64)


def test_the_first_answer_is_given_for_a_day(griot: Griot, call: Call) -> None:
    with griot.database.writing() as session:
        assert begin(session, MORNING, call) is None
        finish(session, call, ANSWER)
    with griot.database.writing() as session:
        assert begin(session, MORNING + KEPT - timedelta(seconds=1), call) == ANSWER
        assert begin(session, MORNING + KEPT, call) is None


def test_another_body_under_the_key_is_refused(griot: Griot, call: Call) -> None:
    with griot.database.writing() as session:
        begin(session, MORNING, call)
        with pytest.raises(InvalidError, match="key-reused"):
            begin(session, MORNING, replace(call, body_sha256="1" * 64))


def test_a_running_call_holds_its_key_until_it_must_be_dead(griot: Griot, call: Call) -> None:
    with griot.database.writing() as session:
        begin(session, MORNING, call)
        with pytest.raises(ConflictError, match="key-in-use"):
            begin(session, MORNING + DEAD_AFTER - timedelta(seconds=1), call)
        assert begin(session, MORNING + DEAD_AFTER, call) is None


def test_a_call_that_failed_gives_its_key_back(griot: Griot, call: Call) -> None:
    with griot.database.writing() as session:
        begin(session, MORNING, call)
        forget(session, call)
        assert begin(session, MORNING, replace(call, body_sha256="1" * 64)) is None
