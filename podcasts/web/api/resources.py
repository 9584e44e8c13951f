# SPDX-License-Identifier: AGPL-3.0-or-later
"""The REST interface: shows, audio, episodes, sections, articles, playlists, jobs. Take, call, answer."""

from typing import Any

from apiflask import APIBlueprint
from flask import Response, request
from sqlalchemy.orm import Session

from podcasts.audio.artwork import PICTURE_BYTES_AT_MOST, Crop
from podcasts.bootstrap import waker
from podcasts.errors import InvalidError, Problem
from podcasts.models import Artwork, Playlist, Section
from podcasts.services import (
    article_fetching,
    playlists,
    publishing,
    queries,
    releasing,
    sections,
    shows,
    uploads,
    values,
    workbench,
)
from podcasts.services.artworks import ANY_PX, SHOW_PX_AT_LEAST, store_artwork
from podcasts.services.multipart import read_small_body, receive_file
from podcasts.web.api import representing, schemas
from podcasts.web.api.calling import (
    actor,
    answer,
    asked_page,
    griot,
    once,
    page_of,
    plain_json,
    seen_version,
    speaking,
)
from podcasts.web.api.words import or_import
from podcasts.web.routes import access

blueprint = APIBlueprint("api", __name__, url_prefix="/api/v1", tag="Griot")

MORE_THAN_A_FORM = 1_000_000


# Shows


@blueprint.get("/shows")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.ShowsOut)
@access("producer")
def list_shows(query_data: schemas.PageIn) -> Response:
    """List the shows that you work on."""
    del query_data
    page, per_page = asked_page()
    with griot().database.reading() as session:
        listing = workbench.shows(session, actor(), page=page, per_page=per_page)
    return page_of(listing, [representing.show(row, griot().links) for row in listing.rows])


@blueprint.post("/shows")
@plain_json
@blueprint.input(schemas.ShowIn)
@blueprint.output(schemas.ShowOut, status_code=201)
@access("producer")
@once
def create_show(json_data: schemas.ShowIn) -> Response:
    """Found a show; title and language are needed."""
    here = griot()
    with here.database.writing() as session:
        made = shows.create_show(
            session, actor(), here.clock.now(), links=here.links, given=_without_none(json_data.given())
        )
    return _show(made.id, 201)


@blueprint.get("/shows/<show>")
@blueprint.output(schemas.ShowOut)
@access("producer")
def get_show(show: str) -> Response:
    """Get a show by slug or id."""
    return _show(show)


@blueprint.patch("/shows/<show>")
@plain_json
@blueprint.input(schemas.ShowIn)
@blueprint.output(schemas.ShowOut)
@access("producer")
def edit_show(show: str, json_data: schemas.ShowIn) -> Response:
    """Change a show; a new slug leaves the old one leading to it."""
    here = griot()
    with here.database.writing() as session:
        row = shows.edit_show(
            session, actor(), here.clock.now(), show=show, given=json_data.given(), version=seen_version()
        )
    return _show(row.id)


@blueprint.delete("/shows/<show>")
@blueprint.output({}, status_code=204)
@access("producer")
def delete_show(show: str) -> Response:
    """Put a show with all its episodes into the bin."""
    here = griot()
    with here.database.writing() as session:
        shows.bin_show(session, actor(), here.clock.now(), show=show)
    return Response(status=204)


@blueprint.put("/shows/<show>/artwork")
@blueprint.doc(extensions={"x-body": "image"})
@blueprint.output(schemas.ShowOut)
@access("producer")
def put_show_artwork(show: str) -> Response:
    """Give a show a cover: JPEG, PNG or WebP, at least 1400 px."""
    here = griot()
    with here.database.reading() as session:
        workbench.show(session, actor(), show)
    artwork = _artwork(SHOW_PX_AT_LEAST)
    with here.database.writing() as session:
        row = shows.set_show_artwork(
            session, actor(), here.clock.now(), show=show, artwork=artwork, version=seen_version()
        )
    return _show(row.id)


# Audio


@blueprint.get("/audio")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.AudiosOut)
@access("producer")
def list_audio(query_data: schemas.PageIn) -> Response:
    """List the audio that you may use, newest first."""
    del query_data
    page, per_page = asked_page()
    with griot().database.reading() as session:
        listing = workbench.audios(session, actor(), page=page, per_page=per_page)
        steps = workbench.steps_of_all(session, [row.id for row in listing.rows])
    links, t = griot().links, speaking()
    shown = [representing.audio(row, steps.get(row.id, ()), links, t) for row in listing.rows]
    return page_of(listing, shown)


