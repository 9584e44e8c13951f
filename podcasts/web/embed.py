# SPDX-License-Identifier: AGPL-3.0-or-later
"""Embeds: the player inside other people's pages, as one document with its style and script inside.

Any page may frame it, unless a show names the sites that may; nothing else of ours may be framed by strangers.
It works in a sandbox without an origin, sets no cookie and asks no other host for anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from podcasts.article_urls import article_key
from podcasts.errors import GriotError, InvalidError, NotFoundError
from podcasts.models import Chapter, Cta
from podcasts.services import queries
from podcasts.services.embed_sites import shared_sites
from podcasts.services.queries import Track
from podcasts.web.assets import Assets, csp_hash
from podcasts.web.faces import EmbedPage, Head, SiteFace
from podcasts.web.pages import PAGE_CACHE, Visit, moved, page_response, site_face, visit
from podcasts.web.presenting import ctas, embed_url, picture_url
from podcasts.web.routes import access
from podcasts.web.wishes import THEMES, Wishes
from podcasts.web.wording import length_words

if TYPE_CHECKING:
    from podcasts.bootstrap import Griot

blueprint = Blueprint("embed", __name__)

SCRIPTS = ("player/early.js", "embed.js", "embed-list.js")
STYLES = (
    *(f"embed-{kind}{theme}.css" for kind in ("", "list-") for theme in THEMES),
    *("mini.css", "ctas.css"),
)
SHOW_TRACKS = 20
LIST_TRACKS = 100
"""Most tracks of a playlist's embed at once; the rest comes when it is asked for (``?from=``, ``?count=``)."""

REST_TRACKS = 1_000
"""Most tracks of one answer to a player that fetches the rest of its list."""

WISHES = ("theme", "accent", "layout", "quality", "lang")
"""What the page around may wish for; handed on to the rest of a list."""


@blueprint.get("/embed/episodes/<show_slug>/<episode_slug>")
@access("public")
def embed_episode(show_slug: str, episode_slug: str) -> Response:
    """Show one episode's player."""
    here = visit(embedded=True)
    with here.griot.database.reading() as session:
        show = queries.find_show(session, show_slug)
        track = queries.find_track(session, show, episode_slug, here.presenter.now)
        [track] = queries.with_lights(session, [track])
        chapters = (
            queries.chapters_of(session, track.episode.id) if track.episode and track.has_chapters else ()
        )
        site = site_face(session, here, menu=False)
    if embed_url(here.links, track) != here.links.embed_episode(show_slug, episode_slug):
        return moved(embed_url(here.links, track))
    return _one(here, site, track, chapters)


@blueprint.get("/embed/shows/<show_slug>")
@access("public")
def embed_show(show_slug: str) -> Response:
    """Show the player of a show's newest episodes."""
    here = visit(embedded=True)
    with here.griot.database.reading() as session:
        show = queries.find_show(session, show_slug)
        tracks = queries.latest(session, here.presenter.now, show=show, per_page=SHOW_TRACKS)
        heard = queries.with_lights(session, tracks.tracks)
        site = site_face(session, here, menu=False)
    if show.slug != show_slug:
        return moved(here.links.embed_show(show.slug))
    listed = _Listed("show", show.title, here.links.show(show.slug), show.language)
    page = _list_page(here, site, listed, heard)
    return _response(here, site, page, "embed/playlist.html", shared_sites([show.embed_sites]))


@blueprint.get("/embed/playlists/<playlist_slug>")
@access("public")
def embed_playlist(playlist_slug: str) -> Response:
    """Show a playlist's player."""
    here = visit(embedded=True)
    with here.griot.database.reading() as session:
        playlist = queries.find_playlist(session, playlist_slug)
        timezone = here.griot.settings.timezone
        tracks = queries.playlist_tracks(session, playlist, here.presenter.now, timezone)
        part = _part()
        tracks[part] = queries.with_lights(session, tracks[part])
        site = site_face(session, here, menu=False)
    if playlist.slug != playlist_slug:
        return moved(here.links.embed_playlist(playlist.slug))
    url = here.links.playlist(playlist.slug)
    listed = _Listed(
        "playlist", playlist.title, url, playlist.language, playlist.artist_separator, playlist.show_artist
    )
    page = _list_page(here, site, listed, tracks, playlist.ctas)
    return _response(here, site, page, "embed/playlist.html", sites_of(tracks))


