# SPDX-License-Identifier: AGPL-3.0-or-later
"""Shows, audio, episodes, sections, articles, playlists and jobs as scripts see them."""

import io
from pathlib import Path
from typing import Any

import pytest

from podcasts.bootstrap import Griot
from podcasts.services import article_fetching
from tests.factories import MORNING, make_audio, make_episode, make_section, make_show
from tests.web.api.conftest import API, Caller

NOW = "2026-11-23T08:00:00Z"


@pytest.fixture
def audio_id(griot: Griot) -> str:
    with griot.database.writing() as session:
        tags: dict[str, Any] = {
            "title": "Le fleuve",
            "artist": "Awa",
            "album": "Matins",
            "file_name": "fleuve.mp3",
        }
        chapters = [{"start_ms": 0, "title": "Début"}, {"start_ms": 1_500, "title": "Suite"}]
        row = make_audio(session, **tags, tag_chapters=chapters)
        session.commit()
    return row.id


@pytest.fixture
def show_id(griot: Griot) -> str:
    with griot.database.writing() as session:
        row = make_show(session, slug="matins", title="Matins", author="La Gazette")
        session.commit()
    return row.id


def made(call: Caller, path: str, body: Any) -> Any:
    """Make a thing and give back what was answered."""
    response = call("POST", path, body)
    assert response.status_code == 201, response.text
    path_of_it = response.headers["Location"].partition(API)[2]
    assert call("GET", path_of_it).json["id"] == response.json["id"]
    return response.json


def faults(response: Any) -> list[tuple[str, str]]:
    """List fields and codes of a refusal."""
    return [(fault["field"], fault["code"]) for fault in response.json["errors"]]


def test_a_show_comes_back_as_it_was_given(call: Caller) -> None:
    given = {
        "title": "Matins",
        "description": "**Tous** les jours",
        "language": "fr",
        "author": "La Gazette",
        "owner_name": "Awa",
        "owner_email": "awa@example.org",
        "explicit": False,
        "link": "https://gazette.example/",
    }
    show = made(call, "/shows", given)
    assert {name: show[name] for name in given} == given
    assert (show["slug"], show["version"], show["created_at"]) == ("matins", 1, NOW)
    assert show["feed_url"] == "https://radio.example.org/shows/matins/feed.xml"


def test_a_show_names_the_sites_that_may_show_its_players(call: Caller, show_id: str) -> None:
    assert call("GET", f"/shows/{show_id}").json["embed_sites"] == []
    given = {"embed_sites": ["Gazette.example", "https://*.gazette.example", "https://gazette.example"]}
    kept = ["https://gazette.example", "https://*.gazette.example"]
    assert call("PATCH", f"/shows/{show_id}", given).json["embed_sites"] == kept
    for hostile, code in (
        (["a.example\r\nX: y"], "not-a-site"),
        (["a.example; frame-ancestors *"], "not-a-site"),
        (["*"], "site-too-wide"),
        (["https://a.example/b"], "site-with-path"),
        (["\x00"], "not-a-site"),
        ([[]], "wrong-type"),
        (["a.example"] * 51, "too-many"),
    ):
        refused = call("PATCH", f"/shows/{show_id}", {"embed_sites": hostile})
        assert refused.status_code == 422
        assert {code for _, code in faults(refused)} == {code}
    for shape in ("https://a.example", None, {"a": 1}):
        assert call("PATCH", f"/shows/{show_id}", {"embed_sites": shape}).status_code == 422
    assert call("GET", f"/shows/{show_id}").json["embed_sites"] == kept


def test_an_old_slug_is_never_given_away(call: Caller) -> None:
    show = made(call, "/shows", {"title": "Matins", "language": "fr"})
    moved = call("PATCH", f"/shows/{show['id']}", {"slug": "laudes"})
    assert moved.json["slug"] == "laudes"
    assert made(call, "/shows", {"title": "Matins", "language": "fr"})["slug"] == "matins-2"
    taken = call("POST", "/shows", {"title": "Autre", "language": "fr", "slug": "matins"})
    assert faults(taken) == [("slug", "slug-taken")]


