# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages for listeners: whole, escaped, speaking two languages, usable without script."""

import base64
import dataclasses
import hashlib
import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from selectolax.lexbor import LexborHTMLParser as HtmlParser

from podcasts.audio.artwork import cover_svg
from podcasts.i18n import translator
from podcasts.paths import locale_folder, static_folder, templates_folder
from podcasts.web.assets import Assets
from podcasts.web.faces import (
    ArticleFace,
    ChapterFace,
    CoverFace,
    EmbedCode,
    EmbedPage,
    EpisodePage,
    ErrorFace,
    FeedFace,
    Head,
    HomePage,
    LanguageFace,
    LinkFace,
    PageNumbers,
    PassageFace,
    PlaylistFace,
    PlaylistPage,
    SectionPage,
    ShowFace,
    ShowPage,
    SiteFace,
    TrackFace,
    TranscriptFace,
)
from podcasts.web.wording import install_words

ASSETS = Assets.load(static_folder())
HOSTILE = "\"'><script>alert(1)</script>]]>&amp;\u202e{{ 7 * 7 }}"
OURS = ("listen", "embed", "player", "errors")
BARS = CoverFace(svg=Markup(cover_svg([40, 90, 200, 120, 30, 60, 255, 10, 80], 1)))  # noqa: S704 - our own drawing
PICTURE = CoverFace(image_url="/media/k/cover-600.webp", small_url="/media/k/cover-112.webp", alt="Le port")

FEED = FeedFace("https://radio.example/shows/plein-jour/feed.xml", "Plein jour")
SITE = SiteFace(
    title="La Dépêche du Fleuve",
    home_url="/",
    source_url="https://example.org/griot",
    language="fr",
    direction="ltr",
    feed=FEED,
    languages=(
        LanguageFace("fr", "français", "?lang=fr", current=True),
        LanguageFace("en", "English", "?lang=en"),
    ),
    menu=(LinkFace("Émissions", "/#shows"),),
    studio_url="/studio/",
)
HEAD = Head(
    title="Le fleuve monte",
    description="Trois villages.",
    canonical="https://radio.example/x",
    feeds=(FEED,),
    oembed_json_url="https://radio.example/oembed?url=x&format=json",
    oembed_xml_url="https://radio.example/oembed?url=x&format=xml",
    og_audio_url="https://radio.example/media/k/son.mp3",
    og_audio_mime="audio/mpeg",
)


def a_track(title: str = "Le fleuve monte : trois villages", **facts: object) -> TrackFace:
    whole = TrackFace(
        title=title,
        page_url="/shows/plein-jour/le-fleuve-monte",
        cover=BARS,
        clock="24:10",
        length_words="24 min",
        length_spoken="24 minutes",
        size_words="4,3 Mo",
        audio_url="/media/k/le-fleuve-monte.mp3",
        download_name="le-fleuve-monte.mp3",
        sounds="normal k mp3 23000000;light-opus l m4a 4300000",
        file_stem="le-fleuve-monte",
        seconds=1450,
        bars="09az" * 50,
        artist="Awa Sidibé",
        album="Plein jour",
        show_title="Plein jour",
        show_url="/shows/plein-jour",
        published_words="hier",
        published_full="jeudi 12 mars 2026, 08:30",
        published_iso="2026-03-12T08:30:00Z",
        sections=(LinkFace("Karsa", "/sections/karsa"),),
        articles=(ArticleFace("https://journal.example/fleuve", "Le fleuve monte", "La Dépêche"),),
    )
    return dataclasses.replace(whole, **facts)  # type: ignore[arg-type] # any field of the face


