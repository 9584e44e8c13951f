# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads: streamed, hashed, decided by their bytes; what is refused leaves nothing behind."""

import errno
import hashlib
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import pytest

from podcasts.bootstrap import Griot
from podcasts.errors import DiskFullError, GriotError, InvalidError, TooLargeError, UnusableMediaError
from podcasts.models import Audio, Change, Job, JobStep
from podcasts.services.actors import Actor
from podcasts.services.multipart import FIELD_BYTES, Received, receive_file
from podcasts.services.uploads import STEPS, Stored, store_upload
from tests.factories import MORNING, actor_of, make_user
from tests.serving import multipart

KIND = "multipart/form-data; boundary=griot-tests-7d1f2c"
LIMIT = 1_000_000


class Broken(io.BytesIO):
    """A line that breaks after some bytes."""

    def __init__(self, data: bytes, error: OSError) -> None:
        super().__init__(data)
        self.error = error

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, or break."""
        block = super().read(size)
        if not block:
            raise self.error
        return block


def receive(griot: Griot, body: bytes, kind: str | None = KIND, **values: Any) -> Received:
    """Receive a body of which everything is said."""
    values = {"content_length": len(body), "limit_bytes": LIMIT, **values}
    return receive_file(io.BytesIO(body), griot.storage, content_type=kind, **values)


def temporaries(griot: Griot) -> list[Path]:
    """List the files that lie in the store, whatever they are called."""
    return [path for path in griot.settings.effective_media_root.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 262_144, 262_145, 700_001])
def test_a_file_arrives_byte_for_byte_with_its_hash(embedded: Griot, size: int) -> None:
    data = bytes(index * 31 % 251 for index in range(size)).replace(b"\x00", b"\r\n--griot")[:size]
    body, kind = multipart("été.mp3", data, csrf_token="t", note="a")
    received = receive(embedded, body, kind)
    assert received.temporary.read_bytes() == data
    assert (received.size_bytes, received.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert (received.file_name, dict(received.fields)) == ("été.mp3", {"csrf_token": "t", "note": "a"})


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\fake path\\matin.mp3", "matin.mp3"),
        ("a\x00b\x1b.mp3", "ab.mp3"),
        ("x" * 400 + ".mp3", "x" * 255),
        ("..", ".."),
        ("", ""),
    ],
)
def test_a_file_name_is_only_for_people(embedded: Griot, sent: str, kept: str) -> None:
    body, kind = multipart(sent.replace('"', ""), b"data")
    assert receive(embedded, body, kind).file_name == kept


def test_the_fields_are_checked_before_the_first_byte_of_the_file(embedded: Griot) -> None:
    body, kind = multipart("a.mp3", b"data", csrf_token="wrong")
    seen: list[Mapping[str, str]] = []

    def refuse(fields: Mapping[str, str]) -> None:
        seen.append(fields)
        raise InvalidError("csrf")

    with pytest.raises(InvalidError) as caught:
        receive(embedded, body, kind, check_fields=refuse)
    assert (caught.value.code, seen) == ("csrf", [{"csrf_token": "wrong"}])
    assert temporaries(embedded) == []


def _two_files() -> bytes:
    one, _ = multipart("a.mp3", b"one")
    two, _ = multipart("b.mp3", b"two")
    return one.removesuffix(b"--griot-tests-7d1f2c--\r\n") + two


REFUSED: list[tuple[str, bytes, str | None, str]] = [
    ("no type", b"", None, "invalid"),
    ("another type", b"{}", "application/json", "invalid"),
    ("no boundary", b"--x--", "multipart/form-data", "invalid"),
    ("an endless boundary", b"--x--", "multipart/form-data; boundary=" + "b" * 300, "malformed"),
    ("nothing at all", b"", KIND, "upload-broken-off"),
    (
        "no file",
        b'--griot-tests-7d1f2c\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--griot-tests-7d1f2c--\r\n',
        KIND,
        "invalid",
    ),
    (
        "a field named file without a name",
        b'--griot-tests-7d1f2c\r\nContent-Disposition: form-data; name="file"\r\n\r\nb\r\n--griot-tests-7d1f2c--\r\n',
        KIND,
        "invalid",
    ),
    ("no end", multipart("a.mp3", b"data" * 100)[0][:-40], KIND, "upload-broken-off"),
    ("another boundary", multipart("a.mp3", b"data")[0].replace(b"7d1f2c", b"7d1f2d"), KIND, "malformed"),
    (
        "a part without a name",
        multipart("a.mp3", b"data")[0].replace(b'name="file"; ', b""),
        KIND,
        "malformed",
    ),
    ("two files", _two_files(), KIND, "invalid"),
    ("an endless field", multipart("a.mp3", b"data", note="x" * (FIELD_BYTES + 1))[0], KIND, "invalid"),
    (
        "too many fields",
        multipart("a.mp3", b"data", **{f"f{n}": "x" for n in range(60)})[0],
        KIND,
        "malformed",
    ),
    ("headers without end", b"--griot-tests-7d1f2c\r\n" + b"X-A: b\r\n" * 5_000, KIND, "malformed"),
]


@pytest.mark.parametrize(
    ("body", "kind", "code"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_a_form_that_cannot_be_used_leaves_nothing(
    embedded: Griot, body: bytes, kind: str | None, code: str
) -> None:
    with pytest.raises(GriotError) as caught:
        receive(embedded, body, kind)
    assert caught.value.code == code
    assert temporaries(embedded) == []


@pytest.mark.parametrize("said", [True, False])
def test_a_file_over_the_limit_is_refused_whether_its_length_was_said_or_not(
    embedded: Griot, *, said: bool
) -> None:
    body, kind = multipart("a.mp3", b"x" * (LIMIT + 1))
    with pytest.raises(TooLargeError) as caught:
        receive(embedded, body, kind, content_length=len(body) if said else None)
    assert caught.value.facts["limit_bytes"] == LIMIT
    assert temporaries(embedded) == []


def test_a_file_of_exactly_the_limit_is_taken(embedded: Griot) -> None:
    body, kind = multipart("a.mp3", b"x" * LIMIT)
    assert receive(embedded, body, kind).size_bytes == LIMIT


@pytest.mark.parametrize("error", [ConnectionResetError(), TimeoutError(), BrokenPipeError()])
def test_a_line_that_breaks_leaves_nothing(embedded: Griot, error: OSError) -> None:
    body, kind = multipart("a.mp3", b"x" * 500_000)
    half = Broken(body[:300_000], error)
    with pytest.raises(InvalidError) as caught:
        receive_file(half, embedded.storage, content_type=kind, content_length=len(body), limit_bytes=LIMIT)
    assert caught.value.code == "upload-broken-off"
    assert temporaries(embedded) == []


def test_a_full_disk_is_said_and_leaves_nothing(embedded: Griot, monkeypatch: pytest.MonkeyPatch) -> None:
    body, kind = multipart("a.mp3", b"x" * 500_000)
    opened = Path.open

    def full(self: Path, *args: Any, **kwargs: Any) -> Any:
        file = opened(self, *args, **kwargs)
        if args[:1] == ("wb",):
            return _FullDisk(file)
        return file

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(DiskFullError):
        receive(embedded, body, kind)
    monkeypatch.undo()
    assert temporaries(embedded) == []


class _FullDisk:
    """A file on a disk that is full after the first block."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._blocks = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, block: bytes) -> int:
        """Write the first block; then there is no room."""
        self._blocks += 1
        if self._blocks > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(block))


