# SPDX-License-Identifier: AGPL-3.0-or-later
"""tus 1.0.0: headers, refusals and what becomes of an upload, by the test client and by a real server."""

import base64
import errno
import hashlib
import http.client
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from podcasts.bootstrap import Griot
from podcasts.clock import StoppedClock
from podcasts.errors import BusyError, DiskFullError
from podcasts.models import Audio, Episode, Show, ShowMember, Upload
from podcasts.services import parts, resumable
from podcasts.services.resumable import Place
from podcasts.web.app import create_app
from tests.factories import MORNING, make_episode, make_show
from tests.serving import Served, ask, served
from tests.web.api.conftest import Caller, caller_of
from tests.web.studio.test_studio import Person

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


@pytest.fixture
def make_caller(griot: Griot) -> Callable[[str], Caller]:
    """Make a script of a role."""
    client = create_app(griot).test_client()
    return lambda role: caller_of(griot, client, role)


@pytest.fixture
def call(make_caller: Callable[[str], Caller]) -> Caller:
    """A producer's script."""
    return make_caller("producer")


@pytest.fixture
def sound(data: Path) -> bytes:
    """An MP3."""
    return (data / "audio" / "mp3-id3v24-accents.mp3").read_bytes()


def words(**pairs: str) -> str:
    """Write Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def begin(call: Caller, size: int, **headers: str) -> str:
    """Begin an upload; its path below the interface."""
    sent = {**TUS, "Upload-Length": str(size), **{k.replace("_", "-"): v for k, v in headers.items()}}
    answer = call("POST", "/uploads", headers=sent)
    assert answer.status_code == 201, answer.text
    path: str = answer.headers["Location"].partition("/api/v1")[2]
    return path


def send(call: Caller, path: str, data: bytes, offset: int, **headers: str) -> Any:
    """Send a piece."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return call("PATCH", path, data=data, headers={**PIECE, "Upload-Offset": str(offset), **more})


def offset_of(call: Caller, path: str) -> int:
    """Ask how far it is."""
    answer = call("HEAD", path, headers=TUS)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])


def test_options_say_what_is_spoken(call: Caller) -> None:
    for path in ("/uploads", "/uploads/any"):
        answer = call.client.options(f"/api/v1{path}")
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Tus-Extension"].split(",") == [
            *("creation", "creation-with-upload", "checksum", "expiration", "termination")
        ]
        assert int(answer.headers["Tus-Max-Size"]) == 2 * 1024**3
        assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")


def test_a_file_in_pieces_becomes_audio_and_says_so(griot: Griot, call: Caller, sound: bytes) -> None:
    path = begin(call, len(sound), Upload_Metadata=words(filename="Été à قصّة.mp3"))
    half = len(sound) // 2
    answer = send(call, path, sound[:half], 0)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(half))
    assert "Griot-Audio" not in answer.headers
    assert offset_of(call, path) == half
    answer = send(call, path, sound[half:], half)
    assert answer.status_code == 204
    audio = answer.headers["Griot-Audio"]
    again = call("HEAD", path, headers=TUS)
    assert again.headers["Griot-Audio"] == audio
    assert "Upload-Expires" in again.headers
    shown = call("GET", audio.removeprefix("/api/v1")).json
    assert shown["sha256"] == hashlib.sha256(sound).hexdigest()
    assert shown["file_name"] == "Été à قصّة.mp3"
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_the_first_piece_may_come_with_the_creation(call: Caller, sound: bytes) -> None:
    headers = {**PIECE, "Upload-Length": str(len(sound))}
    answer = call("POST", "/uploads", data=sound, headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(sound)))
    assert answer.headers["Griot-Audio"].startswith("/api/v1/audio/")


def test_a_draft_is_made_in_the_show_that_was_named(griot: Griot, call: Caller, sound: bytes) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="matins")
        add_member(session, show.id, call.user_id)
        session.commit()
    # A name is not needed: the tags have the title.
    path = begin(call, len(sound), Upload_Metadata=words(show="matins"))
    answer = send(call, path, sound, 0)
    episode = call("GET", answer.headers["Griot-Episode"].removeprefix("/api/v1")).json
    assert (episode["show"]["slug"], episode["status"]) == ("matins", "draft")
    with griot.database.reading() as session:
        assert session.query(Episode).count() == 1


