# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processing: an uploaded file is read, heard, measured and encoded, step by step.

Each step works outside of every transaction and then notes what it found together with its own end. Killed
anywhere, the job goes on with the steps that had not ended. A side step that fails says why and takes nothing else
with it; only a file in which nothing can be heard makes the audio fail.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import Ffmpeg, Runs, StoppedError
from podcasts.audio.loudness import MONO_BELOW_STEREO_LU, measure_loudness
from podcasts.audio.private_matter import find_private
from podcasts.audio.renditions import (
    LIGHT,
    LIGHT_OPUS,
    Recipe,
    Source,
    gain_for,
    is_served_as_it_is,
    is_worth_making,
    make_rendition,
    normal_recipe,
)
from podcasts.audio.sniff import KINDS, AudioKind
from podcasts.audio.tag_writing import sheet_hash, write_tags
from podcasts.audio.tags import Tags, read_tags
from podcasts.clock import Clock
from podcasts.db import Database, new_id
from podcasts.errors import BusyError, DiskFullError, GriotError, UnusableMediaError
from podcasts.links import Links
from podcasts.models import Artwork, Audio, Episode, Job, Rendition, Show
from podcasts.models import audio as names
from podcasts.models.audio import FAILED, NORMAL, READY
from podcasts.models.show import LOUDNESS_LUFS
from podcasts.services import jobs
from podcasts.services.actors import SYSTEM
from podcasts.services.artworks import files_of, store_artwork
from podcasts.services.changes import record
from podcasts.services.publishing import KEPT_AFTER_REPLACING, fill_from_tags
from podcasts.services.renditions import put_rendition
from podcasts.services.tagging import load_sheet
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key

PASSES_AT_ONCE = 2
"""One encoder does not use two cores, two do; more would only take memory."""

WORTH_ANOTHER_TRY = frozenset({"too-long-to-decode", "ingest-failed", "disk-full"})
"""Reasons that lie in the machine and not in the file, which is therefore kept for a while."""

_BLOCK_BYTES = 1024 * 1024

log = logging.getLogger(__name__)


WhenReady = Callable[[Session, datetime, Mapping[str, Any], Audio], None]
"""Does what an audio was processed for, in the transaction that makes it ready; the mapping is the job's facts."""


def _nothing(session: Session, now: datetime, facts: Mapping[str, Any], audio: Audio) -> None:
    """Most audio is processed for its own sake."""


@dataclass(frozen=True)
class Bench:
    """What it takes to process audio.

    Attributes:
        when_ready: what is done beside making an audio ready.
    """

    database: Database
    storage: Storage
    ffmpeg: Ffmpeg
    clock: Clock
    links: Links
    when_ready: WhenReady = _nothing


@dataclass(frozen=True)
class _Task:
    """One audio in the making, apart from any session.

    Attributes:
        key: where the upload lies; ``path`` is that file.
        tags: as they stand in it.
        waiting: names of the steps that have not ended.
        ready: whether it was ready before, so that only a step is done again.
    """

    job_id: str
    audio_id: str
    key: str
    path: Path
    kind: AudioKind
    size_bytes: int
    tags: Tags
    waiting: frozenset[str]
    ready: bool


Note = Callable[[Session, Audio, datetime], Sequence[str]]
"""Notes what a step found; gives the storage keys that nothing names afterwards."""