def test_a_binned_show_is_gone_with_its_episodes(call: Caller, show_id: str) -> None:
    assert call("DELETE", f"/shows/{show_id}").status_code == 204
    assert call("GET", f"/shows/{show_id}").status_code == 404
    assert call("GET", f"/shows/{show_id}/episodes").status_code == 404
    assert call("GET", "/shows").json["total"] == 0


def test_an_upload_is_accepted_once(call: Caller, data: Path) -> None:
    sound = (data / "audio" / "mp3-id3v24-accents.mp3").read_bytes()
    first, again = (call("POST", "/audio", data={"file": (io.BytesIO(sound), "matin.mp3")}) for _ in range(2))
    assert (first.status_code, again.status_code) == (202, 200)
    assert (first.json["status"], first.json["bytes"]) == ("processing", len(sound))
    assert again.json["id"] == first.json["id"]
    assert {step["status"] for step in first.json["steps"]} == {"waiting"}
    assert call("GET", "/audio").json["total"] == 1


def test_what_is_not_audio_is_refused(call: Caller, data: Path) -> None:
    picture = (data / "audio" / "png.mp3").read_bytes()
    response = call("POST", "/audio", data={"file": (io.BytesIO(picture), "matin.mp3")})
    assert (response.status_code, response.json["code"]) == (415, "not-audio")
    assert call("GET", "/audio").json["total"] == 0


def test_an_episode_takes_what_it_leaves_out_from_the_tags(call: Caller, show_id: str, audio_id: str) -> None:
    episode = made(call, f"/shows/{show_id}/episodes", {"audio_id": audio_id})
    assert [episode[name] for name in ("title", "artist", "album", "slug")] == [
        "Le fleuve",
        "Awa",
        "Matins",
        "le-fleuve",
    ]
    assert [chapter["start_seconds"] for chapter in episode["chapters"]] == [0, 1.5]
    assert (episode["status"], episode["published_at"]) == ("draft", None)
    assert episode["enclosure"]["mime"] == "audio/mpeg"
    assert episode["guid"].startswith("urn:uuid:")


def test_an_episode_says_itself_what_it_is(call: Caller, griot: Griot, show_id: str, audio_id: str) -> None:
    with griot.database.writing() as session:
        make_section(session, slug="mali")
        session.commit()
    given = {"audio_id": audio_id, "title": "Autre", "sections": ["mali"], "season": 2, "number": 3}
    links = [{"url": "https://gazette.example/a"}, {"url": "https://gazette.example/b", "role": "source"}]
    episode = made(call, f"/shows/{show_id}/episodes", {**given, "articles": links, "chapters": []})
    assert {name: episode[name] for name in given} == given
    assert episode["chapters"] == []
    assert [(link["url"], link["role"]) for link in episode["articles"]] == [
        ("https://gazette.example/a", "primary"),
        ("https://gazette.example/b", "source"),
    ]


def test_an_episode_goes_out_later_and_comes_back(call: Caller, show_id: str, audio_id: str) -> None:
    path = f"/episodes/{made(call, f'/shows/{show_id}/episodes', {'audio_id': audio_id})['id']}"
    later = call("POST", f"{path}/publish", {"at": "2026-11-24T06:00:00+01:00"}).json
    assert (later["status"], later["published_at"]) == ("scheduled", "2026-11-24T05:00:00Z")
    assert call("POST", f"{path}/withdraw").json["status"] == "draft"
    # Nothing at all in the body publishes at the time that it carries.
    assert call("POST", f"{path}/publish").json["status"] == "scheduled"
    assert call("POST", f"{path}/publish", {"at": NOW}).json["status"] == "published"
    again = call("POST", f"{path}/publish")
    assert (again.status_code, again.json["code"]) == (409, "already-published")
    assert call("POST", f"{path}/withdraw").json["status"] == "withdrawn"
    assert call("POST", f"{path}/withdraw").json["code"] == "not-published"
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("status", "code"), [("processing", "audio-not-ready"), ("failed", "audio-failed"), (None, "no-audio")]
)
def test_what_cannot_be_heard_is_not_published(
    call: Caller, griot: Griot, show_id: str, status: str | None, code: str
) -> None:
    with griot.database.writing() as session:
        sound = make_audio(session, status=status) if status else None
        session.commit()
    given = {"title": "Le fleuve", **({"audio_id": sound.id} if sound else {})}
    episode = made(call, f"/shows/{show_id}/episodes", given)
    response = call("POST", f"/episodes/{episode['id']}/publish")
    assert (response.status_code, faults(response)) == (409, [("audio_id", code)])
    assert call("GET", f"/episodes/{episode['id']}").json["status"] == "draft"


