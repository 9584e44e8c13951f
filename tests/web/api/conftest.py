# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tests of the REST interface share: an application, accounts of every role and their tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from podcasts.bootstrap import Griot
from podcasts.services import accounts
from podcasts.services.actors import Actor
from podcasts.web.app import create_app
from tests.factories import MORNING, make_user

API = "/api/v1"


@dataclass
class Caller:
    """A script with a token."""

    client: FlaskClient
    token: str
    user_id: str

    def __call__(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> Any:
        """Call the interface; ``body`` goes as JSON where it is not None."""
        if body is not None:
            more["json"] = body
        sent = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self.client.open(API + path, method=method, headers=sent, **more)


@pytest.fixture
def make_caller(griot: Griot) -> Callable[[str], Caller]:
    """Make a script of a role, for an account of its own."""
    client = create_app(griot).test_client()

    def make(role: str) -> Caller:
        return caller_of(griot, client, role)

    return make


@pytest.fixture
def call(make_caller: Callable[[str], Caller]) -> Caller:
    """A script with an admin's token."""
    return make_caller("admin")


def caller_of(griot: Griot, client: FlaskClient, role: str) -> Caller:
    """Make an account of a role and a token for it."""
    with griot.database.writing() as session:
        user = make_user(session, role=role)
        user_id = user.id
        session.commit()
    owner = Actor("user", user_id, role)
    with griot.database.writing() as session:
        token = accounts.create_token(session, owner, MORNING, user_id=user_id, name="script")
    return Caller(client, token, user_id)
