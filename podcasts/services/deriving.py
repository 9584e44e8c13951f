# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deriving: an audio cut shorter, or without private matter, as another audio; the upload itself stays as it came.

The episode goes on with the old sound until the new one is ready, and then changes over at once, with its chapters
and transcripts moved along.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.cutting import cut
from podcasts.audio.ffmpeg import Window
from podcasts.audio.private_matter import strip_private
from podcasts.audio.sniff import KINDS
from podcasts.db import new_id
from podcasts.errors import ConflictError, InvalidError, Problem
from podcasts.models import Audio, Chapter, Clip, Episode, Job, Transcript
from podcasts.models.audio import PROCESSING, READY
from podcasts.models.job import QUEUED, RUNNING
from podcasts.services import jobs
from podcasts.services.actors import SYSTEM, Actor, episode_to_work_on
from podcasts.services.bench import Bench
from podcasts.services.changes import record
from podcasts.services.filling import PutAway, filling, put_away
from podcasts.services.publishing import change_sound
from podcasts.services.uploads import INGEST, STEPS

DERIVE = "derive"
TRIM, STRIP = "trim", "strip"
SHORTEST_MS = 1_000
"""What must be left of a sound."""


def ask_trim(
    session: Session, actor: Actor, now: datetime, *, episode: str, start_ms: int, end_ms: int
) -> Job:
    """Ask for an episode's sound to be cut; the caller wakes the worker.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        start_ms: where it is to begin.
        end_ms: where it is to end.

    Raises:
        NotFoundError: there is no such episode for this actor.
        ConflictError: "no-audio", "audio-not-ready".
        InvalidError: "out-of-range" on "start_seconds" or "end_seconds".
    """
    audio = _audio_of(session, actor, episode)
    length_ms = audio.duration_ms or 0
    if not 0 <= start_ms <= length_ms - SHORTEST_MS:
        raise _out_of_range("start_seconds", 0, length_ms - SHORTEST_MS)
    if not start_ms + SHORTEST_MS <= end_ms <= length_ms:
        raise _out_of_range("end_seconds", start_ms + SHORTEST_MS, length_ms)
    facts = {"how": TRIM, "episode": episode, "start_ms": start_ms, "end_ms": end_ms}
    return _ask(session, actor, now, audio, facts)


def ask_strip(session: Session, actor: Actor, now: datetime, *, episode: str) -> Job:
    """Ask for private matter to be taken out of an episode's file; the caller wakes the worker.

    Raises:
        NotFoundError: there is no such episode for this actor.
        ConflictError: "no-audio", "audio-not-ready"; "nothing-private" where none was found.
    """
    audio = _audio_of(session, actor, episode)
    if not audio.private_tags:
        raise ConflictError("nothing-private")
    return _ask(session, actor, now, audio, {"how": STRIP, "episode": episode})


def is_under_way(session: Session, episode_id: str) -> bool:
    """Say whether other sound is being made for an episode: cut or cleaned, or read after that. One query."""
    query = select(Job.facts).where(Job.kind.in_((DERIVE, INGEST)), Job.status.in_((QUEUED, RUNNING)))
    return any(facts.get("episode") == episode_id for facts in session.scalars(query))


def derive(bench: Bench, job: Job) -> None:
    """Make the new audio and have it processed; its episode changes over when it is ready.

    Raises:
        UnusableMediaError: it cannot be made.
        DiskFullError: no room.
    """
    source = _source(bench, job.subject_id)
    if source is None:
        with bench.database.writing() as session:
            jobs.finish(session, bench.clock.now(), job.id)
            session.commit()
        return
    with filling(bench.storage, source.extension) as temporary:
        _make(bench, source, job.facts, temporary)
        made = put_away(bench.storage, temporary, source.extension)
    try:
        _note(bench, job, source, made)
    except BaseException:
        bench.storage.delete(made.key)
        raise


def change_over(session: Session, now: datetime, facts: Mapping[str, Any], audio: Audio) -> None:
    """Let an episode go on with the sound that was made for it; the caller commits.

    One that has other sound by now, or is gone, is left alone.

    Args:
        session: a writing one.
        now: the instant.
        facts: of the job: {episode, instead_of, shift_ms}.
        audio: ready.
    """
    episode = session.get(Episode, facts.get("episode", ""))
    if episode is None or episode.audio_id != facts.get("instead_of") or episode.deleted_at is not None:
        return
    change_sound(session, episode, audio, now)
    _move_along(session, episode, facts.get("shift_ms", 0), audio.duration_ms or 0)
    episode.updated_at = now
    record(session, SYSTEM, now, "episode.sound-changed", ("episode", episode.id), {"audio": audio.id})


@dataclass(frozen=True)
class _Source:
    audio_id: str
    path: Path
    kind: str
    extension: str
    duration_ms: int


