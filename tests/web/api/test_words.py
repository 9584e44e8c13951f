# SPDX-License-Identifier: AGPL-3.0-or-later
"""Chapters and transcripts as scripts send them, and as players, apps and feeds get them."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from podcasts.bootstrap import Griot
from podcasts.models import Episode
from tests.audio.test_chapters import PSC, TEXT
from tests.audio.test_transcripts import SRT, VTT
from tests.factories import make_audio, make_episode, make_show
from tests.web.api.conftest import Caller


@pytest.fixture
def episode(griot: Griot) -> Episode:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage)
        made = make_episode(session, make_show(session, slug="matins", language="fr"), audio=audio)
        session.commit()
    return made


def fetched(call: Caller, url: str) -> Any:
    """Fetch a public address as a stranger."""
    parts = urlsplit(url)
    return call.client.get(f"{parts.path}?{parts.query}")


@pytest.mark.parametrize(
    ("mime", "body"),
    [
        ("text/plain", TEXT),
        ("application/xml", PSC),
        ("text/xml; charset=utf-8", PSC),
        (
            "application/json+chapters",
            json.dumps({"version": "1.2.0", "chapters": [{"startTime": 62.5, "title": "Le fleuve"}]}),
        ),
    ],
)
def test_chapters_of_other_programs_are_imported(
    call: Caller, episode: Episode, mime: str, body: str
) -> None:
    answer = call(
        "PUT", f"/episodes/{episode.id}/chapters", data=body.encode(), headers={"Content-Type": mime}
    )
    assert answer.status_code == 200, answer.text
    assert 62.5 in [chapter["start_seconds"] for chapter in answer.json["chapters"]]


def test_a_line_that_cannot_be_read_is_named(call: Caller, episode: Episode) -> None:
    answer = call(
        "PUT",
        f"/episodes/{episode.id}/chapters",
        data=b"0:00 A\nnonsense",
        headers={"Content-Type": "text/plain", "Accept-Language": "fr"},
    )
    assert (answer.status_code, answer.json["code"]) == (422, "chapter-time")
    assert "ligne 2" in answer.json["detail"]


def test_one_transcript_gives_all_four_forms_and_stands_in_the_feed(call: Caller, episode: Episode) -> None:
    answer = call(
        "PUT", f"/episodes/{episode.id}/transcript", data=SRT.encode(), headers={"Content-Type": "text/plain"}
    )
    assert answer.status_code == 200, answer.text
    [shown] = answer.json["transcripts"]
    assert (shown["language"], shown["format"], shown["status"]) == ("fr", "srt", "accepted")
    wanted = {
        "vtt": "text/vtt; charset=utf-8",
        "srt": "application/x-subrip; charset=utf-8",
        "json": "application/json",
        "html": "text/html; charset=utf-8",
    }
    for form, mime in wanted.items():
        got = fetched(call, shown["urls"][form])
        assert (got.status_code, got.headers["Content-Type"]) == (200, mime)
        assert got.headers["Access-Control-Allow-Origin"] == "*"
        assert got.headers["Content-Language"] == "fr"
        assert "Awa Diallo" in got.get_data(as_text=True)
        again = call.client.get(
            urlsplit(shown["urls"][form]).path, headers={"If-None-Match": got.headers["ETag"]}
        )
        assert again.status_code == 304
    feed = call.client.get("/shows/matins/feed.xml").get_data(as_text=True)
    assert feed.count("<podcast:transcript ") == 4
    assert feed.index('type="text/vtt"') < feed.index('type="application/x-subrip"')
    assert 'rel="captions"' in feed


def test_words_without_times_are_html_alone(call: Caller, episode: Episode) -> None:
    path = f"/episodes/{episode.id}/transcript"
    answer = call("PUT", path, data=b"Des mots <b>&", headers={"Content-Type": "text/plain"})
    [shown] = answer.json["transcripts"]
    assert list(shown["urls"]) == ["html"]
    page = fetched(call, shown["urls"]["html"])
    assert "&lt;b&gt;&amp;" in page.get_data(as_text=True)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert fetched(call, shown["urls"]["html"].replace(".html", ".vtt")).status_code == 404
    assert fetched(call, shown["urls"]["html"].replace(".html", ".exe")).status_code == 404


def test_several_languages_stand_beside_each_other(call: Caller, episode: Episode) -> None:
    path = f"/episodes/{episode.id}/transcript"
    call("PUT", f"{path}?language=fr", data=VTT.encode(), headers={"Content-Type": "text/vtt"})
    call("PUT", f"{path}?language=ar", data="قصّة اليوم".encode(), headers={"Content-Type": "text/plain"})
    items = call("GET", path).json["items"]
    assert [item["language"] for item in items] == ["ar", "fr"]
    assert "قصّة" in fetched(call, items[0]["urls"]["html"]).get_data(as_text=True)
    assert call("DELETE", f"{path}?language=ar").status_code == 204
    assert [item["language"] for item in call("GET", path).json["items"]] == ["fr"]
    assert call("DELETE", f"{path}?language=ar").status_code == 404


def test_a_withdrawn_episode_takes_its_words_along(call: Caller, episode: Episode) -> None:
    path = f"/episodes/{episode.id}/transcript"
    answer = call("PUT", path, data=VTT.encode(), headers={"Content-Type": "text/vtt"})
    url = answer.json["transcripts"][0]["urls"]["vtt"]
    assert fetched(call, url).status_code == 200
    call("POST", f"/episodes/{episode.id}/withdraw")
    assert fetched(call, url).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "transcript-unreadable"),
        (b"x" * 5_000_001, 413, "too-large"),
        (b"WEBVTT\n\n0 --> x\na", 422, None),
    ],
)
def test_what_is_no_transcript_is_refused(
    call: Caller, episode: Episode, body: bytes, status: int, code: str | None
) -> None:
    answer = call(
        "PUT", f"/episodes/{episode.id}/transcript", data=body, headers={"Content-Type": "text/vtt"}
    )
    assert answer.status_code == status
    assert code in {None, answer.json["code"]}


def test_without_a_program_nothing_is_written_down(call: Caller, episode: Episode) -> None:
    answer = call("POST", f"/episodes/{episode.id}/transcribe")
    assert (answer.status_code, answer.json["code"]) == (409, "transcriber-absent")