@blueprint.post("/audio")
@blueprint.doc(extensions={"x-body": "file"}, responses={202: "Stored; being read"})
@blueprint.output(schemas.AudioOut)
@access("producer")
def upload_audio() -> Response:
    """Upload a file (multipart, field ``file``), streamed to disk; the same bytes again give the same audio."""
    here, caller = griot(), actor()
    request.max_content_length = here.settings.max_upload_bytes + MORE_THAN_A_FORM
    received = receive_file(
        request.environ["wsgi.input"],
        here.storage,
        content_type=request.headers.get("Content-Type"),
        content_length=request.content_length,
        limit_bytes=here.settings.max_upload_bytes,
    )
    stored = uploads.store_upload(
        here.database, here.storage, waker(here), caller, here.clock.now(), received=received
    )
    return _audio(stored.audio_id, 202 if stored.created else 200)


@blueprint.get("/audio/<audio_id>")
@blueprint.output(schemas.AudioOut)
@access("producer")
def get_audio(audio_id: str) -> Response:
    """Get an audio: how far its reading is, and what was read."""
    return _audio(audio_id)


# Episodes


@blueprint.get("/shows/<show>/episodes")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.EpisodesOut)
@access("producer")
def list_episodes(show: str, query_data: schemas.PageIn) -> Response:
    """List the episodes of a show, last changed first."""
    del query_data
    here = griot()
    page, per_page = asked_page()
    now = here.clock.now()
    with here.database.reading() as session:
        listing = workbench.episodes(session, actor(), now, show=show, page=page, per_page=per_page)
    return page_of(listing, [representing.episode(row, here.links, now) for row in listing.rows])


@blueprint.post("/shows/<show>/episodes")
@plain_json
@blueprint.input(schemas.EpisodeIn)
@blueprint.output(schemas.EpisodeOut, status_code=201)
@access("producer")
@once
def create_episode(show: str, json_data: schemas.EpisodeIn) -> Response:
    """Draft an episode; what is left out comes from the audio's tags, chapters too."""
    here = griot()
    with here.database.writing() as session:
        made = publishing.create_episode(
            session, actor(), here.clock.now(), show=show, given=_without_none(json_data.given())
        )
    return _episode(made.id, 201)


@blueprint.get("/episodes/<episode_id>")
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def get_episode(episode_id: str) -> Response:
    """Get an episode."""
    return _episode(episode_id)


@blueprint.patch("/episodes/<episode_id>")
@plain_json
@blueprint.input(schemas.EpisodeIn)
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def edit_episode(episode_id: str, json_data: schemas.EpisodeIn) -> Response:
    """Change an episode, published or not."""
    return _edited(episode_id, json_data.given())


@blueprint.delete("/episodes/<episode_id>")
@blueprint.output({}, status_code=204)
@access("producer")
def delete_episode(episode_id: str) -> Response:
    """Put an episode into the bin, where it stays for 30 days."""
    here = griot()
    with here.database.writing() as session:
        publishing.bin_episode(session, actor(), here.clock.now(), episode=episode_id)
    return Response(status=204)


@blueprint.post("/episodes/<episode_id>/publish")
@plain_json
@blueprint.input(schemas.PublishIn)
@blueprint.output(schemas.EpisodeOut)
@access("producer")
@once
def publish_episode(episode_id: str, json_data: schemas.PublishIn) -> Response:
    """Publish an episode, now or at a time; 409 with the reasons while it cannot be heard."""
    here = griot()
    at = values.clean_values({"at": json_data.at}, {"at": values.optional(values.instant)})["at"]
    now = here.clock.now()
    releasing.release(here.database, here.storage, here.links, actor(), now, episode=episode_id, at=at)
    return _episode(episode_id)


@blueprint.post("/episodes/<episode_id>/withdraw")
@blueprint.output(schemas.EpisodeOut)
@access("producer")
@once
def withdraw_episode(episode_id: str) -> Response:
    """Withdraw an episode: out of pages, feeds, embeds and media at once."""
    here = griot()
    with here.database.writing() as session:
        publishing.withdraw(session, actor(), here.clock.now(), episode=episode_id)
    return _episode(episode_id)


