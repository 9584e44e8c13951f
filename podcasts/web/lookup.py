# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article look-up: which episodes belong to an article, for any page that asks; without a token, reading only."""

from typing import Any

from flask import Blueprint, Response, current_app, json, request

from podcasts.article_urls import article_key
from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError, Problem
from podcasts.links import Links
from podcasts.models import Article
from podcasts.services import queries
from podcasts.services.queries import Track
from podcasts.web.limits import LOOK_UP_OF_ADDRESS, take
from podcasts.web.presenting import EMBED_HEIGHT_PX, embed_url, iframe, media_url
from podcasts.web.routes import access
from podcasts.web.sharing import preflight, share

blueprint = Blueprint("lookup", __name__)

URLS_AT_MOST = 100
CACHE = "public, max-age=60"
PATH = "/api/v1/articles/episodes"


@blueprint.route(PATH, methods=["OPTIONS"], provide_automatic_options=False)
@access("public")
def lookup_options() -> Response:
    """Tell pages of other origins that they may ask."""
    return preflight("GET, HEAD, POST, OPTIONS")


@blueprint.get(PATH, provide_automatic_options=False)
@access("public")
def episodes_of_article() -> Response:
    """Answer {article, episodes} for ``?url=``; 204 where nothing is to be heard.

    Raises:
        InvalidError: "not-a-web-address" or "address-too-long" on ``url``.
        TooManyRequestsError: asked too often from this address.
    """
    take(LOOK_UP_OF_ADDRESS, request.remote_addr or "")
    url = request.args.get("url", "")
    return _answer(_look_up(current_app.extensions["griot"], {"url": url}).get(url))


@blueprint.post(PATH, provide_automatic_options=False)
@access("public")
def episodes_of_articles() -> Response:
    """Answer {url: {article, episodes}} for up to 100 addresses; those with nothing to hear are left out.

    Raises:
        InvalidError: "malformed" (no JSON), or the fault of ``urls`` or of one of them (``urls.3``).
        TooManyRequestsError: asked too often from this address.
    """
    take(LOOK_UP_OF_ADDRESS, request.remote_addr or "")
    return _answer(_look_up(current_app.extensions["griot"], _asked_urls()) or None)


@blueprint.after_request
def shared(response: Response) -> Response:
    """Let every origin read the answer, errors too."""
    return share(response)


def _asked_urls() -> dict[str, str]:
    """Read the body: {urls: [...]}, as field names and addresses."""
    try:
        body = json.loads(request.get_data(cache=False))
    except (ValueError, RecursionError) as reason:
        raise InvalidError("malformed") from reason
    urls = body.get("urls") if isinstance(body, dict) else None
    if not isinstance(urls, list):
        raise InvalidError(problems=(Problem("urls", "wrong-type", {"wanted": "list"}),))
    if len(urls) > URLS_AT_MOST:
        raise InvalidError(problems=(Problem("urls", "too-many", {"limit": URLS_AT_MOST}),))
    return {f"urls.{place}": url if isinstance(url, str) else "" for place, url in enumerate(urls)}


def _look_up(griot: Griot, asked: dict[str, str]) -> dict[str, Any]:
    """Find what belongs to addresses, given by field name; answers by address. At most seven questions."""
    keys = _keys(asked)
    with griot.database.reading() as session:
        articles = queries.find_articles(session, list(set(keys.values())))
        ids = sorted({article.id for article in articles.values()})
        tracks = queries.tracks_of_articles(session, ids, griot.clock.now()) if ids else {}
    return {
        url: _entry(griot.links, articles[key], tracks[articles[key].id])
        for url, key in keys.items()
        if key in articles and articles[key].id in tracks
    }


def _keys(asked: dict[str, str]) -> dict[str, str]:
    """Normalise addresses: address to key; every fault is named."""
    keys: dict[str, str] = {}
    problems: list[Problem] = []
    for field, url in asked.items():
        try:
            keys[url] = article_key(url)
        except InvalidError as reason:
            problems.append(Problem(field, reason.code, reason.facts))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return keys


def _answer(document: dict[str, Any] | None) -> Response:
    if document is None:
        response = Response(status=204)
    else:
        response = Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")
        response.add_etag()
    response.headers["Cache-Control"] = CACHE
    response.make_conditional(request)
    return response


def _entry(links: Links, article: Article, tracks: list[Track]) -> dict[str, Any]:
    return {
        "article": {"url": article.url, "title": article.title, "site_name": article.site_name},
        "episodes": [_episode(links, track, article.id) for track in tracks],
    }


def _episode(links: Links, track: Track, article_id: str) -> dict[str, Any]:
    episode, show = track.episode, track.show
    if episode is None or show is None:
        raise ValueError(track.media_key)
    milliseconds = track.audio.duration_ms
    player = embed_url(links, track)
    return {
        "id": episode.id,
        "slug": episode.slug,
        "guid": episode.guid,
        "url": links.episode(show.slug, episode.slug),
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
        "duration_seconds": None if milliseconds is None else milliseconds / 1000,
        "published_at": track.published_at.isoformat().replace("+00:00", "Z"),
        "language": track.language,
        "show": {"slug": show.slug, "title": show.title, "url": links.show(show.slug)},
        "enclosure": {
            "url": media_url(links, track),
            "mime": track.rendition.mime,
            "bytes": track.rendition.size_bytes,
        },
        "embed_url": player,
        "embed_html": iframe(player, track.title, EMBED_HEIGHT_PX),
        "role": next(link.role for link in track.articles if link.article_id == article_id),
    }
