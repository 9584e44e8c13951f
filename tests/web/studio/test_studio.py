# SPDX-License-Identifier: AGPL-3.0-or-later
"""The studio's pages: faults beside their fields, nothing typed is lost, nobody sees what is another's."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from podcasts.bootstrap import Griot
from podcasts.models import Audio, Episode, Playlist, Show, ShowMember
from podcasts.services import accounts
from podcasts.services.actors import SYSTEM
from podcasts.web.app import create_app
from tests.factories import MORNING, make_audio, make_episode, make_playlist, make_section, make_show

PASSWORD = "correct horse battery"
HASH = accounts.hash_password(PASSWORD)
HOSTILE = [
    "<script>alert(1)</script>",
    "]]>",
    "a\x00b\x1b[31m",
    "\u202egnp.exe",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "%(name)s",
]


class Person:
    """Somebody with a browser."""

    def __init__(self, griot: Griot, role: str) -> None:
        self.griot = griot
        self.client = create_app(griot).test_client()
        with griot.database.writing() as session:
            self.user = accounts.create_user(
                session, SYSTEM, MORNING, email=f"{role}@example.org", role=role, password_hash=HASH
            )
        form = {"email": f"{role}@example.org", "password": PASSWORD}
        assert self.post("/login", form, page="/login").status_code == 303

    def get(self, path: str) -> TestResponse:
        """Open a page."""
        return self.client.get(path, base_url="https://radio.example.org")

    def post(self, path: str, form: dict[str, Any], *, page: str = "/studio/shows/new") -> TestResponse:
        """Send a form with the token of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page).get_data(as_text=True))
        assert found
        data = {"csrf_token": found[1], **form}
        return self.client.post(
            path,
            data=data,
            base_url="https://radio.example.org",
            headers={"Referer": "https://radio.example.org/"},
        )


@pytest.fixture
def admin(griot: Griot) -> Person:
    """An administrator."""
    return Person(griot, "admin")


@pytest.fixture
def producer(griot: Griot) -> Person:
    """A producer with nothing yet."""
    return Person(griot, "producer")


def one(griot: Griot, kind: type[Any]) -> Any:
    """Load the only row of a kind."""
    with griot.database.reading() as session:
        return session.query(kind).one()


@pytest.mark.parametrize("title", HOSTILE)
def test_hostile_titles_are_kept_or_cleaned_and_never_run(griot: Griot, admin: Person, title: str) -> None:
    response = admin.post("/studio/shows/new", {"title": title, "language": "fr", "description": title})
    assert response.status_code == 303
    page = admin.get(response.location.partition("?")[0]).get_data(as_text=True)
    assert "<script>alert" not in page
    assert "49" not in re.sub(r'value="[^"]*"', "", page.partition("<main")[2].partition("<form")[0])
    assert "\x1b" not in one(griot, Show).title
    for path in ("/", f"/shows/{one(griot, Show).slug}", f"/shows/{one(griot, Show).slug}/feed.xml"):
        assert admin.get(path).status_code == 200


def test_a_fault_stands_beside_its_field_and_nothing_typed_is_lost(admin: Person) -> None:
    form = {"title": "x" * 100_000, "language": "klingon", "author": "Awa"}
    response = admin.post("/studio/shows/new", form)
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    for field in ("title", "language"):
        assert f'id="{field}-error"' in page
        assert f'href="#{field}"' in page
    assert 'value="Awa"' in page
    assert "klingon" in page


def test_a_form_without_its_token_changes_nothing(griot: Griot, admin: Person) -> None:
    response = admin.client.post(
        "/studio/shows/new", data={"title": "x", "language": "fr"}, base_url="https://radio.example.org"
    )
    assert response.status_code == 400
    with griot.database.reading() as session:
        assert session.query(Show).count() == 0


def test_an_upload_without_its_token_or_with_it_too_late_is_refused(
    griot: Griot, admin: Person, data: Path
) -> None:
    sound = (data / "audio" / "mp3-no-tags.mp3").read_bytes()
    admin.post("/studio/shows/new", {"title": "Matin", "language": "fr"})
    form = {"show": "matin", "file": (io.BytesIO(sound), "a.mp3")}
    response = admin.client.post("/studio/upload", data=form, base_url="https://radio.example.org")
    assert response.status_code == 400
    with griot.database.reading() as session:
        assert session.query(Audio).count() == 0
    assert list(griot.storage.keys()) == []


