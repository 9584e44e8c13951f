# SPDX-License-Identifier: AGPL-3.0-or-later
"""The main job through the REST interface alone: from a token to the feed of a podcast app, on a real server."""

import io
import json
import time
from pathlib import Path
from typing import Any

import feedparser
import podcastparser

from tests.serving import PATIENCE_SECONDS, Served, ask, multipart, served

ARTICLE = "https://gazette.example/environnement/le-fleuve/?utm_source=lettre#haut"
SPELLINGS = (
    "http://gazette.example/environnement/le-fleuve",
    "https://GAZETTE.example/environnement/le-fleuve/?fbclid=IwAR1",
)


def test_from_an_upload_to_a_podcast_app_and_back_to_nothing(tmp_path: Path, data: Path) -> None:
    sound = (data / "audio" / "mp3-id3v24-accents.mp3").read_bytes()
    with served(tmp_path) as griot:
        token = griot.make_token()
        api = f"{griot.url}/api/v1"
        show = call(
            api, "POST", "/shows", token, {"title": "Matins", "language": "fr", "author": "La Gazette"}, 201
        )
        audio = upload(griot, token, sound)
        again = upload(griot, token, sound, status=200)
        assert again["id"] == audio["id"]
        ready = until_read(griot, token, audio["id"])
        assert (ready["status"], ready["bytes"], len(ready["renditions"])) == ("ready", len(sound), 3)
        assert {step["status"] for step in ready["steps"]} <= {"done", "skipped"}
        drafted = {"audio_id": audio["id"], "articles": [{"url": ARTICLE}], "notes": "**Bonjour** <script>"}
        episode = call(api, "POST", f"/shows/{show['slug']}/episodes", token, drafted, 201)
        assert episode["title"] == ready["title"]
        assert (episode["artist"], episode["album"]) == (ready["artist"], ready["album"])
        assert (episode["status"], episode["articles"][0]["role"]) == ("draft", "primary")
        assert ask("GET", episode["enclosure"]["url"])[0] == 404
        items = [{"audio_id": audio["id"], "title": "Indicatif"}, {"episode_id": episode["id"]}]
        playlist = call(api, "POST", "/playlists", token, {"title": "Le journal", "items": items}, 201)
        published = call(api, "POST", f"/episodes/{episode['id']}/publish", token, {}, 200)
        assert published["status"] == "published"
        subscribed(show["feed_url"], published, sound)
        subscribed(playlist["feed_url"], published, sound)
        for spelling in SPELLINGS:
            found = call(api, "GET", f"/articles/episodes?url={spelling}", None, None, 200)
            assert [one["id"] for one in found["episodes"]] == [episode["id"]]
        call(api, "POST", f"/episodes/{episode['id']}/withdraw", token, {}, 200)
        gone = (published["enclosure"]["url"], published["url"], published["embed_url"])
        assert [ask("GET", url)[0] for url in gone] == [404, 404, 404]
        assert feedparser.parse(ask("GET", show["feed_url"])[2]).entries == []
        assert ask("GET", f"{api}/articles/episodes?url={SPELLINGS[0]}")[0] == 204


def subscribed(feed_url: str, episode: dict[str, Any], sound: bytes) -> None:
    """Read a feed with two parsers that we did not write, and download what it names."""
    status, headers, body = ask("GET", feed_url)
    assert (status, headers["content-type"]) == (200, "application/rss+xml; charset=utf-8")
    parsed = feedparser.parse(body)
    assert not parsed.bozo, parsed.get("bozo_exception")
    entry = next(one for one in parsed.entries if one.title == episode["title"])
    assert entry.link == episode["articles"][0]["url"]
    enclosure = entry.enclosures[0]
    assert (enclosure.type, int(enclosure.length)) == ("audio/mpeg", len(sound))
    other = podcastparser.parse(feed_url, iter_once(body))
    urls = [one["url"] for item in other["episodes"] for one in item["enclosures"]]
    assert enclosure.href in urls
    assert ask("GET", enclosure.href)[2] == sound
    assert ask("GET", enclosure.href, Range="bytes=-10")[2] == sound[-10:]
    assert ask("GET", feed_url, If_None_Match=headers["etag"])[0] == 304


def iter_once(body: bytes) -> Any:
    """Let podcastparser read bytes as a file."""
    return io.BytesIO(body)


def upload(griot: Served, token: str, sound: bytes, status: int = 202) -> dict[str, Any]:
    """Upload a file; its audio."""
    body, kind = multipart("matin.mp3", sound)
    answered, _, text = ask("POST", f"{griot.url}/api/v1/audio", token, body, Content_Type=kind)
    assert answered == status, text
    return loaded(text)


def until_read(griot: Served, token: str, audio_id: str) -> dict[str, Any]:
    """Ask until an audio is ready or has failed."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        audio = call(f"{griot.url}/api/v1", "GET", f"/audio/{audio_id}", token, None, 200)
        if audio["status"] != "processing":
            return audio
        time.sleep(0.1)
    raise AssertionError(audio)


def call(api: str, method: str, path: str, token: str | None, body: object, status: int) -> dict[str, Any]:
    """Call the interface and insist on a status."""
    answered, _, text = ask(method, api + path, token, body)
    assert answered == status, text
    return loaded(text)


def loaded(text: bytes) -> dict[str, Any]:
    """Read a JSON object."""
    document = json.loads(text)
    assert isinstance(document, dict)
    return document
