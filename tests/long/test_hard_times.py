# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hard times for a whole server: a disk that is full, an ffmpeg that hangs, jobs that are gone."""

import base64
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.serving import Served, ask, served
from tests.test_end_to_end_api import until_read, upload

MEGABYTE = 1_000_000
TUS = {"Tus_Resumable": "1.0.0"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False)
    if made.returncode != 0:
        pytest.skip("this machine lets nobody mount a disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk: Path, leave_bytes: int) -> Path:
    """Fill a disk with somebody else's file."""
    state = os.statvfs(disk)
    filler = disk / "filler"
    filler.write_bytes(bytes(max(0, state.f_bavail * state.f_frsize - leave_bytes)))
    return filler


def begin(griot: Served, token: str, size: int) -> str:
    """Begin an upload in pieces; its address."""
    name = base64.b64encode(b"long.wav").decode()
    headers = {**TUS, "Upload_Length": str(size), "Upload_Metadata": f"filename {name}"}
    status, found, body = ask("POST", f"{griot.url}/api/v1/uploads", token, b"", **headers)
    assert status == 201, body
    return griot.url + urlsplit(found["location"]).path


def offset_of(path: str, token: str) -> int:
    """Ask how far an upload is."""
    status, headers, _ = ask("HEAD", path, token, **TUS)
    assert status == 200
    return int(headers["upload-offset"])


def send(path: str, token: str, data: bytes, offset: int) -> tuple[int, dict[str, str], bytes]:
    """Send all the rest in one piece."""
    kind = "application/offset+octet-stream"
    return ask("PATCH", path, token, data[offset:], Upload_Offset=str(offset), Content_Type=kind, **TUS)


def until_ended(griot: Served, token: str, audio_id: str, name: str) -> str:
    """Wait for the end of a step that is done again; how it ended."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        states = {one["name"]: one["status"] for one in until_read(griot, token, audio_id)["steps"]}
        if states[name] in {"done", "failed"} and "running" not in states.values():
            return str(states[name])
        time.sleep(0.3)
    raise AssertionError(states)


def sound_of(seconds: int, data: Path) -> bytes:
    """Make a WAV that is long enough to be worth encoding."""
    wav = (data / "audio" / "wav.wav").read_bytes()
    start = wav.index(b"data") + 8
    body = wav[start:] * (seconds // 3)
    return wav[: start - 4] + len(body).to_bytes(4, "little") + body


@pytest.mark.long
def test_a_full_disk_loses_nothing_that_was_acknowledged(
    tmp_path: Path, data: Path, small_disk: Path
) -> None:
    sound = sound_of(240, data)
    assert 3 * MEGABYTE < len(sound) < 5 * MEGABYTE
    with served(tmp_path, media_root=str(small_disk / "media")) as griot:
        token = griot.make_token()
        path = begin(griot, token, len(sound))
        filler = fill(small_disk, len(sound) // 2)
        status, _, body = send(path, token, sound, 0)
        assert (status, b"disk-full" in body) == (507, True)
        kept = offset_of(path, token)
        assert kept < len(sound)
        filler.unlink()
        # Room for the upload, not for all that is made of it.
        filler = fill(small_disk, len(sound) - kept + MEGABYTE)
        status, headers, body = send(path, token, sound, kept)
        assert status == 204, body
        audio_id = headers["griot-audio"].rpartition("/")[2]
        audio = until_read(griot, token, audio_id)
        assert audio["status"] == "ready"
        broken = [step["name"] for step in audio["steps"] if step["status"] == "failed"]
        assert broken
        assert "decode" not in broken
        filler.unlink()
        for name in broken:
            status, _, body = ask(
                "POST", f"{griot.url}/api/v1/audio/{audio_id}/steps/{name}/retry", token, {}
            )
            assert status == 202, body
            assert until_ended(griot, token, audio_id, name) == "done"


@pytest.mark.long
def test_an_ffmpeg_that_hangs_keeps_nobody_from_stopping_and_another_goes_on(
    tmp_path: Path, data: Path
) -> None:
    hanging = tmp_path / "ffmpeg"
    hanging.write_text('#!/bin/sh\n[ "$1" = -version ] && echo ffmpeg version 5 && exit\nexec sleep 1000\n')
    hanging.chmod(0o755)
    with served(tmp_path, ffmpeg=str(hanging)) as griot:
        token = griot.make_token()
        audio_id = upload(griot, token, (data / "audio" / "mp3-no-tags.mp3").read_bytes())["id"]
        time.sleep(3)
        assert ask("GET", f"{griot.url}/readyz")[0] == 200
        started = time.monotonic()
        griot.process.terminate()
        griot.process.wait(60)
        assert time.monotonic() - started < 30
    with served(tmp_path) as griot:
        assert until_read(griot, token, audio_id)["status"] == "ready"


@pytest.mark.long
def test_jobs_that_are_gone_are_made_again(tmp_path: Path, data: Path) -> None:
    sound = (data / "audio" / "mp3-no-tags.mp3").read_bytes()
    with served(tmp_path) as griot:
        token = griot.make_token()
        audio_id = upload(griot, token, sound * 800)["id"]
        griot.kill_everything()
    with closing(sqlite3.connect(tmp_path / "instance" / "griot.sqlite")) as database:
        database.execute("DELETE FROM job_step")
        database.execute("DELETE FROM job")
        database.commit()
    with served(tmp_path) as griot:
        audio = until_read(griot, token, audio_id)
        assert audio["status"] == "ready"
        assert len(audio["steps"]) == 7