def upload(person: Person, show: str, data: bytes, name: str = "a.mp3") -> TestResponse:
    """Upload a file for a show."""
    return person.post(
        "/studio/upload", {"show": show, "file": (io.BytesIO(data), name)}, page="/studio/upload"
    )


def test_an_upload_becomes_a_draft_with_its_form(griot: Griot, admin: Person, data: Path) -> None:
    admin.post("/studio/shows/new", {"title": "Matin", "language": "fr"})
    response = upload(admin, "matin", (data / "audio" / "mp3-no-tags.mp3").read_bytes(), "le_fleuve.mp3")
    assert response.status_code == 303
    assert one(griot, Episode).title == "le fleuve"
    page = admin.get(response.location).get_data(as_text=True)
    assert "data-reading" in page
    publish = admin.post(
        response.location,
        {"title": "Le fleuve", "publish": "yes", "article_url": "", "article_role": "primary"},
        page=response.location,
    )
    assert publish.status_code == 409
    assert one(griot, Episode).status == "draft"


@pytest.mark.parametrize("name", ["text.mp3", "png.mp3", "playlist-named-mp3.mp3", "video-with-sound.mp4"])
def test_what_is_no_audio_is_said_beside_the_field(
    griot: Griot, admin: Person, data: Path, name: str
) -> None:
    admin.post("/studio/shows/new", {"title": "Matin", "language": "fr"})
    response = upload(admin, "matin", (data / "audio" / name).read_bytes(), name)
    assert response.status_code == 415
    assert 'id="file-error"' in response.get_data(as_text=True)
    with griot.database.reading() as session:
        assert session.query(Episode).count() == 0


def whole_episode(griot: Griot, **values: Any) -> Episode:
    """Make a published episode with its file in the store."""
    with griot.database.writing() as session:
        show = make_show(session, slug="matin", title="Matin")
        episode = make_episode(session, show, audio=make_audio(session, storage=griot.storage), **values)
        session.commit()
    return episode


def test_an_episode_is_changed_withdrawn_binned_and_restored(griot: Griot, admin: Person) -> None:
    episode = whole_episode(griot)
    page = f"/studio/episodes/{episode.id}"
    form = {
        "title": "Neu",
        "notes": "**x**",
        "type": "full",
        "article_url": "https://gazette.example/a",
        "article_role": "primary",
        "season": "2",
    }
    assert admin.post(page, form, page=page).status_code == 303
    changed = one(griot, Episode)
    assert (changed.title, changed.season) == ("Neu", 2)
    public = f"/shows/matin/{changed.slug}"
    assert admin.get(public).status_code == 200
    for action, status in (("withdraw", 303), ("bin", 303), ("restore", 303)):
        assert admin.post(f"{page}/{action}", {}, page="/studio/").status_code == status
        assert admin.get(public).status_code == 404
    assert admin.get(page).status_code == 200


def test_who_comes_second_is_told_and_keeps_what_he_typed(griot: Griot, admin: Person) -> None:
    episode = whole_episode(griot)
    page = f"/studio/episodes/{episode.id}"
    seen = {"title": "Erste", "type": "full", "version": "1"}
    assert admin.post(page, seen, page=page).status_code == 303
    second = admin.post(page, {**seen, "title": "Zweite", "notes": "lange getippt"}, page=page)
    text = second.get_data(as_text=True)
    assert second.status_code == 412
    assert "Zweite" in text
    assert "lange getippt" in text
    assert one(griot, Episode).title == "Erste"


@pytest.mark.parametrize("season", ["-1", "x", "99999999999", "1e3", "٣"])
def test_a_number_that_is_none_is_said(griot: Griot, admin: Person, season: str) -> None:
    episode = whole_episode(griot)
    page = f"/studio/episodes/{episode.id}"
    response = admin.post(page, {"title": "T", "type": "full", "season": season}, page=page)
    assert response.status_code == 422
    assert 'id="season-error"' in response.get_data(as_text=True)


def test_drafts_can_be_heard_by_their_producers_alone(griot: Griot, admin: Person, producer: Person) -> None:
    episode = whole_episode(griot, status="draft", published_at=None)
    path = f"/studio/audio/{episode.audio_id}/file"
    heard = admin.client.get(path, base_url="https://radio.example.org", headers={"Range": "bytes=0-9"})
    assert (heard.status_code, len(heard.data)) == (206, 10)
    heard.close()
    assert producer.get(path).status_code == 404
    assert (
        producer.client.get(
            f"/studio/audio/{episode.audio_id}/state", base_url="https://radio.example.org"
        ).status_code
        == 404
    )


