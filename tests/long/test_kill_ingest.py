# SPDX-License-Identifier: AGPL-3.0-or-later
"""A power cut in the middle of an ingest: after a restart the episode becomes ready, and nothing is lost."""

import base64
import json
import random
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from podcasts.bootstrap import build
from podcasts.services.resumable import Place, sweep_uploads
from podcasts.services.sweeping import sweep_storage
from podcasts.settings import Settings
from tests.serving import PATIENCE_SECONDS, Served, ask, served
from tests.test_end_to_end_api import call, until_read, upload

ROUNDS = 6


def long_sound(data: Path, times: int) -> bytes:
    """Make an MP3 that takes a while to decode: frames follow upon frames."""
    return (data / "audio" / "mp3-no-tags.mp3").read_bytes() * times


@pytest.mark.long
def test_an_ingest_survives_kill_9_of_everything(tmp_path: Path, data: Path) -> None:
    with served(tmp_path) as griot:
        token = griot.make_token()
        api = f"{griot.url}/api/v1"
        show = call(api, "POST", "/shows", token, {"title": "Matins", "language": "fr"}, 201)
        audio = upload(griot, token, long_sound(data, 700))
        drafted = {"audio_id": audio["id"], "title": "Une heure"}
        episode = call(api, "POST", f"/shows/{show['id']}/episodes", token, drafted, 201)
        assert ask("POST", f"{api}/episodes/{episode['id']}/publish", token, {})[0] == 409
        until_step(griot, token, audio["id"], "decode")
        griot.kill_everything()
    with served(tmp_path) as griot:
        ready = until_read(griot, token, audio["id"])
        assert ready["status"] == "ready"
        assert {step["status"] for step in ready["steps"]} <= {"done", "skipped"}
        published = call(f"{griot.url}/api/v1", "POST", f"/episodes/{episode['id']}/publish", token, {}, 200)
        assert published["duration_seconds"] == ready["duration_seconds"]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_killed_again_and_again_at_any_moment_it_becomes_ready(tmp_path: Path, data: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - when to kill, no secret
    sounds = [long_sound(data, 300 + count) for count in range(3)]
    piecemeal = long_sound(data, 400)
    token = path = ""
    audios: list[str] = []
    for _ in range(ROUNDS):
        with served(tmp_path) as griot:
            token = token or griot.make_token()
            audios = audios or [upload(griot, token, sound)["id"] for sound in sounds]
            path = path or begin_pieces(griot, token, len(piecemeal))
            send_for_a_while(griot, token, path, piecemeal, chance.uniform(0.1, 1.5))
            griot.kill_everything()
    with served(tmp_path) as griot:
        audios.append(finish_pieces(griot, token, path, piecemeal))
        found = [until_read(griot, token, audio_id) for audio_id in audios]
        _, _, body = ask("GET", f"{griot.url}/api/v1/shows/pieces/episodes", token)
        assert json.loads(body)["total"] == 1
    assert [audio["status"] for audio in found] == ["ready"] * 4
    assert [audio["bytes"] for audio in found] == [len(sound) for sound in (*sounds, piecemeal)]
    assert {step["status"] for audio in found for step in audio["steps"]} <= {"done", "skipped"}
    named = named_files(tmp_path / "instance" / "griot.sqlite")
    assert len(named) >= 3 * 4
    assert [key for key in named if not (tmp_path / "media" / key).is_file()] == []
    sweep_tomorrow(tmp_path)
    kept = {
        file.relative_to(tmp_path / "media").as_posix()
        for file in (tmp_path / "media").rglob("*")
        if file.is_file()
    }
    assert kept == set(named)


def begin_pieces(griot: Served, token: str, size: int) -> str:
    """Begin an upload in pieces that becomes a draft; its path."""
    call(f"{griot.url}/api/v1", "POST", "/shows", token, {"title": "Pieces", "language": "fr"}, 201)
    words = base64.b64encode(b"pieces").decode()
    _, headers, _ = ask(
        "POST",
        f"{griot.url}/api/v1/uploads",
        token,
        Tus_Resumable="1.0.0",
        Upload_Length=str(size),
        Upload_Metadata=f"show {words}",
    )
    return urlsplit(headers["location"]).path


def send_for_a_while(griot: Served, token: str, path: str, data: bytes, seconds: float) -> None:
    """Send pieces of 200 kB until the time is over; the last one may still be on its way."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        at = stands_at(griot, token, path)
        if at >= len(data) - 200_000:
            time.sleep(max(0, until - time.monotonic()))
            return
        send_piece(griot, token, path, data, at, at + 200_000)
        time.sleep(0.1)


def finish_pieces(griot: Served, token: str, path: str, data: bytes) -> str:
    """Send what is missing; the id of the audio."""
    headers = send_piece(griot, token, path, data, stands_at(griot, token, path), len(data))
    return headers["griot-audio"].rpartition("/")[2]


def stands_at(griot: Served, token: str, path: str) -> int:
    """Ask how far it is."""
    status, headers, _ = ask("HEAD", griot.url + path, token, Tus_Resumable="1.0.0")
    assert status == 200
    return int(headers["upload-offset"])


def send_piece(griot: Served, token: str, path: str, data: bytes, start: int, end: int) -> dict[str, str]:
    """Send one piece; the headers of the answer."""
    status, headers, _ = ask(
        "PATCH",
        griot.url + path,
        token,
        data[start:end],
        Tus_Resumable="1.0.0",
        Content_Type="application/offset+octet-stream",
        Upload_Offset=str(start),
    )
    assert status == 204
    return headers


def named_files(database: Path) -> list[str]:
    """List every file that a row names."""
    columns = (
        *(
            "SELECT storage_key FROM audio",
            "SELECT dense_peaks_key FROM audio",
            "SELECT storage_key FROM rendition",
        ),
        *(f"SELECT {name}_key FROM artwork" for name in ("feed", "page", "small", "thumb")),
    )
    with closing(sqlite3.connect(database)) as connection:
        return sorted({key for (key,) in connection.execute(" UNION ".join(columns)) if key})


def sweep_tomorrow(folder: Path) -> None:
    """Let two days pass for files that nothing names."""
    griot = build(Settings(instance=folder / "instance", media_root=folder / "media"))
    now = datetime.now(UTC) + timedelta(days=2)
    sweep_uploads(Place(griot.database, griot.storage, lambda: None), now)
    sweep_storage(griot.database, griot.storage, now)


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