Work = Callable[[Bench, _Task], Note | None]
"""Does a step outside of every transaction; None where there was nothing to do."""


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: as the producer's page and the REST interface name it.
        work: does it.
        essential: without it there is nothing to hear.
    """

    name: str
    work: Work
    essential: bool = False


def ingest(bench: Bench, job_id: str, audio_id: str) -> None:
    """Do the steps that have not ended; then the audio is ready, or failed with its reason.

    Raises:
        StoppedError: the process is leaving; the job is to be put back.
        DiskFullError: no room for what is essential; the job is to be tried later.
    """
    found = _upload(bench, audio_id)
    if found is None:
        _finish_job(bench, job_id)
        return
    path = bench.storage.local_path(found.key)
    if path is None or not bench.storage.exists(found.key):
        fail_audio(bench, job_id, audio_id, UnusableMediaError("file-lost"))
        return
    task = _Task(
        job_id=job_id,
        audio_id=audio_id,
        key=found.key,
        path=path,
        kind=KINDS[found.kind],
        size_bytes=found.size_bytes,
        tags=read_tags(path, KINDS[found.kind]),
        waiting=_waiting(bench, job_id),
        ready=found.status == READY,
    )
    try:
        for group in STEPS_TOGETHER:
            _do_together(bench, task, [step for step in group if step.name in task.waiting])
    except UnusableMediaError as reason:
        log.info("audio %s failed: %s %s", audio_id, reason.code, dict(reason.facts))
        fail_audio(bench, job_id, audio_id, reason)
        return
    _end(bench, task)


def fail_audio(bench: Bench, job_id: str, audio_id: str, reason: GriotError) -> None:
    """Note that an audio cannot be used, and why; then let its file go, unless another try may help.

    An audio that is ready stays so: then a step that was done again has failed, and no more.
    """
    now = bench.clock.now()
    gone: list[str] = []
    with bench.database.writing() as session:
        audio = session.get_one(Audio, audio_id)
        if audio.status != READY:
            gone = _note_failure(session, audio, reason, now)
        jobs.fail(session, now, job_id, reason)
        session.commit()
    for key in gone:
        bench.storage.delete(key)


def _note_failure(session: Session, audio: Audio, reason: GriotError, now: datetime) -> list[str]:
    gone: list[str] = []
    audio.status, audio.updated_at = FAILED, now
    facts = {name: value for name, value in reason.facts.items() if name != "detail"}
    audio.error_code, audio.error_facts = reason.code, facts
    if reason.code in WORTH_ANOTHER_TRY:
        audio.let_go_at = now + KEPT_AFTER_REPLACING
    elif audio.storage_key is not None:
        gone.append(audio.storage_key)
        audio.storage_key = None
    made = select(Rendition.storage_key).where(Rendition.audio_id == audio.id)
    gone += [key for key in session.scalars(made) if key not in {audio.storage_key, *gone}]
    session.execute(delete(Rendition).where(Rendition.audio_id == audio.id))
    record(session, SYSTEM, now, "audio.failed", ("audio", audio.id), {"code": reason.code})
    return gone


@dataclass(frozen=True)
class _Found:
    key: str
    kind: str
    size_bytes: int
    status: str


def _upload(bench: Bench, audio_id: str) -> _Found | None:
    with bench.database.reading() as session:
        audio = session.get(Audio, audio_id)
    if audio is None or audio.status == FAILED or audio.storage_key is None or audio.deleted_at is not None:
        return None
    return _Found(audio.storage_key, audio.kind, audio.size_bytes, audio.status)


def _waiting(bench: Bench, job_id: str) -> frozenset[str]:
    with bench.database.reading() as session:
        return jobs.waiting_steps(session, job_id)


def _do_together(bench: Bench, task: _Task, steps: Sequence[Step]) -> None:
    """Do steps that do not wait for each other, two at a time; the first that must not fail ends all."""
    if not steps:
        return
    own = replace(bench, ffmpeg=replace(bench.ffmpeg, runs=Runs()))
    pool = ThreadPoolExecutor(PASSES_AT_ONCE, thread_name_prefix="step")
    try:
        for future in as_completed([pool.submit(_do, own, task, step) for step in steps]):
            future.result()
    except BaseException:
        # Somebody asked us to stop, or there is nothing to hear: the others' work would be for nothing.
        own.ffmpeg.runs.call_off()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _do(bench: Bench, task: _Task, step: Step) -> None:
    """Do one step and note how it ended."""
    with bench.database.writing() as session:
        jobs.begin_step(session, bench.clock.now(), task.job_id, step.name)
    try:
        note = step.work(bench, task)
    except (StoppedError, BusyError):
        raise
    except (UnusableMediaError, DiskFullError) as reason:
        if step.essential:
            raise
        log.info("audio %s: %s failed: %s %s", task.audio_id, step.name, reason.code, dict(reason.facts))
        _end_step(bench, task, step, error=reason)
        return
    except Exception:
        if step.essential:
            raise
        log.exception("audio %s: %s broke", task.audio_id, step.name)
        _end_step(bench, task, step, error=UnusableMediaError("step-broke"))
        return
    _end_step(bench, task, step, note=note)


def _end_step(
    bench: Bench, task: _Task, step: Step, *, note: Note | None = None, error: GriotError | None = None
) -> None:
    now = bench.clock.now()
    gone: Sequence[str] = ()
    with bench.database.writing() as session:
        if note is not None:
            audio = session.get_one(Audio, task.audio_id)
            gone = note(session, audio, now)
            audio.updated_at = now
        skipped = note is None and error is None
        jobs.end_step(session, now, task.job_id, step.name, error=error, skipped=skipped)
        session.commit()
    for key in gone:
        bench.storage.delete(key)


# The steps


def _tags(bench: Bench, task: _Task) -> Note:
    """Take over what the file says about itself; drafts that wait for it are filled at once."""
    tags = task.tags
    private = list(find_private(task.path, task.kind))

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        for name in ("title", "artist", "album", "comment", "track_number", "year"):
            # A file that we cut has lost its words; its row has inherited them.
            setattr(
                audio, name, getattr(tags, name) or (getattr(audio, name) if audio.made_from_id else None)
            )
        audio.channels, audio.sample_rate_hz = tags.channels, tags.sample_rate_hz
        audio.tag_chapters = [
            {"start_ms": chapter.start_ms, "title": chapter.title, "url": chapter.url}
            for chapter in tags.chapters
        ]
        audio.private_tags = private
        fill_from_tags(session, audio, now)
        return ()

    del bench
    return note


def _cover(bench: Bench, task: _Task) -> Note | None:
    """Keep the picture that came in the file; without a usable one the episode is drawn by its own sound."""
    if task.tags.cover is None:
        return None
    artwork = store_artwork(bench.storage, bench.clock.now(), task.tags.cover)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        del now
        replaced = _old_files(session, audio)
        session.add(artwork)
        session.flush()
        audio.artwork_id = artwork.id
        return replaced

    return note


def _old_files(session: Session, audio: Audio) -> Sequence[str]:
    """Let go of the picture of an earlier try."""
    if audio.artwork_id is None:
        return ()
    before = session.get_one(Artwork, audio.artwork_id)
    audio.artwork_id = None
    session.flush()
    session.delete(before)
    return files_of(before)


def _decode(bench: Bench, task: _Task) -> Note:
    """Hear the whole file: is it sound, how long is it, what does it look like, where is it silent."""
    sound = decode(task.path, task.kind, bench.ffmpeg)
    dense_key = _put_peaks(bench.storage, sound.dense_peaks)
    bitrate = task.tags.bitrate_bps or _bitrate(task.size_bytes, sound.duration_ms)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        del session, now
        before, audio.dense_peaks_key = audio.dense_peaks_key, dense_key
        audio.duration_ms, audio.bitrate_bps = sound.duration_ms, bitrate
        audio.peaks, audio.cover_bars = list(sound.peaks), list(sound.cover_bars)
        audio.head_silence_ms, audio.tail_silence_ms = sound.head_silence_ms, sound.tail_silence_ms
        return () if before is None else (before,)

    return note


def _put_peaks(storage: Storage, peaks: bytes) -> str | None:
    """Keep the studio's waveform; on a full disk it does without."""
    key = new_key("audio", "peaks")
    try:
        storage.put_bytes(peaks, key)
    except DiskFullError:
        return None
    return key


