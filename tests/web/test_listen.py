# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages for listeners: what they show, what they hide, how they are found and cached."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.clock import StoppedClock
from podcasts.models import Chapter, EpisodeSection, Section, Show, SlugEntry, Transcript
from podcasts.web.app import create_app
from tests.conftest import recorded_queries
from tests.factories import (
    MORNING,
    make_article,
    make_artwork,
    make_audio,
    make_episode,
    make_playlist,
    make_section,
    make_show,
)

BASE = "https://radio.example.org"
PAGES = ("/", "/shows/eco", "/shows/eco/bus", "/playlists/jour", "/sections/mali")


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    return create_app(griot).test_client()


@pytest.fixture
def show(griot: Griot) -> Show:
    """A show with an episode, an article, a section and a playlist."""
    with griot.database.writing() as session:
        show = make_show(session, slug="eco", title="L’économie en clair", description="Une *émission*.")
        section = make_section(session, slug="mali", name="Mali")
        row = make_episode(
            session, show, slug="bus", title="Les bus <script>alert(1)</script>", notes="Des *notes*."
        )
        session.add(EpisodeSection(episode_id=row.id, section_id=section.id, position=0))
        session.add(Chapter(episode_id=row.id, start_ms=1_000, title="Chapitre un"))
        make_article(session, "https://news.example/a", episode=row, title="L’article")
        make_playlist(
            session, [row, make_audio(session, title="Un son seul")], slug="jour", title="Le journal"
        )
        session.commit()
    return show


def _html(client: FlaskClient, path: str, **headers: str) -> HTMLParser:
    response = client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    assert response.status_code == 200, response.text
    return HTMLParser(response.text)


