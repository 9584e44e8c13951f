# SPDX-License-Identifier: AGPL-3.0-or-later
"""Clips: asked for, made by the worker, heard under an address of their own as long as their episode is public."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podcasts.audio.sniff import KINDS
from podcasts.audio.tags import read_tags
from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, InvalidError, NotFoundError
from podcasts.models import Clip, Episode
from podcasts.services import clips, jobs, publishing
from podcasts.services.actors import SYSTEM
from podcasts.services.clips import CLIP
from tests.audio.test_loudness import tone
from tests.factories import MORNING
from tests.services.test_deriving import published
from tests.services.test_processing import bench_of

WISH: Mapping[str, Any] = {"title": "Le fleuve", "start_seconds": 2, "duration_seconds": 15}


@pytest.fixture
def episode(griot: Griot, tmp_path: Path) -> Episode:
    """Publish an episode of 20 seconds."""
    return published(griot, tone(tmp_path / "tone.wav", dbfs=-12, seconds=20))


def add(griot: Griot, episode: Episode, **changes: Any) -> Clip:
    with griot.database.writing() as session:
        return clips.add_clip(session, SYSTEM, MORNING, episode=episode.id, given={**WISH, **changes})


def make(griot: Griot) -> None:
    """Let the worker make the clip that is due."""
    with griot.database.writing() as session:
        job = jobs.claim_next(session, MORNING, (CLIP,))
    assert job is not None
    clips.make(bench_of(griot), job)


def found(griot: Griot, clip_id: str) -> Clip:
    with griot.database.reading() as session:
        return session.get_one(Clip, clip_id)


def test_a_clip_becomes_a_file_with_its_words_and_is_public_with_its_episode(
    griot: Griot, episode: Episode
) -> None:
    clip = add(griot, episode)
    with griot.database.reading() as session, pytest.raises(NotFoundError):
        clips.clip_sound(session, clip.public_key, MORNING)
    make(griot)
    clip = found(griot, clip.id)
    path = griot.storage.local_path(clip.storage_key or "")
    assert path is not None
    assert read_tags(path, KINDS["mp3"]).title == "Le fleuve"
    assert clip.size_bytes == path.stat().st_size
    with griot.database.reading() as session:
        sound = clips.clip_sound(session, clip.public_key, MORNING)
        assert clips.made_clips(session, episode.show_id)[episode.id][0].id == clip.id
    assert (sound.sha256, sound.rendition.name) == (clip.sha256, "clip")
    with griot.database.writing() as session:
        publishing.withdraw(session, SYSTEM, MORNING, episode=episode.id)
    with griot.database.reading() as session, pytest.raises(NotFoundError):
        clips.clip_sound(session, clip.public_key, MORNING)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"duration_seconds": 14.9}, "out-of-range"),
        ({"duration_seconds": 121}, "out-of-range"),
        ({"start_seconds": -1}, "out-of-range"),
        ({"start_seconds": 10}, "clip-beyond-end"),
        ({"start_seconds": float("nan")}, "out-of-range"),
        ({"start_seconds": True}, "out-of-range"),
        ({"start_seconds": None}, "required"),
        ({"fade_in_seconds": 6}, "out-of-range"),
        ({"title": "x" * 129}, "too-long"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_by_its_field(
    griot: Griot, episode: Episode, changes: Mapping[str, Any], code: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        add(griot, episode, **changes)
    assert caught.value.problems[0].code == code


def test_so_many_clips_and_no_more(griot: Griot, episode: Episode, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "CLIPS_AT_MOST", 1)
    add(griot, episode)
    with pytest.raises(ConflictError) as caught:
        add(griot, episode)
    assert caught.value.code == "too-many"


def test_a_clip_that_cannot_be_made_says_why(griot: Griot, episode: Episode) -> None:
    clip = add(griot, episode)
    with griot.database.writing() as session:
        # As if the sound had been cut in between.
        session.get_one(Clip, clip.id).start_ms = 19_000
        session.commit()
    make(griot)
    row = found(griot, clip.id)
    assert (row.storage_key, row.error_code) == (None, "clip-beyond-end")
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_a_clip_that_was_taken_away_meanwhile_leaves_no_file(griot: Griot, episode: Episode) -> None:
    before = set(griot.storage.keys())
    clip = add(griot, episode)
    with griot.database.writing() as session:
        clips.remove_clip(session, SYSTEM, MORNING, episode=episode.id, clip=clip.id)
    make(griot)
    assert set(griot.storage.keys()) == before
