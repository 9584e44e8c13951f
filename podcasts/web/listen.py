# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages for listeners: home, shows, episodes, playlists and sections; and what search engines read."""

from collections.abc import Sequence
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.models import Section, Show
from podcasts.notes import notes_teaser
from podcasts.services import queries, transcripts
from podcasts.services.embed_sites import shared_sites
from podcasts.services.queries import Track, TrackPage
from podcasts.web import structured
from podcasts.web.embed import sites_of
from podcasts.web.embed_code import embed_code
from podcasts.web.faces import (
    ArticleFace,
    EpisodePage,
    Head,
    HomePage,
    PlayerCard,
    PlaylistFace,
    PlaylistPage,
    SectionPage,
    ShowPage,
)
from podcasts.web.pages import (
    PAGE_CACHE,
    Visit,
    alternates,
    asked_page,
    canonical,
    moved,
    page_response,
    site_face,
    site_face_of,
    visit,
)
from podcasts.web.presenting import (
    EMBED_HEIGHT_PX,
    EMBED_WIDTH_PX,
    LIST_HEIGHT_PX,
    embed_url,
    media_url,
    notes_html,
    picture_url,
    summary,
)
from podcasts.web.routes import access

blueprint = Blueprint("listen", __name__)

LATEST_AT_HOME = 13
HEADLINES = 6
PLAYLIST_ROWS_AT_HOME = 6
CHIPS = 24
PER_PAGE = 20
TRACKS_PER_PAGE = 50
SIMILAR = 3
SITEMAP_EPISODES = 45_000
"""With the other pages below the 50,000 addresses that a site map may hold (sitemaps.org protocol)."""


@blueprint.before_app_request
def refuse_nul() -> None:
    """Answer 404 to an address with a NUL in it, which no name of ours holds and PostgreSQL cannot even compare."""
    if "\0" in request.path:
        raise NotFoundError


@blueprint.get("/")
@access("public")
def home() -> Response:
    """Show what is new, the newest playlist, the shows and the sections."""
    here = visit()
    now = here.presenter.now
    with here.griot.database.reading() as session:
        site = queries.site(session)
        tracks = queries.with_lights(session, queries.latest(session, now, per_page=LATEST_AT_HOME).tracks)
        counts = queries.episode_counts(session, now)
        shows = [show for show in queries.listed_shows(session) if show.id in counts]
        sections = queries.listed_sections(session)[:CHIPS]
        playlist = _newest_playlist(session, here)
    page = HomePage(
        latest=here.presenter.tracks(tracks),
        playlist=playlist,
        shows=tuple(here.presenter.show(show, counts[show.id]) for show in shows),
        sections=tuple(here.presenter.section_link(section) for section in sections),
        headlines=_headlines(here, tracks),
        studio_url=here.links.path_of(here.links.studio()),
    )
    face = site_face_of(here, site)
    head = Head(
        description=site.description or "",
        canonical=here.links.home(),
        alternates=alternates(here.links.home()),
        feeds=(face.feed,) if face.feed else (),
        og_image_url=picture_url(here.links, site.artwork),
    )
    return page_response("listen/home.html", here, face, head, page)


@blueprint.get("/shows/<show_slug>")
@access("public")
def show(show_slug: str) -> Response:
    """Show a page of a show's episodes."""
    here, number = visit(), asked_page()
    with here.griot.database.reading() as session:
        found = queries.find_show(session, show_slug)
        url = here.links.show(found.slug)
        if found.slug != show_slug:
            return moved(url)
        tracks = _page_of(
            queries.latest(session, here.presenter.now, show=found, page=number, per_page=PER_PAGE)
        )
        rows = queries.with_lights(session, tracks.tracks)
        face = site_face(session, here)
    player, sites = here.links.embed_show(found.slug), shared_sites([found.embed_sites])
    code = embed_code(here, found.title, player, url, action=here.links.path_of(url), one=False, sites=sites)
    page = ShowPage(
        show=here.presenter.show(found, tracks.total),
        episodes=here.presenter.tracks(rows),
        numbers=here.presenter.page_numbers(tracks, url),
        embed_code=code,
    )
    head = Head(
        title=found.title,
        description=notes_teaser(found.description),
        canonical=canonical(url, number),
        alternates=alternates(canonical(url, number)),
        feeds=(here.presenter.show_feed(found),),
        oembed_json_url=here.links.oembed(url),
        oembed_xml_url=here.links.oembed(url, "xml"),
        og_image_url=picture_url(here.links, found.artwork),
        og_image_alt=found.title,
        player=_card(here, player, LIST_HEIGHT_PX, sites, tracks.tracks),
        json_ld=structured.series(here.links, found),
        noindex=found.demo,
    )
    return page_response("listen/show.html", here, face, head, page)


