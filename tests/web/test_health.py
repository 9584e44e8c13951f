# SPDX-License-Identifier: AGPL-3.0-or-later
"""Health: a living process says so by itself; readiness is of every part, and names the one that fails."""

from datetime import timedelta

import pytest

from podcasts.bootstrap import Griot
from podcasts.clock import StoppedClock
from podcasts.models import WorkerBeat
from podcasts.web.app import create_app
from podcasts.web.health import BEAT_AT_MOST
from tests.conftest import recorded_queries

ALL_WELL = {"database": "ok", "storage": "ok", "queue": "ok", "worker": "ok"}


def beat(griot: Griot) -> None:
    """Let a worker give a sign of life."""
    with griot.database.writing() as session:
        session.merge(WorkerBeat(name="one", beat_at=griot.clock.now()))
        session.commit()


def test_before_set_up_everything_is_ready(griot: Griot) -> None:
    beat(griot)
    response = create_app(griot).test_client().get("/readyz")
    assert (response.status_code, response.json) == (200, {"ready": True, "parts": ALL_WELL})
    assert response.headers["Cache-Control"] == "no-store"


def test_a_worker_that_fell_silent_is_said(griot: Griot, clock: StoppedClock) -> None:
    beat(griot)
    client = create_app(griot).test_client()
    clock.move(BEAT_AT_MOST)
    assert client.get("/readyz").status_code == 200
    clock.move(timedelta(seconds=1))
    response = client.get("/readyz")
    assert (response.status_code, response.json) == (
        503,
        {"ready": False, "parts": {**ALL_WELL, "worker": "failed"}},
    )


def test_the_youngest_sign_of_life_counts(griot: Griot, clock: StoppedClock) -> None:
    with griot.database.writing() as session:
        session.add(WorkerBeat(name="gone", beat_at=griot.clock.now()))
        session.commit()
    clock.move(timedelta(hours=1))
    beat(griot)
    assert create_app(griot).test_client().get("/readyz").status_code == 200


def test_a_store_that_cannot_be_written_is_said_without_its_reason(
    embedded: Griot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("read-only: secret path")

    monkeypatch.setattr(embedded.storage, "check", fail)
    beat(embedded)
    response = create_app(embedded).test_client().get("/readyz")
    assert response.status_code == 503
    assert response.json == {"ready": False, "parts": {**ALL_WELL, "storage": "failed"}}
    assert b"secret" not in response.data


def test_the_process_says_that_it_lives_without_asking_the_database(embedded: Griot) -> None:
    client = create_app(embedded).test_client()
    with recorded_queries(embedded.database.engine) as queries:
        response = client.get("/healthz")
    assert queries.statements == []
    assert (response.status_code, response.data) == (200, b"ok\n")
