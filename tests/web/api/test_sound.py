# SPDX-License-Identifier: AGPL-3.0-or-later
"""Sound as scripts work on it: steps done again, silence cut off, clips made; what cannot be done is said."""

import pytest

from podcasts.bootstrap import Griot
from podcasts.models import Audio, Episode, Job
from tests.factories import make_audio, make_episode, make_show
from tests.web.api.conftest import Caller


@pytest.fixture
def episode(griot: Griot) -> Episode:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage, duration_ms=60_000)
        made = make_episode(session, make_show(session), audio=audio)
        session.commit()
    return made


def test_an_old_audio_gets_the_steps_that_it_never_had(griot: Griot, call: Caller, episode: Episode) -> None:
    answer = call("POST", f"/audio/{episode.audio_id}/remake")
    assert (answer.status_code, answer.json["status"]) == (202, "ready")
    assert {step["name"] for step in answer.json["steps"]} >= {"loudness", "light", "light-opus"}
    assert {step["status"] for step in answer.json["steps"]} == {"waiting"}
    again = call("POST", f"/audio/{episode.audio_id}/remake")
    assert (again.status_code, again.json["code"]) == (409, "audio-not-ready")
    assert call("POST", f"/audio/{episode.audio_id}/steps/cook/retry").status_code == 404
    with griot.database.reading() as session:
        assert session.query(Job).count() == 1


def test_a_file_that_is_gone_cannot_be_done_again(griot: Griot, call: Caller, episode: Episode) -> None:
    with griot.database.writing() as session:
        session.get_one(Audio, episode.audio_id).storage_key = None
        session.commit()
    answer = call("POST", f"/audio/{episode.audio_id}/remake")
    assert (answer.status_code, answer.json["code"]) == (409, "file-lost")


def test_a_cut_is_asked_for_and_is_a_job(call: Caller, episode: Episode) -> None:
    wish = {"start_seconds": 1.5, "end_seconds": 50}
    answer = call("POST", f"/episodes/{episode.id}/trim", wish)
    assert (answer.status_code, answer.json["kind"], answer.json["status"]) == (202, "derive", "queued")
    assert call("GET", f"/jobs/{answer.json['id']}").json["status"] == "queued"
    for wrong in (
        {"start_seconds": 1},
        {"start_seconds": -1, "end_seconds": 5},
        {"start_seconds": "1", "end_seconds": 5},
    ):
        assert call("POST", f"/episodes/{episode.id}/trim", wrong).status_code == 422
    beyond = call("POST", f"/episodes/{episode.id}/trim", {"start_seconds": 0, "end_seconds": 61})
    assert beyond.json["errors"][0]["field"] == "end_seconds"


def test_nothing_private_is_said(call: Caller, episode: Episode) -> None:
    answer = call("POST", f"/episodes/{episode.id}/strip")
    assert (answer.status_code, answer.json["code"]) == (409, "nothing-private")


def test_a_clip_is_asked_for_listed_and_taken_away(call: Caller, episode: Episode) -> None:
    path = f"/episodes/{episode.id}/clips"
    made = call("POST", path, {"start_seconds": 10, "duration_seconds": 20, "title": "Le fleuve"})
    assert (made.status_code, made.json["url"]) == (202, None)
    assert [clip["title"] for clip in call("GET", path).json["items"]] == ["Le fleuve"]
    assert call("DELETE", f"{path}/{made.json['id']}").status_code == 204
    assert call("DELETE", f"{path}/{made.json['id']}").status_code == 404
    assert call("GET", path).json["items"] == []


def test_a_show_says_how_loud_it_wants_its_sound(call: Caller) -> None:
    show = call("POST", "/shows", {"title": "A", "language": "fr"}).json
    assert (show["loudness_on"], show["loudness_lufs"]) == (True, -16.0)
    path = f"/shows/{show['slug']}"
    assert call("PATCH", path, {"loudness_on": False, "loudness_lufs": -18}).json["loudness_lufs"] == -18
    for wrong in (-31, 0, True, "loud"):
        assert call("PATCH", path, {"loudness_lufs": wrong}).status_code == 422