@blueprint.put("/episodes/<episode_id>/chapters")
@or_import
@plain_json
@blueprint.input(schemas.ChaptersIn)
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def put_chapters(episode_id: str, json_data: schemas.ChaptersIn) -> Response:
    """Set all chapters of an episode, or import them: Podcasting 2.0 JSON, Podlove XML, mp4chaps text."""
    return _edited(episode_id, json_data.given())


@blueprint.put("/episodes/<episode_id>/articles")
@plain_json
@blueprint.input(schemas.ArticlesIn)
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def put_articles(episode_id: str, json_data: schemas.ArticlesIn) -> Response:
    """Set all articles of an episode, in their order."""
    return _edited(episode_id, {"articles": [article.given() for article in json_data.articles]})


@blueprint.put("/episodes/<episode_id>/artwork")
@blueprint.doc(extensions={"x-body": "image"})
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def put_episode_artwork(episode_id: str) -> Response:
    """Give an episode a cover of its own: JPEG, PNG or WebP."""
    here = griot()
    with here.database.reading() as session:
        workbench.episode(session, actor(), episode_id)
    artwork = _artwork(ANY_PX)
    with here.database.writing() as session:
        publishing.set_episode_artwork(
            session, actor(), here.clock.now(), episode=episode_id, artwork=artwork, version=seen_version()
        )
    return _episode(episode_id)


# Sections


@blueprint.get("/sections")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.SectionsOut)
@access("producer")
def list_sections(query_data: schemas.PageIn) -> Response:
    """List all sections in the editor's order."""
    del query_data
    page, per_page = asked_page()
    with griot().database.reading() as session:
        listing = workbench.sections(session, page=page, per_page=per_page)
        slugs = _section_slugs(session)
    return page_of(
        listing,
        [representing.section(row, slugs.get(row.parent_id or ""), griot().links) for row in listing.rows],
    )


@blueprint.post("/sections")
@plain_json
@blueprint.input(schemas.SectionIn)
@blueprint.output(schemas.SectionOut, status_code=201)
@access("editor")
@once
def create_section(json_data: schemas.SectionIn) -> Response:
    """Make a section; name and kind are needed."""
    here = griot()
    with here.database.writing() as session:
        made = sections.create_section(
            session, actor(), here.clock.now(), given=_without_none(json_data.given())
        )
    return _section(made, 201)


@blueprint.get("/sections/<section>")
@blueprint.output(schemas.SectionOut)
@access("producer")
def get_section(section: str) -> Response:
    """Get a section by slug."""
    with griot().database.reading() as session:
        row = queries.find_section(session, section)
    return _section(row)


@blueprint.patch("/sections/<section>")
@plain_json
@blueprint.input(schemas.SectionIn)
@blueprint.output(schemas.SectionOut)
@access("editor")
def edit_section(section: str, json_data: schemas.SectionIn) -> Response:
    """Change a section."""
    here = griot()
    with here.database.writing() as session:
        row = sections.edit_section(
            session,
            actor(),
            here.clock.now(),
            section=section,
            given=json_data.given(),
            version=seen_version(),
        )
    return _section(row)


# Articles


@blueprint.get("/articles")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.ArticlesOut)
@access("producer")
def list_articles(query_data: schemas.PageIn) -> Response:
    """List the articles that are known, last changed first."""
    del query_data
    page, per_page = asked_page()
    with griot().database.reading() as session:
        listing = workbench.articles(session, page=page, per_page=per_page)
    return page_of(listing, [representing.article(row, speaking()) for row in listing.rows])


@blueprint.post("/articles")
@plain_json
@blueprint.input(schemas.ArticleIn)
@blueprint.output(schemas.ArticleOut, status_code=202)
@access("producer")
@once
def note_article(json_data: schemas.ArticleIn) -> Response:
    """Note an article and have its public metadata fetched."""
    here, caller = griot(), actor()
    url = values.clean_values({"url": json_data.url}, {"url": values.web_address})["url"]
    article_fetching.check_article_address(url)
    with here.database.writing() as session:
        row = article_fetching.note_article(session, caller, here.clock.now(), url=url)
    waker(here)()
    location = here.links.api("articles", row.id)
    return answer(representing.article(row, speaking()), 202, location=location)