@blueprint.get("/embed/article")
@access("public")
def embed_article() -> Response:
    """Show the player of whatever belongs to an article (``?url=``): one episode, or all of them."""
    here = visit(embedded=True)
    key = _asked_article()
    with here.griot.database.reading() as session:
        article = queries.find_articles(session, [key]).get(key)
        if article is None:
            raise NotFoundError
        tracks = queries.tracks_of_articles(session, [article.id], here.presenter.now).get(article.id, [])
        tracks = queries.with_lights(session, tracks)
        site = site_face(session, here, menu=False)
    if not tracks:
        raise NotFoundError
    if len(tracks) == 1:
        return _one(here, site, tracks[0])
    listed = _Listed("playlist", article.title or article.url, article.url, article.language)
    page = _list_page(here, site, listed, tracks)
    player = here.links.embed_article(article.url)
    return _response(here, site, page, "embed/playlist.html", sites_of(tracks), described=player)


@blueprint.errorhandler(NotFoundError)
def nothing_here(_reason: GriotError) -> Response:
    """Say in a small page, which may be framed like the player, that there is nothing to hear."""
    here = visit(embedded=True)
    with here.griot.database.reading() as session:
        site = site_face(session, here, menu=False)
    theme = Wishes.read(request.args).theme or THEMES[0]
    page = EmbedPage("missing", here.t.gettext("Nothing to hear here"), here.links.home(), theme=theme)
    body = render_template("embed/playlist.html", site=site, head=Head(noindex=True), page=page)
    response = Response(body, status=404, mimetype="text/html")
    response.headers["Cache-Control"] = PAGE_CACHE
    response.vary.add("Accept-Language")
    return _framed(response)


def sites_of(tracks: Sequence[Track]) -> list[str] | None:
    """Tell where a player of these tracks may stand: where all of their shows allow it; None for everywhere."""
    shows = {track.show.id: track.show for track in tracks[:LIST_TRACKS] if track.show}
    return shared_sites(show.embed_sites for show in shows.values())