def pages(
    title: str = "Le fleuve monte : trois villages", *, cover: CoverFace = BARS
) -> dict[str, dict[str, object]]:
    """Every template with something to show; ``title`` stands wherever a producer may type."""
    track = a_track(title, cover=cover, artist=title, album=title, show_title=title)
    silent = a_track(title, audio_url=None, index=2)
    show = ShowFace(title, "/shows/plein-jour", FEED, cover, description=title, author=title, episode_count=2)
    playlist = PlaylistFace(
        title, "/playlists/journal", cover, (track, silent), 2, "48 min", feed=FEED, description=title
    )
    chip = LinkFace(title, "/sections/karsa", current=True)
    numbers = PageNumbers(2, 3, "?page=1", "?page=3")
    home = HomePage((track, silent, track), playlist, (show,), (chip,), track.articles)
    chapters = (ChapterFace("0:00", 0, title), ChapterFace("4:10", 250, title, "https://journal.example/"))
    code = EmbedCode(
        player_url="https://radio.example/embed/x",
        page_url="https://radio.example/x",
        preview_path="/embed/x",
        action="/x",
        layouts=(("card", "Carte", 412), ("mini", "Ligne", 200)),
        themes=(("light", "Clair"), ("dark", "Sombre")),
        languages=(("", "Celle du lecteur"), ("fr", "français")),
        iframe=title,
        script=title,
        address="https://radio.example/x",
        plain_accent="#27308f",
        snippet=title,
        sites=("https://journal.example",),
    )
    passages = (PassageFace(title, title, "0:07", 7), PassageFace(title))
    others = (LinkFace(title, "/media/k/transcript.html?language=ar", "ar"),)
    words = TranscriptFace(passages, "en", True, "/media/k/transcript.html", others)
    return {
        "listen/home.html": {"page": home},
        "listen/show.html": {"page": ShowPage(show, (track, silent), numbers, code)},
        "listen/episode.html": {
            "page": EpisodePage(track, show, None, chapters, (silent,), code, "/embed/x", words)
        },
        "listen/playlist.html": {"page": PlaylistPage(playlist, numbers, code)},
        "listen/section.html": {"page": SectionPage(title, FEED, title, (chip,), (track,), (playlist,))},
        "errors/error.html": {"error": ErrorFace(404, title, title, "not-found")},
        "embed/episode.html": {
            "page": EmbedPage("episode", title, "https://radio.example/x", (track,), 1, chapters=chapters)
        },
        "embed/playlist.html": {
            "page": EmbedPage("playlist", title, "https://radio.example/x", (silent, track), 2, layout="list")
        },
    }


TEMPLATES = sorted(pages())
SITE_PAGES = [name for name in TEMPLATES if not name.startswith("embed/")]
EMBEDS = [name for name in TEMPLATES if name.startswith("embed/")]


def an_environment(language: str = "fr") -> Environment:
    environment = Environment(
        loader=FileSystemLoader(templates_folder()), autoescape=True, undefined=StrictUndefined
    )
    install_words(environment, lambda: translator(language))
    environment.globals["assets"] = ASSETS
    environment.globals["extras_path"] = lambda language: f"/player/{language}-0a1b2c3d4e5f.js"
    environment.globals["stay_path"] = lambda language: f"/listen/{language}-0a1b2c3d4e5f.js"
    return environment


def render(name: str, context: dict[str, object], site: SiteFace = SITE, head: Head = HEAD) -> str:
    return an_environment(site.language).get_template(name).render(site=site, head=head, **context)


def parsed(name: str, **facts: object) -> HtmlParser:
    return HtmlParser(render(name, pages(**facts)[name]))  # type: ignore[arg-type] # facts of pages()


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_producers_type_is_text_and_never_markup(name: str) -> None:
    html = render(
        name, pages(HOSTILE)[name], dataclasses.replace(SITE, title=HOSTILE), Head(HOSTILE, HOSTILE)
    )
    assert "<script>alert" not in html
    assert "alert(1)</script>" not in html
    page = HtmlParser(html)
    assert not [
        script for script in page.css("script") if "alert" in script.text() and "alert(1)" in script.text()
    ]
    heading = page.css_first("h1")
    assert heading is not None
    assert HOSTILE in heading.text()
    assert not [node for node in page.css("*") if any(name.startswith("on") for name in node.attributes)]


