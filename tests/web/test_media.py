# SPDX-License-Identifier: AGPL-3.0-or-later
"""Media over HTTP: byte for byte, by ranges, only for who may hear it, and written down when it ends."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.models import Artwork, Audio, Chapter, Episode, MediaKey, Playlist, Rendition, Show
from podcasts.storage.keys import new_key
from podcasts.web.app import create_app
from podcasts.web.streams import BLOCK_BYTES
from tests.conftest import make_griot, recorded_queries
from tests.factories import MORNING, MP3, make_audio, make_episode, make_playlist, make_show
from tests.serving import PATIENCE_SECONDS, ask, served

BYTES = MP3.read_bytes()
SIZE = len(BYTES)


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    return create_app(griot).test_client()


def _publish(griot: Griot, **values: Any) -> str:
    """Publish an episode with real bytes; the path of its sound."""
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage, sha256="a" * 64)
        row = make_episode(session, make_show(session), audio=audio, **values)
        key = session.scalar(select(MediaKey.key).where(MediaKey.episode_id == row.id)) or ""
        session.commit()
    return griot.links.path_of(griot.links.media(key, "son", "mp3"))


def _get(client: FlaskClient, path: str, **headers: str) -> Any:
    """Get and close, as a server does: the journal is written when an answer ends."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with client.get(path, headers=named) as response:
        response.get_data()
        return response


def _journal(griot: Griot) -> list[dict[str, Any]]:
    folder = griot.settings.journal_folder
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines]


def test_sound_is_the_upload_byte_for_byte(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    response = _get(client, path)
    assert response.status_code == 200
    assert response.data == BYTES
    assert response.headers["Content-Type"] == "audio/mpeg"
    assert response.headers["Content-Length"] == str(SIZE)
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["ETag"] == f'"{"a" * 64}"'
    assert response.headers["Last-Modified"]
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == 'inline; filename="son.mp3"'
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=100-199", 100, 200),
        (f"bytes={SIZE - 10}-", SIZE - 10, SIZE),
        ("bytes=-5", SIZE - 5, SIZE),
        ("bytes=0-", 0, SIZE),
        (f"bytes=10-{SIZE + 999}", 10, SIZE),
    ],
)
def test_a_range_is_exactly_what_was_asked_for(
    griot: Griot, client: FlaskClient, asked: str, first: int, end: int
) -> None:
    response = _get(client, _publish(griot), Range=asked)
    assert response.status_code == 206
    assert response.data == BYTES[first:end]
    assert response.headers["Content-Range"] == f"bytes {first}-{end - 1}/{SIZE}"
    assert response.headers["Content-Length"] == str(end - first)