@blueprint.get("/shows/<show_slug>/<episode_slug>")
@access("public")
def episode(show_slug: str, episode_slug: str) -> Response:
    """Show an episode."""
    here = visit()
    now = here.presenter.now
    with here.griot.database.reading() as session:
        found = queries.find_show(session, show_slug)
        track = queries.find_track(session, found, episode_slug, now)
        url = _episode_url(here, found, track)
        if url != here.links.episode(show_slug, episode_slug):
            return moved(url)
        episode_id = track.episode.id if track.episode else ""
        chapters = queries.chapters_of(session, episode_id) if track.has_chapters else ()
        spoken = (here.t.language, track.language or "")
        words, other_languages = transcripts.shown_transcript(session, episode_id, spoken)
        others = queries.latest(session, now, show=found, per_page=SIMILAR + 1)
        track, *similar = queries.with_lights(session, [track, *_without(others.tracks, track)])
        face = site_face(session, here)
    player, sites = embed_url(here.links, track), sites_of([track])
    page = EpisodePage(
        track=here.presenter.track(track, with_bars=True),
        show=here.presenter.show(found, others.total),
        notes=notes_html(track),
        chapters=here.presenter.chapters(chapters),
        similar=here.presenter.tracks(similar),
        embed_code=embed_code(
            here,
            track.title,
            player,
            url,
            action=here.links.path_of(url),
            snippet=structured.article_snippet(here.links, track),
            sites=sites,
        ),
        embed_url=here.links.path_of(player),
        transcript=here.presenter.transcript(track, words, other_languages),
    )
    head = Head(
        title=track.title,
        description=summary(track),
        canonical=url,
        alternates=alternates(url),
        feeds=(here.presenter.show_feed(found),),
        oembed_json_url=here.links.oembed(url),
        oembed_xml_url=here.links.oembed(url, "xml"),
        og_type="music.song",
        og_image_url=picture_url(here.links, track.artwork),
        og_image_alt=track.title,
        og_audio_url=media_url(here.links, track),
        og_audio_mime=track.rendition.mime,
        player=_card(here, player, EMBED_HEIGHT_PX, sites, [track]),
        json_ld=structured.episode(here.links, track, url, chapters, words),
        noindex=found.demo,
    )
    return page_response("listen/episode.html", here, face, head, page)


@blueprint.get("/playlists/<playlist_slug>")
@access("public")
def playlist(playlist_slug: str) -> Response:
    """Show a page of a playlist's tracks."""
    here, number = visit(), asked_page()
    timezone = here.griot.settings.timezone
    with here.griot.database.reading() as session:
        found = queries.find_playlist(session, playlist_slug)
        url = here.links.playlist(found.slug)
        if found.slug != playlist_slug:
            return moved(url)
        tracks = queries.playlist_tracks(session, found, here.presenter.now, timezone)
        shown = _slice(tracks, number)
        lit = queries.with_lights(session, shown.tracks)
        face = site_face(session, here)
    first = 1 + (number - 1) * TRACKS_PER_PAGE
    rows = here.presenter.tracks(lit, first)
    feed = here.presenter.playlist_feed(found)
    player, sites = here.links.embed_playlist(found.slug), sites_of(tracks)
    page = PlaylistPage(
        playlist=here.presenter.playlist(found, tracks, shown=rows, buttons=found.ctas),
        numbers=here.presenter.page_numbers(shown, url),
        embed_code=embed_code(
            here, found.title, player, url, action=here.links.path_of(url), one=False, sites=sites
        ),
    )
    picture = found.artwork or (tracks[0].artwork if tracks else None)
    head = Head(
        title=found.title,
        description=notes_teaser(found.description),
        canonical=canonical(url, number),
        alternates=alternates(canonical(url, number)),
        feeds=(feed,) if feed else (),
        oembed_json_url=here.links.oembed(url),
        oembed_xml_url=here.links.oembed(url, "xml"),
        og_type="music.playlist",
        og_image_url=picture_url(here.links, picture),
        og_image_alt=found.title,
        player=_card(here, player, LIST_HEIGHT_PX, sites, tracks),
        json_ld=structured.item_list(here.links, found, shown.tracks, first, len(tracks)),
        noindex=found.demo,
    )
    return page_response("listen/playlist.html", here, face, head, page)


@blueprint.get("/sections/<section_slug>")
@access("public")
def section(section_slug: str) -> Response:
    """Show a page of a section's episodes, with its playlists and its neighbours."""
    here, number = visit(), asked_page()
    now, timezone = here.presenter.now, here.griot.settings.timezone
    with here.griot.database.reading() as session:
        found = queries.find_section(session, section_slug)
        url = here.links.section(found.slug)
        if found.slug != section_slug:
            return moved(url)
        tracks = _page_of(queries.latest(session, now, section=found, page=number, per_page=PER_PAGE))
        rows = queries.with_lights(session, tracks.tracks)
        playlists = [
            (row, queries.playlist_tracks(session, row, now, timezone))
            for row in queries.listed_playlists(session, section=found)[:6]
        ]
        neighbours = _neighbours(queries.listed_sections(session), found)
        face = site_face(session, here)
    feed = here.presenter.section_feed(found)
    page = SectionPage(
        title=found.name,
        feed=feed,
        description=notes_teaser(found.description),
        neighbours=tuple(here.presenter.section_link(row, current=row.id == found.id) for row in neighbours),
        episodes=here.presenter.tracks(rows),
        playlists=tuple(here.presenter.playlist(row, its_tracks) for row, its_tracks in playlists),
        numbers=here.presenter.page_numbers(tracks, url),
    )
    head = Head(
        title=found.name,
        description=notes_teaser(found.description),
        canonical=canonical(url, number),
        alternates=alternates(canonical(url, number)),
        feeds=(feed,),
        og_image_url=picture_url(here.links, found.artwork),
    )
    return page_response("listen/section.html", here, face, head, page)


