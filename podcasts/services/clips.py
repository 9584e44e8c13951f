# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clips: short pieces that stand for an episode, as files and as podcast:soundbite; each function commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.clips import LONGEST_MS, SHORTEST_MS, Fades, make_clip
from podcasts.audio.ffmpeg import Window
from podcasts.audio.sniff import KINDS, MP3, AudioKind
from podcasts.audio.tag_writing import TagSheet, write_tags
from podcasts.db import new_id
from podcasts.errors import (
    ConflictError,
    DiskFullError,
    InvalidError,
    NotFoundError,
    Problem,
    UnusableMediaError,
)
from podcasts.models import Audio, Clip, Episode, Job, Rendition, Show
from podcasts.models.audio import NORMAL, READY
from podcasts.services import jobs, values
from podcasts.services.actors import SYSTEM, Actor, episode_to_work_on
from podcasts.services.bench import Bench
from podcasts.services.changes import record
from podcasts.services.filling import filling, put_away
from podcasts.services.queries import Sound, is_public
from podcasts.services.values import Fault, line, optional

CLIP = "clip"
CLIPS_AT_MOST = 20
"""Of one episode."""

TITLE_CHARACTERS = 128
"""What podcast:soundbite recommends at most."""

FADE_MS = 500
LONGEST_FADE_MS = 5_000


def _milliseconds(smallest_ms: int, largest_ms: int) -> values.Cleaner:
    def clean(value: Any) -> int:  # noqa: ANN401 - whatever was sent
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if number is None or not smallest_ms <= number * 1000 <= largest_ms:
            raise Fault("out-of-range", smallest=smallest_ms / 1000, largest=largest_ms / 1000)
        return round(number * 1000)

    return clean


FIELDS: Mapping[str, values.Cleaner] = {
    "title": line(TITLE_CHARACTERS),
    "start_seconds": _milliseconds(0, 1_000_000_000),
    "duration_seconds": _milliseconds(SHORTEST_MS, LONGEST_MS),
    "fade_in_seconds": optional(_milliseconds(0, LONGEST_FADE_MS)),
    "fade_out_seconds": optional(_milliseconds(0, LONGEST_FADE_MS)),
}


