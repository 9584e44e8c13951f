# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processing: an uploaded file is read, heard and drawn. Killed anywhere, it can be done again from the start.

Tags, decoding and pictures happen outside of every transaction; each step then notes what it found.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete
from sqlalchemy.orm import Session

from podcasts.audio.decoding import Sound, decode
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.audio.sniff import KINDS, AudioKind
from podcasts.audio.tags import Tags, read_tags
from podcasts.clock import Clock
from podcasts.db import Database, new_id
from podcasts.errors import GriotError, UnusableMediaError
from podcasts.models import Artwork, Audio, Rendition
from podcasts.models.audio import FAILED, NORMAL, PROCESSING, READY
from podcasts.services import jobs
from podcasts.services.actors import SYSTEM
from podcasts.services.artworks import files_of, store_artwork
from podcasts.services.changes import record
from podcasts.services.publishing import fill_from_tags
from podcasts.storage.base import Storage

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Bench:
    """What it takes to process audio."""

    database: Database
    storage: Storage
    ffmpeg: Ffmpeg
    clock: Clock


@dataclass(frozen=True)
class _Upload:
    """The audio as it was uploaded, apart from any session."""

    audio_id: str
    key: str
    kind: AudioKind
    size_bytes: int


def ingest(bench: Bench, job_id: str, audio_id: str) -> None:
    """Read tags, hear the whole file, draw its cover; then the audio is ready, or failed with its reason.

    A cover that cannot be used is a failed step and no more.
    """
    upload = _upload(bench, audio_id)
    if upload is None:
        _finish_job(bench, job_id)
        return
    path = bench.storage.local_path(upload.key)
    if path is None or not bench.storage.exists(upload.key):
        fail_audio(bench, job_id, audio_id, UnusableMediaError("file-lost"))
        return
    try:
        tags = _step_tags(bench, job_id, upload, read_tags(path, upload.kind))
        _begin(bench, job_id, "decode")
        _note_sound(bench, job_id, upload, decode(path, upload.kind, bench.ffmpeg), tags)
    except UnusableMediaError as reason:
        log.info("audio %s failed: %s %s", audio_id, reason.code, dict(reason.facts))
        fail_audio(bench, job_id, audio_id, reason)
        return
    _step_cover(bench, job_id, upload, tags)
    _make_ready(bench, job_id, upload)


def fail_audio(bench: Bench, job_id: str, audio_id: str, reason: GriotError) -> None:
    """Note that an audio cannot be used, and why; then let its file go."""
    now = bench.clock.now()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, audio_id)
        key = audio.storage_key
        audio.status, audio.storage_key, audio.updated_at = FAILED, None, now
        facts = {name: value for name, value in reason.facts.items() if name != "detail"}
        audio.error_code, audio.error_facts = reason.code, facts
        session.execute(delete(Rendition).where(Rendition.audio_id == audio_id))
        jobs.fail(session, now, job_id, reason)
        record(session, SYSTEM, now, "audio.failed", ("audio", audio_id), {"code": reason.code})
        session.commit()
    if key is not None:
        bench.storage.delete(key)


def _upload(bench: Bench, audio_id: str) -> _Upload | None:
    with bench.database.reading() as session:
        audio = session.get(Audio, audio_id)
    if audio is None or audio.status != PROCESSING or audio.storage_key is None:
        return None
    return _Upload(audio.id, audio.storage_key, KINDS[audio.kind], audio.size_bytes)


def _step_tags(bench: Bench, job_id: str, upload: _Upload, tags: Tags) -> Tags:
    now = bench.clock.now()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, upload.audio_id)
        audio.title, audio.artist, audio.album = tags.title, tags.artist, tags.album
        audio.comment, audio.track_number, audio.year = tags.comment, tags.track_number, tags.year
        audio.channels, audio.sample_rate_hz = tags.channels, tags.sample_rate_hz
        audio.tag_chapters = [
            {"start_ms": chapter.start_ms, "title": chapter.title, "url": chapter.url}
            for chapter in tags.chapters
        ]
        audio.updated_at = now
        jobs.end_step(session, now, job_id, "tags")
        session.commit()
    return tags


def _note_sound(bench: Bench, job_id: str, upload: _Upload, sound: Sound, tags: Tags) -> None:
    now = bench.clock.now()
    bitrate = tags.bitrate_bps or _bitrate(upload.size_bytes, sound.duration_ms)
    with bench.database.writing() as session:
        audio = session.get_one(Audio, upload.audio_id)
        audio.duration_ms, audio.bitrate_bps, audio.updated_at = sound.duration_ms, bitrate, now
        audio.peaks, audio.cover_bars = list(sound.peaks), list(sound.cover_bars)
        jobs.end_step(session, now, job_id, "decode")
        session.commit()


def _step_cover(bench: Bench, job_id: str, upload: _Upload, tags: Tags) -> None:
    """Keep the picture that came in the file; without a usable one the episode is drawn by its own sound."""
    _begin(bench, job_id, "cover")
    artwork, error = None, None
    if tags.cover is not None:
        try:
            artwork = store_artwork(bench.storage, bench.clock.now(), tags.cover)
        except UnusableMediaError as reason:
            error = reason
    now = bench.clock.now()
    replaced: Sequence[str] = ()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, upload.audio_id)
        replaced = _old_files(session, audio)
        if artwork is not None:
            session.add(artwork)
            session.flush()
            audio.artwork_id = artwork.id
        audio.updated_at = now
        jobs.end_step(session, now, job_id, "cover", error=error, skipped=tags.cover is None)
        session.commit()
    for key in replaced:
        bench.storage.delete(key)


def _old_files(session: Session, audio: Audio) -> Sequence[str]:
    """Let go of the picture of an earlier try."""
    if audio.artwork_id is None:
        return ()
    before = session.get_one(Artwork, audio.artwork_id)
    audio.artwork_id = None
    session.flush()
    session.delete(before)
    return files_of(before)


def _make_ready(bench: Bench, job_id: str, upload: _Upload) -> None:
    now = bench.clock.now()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, upload.audio_id)
        session.execute(delete(Rendition).where(Rendition.audio_id == audio.id, Rendition.name == NORMAL))
        session.add(
            Rendition(
                id=new_id(),
                audio_id=audio.id,
                name=NORMAL,
                mime=upload.kind.mime,
                extension=upload.kind.extension,
                storage_key=upload.key,
                size_bytes=audio.size_bytes,
                bitrate_bps=audio.bitrate_bps,
                channels=audio.channels,
                created_at=now,
            )
        )
        audio.status, audio.error_code, audio.error_facts, audio.updated_at = READY, None, {}, now
        fill_from_tags(session, audio, now)
        jobs.finish(session, now, job_id)
        record(session, SYSTEM, now, "audio.ready", ("audio", audio.id), {"duration_ms": audio.duration_ms})
        session.commit()


def _begin(bench: Bench, job_id: str, name: str) -> None:
    with bench.database.writing() as session:
        jobs.begin_step(session, bench.clock.now(), job_id, name)


def _finish_job(bench: Bench, job_id: str) -> None:
    with bench.database.writing() as session:
        jobs.finish(session, bench.clock.now(), job_id)
        session.commit()


def _bitrate(size_bytes: int, duration_ms: int) -> int | None:
    return size_bytes * 8000 // duration_ms if duration_ms else None
