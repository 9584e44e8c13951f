# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transcripts of episodes: one for each language, a machine's a draft until a person accepts it."""

import stat
import sys
from pathlib import Path

import pytest

from podcasts.audio.transcripts import parse_transcript
from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError, NotFoundError
from podcasts.models import Change, Episode, Job, Transcript
from podcasts.services import jobs, transcribing, transcripts
from podcasts.services.actors import SYSTEM
from podcasts.services.transcribing import TRANSCRIBE, Desk
from podcasts.services.transcripts import MACHINE, UPLOAD
from tests.factories import MORNING, actor_of, make_audio, make_episode, make_show, make_user

VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Awa>Bonjour\n"
MACHINE_VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nBon jour\n"


@pytest.fixture
def episode(griot: Griot) -> Episode:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        made = make_episode(session, make_show(session, language="fr"), audio=audio)
        session.commit()
    return made


def put(
    griot: Griot, episode: Episode, text: str, language: str | None = None, origin: str = UPLOAD
) -> Transcript:
    with griot.database.writing() as session:
        return transcripts.put_transcript(
            session,
            SYSTEM,
            MORNING,
            episode=episode.id,
            parsed=parse_transcript(text.encode()),
            source=text,
            language=language,
            origin=origin,
        )


def test_a_second_one_of_a_language_takes_the_place_of_the_first(griot: Griot, episode: Episode) -> None:
    first = put(griot, episode, VTT)
    second = put(griot, episode, "Nur Worte")
    put(griot, episode, VTT, "AR")
    assert first.id == second.id
    with griot.database.reading() as session:
        found = transcripts.transcripts_of(session, episode.id)
        changes = session.query(Change).filter_by(action="episode.transcript-changed").count()
        assert session.get_one(Episode, episode.id).updated_at == MORNING
    assert [(one.language, one.format) for one in found] == [("ar", "vtt"), ("fr", "text")]
    assert changes == 3


def test_a_machine_s_draft_is_no_transcript_until_it_is_accepted(griot: Griot, episode: Episode) -> None:
    put(griot, episode, MACHINE_VTT, origin=MACHINE)
    with griot.database.reading() as session, pytest.raises(NotFoundError):
        transcripts.public_transcript(session, episode.id, None)
    put(griot, episode, VTT)
    with griot.database.reading() as session:
        assert transcripts.public_transcript(session, episode.id, "fr").source == VTT
        assert transcripts.accepted_of_show(session, episode.show_id) == {episode.id: [("fr", True)]}
    with griot.database.writing() as session:
        transcripts.accept_transcript(session, SYSTEM, MORNING, episode=episode.id)
    with griot.database.reading() as session:
        assert transcripts.public_transcript(session, episode.id, "fr").source == MACHINE_VTT
        assert len(transcripts.transcripts_of(session, episode.id)) == 1


def test_words_without_times_are_known_as_such(griot: Griot, episode: Episode) -> None:
    put(griot, episode, "Seulement des mots.")
    with griot.database.reading() as session:
        assert transcripts.accepted_of_show(session, episode.show_id) == {episode.id: [("fr", False)]}
        found = transcripts.public_transcript(session, episode.id, None)
    assert transcripts.forms_of(transcripts.segments_of(found)) == ("html",)


def test_strangers_and_languages_that_are_none_are_refused(griot: Griot, episode: Episode) -> None:
    with pytest.raises(InvalidError) as caught:
        put(griot, episode, VTT, "français")
    assert caught.value.problems[0].code == "not-a-language"
    with griot.database.writing() as session:
        stranger = actor_of(make_user(session))
        session.commit()
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        transcripts.remove_transcript(session, stranger, MORNING, episode=episode.id)


# Written down by a program


def program(folder: Path, body: str) -> str:
    """Write a transcriber."""
    path = folder / "transcribe it"
    path.write_text(f"#!{sys.executable}\nimport sys\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return f"'{path}' --fast"


def written_down(griot: Griot, episode: Episode, command: str) -> Job:
    """Ask for it and let the worker do it; the job afterwards."""
    with griot.database.writing() as session:
        asked = transcribing.ask(session, SYSTEM, MORNING, command=command, episode=episode.id)
    with griot.database.writing() as session:
        job = jobs.claim_next(session, MORNING, (TRANSCRIBE,))
    assert job is not None
    transcribing.transcribe(Desk(griot.database, griot.storage, griot.clock, command), job)
    with griot.database.reading() as session:
        return session.get_one(Job, asked.id)


def test_what_the_program_writes_is_a_draft_in_the_show_s_language(
    griot: Griot, episode: Episode, tmp_path: Path
) -> None:
    body = (
        "path, language = sys.argv[-2:]\n"
        "assert sys.argv[1] == '--fast' and len(open(path, 'rb').read()) > 1000\n"
        "print('WEBVTT', '', '00:00.000 --> 00:02.000', f'Bonjour en {language}', sep='\\n')"
    )
    assert written_down(griot, episode, program(tmp_path, body)).status == "done"
    with griot.database.reading() as session:
        [draft] = transcripts.transcripts_of(session, episode.id)
    assert (draft.status, draft.origin, draft.language) == ("draft", "machine", "fr")
    assert draft.segments[0]["body"] == "Bonjour en fr"


@pytest.mark.parametrize(
    "body",
    [
        *("sys.exit(3)", "print('no times at all')", "print('WEBVTT')"),
        # For ever, and on both ways out: it fills neither the disk nor the memory.
        "while True: sys.stdout.write('x' * 60_000); sys.stderr.write('y' * 60_000)",
    ],
)
def test_a_program_that_fails_or_writes_something_else_is_said(
    griot: Griot, episode: Episode, tmp_path: Path, body: str
) -> None:
    job = written_down(griot, episode, program(tmp_path, body))
    assert job.status == "failed"
    assert job.error_code in {"transcriber-failed", "transcript-unreadable", "transcript-too-large"}
    with griot.database.reading() as session:
        assert transcripts.transcripts_of(session, episode.id) == []


def test_a_program_that_hangs_is_ended_with_all_that_it_started(
    griot: Griot, episode: Episode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transcribing, "TIME_LIMIT_SECONDS", 2)
    started = tmp_path / "started"
    body = (
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(started)!r}, 'w').write(str(child.pid))\n"
        "time.sleep(600)"
    )
    assert written_down(griot, episode, program(tmp_path, body)).error_code == "transcriber-failed"
    status = Path("/proc", started.read_text(), "stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_a_program_that_is_not_there_is_said(griot: Griot, episode: Episode) -> None:
    assert written_down(griot, episode, "/no/such/program").error_code == "transcriber-failed"
    with griot.database.writing() as session, pytest.raises(ConflictError) as caught:
        transcribing.ask(session, SYSTEM, MORNING, command=None, episode=episode.id)
    assert caught.value.code == "transcriber-absent"


def test_it_is_asked_for_once_at_a_time(griot: Griot, episode: Episode) -> None:
    with griot.database.writing() as session:
        transcribing.ask(session, SYSTEM, MORNING, command="x", episode=episode.id)
    with griot.database.writing() as session, pytest.raises(ConflictError):
        transcribing.ask(session, SYSTEM, MORNING, command="x", episode=episode.id)
