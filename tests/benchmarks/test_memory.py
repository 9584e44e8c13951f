# SPDX-License-Identifier: AGPL-3.0-or-later
"""Memory of everything that runs (web, worker, ffmpeg) while a long MP3 is taken in, above what it held idle."""

import json
import subprocess
import time
from pathlib import Path

import pytest

from podcasts.audio.ffmpeg import find_ffmpeg
from tests.serving import Served, ask, descendants, served

MINUTE_S = 60
LENGTHS_MINUTES = (20, 180)
AT_MOST_S = 800


def long_mp3(folder: Path, minutes: int) -> Path:
    """Make an MP3 of 128 kbit/s: a minute of music of a kind, over and over."""
    ffmpeg = find_ffmpeg(None).path
    minute, whole = folder / "minute.mp3", folder / f"{minutes}.mp3"
    tone = "aevalsrc='0.3*sin(2*PI*(220+40*sin(t))*t)+0.05*random(0)':s=44100:d=60"
    encode = (
        "-f",
        "lavfi",
        "-i",
        tone,
        "-ac",
        "2",
        "-b:a",
        "128k",
        "-write_xing",
        "0",
        "-id3v2_version",
        "0",
    )
    subprocess.run([ffmpeg, "-nostdin", "-v", "error", "-y", *encode, minute], check=True)
    with whole.open("wb") as file:
        for _ in range(minutes):
            file.write(minute.read_bytes())
    return whole


def held_kb(pid: int) -> int:
    """Read the proportional share of memory of a process; 0 for one that has gone."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def taken_in(griot: Served, token: str, file: Path) -> tuple[int, dict[int, int]]:
    """Upload by tus and wait until it is ready; the peak of all together, and of each process, in kB."""
    status, headers, body = ask(
        "POST",
        f"{griot.url}/api/v1/uploads",
        token,
        b"",
        Tus_Resumable="1.0.0",
        Upload_Length=str(file.stat().st_size),
        Upload_Metadata="filename bG9uZy5tcDM=",
    )
    assert status == 201, body
    place = headers["location"]
    command = ["curl", "-sf", "-X", "PATCH", "--data-binary", f"@{file}", place, "-o", "/dev/null"]
    for header in (
        f"Authorization: Bearer {token}",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        "Content-Type: application/offset+octet-stream",
    ):
        command += ["-H", header]
    peak, own = 0, dict.fromkeys(descendants(griot.process.pid), 0)
    sending = subprocess.Popen(command)
    end = time.monotonic() + AT_MOST_S
    state = ""
    while state != "ready":
        assert time.monotonic() < end
        now = {pid: held_kb(pid) for pid in [griot.process.pid, *descendants(griot.process.pid)]}
        peak = max(peak, sum(now.values()))
        own = {pid: max(before, now.get(pid, 0)) for pid, before in own.items()}
        time.sleep(0.1)
        if sending.poll() is not None:
            _, _, found = ask("GET", f"{griot.url}/api/v1/audio", token)
            ours = [one for one in json.loads(found)["items"] if one["file_name"] == "long.mp3"]
            state = ours[0]["status"] if ours else ""
            assert state != "failed"
    assert sending.returncode == 0
    return peak, own


@pytest.mark.benchmark
def test_memory_while_three_hours_are_taken_in(tmp_path: Path) -> None:
    lines = []
    for minutes in LENGTHS_MINUTES:
        with served(tmp_path / str(minutes)) as griot:
            token = griot.make_token()
            ask("GET", f"{griot.url}/healthz")
            time.sleep(3)
            tree = [griot.process.pid, *descendants(griot.process.pid)]
            idle = {pid: held_kb(pid) for pid in tree}
            started = time.perf_counter()
            peak, own = taken_in(griot, token, long_mp3(tmp_path, minutes))
            grown = max(own[pid] - idle.get(pid, 0) for pid in own)
            lines.append(
                f"{minutes} min of MP3: idle {sum(idle.values()) / 1000:.0f} MB, at most "
                f"{(peak - sum(idle.values())) / 1000:.0f} MB more in all, {grown / 1000:.0f} MB more in web or "
                f"worker alone; ready after {time.perf_counter() - started:.0f} s"
            )
    print("\n" + "\n".join(lines))  # noqa: T201 - the figures are the purpose