def content_security_policy(
    assets: Assets, base: str, sites: Sequence[str] | None = None, accent_style: str = ""
) -> str:
    """Write the policy of a player: its own style and script by hash, sound and pictures from here (CSP 3).

    Args:
        assets: what is inlined.
        base: our public address, which the page's own may differ from.
        sites: where it may stand beside our own pages; None for everywhere.
        accent_style: what is inlined beside them; "" for nothing.
    """
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(base))
    hashes = [assets.csp_hash(name) for name in STYLES] + ([csp_hash(accent_style)] if accent_style else [])
    styles = " ".join(f"'{one}'" for one in hashes)
    scripts = " ".join(f"'{assets.csp_hash(name)}'" for name in SCRIPTS)
    ancestors = "*" if sites is None else " ".join(("'self'", origin, *sites))
    return (
        "default-src 'none'; "
        f"style-src {styles}; "
        f"script-src {scripts} {base}/player/; "
        f"img-src 'self' {origin} data:; media-src 'self' {origin}; connect-src 'self' {origin}; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


def _one(here: Visit, site: SiteFace, track: Track, chapters: Sequence[Chapter] = ()) -> Response:
    face = here.presenter.track(track, with_bars=True)
    wishes = Wishes.read(request.args)
    page = EmbedPage(
        kind="episode",
        title=track.title,
        page_url=face.page_url,
        tracks=(face,),
        track_count=1,
        title_language=face.title_language,
        total_words=face.length_words,
        theme=wishes.theme or THEMES[0],
        layout=wishes.layout or "card",
        accent_style=_accent_style(wishes),
        base=here.links.base,
        chapters=here.presenter.chapters(chapters),
        quality=wishes.quality,
        separator=site.separator,
    )
    return _response(here, site, page, "embed/episode.html", sites_of([track]), track)


@dataclass(frozen=True)
class _Listed:
    """What a list is; ``separator`` is its own or None, ``show_artist`` whether artists are named."""

    kind: str
    title: str
    url: str
    language: str | None
    separator: str | None = None
    show_artist: bool = True


def _list_page(
    here: Visit, site: SiteFace, listed: _Listed, tracks: Sequence[Track], buttons: Sequence[Cta] = ()
) -> EmbedPage:
    milliseconds = sum(track.audio.duration_ms or 0 for track in tracks)
    part = _part()
    shown = tracks[part]
    if not listed.show_artist:
        shown = [replace(track, artist="") for track in shown]
    rest = max(0, len(tracks) - part.stop) if shown else 0
    wishes = Wishes.read(request.args)
    return EmbedPage(
        kind=listed.kind,
        title=listed.title,
        page_url=listed.url,
        tracks=tuple(
            here.presenter.track(track, index, with_bars=index == part.start + 1)
            for index, track in enumerate(shown, part.start + 1)
        ),
        track_count=len(tracks),
        title_language=here.presenter.foreign(listed.language),
        total_words=length_words(milliseconds, here.t) if milliseconds else "",
        theme=wishes.theme or THEMES[0],
        layout=wishes.layout or "list",
        accent_style=_accent_style(wishes),
        base=here.links.base,
        quality=wishes.quality,
        separator=site.separator if listed.separator is None else listed.separator,
        ctas=ctas(buttons),
        rest_url=_rest_url(part.stop) if rest else "",
        rest_count=rest,
    )


def _response(
    here: Visit,
    site: SiteFace,
    page: EmbedPage,
    template: str,
    sites: Sequence[str] | None,
    track: Track | None = None,
    described: str = "",
) -> Response:
    """Answer with a player.

    Args:
        here: the visit.
        site: what stands around a page.
        page: the player.
        template: its own.
        sites: where it may stand; None for everywhere.
        track: the one that is heard, for its picture.
        described: which address oEmbed describes, where it is not the page's.
    """
    asked = described or page.page_url
    head = Head(
        title=page.title,
        canonical=page.page_url,
        oembed_json_url=here.links.oembed(asked),
        oembed_xml_url=here.links.oembed(asked, "xml"),
        og_image_url=picture_url(here.links, track.artwork if track else None),
        noindex=True,
    )
    return _framed(page_response(template, here, site, head, page), sites, page.accent_style)


def _framed(response: Response, sites: Sequence[str] | None = None, accent_style: str = "") -> Response:
    """Let pages frame the answer: any of them, or those of the sites."""
    assets: Assets = current_app.extensions["griot_assets"]
    griot: Griot = current_app.extensions["griot"]
    policy = content_security_policy(assets, griot.links.base, sites, accent_style)
    response.headers["Content-Security-Policy"] = policy
    # A player in a sandbox without an origin fetches the rest of its list; there is nothing of anybody's in it.
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers.pop("X-Frame-Options", None)
    # The page itself is what searchers should find; as a header it weighs nothing in the document.
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _accent_style(wishes: Wishes) -> Markup:
    # Written by us from three numbers: nothing of what was asked stands in it.
    return Markup(wishes.accent_style())  # noqa: S704


def _part() -> slice:
    """Read which part of a list is asked for: ``?from=`` (how many come before) and ``?count=``."""

    def number(name: str, default: int, largest: int) -> int:
        text = request.args.get(name, "")
        return min(int(text[:7]), largest) if text.isascii() and text.isdecimal() else default

    start = number("from", 0, 1_000_000)
    return slice(start, start + max(1, number("count", LIST_TRACKS, REST_TRACKS)))


def _rest_url(stop: int) -> str:
    wishes = {name: request.args[name] for name in WISHES if name in request.args}
    return f"?{urlencode({**wishes, 'from': stop})}"


def _asked_article() -> str:
    try:
        return article_key(request.args.get("url", ""))
    except InvalidError as reason:
        raise NotFoundError from reason