@blueprint.get("/robots.txt")
@access("public")
def robots() -> Response:
    """Tell crawlers where the map is and what is nothing for them (RFC 9309)."""
    griot: Griot = current_app.extensions["griot"]
    closed = ("/studio/", "/login", "/setup", "/api/")
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed),
        "",
        f"Sitemap: {griot.links.base}/sitemap.xml",
    ]
    response = Response("\n".join(lines) + "\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=3600"
    return response


@blueprint.get("/sitemap.xml")
@access("public")
def sitemap() -> Response:
    """List every page that search engines may show; nothing hidden, nothing of the demonstration."""
    griot: Griot = current_app.extensions["griot"]
    with griot.database.reading() as session:
        entries = _sitemap_entries(session, griot)
    urls = "".join(f"<url><loc>{escape(url)}</loc>{_lastmod(at)}</url>\n" for url, at in entries)
    namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{namespace}">\n{urls}</urlset>\n'
    response = Response(body, mimetype="application/xml")
    response.headers["Cache-Control"] = PAGE_CACHE
    response.add_etag()
    response.make_conditional(request)
    return response


def _sitemap_entries(session: Session, griot: Griot) -> list[tuple[str, datetime | None]]:
    now, links = griot.clock.now(), griot.links
    heard = queries.episode_counts(session, now)
    shows = [show for show in queries.listed_shows(session, demo=False) if show.id in heard]
    playlists = [row for row in queries.listed_playlists(session) if not row.demo]
    episodes = queries.episode_pages(session, now, limit=SITEMAP_EPISODES)
    # As long as there is but the demonstration, the sections are its own.
    sections = queries.listed_sections(session) if episodes else ()
    return [
        (links.home(), None),
        *((links.show(show.slug), None) for show in shows),
        *((links.playlist(row.slug), None) for row in playlists),
        *((links.section(row.slug), None) for row in sections),
        *((links.episode(entry.show, entry.episode), entry.changed_at) for entry in episodes),
    ]


def _lastmod(at: datetime | None) -> str:
    return f"<lastmod>{at.isoformat(timespec='seconds')}</lastmod>" if at else ""


def _newest_playlist(session: Session, here: Visit) -> PlaylistFace | None:
    """Make the face of the newest playlist that has something to hear."""
    for row in queries.listed_playlists(session)[:3]:
        tracks = queries.playlist_tracks(session, row, here.presenter.now, here.griot.settings.timezone)
        if tracks:
            shown = here.presenter.tracks(queries.with_lights(session, tracks[:PLAYLIST_ROWS_AT_HOME]))
            return here.presenter.playlist(row, tracks, shown=shown)
    return None


def _headlines(here: Visit, tracks: Sequence[Track]) -> tuple[ArticleFace, ...]:
    """List the articles that the newest episodes belong to, each once, where their titles are known."""
    found = {
        link.article_id: link
        for track in tracks
        for link in track.articles
        if link.role == "primary" and link.article.title
    }
    return here.presenter.articles(list(found.values())[:HEADLINES])


def _card(
    here: Visit, player_url: str, height_px: int, sites: Sequence[str] | None, tracks: Sequence[Track]
) -> PlayerCard | None:
    """Make what a social network shows in the place of a link; None where the player may not stand there."""
    if sites is not None:
        return None
    sound = tracks[0] if tracks else None
    return PlayerCard(
        player_url,
        EMBED_WIDTH_PX,
        height_px,
        media_url(here.links, sound) if sound else None,
        sound.rendition.mime if sound else "",
    )


def _page_of(tracks: TrackPage) -> TrackPage:
    if tracks.page > 1 and not tracks.tracks:
        raise NotFoundError
    return tracks


def _slice(tracks: Sequence[Track], number: int) -> TrackPage:
    first = (number - 1) * TRACKS_PER_PAGE
    rows = tuple(tracks[first : first + TRACKS_PER_PAGE])
    return _page_of(TrackPage(rows, number, TRACKS_PER_PAGE, len(tracks)))


def _episode_url(here: Visit, show: Show, track: Track) -> str:
    slug = track.episode.slug if track.episode else ""
    return here.links.episode(show.slug, slug)


def _without(tracks: Sequence[Track], one: Track) -> list[Track]:
    return [track for track in tracks if track.media_key != one.media_key][:SIMILAR]


def _neighbours(sections: Sequence[Section], found: Section) -> list[Section]:
    """List the sections beside this one, and those below it."""
    beside = [row for row in sections if row.parent_id == found.parent_id and row.kind == found.kind]
    below = [row for row in sections if row.parent_id == found.id]
    return [*beside[:CHIPS], *below[:CHIPS]]