def _loudness(bench: Bench, task: _Task) -> Note:
    measured = measure_loudness(task.path, task.kind, bench.ffmpeg, channels=task.tags.channels)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        del session, now
        audio.loudness_lufs, audio.mono_loudness_lufs = measured.integrated_lufs, measured.mono_lufs
        return ()

    return note


def _normal(bench: Bench, task: _Task) -> Note:
    """Let apps have the upload itself where they can play it, else an MP3."""
    source = _source(bench, task)
    if is_served_as_it_is(source):
        return _adopt(task)
    return _encode(bench, task, source, NORMAL, normal_recipe(source))


def _light(bench: Bench, task: _Task) -> Note | None:
    source = _source(bench, task)
    return _encode(bench, task, source, names.LIGHT, LIGHT) if is_worth_making(LIGHT, source) else None


def _light_opus(bench: Bench, task: _Task) -> Note | None:
    source = _source(bench, task)
    if not is_worth_making(LIGHT_OPUS, source):
        return None
    return _encode(bench, task, source, names.LIGHT_OPUS, LIGHT_OPUS)


STEPS_TOGETHER: tuple[tuple[Step, ...], ...] = (
    (Step("tags", _tags, essential=True),),
    (Step("decode", _decode, essential=True), Step("loudness", _loudness), Step("cover", _cover)),
    # The longest first, so that the short ones fill the other core.
    (Step(NORMAL, _normal), Step(names.LIGHT_OPUS, _light_opus), Step(names.LIGHT, _light)),
)


def _source(bench: Bench, task: _Task) -> Source:
    with bench.database.reading() as session:
        audio = session.get_one(Audio, task.audio_id)
    return Source(
        path=task.path,
        kind=task.kind,
        codec=task.tags.codec,
        size_bytes=task.size_bytes,
        duration_ms=audio.duration_ms or 0,
        channels=audio.channels,
        sample_rate_hz=audio.sample_rate_hz,
    )


