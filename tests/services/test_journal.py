# SPDX-License-Identifier: AGPL-3.0-or-later
"""The listening journal: every line counts once, nothing of an address is kept, and nothing stops listening."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.models import JournalMark, ListeningEvent
from podcasts.services import journal
from podcasts.services.journal import Journal, Listening, fold_journal
from tests.factories import MORNING

LISTENING = Listening(
    at=MORNING,
    event="get",
    media_key="key",
    episode_id="episode",
    rendition="normal",
    status=206,
    range_start=100,
    range_end=199,
    sent_bytes=100,
    source="page",
    listener="0" * 32,
)
TODAY = "2026-11-23.jsonl"


def _fold(griot: Griot, folder: Path, now: datetime = MORNING) -> int:
    with griot.database.writing() as session:
        return fold_journal(session, folder, now)


def _events(griot: Griot) -> list[ListeningEvent]:
    with griot.database.reading() as session:
        return list(session.scalars(select(ListeningEvent).order_by(ListeningEvent.id)))


def test_a_line_becomes_one_row_with_all_it_says(griot: Griot, tmp_path: Path) -> None:
    Journal(tmp_path).append(LISTENING, MORNING)
    assert _fold(griot, tmp_path) > 0
    (event,) = _events(griot)
    assert {name: getattr(event, name) for name in dataclasses.asdict(LISTENING)} == dataclasses.asdict(
        LISTENING
    )


def test_folding_again_adds_nothing_and_a_later_line_is_added_once(griot: Griot, tmp_path: Path) -> None:
    written = Journal(tmp_path)
    written.append(LISTENING, MORNING)
    _fold(griot, tmp_path)
    assert _fold(griot, tmp_path) == 0
    written.append(dataclasses.replace(LISTENING, event="head"), MORNING)
    _fold(griot, tmp_path)
    assert [event.event for event in _events(griot)] == ["get", "head"]


def test_a_fold_that_dies_before_its_commit_is_done_again_whole(griot: Griot, tmp_path: Path) -> None:
    Journal(tmp_path).append(LISTENING, MORNING)
    with griot.database.writing() as session:
        journal._fold_file(session, tmp_path / TODAY, {})
        session.flush()
        session.rollback()
    assert _fold(griot, tmp_path) > 0
    assert len(_events(griot)) == 1


def test_half_a_line_waits_for_its_other_half(griot: Griot, tmp_path: Path) -> None:
    Journal(tmp_path).append(LISTENING, MORNING)
    path = tmp_path / TODAY
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:40])
    _fold(griot, tmp_path)
    assert len(_events(griot)) == 1
    path.write_bytes(whole + whole)
    _fold(griot, tmp_path)
    assert len(_events(griot)) == 2


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\x00\x00\x00",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        json.dumps({"at": "yesterday"}).encode(),
        json.dumps({**dataclasses.asdict(LISTENING), "at": "2026-11-23T08:00:00Z", "status": 2**63}).encode(),
        json.dumps({**dataclasses.asdict(LISTENING), "at": "2026-11-23T08:00:00Z", "source": "\0"}).encode(),
        json.dumps(
            {**dataclasses.asdict(LISTENING), "at": "2026-11-23T08:00:00Z", "source": "\ud800"}
        ).encode(),
        json.dumps({**dataclasses.asdict(LISTENING), "at": "0001-01-01T00:00:00+23:00"}).encode(),
        json.dumps(
            {**dataclasses.asdict(LISTENING), "at": "2026-11-23T08:00:00Z", "sent_bytes": "9"}
        ).encode(),
    ],
)
def test_a_damaged_line_is_passed_over_and_its_neighbours_count(
    embedded: Griot, tmp_path: Path, line: bytes
) -> None:
    written = Journal(tmp_path)
    written.append(LISTENING, MORNING)
    path = tmp_path / TODAY
    good = path.read_bytes()
    path.write_bytes(good + line + b"\n" + good)
    _fold(embedded, tmp_path)
    assert len(_events(embedded)) == 2


def test_a_long_file_is_folded_in_several_steps(
    embedded: Griot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "FOLD_BYTES", 1_000)
    written = Journal(tmp_path)
    for _ in range(20):
        written.append(LISTENING, MORNING)
    steps = 0
    while _fold(embedded, tmp_path):
        steps += 1
    assert steps > 1
    assert len(_events(embedded)) == 20


def test_lines_of_many_threads_never_mix(embedded: Griot, tmp_path: Path) -> None:
    written = Journal(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: written.append(LISTENING, MORNING), range(400)))
    while _fold(embedded, tmp_path):
        pass
    assert len(_events(embedded)) == 400


def test_a_finished_day_is_removed_when_it_is_folded_and_never_folded_again(
    griot: Griot, tmp_path: Path
) -> None:
    Journal(tmp_path).append(LISTENING, MORNING)
    _fold(griot, tmp_path, MORNING + timedelta(days=1))
    assert (tmp_path / TODAY).exists()
    _fold(griot, tmp_path, MORNING + timedelta(days=2))
    assert not (tmp_path / TODAY).exists()
    _fold(griot, tmp_path, MORNING + timedelta(days=2))
    with griot.database.reading() as session:
        assert list(session.scalars(select(JournalMark))) == []
    assert len(_events(griot)) == 1


def test_one_listener_has_one_name_for_a_day_and_another_the_next_day(tmp_path: Path) -> None:
    written = Journal(tmp_path)
    one = written.listener(MORNING, "192.0.2.1", "Player/1")
    assert one == Journal(tmp_path).listener(MORNING, "192.0.2.1", "Player/1")
    assert one != written.listener(MORNING, "192.0.2.2", "Player/1")
    assert one != written.listener(MORNING, "192.0.2.1", "Player/2")
    assert one != written.listener(MORNING + timedelta(days=1), "192.0.2.1", "Player/1")


def test_the_key_is_ours_alone_and_gone_after_its_day(embedded: Griot, tmp_path: Path) -> None:
    Journal(tmp_path).listener(MORNING, "192.0.2.1", "Player/1")
    (salt,) = tmp_path.glob("*.salt")
    assert salt.stat().st_mode & 0o777 == 0o600
    _fold(embedded, tmp_path, MORNING + timedelta(hours=1))
    assert salt.exists()
    _fold(embedded, tmp_path, MORNING + timedelta(days=1))
    assert list(tmp_path.glob("*.salt")) == []


def test_nothing_of_an_address_or_a_user_agent_is_at_rest(tmp_path: Path) -> None:
    written = Journal(tmp_path)
    name = written.listener(MORNING, "192.0.2.77", "VerySpecialPlayer/1")
    written.append(dataclasses.replace(LISTENING, listener=name), MORNING)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"192.0.2.77" not in kept
    assert b"VerySpecialPlayer" not in kept
    assert name.encode() in kept


def test_a_journal_that_cannot_be_written_is_said_once_and_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal").write_text("a file where the folder should be")
    written = Journal(tmp_path / "journal")
    assert written.listener(MORNING, "192.0.2.1", "Player/1") == ""
    written.append(LISTENING, MORNING)
    written.append(LISTENING, MORNING)
    assert len(caplog.records) == 1


def test_a_folder_that_is_not_there_yet_is_no_trouble(embedded: Griot, tmp_path: Path) -> None:
    assert _fold(embedded, tmp_path / "nothing") == 0
