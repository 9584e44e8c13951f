# SPDX-License-Identifier: AGPL-3.0-or-later
"""ffmpeg: the only outside program, started here and nowhere else, on files that strangers made.

Left to itself ffmpeg guesses what a file is and follows every file that a playlist names. So it is told the
demuxer and the decoders, may open nothing but the one file, works in an empty folder of its own, on a leash
of memory, processor and wall clock time, and ends when we do.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from podcasts.audio import leash
from podcasts.audio.sniff import AudioKind
from podcasts.errors import SettingsError, UnusableMediaError

CHUNK_BYTES = 64 * 1024
_STDERR_BYTES_KEPT = 64 * 1024
_DETAIL_CHARACTERS = 300
# ffmpeg closes a pipe that nobody writes to within moments of its end.
_END_SECONDS = 10
_SIGXCPU_CODE = -24
_PCM = (
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_s64le,pcm_alaw,pcm_mulaw,"
    "adpcm_ms,adpcm_ima_wav,mp3,mp3float"
)
# A stream of another codec inside the file (a video, a cover) gets no decoder, and its bugs no chance.
_DECODERS = {
    "mp3": "mp3,mp3float",
    "m4a": "aac,alac,mp3,mp3float",
    "aac": "aac",
    "opus": "opus,libopus",
    "vorbis": "vorbis,libvorbis",
    "flac": "flac",
    "wav": _PCM,
}


@dataclass(frozen=True)
class Ffmpeg:
    """One ffmpeg binary and how much of the machine it may take.

    Attributes:
        path: the binary, absolute.
        time_limit_seconds: wall clock and processor time of one run.
        memory_limit_bytes: address space of one run.
        threads: decoding threads.
    """

    path: str
    time_limit_seconds: int = 3600
    memory_limit_bytes: int = 2 * 1024**3
    threads: int = 1

    def pcm_chunks(
        self, source: Path, kind: AudioKind, *, sample_rate_hz: int, channels: int = 1
    ) -> Generator[bytes, None, None]:
        """Decode the first sound of a file to signed 16-bit little-endian samples.

        Args:
            source: the file; only its bytes are seen, never its name or neighbours.
            kind: what ``sniff`` found; decides demuxer and decoders.
            sample_rate_hz: of the samples that come out.
            channels: of the samples that come out, mixed down or up.

        Yields:
            Chunks of 64 KiB, the last one shorter; whole samples in all.

        Raises:
            UnusableMediaError: ``broken-audio`` (facts: ``detail``, ffmpeg's last words, for the log);
                ``too-long-to-decode`` (facts: ``limit_seconds``). It may come after chunks.
        """
        shape = ("-ac", str(channels), "-ar", str(sample_rate_hz), "-f", "s16le", "pipe:1")
        with (
            source.open("rb") as file,
            tempfile.TemporaryDirectory(prefix="griot-ffmpeg-") as folder,
            Path(folder, "stderr").open("w+b") as stderr,
            self._started((*self._input(source, kind), *shape), folder, file, stderr) as run,
        ):
            while chunk := run.stdout.read(CHUNK_BYTES):
                yield chunk
            run.finish(stderr, source)

    def _input(self, source: Path, kind: AudioKind) -> tuple[str, ...]:
        """Say what is read, and that nothing else may be."""
        # An MP4 keeps its table of contents anywhere, so ffmpeg must seek in it; others come through stdin.
        seeks = kind.demuxer == "mov"
        drefs = ("-enable_drefs", "0", "-use_absolute_path", "0") if seeks else ()
        return (
            *("-nostdin", "-hide_banner", "-v", "error", "-threads", str(self.threads)),
            *("-protocol_whitelist", "file" if seeks else "pipe"),
            *("-codec_whitelist", _DECODERS[kind.name], *drefs),
            *("-f", kind.demuxer, "-i", f"file:{source.resolve()}" if seeks else "pipe:0"),
            *("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-filter_threads", "1"),
        )

    @contextlib.contextmanager
    def _started(
        self, arguments: tuple[str, ...], folder: str, stdin: IO[bytes], stderr: IO[bytes]
    ) -> Iterator["_Run"]:
        limits = (os.getpid(), self.memory_limit_bytes, self.time_limit_seconds, _STDERR_BYTES_KEPT)
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", leash.__file__, *map(str, limits), self.path, *arguments],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            cwd=folder,
            env={"LC_ALL": "C", "HOME": folder, "TMPDIR": folder},
        )
        run = _Run(process, self.time_limit_seconds)
        try:
            yield run
        finally:
            run.stop()


class _Run:
    """One run of ffmpeg, and the watchdog beside it."""

    def __init__(self, process: "subprocess.Popen[bytes]", time_limit_seconds: int) -> None:
        if process.stdout is None:
            raise ValueError(process)
        self.stdout = process.stdout
        self._process = process
        self._limit_seconds = time_limit_seconds
        self._overtime = threading.Event()
        self._watchdog = threading.Timer(time_limit_seconds, self._stop_late)
        self._watchdog.daemon = True
        self._watchdog.start()

    def finish(self, stderr: IO[bytes], source: Path) -> None:
        """Wait for the end that has come, and say what was wrong with it."""
        code = self._process.wait(_END_SECONDS)
        if self._overtime.is_set() or code == _SIGXCPU_CODE:
            raise UnusableMediaError("too-long-to-decode", limit_seconds=self._limit_seconds)
        if code != 0:
            raise UnusableMediaError("broken-audio", detail=_last_words(stderr, source))

    def stop(self) -> None:
        """Leave no process behind, whatever happened."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.wait()
        self.stdout.close()

    def _stop_late(self) -> None:
        self._overtime.set()
        self._process.kill()


def find_ffmpeg(configured: str | None) -> Ffmpeg:
    """Find ffmpeg: the configured one, else the one on PATH, else the one that imageio-ffmpeg brought along.

    Args:
        configured: a path or a command name; None or "" where no setting names one.

    Raises:
        SettingsError: facts ``name`` (GRIOT_FFMPEG) and ``detail``: "not-executable" or "none-found".
    """
    if configured:
        path = shutil.which(configured)
        if path is None:
            raise SettingsError(name="GRIOT_FFMPEG", detail="not-executable")
        return Ffmpeg(str(Path(path).absolute()))
    path = shutil.which("ffmpeg") or _brought_along()
    if path is None:
        raise SettingsError(name="GRIOT_FFMPEG", detail="none-found")
    return Ffmpeg(str(Path(path).absolute()))


def _brought_along() -> str | None:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None


def _last_words(stderr: IO[bytes], source: Path) -> str:
    """Read the end of what ffmpeg complained about, without our file's name."""
    stderr.seek(0)
    words = stderr.read(_STDERR_BYTES_KEPT).decode("utf-8", "replace")
    return " ".join(words.replace(str(source.resolve()), "").split())[-_DETAIL_CHARACTERS:]