def test_a_producer_sees_only_what_is_his(griot: Griot, producer: Person) -> None:
    episode = whole_episode(griot, title="Geheim")
    with griot.database.writing() as session:
        playlist = make_playlist(session, [episode], title="Fremd")
        section = make_section(session)
        session.commit()
    for path in (
        "shows/matin",
        f"episodes/{episode.id}",
        f"playlists/{playlist.slug}",
        "people",
        "site",
        "sections",
        f"sections/{section.slug}",
    ):
        assert producer.get(f"/studio/{path}").status_code == 404, path
    for path in ("", "shows", "episodes", "playlists"):
        assert "Geheim" not in producer.get(f"/studio/{path}").get_data(as_text=True)
    for path in (
        f"episodes/{episode.id}/withdraw",
        f"episodes/{episode.id}/bin",
        f"playlists/{playlist.slug}/bin",
        "shows/matin",
    ):
        assert producer.post(f"/studio/{path}", {"title": "x"}).status_code == 404, path
    assert one(griot, Episode).status == "published"


def test_a_member_works_on_his_show_and_no_other(griot: Griot, producer: Person) -> None:
    episode = whole_episode(griot)
    with griot.database.writing() as session:
        session.add(ShowMember(show_id=episode.show_id, user_id=producer.user.id, created_at=MORNING))
        session.commit()
    assert producer.get(f"/studio/episodes/{episode.id}").status_code == 200
    assert producer.get("/studio/shows/matin").status_code == 200