def add_member(session: Any, show_id: str, user_id: str) -> None:
    """Let somebody work on a show."""
    session.add(ShowMember(show_id=show_id, user_id=user_id, created_at=MORNING))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e9"}, 400),
        ({"Upload-Length": "9" * 40}, 400),
        ({"Upload-Length": "٣"}, 400),
        ({}, 400),
        ({"Upload-Length": "0"}, 415),
        ({"Upload-Length": str(2 * 1024**3 + 1)}, 413),
        ({"Upload-Length": "10", "Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "10", "Upload-Metadata": "filename !!!"}, 400),
        ({"Upload-Length": "10", "Upload-Metadata": words(filename="a\x00b")}, 400),
        ({"Upload-Length": "10", "Upload-Metadata": words(filename="a") + "," + words(filename="b")}, 400),
        (
            {"Upload-Length": "10", "Upload-Metadata": "filename " + base64.b64encode(b"\xff\xfe").decode()},
            400,
        ),
        ({"Upload-Length": "10", "Upload-Metadata": words(show="nobody's")}, 404),
        ({"Upload-Length": "10", "Upload-Metadata": words(show="a", episode="b")}, 422),
    ],
)
def test_a_beginning_that_cannot_be_read_is_refused(
    griot: Griot, call: Caller, headers: dict[str, str], status: int
) -> None:
    raw = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    answer = call("POST", "/uploads", headers={**TUS, **raw})
    assert answer.status_code == status, answer.text
    assert answer.json["detail"]
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"
    with griot.database.reading() as session:
        assert session.query(Upload).count() == 0


def test_pieces_that_do_not_fit_are_refused_and_change_nothing(call: Caller, sound: bytes) -> None:
    path = begin(call, len(sound))
    assert send(call, path, sound[:1000], 0).status_code == 204
    assert send(call, path, sound[:10], 0).status_code == 409
    assert send(call, path, sound[:10], 5000).status_code == 409
    assert send(call, path, sound + b"more", 1000).status_code == 413
    assert send(call, path, b"", -1).status_code == 400
    assert call("PATCH", path, data=b"x", headers={**TUS, "Upload-Offset": "1000"}).status_code == 415
    assert call("POST", path, headers={**TUS, "X-HTTP-Method-Override": "TRACE"}).status_code == 400
    assert offset_of(call, path) == 1000
    headers = {**PIECE, "Upload-Offset": "1000", "X-HTTP-Method-Override": "PATCH"}
    assert call("POST", path, data=sound[1000:], headers=headers).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
def test_a_piece_with_a_wrong_checksum_is_not_kept(call: Caller, sound: bytes, algorithm: str) -> None:
    path = begin(call, len(sound))
    right = base64.b64encode(hashlib.new(algorithm, sound[:1000]).digest()).decode()
    answer = send(call, path, sound[1:1001], 0, Upload_Checksum=f"{algorithm} {right}")
    assert answer.status_code == 460
    assert offset_of(call, path) == 0
    answer = send(call, path, sound[:1000], 0, Upload_Checksum=f"{algorithm} {right}")
    assert (answer.status_code, offset_of(call, path)) == (204, 1000)
    assert send(call, path, b"x", 1000, Upload_Checksum="crc32 AAAA").status_code == 400


def test_what_is_no_audio_is_refused_at_its_end_and_stays_refused(call: Caller) -> None:
    path = begin(call, 11)
    answer = send(call, path, b"no audio :(", 0)
    assert (answer.status_code, answer.json["code"]) == (415, "not-audio")
    gone = call("PATCH", path, data=b"", headers={**PIECE, "Upload-Offset": "11"})
    assert (gone.status_code, gone.json["code"]) == (410, "not-audio")
    assert call("HEAD", path, headers=TUS).status_code == 410


def test_a_film_is_refused_after_its_first_bytes(griot: Griot, call: Caller) -> None:
    path = begin(call, 10**9)
    answer = send(call, path, b"FLV\x01" + bytes(80_000), 0)
    assert (answer.status_code, answer.json["code"]) == (415, "video-not-audio")
    assert call("HEAD", path, headers=TUS).status_code == 410
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_nobody_sees_or_goes_on_with_another_s_upload(
    make_caller: Callable[[str], Caller], call: Caller, sound: bytes
) -> None:
    path = begin(call, len(sound))
    for other in (make_caller("producer"), make_caller("admin")):
        assert call_status(other, "HEAD", path) == 404
        assert call_status(other, "DELETE", path) == 404
        assert send(other, path, sound, 0).status_code == 404
    assert call("HEAD", "/uploads/nothing", headers=TUS).status_code == 404


