# SPDX-License-Identifier: AGPL-3.0-or-later
"""A power cut in the middle of an ingest: after a restart the episode becomes ready, and nothing is lost."""

import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.serving import PATIENCE_SECONDS, Served, ask, served
from tests.test_end_to_end_api import call, until_read, upload

ROUNDS = 6


def long_sound(data: Path, times: int) -> bytes:
    """Make an MP3 that takes a while to decode: frames follow upon frames."""
    return (data / "audio" / "mp3-no-tags.mp3").read_bytes() * times


def test_an_ingest_survives_kill_9_of_everything(tmp_path: Path, data: Path) -> None:
    with served(tmp_path) as griot:
        token = griot.make_token()
        api = f"{griot.url}/api/v1"
        show = call(api, "POST", "/shows", token, {"title": "Matins", "language": "fr"}, 201)
        audio = upload(griot, token, long_sound(data, 1_500))
        drafted = {"audio_id": audio["id"], "title": "Une heure"}
        episode = call(api, "POST", f"/shows/{show['id']}/episodes", token, drafted, 201)
        assert ask("POST", f"{api}/episodes/{episode['id']}/publish", token, {})[0] == 409
        until_step(griot, token, audio["id"], "decode")
        griot.kill_everything()
    with served(tmp_path) as griot:
        ready = until_read(griot, token, audio["id"])
        assert (ready["status"], [step["status"] for step in ready["steps"]]) == (
            "ready",
            ["done", "done", "skipped"],
        )
        published = call(f"{griot.url}/api/v1", "POST", f"/episodes/{episode['id']}/publish", token, {}, 200)
        assert published["duration_seconds"] == ready["duration_seconds"]


@pytest.mark.long
@pytest.mark.timeout(600)
def test_killed_again_and_again_at_any_moment_it_becomes_ready(tmp_path: Path, data: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - when to kill, no secret
    sounds = [long_sound(data, 300 + count) for count in range(3)]
    token = ""
    audios: list[str] = []
    for _ in range(ROUNDS):
        with served(tmp_path) as griot:
            token = token or griot.make_token()
            audios = audios or [upload(griot, token, sound)["id"] for sound in sounds]
            time.sleep(chance.uniform(0.1, 1.5))
            griot.kill_everything()
    with served(tmp_path) as griot:
        found = [until_read(griot, token, audio_id) for audio_id in audios]
    assert [audio["status"] for audio in found] == ["ready"] * 3
    assert [audio["bytes"] for audio in found] == [len(sound) for sound in sounds]
    kept = [path.stat().st_size for path in (tmp_path / "media" / "audio").rglob("*.mp3")]
    assert sorted(kept) == sorted(len(sound) for sound in sounds)


def until_step(griot: Served, token: str, audio_id: str, name: str) -> dict[str, Any]:
    """Ask until a step of an audio's reading has begun."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        audio = call(f"{griot.url}/api/v1", "GET", f"/audio/{audio_id}", token, None, 200)
        step = next(one for one in audio["steps"] if one["name"] == name)
        if step["status"] != "waiting":
            assert step["status"] == "running", "the sound is too short for this test"
            return audio
        time.sleep(0.02)
    raise AssertionError(name)
