# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transcribing: a program of the newsroom's own writes a sound down; a person reads and accepts it.

GRIOT_TRANSCRIBER names the program. It gets the path of the sound and the language, and writes WebVTT to its standard
output. No model ships with us.
"""

import logging
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Thread, Timer

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio import leash
from podcasts.audio.transcripts import TRANSCRIPT_BYTES_AT_MOST, Parsed, parse_transcript
from podcasts.clock import Clock
from podcasts.db import Database
from podcasts.errors import ConflictError, GriotError, InvalidError, NotFoundError, UnusableMediaError
from podcasts.models import Audio, Episode, Job, Rendition, Show
from podcasts.models.audio import READY
from podcasts.models.job import QUEUED, RUNNING
from podcasts.services import jobs, values
from podcasts.services.actors import SYSTEM, Actor, episode_to_work_on
from podcasts.services.transcripts import MACHINE, put_transcript, source_text
from podcasts.services.values import Fault
from podcasts.storage.base import Storage

TRANSCRIBE = "transcribe"
TIME_LIMIT_SECONDS = 6 * 3600
"""A model on a small machine takes longer than the sound lasts."""

_WORDS_KEPT = 2_000
_LINE_BYTES = 200
_END_SECONDS = 10
_NO_LIMIT = 2**60

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Desk:
    """What it takes to have something written down."""

    database: Database
    storage: Storage
    clock: Clock
    command: str | None


def ask(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    command: str | None,
    episode: str,
    language: str | None = None,
) -> Job:
    """Ask for a draft of an episode's transcript; the caller wakes the worker.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        command: GRIOT_TRANSCRIBER; None where there is none.
        episode: id.
        language: None for the episode's, else its show's.

    Raises:
        NotFoundError: there is no such episode for this actor.
        ConflictError: "transcriber-absent"; "no-audio"; "audio-not-ready" (also while it is being written already).
        InvalidError: "not-a-language".
    """
    row = episode_to_work_on(session, actor, episode)
    if not command:
        raise ConflictError("transcriber-absent")
    audio = session.get(Audio, row.audio_id) if row.audio_id else None
    if audio is None:
        raise ConflictError("no-audio")
    if audio.status != READY or is_under_way(session, row.id):
        raise ConflictError("audio-not-ready")
    spoken = _language(session, row, language)
    facts = {"language": spoken, "audio": audio.id}
    job = jobs.add_job(session, actor, now, kind=TRANSCRIBE, subject_id=row.id, steps=(), facts=facts)
    session.commit()
    return job


def is_under_way(session: Session, episode_id: str) -> bool:
    """Say whether an episode is being written down, or waits for it. One query."""
    query = select(Job.id).where(
        Job.kind == TRANSCRIBE, Job.subject_id == episode_id, Job.status.in_((QUEUED, RUNNING))
    )
    return session.scalar(query.limit(1)) is not None


def transcribe(desk: Desk, job: Job) -> None:
    """Run the program and keep what it wrote as a draft; one that fails says so in the job."""
    try:
        path = _sound(desk, str(job.facts["audio"]))
        written = _run(desk.command or "", path, str(job.facts["language"]))
        parsed = _captions(written)
        with desk.database.writing() as session:
            put_transcript(
                session,
                SYSTEM,
                desk.clock.now(),
                episode=job.subject_id,
                parsed=parsed,
                source=source_text(written),
                language=str(job.facts["language"]),
                origin=MACHINE,
            )
    except (NotFoundError, InvalidError, UnusableMediaError) as reason:
        _fail(desk, job, reason)
        return
    with desk.database.writing() as session:
        jobs.finish(session, desk.clock.now(), job.id)
        session.commit()


def _captions(written: bytes) -> Parsed:
    """Read what was written.

    Raises:
        InvalidError: it cannot be read.
        UnusableMediaError: "transcriber-failed": words without times are no WebVTT.
    """
    parsed = parse_transcript(written)
    if not parsed.timed:
        raise UnusableMediaError("transcriber-failed")
    return parsed


def _run(command: str, path: Path, language: str) -> bytes:
    """Run the program in a folder of its own, for so long, and take so many bytes of it, whatever it does.

    Raises:
        UnusableMediaError: "transcriber-failed".
    """
    with tempfile.TemporaryDirectory(prefix="griot-transcribe-") as folder:
        try:
            process = subprocess.Popen(
                _on_a_leash(shlex.split(command), path, language),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                # Programs start programs: they are ended together.
                start_new_session=True,
            )
        except (OSError, ValueError) as reason:
            log.warning("the transcriber could not be run: %s", reason)
            raise UnusableMediaError("transcriber-failed") from reason
        said: deque[bytes] = deque(maxlen=_WORDS_KEPT // _LINE_BYTES)
        listener = Thread(target=_listen, args=(process, said), daemon=True)
        watchdog = Timer(TIME_LIMIT_SECONDS, _end, (process,))
        watchdog.daemon = True
        try:
            listener.start()
            watchdog.start()
            written = _stdout_of(process)
        finally:
            watchdog.cancel()
            _end(process)
            listener.join(_END_SECONDS)
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        if process.returncode != 0 and len(written) <= TRANSCRIPT_BYTES_AT_MOST:
            words = b"".join(said).decode("utf-8", "replace")
            log.warning("the transcriber ended with %s: %s", process.returncode, words)
            raise UnusableMediaError("transcriber-failed")
        return written


def _stdout_of(process: "subprocess.Popen[bytes]") -> bytes:
    """Read what the program writes until it ends; one that writes for ever is read no further than it may."""
    if process.stdout is None:
        raise ValueError(process)
    written = process.stdout.read(TRANSCRIPT_BYTES_AT_MOST + 1)
    if len(written) <= TRANSCRIPT_BYTES_AT_MOST:
        process.wait()
    return written


def _listen(process: "subprocess.Popen[bytes]", said: deque[bytes]) -> None:
    """Keep the last of what the program complains about; the rest is heard and forgotten."""
    if process.stderr is not None:
        while words := process.stderr.readline(_LINE_BYTES):
            said.append(words)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the program and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _on_a_leash(command: list[str], path: Path, language: str) -> list[str]:
    """Let the program end when we do; a model may take what memory and time it needs.

    Raises:
        FileNotFoundError: there is no such program.
    """
    program = shutil.which(command[0]) if command else None
    if program is None:
        raise FileNotFoundError(command[:1])
    limits = (os.getpid(), _NO_LIMIT, TIME_LIMIT_SECONDS * (os.cpu_count() or 1), _NO_LIMIT)
    leashed = [sys.executable, "-I", "-S", leash.__file__, *map(str, limits)]
    return [*leashed, str(Path(program).absolute()), *command[1:], str(path), language]


def _sound(desk: Desk, audio_id: str) -> Path:
    with desk.database.reading() as session:
        query = select(Rendition.storage_key).where(
            Rendition.audio_id == audio_id, Rendition.name == "normal"
        )
        key = session.scalar(query)
    path = desk.storage.local_path(key) if key else None
    if path is None or not path.exists():
        raise NotFoundError
    return path


def _fail(desk: Desk, job: Job, reason: GriotError) -> None:
    with desk.database.writing() as session:
        jobs.fail(session, desk.clock.now(), job.id, reason)
        session.commit()


def _language(session: Session, episode: Episode, wanted: str | None) -> str:
    if not wanted:
        return episode.language or session.get_one(Show, episode.show_id).language
    try:
        return str(values.language(wanted))
    except Fault:
        raise InvalidError("not-a-language") from None