@blueprint.get("/articles/<article_id>")
@blueprint.output(schemas.ArticleOut)
@access("producer")
def get_article(article_id: str) -> Response:
    """Get an article by id."""
    with griot().database.reading() as session:
        row = workbench.article(session, article_id)
    return answer(representing.article(row, speaking()))


# Playlists


@blueprint.get("/playlists")
@blueprint.input(schemas.PageIn, location="query")
@blueprint.output(schemas.PlaylistsOut)
@access("producer")
def list_playlists(query_data: schemas.PageIn) -> Response:
    """List the playlists that you work on, without their items."""
    del query_data
    page, per_page = asked_page()
    with griot().database.reading() as session:
        listing = workbench.playlists(session, actor(), page=page, per_page=per_page)
        slugs = _slugs_by_id(session)
    return page_of(
        listing,
        [representing.playlist(row, (), _rule(row, slugs), griot().links) for row in listing.rows],
    )


@blueprint.post("/playlists")
@plain_json
@blueprint.input(schemas.PlaylistIn)
@blueprint.output(schemas.PlaylistOut, status_code=201)
@access("producer")
@once
def create_playlist(json_data: schemas.PlaylistIn) -> Response:
    """Make a playlist: public at once, with its feed on; by hand (items) or by a rule."""
    here = griot()
    with here.database.writing() as session:
        made = playlists.create_playlist(
            session, actor(), here.clock.now(), links=here.links, given=_without_none(json_data.given())
        )
    return _playlist(made.id, 201)


@blueprint.get("/playlists/<playlist>")
@blueprint.output(schemas.PlaylistOut)
@access("producer")
def get_playlist(playlist: str) -> Response:
    """Get a playlist by slug or id, with its items."""
    return _playlist(playlist)


@blueprint.patch("/playlists/<playlist>")
@plain_json
@blueprint.input(schemas.PlaylistIn)
@blueprint.output(schemas.PlaylistOut)
@access("producer")
def edit_playlist(playlist: str, json_data: schemas.PlaylistIn) -> Response:
    """Change a playlist."""
    here = griot()
    with here.database.writing() as session:
        row = playlists.edit_playlist(
            session,
            actor(),
            here.clock.now(),
            playlist=playlist,
            given=json_data.given(),
            version=seen_version(),
        )
    return _playlist(row.id)


@blueprint.put("/playlists/<playlist>/items")
@plain_json
@blueprint.input(schemas.ItemsIn)
@blueprint.output(schemas.PlaylistOut)
@access("producer")
def put_items(playlist: str, json_data: schemas.ItemsIn) -> Response:
    """Set the whole order: {id} for what stays, {episode_id} or {audio_id} for what is new."""
    here = griot()
    with here.database.writing() as session:
        row = playlists.order_items(
            session,
            actor(),
            here.clock.now(),
            playlist=playlist,
            items=json_data.given()["items"],
            version=seen_version(),
        )
    return _playlist(row.id)


@blueprint.put("/playlists/<playlist>/artwork")
@blueprint.doc(extensions={"x-body": "image"})
@blueprint.output(schemas.PlaylistOut)
@access("producer")
def put_playlist_artwork(playlist: str) -> Response:
    """Give a playlist a cover: JPEG, PNG or WebP."""
    here = griot()
    with here.database.reading() as session:
        workbench.playlist(session, actor(), playlist)
    artwork = _artwork(ANY_PX)
    with here.database.writing() as session:
        row = playlists.set_playlist_artwork(
            session, actor(), here.clock.now(), playlist=playlist, artwork=artwork, version=seen_version()
        )
    return _playlist(row.id)


@blueprint.delete("/playlists/<playlist>")
@blueprint.output({}, status_code=204)
@access("producer")
def delete_playlist(playlist: str) -> Response:
    """Put a playlist into the bin."""
    here = griot()
    with here.database.writing() as session:
        playlists.bin_playlist(session, actor(), here.clock.now(), playlist=playlist)
    return Response(status=204)


# Jobs


@blueprint.get("/jobs/<job_id>")
@blueprint.output(schemas.JobOut)
@access("producer")
def get_job(job_id: str) -> Response:
    """Get a piece of background work that you started."""
    with griot().database.reading() as session:
        row = workbench.job(session, actor(), job_id)
    return answer(representing.job(row, speaking()))