def add_clip(
    session: Session, actor: Actor, now: datetime, *, episode: str, given: Mapping[str, Any]
) -> Clip:
    """Ask for a clip of an episode; the caller wakes the worker, which makes its file.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        given: values of ``FIELDS``; start and duration are needed.

    Raises:
        NotFoundError: there is no such episode for this actor.
        ConflictError: "no-audio", "audio-not-ready"; "too-many" (facts: ``limit``).
        InvalidError: a problem for each field at fault.
    """
    row = episode_to_work_on(session, actor, episode)
    values.require(given, "start_seconds", "duration_seconds")
    cleaned = values.clean_values(given, FIELDS)
    audio = session.get(Audio, row.audio_id) if row.audio_id else None
    if audio is None:
        raise ConflictError("no-audio")
    if audio.status != READY:
        raise ConflictError("audio-not-ready")
    start_ms, duration_ms = cleaned["start_seconds"], cleaned["duration_seconds"]
    if start_ms + duration_ms > (audio.duration_ms or 0):
        raise InvalidError(problems=(Problem("start_seconds", "clip-beyond-end"),))
    if len(clips_of(session, row.id)) >= CLIPS_AT_MOST:
        raise ConflictError("too-many", limit=CLIPS_AT_MOST)
    clip = Clip(
        id=new_id(),
        episode_id=row.id,
        audio_id=audio.id,
        title=cleaned.get("title", ""),
        start_ms=start_ms,
        duration_ms=duration_ms,
        fade_in_ms=_or(cleaned.get("fade_in_seconds"), FADE_MS),
        fade_out_ms=_or(cleaned.get("fade_out_seconds"), FADE_MS),
        public_key=new_id(),
        created_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(clip)
    session.flush()
    jobs.add_job(session, actor, now, kind=CLIP, subject_id=clip.id, steps=())
    row.updated_at = now
    record(session, actor, now, "clip.asked", ("episode", row.id), {"clip": clip.id})
    session.commit()
    return clip


def remove_clip(session: Session, actor: Actor, now: datetime, *, episode: str, clip: str) -> str | None:
    """Take a clip away; its file is the caller's to delete after this has committed.

    Returns:
        The storage key of its file; None where it has none.

    Raises:
        NotFoundError: there is no such clip for this actor.
    """
    row = episode_to_work_on(session, actor, episode)
    found = session.scalar(select(Clip).where(Clip.id == clip, Clip.episode_id == row.id))
    if found is None:
        raise NotFoundError
    key = found.storage_key
    session.delete(found)
    row.updated_at = now
    record(session, actor, now, "clip.removed", ("episode", row.id), {"clip": clip})
    session.commit()
    return key


def clips_of(session: Session, episode_id: str) -> Sequence[Clip]:
    """Load the clips of an episode by their beginnings. One query."""
    query = select(Clip).where(Clip.episode_id == episode_id).order_by(Clip.start_ms, Clip.id)
    return session.scalars(query.limit(CLIPS_AT_MOST)).all()


def made_clips(session: Session, show_id: str) -> dict[str, list[Clip]]:
    """Load the clips of a show's episodes that have files: episode id to clips, by their beginnings. One query."""
    query = (
        select(Clip)
        .join(Episode, Episode.id == Clip.episode_id)
        .where(Episode.show_id == show_id, Clip.storage_key.is_not(None))
    )
    found: dict[str, list[Clip]] = {}
    for clip in session.scalars(query.order_by(Clip.start_ms, Clip.id)):
        found.setdefault(clip.episode_id, []).append(clip)
    return found


def clip_sound(session: Session, key: str, now: datetime) -> Sound:
    """Find the clip that anybody may hear now under a public key, as sound. One query.

    It counts as no listening to its episode: its rendition is called "clip".

    Raises:
        NotFoundError: there is none, it is not made yet, or its episode is not public.
    """
    query = (
        select(Clip)
        .join(Episode, Episode.id == Clip.episode_id)
        .join(Episode.show)
        .join(Episode.audio)
        .where(Clip.public_key == key, Clip.storage_key.is_not(None), is_public(now))
    )
    clip = session.scalar(query)
    if clip is None or clip.storage_key is None:
        raise NotFoundError
    rendition = Rendition(
        id=clip.id,
        audio_id=clip.audio_id,
        name=CLIP,
        mime=MP3.mime,
        extension=MP3.extension,
        storage_key=clip.storage_key,
        size_bytes=clip.size_bytes or 0,
        created_at=clip.updated_at,
    )
    return Sound(key, clip.episode_id, rendition, clip.sha256 or clip.id)


@dataclass(frozen=True)
class _Order:
    """What is to be cut out of what, apart from any session."""

    clip: Clip
    path: Path
    kind: AudioKind
    sheet: TagSheet


def make(bench: Bench, job: Job) -> None:
    """Make the file of a clip; one that is gone meanwhile is passed over, one that cannot be made says why."""
    order = _order(bench, job.subject_id)
    if order is None:
        _finish(bench, job.id)
        return
    try:
        _make(bench, job.id, order)
    except (UnusableMediaError, DiskFullError) as reason:
        with bench.database.writing() as session:
            clip = session.get(Clip, job.subject_id)
            if clip is not None:
                clip.error_code = reason.code
                clip.error_facts = {name: fact for name, fact in reason.facts.items() if name != "detail"}
            jobs.fail(session, bench.clock.now(), job.id, reason)
            session.commit()


def _make(bench: Bench, job_id: str, order: _Order) -> None:
    clip = order.clip
    with filling(bench.storage, MP3.extension) as temporary:
        window = Window(clip.start_ms, clip.duration_ms)
        fades = Fades(clip.fade_in_ms, clip.fade_out_ms)
        make_clip(order.path, order.kind, window, fades, temporary, bench.ffmpeg)
        write_tags(temporary, MP3, order.sheet)
        made = put_away(bench.storage, temporary, MP3.extension)
    gone: str | None = made.key
    now = bench.clock.now()
    with bench.database.writing() as session:
        row = session.get(Clip, clip.id)
        if row is not None:
            gone, row.storage_key = row.storage_key, made.key
            row.size_bytes, row.sha256, row.updated_at = made.size_bytes, made.sha256, now
            row.error_code, row.error_facts = None, {}
            episode = session.get_one(Episode, row.episode_id)
            episode.updated_at = now
            record(session, SYSTEM, now, "clip.made", ("episode", row.episode_id), {"clip": row.id})
        jobs.finish(session, now, job_id)
        session.commit()
    if gone is not None:
        bench.storage.delete(gone)


def _order(bench: Bench, clip_id: str) -> _Order | None:
    with bench.database.reading() as session:
        query = (
            select(Clip, Episode, Show, Rendition)
            .join(Episode, Episode.id == Clip.episode_id)
            .join(Show, Show.id == Episode.show_id)
            .join(Rendition, Rendition.audio_id == Clip.audio_id)
            .where(Clip.id == clip_id, Rendition.name == NORMAL)
        )
        row = session.execute(query).one_or_none()
    if row is None:
        return None
    clip, episode, show, rendition = row
    path = bench.storage.local_path(rendition.storage_key)
    if path is None:
        return None
    kind = next(
        one for one in KINDS.values() if (one.mime, one.extension) == (rendition.mime, rendition.extension)
    )
    sheet = TagSheet(
        title=clip.title or episode.title,
        artist=episode.artist or show.author,
        album=show.title,
        page_url=bench.links.episode(show.slug, episode.slug),
    )
    return _Order(clip, path, kind, sheet)


def _finish(bench: Bench, job_id: str) -> None:
    with bench.database.writing() as session:
        jobs.finish(session, bench.clock.now(), job_id)
        session.commit()


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
