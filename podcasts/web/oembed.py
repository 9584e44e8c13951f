# SPDX-License-Identifier: AGPL-3.0-or-later
"""oEmbed 1.0: how other people's editors turn one of our addresses into a player.

WordPress keeps one blockquote and one iframe of the HTML; Ghost wants an integer width. What the address asks of the
player (``?theme=``, ``?layout=`` …; ``podcasts.web.wishes``) goes on to it, so that who may paste an address alone
has the same choices.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, current_app, json, request
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from podcasts.article_urls import article_key
from podcasts.errors import InvalidError, NotFoundError
from podcasts.links import Links
from podcasts.models import Artwork
from podcasts.services import queries
from podcasts.web.pages import Visit, visit
from podcasts.web.presenting import (
    EMBED_HEIGHT_PX,
    EMBED_WIDTH_PX,
    LIST_HEIGHT_PX,
    embed_url,
    iframe,
    player_height,
    site_title,
)
from podcasts.web.routes import access
from podcasts.web.sharing import preflight, share
from podcasts.web.wishes import Wishes

blueprint = Blueprint("oembed", __name__)

CACHE_SECONDS = 3600
ARTWORK_SIZES = (("page", 600), ("small", 112), ("thumb", 72))
DEFAULT_COVER_PX = 3000
_LARGEST_LIMIT = 10_000
_QUERY_FIELDS_AT_MOST = 50


@dataclass(frozen=True)
class Embeddable:
    """One of our pages that has a player.

    Attributes:
        player_url: address of the player.
        author: the show's; ``author_url`` its page; "" for none.
        artwork: None for our sign.
    """

    title: str
    page_url: str
    player_url: str
    height_px: int
    author: str
    author_url: str
    artwork: Artwork | None


@blueprint.route("/oembed", methods=["OPTIONS"], provide_automatic_options=False)
@access("public")
def oembed_options() -> Response:
    """Tell pages of other origins that they may ask."""
    return preflight()


@blueprint.get("/oembed", provide_automatic_options=False)
@access("public")
def oembed() -> Response:
    """Describe the player of ``?url=`` as JSON or XML, within maxwidth and maxheight."""
    form = request.args.get("format", "json")
    if form not in {"json", "xml"}:
        return Response(status=501)
    here = visit(embedded=True)
    with here.griot.database.reading() as session:
        found = _find(session, here, request.args.get("url", ""))
        provider = site_title(queries.site(session))
    document = _document(here.links, found, provider)
    if form == "xml":
        response = Response(_xml(document), mimetype="text/xml")
    else:
        response = Response(json.dumps(document, ensure_ascii=False), mimetype="application/json")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.after_request
def shared(response: Response) -> Response:
    """Let every origin read the answer, errors too."""
    return share(response)


def _find(session: Session, here: Visit, url: str) -> Embeddable:
    """Find the player of one of our addresses, the page's or the player's own, present or past.

    Raises:
        NotFoundError: it is none of ours, or nothing that anybody may see.
    """
    endpoint, place, query = _route(here.links, url)
    wishes = Wishes.read(query)
    if endpoint in {"listen.episode", "embed.embed_episode"}:
        found = _episode(session, here, place["show_slug"], place["episode_slug"])
    elif endpoint in {"listen.show", "embed.embed_show"}:
        found = _show(session, here, place["show_slug"])
    elif endpoint in {"listen.playlist", "embed.embed_playlist"}:
        found = _playlist(session, here, place["playlist_slug"])
    elif endpoint == "embed.embed_article":
        found = _article(session, here, query.get("url", ""))
    else:
        raise NotFoundError
    height = player_height(wishes.layout) if found.height_px == EMBED_HEIGHT_PX else found.height_px
    return replace(found, player_url=wishes.added_to(found.player_url), height_px=height)


def _route(links: Links, url: str) -> tuple[str, Mapping[str, str], Mapping[str, str]]:
    """Tell which of our views an address means, with its names and what stands behind "?"."""
    try:
        asked, ours = urlsplit(url), urlsplit(links.base)
        query = dict(parse_qsl(asked.query, max_num_fields=_QUERY_FIELDS_AT_MOST))
    except ValueError as reason:
        raise NotFoundError from reason
    inside = asked.path.startswith(f"{ours.path}/")
    if asked.scheme not in {"http", "https"} or asked.netloc.lower() != ours.netloc.lower() or not inside:
        raise NotFoundError
    path = asked.path.removeprefix(ours.path).rstrip("/")
    try:
        endpoint, place = current_app.url_map.bind("").match(path, "GET")
    except HTTPException as reason:
        raise NotFoundError from reason
    return endpoint, place, query


def _episode(session: Session, here: Visit, show_slug: str, episode_slug: str) -> Embeddable:
    show = queries.find_show(session, show_slug)
    track = queries.find_track(session, show, episode_slug, here.presenter.now)
    return Embeddable(
        title=track.title,
        page_url=here.presenter.track(track).page_url,
        player_url=embed_url(here.links, track),
        height_px=EMBED_HEIGHT_PX,
        author=show.author or show.title,
        author_url=here.links.show(show.slug),
        artwork=track.artwork,
    )


def _show(session: Session, here: Visit, slug: str) -> Embeddable:
    show = queries.find_show(session, slug)
    return Embeddable(
        title=show.title,
        page_url=here.links.show(show.slug),
        player_url=here.links.embed_show(show.slug),
        height_px=LIST_HEIGHT_PX,
        author=show.author or show.title,
        author_url=here.links.show(show.slug),
        artwork=show.artwork,
    )


def _playlist(session: Session, here: Visit, slug: str) -> Embeddable:
    playlist = queries.find_playlist(session, slug)
    return Embeddable(
        title=playlist.title,
        page_url=here.links.playlist(playlist.slug),
        player_url=here.links.embed_playlist(playlist.slug),
        height_px=LIST_HEIGHT_PX,
        author="",
        author_url="",
        artwork=playlist.artwork,
    )


def _article(session: Session, here: Visit, url: str) -> Embeddable:
    """Find what belongs to an article: its one episode, or all of them under the article's own address."""
    try:
        key = article_key(url)
    except InvalidError as reason:
        raise NotFoundError from reason
    article = queries.find_articles(session, [key]).get(key)
    if article is None:
        raise NotFoundError
    tracks = queries.tracks_of_articles(session, [article.id], here.presenter.now).get(article.id, [])
    if not tracks:
        raise NotFoundError
    return Embeddable(
        title=article.title or tracks[0].title,
        page_url=article.url,
        player_url=here.links.embed_article(article.url),
        height_px=EMBED_HEIGHT_PX if len(tracks) == 1 else LIST_HEIGHT_PX,
        author=article.site_name or "",
        author_url=article.url,
        artwork=tracks[0].artwork,
    )


