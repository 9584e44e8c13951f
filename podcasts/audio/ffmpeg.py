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
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from podcasts.audio import leash
from podcasts.audio.sniff import AudioKind
from podcasts.errors import DiskFullError, SettingsError, UnusableMediaError

CHUNK_BYTES = 64 * 1024
_STDERR_BYTES_KEPT = 64 * 1024
# At the level of its reports a hurt file makes ffmpeg complain at length before it comes to the point.
_REPORT_BYTES = 16 * 1024 * 1024
_DETAIL_CHARACTERS = 300
# ffmpeg closes a pipe that nobody writes to within moments of its end.
_END_SECONDS = 10
_SIGXCPU_CODE = -24
_PCM = (
    "pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_s64le,pcm_alaw,pcm_mulaw,"
    "adpcm_ms,adpcm_ima_wav,mp3,mp3float"
)
_NO_ROOM = "No space left on device"
# A stream of another codec inside the file (a video, a cover) gets no decoder, and its bugs no chance.
_DECODERS = {
    "mp3": "mp3,mp3float",
    "m4a": "aac,alac,mp3,mp3float",
    "aac": "aac",
    "opus": "opus,libopus",
    "opus-mp4": "opus,libopus",
    "vorbis": "vorbis,libvorbis",
    "flac": "flac",
    "wav": _PCM,
}


class StoppedError(Exception):
    """A run was called off: its process is leaving, or another one has failed; the file is not to blame."""