def test_a_range_beyond_the_end_is_416_and_says_how_long_it_is(griot: Griot, client: FlaskClient) -> None:
    response = _get(client, _publish(griot), Range=f"bytes={SIZE}-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_a_range_of_other_bytes_gives_the_whole(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    other = _get(client, path, Range="bytes=10-20", If_Range='"other"')
    assert (other.status_code, other.data) == (200, BYTES)
    same = _get(client, path, Range="bytes=10-20", If_Range=f'"{"a" * 64}"')
    assert (same.status_code, same.data) == (206, BYTES[10:21])


def test_head_says_the_length_and_sends_nothing_also_when_it_asks_for_a_range(
    griot: Griot, client: FlaskClient
) -> None:
    path = _publish(griot)
    for headers in ({}, {"Range": "bytes=5-9"}):
        with client.head(path, headers=headers) as response:
            assert response.status_code == 200
            assert response.headers["Content-Length"] == str(SIZE)
            assert response.data == b""


def test_who_has_it_already_gets_304(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    first = _get(client, path)
    assert _get(client, path, If_None_Match=first.headers["ETag"]).status_code == 304
    assert _get(client, path, If_Modified_Since=first.headers["Last-Modified"]).status_code == 304


def test_sound_is_never_compressed(griot: Griot, client: FlaskClient) -> None:
    response = _get(client, _publish(griot), Accept_Encoding="gzip, deflate, br")
    assert "Content-Encoding" not in response.headers
    assert response.data == BYTES


def test_any_name_is_taken_but_only_the_true_extension(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    folder = path.rpartition("/")[0]
    assert _get(client, f"{folder}/quite%20another%22%0d%0aname.mp3").status_code == 200
    for name in ("son.m4a", "son", "son.mp3.exe", "mp3"):
        assert _get(client, f"{folder}/{name}").status_code == 404


def test_a_name_cannot_write_headers(griot: Griot, client: FlaskClient) -> None:
    folder = _publish(griot).rpartition("/")[0]
    response = _get(client, f"{folder}/a%22%3B%20x%0d%0aSet-Cookie%3A%20b%3D1.mp3")
    assert response.headers["Content-Disposition"] == 'inline; filename="a-x-Set-Cookie-b-1.mp3"'


@pytest.mark.parametrize(
    "values",
    [
        {"status": "draft", "published_at": None},
        {"published_at": MORNING + timedelta(seconds=1)},
        {"status": "withdrawn"},
        {"deleted_at": MORNING},
    ],
)
def test_the_sound_of_what_is_not_public_is_404_in_every_form(
    griot: Griot, client: FlaskClient, values: dict[str, Any]
) -> None:
    path = _publish(griot, **values)
    folder = path.rpartition("/")[0]
    for place in (path, f"{folder}/peaks.json", f"{folder}/chapters.json"):
        assert _get(client, place).status_code == 404
    assert _journal(griot) == []


def test_withdrawing_one_episode_leaves_another_with_the_same_audio(
    griot: Griot, client: FlaskClient
) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        show = make_show(session)
        kept = make_episode(session, show, audio=audio)
        gone = make_episode(session, show, audio=audio, status="withdrawn")
        keys = {key.episode_id: key.key for key in session.scalars(select(MediaKey))}
        session.commit()
    assert _get(client, f"/media/{keys[kept.id]}/a.mp3").status_code == 200
    assert _get(client, f"/media/{keys[gone.id]}/a.mp3").status_code == 404


def test_an_address_of_replaced_audio_leads_nowhere(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    with griot.database.writing() as session:
        row = session.scalars(select(Episode)).one()
        row.audio_id = make_audio(session, storage=griot.storage).id
        session.commit()
    assert _get(client, path).status_code == 404


def test_bare_sound_is_heard_as_long_as_its_playlist_is_published(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        make_playlist(session, [make_audio(session, storage=griot.storage)])
        key = session.scalar(select(MediaKey.key))
        session.commit()
    assert _get(client, f"/media/{key}/a.mp3").data == BYTES
    with griot.database.writing() as session:
        session.scalars(select(Playlist)).one().published = False
        session.commit()
    assert _get(client, f"/media/{key}/a.mp3").status_code == 404


def test_a_file_that_is_gone_is_404_and_no_broken_answer(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    for key in list(griot.storage.keys()):
        griot.storage.delete(key)
    assert _get(client, path).status_code == 404


def test_sound_costs_one_question(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    # The first request also looks at the version of the database.
    _get(client, path)
    with recorded_queries(griot.database.engine) as queries:
        _get(client, path)
    assert queries.count == 1


def test_nothing_is_held_of_the_database_while_sound_flows(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    with client.get(path):
        assert griot.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool


def test_a_player_of_another_origin_may_ask_for_ranges(griot: Griot, client: FlaskClient) -> None:
    response = client.options(_publish(griot), headers={"Origin": "null"})
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Range" in response.headers["Access-Control-Allow-Headers"]


def test_every_get_and_head_is_written_down_with_what_was_really_sent(
    griot: Griot, client: FlaskClient
) -> None:
    path = _publish(griot)
    _get(client, path)
    _get(client, path, Range="bytes=10-19", Referer="https://radio.example.org/embed/shows/a")
    with client.head(path):
        pass
    _get(client, path, Range=f"bytes={SIZE}-")
    whole, part, head, beyond = _journal(griot)
    assert (whole["event"], whole["status"], whole["sent_bytes"], whole["range_start"]) == (
        "get",
        200,
        SIZE,
        None,
    )
    assert (part["range_start"], part["range_end"], part["sent_bytes"], part["source"]) == (
        10,
        19,
        10,
        "embed",
    )
    assert (head["event"], head["sent_bytes"]) == ("head", 0)
    assert (beyond["status"], beyond["sent_bytes"]) == (416, 0)
    assert whole["media_key"] == path.split("/")[2]
    assert whole["listener"] == part["listener"] != ""


def test_a_listener_who_leaves_early_counts_for_what_he_took(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        row = make_episode(session, make_show(session), audio=audio)
        key = session.scalar(select(MediaKey.key).where(MediaKey.episode_id == row.id))
        session.commit()
    large = griot.storage.local_path(audio.storage_key or "")
    assert large is not None
    large.write_bytes(bytes(4 * BLOCK_BYTES))
    _resize(griot, audio.id, 4 * BLOCK_BYTES)
    with client.get(f"/media/{key}/a.mp3") as response:
        blocks = iter(response.response)
        next(blocks)
        next(blocks)
    assert [line["sent_bytes"] for line in _journal(griot)] == [BLOCK_BYTES]


@pytest.mark.parametrize(
    ("query", "referrer", "source"),
    [
        ("", "", ""),
        ("", "https://radio.example.org/shows/a/b", "page"),
        ("", "https://radio.example.org/embed/article?url=x", "embed"),
        ("", "https://radio.example.org.evil.example/embed/", ""),
        ("", "https://elsewhere.example/", ""),
        ("?source=embed", "https://radio.example.org/", "embed"),
        ("?source=made-up", "", ""),
    ],
)
def test_the_source_is_a_word_of_ours_or_nothing(
    embedded: Griot, query: str, referrer: str, source: str
) -> None:
    player = create_app(embedded).test_client()
    _get(player, _publish(embedded) + query, Referer=referrer)
    assert [line["source"] for line in _journal(embedded)] == [source]


def test_a_journal_that_cannot_be_written_stops_no_listener(embedded: Griot) -> None:
    embedded.settings.journal_folder.write_text("a file where the folder should be")
    assert _get(create_app(embedded).test_client(), _publish(embedded)).data == BYTES


def test_nginx_is_told_where_the_file_is(tmp_path: Path, sqlite_url: str) -> None:
    griot = make_griot(tmp_path, sqlite_url, None, sendfile="x-accel")
    path = _publish(griot)
    response = _get(create_app(griot).test_client(), path, Range="bytes=10-19")
    assert response.headers["X-Accel-Redirect"].startswith("/_media/audio/")
    assert response.data == b""
    (line,) = _journal(griot)
    assert (line["range_start"], line["range_end"], line["sent_bytes"]) == (10, 19, None)
    griot.database.engine.dispose()


def test_the_waveform_stands_beside_the_sound(griot: Griot, client: FlaskClient) -> None:
    folder = _publish(griot).rpartition("/")[0]
    response = _get(client, f"{folder}/peaks.json")
    assert response.json["version"] == 1
    assert response.json["duration_seconds"] == 2.0
    assert len(response.json["data"]) == 400
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert _get(client, f"{folder}/peaks.json", If_None_Match=response.headers["ETag"]).status_code == 304


def test_chapters_stand_beside_the_sound(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    folder = path.rpartition("/")[0]
    assert _get(client, f"{folder}/chapters.json").status_code == 404
    with griot.database.writing() as session:
        row = session.scalars(select(Episode)).one()
        session.add(Chapter(episode_id=row.id, start_ms=1_500, title="Suite", url="https://news.example/a"))
        session.add(Chapter(episode_id=row.id, start_ms=0, title="Début"))
        session.commit()
    response = _get(client, f"{folder}/chapters.json")
    assert response.headers["Content-Type"] == "application/json+chapters"
    assert json.loads(response.data) == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0.0, "title": "Début"},
            {"startTime": 1.5, "title": "Suite", "url": "https://news.example/a"},
        ],
    }


def test_a_picture_is_there_in_every_size_and_may_be_kept_for_ever(griot: Griot, client: FlaskClient) -> None:
    keys = {}
    for size, extension in (("feed", "jpg"), ("page", "webp"), ("small", "webp"), ("thumb", "webp")):
        keys[f"{size}_key"] = new_key("artwork", extension)
        griot.storage.put_bytes(size.encode(), keys[f"{size}_key"])
    with griot.database.writing() as session:
        session.add(Artwork(public_key="pic", width_px=1400, feed_size_bytes=4, created_at=MORNING, **keys))
        session.commit()
    for name, body, mime in (
        ("cover.jpg", b"feed", "image/jpeg"),
        ("cover-600.webp", b"page", "image/webp"),
        ("cover-112.webp", b"small", "image/webp"),
        ("cover-72.webp", b"thumb", "image/webp"),
    ):
        response = _get(client, f"/media/pic/{name}")
        assert (response.data, response.headers["Content-Type"]) == (body, mime)
        assert "immutable" in response.headers["Cache-Control"]
    assert _get(client, "/media/pic/cover-99.webp").status_code == 404
    assert _journal(griot) == []


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[tuple[str, str, Path]]:
    """A real server with one published episode: its address, the path of the sound, and its folder."""
    folder = tmp_path_factory.mktemp("real")
    (folder / "instance").mkdir()
    database = folder / "instance" / "griot.sqlite"
    database.write_bytes(migrated_sqlite.read_bytes())
    griot = make_griot(folder, f"sqlite:///{database}", None)
    path = _publish(griot, published_at=datetime(2020, 1, 1, tzinfo=UTC))
    griot.database.engine.dispose()
    with served(folder) as running:
        yield running.url, path, folder


@pytest.mark.parametrize(
    ("asked", "first", "end"), [("bytes=0-99", 0, 100), (f"bytes={SIZE - 100}-", SIZE - 100, SIZE)]
)
def test_a_real_server_sends_ranges_early_and_late(
    real: tuple[str, str, Path], asked: str, first: int, end: int
) -> None:
    url, path, _ = real
    status, headers, body = ask("GET", url + path, Range=asked)
    assert (status, body) == (206, BYTES[first:end])
    assert headers["content-range"] == f"bytes {first}-{end - 1}/{SIZE}"


def test_a_real_server_sends_the_whole_and_answers_head_and_what_it_cannot_satisfy(
    real: tuple[str, str, Path],
) -> None:
    url, path, _ = real
    status, headers, body = ask("GET", url + path)
    assert (status, body) == (200, BYTES)
    status, headers, body = ask("HEAD", url + path)
    assert (status, headers["content-length"], body) == (200, str(SIZE), b"")
    status, headers, _ = ask("GET", url + path, Range=f"bytes={SIZE}-")
    assert (status, headers["content-range"]) == (416, f"bytes */{SIZE}")
    status, _, body = ask("GET", url + path, Range="bytes=0-9", If_Range='"other"')
    assert (status, body) == (200, BYTES)


def test_a_real_server_writes_down_what_it_sent(real: tuple[str, str, Path]) -> None:
    url, path, folder = real
    ask("GET", f"{url}{path}?source=download", Range="bytes=5-14")
    (line,) = _lines_of(folder / "instance" / "journal", "download")
    assert (line["range_start"], line["range_end"], line["sent_bytes"]) == (5, 14, 10)


def _lines_of(folder: Path, source: str) -> list[dict[str, Any]]:
    """Wait for lines: the server writes them after the last byte, when the listener has gone already."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        whole = "".join(path.read_text() for path in folder.glob("*.jsonl"))
        found = [line for line in map(json.loads, whole.splitlines()) if line["source"] == source]
        if found:
            return found
        threading.Event().wait(0.05)
    raise TimeoutError(source)


def _resize(griot: Griot, audio_id: str, size_bytes: int) -> None:
    with griot.database.writing() as session:
        audio = session.get_one(Audio, audio_id)
        audio.size_bytes = size_bytes
        for rendition in session.scalars(select(Rendition).where(Rendition.audio_id == audio_id)):
            rendition.size_bytes = size_bytes
        session.commit()


def test_listeners_are_served_while_somebody_holds_the_write_lock(griot: Griot, client: FlaskClient) -> None:
    path = _publish(griot)
    with griot.database.writing() as session:
        show = make_show(session, title="Not yet committed")
        session.flush()
        for place in ("/", path, "/feed.xml", f"/embed/shows/{_first_show(griot)}"):
            assert _get(client, place).status_code == 200
        assert _get(client, f"/shows/{show.slug}").status_code == 404


def _first_show(griot: Griot) -> str:
    with griot.database.reading() as session:
        return session.scalars(select(Show.slug)).one()