def test_a_playlist_is_ordered_without_a_script(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        episodes = [make_episode(session, show, title=title) for title in ("Eins", "Zwei", "Drei")]
        session.commit()
    admin.post("/studio/playlists/new", {"title": "Abend", "kind": "hand"})
    page = "/studio/playlists/abend"
    for episode in episodes:
        assert admin.post(f"{page}/items", {"add_episode": episode.id}, page=page).status_code == 303
    ids = re.findall(r'data-order-item="([^"]+)"', admin.get(page).get_data(as_text=True))
    for form in ({"down": ids[0]}, {"up": ids[2]}, {"remove": ids[1]}, {"order": "nonsense"}):
        assert admin.post(f"{page}/items", form, page=page).status_code == 303
    after = re.findall(r'data-order-item="([^"]+)"', admin.get(page).get_data(as_text=True))
    assert after == [ids[2], ids[0]]


def test_a_playlist_by_rule_gathers_by_itself(griot: Griot, admin: Person) -> None:
    whole_episode(griot, title="Von heute")
    admin.post("/studio/playlists/new", {"title": "Heute", "kind": "rule"})
    page = "/studio/playlists/heute"
    form = {
        "title": "Heute",
        "order": "newest",
        "published": "yes",
        "rule_show": "matin",
        "rule_since": "today",
        "rule_limit": "5",
    }
    assert admin.post(page, form, page=page).status_code == 303
    rule = one(griot, Playlist).rule
    assert (rule["since"], rule["limit"], rule["show"]) == ("today", 5, one(griot, Show).id)
    assert "Von heute" in admin.get("/playlists/heute").get_data(as_text=True)
    assert admin.post(page, {**form, "rule_limit": "-5"}, page=page).status_code == 422


def test_people_get_accounts_and_shows_to_work_on(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        session.commit()
    form = {"email": "ibra@example.org", "role": "producer", "password": PASSWORD, "name": "Ibra"}
    assert admin.post("/studio/people", form, page="/studio/people").status_code == 303
    assert admin.post("/studio/people", form, page="/studio/people").status_code == 422
    assert (
        admin.post(
            "/studio/people", {**form, "email": "b@example.org", "password": "short"}, page="/studio/people"
        ).status_code
        == 422
    )
    with griot.database.reading() as session:
        user = accounts.find_user(session, "ibra@example.org")
    page = f"/studio/people/{user.id}"
    assert admin.post(page, {"shows": show.id}, page=page).status_code == 303
    assert one(griot, ShowMember).user_id == user.id


def test_a_token_is_shown_once_and_ends_at_once(producer: Person) -> None:
    made = producer.post("/studio/tokens", {"name": "night"}, page="/studio/tokens")
    token = re.search(r'value="(griot_[^"]+)"', made.get_data(as_text=True))
    assert token
    assert token[1] not in producer.get("/studio/tokens").get_data(as_text=True)
    headers = {"Authorization": f"Bearer {token[1]}"}
    assert producer.client.get("/api/v1/shows", headers=headers).status_code == 200
    action = re.search(
        r'action="(/studio/tokens/[^"]+/end)"', producer.get("/studio/tokens").get_data(as_text=True)
    )
    assert action
    assert producer.post(action[1], {}, page="/studio/tokens").status_code == 303
    assert producer.client.get("/api/v1/shows", headers=headers).status_code == 401


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_opens_in_every_language(griot: Griot, admin: Person, language: str) -> None:
    episode = whole_episode(griot)
    with griot.database.writing() as session:
        playlist = make_playlist(session, [episode])
        section = make_section(session)
        session.commit()
    pages = [
        "",
        "shows",
        "shows/new",
        "shows/matin",
        "upload",
        "episodes",
        f"episodes/{episode.id}",
        "playlists",
    ]
    pages += [
        "playlists/new",
        f"playlists/{playlist.slug}",
        "articles",
        "sections",
        "sections/new",
        f"sections/{section.slug}",
    ]
    pages += [
        "settings",
        "site",
        "people",
        f"people/{admin.user.id}",
        "tokens",
        "episodes?q=%00&status=x&page=-1",
    ]
    for path in pages:
        response = admin.get(f"/studio/{path}{'&' if '?' in path else '?'}lang={language}")
        assert response.status_code == 200, path
        assert f'<html lang="{language}"' in response.get_data(as_text=True)
        assert response.headers["Cache-Control"] == "no-store"


def test_a_draft_keeps_its_time_until_it_is_published(griot: Griot, admin: Person) -> None:
    episode = whole_episode(griot, status="draft", published_at=None)
    page = f"/studio/episodes/{episode.id}"
    form = {"title": "Demain", "type": "full", "publish_at": "2099-01-02T07:30"}
    assert admin.post(page, form, page=page).location.endswith("?said=saved")
    assert 'value="2099-01-02T07:30"' in admin.get(page).get_data(as_text=True)
    assert admin.post(page, {**form, "publish": "yes"}, page=page).location.endswith("?said=scheduled")
    assert admin.get(f"/shows/matin/{one(griot, Episode).slug}").status_code == 404
    assert admin.post(page, {**form, "publish_at": "2098-01-02T07:30"}, page=page).status_code == 303
    assert one(griot, Episode).published_at.year == 2098
    assert admin.post(page, {**form, "publish": "now"}, page=page).location.endswith("?said=published")
    assert admin.get(f"/shows/matin/{one(griot, Episode).slug}").status_code == 200


def test_saving_what_is_online_leaves_its_time_to_the_second(griot: Griot, admin: Person) -> None:
    episode = whole_episode(griot)
    page = f"/studio/episodes/{episode.id}"
    at = re.search(r'name="publish_at"[^>]* value="([^"]+)"', admin.get(page).get_data(as_text=True))
    assert at
    form = {"title": "Neu", "type": "full", "publish_at": at[1]}
    assert admin.post(page, form, page=page).location.endswith("?said=saved")
    assert one(griot, Episode).published_at == episode.published_at


@pytest.mark.parametrize("at", ["gestern", "0001-01-01T00:00", "9999-12-31T23:59", "2026-02-30T07:00"])
def test_a_time_that_is_none_is_said_beside_its_field(griot: Griot, admin: Person, at: str) -> None:
    episode = whole_episode(griot, status="draft", published_at=None)
    page = f"/studio/episodes/{episode.id}"
    form = {"title": "T", "type": "full", "publish_at": at, "publish": "yes", "notes": "lange getippt"}
    response = admin.post(page, form, page=page)
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'id="publish_at-error"' in text
    assert "lange getippt" in text
    assert one(griot, Episode).status == "draft"


def test_what_is_online_keeps_its_sound_until_the_new_one_is_read(
    griot: Griot, admin: Person, data: Path
) -> None:
    episode = whole_episode(griot)
    sound = (data / "audio" / "mp3-no-tags.mp3").read_bytes()
    form = {"episode": episode.id, "file": (io.BytesIO(sound), "neu.mp3")}
    response = admin.post("/studio/upload", form, page="/studio/shows/new")
    assert response.status_code == 303
    path, _, new_id = response.location.partition("?sound=")
    assert path == f"/studio/episodes/{episode.id}"
    assert "data-reading" in admin.get(response.location).get_data(as_text=True)
    early = admin.post(f"{path}/sound", {"audio_id": new_id}, page=path)
    assert early.status_code == 409
    assert one(griot, Episode).audio_id == episode.audio_id
    with griot.database.writing() as session:
        session.get_one(Audio, new_id).status = "ready"
        session.commit()
    assert admin.post(f"{path}/sound", {"audio_id": new_id}, page=path).status_code == 303
    assert one(griot, Episode).audio_id == new_id


def test_a_refused_file_for_an_episode_is_asked_for_again_for_that_episode(
    griot: Griot, admin: Person, data: Path
) -> None:
    episode = whole_episode(griot)
    form = {
        "episode": episode.id,
        "file": (io.BytesIO((data / "audio" / "text.mp3").read_bytes()), "a.mp3"),
    }
    response = admin.post("/studio/upload", form, page="/studio/shows/new")
    text = response.get_data(as_text=True)
    assert response.status_code == 415
    assert f'name="episode" value="{episode.id}"' in text
    assert 'id="file-error"' in text


@pytest.mark.parametrize("thing", ["shows/matin", "episodes/{episode}", "playlists/{playlist}"])
def test_what_is_no_picture_is_said_beside_its_field(griot: Griot, admin: Person, thing: str) -> None:
    episode = whole_episode(griot)
    with griot.database.writing() as session:
        playlist = make_playlist(session, [episode])
        session.commit()
    page = f"/studio/{thing.format(episode=episode.id, playlist=playlist.slug)}"
    form = {"picture": (io.BytesIO(b"no picture at all"), "cover.jpg")}
    response = admin.post(f"{page}/artwork", form, page=page)
    assert response.status_code == 415
    assert 'id="picture-error"' in response.get_data(as_text=True)
    nothing = admin.post(f"{page}/artwork", {}, page=page)
    assert nothing.status_code == 422
    assert 'id="picture-error"' in nothing.get_data(as_text=True)


def test_a_picture_becomes_the_cover_of_a_playlist(griot: Griot, admin: Person, data: Path) -> None:
    with griot.database.writing() as session:
        make_playlist(session, [], title="Abend", slug="abend")
        session.commit()
    picture = next((data / "images").glob("*.png"), None) or next((data / "images").glob("*.jpg"))
    form = {"picture": (io.BytesIO(picture.read_bytes()), "cover.png")}
    page = "/studio/playlists/abend"
    assert admin.post(f"{page}/artwork", form, page=page).status_code == 303
    assert one(griot, Playlist).artwork_id is not None


def test_the_focus_stays_with_what_was_moved(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        show = make_show(session)
        episodes: list[Episode | Audio] = [
            make_episode(session, show, title=title) for title in ("Eins", "Zwei", "Drei")
        ]
        make_playlist(session, episodes, title="Abend", slug="abend")
        session.commit()
    page = "/studio/playlists/abend"
    ids = re.findall(r'data-order-item="([^"]+)"', admin.get(page).get_data(as_text=True))
    for form, place in (
        ({"up": ids[2]}, f"up-{ids[2]}"),
        ({"up": ids[2]}, f"down-{ids[2]}"),
        ({"down": ids[0]}, f"up-{ids[0]}"),
    ):
        moved = admin.post(f"{page}/items", form, page=page)
        assert moved.location.partition("#")[2] == place
        assert f'id="{place}"' in admin.get(page).get_data(as_text=True)


def test_a_place_in_a_playlist_has_words_of_its_own(griot: Griot, admin: Person) -> None:
    episode = whole_episode(griot, title="Das Original")
    with griot.database.writing() as session:
        make_playlist(session, [episode], title="Abend", slug="abend")
        session.commit()
    page = "/studio/playlists/abend"
    item = re.findall(r'data-order-item="([^"]+)"', admin.get(page).get_data(as_text=True))[0]
    form = {"words": item, "item_title": "Zur Nacht", "item_artist": "<b>Awa</b>"}
    assert admin.post(f"{page}/items", form, page=page).status_code == 303
    public = admin.get("/playlists/abend").get_data(as_text=True)
    assert "Zur Nacht" in public
    assert "<b>Awa" not in public
    assert (
        admin.post(f"{page}/items", {**form, "item_title": "", "item_artist": ""}, page=page).status_code
        == 303
    )
    assert "Das Original" in admin.get("/playlists/abend").get_data(as_text=True)


def test_a_sound_that_is_no_episode_is_heard_in_its_list_alone(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        audio = make_audio(session, storage=griot.storage, title="Jingle")
        make_playlist(session, [], title="Abend", slug="abend")
        session.commit()
    page = "/studio/playlists/abend"
    assert f'<option value="{audio.id}"' in admin.get(page).get_data(as_text=True)
    assert admin.post(f"{page}/items", {"add_audio": audio.id}, page=page).status_code == 303
    assert "Jingle" in admin.get("/playlists/abend").get_data(as_text=True)
    assert admin.post(f"{page}/items", {"add_audio": "nobodys"}, page=page).status_code == 422


def test_a_rule_that_a_script_made_outlives_the_form(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        section = make_section(session)
        rule = {"tag": section.id, "since": "14d"}
        make_playlist(session, [], title="Heute", slug="heute", rule=rule, order="newest")
        session.commit()
    page = "/studio/playlists/heute"
    text = admin.get(page).get_data(as_text=True)
    form = {
        "title": "Heute!",
        "order": "newest",
        "published": "yes",
        **dict(
            re.findall(r'<select[^>]* name="(rule_\w+)".*?<option value="([^"]*)" selected', text, re.DOTALL)
        ),
    }
    assert admin.post(page, form, page=page).status_code == 303
    assert one(griot, Playlist).rule == rule
    wrong = admin.post(page, {**form, "rule_limit": "-5", "rule_since": "7d"}, page=page)
    assert wrong.status_code == 422
    assert 'id="rule_limit-error"' in wrong.get_data(as_text=True)
    assert '<option value="7d" selected' in wrong.get_data(as_text=True)


def test_a_playlist_comes_out_of_the_bin_as_it_was(griot: Griot, admin: Person, producer: Person) -> None:
    episode = whole_episode(griot, title="Von heute")
    with griot.database.writing() as session:
        playlist = make_playlist(session, [episode], title="Abend", slug="abend")
        session.commit()
    gone = admin.post("/studio/playlists/abend/bin", {})
    assert gone.status_code == 303
    assert admin.get("/playlists/abend").status_code == 404
    undo = re.search(
        r'action="(/studio/playlists/[^"]+/restore)"', admin.get(gone.location).get_data(as_text=True)
    )
    assert undo
    assert undo[1] == f"/studio/playlists/{playlist.id}/restore"
    assert producer.post(undo[1], {}).status_code == 404
    assert admin.post(undo[1], {}).status_code == 303
    assert "Von heute" in admin.get("/playlists/abend").get_data(as_text=True)
    assert admin.post(undo[1], {}).status_code == 404


def test_a_list_longer_than_a_page_leads_on(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        for number in range(51):
            make_show(session, title=f"Sendung {number:02}", slug=f"sendung-{number}")
        session.commit()
    first = admin.get("/studio/shows").get_data(as_text=True)
    assert "Sendung 50" not in first
    assert 'href="?page=2"' in first
    second = admin.get("/studio/shows?page=2").get_data(as_text=True)
    assert "Sendung 50" in second
    assert "page=3" not in second


def test_a_forgotten_password_is_set_anew(admin: Person, producer: Person) -> None:
    page = f"/studio/people/{producer.user.id}"
    assert admin.post(f"{page}/password", {"password": "short"}, page=page).status_code == 422
    assert producer.get("/studio/").status_code == 200
    assert admin.post(f"{page}/password", {"password": "another good word"}, page=page).status_code == 303
    assert producer.get("/studio/").status_code == 302
    form = {"email": "producer@example.org", "password": "another good word"}
    assert producer.post("/login", form, page="/login").status_code == 303


def test_a_section_keeps_what_was_typed_when_its_place_is_no_number(griot: Griot, admin: Person) -> None:
    with griot.database.writing() as session:
        section = make_section(session)
        session.commit()
    page = f"/studio/sections/{section.slug}"
    form = {"name": "Umwelt neu", "kind": "section", "position": "vorn"}
    response = admin.post(page, form, page=page)
    assert response.status_code == 422
    assert 'id="position-error"' in response.get_data(as_text=True)
    assert "Umwelt neu" in response.get_data(as_text=True)
    assert admin.post(page, {**form, "name": "", "position": ""}, page=page).status_code == 422
