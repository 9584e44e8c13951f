# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processing: tags, length, waveform and cover of real files; every failure has its sentence and leaves no file."""

import shutil
from pathlib import Path

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import UnusableMediaError
from podcasts.models import Artwork, Audio, Chapter, Episode, Job, JobStep, Rendition
from podcasts.services import jobs, processing, publishing
from podcasts.services.actors import SYSTEM
from podcasts.services.artworks import files_of
from podcasts.services.multipart import Received
from podcasts.services.processing import Bench
from podcasts.services.uploads import INGEST, store_upload
from tests.factories import MORNING, make_show

SOUNDS = {
    "mp3-id3v24-accents.mp3": "mp3",
    "m4a-itunes-tags.m4a": "m4a",
    "vorbis.ogg": "vorbis",
    "opus-with-chapters.opus": "opus",
    "flac.flac": "flac",
    "wav.wav": "wav",
    "mp3-named-wav.wav": "mp3",
}


def bench_of(griot: Griot) -> Bench:
    """Lay out what processing takes."""
    return Bench(griot.database, griot.storage, griot.ffmpeg, griot.clock, griot.links)


def upload(griot: Griot, source: Path) -> str:
    """Store a file as an upload; its audio's id."""
    temporary = griot.storage.new_temporary()
    shutil.copyfile(source, temporary)
    received = Received(temporary, source.name, source.stat().st_size, source.name, {})
    stored = store_upload(griot.database, griot.storage, lambda: None, SYSTEM, MORNING, received=received)
    return stored.audio_id


def claim(griot: Griot) -> Job:
    """Take the job that is due."""
    with griot.database.writing() as session:
        job = jobs.claim_next(session, MORNING, (INGEST,))
    assert job is not None
    return job


def ingest(griot: Griot, source: Path) -> Audio:
    """Upload and process a file; its audio afterwards."""
    audio_id = upload(griot, source)
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    return audio_of(griot, audio_id)


def audio_of(griot: Griot, audio_id: str) -> Audio:
    """Load an audio."""
    with griot.database.reading() as session:
        return session.get_one(Audio, audio_id)


def steps_of(griot: Griot) -> dict[str, tuple[str, str | None]]:
    """Tell how every step ended."""
    with griot.database.reading() as session:
        return {step.name: (step.status, step.error_code) for step in session.query(JobStep)}


@pytest.mark.parametrize(("name", "kind"), SOUNDS.items())
def test_every_kind_of_audio_becomes_ready(griot: Griot, data: Path, name: str, kind: str) -> None:
    audio = ingest(griot, data / "audio" / name)
    assert (audio.status, audio.kind, audio.error_code) == ("ready", kind, None)
    assert audio.duration_ms is not None
    assert audio.duration_ms > 0
    assert (len(audio.peaks or []), len(audio.cover_bars or [])) == (400, 11)
    with griot.database.reading() as session:
        made = {one.name: one for one in session.query(Rendition)}
        job = session.query(Job).one()
    served_as_it_is = kind in {"mp3", "m4a"}
    assert (made["normal"].storage_key == audio.storage_key) is served_as_it_is
    assert made["normal"].mime == (audio.mime if served_as_it_is else "audio/mpeg")
    assert {(one.mime, one.channels) for name, one in made.items() if name != "normal"} <= {
        ("audio/mpeg", 1),
        ("audio/ogg", 1),
    }
    assert all(one.size_bytes == griot.storage.size(one.storage_key) for one in made.values())
    assert all((one.bitrate_bps or 0) > 0 for one in made.values())
    assert (job.status, job.done, job.total) == ("done", 7, 7)
    assert {status for status, _ in steps_of(griot).values()} <= {"done", "skipped"}
    assert audio.loudness_lufs is None or -60 < audio.loudness_lufs < 0
    assert griot.storage.size(audio.dense_peaks_key or "") > 0


def test_the_length_is_heard_and_not_believed(griot: Griot, data: Path) -> None:
    audio = ingest(griot, data / "audio" / "flac-header-says-600s.flac")
    assert audio.duration_ms is not None
    assert audio.duration_ms < 60_000


@pytest.mark.parametrize(
    "name", ["truncated.m4a", "video-only.mp4", "wav-no-samples.wav", "id3-then-text.mp3"]
)
def test_what_cannot_be_heard_has_failed_with_a_reason_and_no_file(
    griot: Griot, data: Path, name: str
) -> None:
    try:
        audio = ingest(griot, data / "audio" / name)
    except UnusableMediaError:
        pass
    else:
        assert audio.status == "failed"
        assert audio.error_code in {"broken-audio", "no-sound-in-file"}
        assert audio.storage_key is None
        assert "detail" not in audio.error_facts
    assert list(griot.storage.keys()) == []


def test_a_cover_that_cannot_be_used_is_a_failed_step_and_no_more(griot: Griot, data: Path) -> None:
    audio = ingest(griot, data / "audio" / "cover-no-image.mp3")
    assert (audio.status, audio.artwork_id) == ("ready", None)
    assert steps_of(griot)["cover"] == ("failed", "not-an-image")


def test_a_file_that_is_gone_is_said(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "mp3-no-tags.mp3")
    griot.storage.delete(audio_of(griot, audio_id).storage_key or "")
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    audio = audio_of(griot, audio_id)
    assert (audio.status, audio.error_code) == ("failed", "file-lost")


def test_processing_twice_leaves_one_rendition_and_one_cover(griot: Griot, data: Path) -> None:
    source = data / "audio" / "m4a-itunes-tags.m4a"
    audio_id = upload(griot, source)
    job = claim(griot)
    bench = bench_of(griot)
    processing.ingest(bench, job.id, audio_id)
    with griot.database.writing() as session:
        # As if the worker had been killed before the last step was written down.
        session.get_one(Audio, audio_id).status = "processing"
        session.commit()
    processing.ingest(bench, job.id, audio_id)
    with griot.database.reading() as session:
        covers = session.query(Artwork).all()
        made = session.query(Rendition).all()
    audio = audio_of(griot, audio_id)
    named = {key for cover in covers for key in files_of(cover)} | {one.storage_key for one in made}
    assert len({one.name for one in made}) == len(made)
    assert len(covers) <= 1
    assert set(griot.storage.keys()) == named | {audio.storage_key, audio.dense_peaks_key}


def test_a_draft_made_before_its_audio_was_read_gets_the_tags(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "mp3-id3v24-accents.mp3")
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
    with griot.database.writing() as session:
        draft = publishing.create_episode(
            session, SYSTEM, MORNING, show=show.id, given={"audio_id": audio_id}
        )
    with griot.database.writing() as session:
        given = {"audio_id": audio_id, "title": "Mine"}
        named = publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given=given)
    assert draft.title == "mp3-id3v24-accents"
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.reading() as session:
        filled, kept = session.get_one(Episode, draft.id), session.get_one(Episode, named.id)
    assert filled.title == audio_of(griot, audio_id).title
    assert filled.slug != "mp3-id3v24-accents"
    assert kept.title == "Mine"


def test_chapters_in_the_file_become_the_drafts_own(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "mp3-with-chapters.mp3")
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
    with griot.database.writing() as session:
        draft = publishing.create_episode(
            session, SYSTEM, MORNING, show=show.id, given={"audio_id": audio_id}
        )
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.reading() as session:
        found = [chapter.start_ms for chapter in session.query(Chapter).filter_by(episode_id=draft.id)]
    assert len(found) == len(audio_of(griot, audio_id).tag_chapters) > 0