def _document(links: Links, found: Embeddable, provider: str) -> dict[str, str | int]:
    limit_width, limit_height = _limit("maxwidth"), _limit("maxheight")
    width, height = min(EMBED_WIDTH_PX, limit_width), min(found.height_px, limit_height)
    quote = Markup('<blockquote class="wp-embedded-content"><a href="{url}">{title}</a></blockquote>')
    document: dict[str, str | int] = {
        "type": "rich",
        "version": "1.0",
        "title": found.title,
        "provider_name": provider,
        "provider_url": links.home(),
        "cache_age": CACHE_SECONDS,
        "html": quote.format(url=found.page_url, title=found.title)
        + Markup(iframe(found.player_url, found.title, height, width)),  # noqa: S704 - escaped by iframe()
        "width": width,
        "height": height,
    }
    if found.author:
        document |= {"author_name": found.author, "author_url": found.author_url}
    return document | _thumbnail(links, found.artwork, min(limit_width, limit_height))


def _thumbnail(links: Links, artwork: Artwork | None, limit_px: int) -> dict[str, str | int]:
    """Choose the largest picture within the limits; none where all are larger."""
    if artwork is None:
        sizes = [(links.default_cover(), DEFAULT_COVER_PX)]
    else:
        sizes = [(links.artwork(artwork.public_key, "feed"), artwork.width_px)]
        sizes += [(links.artwork(artwork.public_key, name), side) for name, side in ARTWORK_SIZES]
    for url, side in sizes:
        if side <= limit_px:
            return {"thumbnail_url": url, "thumbnail_width": side, "thumbnail_height": side}
    return {}


def _limit(name: str) -> int:
    text = request.args.get(name, "")
    if not (text.isascii() and text.isdecimal()) or int(text[:9]) == 0:
        return _LARGEST_LIMIT
    return min(int(text[:9]), _LARGEST_LIMIT)


def _xml(document: Mapping[str, str | int]) -> bytes:
    root = ET.Element("oembed")
    for name, value in document.items():
        ET.SubElement(root, name).text = str(value)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return body