def _audio_of(session: Session, actor: Actor, episode: str) -> Audio:
    row = episode_to_work_on(session, actor, episode)
    audio = session.get(Audio, row.audio_id) if row.audio_id else None
    if audio is None or audio.storage_key is None:
        raise ConflictError("no-audio")
    if audio.status != READY:
        raise ConflictError("audio-not-ready")
    return audio


def _ask(session: Session, actor: Actor, now: datetime, audio: Audio, facts: dict[str, Any]) -> Job:
    job = jobs.add_job(session, actor, now, kind=DERIVE, subject_id=audio.id, steps=(), facts=facts)
    record(session, actor, now, f"audio.{facts['how']}-asked", ("audio", audio.id), facts)
    session.commit()
    return job


def _out_of_range(field: str, smallest_ms: int, largest_ms: int) -> InvalidError:
    facts = {"smallest": smallest_ms / 1000, "largest": largest_ms / 1000}
    return InvalidError(problems=(Problem(field, "out-of-range", facts),))


def _source(bench: Bench, audio_id: str) -> _Source | None:
    with bench.database.reading() as session:
        audio = session.get(Audio, audio_id)
    if audio is None or audio.storage_key is None or audio.deleted_at is not None:
        return None
    path = bench.storage.local_path(audio.storage_key)
    if path is None or not path.exists():
        return None
    kind = KINDS[audio.kind]
    return _Source(audio.id, path, kind.name, kind.extension, audio.duration_ms or 0)


def _make(bench: Bench, source: _Source, facts: Mapping[str, Any], target: Path) -> None:
    kind = KINDS[source.kind]
    if facts["how"] == TRIM:
        window = Window(facts["start_ms"], facts["end_ms"] - facts["start_ms"])
        cut(source.path, kind, window, target, bench.ffmpeg)
        return
    with source.path.open("rb") as before, target.open("wb") as after:
        shutil.copyfileobj(before, after, 1024 * 1024)
    strip_private(target, kind)


def _note(bench: Bench, job: Job, source: _Source, made: PutAway) -> None:
    """Note the new audio as an upload of whoever asked for it, in one transaction with the end of the job."""
    now, facts = bench.clock.now(), job.facts
    with bench.database.writing() as session:
        before = session.get_one(Audio, source.audio_id)
        audio = Audio(
            id=new_id(),
            sha256=made.sha256,
            size_bytes=made.size_bytes,
            mime=before.mime,
            kind=before.kind,
            storage_key=made.key,
            file_name=before.file_name,
            status=PROCESSING,
            uploaded_by_id=before.uploaded_by_id,
            made_from_id=before.id,
            made_how=facts["how"],
            created_at=now,
            updated_at=now,
            **_inherited(before, facts),
        )
        session.add(audio)
        session.flush()
        onward = {
            "episode": facts["episode"],
            "instead_of": before.id,
            "shift_ms": facts.get("start_ms", 0),
        }
        jobs.add_job(session, SYSTEM, now, kind=INGEST, subject_id=audio.id, steps=STEPS, facts=onward)
        jobs.finish(session, now, job.id)
        record(session, SYSTEM, now, "audio.derived", ("audio", audio.id), {"from": before.id, **facts})
        session.commit()


def _inherited(before: Audio, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Take the words along that a cut file has lost; a cleaned one still has its own."""
    if facts["how"] == STRIP:
        return {}
    names = ("title", "artist", "album", "comment", "track_number", "year", "artwork_id")
    return {name: getattr(before, name) for name in names}


def _move_along(session: Session, episode: Episode, shift_ms: int, length_ms: int) -> None:
    """Move what hangs on times of the old sound: chapters, clips and transcripts; what was cut off goes."""
    chapters = session.scalars(
        select(Chapter).where(Chapter.episode_id == episode.id).order_by(Chapter.start_ms)
    ).all()
    for place, chapter in enumerate(chapters):
        following = chapters[place + 1].start_ms if place + 1 < len(chapters) else length_ms + shift_ms
        if following <= shift_ms or chapter.start_ms >= length_ms + shift_ms:
            session.delete(chapter)
        else:
            chapter.start_ms = max(0, chapter.start_ms - shift_ms)
    for clip in session.scalars(select(Clip).where(Clip.episode_id == episode.id)):
        clip.start_ms = max(0, clip.start_ms - shift_ms)
    query = select(Transcript).where(Transcript.episode_id == episode.id)
    for transcript in session.scalars(query):
        transcript.segments = _shifted(transcript.segments, shift_ms, length_ms)


def _shifted(segments: list[dict[str, Any]], shift_ms: int, length_ms: int) -> list[dict[str, Any]]:
    moved = []
    for segment in segments:
        start, end = segment.get("start_ms"), segment.get("end_ms")
        if start is None or end is None:
            moved.append(segment)
        elif end > shift_ms and start < shift_ms + length_ms:
            last_ms = min(end - shift_ms, length_ms)
            moved.append({**segment, "start_ms": max(0, start - shift_ms), "end_ms": last_ms})
    return moved