def call_status(call: Caller, method: str, path: str) -> int:
    """Call with the version; its status."""
    status: int = call(method, path, headers=TUS).status_code
    return status


def test_an_upload_that_was_ended_is_gone_with_its_file(griot: Griot, call: Caller, sound: bytes) -> None:
    path = begin(call, len(sound))
    send(call, path, sound[:1000], 0)
    assert call_status(call, "DELETE", path) == 204
    assert call_status(call, "HEAD", path) == 404
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_an_upload_waits_for_a_week_and_then_goes(
    griot: Griot, call: Caller, sound: bytes, clock: StoppedClock
) -> None:
    path = begin(call, len(sound))
    send(call, path, sound[:1000], 0)
    place = Place(griot.database, griot.storage, lambda: None)
    clock.move(timedelta(days=7) - timedelta(seconds=1))
    resumable.sweep_uploads(place, clock.now())
    griot.storage.sweep_temporaries(older_than=timedelta(0), now=clock.now() + timedelta(days=9))
    assert offset_of(call, path) == 1000
    clock.move(timedelta(seconds=1))
    assert call_status(call, "HEAD", path) == 404
    assert resumable.sweep_uploads(place, clock.now()) == 1
    assert list((griot.settings.effective_media_root / ".incoming").iterdir()) == []


def test_what_a_crash_left_whole_is_finished_once(
    griot: Griot, call: Caller, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="matins")
        add_member(session, show.id, call.user_id)
        session.commit()
    path = begin(call, len(sound), Upload_Metadata=words(filename="x.mp3", show="matins"))

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    # Killed after the audio and the draft were made, before the upload's own row knew of it.
    with monkeypatch.context() as patch:
        real = resumable._place

        def made_then_dead(*given: Any) -> None:
            real(*given)
            die()

        patch.setattr(resumable, "_place", made_then_dead)
        with pytest.raises(KeyboardInterrupt):
            send(call, path, sound, 0)
    answer = call("HEAD", path, headers=TUS)
    assert answer.headers["Griot-Audio"]
    with griot.database.reading() as session:
        assert session.query(Audio).count() == 1
        assert session.query(Episode).count() == 1


# By a real server


