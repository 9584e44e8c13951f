# SPDX-License-Identifier: AGPL-3.0-or-later
"""The steps of processing: what each reads, hears, measures or encodes, and how it notes what it found.

A step works outside of every transaction. What it gives back is run in the transaction that ends the step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.decoding import decode
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
from podcasts.audio.sniff import AudioKind
from podcasts.audio.tag_writing import sheet_hash, write_tags
from podcasts.audio.tags import Tags, require_rate
from podcasts.db import new_id
from podcasts.errors import DiskFullError
from podcasts.models import Artwork, Audio, Episode, Rendition, Show
from podcasts.models import audio as names
from podcasts.models.audio import NORMAL
from podcasts.models.show import LOUDNESS_LUFS
from podcasts.services.artworks import files_of, store_artwork
from podcasts.services.bench import Bench
from podcasts.services.filling import filling, put_away
from podcasts.services.publishing import fill_from_tags
from podcasts.services.renditions import put_rendition
from podcasts.services.tagging import load_sheet
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key


@dataclass(frozen=True)
class Task:
    """One audio that is being processed, apart from any session.

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

Work = Callable[[Bench, Task], Note | None]
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


def adopt(task: Task) -> Note:
    """Note that the upload is served as it is, byte for byte, as the rendition "normal"."""

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


def _tags(bench: Bench, task: Task) -> Note:
    """Take over what the file says about itself; drafts that wait for it are filled at once."""
    tags = task.tags
    require_rate(tags)
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


def _cover(bench: Bench, task: Task) -> Note | None:
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


def _decode(bench: Bench, task: Task) -> Note:
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


def _loudness(bench: Bench, task: Task) -> Note:
    measured = measure_loudness(task.path, task.kind, bench.ffmpeg, channels=task.tags.channels)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        del session, now
        audio.loudness_lufs, audio.mono_loudness_lufs = measured.integrated_lufs, measured.mono_lufs
        return ()

    return note


def _normal(bench: Bench, task: Task) -> Note:
    """Let apps have the upload itself where they can play it, else an MP3."""
    source = _source(bench, task)
    if is_served_as_it_is(source):
        return adopt(task)
    return _encode(bench, task, source, NORMAL, normal_recipe(source))


def _light(bench: Bench, task: Task) -> Note | None:
    source = _source(bench, task)
    return _encode(bench, task, source, names.LIGHT, LIGHT) if is_worth_making(LIGHT, source) else None


def _light_opus(bench: Bench, task: Task) -> Note | None:
    source = _source(bench, task)
    if not is_worth_making(LIGHT_OPUS, source):
        return None
    return _encode(bench, task, source, names.LIGHT_OPUS, LIGHT_OPUS)


def _source(bench: Bench, task: Task) -> Source:
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


def _encode(bench: Bench, task: Task, source: Source, name: str, recipe: Recipe) -> Note:
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
    with filling(bench.storage, recipe.kind.extension) as temporary:
        make_rendition(source, recipe, temporary, bench.ffmpeg, raise_db=raise_db)
        sheet = load_sheet(bench.database, bench.storage, bench.links, task.audio_id, name)
        write_tags(temporary, recipe.kind, sheet)
        file = put_away(bench.storage, temporary, recipe.kind.extension)

    def note(session: Session, audio: Audio, now: datetime) -> Sequence[str]:
        made = Rendition(
            id=new_id(),
            audio_id=audio.id,
            name=name,
            mime=recipe.kind.mime,
            extension=recipe.kind.extension,
            storage_key=file.key,
            size_bytes=file.size_bytes,
            bitrate_bps=recipe.bitrate_bps,
            channels=recipe.channels,
            sha256=file.sha256,
            loudness_target_lufs=_reached(recipe, target_lufs) if raise_db is not None else None,
            tags_hash=sheet_hash(sheet),
            created_at=now,
        )
        return put_rendition(session, audio, made, now)

    return note


def _reached(recipe: Recipe, target_lufs: float | None) -> float | None:
    if target_lufs is None:
        return None
    return target_lufs - MONO_BELOW_STEREO_LU if recipe.channels == 1 else target_lufs


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


def _bitrate(size_bytes: int, duration_ms: int) -> int | None:
    return size_bytes * 8000 // duration_ms if duration_ms else None


STEPS_TOGETHER: tuple[tuple[Step, ...], ...] = (
    (Step("tags", _tags, essential=True),),
    (Step("decode", _decode, essential=True), Step("loudness", _loudness), Step("cover", _cover)),
    # The longest first, so that the short ones fill the other core.
    (Step(NORMAL, _normal), Step(names.LIGHT_OPUS, _light_opus), Step(names.LIGHT, _light)),
)
"""Every step, in groups that wait for each other."""