@pytest.mark.parametrize("at", ["2026-11-24T06:00:00", "tomorrow", "0001-01-01T00:00:00+14:00"])
def test_a_time_without_zone_or_sense_is_refused(call: Caller, show_id: str, audio_id: str, at: str) -> None:
    episode = made(call, f"/shows/{show_id}/episodes", {"audio_id": audio_id})
    response = call("POST", f"/episodes/{episode['id']}/publish", {"at": at})
    assert response.status_code == 422
    assert [fault["field"] for fault in response.json["errors"]] == ["at"]


def test_chapters_and_articles_are_set_whole(call: Caller, show_id: str, audio_id: str) -> None:
    path = f"/episodes/{made(call, f'/shows/{show_id}/episodes', {'audio_id': audio_id})['id']}"
    chapters = [{"start_seconds": 0.25, "title": "Seul", "url": None, "image": None}]
    assert call("PUT", f"{path}/chapters", {"chapters": chapters}).json["chapters"] == chapters
    for url in ("https://gazette.example/a", "https://gazette.example/b"):
        answered = call("PUT", f"{path}/articles", {"articles": [{"url": url}]})
        assert [link["url"] for link in answered.json["articles"]] == [url]
    bad = call("PUT", f"{path}/chapters", {"chapters": [{"start_seconds": -1}]})
    assert faults(bad) == [("chapters.0.start_seconds", "out-of-range")]
    far = {"chapters": [{"start_seconds": 0}, {"start_seconds": 1e300}]}
    assert faults(call("PUT", f"{path}/chapters", far)) == [("chapters.1.start_seconds", "out-of-range")]
    twice = [{"url": "https://gazette.example/a"}, {"url": "http://GAZETTE.example/a/#top"}]
    assert faults(call("PUT", f"{path}/articles", {"articles": twice})) == [("articles", "listed-twice")]


def test_a_cover_is_shown_at_once(call: Caller, data: Path, show_id: str) -> None:
    picture = (data / "images" / "cover.jpg").read_bytes()
    answered = call("PUT", f"/shows/{show_id}/artwork", data=picture, content_type="image/jpeg")
    assert answered.status_code == 200, answered.text
    url = answered.json["artwork_url"].removeprefix("https://radio.example.org")
    with call.client.get(url) as shown:
        assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")


@pytest.mark.parametrize(
    ("name", "status"),
    [("small.jpg", 422), ("svg.svg", 415), ("png-65535x65535.png", 422), ("truncated.jpg", 415)],
)
def test_a_picture_that_is_not_fit_changes_nothing(
    call: Caller, data: Path, show_id: str, name: str, status: int
) -> None:
    picture = (data / "images" / name).read_bytes()
    answered = call("PUT", f"/shows/{show_id}/artwork", data=picture, content_type="image/png")
    assert answered.status_code == status, answered.text
    assert call("GET", f"/shows/{show_id}").json["artwork_url"] is None