@pytest.fixture
def producer(griot: Griot) -> Actor:
    """Somebody who uploads."""
    with griot.database.writing() as session:
        actor = actor_of(make_user(session))
        session.commit()
    return actor


def store(griot: Griot, actor: Actor, data: bytes, wake: Callable[[], object] = lambda: None) -> Stored:
    """Receive and store."""
    body, kind = multipart("matin.mp3", data)
    received = receive(griot, body, kind)
    return store_upload(griot.database, griot.storage, wake, actor, MORNING, received=received)


def test_audio_becomes_a_row_a_job_with_steps_and_a_change(griot: Griot, producer: Actor, data: Path) -> None:
    woken: list[bool] = []
    sound = (data / "audio" / "mp3-named-wav.wav").read_bytes()
    stored = store(griot, producer, sound, lambda: woken.append(True))
    with griot.database.reading() as session:
        audio = session.get_one(Audio, stored.audio_id)
        job = session.query(Job).one()
        steps = [step.name for step in session.query(JobStep).order_by(JobStep.position)]
        change = session.query(Change).one()
    assert (audio.kind, audio.mime, audio.status, audio.size_bytes) == (
        "mp3",
        "audio/mpeg",
        "processing",
        len(sound),
    )
    with griot.storage.open(audio.storage_key or "") as file:
        assert file.read() == sound
    assert (job.kind, job.subject_id, job.status, tuple(steps)) == ("ingest", audio.id, "queued", STEPS)
    assert (change.action, change.actor_id) == ("audio.uploaded", producer.user_id)
    assert woken == [True]


