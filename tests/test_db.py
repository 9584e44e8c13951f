# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transactions: a writer holds the lock from its first statement, readers never wait for it."""

import threading
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError, StatementError

from podcasts import db
from podcasts.bootstrap import Griot
from podcasts.db import Database, make_engine
from podcasts.errors import BusyError
from podcasts.models import SITE_ID, Show, Site
from tests.factories import make_show


def test_what_is_not_committed_is_undone(griot: Griot) -> None:
    with griot.database.writing() as session:
        make_show(session)
    with griot.database.reading() as session:
        assert session.query(Show).count() == 0


def test_readers_read_while_somebody_writes(griot: Griot) -> None:
    with griot.database.writing() as writer:
        make_show(writer)
        with griot.database.reading() as reader:
            assert reader.query(Show).count() == 0
        writer.commit()


def test_two_that_read_and_then_write_both_succeed(griot: Griot) -> None:
    """The trap: deferred transactions that upgrade fail at once in WAL mode, whatever the time-out."""
    barrier = threading.Barrier(2)
    failed: list[BaseException] = []

    def count_up() -> None:
        barrier.wait()
        try:
            for _ in range(10):
                with griot.database.writing() as session:
                    site = session.get_one(Site, SITE_ID)
                    site.title = str(int(site.title or "0") + 1)
                    session.commit()
        except Exception as reason:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(reason)

    threads = [threading.Thread(target=count_up) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with griot.database.reading() as session:
        assert session.get_one(Site, SITE_ID).title == "20"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_lock_held_too_long_is_busy_and_changes_nothing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 1)
    database = Database(make_engine(request.getfixturevalue(f"{kind}_url")))
    with database.writing() as holder:
        holder.execute(text("SELECT 1"))
        with pytest.raises(BusyError), database.writing() as session:
            make_show(session)
    database.engine.dispose()


def test_another_failure_of_the_database_is_not_called_busy(griot: Griot) -> None:
    with pytest.raises(Exception) as caught, griot.database.reading() as session:  # noqa: PT011 - the class differs by driver
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not isinstance(caught.value, BusyError)
    assert isinstance(caught.value, OperationalError) or "nowhere" in str(caught.value)


def test_a_naive_time_is_our_mistake(griot: Griot) -> None:
    values: dict[str, Any] = {"created_at": datetime(2026, 1, 1)}  # noqa: DTZ001 - that is the point
    with griot.database.writing() as session, pytest.raises(StatementError):
        make_show(session, **values)


def test_sqlite_is_told_to_be_durable(embedded: Griot) -> None:
    with embedded.database.reading() as session:
        found = [
            session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_a_server_that_is_away_is_busy_and_no_fault_of_ours() -> None:
    database = Database(make_engine("postgresql+psycopg:///griot?host=/nowhere&port=1"))
    with pytest.raises(BusyError), database.reading() as session:
        session.execute(text("SELECT 1"))