def test_sections_stand_in_each_other_but_never_in_a_circle(call: Caller) -> None:
    made(call, "/sections", {"name": "Afrique", "kind": "section"})
    mali = made(call, "/sections", {"name": "Mali", "kind": "country", "iso": "ml", "parent": "afrique"})
    assert (mali["slug"], mali["iso"], mali["parent"]) == ("mali", "ML", "afrique")
    assert faults(call("PATCH", "/sections/afrique", {"parent": "mali"})) == [("parent", "unknown-parent")]
    assert call("PATCH", "/sections/mali", {"parent": None}).json["parent"] is None
    assert [section["slug"] for section in call("GET", "/sections").json["items"]] == ["afrique", "mali"]


def test_an_article_is_noted_and_waits_to_be_fetched(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_fetching, "check_public", lambda _: None)
    answered = call("POST", "/articles", {"url": "https://gazette.example/a?utm_source=x"})
    assert (answered.status_code, answered.json["fetch_status"]) == (202, "pending")
    same = call("POST", "/articles", {"url": "http://gazette.example/a/"})
    assert same.json["id"] == answered.json["id"]
    assert call("GET", f"/articles/{same.json['id']}").json == same.json


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ],
)
def test_an_article_inside_is_refused(call: Caller, url: str) -> None:
    assert call("POST", "/articles", {"url": url}).status_code == 422
    assert call("GET", "/articles").json["total"] == 0


def test_a_playlist_keeps_the_order_that_it_is_given(call: Caller, show_id: str, audio_id: str) -> None:
    episode = made(call, f"/shows/{show_id}/episodes", {"audio_id": audio_id})
    items = [{"audio_id": audio_id, "title": "Indicatif"}, {"episode_id": episode["id"]}]
    playlist = made(call, "/playlists", {"title": "Le journal", "items": items})
    assert (playlist["published"], playlist["feed_on"]) == (True, True)
    jingle, talk = playlist["items"]
    assert [(jingle["position"], jingle["title"]), (talk["position"], talk["title"])] == [
        (0, "Indicatif"),
        (1, "Le fleuve"),
    ]
    # A draft keeps its place, unheard.
    assert (jingle["public"], talk["public"]) == (True, False)
    path = f"/playlists/{playlist['slug']}/items"
    turned = call("PUT", path, {"items": [{"id": talk["id"]}, {"id": jingle["id"]}]}).json
    assert [(item["id"], item["title"]) for item in turned["items"]] == [
        (talk["id"], "Le fleuve"),
        (jingle["id"], "Indicatif"),
    ]
    assert call("PUT", path, {"items": [{"id": talk["id"]}]}).json["items"][0]["id"] == talk["id"]
    assert faults(call("PUT", path, {"items": [{"id": jingle["id"]}]})) == [("items.0.id", "not-found")]
    assert call("DELETE", f"/playlists/{playlist['id']}").status_code == 204
    assert call("GET", f"/playlists/{playlist['id']}").status_code == 404


@pytest.mark.parametrize(
    ("item", "field", "code"),
    [
        ({}, "items.0", "one-of-two"),
        ({"episode_id": "a", "audio_id": "b"}, "items.0", "one-of-two"),
        ({"episode_id": "a"}, "items.0.episode_id", "unknown-episode"),
        ({"audio_id": "a"}, "items.0.audio_id", "unknown-audio"),
    ],
)
def test_a_place_holds_one_sound_that_there_is(call: Caller, item: Any, field: str, code: str) -> None:
    assert faults(call("POST", "/playlists", {"title": "Le journal", "items": [item]})) == [(field, code)]


