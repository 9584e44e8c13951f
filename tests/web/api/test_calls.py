# SPDX-License-Identifier: AGPL-3.0-or-later
"""Calls of the REST interface: who may call, what is no call at all, again, which page, which version."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podcasts.bootstrap import Griot
from podcasts.services import idempotency
from tests.factories import make_audio, make_episode, make_playlist, make_show
from tests.web.api.conftest import API, Caller

SHOW = {"title": "Matins", "language": "fr"}
HUGE = "9" * 5_000

NOT_JSON = {
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "a text": b'"show"',
    "broken": b'{"title": ',
    "too deep": b'{"title":' * 100_000,
    "lists too deep": b"[" * 100_000,
    "not a number": b'{"title": NaN}',
    "a name twice": b'{"title": "a", "title": "b"}',
    "UTF-16": '{"title": "a", "language": "fr"}'.encode("utf-16"),
    "Latin-1": '{"title": "é", "language": "fr"}'.encode("latin-1"),
    "half a character as a name": b'{"\\ud800": 1}',
    "a number of 5,000 digits": b'{"season": ' + HUGE.encode() + b"}",
}

WRONG_VALUES = {
    "a name that there is not": ({"titel": "a"}, "titel", "unknown-field"),
    "a number as text": ({"title": 7}, "title", "wrong-type"),
    "a list as text": ({"language": ["fr"]}, "language", "wrong-type"),
    "half a character": ({"title": "\ud800"}, "title", "required"),
    "100 kB": ({"title": "a" * 100_000}, "title", "too-long"),
    "only controls": ({"title": "\x00\x07"}, "title", "required"),
    "a section with a null byte": ({"sections": ["a\x00"]}, "sections.0", "unknown-section"),
    "a slug with a null byte": ({"slug": "a\x00"}, "slug", "not-a-slug"),
    "a language that there is not": ({"language": "xx"}, "language", "not-a-language"),
    "no e-mail": ({"owner_email": "nobody"}, "owner_email", "not-an-email"),
    "a script as a link": ({"link": "javascript:alert(1)"}, "link", "not-a-web-address"),
}

ODD_IDS = {"null byte": "a%00b", "a million letters": "a" * 100_000, "not UTF-8": "%ff%fe", "dots": "..%2f.."}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
def test_what_is_no_json_object_is_malformed(call: Caller, body: bytes) -> None:
    response = call("POST", "/shows", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert response.json["code"] == "malformed"


def test_a_form_is_not_json(call: Caller) -> None:
    response = call("POST", "/shows", data=SHOW)
    assert (response.status_code, response.json["code"]) == (415, "unsupported-media-type")


@pytest.mark.parametrize(("values", "field", "code"), WRONG_VALUES.values(), ids=WRONG_VALUES.keys())
def test_each_wrong_value_is_named(call: Caller, values: dict[str, Any], field: str, code: str) -> None:
    # Not by the client's own json=, which cannot write half a character.
    body = json.dumps({**SHOW, **values}).encode()
    response = call("POST", "/shows", data=body, content_type="application/json")
    assert response.status_code == 422
    assert response.mimetype == "application/problem+json"
    assert [(fault["field"], fault["code"]) for fault in response.json["errors"]] == [(field, code)]
    assert response.json["errors"][0]["detail"]
    assert call("GET", "/shows").json["total"] == 0


@pytest.mark.parametrize("odd", ODD_IDS.values(), ids=ODD_IDS.keys())
@pytest.mark.parametrize(
    "path",
    [
        "/shows/{}",
        "/audio/{}",
        "/episodes/{}",
        "/sections/{}",
        "/articles/{}",
        "/playlists/{}",
        "/jobs/{}",
        "/shows/{}/episodes",
    ],
)
def test_an_odd_id_is_an_id_that_there_is_not(call: Caller, path: str, odd: str) -> None:
    response = call("GET", path.format(odd))
    assert response.status_code == 404
    assert response.mimetype == "application/problem+json"


@pytest.mark.parametrize("field", ["audio_id", "episode_id", "id"])
def test_an_odd_id_inside_a_body_is_a_wrong_value(call: Caller, field: str) -> None:
    made = call("POST", "/playlists", {"title": "Journal"}).json
    response = call("PUT", f"/playlists/{made['id']}/items", {"items": [{field: "a\x00b"}]})
    assert response.status_code == 422
    assert response.json["errors"][0]["field"].startswith("items.0")


@pytest.mark.parametrize("number", ["0", "-1", "1.5", "x", "", "9" * 19, "9" * 5_000, "²", "\x00"])
@pytest.mark.parametrize("name", ["page", "per_page"])
def test_a_page_that_is_no_number_is_refused(call: Caller, name: str, number: str) -> None:
    response = call("GET", "/shows", query_string={name: number})
    assert response.status_code == 422
    assert [fault["field"] for fault in response.json["errors"]] == [name]


def test_a_list_comes_in_pages_that_name_their_neighbours(call: Caller, griot: Griot) -> None:
    with griot.database.writing() as session:
        for number in range(5):
            make_show(session, title=f"Show {number}")
        session.commit()
    response = call("GET", "/shows?per_page=2&page=2")
    assert [show["title"] for show in response.json["items"]] == ["Show 2", "Show 3"]
    assert {name: response.json[name] for name in ("total", "page", "per_page")} == {
        "total": 5,
        "page": 2,
        "per_page": 2,
    }
    base = f"https://radio.example.org{API}/shows?per_page=2&page="
    assert response.headers["Link"] == (
        f'<{base}1>; rel="first", <{base}3>; rel="last", <{base}1>; rel="prev", <{base}3>; rel="next"'
    )
    assert call("GET", "/shows?page=99").json["items"] == []


@pytest.mark.parametrize(
    "header", [None, "Bearer", "Bearer x", "Basic YTpi", "Bearer griot_\x7f", "Bearer " + "a" * 9_000]
)
def test_without_a_valid_token_nobody_gets_in(call: Caller, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response: Any = call.client.get(f"{API}/shows", headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.mimetype == "application/problem+json"
    assert "Set-Cookie" not in response.headers


def test_a_wrong_method_is_told_the_right_ones(call: Caller) -> None:
    response = call("DELETE", "/jobs/1")
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert response.mimetype == "application/problem+json"


def test_another_producers_things_are_not_there(make_caller: Callable[[str], Caller], griot: Griot) -> None:
    stranger = make_caller("producer")
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session)
        episode = make_episode(session, show, audio=audio)
        playlist = make_playlist(session, [audio])
        ids = (show.id, audio.id, episode.id, playlist.id)
        session.commit()
    show_id, audio_id, episode_id, playlist_id = ids
    tries: tuple[tuple[str, str, Any], ...] = (
        ("GET", f"/shows/{show_id}", None),
        ("PATCH", f"/shows/{show_id}", {"title": "Mine"}),
        ("DELETE", f"/shows/{show_id}", None),
        ("PUT", f"/shows/{show_id}/artwork", None),
        ("GET", f"/shows/{show_id}/episodes", None),
        ("POST", f"/shows/{show_id}/episodes", {"title": "Mine"}),
        ("GET", f"/audio/{audio_id}", None),
        ("GET", f"/episodes/{episode_id}", None),
        ("PATCH", f"/episodes/{episode_id}", {"title": "Mine"}),
        ("DELETE", f"/episodes/{episode_id}", None),
        ("POST", f"/episodes/{episode_id}/publish", {}),
        ("POST", f"/episodes/{episode_id}/withdraw", None),
        ("PUT", f"/episodes/{episode_id}/chapters", {"chapters": []}),
        ("PUT", f"/episodes/{episode_id}/articles", {"articles": []}),
        ("PUT", f"/episodes/{episode_id}/artwork", None),
        ("GET", f"/playlists/{playlist_id}", None),
        ("PATCH", f"/playlists/{playlist_id}", {"title": "Mine"}),
        ("PUT", f"/playlists/{playlist_id}/items", {"items": []}),
        ("PUT", f"/playlists/{playlist_id}/artwork", None),
        ("DELETE", f"/playlists/{playlist_id}", None),
        ("POST", "/sections", {"name": "Mine", "kind": "tag"}),
    )
    assert {try_[:2]: stranger(*try_).status_code for try_ in tries} == {try_[:2]: 404 for try_ in tries}
    for path in ("/shows", "/audio", "/playlists"):
        assert stranger("GET", path).json["items"] == []


def test_the_same_key_makes_one_thing(call: Caller) -> None:
    key = {"Idempotency-Key": "abc"}
    first = call("POST", "/shows", SHOW, key)
    again = call("POST", "/shows", SHOW, key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"]
    assert call("GET", "/shows").json["total"] == 1


def test_the_same_key_with_another_body_is_refused(call: Caller) -> None:
    key = {"Idempotency-Key": "abc"}
    call("POST", "/shows", SHOW, key)
    response = call("POST", "/shows", {**SHOW, "title": "Other"}, key)
    assert (response.status_code, response.json["code"]) == (422, "key-reused")


def test_a_key_belongs_to_its_token_and_route(make_caller: Callable[[str], Caller]) -> None:
    one, other = make_caller("admin"), make_caller("admin")
    key = {"Idempotency-Key": "abc"}
    first = one("POST", "/shows", SHOW, key).json
    assert other("POST", "/shows", SHOW, key).json["id"] != first["id"]
    assert one("POST", "/playlists", {"title": "Journal"}, key).status_code == 201


def test_a_call_that_failed_may_be_made_again_under_its_key(call: Caller) -> None:
    key = {"Idempotency-Key": "abc"}
    bad = {**SHOW, "language": "xx"}
    assert [call("POST", "/shows", bad, key).status_code for _ in range(2)] == [422, 422]
    assert call("POST", "/shows", SHOW, key).status_code == 201


def test_while_the_first_call_runs_the_second_is_told(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "finish", lambda *_: None)
    key = {"Idempotency-Key": "abc"}
    assert call("POST", "/shows", SHOW, key).status_code == 201
    response = call("POST", "/shows", SHOW, key)
    assert (response.status_code, response.json["code"]) == (409, "key-in-use")


@pytest.mark.parametrize("key", ["", "a" * 256])
def test_a_key_without_use_is_refused(call: Caller, key: str) -> None:
    response = call("POST", "/shows", SHOW, {"Idempotency-Key": key})
    assert response.status_code == 422
    assert [fault["field"] for fault in response.json["errors"]] == ["Idempotency-Key"]


def test_what_somebody_else_changed_is_not_overwritten(call: Caller) -> None:
    made = call("POST", "/shows", SHOW)
    path, seen = f"/shows/{made.json['id']}", {"If-Match": made.headers["ETag"]}
    changed = call("PATCH", path, {"title": "Laudes"}, seen)
    assert (changed.status_code, changed.json["version"]) == (200, made.json["version"] + 1)
    late = call("PATCH", path, {"title": "Vêpres"}, seen)
    assert (late.status_code, late.json["code"]) == (412, "stale")
    assert call("GET", path).json["title"] == "Laudes"
    weak = {"If-Match": f"W/{changed.headers['ETag']}"}
    assert call("PATCH", path, {"title": "Vêpres"}, weak).status_code == 200
    assert call("PATCH", path, {"title": "Complies"}, {"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("tag", ['"x"', "x", '"²"', f'"{HUGE}"', '"1", "2"', 'W/"[@aU', ""])
def test_a_version_that_there_never_was_is_stale(call: Caller, tag: str) -> None:
    made = call("POST", "/shows", SHOW).json
    assert call("PATCH", f"/shows/{made['id']}", {"title": "Laudes"}, {"If-Match": tag}).status_code == 412


@pytest.mark.parametrize("kind", ["shows", "playlists"])
def test_a_cover_too_is_only_put_on_what_was_seen(call: Caller, data: Path, kind: str) -> None:
    made = call("POST", f"/{kind}", SHOW if kind == "shows" else {"title": "Journal"}).json
    path, picture = f"/{kind}/{made['id']}/artwork", (data / "images" / "cover.jpg").read_bytes()
    response = call("PUT", path, headers={"If-Match": '"99"'}, data=picture, content_type="image/jpeg")
    assert response.status_code == 412
