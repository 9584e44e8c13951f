# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reading, measuring and encoding sound beside the plain tools that do the same."""

import random
import subprocess
import time
import wave
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from podcasts.audio.decoding import decode
from podcasts.audio.ffmpeg import find_ffmpeg
from podcasts.audio.loudness import measure_loudness
from podcasts.audio.sniff import sniff
from podcasts.audio.tags import read_tags
from podcasts.bootstrap import Griot
from podcasts.models import Job, JobStep
from podcasts.services import processing
from podcasts.services.jobs import claim_next
from podcasts.services.steps import STEPS_TOGETHER
from podcasts.services.uploads import INGEST
from tests.factories import MORNING
from tests.services.test_processing import bench_of, upload

MINUTES = 20
ROUNDS = 3


@pytest.fixture(scope="module")
def wav(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a third of an hour of stereo sound that is no silence."""
    path = tmp_path_factory.mktemp("sound") / "long.wav"
    source = random.Random(1)  # noqa: S311 - sound, no secret
    minute = array(
        "h", (source.randint(-8000, 8000) // (1 + number // 44_100 % 5) for number in range(2 * 44_100 * 60))
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        for _ in range(MINUTES):
            file.writeframes(minute.tobytes())
    return path


def best(work: Callable[[], object]) -> float:
    """Take the best of a few: the machine is never alone."""
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return min(took)


def plain(*words: str) -> None:
    """Run ffmpeg by hand."""
    subprocess.run([find_ffmpeg(None).path, "-v", "error", "-nostdin", "-y", *words], check=True)


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_peaks_loudness_and_tags_beside_a_bare_decode(wav: Path, tmp_path: Path) -> None:
    mp3 = tmp_path / "long.mp3"
    plain("-i", str(wav), "-b:a", "128k", str(mp3))
    kind, ffmpeg = sniff(mp3), find_ffmpeg(None)
    bare = best(lambda: plain("-threads", "1", "-f", "mp3", "-i", str(mp3), "-f", "null", "-"))
    peaks = best(lambda: decode(mp3, kind, ffmpeg))
    loudness = best(lambda: measure_loudness(mp3, kind, ffmpeg, channels=2))
    tags = best(lambda: read_tags(mp3, kind))
    print(  # noqa: T201 - the figures are the purpose
        f"\n{MINUTES} min of MP3: bare decode {bare:.2f} s, peaks {peaks / bare:.2f} x, loudness of both mixes "
        f"{loudness / bare:.2f} x, tags {tags * 1000:.2f} ms"
    )


@pytest.mark.benchmark
@pytest.mark.timeout(1_200)
def test_a_wav_to_all_renditions_beside_the_same_commands_by_hand(
    embedded: Griot, wav: Path, tmp_path: Path
) -> None:
    tail = "volume=3dB,alimiter=limit=0.84:level=disabled"
    mono = f"pan=mono|c0=0.5*c0+0.5*c1,{tail}"
    commands = [
        ("-threads", "1", "-i", str(wav), "-af", tail, "-ac", "2", "-b:a", "128k", str(tmp_path / "n.mp3")),
        ("-threads", "1", "-i", str(wav), "-af", mono, "-ac", "1", "-b:a", "24k", str(tmp_path / "o.opus")),
        (
            *("-threads", "1", "-i", str(wav), "-af", mono, "-ac", "1", "-ar", "24000", "-b:a", "40k"),
            str(tmp_path / "l.mp3"),
        ),
    ]
    started = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda words: plain(*words), commands))
    by_hand = time.perf_counter() - started
    audio_id = upload(embedded, wav)
    with embedded.database.writing() as session:
        job = claim_next(session, MORNING, (INGEST,))
    assert job is not None
    # The first steps are measured beside a bare decode; here only those that encode.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(processing, "STEPS_TOGETHER", STEPS_TOGETHER[:2])
        processing.ingest(bench_of(embedded), job.id, audio_id)
    with embedded.database.writing() as session:
        session.get_one(Job, job.id).status = "running"
        session.commit()
    started = time.perf_counter()
    processing.ingest(bench_of(embedded), job.id, audio_id)
    ours = time.perf_counter() - started
    with embedded.database.reading() as session:
        assert {step.status for step in session.query(JobStep)} <= {"done", "skipped"}
    print(  # noqa: T201 - the figures are the purpose
        f"\n{MINUTES} min of WAV to three renditions: {ours:.1f} s, by hand two at a time {by_hand:.1f} s, "
        f"ratio {ours / by_hand:.2f}"
    )