def test_a_playlist_gathers_by_a_rule_and_takes_no_items_then(call: Caller, griot: Griot) -> None:
    with griot.database.writing() as session:
        make_section(session, slug="mali")
        show = make_show(session, slug="soir")
        here = make_episode(session, show, title="Bamako", published_at=MORNING)
        make_episode(session, show, title="Dakar")
        session.commit()
    call("PATCH", f"/episodes/{here.id}", {"sections": ["mali"]})
    rule = {"section": "mali", "show": "soir"}
    playlist = made(call, "/playlists", {"title": "Mali", "rule": rule})
    assert playlist["rule"] == rule
    assert [item["title"] for item in playlist["items"]] == ["Bamako"]
    items = {"items": [{"episode_id": here.id}]}
    for method, path in (("PUT", "/playlists/mali/items"), ("PATCH", "/playlists/mali")):
        assert faults(call(method, path, items)) == [("items", "rule-fills-it")]
    both = call("POST", "/playlists", {"title": "Deux", "rule": {}, **items})
    assert faults(both) == [("rule", "conflict")]
    unknown = call("POST", "/playlists", {"title": "Rien", "rule": {"show": "nobody"}})
    assert faults(unknown) == [("rule.show", "unknown-show")]


def test_messages_are_in_the_language_that_is_asked_for(call: Caller) -> None:
    french = call("POST", "/shows", {"language": "fr"}, {"Accept-Language": "fr"})
    english = call("POST", "/shows", {"language": "fr"}, {"Accept-Language": "de"})
    assert (french.headers["Content-Language"], english.headers["Content-Language"]) == ("fr", "en")
    assert french.json["errors"][0]["detail"] != english.json["errors"][0]["detail"]
    assert french.json["errors"][0]["code"] == english.json["errors"][0]["code"] == "required"


BUTTONS = [
    {"label": "Faire un don", "url": "https://gazette.example/don", "icon": "give"},
    {"label": "Nous écrire", "url": "mailto:redaction@gazette.example", "icon": "write"},
    {"label": "Appeler", "url": "tel:+22370000000", "icon": None},
]


def test_buttons_beside_the_player_come_back_as_they_were_given(call: Caller, show_id: str) -> None:
    episode = made(call, f"/shows/{show_id}/episodes", {"title": "Un", "ctas": BUTTONS[:1]})
    assert episode["ctas"] == BUTTONS[:1]
    assert call("PATCH", f"/episodes/{episode['id']}", {"ctas": BUTTONS}).json["ctas"] == BUTTONS
    # What does not speak of them leaves them; an empty list takes them away.
    assert call("PATCH", f"/episodes/{episode['id']}", {"summary": "Bref"}).json["ctas"] == BUTTONS
    assert call("PATCH", f"/episodes/{episode['id']}", {"ctas": []}).json["ctas"] == []
    playlist = made(call, "/playlists", {"title": "Liste", "ctas": BUTTONS[:2]})
    assert playlist["ctas"] == BUTTONS[:2]
    assert call("PATCH", f"/playlists/{playlist['id']}", {"ctas": BUTTONS[2:]}).json["ctas"] == BUTTONS[2:]


@pytest.mark.parametrize(
    ("button", "fault"),
    [
        ({"label": "Don"}, ("ctas.0.url", "required")),
        ({"label": "x" * 81, "url": "https://a.example/"}, ("ctas.0.label", "too-long")),
        ({"label": "Don", "url": "javascript:alert(1)"}, ("ctas.0.url", "not-a-web-address")),
        ({"label": "Don", "url": "data:text/html,x"}, ("ctas.0.url", "not-a-web-address")),
        ({"label": "Don", "url": "tel:'><script>"}, ("ctas.0.url", "not-a-button-address")),
        ({"label": "Don", "url": "mailto:nobody"}, ("ctas.0.url", "not-a-button-address")),
        ({"label": "Don", "url": "https://a.example/", "icon": "skull"}, ("ctas.0.icon", "not-a-choice")),
    ],
)
def test_a_button_that_leads_nowhere_is_refused(
    call: Caller, show_id: str, button: dict[str, str], fault: tuple[str, str]
) -> None:
    response = call("POST", f"/shows/{show_id}/episodes", {"title": "Un", "ctas": [button]})
    assert response.status_code == 422
    assert faults(response) == [fault]
    assert faults(call("POST", "/playlists", {"title": "L", "ctas": [BUTTONS[0]] * 6})) == [
        ("ctas", "too-many")
    ]
