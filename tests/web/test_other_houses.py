# SPDX-License-Identifier: AGPL-3.0-or-later
"""Other houses: by the rules of WordPress, Ghost, Mastodon and Discourse, what our pages become there.

Each function says what one of them keeps, as its source does it (WordPress 6 wp-includes/embed.php, Ghost 5
OEmbedService, Mastodon 4 LinkDetailsExtractor, Discourse 3 AllowlistedGenericOnebox), written anew and no longer
than the rule.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from podcasts.bootstrap import Griot
from podcasts.models import Chapter, Show, Transcript
from podcasts.web.app import create_app
from tests.factories import MORNING, make_article, make_audio, make_episode, make_playlist, make_show

BASE = "https://radio.example.org"
HOSTILE = "\"><script>alert(1)</script>&'" + '"' * 260
PAGES = ("/shows/eco/bus", "/shows/eco", "/playlists/jour")
ARTICLE = "https://news.example/a"


@pytest.fixture
def client(griot: Griot) -> FlaskClient:
    with griot.database.writing() as session:
        show = make_show(session, slug="eco", title=HOSTILE, author="Awa")
        audio = make_audio(session, duration_ms=90_000)
        row = make_episode(session, show, slug="bus", title=HOSTILE, audio=audio)
        make_article(session, ARTICLE, episode=row)
        for start, title in ((0, "Un"), (30_000, HOSTILE)):
            session.add(Chapter(episode_id=row.id, start_ms=start, title=title))
        segments = [{"start_ms": 0, "end_ms": 900, "speaker": "Awa", "body": "</script>Bonjour"}]
        session.add(
            Transcript(
                episode_id=row.id,
                language="fr",
                format="vtt",
                origin="upload",
                status="accepted",
                source="",
                segments=segments,
                created_at=MORNING,
                updated_at=MORNING,
            )
        )
        make_playlist(session, [row, make_episode(session, show)], slug="jour", title=HOSTILE)
        session.commit()
    return create_app(griot).test_client()


def discovered(client: FlaskClient, path: str) -> Any:
    """Follow a page's own link to its oEmbed description, as all of them do."""
    link = HTMLParser(client.get(path).text).css_first('link[type="application/json+oembed"]')
    assert link is not None
    return client.get((link.attributes["href"] or "").removeprefix(BASE)).json


def metas(client: FlaskClient, path: str) -> dict[str, str]:
    """Read the meta elements of a page; the first of a name counts."""
    found: dict[str, str] = {}
    for node in HTMLParser(client.get(path).text).css("meta[content]"):
        name = node.attributes.get("property") or node.attributes.get("name") or ""
        found.setdefault(name, node.attributes["content"] or "")
    return found


def wordpress_keeps(html: str, secret: str = "Ab12Cd34Ef") -> str | None:  # noqa: S107 - WordPress's word for it
    """Filter the HTML of a host that WordPress does not know: a quote, a frame in a sandbox, a secret for both."""
    allowed = {"a": {"href"}, "blockquote": set(), "iframe": {"src", "width", "height", "title", "scrolling"}}
    allowed["iframe"] |= {"frameborder", "marginwidth", "marginheight"}
    page = HTMLParser(html)
    for node in page.css("body *"):
        if node.tag not in allowed:
            node.unwrap()
            continue
        for name in set(node.attributes) - allowed[node.tag]:
            del node.attrs[name]
    kept = page.body.inner_html if page.body else ""
    found = re.search(r"(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)", kept or "", re.DOTALL)
    if not found:
        return None
    source = re.search(r' src="([^"]*)"', found[2])
    if not source:
        return None
    quote = (found[1] or "").replace(
        "<blockquote>", f'<blockquote class="wp-embedded-content" data-secret="{secret}">'
    )
    frame = found[2].replace(source[0], f' src="{source[1]}#?secret={secret}" data-secret="{secret}"')
    hidden = ' style="position: absolute; visibility: hidden;"' if found[1] else ""
    return quote + frame.replace(
        "<iframe",
        f'<iframe{hidden} class="wp-embedded-content" sandbox="allow-scripts" security="restricted"',
    )


def ghost_takes(said: Mapping[str, Any]) -> bool:
    """Say whether Ghost makes an embed card of a description, and not a bookmark."""
    if not said.get("type") or not said.get("version"):
        return False
    return said["type"] in {"video", "rich"} and bool(said.get("html")) and bool(said.get("width"))


def mastodon_shows(found: Mapping[str, str]) -> dict[str, Any]:
    """Make Mastodon's preview card; it takes no rich oEmbed, and the player from Twitter's words."""
    player = found.get("twitter:player", "")
    playable = urlsplit(player).scheme in {"http", "https"} and bool(urlsplit(player).hostname)
    return {
        "type": "video" if playable else "link",
        "player": player if playable else "",
        "width": int(found.get("twitter:player:width", "0")),
        "height": int(found.get("twitter:player:height", "0")),
        "sound": found.get("twitter:player:stream", ""),
        "title": found.get("og:title", ""),
        "image": found.get("og:image", ""),
    }


def discourse_shows(said: Mapping[str, Any], found: Mapping[str, str], allowed: str) -> str:
    """Choose Discourse's box; ``allowed`` begins the addresses of frames that its administrator lets in."""
    oembed = {} if len(said["html"].encode()) > 4_000 else said
    kind = oembed.get("type") or found.get("og:type", "")
    if "article" in kind or re.match(r"video[/.]", kind) or re.search("photo|image", kind):
        return "other"
    frame = HTMLParser(str(oembed.get("html", ""))).css_first("iframe")
    if frame is not None and oembed.get("height") and (frame.attributes["src"] or "").startswith(allowed):
        return "frame"
    player = found.get("twitter:player", "")
    if found.get("twitter:card") == "player" and player.startswith(allowed):
        return "card"
    return "text"