def _show(slug_or_id: str, status: int = 200) -> Response:
    links = griot().links
    with griot().database.reading() as session:
        row = workbench.show(session, actor(), slug_or_id)
    return answer(
        representing.show(row, links),
        status,
        location=links.api("shows", row.id) if status != 200 else None,  # noqa: PLR2004 - the HTTP status
    )


def _audio(audio_id: str, status: int = 200) -> Response:
    links = griot().links
    with griot().database.reading() as session:
        row = workbench.audio(session, actor(), audio_id)
        steps = workbench.steps_of(session, row.id)
    location = links.api("audio", row.id) if status != 200 else None  # noqa: PLR2004 - the HTTP status
    return answer(representing.audio(row, steps, links, speaking()), status, location=location)


def _episode(episode_id: str, status: int = 200) -> Response:
    here = griot()
    with here.database.reading() as session:
        row = workbench.episode(session, actor(), episode_id)
    location = here.links.api("episodes", row.id) if status != 200 else None  # noqa: PLR2004 - the HTTP status
    return answer(representing.episode(row, here.links, here.clock.now()), status, location=location)


def _edited(episode_id: str, given: dict[str, Any]) -> Response:
    here = griot()
    with here.database.writing() as session:
        publishing.edit_episode(
            session, actor(), here.clock.now(), episode=episode_id, given=given, version=seen_version()
        )
    return _episode(episode_id)


def _section(row: Section, status: int = 200) -> Response:
    links = griot().links
    with griot().database.reading() as session:
        parent = _section_slugs(session).get(row.parent_id or "")
    location = links.api("sections", row.slug) if status != 200 else None  # noqa: PLR2004 - the HTTP status
    return answer(representing.section(row, parent, links), status, location=location)


def _playlist(slug_or_id: str, status: int = 200) -> Response:
    here = griot()
    now = here.clock.now()
    with here.database.reading() as session:
        row = workbench.playlist(session, actor(), slug_or_id)
        heard = queries.playlist_tracks(session, row, now, here.settings.timezone)
        items = _items(session, row, heard)
        rule = _rule(row, _slugs_by_id(session))
    location = here.links.api("playlists", row.id) if status != 200 else None  # noqa: PLR2004 - the HTTP status
    return answer(representing.playlist(row, items, rule, here.links), status, location=location)


def _items(session: Session, row: Playlist, heard: list[queries.Track]) -> list[dict[str, Any]]:
    if row.rule is not None:
        return [representing.gathered(track, place) for place, track in enumerate(heard)]
    public = {track.item_id for track in heard}
    return [
        representing.item(item, place, public=item.id in public)
        for place, item in enumerate(workbench.playlist_items(session, row.id))
    ]


def _rule(row: Playlist, slugs: dict[str, str]) -> dict[str, Any] | None:
    """Show a rule by slugs, as it came."""
    if row.rule is None:
        return None
    return {
        name: slugs.get(value, value) if name in {"section", "show", "tag"} else value
        for name, value in row.rule.items()
    }


def _slugs_by_id(session: Session) -> dict[str, str]:
    return {show.id: show.slug for show in queries.listed_shows(session)} | _section_slugs(session)


def _section_slugs(session: Session) -> dict[str, str]:
    return {section.id: section.slug for section in queries.listed_sections(session)}


def _artwork(smallest_px: int) -> Artwork:
    """Make a cover of the body; ``?alt=`` describes it and ``?crop=x,y,size`` chooses its square.

    Raises:
        InvalidError: "crop-outside" on ``crop``; "too-long" on ``alt``.
        UnusableMediaError: as ``artworks.store_artwork``.
    """
    here = griot()
    alt, crop = request.args.get("alt", ""), _crop(request.args.get("crop", ""))
    return store_artwork(
        here.storage, here.clock.now(), _picture(), smallest_px=smallest_px, crop=crop, alt=alt
    )


def _crop(word: str) -> Crop | None:
    if not word:
        return None
    try:
        x, y, size = (float(part) for part in word.split(","))
    except ValueError:
        raise InvalidError(problems=(Problem("crop", "crop-outside"),)) from None
    return Crop(x, y, size)


def _picture() -> bytes:
    """Read the body: one picture."""
    request.max_content_length = PICTURE_BYTES_AT_MOST + MORE_THAN_A_FORM
    return read_small_body(request.stream, limit_bytes=PICTURE_BYTES_AT_MOST)


def _without_none(given: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is null: where something is made, null says nothing."""
    return {name: value for name, value in given.items() if value is not None}