def test_the_same_bytes_again_are_the_same_audio_and_one_file(
    griot: Griot, producer: Actor, data: Path
) -> None:
    sound = (data / "audio" / "mp3-no-tags.mp3").read_bytes()
    first, second = store(griot, producer, sound), store(griot, producer, sound)
    assert (first.created, second.created, second.audio_id) == (True, False, first.audio_id)
    assert len(temporaries(griot)) == 1


def test_nobody_gets_at_anothers_audio_by_its_bytes(griot: Griot, producer: Actor, data: Path) -> None:
    with griot.database.writing() as session:
        other = actor_of(make_user(session))
        session.commit()
    sound = (data / "audio" / "mp3-no-tags.mp3").read_bytes()
    first, second = store(griot, producer, sound), store(griot, other, sound)
    assert second.created
    assert second.audio_id != first.audio_id


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("zero-bytes.mp3", "empty-file"),
        ("text.mp3", "not-audio"),
        ("playlist-named-mp3.mp3", "playlist-not-audio"),
        ("ffconcat-named-mp3.mp3", "playlist-not-audio"),
        ("video-with-sound.mp4", "video-not-audio"),
        ("wma.wma", "unsupported-audio"),
        ("png.mp3", "not-audio"),
    ],
)
def test_what_is_no_audio_is_refused_and_gone(
    griot: Griot, producer: Actor, data: Path, name: str, code: str
) -> None:
    with pytest.raises(UnusableMediaError) as caught:
        store(griot, producer, (data / "audio" / name).read_bytes())
    assert caught.value.code == code
    assert temporaries(griot) == []
    with griot.database.reading() as session:
        assert session.query(Audio).count() == 0


def test_a_worker_that_cannot_be_woken_loses_nothing(griot: Griot, producer: Actor, data: Path) -> None:
    def broken() -> None:
        raise OSError("queue is gone")

    stored = store(griot, producer, (data / "audio" / "mp3-no-tags.mp3").read_bytes(), broken)
    with griot.database.reading() as session:
        assert session.get_one(Audio, stored.audio_id).status == "processing"
        assert session.query(Job).count() == 1


def test_a_row_that_cannot_be_written_leaves_no_file(
    griot: Griot, producer: Actor, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("no row today")

    monkeypatch.setattr("podcasts.services.uploads.record", broken)
    with pytest.raises(RuntimeError):
        store(griot, producer, (data / "audio" / "mp3-no-tags.mp3").read_bytes())
    assert temporaries(griot) == []
