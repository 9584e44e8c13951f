# SPDX-License-Identifier: AGPL-3.0-or-later
"""Feeds over HTTP: conditional, compressed, the same bytes at every poll, and built once for each change."""

from collections.abc import Callable

from flask import Blueprint, Response, current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.feeds.rss import render_rss
from podcasts.i18n import translator
from podcasts.services import feed_loading, queries
from podcasts.services.feed_loading import LoadedFeed
from podcasts.services.queries import FeedStamp
from podcasts.web.feed_cache import FeedCache, ReadyFeed, ready_feed
from podcasts.web.pages import moved
from podcasts.web.routes import access
from podcasts.web.sharing import share

blueprint = Blueprint("feeds", __name__)

MIME = "application/rss+xml; charset=utf-8"
CACHE = "public, max-age=300"

Load = Callable[[Session, feed_loading.FeedPlace], LoadedFeed]


@blueprint.record_once
def _give_memory(state: BlueprintSetupState) -> None:
    """Give each application its own memory of finished feeds."""
    state.app.extensions["griot_feeds"] = FeedCache()


@blueprint.get("/feed.xml")
@access("public")
def site_feed() -> Response:
    """Give the feed of all shows."""
    return _feed("site", feed_loading.load_site_feed)


@blueprint.get("/shows/<show_slug>/feed.xml")
@access("public")
def show_feed(show_slug: str) -> Response:
    """Give the feed of a show: the podcast."""
    return _feed(
        f"show/{show_slug}", lambda session, place: feed_loading.load_show_feed(session, place, show_slug)
    )


@blueprint.get("/playlists/<playlist_slug>/feed.xml")
@access("public")
def playlist_feed(playlist_slug: str) -> Response:
    """Give the feed of a playlist."""
    return _feed(
        f"playlist/{playlist_slug}",
        lambda session, place: feed_loading.load_playlist_feed(session, place, playlist_slug),
    )


@blueprint.get("/sections/<section_slug>/feed.xml")
@access("public")
def section_feed(section_slug: str) -> Response:
    """Give the feed of a section."""
    return _feed(
        f"section/{section_slug}",
        lambda session, place: feed_loading.load_section_feed(session, place, section_slug),
    )


@blueprint.after_request
def shared(response: Response) -> Response:
    """Let every origin read the answer, errors too."""
    return share(response)


class _MovedError(Exception):
    """The feed has another address by now."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__(url)


def _feed(name: str, load: Load) -> Response:
    griot: Griot = current_app.extensions["griot"]
    cache: FeedCache = current_app.extensions["griot_feeds"]
    now = griot.clock.now()
    with griot.database.reading() as session:
        # Before the rows: what changes in between makes the feed too new, never too old.
        stamp = queries.feed_stamp(session, now)
    try:
        ready = cache.get_or_build(name, stamp.change, now, lambda: _build(griot, stamp, load))
    except _MovedError as reason:
        return moved(reason.url)
    return _answer(ready)


def _build(griot: Griot, stamp: FeedStamp, load: Load) -> ReadyFeed:
    """Load and render, the one after the other: no connection is held while XML is written.

    Raises:
        _MovedError: the feed is elsewhere now.
    """
    now = griot.clock.now()
    place = feed_loading.FeedPlace(
        links=griot.links,
        now=now,
        timezone=griot.settings.timezone,
        default_language=griot.settings.default_language,
    )
    with griot.database.reading() as session:
        loaded = load(session, place)
    if loaded.moved_to is not None:
        raise _MovedError(loaded.moved_to)
    body = render_rss(loaded.channel, translator(loaded.channel.language))
    ends = [at for at in (stamp.next_release, loaded.valid_until) if at is not None]
    return ready_feed(body, loaded.changed_at, stamp.change, min(ends, default=None))


def _answer(ready: ReadyFeed) -> Response:
    """Answer with the bytes that the client takes, or with 304 (RFC 9110 section 13)."""
    zips = request.accept_encodings.quality("gzip") > 0 and "gzip" in request.headers.get(
        "Accept-Encoding", ""
    )
    response = Response(ready.zipped if zips else ready.body, content_type=MIME)
    response.set_etag(ready.zipped_etag if zips else ready.etag)
    if zips:
        response.headers["Content-Encoding"] = "gzip"
    response.last_modified = ready.changed_at
    response.headers["Cache-Control"] = CACHE
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    return response