@pytest.mark.parametrize("cover", [BARS, PICTURE], ids=["bars", "picture"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_a_page_has_one_first_heading_a_main_part_and_a_language(name: str, cover: CoverFace) -> None:
    page = parsed(name, cover=cover)
    assert len(page.css("h1")) == 1
    assert len(page.css("main")) == 1
    html = page.css_first("html")
    assert html is not None
    assert (html.attributes["lang"], html.attributes["dir"]) == ("fr", "ltr")
    assert all(image.attributes.get("alt") is not None for image in page.css("img"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_headings_never_skip_a_level(name: str) -> None:
    levels = [int(str(node.tag)[1]) for node in parsed(name).css("h1, h2, h3, h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("name", TEMPLATES)
def test_names_that_must_be_unique_are(name: str) -> None:
    names = [node.attributes["id"] for node in parsed(name).css("[id]")]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", SITE_PAGES)
def test_a_page_of_the_site_skips_to_its_content_and_shows_its_source(name: str) -> None:
    page = parsed(name)
    first_link = page.css_first("body a")
    assert first_link is not None
    assert first_link.attributes["href"] == "#main"
    assert page.css_first("#main") is not None
    assert page.css_first(f'footer a[href="{SITE.source_url}"]') is not None
    assert [link.attributes["hreflang"] for link in page.css("footer [hreflang]")] == ["fr", "en"]


@pytest.mark.parametrize("name", SITE_PAGES)
def test_a_page_of_the_site_runs_and_styles_nothing_inline(name: str) -> None:
    page = parsed(name)
    assert page.css("style, [style]") == []
    assert all(script.attributes.get("src") for script in page.css("script"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_fetched_from_elsewhere_and_no_sound_before_a_click(name: str) -> None:
    page = parsed(name)
    fetched = [node.attributes.get("src") for node in page.css("[src]")]
    fetched += [node.attributes.get("href") for node in page.css('link[rel="stylesheet"], link[rel="icon"]')]
    assert all(address is not None and re.match(r"/(static|media)/|data:,$", address) for address in fetched)
    assert all(audio.attributes["preload"] == "none" for audio in page.css("audio"))
    assert all("autoplay" not in audio.attributes for audio in page.css("audio"))


@pytest.mark.parametrize("name", ["listen/home.html", "listen/show.html", "listen/section.html"])
def test_without_script_a_play_link_opens_the_sound(name: str) -> None:
    links = parsed(name).css("a[data-play]")
    assert links
    assert all(link.attributes["href"] == "/media/k/le-fleuve-monte.mp3" for link in links)


def test_the_play_button_says_its_cost_and_its_whole_name() -> None:
    button = parsed("listen/episode.html").css_first(".button--play")
    assert button is not None
    assert button.text(strip=True) == "Écouter · 4,3 Mo"
    assert (
        button.attributes["aria-label"]
        == "Écouter\u00a0: Le fleuve monte\u00a0: trois villages, 24 minutes, 4,3 Mo"
    )


def test_an_episode_without_sound_says_so_and_offers_none() -> None:
    show = ShowFace("Plein jour", "/shows/plein-jour", FEED, BARS)
    page = HtmlParser(render("listen/episode.html", {"page": EpisodePage(a_track(audio_url=None), show)}))
    assert page.css("[data-play], [download], audio source") == []
    main = page.css_first("main")
    assert main is not None
    assert "n'a pas encore de son" in main.text()


def test_a_playlist_row_names_index_title_artist_album_and_length() -> None:
    row = parsed("listen/playlist.html").css_first(".track")
    assert row is not None
    title = "Le fleuve monte : trois villages"
    said = "|".join(filter(None, row.text(separator="|", strip=True).replace("\u00a0", " ").split("|")))
    assert said == f"1|{title}|{title}|{title}|en lecture|24:10"


def test_a_name_in_another_language_says_which() -> None:
    arabic = a_track("النهر يرتفع", title_language="ar")
    show = ShowFace("Plein jour", "/shows/plein-jour", FEED, BARS)
    heading = HtmlParser(render("listen/episode.html", {"page": EpisodePage(arabic, show)})).css_first("h1")
    assert heading is not None
    assert (heading.attributes["lang"], heading.attributes["dir"]) == ("ar", "auto")


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("listen/home.html", HomePage()),
        ("listen/playlist.html", PlaylistPage(PlaylistFace("Vide", "/playlists/vide", BARS))),
        ("listen/section.html", SectionPage("Vide", FEED)),
        ("listen/show.html", ShowPage(ShowFace("Vide", "/shows/vide", FEED, BARS))),
        ("embed/playlist.html", EmbedPage("playlist", "Vide", "https://radio.example/x")),
    ],
)
def test_an_empty_page_says_the_next_step(name: str, page: object) -> None:
    main = HtmlParser(render(name, {"page": page})).css_first("main")
    assert main is not None
    assert main.css("a[href]")
    assert main.css(".lead, .quiet")
    assert main.css("[data-track]") == []


def test_feeds_and_embeds_can_be_discovered() -> None:
    page = parsed("listen/episode.html")
    alternates = {
        link.attributes["type"]: link.attributes["href"] for link in page.css('link[rel="alternate"][type]')
    }
    assert alternates == {
        "application/rss+xml": FEED.url,
        "application/json+oembed": HEAD.oembed_json_url,
        "text/xml+oembed": HEAD.oembed_xml_url,
    }
    meta = {node.attributes["property"]: node.attributes["content"] for node in page.css("meta[property]")}
    assert meta["og:title"] == "Le fleuve monte"
    assert meta["og:audio"] == HEAD.og_audio_url


@pytest.mark.parametrize("name", EMBEDS)
def test_an_embed_is_one_document_that_its_policy_can_name(name: str) -> None:
    page = parsed(name)
    assert page.css("link[rel=stylesheet], script[src], [style]") == []
    style = "embed-list-light.css" if "playlist" in name else "embed-light.css"
    inside = (
        ("style", style),
        ("script:not([type])", "player/early.js"),
        ('script[type="module"]', "embed-list.js" if "playlist" in name else "embed.js"),
    )
    for element, asset in inside:
        (inlined,) = page.css(element)
        digest = base64.b64encode(hashlib.sha256(inlined.text().encode()).digest()).decode()
        assert ASSETS.csp_hash(asset) == f"sha256-{digest}"


def test_a_list_begins_with_the_first_track_that_can_be_heard() -> None:
    page = parsed("embed/playlist.html")
    source = page.css_first("audio source")
    assert source is not None
    assert source.attributes["src"] == "/media/k/le-fleuve-monte.mp3"
    assert len(page.css("[data-track]")) == 1


def _catalogue(name: str) -> dict[str, bool]:
    """Every sentence of the French catalogues that match, and whether each of its forms is worded."""
    messages: list[Any] = []
    for path in sorted((locale_folder() / "fr/LC_MESSAGES").glob(name)):
        with path.open("rb") as file:
            messages += [message for message in read_po(file, locale="fr") if message.id]
    return {
        str(message.id if isinstance(message.id, str) else message.id[0]): all(_forms(message.string))
        for message in messages
    }


def _forms(said: object) -> list[object]:
    return list(said) if isinstance(said, list | tuple) else [said]


def _sentences() -> set[str]:
    """Every sentence of the templates for listeners and of the wording module."""
    environment = an_environment()
    folder = templates_folder()
    files = [
        folder / "base.html",
        *folder.glob("_*.html"),
        *(path for face in OURS for path in (folder / face).glob("*.html")),
    ]
    found = set()
    for path in files:
        for _, _, message in environment.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined] # added by Jinja's i18n extension
            found.add(message if isinstance(message, str) else message[0])
    wording = Path(install_words.__code__.co_filename).read_text(encoding="utf-8")
    return found | set(re.findall(r't\.gettext\("([^"]+)"', wording))


def test_every_sentence_is_said_in_french_and_none_is_left_over() -> None:
    catalogue, sentences = _catalogue("listen.po"), _sentences()
    assert len(sentences) > 40
    assert sentences - set(_catalogue("*.po")) == set()
    assert set(catalogue) - sentences == set()
    assert [name for name, worded in catalogue.items() if not worded] == []