class Runs:
    """The runs that belong together and can be called off together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[_Run] = set()
        self._called_off = False

    def add(self, run: "_Run") -> None:
        """Take a run in; one that comes too late is called off at once."""
        with self._lock:
            self._running.add(run)
            if self._called_off:
                run.call_off()

    def discard(self, run: "_Run") -> None:
        """Forget a run that has ended."""
        with self._lock:
            self._running.discard(run)

    def call_off(self) -> None:
        """End every run, now and later: whoever waits for one meets StoppedError."""
        with self._lock:
            self._called_off = True
            for run in self._running:
                run.call_off()


@dataclass(frozen=True)
class Window:
    """A part of a sound.

    Attributes:
        start_ms: where it begins.
        duration_ms: how long it is.
    """

    start_ms: int
    duration_ms: int

    @property
    def start(self) -> str:
        """The beginning as ffmpeg reads it, in seconds."""
        return f"{self.start_ms / 1000:.3f}"

    @property
    def length(self) -> str:
        """The length as ffmpeg reads it, in seconds."""
        return f"{self.duration_ms / 1000:.3f}"


@dataclass(frozen=True)
class Ffmpeg:
    """One ffmpeg binary and how much of the machine it may take.

    Attributes:
        path: the binary, absolute.
        time_limit_seconds: wall clock and processor time of one run.
        memory_limit_bytes: address space of one run.
        threads: decoding threads.
        runs: what is running; a copy with runs of its own can be called off alone.
    """

    path: str
    time_limit_seconds: int = 3600
    memory_limit_bytes: int = 1024**3
    threads: int = 1
    runs: Runs = field(default_factory=Runs, compare=False, repr=False)

    def pcm_chunks(
        self,
        source: Path,
        kind: AudioKind,
        *,
        sample_rate_hz: int,
        channels: int = 1,
        window: Window | None = None,
    ) -> Generator[bytes, None, None]:
        """Decode the first sound of a file to signed 16-bit little-endian samples.

        Args:
            source: the file; only its bytes are seen, never its name or neighbours.
            kind: what ``sniff`` found; decides demuxer and decoders.
            sample_rate_hz: of the samples that come out.
            channels: of the samples that come out, mixed down or up.
            window: only this part; None for all.

        Yields:
            Chunks of 64 KiB, the last one shorter; whole samples in all.

        Raises:
            UnusableMediaError: ``broken-audio`` (facts: ``detail``, ffmpeg's last words, for the log);
                ``too-long-to-decode`` (facts: ``limit_seconds``). It may come after chunks.
            StoppedError: ``runs.call_off`` was called.
        """
        shape = ("-ac", str(channels), "-ar", str(sample_rate_hz), "-f", "s16le", "pipe:1")
        words = (*self._input(source, kind, window), *shape)
        with source.open("rb") as file, self._started(words, file, _STDERR_BYTES_KEPT) as run:
            while chunk := run.stdout.read(CHUNK_BYTES):
                yield chunk
            run.finish("broken-audio", source)

    def report(self, source: Path, kind: AudioKind, filters: str) -> str:
        """Let the whole sound pass through filters and give what ffmpeg says about it.

        Args:
            source: the file.
            kind: what ``sniff`` found.
            filters: a filter graph from ``[0:a:0]`` to ``[out]``.

        Raises:
            UnusableMediaError: as ``pcm_chunks``.
            StoppedError: ``runs.call_off`` was called.
        """
        words = (
            *self._input(source, kind, None, level="info", mapped=False),
            *("-filter_complex", filters, "-map", "[out]", "-f", "null", "pipe:1"),
        )
        with source.open("rb") as file, self._started(words, file, _REPORT_BYTES) as run:
            while run.stdout.read(CHUNK_BYTES):
                pass
            run.finish("broken-audio", source)
            return run.words(_REPORT_BYTES)

    def encode(
        self,
        source: Path,
        kind: AudioKind,
        target: Path,
        options: Sequence[str],
        *,
        limit_bytes: int,
    ) -> None:
        """Make another file of the first sound of a file.

        Args:
            source: the file.
            kind: what ``sniff`` found.
            target: an empty file of ours to write to.
            options: of the output: filters, codec (``copy`` for its packets as they are), bitrate, format.
            limit_bytes: largest file that may come of it.

        Raises:
            UnusableMediaError: ``encoding-failed`` (facts: ``detail``); ``too-long-to-decode``.
            DiskFullError: no room.
            StoppedError: ``runs.call_off`` was called.
        """
        words = (*self._input(source, kind, None), *self._output(target, options))
        with source.open("rb") as file, self._started(words, file, limit_bytes) as run:
            run.finish("encoding-failed", source)

    def encode_pcm(
        self,
        samples: bytes,
        target: Path,
        options: Sequence[str],
        *,
        sample_rate_hz: int,
        channels: int,
        limit_bytes: int,
    ) -> None:
        """Make a file of signed 16-bit little-endian samples.

        Raises:
            UnusableMediaError: ``encoding-failed`` (facts: ``detail``); ``too-long-to-decode``.
            DiskFullError: no room.
            StoppedError: ``runs.call_off`` was called.
        """
        words = (
            *("-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "pipe"),
            *("-f", "s16le", "-ar", str(sample_rate_hz), "-ac", str(channels), "-i", "pipe:0"),
            *self._output(target, options),
        )
        with tempfile.TemporaryFile(prefix="griot-pcm-") as file:
            file.write(samples)
            file.flush()
            file.seek(0)
            with self._started(words, file, limit_bytes) as run:
                run.finish("encoding-failed", target)

    def _input(
        self,
        source: Path,
        kind: AudioKind,
        window: Window | None,
        *,
        level: str = "error",
        mapped: bool = True,
    ) -> tuple[str, ...]:
        """Say what is read, and that nothing else may be."""
        # An MP4 keeps its table of contents anywhere, and a window is jumped to; all else comes through stdin.
        seeks = kind.demuxer == "mov" or window is not None
        drefs = ("-enable_drefs", "0", "-use_absolute_path", "0") if kind.demuxer == "mov" else ()
        part = () if window is None else ("-ss", window.start, "-t", window.length)
        sound = ("-map", "0:a:0", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-filter_threads", "1")
        return (
            *("-nostdin", "-hide_banner", "-nostats", "-v", level, "-threads", str(self.threads)),
            *("-protocol_whitelist", "file" if seeks else "pipe"),
            *("-codec_whitelist", _DECODERS[kind.name], *drefs, *part),
            *("-f", kind.demuxer, "-i", f"file:{source.resolve()}" if seeks else "pipe:0"),
            *(sound if mapped else ("-filter_complex_threads", "1")),
        )

    def _output(self, target: Path, options: Sequence[str]) -> tuple[str, ...]:
        """Say what is written: exactly these options give the same bytes every time."""
        exact = (
            "-map_metadata",
            "-1",
            "-map_chapters",
            "-1",
            "-fflags",
            "+bitexact",
            "-flags:a",
            "+bitexact",
        )
        return (*exact, "-threads", str(self.threads), *options, "-y", f"file:{target.resolve()}")

    @contextlib.contextmanager
    def _started(
        self, arguments: tuple[str, ...], stdin: IO[bytes], file_limit_bytes: int
    ) -> Iterator["_Run"]:
        limits = (os.getpid(), self.memory_limit_bytes, self.time_limit_seconds, file_limit_bytes)
        with (
            tempfile.TemporaryDirectory(prefix="griot-ffmpeg-") as folder,
            Path(folder, "stderr").open("w+b") as stderr,
        ):
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", leash.__file__, *map(str, limits), self.path, *arguments],
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                cwd=folder,
                env={"LC_ALL": "C", "HOME": folder, "TMPDIR": folder},
            )
            run = _Run(process, stderr, self.time_limit_seconds)
            try:
                self.runs.add(run)
                yield run
            finally:
                run.stop()
                self.runs.discard(run)


class _Run:
    """One run of ffmpeg, and the watchdog beside it."""

    def __init__(
        self, process: "subprocess.Popen[bytes]", stderr: IO[bytes], time_limit_seconds: int
    ) -> None:
        if process.stdout is None:
            raise ValueError(process)
        self.stdout = process.stdout
        self._process = process
        self._stderr = stderr
        self._limit_seconds = time_limit_seconds
        self._overtime = threading.Event()
        self._called_off = threading.Event()
        self._watchdog = threading.Timer(time_limit_seconds, self._stop_late)
        self._watchdog.daemon = True
        self._watchdog.start()

    def finish(self, code: str, source: Path) -> None:
        """Wait for the end, and say with ``code`` what was wrong with it."""
        # A run that closed its pipe ends within moments; one that writes a file keeps it open until then.
        while self.stdout.read(CHUNK_BYTES):
            pass
        ended = self._process.wait(_END_SECONDS)
        if self._called_off.is_set():
            raise StoppedError
        if self._overtime.is_set() or ended == _SIGXCPU_CODE:
            raise UnusableMediaError("too-long-to-decode", limit_seconds=self._limit_seconds)
        if ended != 0:
            words = self.words(_STDERR_BYTES_KEPT).replace(str(source.resolve()), "")
            if _NO_ROOM in words:
                raise DiskFullError
            raise UnusableMediaError(code, detail=" ".join(words.split())[-_DETAIL_CHARACTERS:])

    def words(self, most_bytes: int) -> str:
        """Read the end of what ffmpeg said."""
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - most_bytes))
        return self._stderr.read(most_bytes).decode("utf-8", "replace")

    def stop(self) -> None:
        """Leave no process behind, whatever happened."""
        self._watchdog.cancel()
        self._process.kill()
        self._process.wait()
        self.stdout.close()

    def call_off(self) -> None:
        """End it because we are leaving; the file is not to blame."""
        self._called_off.set()
        self._process.kill()

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