def _adopt(task: _Task) -> Note:
    """Serve the upload as it is, byte for byte."""

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        return put_rendition(
            session,
            audio,
            Rendition(
                id=new_id(),
                audio_id=audio.id,
                name=NORMAL,
                mime=task.kind.mime,
                extension=task.kind.extension,
                storage_key=task.key,
                size_bytes=task.size_bytes,
                bitrate_bps=audio.bitrate_bps,
                channels=audio.channels,
                created_at=now,
            ),
            now,
        )

    return note


def _encode(bench: Bench, task: _Task, source: Source, name: str, recipe: Recipe) -> Note:
    """Encode a rendition, write the episode's tags into it and put it away."""
    with bench.database.reading() as session:
        audio = session.get_one(Audio, task.audio_id)
        target_lufs = _target(session, audio)
    raise_db = None
    if target_lufs is not None and (audio.loudness_lufs is not None or audio.mono_loudness_lufs is not None):
        raise_db = gain_for(
            recipe,
            stereo_target_lufs=target_lufs,
            mono_target_lufs=target_lufs - MONO_BELOW_STEREO_LU,
            own=audio.loudness_lufs,
            mono=audio.mono_loudness_lufs,
        )
    with _filling(bench.storage, recipe.kind.extension) as temporary:
        make_rendition(source, recipe, temporary, bench.ffmpeg, raise_db=raise_db)
        sheet = load_sheet(bench.database, bench.storage, bench.links, task.audio_id, name)
        write_tags(temporary, recipe.kind, sheet)
        made = Rendition(
            id=new_id(),
            audio_id=task.audio_id,
            name=name,
            mime=recipe.kind.mime,
            extension=recipe.kind.extension,
            storage_key=new_key("audio", recipe.kind.extension),
            size_bytes=temporary.stat().st_size,
            bitrate_bps=recipe.bitrate_bps,
            channels=recipe.channels,
            sha256=_sha256(temporary),
            loudness_target_lufs=_reached(recipe, target_lufs) if raise_db is not None else None,
            tags_hash=sheet_hash(sheet),
        )
        bench.storage.put(temporary, made.storage_key)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        made.created_at = now
        return put_rendition(session, audio, made, now)

    return note


def _reached(recipe: Recipe, target_lufs: float | None) -> float | None:
    if target_lufs is None:
        return None
    return target_lufs - MONO_BELOW_STEREO_LU if recipe.channels == 1 else target_lufs


@contextmanager
def _filling(storage: Storage, extension: str) -> Iterator[Path]:
    """Make a file to fill, and leave none behind that was not put away."""
    temporary = storage.new_temporary(f".{extension}")
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _target(session: Session, audio: Audio) -> float | None:
    """Find the loudness that its show wants, in stereo; None where the show leaves loudness alone."""
    query = (
        select(Show)
        .join(Episode, Episode.show_id == Show.id)
        .where(Episode.audio_id == audio.id)
        .order_by(Episode.created_at, Episode.id)
        .limit(1)
    )
    show = session.scalar(query)
    if show is None:
        return LOUDNESS_LUFS
    return show.loudness_lufs if show.loudness_on else None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _end(bench: Bench, task: _Task) -> None:
    """Make the audio ready: every step has ended, some perhaps without success."""
    now = bench.clock.now()
    gone: Sequence[str] = ()
    with bench.database.writing() as session:
        audio = session.get_one(Audio, task.audio_id)
        made = session.scalar(
            select(Rendition.id).where(Rendition.audio_id == audio.id, Rendition.name == NORMAL)
        )
        if made is None:
            # Its encoding failed; what was uploaded can still be heard in most places.
            gone = _adopt(task)(session, audio, now)
        audio.status, audio.error_code, audio.error_facts, audio.updated_at = READY, None, {}, now
        jobs.finish(session, now, task.job_id)
        bench.when_ready(session, now, session.get_one(Job, task.job_id).facts, audio)
        action = "audio.remade" if task.ready else "audio.ready"
        record(session, SYSTEM, now, action, ("audio", audio.id), {"duration_ms": audio.duration_ms})
        session.commit()
    for key in gone:
        bench.storage.delete(key)


def _finish_job(bench: Bench, job_id: str) -> None:
    with bench.database.writing() as session:
        jobs.finish(session, bench.clock.now(), job_id)
        session.commit()


def _bitrate(size_bytes: int, duration_ms: int) -> int | None:
    return size_bytes * 8000 // duration_ms if duration_ms else None
