# SPDX-License-Identifier: AGPL-3.0-or-later
"""Processing: tags, length, waveform and cover of real files; every failure has its sentence and leaves no file."""

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from podcasts.audio.ffmpeg import StoppedError
from podcasts.audio.loudness import measure_loudness
from podcasts.audio.renditions import LIGHT, Recipe, Source, make_rendition
from podcasts.audio.sniff import KINDS, sniff
from podcasts.audio.tags import read_tags
from podcasts.bootstrap import Griot
from podcasts.errors import DiskFullError, UnusableMediaError
from podcasts.models import Artwork, Audio, Chapter, Episode, Job, JobStep, MediaKey, Rendition
from podcasts.services import jobs, processing, publishing, releasing, remaking, steps, tagging
from podcasts.services.actors import SYSTEM
from podcasts.services.artworks import files_of, store_artwork
from podcasts.services.bench import Bench
from podcasts.services.multipart import Received
from podcasts.services.uploads import INGEST, store_upload
from podcasts.storage.keys import new_key
from tests.factories import MORNING, make_show

SOUNDS = {
    "mp3-id3v24-accents.mp3": "mp3",
    "m4a-itunes-tags.m4a": "m4a",
    "vorbis.ogg": "vorbis",
    "opus-with-chapters.opus": "opus",
    "opus-in-mp4.m4a": "opus-mp4",
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
        ("audio/mp4", 1),
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


def test_what_has_been_done_is_not_done_again_after_a_crash(
    griot: Griot, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio_id = upload(griot, data / "audio" / "wav.wav")
    job = claim(griot)

    def die(*_: object, **__: object) -> None:
        raise StoppedError

    with monkeypatch.context() as patch:
        patch.setattr(steps, "make_rendition", die)
        with pytest.raises(StoppedError):
            processing.ingest(bench_of(griot), job.id, audio_id)
    states = steps_of(griot)
    assert {states[name][0] for name in ("tags", "decode", "loudness")} == {"done"}
    with griot.database.writing() as session:
        jobs.put_back(session, MORNING, job.id)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("this was done before")

    monkeypatch.setattr(steps, "decode", never)
    monkeypatch.setattr(steps, "measure_loudness", never)
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    assert audio_of(griot, audio_id).status == "ready"
    assert {status for status, _ in steps_of(griot).values()} <= {"done", "skipped"}


@pytest.mark.parametrize("name", ["normal", "light", "light-opus"])
def test_a_rendition_that_cannot_be_made_takes_nothing_else_with_it(
    griot: Griot, data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    make = make_rendition
    broken = {"normal": ("mp3", 2), "light": ("mp3", 1), "light-opus": ("opus-mp4", 1)}[name]

    def fail_one(source: Source, recipe: Recipe, *rest: Any, **more: Any) -> None:
        channels = 2 if recipe.sample_rate_hz != LIGHT.sample_rate_hz and recipe.kind.name == "mp3" else 1
        if (recipe.kind.name, channels) == broken:
            raise UnusableMediaError("encoding-failed", detail="as told")
        make(source, recipe, *rest, **more)

    monkeypatch.setattr(steps, "make_rendition", fail_one)
    audio = ingest(griot, data / "audio" / "wav.wav")
    assert audio.status == "ready"
    assert steps_of(griot)[name] == ("failed", "encoding-failed")
    assert [state for state, _ in steps_of(griot).values()].count("failed") == 1
    with griot.database.reading() as session:
        made = {one.name: one.storage_key for one in session.query(Rendition)}
    if name == "normal":
        # What was uploaded stands in.
        assert made["normal"] == audio.storage_key
    else:
        assert name not in made
    monkeypatch.setattr(steps, "make_rendition", make)
    with griot.database.writing() as session:
        remaking.remake(session, SYSTEM, MORNING, audio=audio.id)
    processing.ingest(bench_of(griot), claim(griot).id, audio.id)
    assert steps_of(griot)[name] == ("done", None)
    with griot.database.reading() as session:
        assert session.query(Rendition).filter_by(name=name).one().storage_key != audio.storage_key
        assert session.query(Job).one().status == "done"


def test_light_sound_of_before_stays_ogg_until_its_step_is_done_again(griot: Griot, data: Path) -> None:
    audio = ingest(griot, data / "audio" / "wav.wav")
    key = new_key("audio", "opus")
    temporary = griot.storage.new_temporary()
    shutil.copyfile(data / "audio" / "opus-with-chapters.opus", temporary)
    griot.storage.put(temporary, key)
    with griot.database.writing() as session:
        older = session.query(Rendition).filter_by(name="light-opus").one()
        older.mime, older.extension, older.storage_key, older.tags_hash = "audio/ogg", "opus", key, "before"
        show = make_show(session)
        session.commit()
        publishing.create_episode(
            session, SYSTEM, MORNING, show=show.id, given={"audio_id": audio.id, "title": "Le fleuve"}
        )
        episode = session.query(Episode).one().id
    tagging.settle_tags(griot.database, griot.storage, griot.links, MORNING, episode=episode)
    assert light_opus(griot) == ("audio/ogg", "opus", "opus", "Le fleuve")
    with griot.database.writing() as session:
        remaking.remake(session, SYSTEM, MORNING, audio=audio.id, step="light-opus")
    processing.ingest(bench_of(griot), claim(griot).id, audio.id)
    assert light_opus(griot) == ("audio/mp4", "m4a", "opus-mp4", "Le fleuve")
    # Once more from the beginning: the words of another day, in the same wrapping.
    with griot.database.writing() as session:
        publishing.edit_episode(session, SYSTEM, MORNING, episode=episode, given={"title": "La crue"})
    tagging.settle_tags(griot.database, griot.storage, griot.links, MORNING, episode=episode)
    assert light_opus(griot) == ("audio/mp4", "m4a", "opus-mp4", "La crue")


def light_opus(griot: Griot) -> tuple[str, str, str, str | None]:
    """Tell what the lightest version is: by its row, by its bytes, and by its title."""
    with griot.database.reading() as session:
        row = session.query(Rendition).filter_by(name="light-opus").one()
    path = griot.storage.local_path(row.storage_key)
    assert path is not None
    kind = sniff(path)
    return row.mime, row.extension, kind.name, read_tags(path, kind).title


def test_a_full_disk_fails_a_side_step_and_leaves_nothing_half_written(
    griot: Griot, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(steps, "make_rendition", full)
    audio = ingest(griot, data / "audio" / "flac.flac")
    states = steps_of(griot)
    assert audio.status == "ready"
    assert {states[name] for name in ("normal", "light", "light-opus")} == {("failed", "disk-full")}
    assert set(griot.storage.keys()) == {audio.storage_key, audio.dense_peaks_key}
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_a_failure_of_the_machine_keeps_the_file_for_another_try(
    griot: Griot, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, **__: object) -> None:
        raise UnusableMediaError("too-long-to-decode", limit_seconds=1)

    with monkeypatch.context() as patch:
        patch.setattr(steps, "decode", slow)
        audio = ingest(griot, data / "audio" / "mp3-no-tags.mp3")
    assert (audio.status, audio.error_code) == ("failed", "too-long-to-decode")
    assert griot.storage.exists(audio.storage_key or "")
    with griot.database.writing() as session:
        remaking.remake(session, SYSTEM, MORNING, audio=audio.id, step=None)
    assert audio_of(griot, audio.id).status == "processing"
    processing.ingest(bench_of(griot), claim(griot).id, audio.id)
    assert audio_of(griot, audio.id).status == "ready"


@pytest.mark.parametrize(
    ("on", "target", "stored"), [(True, -16.0, -19.0), (True, -20.0, -23.0), (False, -16.0, None)]
)
def test_loudness_is_brought_to_what_the_show_wants(
    griot: Griot, data: Path, *, on: bool, target: float, stored: float | None
) -> None:
    audio_id = upload(griot, data / "audio" / "wav.wav")
    with griot.database.writing() as session:
        show = make_show(session, loudness_on=on, loudness_lufs=target)
        session.commit()
    with griot.database.writing() as session:
        publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given={"audio_id": audio_id})
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.reading() as session:
        light = session.query(Rendition).filter_by(name="light").one()
    assert light.loudness_target_lufs == stored
    if stored is None:
        return
    path = griot.storage.local_path(light.storage_key)
    assert path is not None
    heard = measure_loudness(path, KINDS["mp3"], griot.ffmpeg, channels=1)
    assert heard.integrated_lufs == pytest.approx(stored, abs=1.5)


def test_renditions_carry_the_episode_s_words_cover_and_address(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "wav.wav")
    artwork = store_artwork(griot.storage, MORNING, (data / "images" / "cover.jpg").read_bytes())
    with griot.database.writing() as session:
        session.add(artwork)
        session.flush()
        show = make_show(session, slug="matins", artwork_id=artwork.id)
        session.commit()
    with griot.database.writing() as session:
        given = {"audio_id": audio_id, "title": "L'été à قصّة"}
        made = publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given=given)
    upload_path = griot.storage.local_path(audio_of(griot, audio_id).storage_key or "")
    assert upload_path is not None
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.writing() as session:
        publishing.edit_episode(session, SYSTEM, MORNING, episode=made.id, given={"title": "Un autre titre"})
    parts = griot.database, griot.storage, griot.links
    releasing.release(*parts, SYSTEM, MORNING, episode=made.id)
    with griot.database.reading() as session:
        renditions = {one.name: one for one in session.query(Rendition)}
        keys = {one.rendition: one.key for one in session.query(MediaKey)}
    for name in ("normal", "light", "light-opus"):
        one = renditions[name]
        path = griot.storage.local_path(one.storage_key)
        assert path is not None
        kind = KINDS["opus-mp4" if name == "light-opus" else "mp3"]
        tags = read_tags(path, kind)
        assert tags.title == "Un autre titre"
        assert tags.cover is not None
        assert griot.links.episode("matins", made.slug).encode() in path.read_bytes()
        assert (one.size_bytes, one.sha256) == (
            path.stat().st_size,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
    assert upload_path.read_bytes() == (data / "audio" / "wav.wav").read_bytes()
    # Once it is out, another title changes no file any more.
    with griot.database.writing() as session:
        publishing.edit_episode(session, SYSTEM, MORNING, episode=made.id, given={"title": "Trop tard"})
    tagging.settle_tags(*parts, MORNING + timedelta(minutes=1), episode=made.id)
    with griot.database.reading() as session:
        assert {one.name: one.storage_key for one in session.query(Rendition)} == {
            name: one.storage_key for name, one in renditions.items()
        }
        assert {one.rendition: one.key for one in session.query(MediaKey)} == keys