def test_a_machine_that_is_busy_or_full_loses_no_acknowledged_byte(
    call: Caller, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = len(sound) // 2
    path = begin(call, len(sound))
    assert send(call, path, sound[:half], 0).status_code == 204
    with monkeypatch.context() as patch:

        def busy(*_: object) -> None:
            raise BusyError

        patch.setattr(resumable, "acknowledge", busy)
        assert send(call, path, sound[half:], half).status_code == 503
    assert offset_of(call, path) == half
    with monkeypatch.context() as patch:

        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(os, "fsync", full)
        answer = send(call, path, sound[half:], half)
    assert (answer.status_code, answer.json["code"]) == (507, "disk-full")
    assert offset_of(call, path) == half
    assert "Griot-Audio" in send(call, path, sound[half:], half).headers


def test_a_full_disk_at_the_end_is_gone_on_from_later(
    griot: Griot, call: Caller, sound: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = begin(call, len(sound))
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise DiskFullError

        patch.setattr(griot.storage, "put", full)
        assert send(call, path, sound, 0).status_code == 507
    answer = call("HEAD", path, headers=TUS)
    assert (answer.headers["Upload-Offset"], "Griot-Audio" in answer.headers) == (str(len(sound)), True)


class Browser:
    """Somebody in the studio, whose scripts send the page's token."""

    def __init__(self, griot: Griot) -> None:
        self.person = Person(griot, "producer")
        with griot.database.writing() as session:
            show = make_show(session, slug="matins")
            session.add(ShowMember(show_id=show.id, user_id=self.person.user.id, created_at=MORNING))
            session.commit()
        page = self.person.get("/studio/upload").get_data(as_text=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found
        self.token = {"X-CSRFToken": found[1]}

    def __call__(self, method: str, path: str, data: bytes = b"", **headers: str) -> TestResponse:
        """Send a request as the studio's script does."""
        return self.person.client.open(
            path,
            method=method,
            data=data,
            base_url="https://radio.example.org",
            headers={
                "Referer": "https://radio.example.org/studio/upload",
                **TUS,
                **self.token,
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )


def test_the_studio_sends_in_pieces_and_is_led_to_the_form(griot: Griot, sound: bytes) -> None:
    browser = Browser(griot)
    begun = browser(
        "POST",
        "/studio/uploads",
        Upload_Length=str(len(sound)),
        Upload_Metadata=words(filename="a.mp3", show="matins"),
    )
    assert begun.status_code == 201
    # Where the browser is, whatever the site's public address.
    assert begun.headers["Location"].startswith("/studio/uploads/")
    unfinished = browser("GET", "/studio/uploads").json
    assert unfinished is not None
    assert [(one["file_name"], one["offset_bytes"]) for one in unfinished["items"]] == [("a.mp3", 0)]
    sent = {"Upload_Offset": "0", "Content_Type": PIECE["Content-Type"]}
    ended = browser("PATCH", begun.headers["Location"], sound, **sent)
    assert ended.status_code == 204
    form = browser.person.get(ended.headers["Griot-Location"])
    assert form.status_code == 200
    assert browser("GET", "/studio/uploads").json == {"items": []}


def test_the_studio_takes_nothing_from_another_site(griot: Griot, sound: bytes) -> None:
    browser = Browser(griot)
    browser.token = {"X-CSRFToken": "made up"}
    answer = browser("POST", "/studio/uploads", Upload_Length=str(len(sound)))
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["code"] == "csrf"
    assert browser("GET", "/studio/uploads").json == {"items": []}


def test_new_sound_for_what_is_online_waits_for_a_word(griot: Griot, sound: bytes) -> None:
    browser = Browser(griot)
    with griot.database.writing() as session:
        show = session.query(Show).one()
        episode = make_episode(session, show)
        session.commit()
        episode_id, audio_id = episode.id, episode.audio_id
    begun = browser(
        "POST",
        "/studio/uploads",
        Upload_Length=str(len(sound)),
        Upload_Metadata=words(filename="a.mp3", episode=episode_id),
    )
    sent = {"Upload_Offset": "0", "Content_Type": PIECE["Content-Type"]}
    ended = browser("PATCH", begun.headers["Location"], sound, **sent)
    new_audio = ended.headers["Griot-Audio"].rpartition("/")[2]
    assert ended.headers["Griot-Location"].endswith(f"/studio/episodes/{episode_id}?sound={new_audio}")
    with griot.database.reading() as session:
        assert session.query(Episode).one().audio_id == audio_id
    assert new_audio != audio_id


@pytest.fixture
def running(tmp_path: Path) -> Any:
    """A Griot that can be killed and started again."""
    with served(tmp_path) as griot:
        yield griot


def start(griot: Served, token: str, size: int) -> str:
    """Begin an upload; its path."""
    status, headers, _ = ask(
        "POST", f"{griot.url}/api/v1/uploads", token, Tus_Resumable="1.0.0", Upload_Length=str(size)
    )
    assert status == 201
    return urlsplit(headers["location"]).path


def stands_at(griot: Served, token: str, path: str) -> int:
    """Ask how far an upload is."""
    status, headers, _ = ask("HEAD", griot.url + path, token, Tus_Resumable="1.0.0")
    assert status == 200
    return int(headers["upload-offset"])


def half_a_patch(griot: Served, token: str, path: str, data: bytes, offset: int, sent: int) -> socket.socket:
    """Begin a PATCH and send only a part of what was announced."""
    where = urlsplit(griot.url)
    line = socket.create_connection((where.hostname, where.port), timeout=30)
    head = (
        f"PATCH {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
        f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n"
        f"Content-Length: {len(data) - offset}\r\n\r\n"
    )
    line.sendall(head.encode() + data[offset : offset + sent])
    return line


def rest(griot: Served, token: str, path: str, data: bytes, offset: int) -> tuple[int, dict[str, str]]:
    """Send the rest of a file."""
    status, headers, _ = ask(
        "PATCH",
        griot.url + path,
        token,
        data[offset:],
        Tus_Resumable="1.0.0",
        Content_Type="application/offset+octet-stream",
        Upload_Offset=str(offset),
    )
    return status, headers


def until(true: Callable[[], bool]) -> None:
    """Wait for something that comes."""
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_came_before_the_line_broke_is_not_asked_for_again(running: Served, sound: bytes) -> None:
    token = running.make_token()
    data = sound + bytes(3_000_000)
    path = start(running, token, len(data))
    with half_a_patch(running, token, path, data, 0, 2_000_000):
        pass
    until(lambda: stands_at(running, token, path) == 2_000_000)
    status, headers = rest(running, token, path, data, 2_000_000)
    assert status == 204
    _, _, body = ask("GET", running.url + headers["griot-audio"], token)
    assert hashlib.sha256(data).hexdigest().encode() in body


def test_acknowledged_bytes_survive_a_power_cut(tmp_path: Path, sound: bytes) -> None:
    data = sound + bytes(20_000_000)
    with served(tmp_path) as griot:
        token = griot.make_token()
        path = start(griot, token, len(data))
        line = half_a_patch(griot, token, path, data, 0, 17_000_000)
        # A long piece is acknowledged on its way, every 8 MiB.
        until(lambda: stands_at(griot, token, path) >= parts.CHECKPOINT_BYTES)
        griot.kill_everything()
        line.close()
    with served(tmp_path) as griot:
        at = stands_at(griot, token, path)
        assert at >= parts.CHECKPOINT_BYTES
        status, headers = rest(griot, token, path, data, at)
        assert status == 204
        _, _, body = ask("GET", griot.url + headers["griot-audio"], token)
        assert hashlib.sha256(data).hexdigest().encode() in body


def test_who_comes_second_is_turned_away_until_the_first_falls_silent(running: Served, sound: bytes) -> None:
    token = running.make_token()
    data = sound + bytes(1_000_000)
    path = start(running, token, len(data))
    with half_a_patch(running, token, path, data, 0, 500_000):
        # Time to be the first: whoever asks too early could be it.
        time.sleep(1)
        assert rest(running, token, path, b"", 0)[0] == 423
        # The first says nothing more: its line is dead, and what it sent is kept.
        time.sleep(parts.SILENT_SECONDS + 0.5)
        assert stands_at(running, token, path) == 500_000
        assert rest(running, token, path, data, 500_000)[0] == 204


def test_two_who_finish_at_once_make_one_audio(running: Served, sound: bytes) -> None:
    token = running.make_token()
    path = start(running, token, len(sound))
    answers: list[tuple[int, dict[str, str]]] = []
    threads = [
        threading.Thread(target=lambda: answers.append(rest(running, token, path, sound, 0)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(status for status, _ in answers)
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 409, 423}
    _, _, body = ask("GET", f"{running.url}/api/v1/audio", token)
    assert body.count(b'"sha256"') == 1


def test_a_refused_piece_of_many_megabytes_is_heard(running: Served, sound: bytes) -> None:
    token = running.make_token()
    data = sound + bytes(6_000_000)
    path = start(running, token, len(data))
    where = urlsplit(running.url)
    line = http.client.HTTPConnection(where.hostname or "", where.port, timeout=30)
    headers = {**PIECE, "Authorization": f"Bearer {token}", "Upload-Offset": "7"}
    line.request("PATCH", path, data[7:], headers)
    answer = line.getresponse()
    assert answer.status == 409
    assert b"upload-offset" in answer.read()
    line.close()


def test_chunks_that_are_none_are_refused_and_the_upload_can_go_on(running: Served, sound: bytes) -> None:
    token = running.make_token()
    path = start(running, token, len(sound))
    where = urlsplit(running.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as line:
        head = (
            f"PATCH {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nTus-Resumable: 1.0.0\r\n"
            "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        line.sendall(head.encode() + b"5\r\nhello\r\nZZ\r\n")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"malformed" in answer
    assert rest(running, token, path, sound, 0)[0] == 204


def test_a_piece_under_another_name_is_told_which_name_is_wanted(call: Caller, sound: bytes) -> None:
    path = begin(call, len(sound))
    refused = send(call, path, sound, 0, Content_Type="text/plain")
    assert refused.status_code == 415
    assert "application/offset+octet-stream" in refused.text