@pytest.mark.parametrize("path", PAGES)
def test_wordpress_keeps_our_link_and_our_frame(client: FlaskClient, path: str) -> None:
    kept = wordpress_keeps(discovered(client, path)["html"])
    assert kept is not None
    page = HTMLParser(kept)
    link, frame = page.css_first("blockquote > a"), page.css_first("iframe")
    assert link is not None
    assert frame is not None
    assert (link.attributes["href"], link.text()) == (BASE + path, HOSTILE)
    assert frame.attributes["title"] == HOSTILE
    assert frame.attributes["sandbox"] == "allow-scripts"
    assert (frame.attributes["src"] or "").endswith("#?secret=Ab12Cd34Ef")
    assert page.css_first("script") is None


@pytest.mark.parametrize("path", PAGES)
def test_ghost_makes_a_player_and_no_bookmark(client: FlaskClient, path: str) -> None:
    said = discovered(client, path)
    assert ghost_takes(said)
    assert type(said["width"]) is int
    assert not ghost_takes({**said, "width": "" if said["width"] else 1})
    # It takes what is discovered, unless the address is WordPress's own.
    assert "wp-json/oembed" not in f"{BASE}/oembed"


@pytest.mark.parametrize("path", PAGES)
def test_mastodon_plays_our_player_in_the_place_of_the_link(client: FlaskClient, path: str) -> None:
    card = mastodon_shows(metas(client, path))
    kind = "episodes/eco/bus" if path.endswith("bus") else path.lstrip("/")
    assert card["type"] == "video"
    assert card["player"] == f"{BASE}/embed/{kind}"
    assert client.get(card["player"].removeprefix(BASE)).status_code == 200
    assert (card["width"], card["height"]) == (640, 412 if path.endswith("bus") else 560)
    assert card["title"] == HOSTILE
    assert re.fullmatch(rf"{BASE}/media/[^/]+/[^/]+\.mp3", card["sound"])
    assert card["image"].startswith(BASE)


@pytest.mark.parametrize("path", PAGES)
def test_discourse_shows_the_player_where_it_may_and_the_words_elsewhere(
    client: FlaskClient, path: str
) -> None:
    said, found = discovered(client, path), metas(client, path)
    assert discourse_shows(said, found, f"{BASE}/embed/") == "frame"
    # Where the description is too long for it, Twitter's words do the same.
    assert discourse_shows({**said, "html": said["html"] + " " * 4_000}, found, f"{BASE}/embed/") == "card"
    assert discourse_shows(said, found, "https://video.example/") == "text"
    assert len(said["html"].encode()) <= 4_000


@pytest.mark.parametrize("path", PAGES)
def test_a_player_that_may_not_stand_everywhere_is_no_card(
    griot: Griot, client: FlaskClient, path: str
) -> None:
    with griot.database.writing() as session:
        session.query(Show).one().embed_sites = ["https://news.example"]
        session.commit()
    found = metas(client, path)
    assert mastodon_shows(found)["type"] == "link"
    assert (found["twitter:card"], found["og:title"]) == ("summary", HOSTILE)
    assert discovered(client, path)["html"].count("<iframe") == 1


def described(client: FlaskClient, path: str) -> Any:
    """Read what a page says to search engines."""
    node = HTMLParser(client.get(path).text).css_first('script[type="application/ld+json"]')
    assert node is not None
    return json.loads(node.text())


def test_search_engines_learn_of_sound_chapters_words_and_article(client: FlaskClient) -> None:
    said = described(client, "/shows/eco/bus")
    assert (said["@type"], said["isBasedOn"]) == ("PodcastEpisode", ARTICLE)
    sound = said["associatedMedia"]
    assert (sound["@type"], sound["duration"], sound["embedUrl"]) == (
        "AudioObject",
        "PT90S",
        f"{BASE}/embed/episodes/eco/bus",
    )
    assert sound["transcript"] == "</script>Bonjour"
    captions = sound["caption"]["contentUrl"]
    assert client.get(captions.removeprefix(BASE)).text.startswith("WEBVTT")
    clips = [(clip["name"], clip["startOffset"], clip["endOffset"], clip["url"]) for clip in said["hasPart"]]
    page = f"{BASE}/shows/eco/bus"
    assert clips == [("Un", 0, 30, f"{page}#t=0"), (HOSTILE, 30, 90, f"{page}#t=30")]


def test_search_engines_learn_of_a_playlist_and_its_places(client: FlaskClient) -> None:
    said = described(client, "/playlists/jour")
    assert (said["@type"], said["numberOfItems"]) == ("ItemList", 2)
    assert [entry["position"] for entry in said["itemListElement"]] == [1, 2]


def test_an_article_says_itself_that_it_can_be_heard(client: FlaskClient) -> None:
    field = HTMLParser(client.get("/shows/eco/bus").text).css_first("#code-snippet")
    assert field is not None
    pasted = HTMLParser(f"<body>{field.text()}</body>")
    [script] = pasted.css("script")
    assert script.attributes["type"] == "application/ld+json"
    said = json.loads(script.text())
    assert (said["@type"], said["mainEntityOfPage"], said["name"]) == ("AudioObject", ARTICLE, HOSTILE)
    assert said["embedUrl"] == f"{BASE}/embed/episodes/eco/bus"
