# SPDX-License-Identifier: AGPL-3.0-or-later
"""Deriving: sound is cut or cleaned into other audio; the episode changes over when it is ready, and not before."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mutagen.id3 import ID3, PRIV

from podcasts.audio.transcripts import parse_transcript
from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError, NotFoundError
from podcasts.models import Audio, Chapter, Episode, Job, MediaKey
from podcasts.services import deriving, jobs, processing, publishing
from podcasts.services.actors import SYSTEM
from podcasts.services.deriving import DERIVE, change_over
from podcasts.services.queries import GRACE, find_sound
from podcasts.services.transcripts import put_transcript, transcripts_of
from podcasts.services.uploads import INGEST
from tests.factories import MORNING, actor_of, make_show, make_user
from tests.services.test_processing import audio_of, bench_of, claim, ingest, upload


def published(griot: Griot, source: Path, **given: Any) -> Episode:
    """Publish an episode with this sound."""
    audio = ingest(griot, source)
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
    with griot.database.writing() as session:
        given = {"audio_id": audio.id, "title": "One", **given}
        made = publishing.create_episode(session, SYSTEM, MORNING, show=show.id, given=given)
    with griot.database.writing() as session:
        return publishing.publish(session, SYSTEM, MORNING, episode=made.id)


def work(griot: Griot) -> None:
    """Do what was asked for, and the processing that follows."""
    bench = replace(bench_of(griot), when_ready=change_over)
    with griot.database.writing() as session:
        job = jobs.claim_next(session, MORNING, (DERIVE,))
    assert job is not None
    deriving.derive(bench, job)
    following = claim(griot)
    processing.ingest(bench, following.id, following.subject_id)


def keys_of(griot: Griot, episode_id: str) -> Mapping[str, str]:
    """Name the public key of each audio that an episode has had."""
    with griot.database.reading() as session:
        found = session.query(MediaKey).filter_by(episode_id=episode_id, rendition="normal")
        return {one.audio_id: one.key for one in found}


def bytes_of(griot: Griot, audio: Audio) -> bytes:
    path = griot.storage.local_path(audio.storage_key or "")
    assert path is not None
    return path.read_bytes()


def episode_of(griot: Griot, episode_id: str) -> Episode:
    with griot.database.reading() as session:
        return session.get_one(Episode, episode_id)


def test_a_trimmed_episode_keeps_its_guid_and_gets_another_address(griot: Griot, data: Path) -> None:
    chapters = [
        {"start_seconds": 0, "title": "Before"},
        {"start_seconds": 1.2, "title": "In the middle"},
        {"start_seconds": 2.9, "title": "After"},
    ]
    episode = published(griot, data / "audio" / "mp3-id3v24-accents.mp3", chapters=chapters)
    before = audio_of(griot, episode.audio_id or "")
    length_ms = before.duration_ms or 0
    with griot.database.writing() as session:
        deriving.ask_trim(session, SYSTEM, MORNING, episode=episode.id, start_ms=1000, end_ms=length_ms - 200)
    assert episode_of(griot, episode.id).audio_id == before.id
    work(griot)
    row = episode_of(griot, episode.id)
    after = audio_of(griot, row.audio_id or "")
    assert row.guid == episode.guid
    assert (after.made_from_id, after.made_how, after.title) == (before.id, "trim", before.title)
    assert after.duration_ms == pytest.approx(length_ms - 1200, abs=60)
    keys = keys_of(griot, episode.id)
    assert keys[after.id] != keys[before.id]
    with griot.database.reading() as session:
        assert find_sound(session, keys[after.id], MORNING).rendition.audio_id == after.id
        # Whoever has just read the old address in a feed still gets the old sound, for a while.
        assert find_sound(session, keys[before.id], MORNING).rendition.audio_id == before.id
        with pytest.raises(NotFoundError):
            find_sound(session, keys[before.id], MORNING + GRACE)
        found = session.query(Chapter).filter_by(episode_id=episode.id).order_by(Chapter.start_ms)
        moved = [(chapter.start_ms, chapter.title) for chapter in found]
    assert moved[:2] == [(0, "Before"), (200, "In the middle")]


def test_what_was_said_in_a_tail_that_is_cut_off_goes_with_it(griot: Griot, data: Path) -> None:
    chapters = [{"start_seconds": 0, "title": "Before"}, {"start_seconds": 2.5, "title": "After"}]
    episode = published(griot, data / "audio" / "mp3-id3v24-accents.mp3", chapters=chapters)
    words = b"WEBVTT\n\n00:00.500 --> 00:02.900\nbefore\n\n00:02.500 --> 00:02.900\nafter\n"
    with griot.database.writing() as session:
        parsed = parse_transcript(words)
        put_transcript(session, SYSTEM, MORNING, episode=episode.id, parsed=parsed, source="")
    with griot.database.writing() as session:
        deriving.ask_trim(session, SYSTEM, MORNING, episode=episode.id, start_ms=0, end_ms=2000)
    work(griot)
    length_ms = audio_of(griot, episode_of(griot, episode.id).audio_id or "").duration_ms
    with griot.database.reading() as session:
        titles = [one.title for one in session.query(Chapter).filter_by(episode_id=episode.id)]
        (transcript,) = transcripts_of(session, episode.id)
    assert titles == ["Before"]
    assert [(one["body"], one["end_ms"]) for one in transcript.segments] == [("before", length_ms)]


def test_a_cleaned_file_loses_what_is_private_and_nothing_else(
    griot: Griot, data: Path, tmp_path: Path
) -> None:
    source = tmp_path / "private.mp3"
    source.write_bytes((data / "audio" / "mp3-id3v24-accents.mp3").read_bytes())
    tag = ID3(source)
    tag.add(PRIV(owner="shop", data=b"account 4711"))
    tag.save(source)
    episode = published(griot, source)
    before = audio_of(griot, episode.audio_id or "")
    assert before.private_tags == ["private-frames"]
    with griot.database.writing() as session:
        deriving.ask_strip(session, SYSTEM, MORNING, episode=episode.id)
    work(griot)
    after = audio_of(griot, episode_of(griot, episode.id).audio_id or "")
    assert after.private_tags == []
    assert (after.title, after.artist, after.duration_ms) == (before.title, before.artist, before.duration_ms)
    assert b"4711" not in bytes_of(griot, after)
    assert b"4711" in bytes_of(griot, before)
    with griot.database.writing() as session, pytest.raises(ConflictError) as caught:
        deriving.ask_strip(session, SYSTEM, MORNING, episode=episode.id)
    assert caught.value.code == "nothing-private"


def test_an_episode_that_got_other_sound_meanwhile_is_left_alone(griot: Griot, data: Path) -> None:
    episode = published(griot, data / "audio" / "mp3-no-tags.mp3")
    with griot.database.writing() as session:
        deriving.ask_trim(session, SYSTEM, MORNING, episode=episode.id, start_ms=500, end_ms=2_000)
    other = upload(griot, data / "audio" / "vorbis.ogg")
    with griot.database.writing() as session:
        job = jobs.claim_next(session, MORNING, (INGEST,))
    assert job is not None
    processing.ingest(bench_of(griot), job.id, other)
    with griot.database.writing() as session:
        publishing.edit_episode(session, SYSTEM, MORNING, episode=episode.id, given={"audio_id": other})
    work(griot)
    assert episode_of(griot, episode.id).audio_id == other


@pytest.mark.parametrize(
    ("start_ms", "end_ms"), [(-1, 2000), (0, 500), (2000, 1000), (0, 10**9), (10**9, 10**9 + 5)]
)
def test_a_cut_that_leaves_nothing_is_refused(griot: Griot, data: Path, start_ms: int, end_ms: int) -> None:
    episode = published(griot, data / "audio" / "mp3-no-tags.mp3")
    with griot.database.writing() as session, pytest.raises(InvalidError) as caught:
        deriving.ask_trim(session, SYSTEM, MORNING, episode=episode.id, start_ms=start_ms, end_ms=end_ms)
    assert caught.value.problems[0].code == "out-of-range"
    with griot.database.reading() as session:
        assert session.query(Job).filter_by(kind=DERIVE).count() == 0


def test_nobody_cuts_what_is_not_theirs(griot: Griot, data: Path) -> None:
    episode = published(griot, data / "audio" / "mp3-no-tags.mp3")
    with griot.database.writing() as session:
        stranger = actor_of(make_user(session))
        session.commit()
    with griot.database.writing() as session, pytest.raises(NotFoundError):
        deriving.ask_trim(session, stranger, MORNING, episode=episode.id, start_ms=0, end_ms=2000)
    with griot.database.reading() as session:
        assert session.query(Audio).count() == 1