def _attribute(page: HTMLParser, selector: str, name: str) -> str | None:
    node = page.css_first(selector)
    return node.attributes.get(name) if node else None


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("show")
def test_every_page_is_the_same_for_everybody_and_varies_by_language_alone(
    client: FlaskClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert "Accept-Language" in response.headers["Vary"]
    assert "Cookie" not in response.headers["Vary"]
    assert response.headers["Cache-Control"].startswith("public, max-age=")
    again = client.get(path, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("show")
def test_every_page_has_one_address_and_says_its_other_languages(client: FlaskClient, path: str) -> None:
    page = _html(client, f"{path}?lang=en")
    assert _attribute(page, "link[rel=canonical]", "href") == BASE + path
    languages = {node.attributes["hreflang"]: node.attributes["href"] for node in page.css("link[hreflang]")}
    assert languages == {
        **{language: f"{BASE}{path}?lang={language}" for language in ("fr", "en", "ar", "pt")},
        "x-default": BASE + path,
    }
    assert _attribute(page, "html", "lang") == "en"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.usefixtures("show")
def test_every_page_leads_to_a_feed(client: FlaskClient, path: str) -> None:
    page = _html(client, path)
    url = _attribute(page, 'link[type="application/rss+xml"]', "href") or ""
    assert url.startswith(BASE)
    assert client.get(url.removeprefix(BASE)).status_code == 200


@pytest.mark.usefixtures("show")
def test_the_language_is_asked_for_or_the_readers_or_the_default(client: FlaskClient) -> None:
    assert _attribute(_html(client, "/"), "html", "lang") == "fr"
    assert _attribute(_html(client, "/", Accept_Language="en-GB,fr;q=0.5"), "html", "lang") == "en"
    assert _attribute(_html(client, "/?lang=fr", Accept_Language="en"), "html", "lang") == "fr"
    assert _attribute(_html(client, "/", Accept_Language="pt-BR,en;q=0.5"), "html", "lang") == "pt"
    arabic = _html(client, "/", Accept_Language="ar-EG,fr;q=0.5")
    assert (_attribute(arabic, "html", "lang"), _attribute(arabic, "html", "dir")) == ("ar", "rtl")
    assert [link.text() for link in arabic.css("footer [hreflang]")] == [
        "français",
        "English",
        "العربية",
        "português",
    ]


@pytest.mark.usefixtures("show")
def test_an_episode_page_has_its_words_its_sound_and_its_article(client: FlaskClient) -> None:
    page = _html(client, "/shows/eco/bus")
    heading = page.css_first("h1")
    assert heading is not None
    assert heading.text() == "Les bus <script>alert(1)</script>"
    text = page.body.text() if page.body else ""
    assert "Des notes." in text
    assert "Chapitre un" in text
    assert page.css_first('a[href="https://news.example/a"]') is not None
    sound = _attribute(page, "audio source", "src") or ""
    assert sound.startswith("/media/")
    assert _attribute(page, 'meta[property="og:audio"]', "content") == BASE + sound
    assert _attribute(page, 'link[type="application/json+oembed"]', "href")
    described = page.css_first('script[type="application/ld+json"]')
    assert described is not None
    assert "PodcastEpisode" in described.text()
    assert "<script>alert" not in (page.html or "").replace("&lt;", "")


def put_words(griot: Griot, language: str, segments: list[dict[str, Any]], status: str = "accepted") -> None:
    with griot.database.writing() as session:
        episode_id = session.scalars(select(SlugEntry.subject_id).where(SlugEntry.slug == "bus")).one()
        row = Transcript(episode_id=episode_id, language=language, format="vtt", origin="upload", source="")
        row.status, row.segments = status, segments
        row.created_at = row.updated_at = MORNING
        session.add(row)
        session.commit()


def caption(start_ms: int | None, speaker: str, body: str) -> dict[str, Any]:
    end_ms = None if start_ms is None else start_ms + 900
    return {"start_ms": start_ms, "end_ms": end_ms, "speaker": speaker, "body": body}


@pytest.mark.usefixtures("show")
def test_the_words_of_an_episode_stand_on_its_page_with_who_and_when(
    griot: Griot, client: FlaskClient
) -> None:
    put_words(
        griot,
        "fr",
        [
            caption(0, "Awa", "Bonjour."),
            caption(1_000, "Awa", "Il pleut."),
            caption(65_000, "Moussa <b>", "Encore ?"),
            caption(70_000, "", "<script>alert(1)</script>"),
        ],
    )
    put_words(griot, "ar", [caption(None, "", "مرحبا")])
    put_words(griot, "en", [caption(0, "", "nobody has read this yet")], status="draft")
    page = _html(client, "/shows/eco/bus")
    section = page.css_first("section[aria-labelledby=transcript]")
    assert section is not None
    assert [node.text() for node in section.css("h2")] == ["Transcription"]
    # Short as it is, it stands open; what the same person goes on saying is one passage.
    assert section.css("details") == []
    assert [node.text() for node in section.css("h3")] == ["Awa", "Moussa <b>"]
    said = [node.text().split() for node in section.css("p.passage")]
    assert said == [
        ["0:00", "Bonjour.", "Il", "pleut."],
        ["1:05", "Encore", "?"],
        ["1:10", "<script>alert(1)</script>"],
    ]
    time = section.css("a[data-chapter]")[1].attributes
    assert (time["data-chapter"], (time["href"] or "").partition("#")[2]) == ("65", "t=65")
    (other,) = section.css("a[hreflang=ar]")
    assert other.text() == "العربية"
    assert "مرحبا" in client.get(str(other.attributes["href"])).text
    assert "nobody has read" not in (page.html or "")


@pytest.mark.usefixtures("show")
def test_a_long_transcript_is_folded_up_and_cut_with_a_link_to_all_of_it(
    griot: Griot, client: FlaskClient
) -> None:
    put_words(griot, "fr", [caption(None, "", f"{number} " + "mot " * 90) for number in range(1_000)])
    page = _html(client, "/shows/eco/bus")
    assert _attribute(page, "section[aria-labelledby=transcript] details", "open") is None
    passages = page.css("details p.passage")
    assert 500 < len(passages) < 600
    assert page.css("a.passage__time") == []
    whole = _attribute(page, "details > p > a", "href") or ""
    assert "999 mot" in client.get(whole).text


@pytest.mark.usefixtures("show")
def test_a_playlist_page_lists_its_tracks_with_bare_sounds(client: FlaskClient) -> None:
    text = (_html(client, "/playlists/jour").body or HTMLParser("")).text()
    assert "Un son seul" in text
    assert "Les bus" in text


@pytest.mark.parametrize(
    "values",
    [
        {"status": "draft", "published_at": None},
        {"published_at": MORNING + timedelta(seconds=1)},
        {"status": "withdrawn"},
        {"deleted_at": MORNING},
    ],
)
def test_what_is_hidden_is_404_and_named_nowhere(
    griot: Griot, client: FlaskClient, values: dict[str, Any]
) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="eco")
        section = make_section(session, slug="mali")
        hidden = make_episode(session, show, slug="secret", title="Verysecret", **values)
        session.add(EpisodeSection(episode_id=hidden.id, section_id=section.id, position=0))
        make_article(session, "https://news.example/a", episode=hidden, title="Verysecret too")
        make_playlist(session, [hidden], slug="jour")
        session.commit()
    hidden_pages = (
        "/shows/eco/secret",
        "/embed/episodes/eco/secret",
        "/embed/article?url=https://news.example/a",
        f"/oembed?url={BASE}/shows/eco/secret",
    )
    assert [client.get(path).status_code for path in hidden_pages] == [404] * 4
    open_pages = ("/", "/shows/eco", "/playlists/jour", "/sections/mali", "/sitemap.xml", "/feed.xml")
    for path in (*open_pages, "/embed/shows/eco", "/embed/playlists/jour", "/shows/eco/feed.xml"):
        assert "erysecret" not in client.get(path).text


def test_a_scheduled_episode_appears_by_itself(
    griot: Griot, clock: StoppedClock, client: FlaskClient
) -> None:
    with griot.database.writing() as session:
        make_episode(
            session, make_show(session, slug="eco"), slug="bus", published_at=MORNING + timedelta(minutes=5)
        )
        session.commit()
    places = ("/shows/eco/bus", "/embed/episodes/eco/bus")
    assert [client.get(path).status_code for path in places] == [404, 404]
    clock.move(timedelta(minutes=5))
    assert [client.get(path).status_code for path in places] == [200, 200]
    assert "/shows/eco/bus" in client.get("/sitemap.xml").text


def test_an_unpublished_playlist_is_404(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        make_playlist(session, slug="jour", published=False)
        session.commit()
    for path in ("/playlists/jour", "/embed/playlists/jour", f"/oembed?url={BASE}/playlists/jour"):
        assert client.get(path).status_code == 404


def test_old_addresses_lead_to_present_ones_and_keep_what_was_asked(
    griot: Griot, client: FlaskClient, show: Show
) -> None:
    with griot.database.writing() as session:
        for kind, subject in (("show", show.id), ("playlist", _subject(griot, "playlist", "jour"))):
            session.add(SlugEntry(kind=kind, scope="", slug="old", subject_id=subject, created_at=MORNING))
        episode = _subject(griot, "episode", "bus")
        session.add(
            SlugEntry(kind="episode", scope=show.id, slug="old", subject_id=episode, created_at=MORNING)
        )
        session.commit()
    for old, present in (
        ("/shows/old?lang=en", "/shows/eco?lang=en"),
        ("/shows/old/old", "/shows/eco/bus"),
        ("/playlists/old", "/playlists/jour"),
        ("/embed/shows/old", "/embed/shows/eco"),
        ("/embed/episodes/eco/old", "/embed/episodes/eco/bus"),
        ("/embed/playlists/old", "/embed/playlists/jour"),
    ):
        response = client.get(old)
        assert (response.status_code, response.headers["Location"]) == (301, present)


def _subject(griot: Griot, kind: str, slug: str) -> str:
    with griot.database.reading() as session:
        return session.scalars(
            select(SlugEntry.subject_id).where(SlugEntry.kind == kind, SlugEntry.slug == slug)
        ).one()


def test_a_long_show_has_pages(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="eco")
        for number in range(21):
            make_episode(
                session, show, title=f"Numéro {number}", published_at=MORNING - timedelta(hours=number + 1)
            )
        session.commit()
    first, second = _html(client, "/shows/eco"), _html(client, "/shows/eco?page=2")
    assert _attribute(first, "a[rel=next]", "href") == "/shows/eco?page=2"
    assert _attribute(second, "a[rel=prev]", "href") == "/shows/eco"
    assert _attribute(second, "link[rel=canonical]", "href") == f"{BASE}/shows/eco?page=2"
    assert "Numéro 20" in second.html if second.html else False


@pytest.mark.parametrize("page", ["0", "-1", "x", "", "3", "99999999999999999999", "\uff11", "1e3"])
@pytest.mark.usefixtures("show")
def test_a_page_that_is_not_there_is_404(client: FlaskClient, page: str) -> None:
    for path in ("/shows/eco", "/playlists/jour", "/sections/mali"):
        assert client.get(f"{path}?page={page}").status_code == 404


def test_the_demonstration_is_not_for_search_engines(griot: Griot, client: FlaskClient) -> None:
    with griot.database.writing() as session:
        show = make_show(session, slug="demo", demo=True)
        make_episode(session, show, slug="bus")
        make_playlist(session, slug="jour", demo=True)
        session.commit()
    for path in ("/shows/demo", "/shows/demo/bus", "/playlists/jour"):
        assert _attribute(_html(client, path), "meta[name=robots]", "content") == "noindex"
    assert "demo" not in client.get("/sitemap.xml").text
    assert "jour" not in client.get("/sitemap.xml").text
    assert "<item>" not in client.get("/feed.xml").text


@pytest.mark.usefixtures("show")
def test_the_site_map_names_every_page_that_is_there(client: FlaskClient) -> None:
    root = ET.fromstring(client.get("/sitemap.xml").data)  # noqa: S314 - our own document
    found = {node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert found == {BASE + path for path in PAGES}


def test_robots_are_told_of_the_site_map_and_kept_out_of_the_studio(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text
    assert f"Sitemap: {BASE}/sitemap.xml" in text
    assert "Disallow: /studio/" in text


@pytest.mark.parametrize("name", ["%00", "a%00b", "%ff", "%ed%a0%80", "..%2f..", "a" * 5_000, "%F0%9F%8E%99"])
def test_an_address_of_rubbish_is_404(client: FlaskClient, name: str) -> None:
    for path in (
        "/shows/{}",
        "/shows/{}/a",
        "/playlists/{}",
        "/sections/{}",
        "/media/{}/a.mp3",
        "/embed/shows/{}",
    ):
        assert client.get(path.format(name)).status_code == 404
    for path in ("/shows/{}/feed.xml", "/media/{}/peaks.json", "/media/{}/cover.jpg"):
        assert client.get(path.format(name)).status_code == 404


def test_an_empty_site_has_a_home(client: FlaskClient) -> None:
    assert _html(client, "/").css_first("h1") is not None


@pytest.mark.usefixtures("show")
def test_a_strange_host_changes_no_link(client: FlaskClient) -> None:
    strange = client.get(
        "/shows/eco/bus", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"}
    )
    assert strange.status_code == 200
    assert "evil.example" not in strange.text


@pytest.mark.parametrize(
    ("path", "most"), [("/", 25), ("/shows/eco", 9), ("/shows/eco/bus", 14), ("/playlists/jour", 9)]
)
def test_the_number_of_questions_does_not_grow_with_the_number_of_rows(
    griot: Griot, client: FlaskClient, show: Show, path: str, most: int
) -> None:
    with griot.database.writing() as session:
        section = session.scalars(select(Section)).one()
        for number in range(8):
            row = make_episode(session, show)
            make_article(session, f"https://news.example/{number}", episode=row, title="T")
            session.add(EpisodeSection(episode_id=row.id, section_id=section.id, position=0))
            make_episode(session, make_show(session))
        session.commit()
    client.get("/robots.txt")
    with recorded_queries(griot.database.engine) as queries:
        assert client.get(path).status_code == 200
    assert queries.count <= most


def test_a_picture_is_described_where_it_stands_large(griot: Griot, client: FlaskClient, show: Show) -> None:
    with griot.database.writing() as session:
        artwork = make_artwork(session, alt="Un bus jaune devant le marché")
        session.get_one(Show, show.id).artwork_id = artwork.id
        session.commit()
    page = _html(client, "/shows/eco")
    assert [img.attributes["alt"] for img in page.css("main img.cover[width='600']")] == [artwork.alt]
    # In a list the title stands beside it; hearing the same words again and again helps nobody.
    assert {img.attributes["alt"] for img in page.css("main img.cover[width='112']")} <= {""}
