# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work whose job is gone gets another one, and nothing else does."""

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError
from podcasts.models import Audio, Clip, Job, JobStep
from podcasts.services import clips, processing
from podcasts.services.actors import SYSTEM
from podcasts.services.remaking import remake, restore_jobs
from tests.factories import MORNING, make_audio, make_episode, make_show
from tests.services.test_processing import audio_of, bench_of, claim, upload


def forget_jobs(griot: Griot) -> None:
    """Empty the table, as somebody did who meant to empty a queue."""
    with griot.database.writing() as session:
        session.execute(delete(JobStep))
        session.execute(delete(Job))
        session.commit()


def restored(griot: Griot) -> int:
    """Restore what is lost; how many jobs that made."""
    with griot.database.writing() as session:
        return restore_jobs(session, MORNING)


def test_an_upload_without_its_job_becomes_ready_all_the_same(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "mp3-no-tags.mp3")
    assert restored(griot) == 0
    forget_jobs(griot)
    assert (restored(griot), restored(griot)) == (1, 0)
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    assert audio_of(griot, audio_id).status == "ready"
    forget_jobs(griot)
    assert restored(griot) == 0


def test_a_clip_without_its_job_is_made_all_the_same(griot: Griot) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, duration_ms=60_000)
        episode = make_episode(session, make_show(session), audio=audio)
        session.commit()
        given = {"start_seconds": 0, "duration_seconds": 20}
        clip = clips.add_clip(session, SYSTEM, MORNING, episode=episode.id, given=given)
    forget_jobs(griot)
    assert (restored(griot), restored(griot)) == (1, 0)
    with griot.database.writing() as session:
        job = session.scalars(select(Job)).one()
        assert (job.kind, job.subject_id) == (clips.CLIP, clip.id)
        session.get_one(Clip, clip.id).error_code = "broken-audio"
        session.commit()
    forget_jobs(griot)
    assert restored(griot) == 0


def test_what_listeners_have_the_address_of_is_not_made_anew(griot: Griot, data: Path) -> None:
    audio_id = upload(griot, data / "audio" / "wav.wav")
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.writing() as session:
        remake(session, SYSTEM, MORNING, audio=audio_id, step="normal")
    processing.ingest(bench_of(griot), claim(griot).id, audio_id)
    with griot.database.writing() as session:
        make_episode(session, make_show(session), audio=session.get_one(Audio, audio_id))
        session.commit()
    with griot.database.writing() as session, pytest.raises(ConflictError, match="nothing-to-remake"):
        remake(session, SYSTEM, MORNING, audio=audio_id, step="normal")
