# SPDX-License-Identifier: AGPL-3.0-or-later
"""ffmpeg on its leash: it reads one file, takes what it is given, and ends."""

import contextlib
import os
import select
import shutil
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from podcasts.audio.ffmpeg import Ffmpeg, find_ffmpeg
from podcasts.audio.sniff import KINDS, sniff
from podcasts.errors import SettingsError, UnusableMediaError

RATE_HZ = 16_000
LISTS = [
    "playlist-named-mp3.mp3",
    "playlist-after-blank-lines.mp3",
    "playlist-utf16.mp3",
    "playlist-after-id3.mp3",
    "ffconcat-named-mp3.mp3",
    "concat-without-header.mp3",
    "pls-named-mp3.mp3",
    "dash-named-m4a.m4a",
    "svg.mp3",
]


def program(folder: Path, body: str) -> str:
    """Write a stand-in for ffmpeg."""
    path = folder / "ffmpeg"
    path.write_text(f"#!{sys.executable}\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def bytes_of(ffmpeg: Ffmpeg, path: Path, kind: str) -> bytes:
    return b"".join(ffmpeg.pcm_chunks(path, KINDS[kind], sample_rate_hz=RATE_HZ))


def heard_until_the_end(ffmpeg: Ffmpeg, path: Path, kind: str) -> bytes:
    """Gather what comes out, also of a run that ends as broken."""
    heard = b""
    with contextlib.suppress(UnusableMediaError):
        for chunk in ffmpeg.pcm_chunks(path, KINDS[kind], sample_rate_hz=RATE_HZ):
            heard += chunk
    return heard


def test_the_file_s_own_guess_would_have_let_the_secret_out(audio_folder: Path, tmp_path: Path) -> None:
    # The control: without it, the next test could pass because the trap is no trap.
    shutil.copy(audio_folder / "mp3-no-tags.mp3", tmp_path / "secret.mp3")
    trap = shutil.copy(audio_folder / "ffconcat-named-mp3.mp3", tmp_path / "trap.mp3")
    words = [find_ffmpeg(None).path, "-nostdin", "-v", "error", "-i", trap, "-f", "s16le", "pipe:1"]
    assert len(subprocess.run(words, capture_output=True, check=True).stdout) > 100_000


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_that_a_list_names_gets_in_even_past_the_sniffer(
    audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg, name: str, kind: str
) -> None:
    shutil.copy(audio_folder / "mp3-no-tags.mp3", tmp_path / "secret.mp3")
    trap = Path(shutil.copy(audio_folder / name, tmp_path / "trap.mp3"))
    assert heard_until_the_end(ffmpeg, trap, kind) == b""


def test_an_mp4_whose_sound_lies_in_another_file_is_not_followed(
    audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    trap = Path(shutil.copy(audio_folder / "m4a-sound-elsewhere.m4a", tmp_path / "trap.m4a"))
    # What it names has the right bytes in the right places.
    shutil.copy(audio_folder / "m4a-itunes-tags.m4a", tmp_path / "secret.m4a")
    assert heard_until_the_end(ffmpeg, trap, "m4a") == b""


def test_that_mp4_would_have_been_followed(audio_folder: Path, tmp_path: Path) -> None:
    trap = shutil.copy(audio_folder / "m4a-sound-elsewhere.m4a", tmp_path / "trap.m4a")
    shutil.copy(audio_folder / "m4a-itunes-tags.m4a", tmp_path / "secret.m4a")
    words = [find_ffmpeg(None).path, "-nostdin", "-v", "error", "-enable_drefs", "1", "-i", trap]
    ran = subprocess.run([*words, "-f", "s16le", "pipe:1"], capture_output=True, check=True)
    assert len(ran.stdout) > 100_000


def test_a_run_leaves_no_folder_and_no_process(
    audio_folder: Path, tmp_path: Path, ffmpeg: Ffmpeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def note(*words: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(start(*words, **options))  # type: ignore[call-overload]  # passed on as they came
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", note)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    path = audio_folder / "mp3-no-tags.mp3"
    # More than a pipe holds, so that it cannot have ended by itself.
    chunks = ffmpeg.pcm_chunks(path, KINDS["mp3"], sample_rate_hz=192_000, channels=8)
    assert next(chunks)
    assert started[0].poll() is None
    assert len(list(tmp_path.iterdir())) == 1
    chunks.close()
    assert list(tmp_path.iterdir()) == []
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_a_program_that_never_ends_is_ended(audio_folder: Path, tmp_path: Path) -> None:
    hung = Ffmpeg(program(tmp_path, "import time; time.sleep(600)"), time_limit_seconds=1)
    with pytest.raises(UnusableMediaError) as caught:
        bytes_of(hung, audio_folder / "mp3-no-tags.mp3", "mp3")
    assert (caught.value.code, caught.value.facts) == ("too-long-to-decode", {"limit_seconds": 1})


def test_memory_beyond_the_limit_is_not_given(audio_folder: Path, tmp_path: Path) -> None:
    greedy = Ffmpeg(program(tmp_path, "print(len(bytearray(3_000_000_000)))"))
    with pytest.raises(UnusableMediaError) as caught:
        bytes_of(greedy, audio_folder / "mp3-no-tags.mp3", "mp3")
    assert caught.value.code == "broken-audio"
    assert "MemoryError" in str(caught.value.facts["detail"])


def test_a_flood_of_complaints_fills_no_disk(audio_folder: Path, tmp_path: Path) -> None:
    body = "import os\ntry:\n  while True: os.write(2, b'x' * 65536)\nexcept OSError: os._exit(1)"
    loud = Ffmpeg(program(tmp_path, body))
    with pytest.raises(UnusableMediaError) as caught:
        bytes_of(loud, audio_folder / "mp3-no-tags.mp3", "mp3")
    assert len(str(caught.value.facts["detail"])) <= 300


def test_it_sees_no_setting_of_ours_and_works_in_an_empty_folder(
    audio_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIOT_SECRET_KEY", "secret")
    said = Ffmpeg(program(tmp_path, "import os; print(sorted(os.environ), os.listdir('.'), os.getcwd())"))
    heard = bytes_of(said, audio_folder / "mp3-no-tags.mp3", "mp3").decode()
    assert "GRIOT" not in heard
    assert "['stderr']" in heard
    assert str(audio_folder) not in heard


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_it_dies_with_its_parent(tmp_path: Path, audio_folder: Path) -> None:
    hung = program(
        tmp_path, "import os, time; os.write(1, b'%9d ' % os.getpid()); os.close(1); time.sleep(600)"
    )
    body = (
        "import sys; from pathlib import Path; from podcasts.audio.ffmpeg import Ffmpeg;"
        "from podcasts.audio.sniff import KINDS;"
        "chunks = Ffmpeg(sys.argv[1]).pcm_chunks(Path(sys.argv[2]), KINDS['mp3'], sample_rate_hz=16000);"
        "print(next(chunks).decode(), flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", body, hung, str(audio_folder / "mp3-no-tags.mp3")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stdin=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
    # A process' descriptor becomes readable when the process has ended.
    ended, _, _ = select.select([child], [], [], 30)
    os.close(child)
    assert ended


def test_it_may_be_started_from_many_threads_at_once(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    lengths: list[int] = []

    def run() -> None:
        lengths.append(len(bytes_of(ffmpeg, audio_folder / "mp3-no-tags.mp3", "mp3")))

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lengths) == 6
    assert len(set(lengths)) == 1


def test_channels_and_rate_are_as_asked(audio_folder: Path, ffmpeg: Ffmpeg) -> None:
    path = audio_folder / "wav.wav"
    mono = b"".join(ffmpeg.pcm_chunks(path, sniff(path), sample_rate_hz=8000))
    stereo = b"".join(ffmpeg.pcm_chunks(path, sniff(path), sample_rate_hz=8000, channels=2))
    assert (len(mono), len(stereo)) == (48_000, 96_000)


class TestFinding:
    def test_the_configured_one_wins(self, tmp_path: Path) -> None:
        path = program(tmp_path, "")
        assert find_ffmpeg(path).path == path

    def test_a_configured_one_that_is_not_there_is_a_wrong_setting(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError) as caught:
            find_ffmpeg(str(tmp_path / "none"))
        assert caught.value.facts == {"name": "GRIOT_FFMPEG", "detail": "not-executable"}

    def test_without_one_on_path_the_one_brought_along_serves(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", "")
        assert Path(find_ffmpeg(None).path).is_file()

    def test_without_any_the_setting_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def none() -> str:
            raise RuntimeError

        monkeypatch.setenv("PATH", "")
        monkeypatch.setattr("imageio_ffmpeg.get_ffmpeg_exe", none)
        with pytest.raises(SettingsError) as caught:
            find_ffmpeg("")
        assert caught.value.facts == {"name": "GRIOT_FFMPEG", "detail": "none-found"}
