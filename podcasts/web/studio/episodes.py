# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: the start page, and episodes: their list, their form, publishing and withdrawing."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request
from markupsafe import Markup

from podcasts.audio.artwork import cover_svg
from podcasts.errors import ConflictError, GriotError, InvalidError, NotFoundError, Problem, StaleError
from podcasts.i18n import error_text
from podcasts.models import Audio, Episode
from podcasts.models.audio import READY
from podcasts.models.episode import ARTICLE_ROLES, PUBLISHED
from podcasts.services import publishing, queries, releasing, values, workbench
from podcasts.services.embed_sites import shared_sites
from podcasts.services.publishing import status_at
from podcasts.units import clock_text
from podcasts.web import structured
from podcasts.web.embed_code import embed_code
from podcasts.web.faces import EmbedCode, LinkFace
from podcasts.web.routes import access
from podcasts.web.studio.frame import (
    Desk,
    FieldFace,
    asked_page,
    audio_words,
    desk,
    given,
    more_url,
    section_choices,
    seen_version,
    status_face,
    text,
)
from podcasts.web.studio.pictures import PICTURE_FAULTS, read_artwork
from podcasts.web.wording import date_words

blueprint = Blueprint("studio_episodes", __name__, url_prefix="/studio")

STATUSES = ("draft", "scheduled", "published", "withdrawn")
TEXTS = ("title", "artist", "album", "summary", "notes", "type", "language", "slug")
EMPTY_ROWS = 2
RECENT = 8


@blueprint.get("/")
@access("producer")
def start() -> Response:
    """Show what is going on, and the next step."""
    here = desk()
    now = here.griot.clock.now()
    with here.griot.database.reading() as session:
        drafts = workbench.episodes(session, here.actor, now, status="draft", per_page=RECENT)
        published = workbench.episodes(session, here.actor, now, status="published", per_page=RECENT)
        scheduled = workbench.episodes(session, here.actor, now, status="scheduled", per_page=RECENT)
        shows = workbench.shows(session, here.actor, per_page=1)
    return here.page(
        "start.html",
        here.t.gettext("Studio"),
        drafts=[_row(here, row, now) for row in drafts.rows],
        scheduled=[_row(here, row, now) for row in scheduled.rows],
        published=[_row(here, row, now) for row in published.rows],
        has_shows=shows.total > 0,
        upload_url=here.path("upload"),
        new_show_url=here.path("shows", "new"),
    )


@blueprint.get("/episodes")
@access("producer")
def list_episodes() -> Response:
    """List episodes, by status and words."""
    here = desk()
    now = here.griot.clock.now()
    status = request.args.get("status", "")
    words = request.args.get("q", "").strip()[:100].replace("\x00", "")
    with here.griot.database.reading() as session:
        listing = workbench.episodes(
            session, here.actor, now, status=status or None, words=words or None, page=asked_page()
        )
    filters = [LinkFace(here.t.gettext("All"), here.path("episodes"), current=not status)]
    filters += [
        LinkFace(
            status_face(here.t, one).word, f"{here.path('episodes')}?status={one}", current=one == status
        )
        for one in STATUSES
    ]
    return here.page(
        "episodes.html",
        here.t.gettext("Episodes"),
        current="episodes",
        rows=[_row(here, row, now) for row in listing.rows],
        filters=filters,
        words=words,
        filtered=status,
        upload_url=here.path("upload"),
        more_url=more_url(listing, status=status, q=words),
    )


@blueprint.get("/episodes/<episode_id>")
@access("producer")
def edit_form(episode_id: str) -> Response:
    """Show everything about an episode."""
    here = desk()
    return _edit(here, _load(here, episode_id))


@blueprint.post("/episodes/<episode_id>")
@access("producer")
def edit(episode_id: str) -> Response:
    """Change an episode, and publish it where the button says so."""
    here = desk()
    row = _load(here, episode_id)
    now = here.griot.clock.now()
    typed: dict[str, Any] = {}
    try:
        typed = _typed()
        wanted = {name: value for name, value in typed.items() if (name, value) != ("slug", "")}
        at = _wanted_time(here, row, now)
        if row.status != PUBLISHED:
            wanted["published_at"] = at.isoformat() if at else None
        with here.griot.database.writing() as session:
            publishing.edit_episode(
                session, here.actor, now, episode=row.id, given=wanted, version=seen_version()
            )
        if "publish" in request.form or (row.status == PUBLISHED and at is not None):
            parts = here.griot.database, here.griot.storage, here.griot.links
            row = releasing.release(*parts, here.actor, now, episode=row.id, at=at)
            return here.go("episodes", row.id, said=status_at(row, now))
    except (InvalidError, StaleError, ConflictError) as error:
        fresh = _load(here, episode_id) if isinstance(error, ConflictError) else row
        return _edit(here, fresh, error, typed or _form_values())
    return here.go("episodes", row.id, said="saved")


@blueprint.post("/episodes/<episode_id>/withdraw")
@access("producer")
def withdraw(episode_id: str) -> Response:
    """Withdraw an episode, everywhere at once."""
    here = desk()
    try:
        with here.griot.database.writing() as session:
            publishing.withdraw(session, here.actor, here.griot.clock.now(), episode=episode_id)
    except ConflictError as error:
        return _edit(here, _load(here, episode_id), error)
    return here.go("episodes", episode_id, said="withdrawn")


@blueprint.post("/episodes/<episode_id>/bin")
@access("producer")
def bin_episode(episode_id: str) -> Response:
    """Put an episode into the bin; it can be taken out again."""
    here = desk()
    with here.griot.database.writing() as session:
        publishing.bin_episode(session, here.actor, here.griot.clock.now(), episode=episode_id)
    return here.go("episodes", episode_id, "binned")


@blueprint.get("/episodes/<episode_id>/binned")
@access("producer")
def binned(episode_id: str) -> Response:
    """Offer the way back out of the bin."""
    here = desk()
    return here.page(
        "binned.html",
        here.t.gettext("In the bin"),
        current="episodes",
        undo=here.path("episodes", episode_id, "restore"),
    )


@blueprint.post("/episodes/<episode_id>/sound")
@access("producer")
def take_sound(episode_id: str) -> Response:
    """Let an episode that is online be heard through a new sound, once that has been read."""
    here = desk()
    try:
        with here.griot.database.writing() as session:
            publishing.edit_episode(
                session,
                here.actor,
                here.griot.clock.now(),
                episode=episode_id,
                given={"audio_id": text("audio_id")},
            )
    except (InvalidError, ConflictError) as error:
        return _edit(here, _load(here, episode_id), error)
    return here.go("episodes", episode_id, said="saved")


@blueprint.post("/episodes/<episode_id>/restore")
@access("producer")
def restore(episode_id: str) -> Response:
    """Take an episode out of the bin."""
    here = desk()
    with here.griot.database.writing() as session:
        publishing.unbin_episode(session, here.actor, here.griot.clock.now(), episode=episode_id)
    return here.go("episodes", episode_id, said="restored")


@blueprint.post("/episodes/<episode_id>/artwork")
@access("producer")
def put_artwork(episode_id: str) -> Response:
    """Give an episode a cover of its own."""
    here = desk()
    row = _load(here, episode_id)
    now = here.griot.clock.now()
    try:
        artwork = read_artwork(here.griot.storage, now)
    except PICTURE_FAULTS as error:
        return _edit(here, row, picture_error=error)
    with here.griot.database.writing() as session:
        publishing.set_episode_artwork(session, here.actor, now, episode=row.id, artwork=artwork)
    return here.go("episodes", row.id, said="saved")


def _load(here: Desk, episode_id: str) -> Episode:
    with here.griot.database.reading() as session:
        return workbench.episode(session, here.actor, episode_id)


def _typed() -> dict[str, Any]:
    """Read the form; articles are rows of address and role, empty ones left out."""
    typed = given(flags=("explicit",), numbers=("season", "number"), texts=TEXTS)
    typed["sections"] = request.form.getlist("sections")
    rows = zip(request.form.getlist("article_url"), request.form.getlist("article_role"), strict=False)
    typed["articles"] = [{"url": url.strip(), "role": role} for url, role in rows if url.strip()]
    return typed


def _form_values() -> dict[str, Any]:
    """Read what was typed where it could not be understood: it is shown again as it was."""
    values: dict[str, Any] = {name: text(name) for name in (*TEXTS, "season", "number")}
    rows = zip(request.form.getlist("article_url"), request.form.getlist("article_role"), strict=False)
    values["articles"] = [{"url": url, "role": role} for url, role in rows if url.strip()]
    values["sections"] = request.form.getlist("sections")
    values["explicit"] = "explicit" in request.form
    return values


def _wanted_time(here: Desk, row: Episode, now: datetime) -> datetime | None:
    """Read when the episode shall be public; None for a draft without a time, and where nobody changed it.

    A draft carries its time until somebody publishes it; "now" is a button of what is scheduled.

    Raises:
        InvalidError: "not-a-time" on ``publish_at``.
    """
    at = _instant(here, text("publish_at"))
    if text("publish") == "now":
        return now
    # The field has no seconds: a time that reads the same is the same.
    same = _field_time(here, at) == _field_time(here, row.published_at)
    if row.status == PUBLISHED:
        return None if same else at
    return row.published_at if same else at


def _field_time(here: Desk, at: datetime | None) -> str:
    """Write a time as a datetime-local field wants it: of the newsroom, to the minute; "" for None."""
    return f"{at.astimezone(ZoneInfo(here.griot.settings.timezone)):%Y-%m-%dT%H:%M}" if at else ""


def _instant(here: Desk, word: str) -> datetime | None:
    """Read a local time of the newsroom, as a datetime-local field sends it.

    Raises:
        InvalidError: "not-a-time" on ``publish_at``.
    """
    if not word.strip():
        return None
    try:
        local = datetime.fromisoformat(word.strip())
        if local.tzinfo is None:
            local = local.replace(tzinfo=ZoneInfo(here.griot.settings.timezone))
        return values.instant(local)
    except (ValueError, values.Fault):
        raise InvalidError(problems=(Problem("publish_at", "not-a-time"),)) from None


def _row(here: Desk, row: Episode, now: datetime) -> dict[str, Any]:
    """Make a row of a list."""
    zone = ZoneInfo(here.griot.settings.timezone)
    status = status_at(row, now)
    working = row.audio is not None and row.audio.status != READY
    return {
        "title": row.title,
        "url": here.path("episodes", row.id),
        "show": row.show.title,
        "language": row.language or row.show.language,
        "status": status_face(here.t, row.audio.status if working and row.audio else status),
        "date": date_words(row.published_at or row.updated_at, now, here.t, zone),
        "clock": clock_text(row.audio.duration_ms) if row.audio else "",
        "cover": _cover(row),
    }


def _cover(row: Episode) -> Markup:
    bars = (row.audio.cover_bars if row.audio else None) or [
        60,
        120,
        180,
        220,
        160,
        90,
        140,
        200,
        110,
        70,
        40,
    ]
    ground = row.sections[0].ground if row.sections else 0
    # Our own markup around numbers.
    return Markup(cover_svg(bars, ground))  # noqa: S704


def _edit(
    here: Desk,
    row: Episode,
    error: GriotError | None = None,
    typed: Mapping[str, Any] | None = None,
    picture_error: GriotError | None = None,
) -> Response:
    t, links, now = here.t, here.here.links, here.griot.clock.now()
    status = status_at(row, now)
    shown = typed or _stored(row)
    version = (
        row.version if error is None or isinstance(error, ConflictError) else text("version") or row.version
    )
    page = links.episode(row.show.slug, row.slug)
    return here.form(
        row.title,
        [
            *_fields(here, row, shown),
            _time_field(here, row, status),
            FieldFace("version", "", "hidden", version),
        ],
        action=here.path("episodes", row.id),
        button=t.gettext("Save"),
        error=error,
        beside=picture_error,
        current="episodes",
        back=LinkFace(t.gettext("Episodes"), here.path("episodes")),
        template="episode.html",
        episode=row,
        state=status_face(t, status),
        is_public=status == "published",
        is_draft=status == "draft",
        may_publish=status in {"draft", "withdrawn"},
        may_publish_now=status == "scheduled",
        may_withdraw=status in {"published", "scheduled"},
        published_words=date_words(row.published_at, now, t, ZoneInfo(here.griot.settings.timezone))
        if row.published_at
        else "",
        sound=_sound(here, row.audio),
        new_sound=_new_sound(here, row),
        articles=[
            *shown["articles"],
            *({"url": "", "role": role} for role in ("primary", "related")[:EMPTY_ROWS]),
        ],
        article_fault=here.faults(error).get("articles", ""),
        roles=_roles(here),
        page_url=links.path_of(page),
        embed_code=_embed_code(here, row, now) if status == "published" else None,
        actions={
            name: here.path("episodes", row.id, name) for name in ("withdraw", "bin", "artwork", "sound")
        },
        words=_words_of(here, row),
        sound_page=here.path("episodes", row.id, "sound"),
        upload_url=f"{here.path('upload')}?episode={row.id}",
        limit_words=t.size(here.griot.settings.max_upload_bytes),
        limit_bytes=here.griot.settings.max_upload_bytes,
        artwork_url=links.path_of(links.artwork(row.artwork.public_key)) if row.artwork else "",
        cover=_cover(row),
        picture_fault=here.sentence(picture_error),
    )


def _embed_code(here: Desk, row: Episode, now: datetime) -> EmbedCode:
    links = here.here.links
    with here.griot.database.reading() as session:
        track = queries.find_track(session, row.show, row.slug, now)
    return embed_code(
        here.here,
        track.title,
        links.embed_episode(row.show.slug, row.slug),
        links.episode(row.show.slug, row.slug),
        action=here.path("episodes", row.id),
        snippet=structured.article_snippet(links, track),
        sites=shared_sites([row.show.embed_sites]),
    )


def _words_of(here: Desk, row: Episode) -> LinkFace:
    """Lead to chapters and transcripts, and say how many there are."""
    t = here.t
    chapters = t.ngettext("%(num)s chapter", "%(num)s chapters", len(row.chapters))
    languages = ", ".join(sorted({one.language for one in row.transcripts}))
    told = (
        t.gettext("transcript: %(languages)s", languages=languages)
        if languages
        else t.gettext("no transcript")
    )
    return LinkFace(t.listed(chapters, told), here.path("episodes", row.id, "words"))


def _time_field(here: Desk, row: Episode, status: str) -> FieldFace:
    t, zone = here.t, here.griot.settings.timezone
    hint = (
        t.gettext("Empty: now. A later time schedules it. Times are those of %(zone)s.", zone=zone)
        if status in {"draft", "withdrawn"}
        else t.gettext("A later time takes it off until then. Times are those of %(zone)s.", zone=zone)
    )
    value = text("publish_at") or _field_time(here, row.published_at)
    return FieldFace("publish_at", t.gettext("Publish at"), "datetime-local", value, hint)


def _new_sound(here: Desk, row: Episode) -> dict[str, Any] | None:
    """Show a sound that was sent for an episode that is online, which keeps its own until the new one is read."""
    audio_id = request.args.get("sound", "")
    if not audio_id or audio_id == row.audio_id:
        return None
    try:
        with here.griot.database.reading() as session:
            return _sound(here, workbench.audio(session, here.actor, audio_id))
    except NotFoundError:
        return None


def _sound(here: Desk, audio: Audio | None) -> dict[str, Any] | None:
    """Make what is shown of an episode's sound; None without any."""
    if audio is None:
        return None
    t = here.t
    error = error_text(t, GriotError(audio.error_code, **audio.error_facts)) if audio.error_code else ""
    return {
        "id": audio.id,
        "ready": audio.status == READY,
        "status": audio.status,
        "error": error,
        "words": audio_words(t, None),
        "state_url": here.path("audio", audio.id, "state"),
        "file_url": here.path("audio", audio.id, "file"),
        "mime": audio.mime,
        "clock": clock_text(audio.duration_ms),
        "size": t.size(audio.size_bytes),
        "file_name": audio.file_name,
        "bars": (audio.peaks or [])[::4],
    }


def _stored(row: Episode) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in (*TEXTS, "season", "number")},
        "explicit": bool(row.explicit),
        "sections": [section.slug for section in row.sections],
        "articles": [{"url": link.article.url, "role": link.role} for link in row.articles],
    }


def _roles(here: Desk) -> list[tuple[str, str]]:
    t = here.t
    words = {
        "primary": t.gettext("The article itself"),
        "related": t.gettext("Related"),
        "source": t.gettext("Source"),
        "correction": t.gettext("Correction"),
    }
    return [(role, words[role]) for role in ARTICLE_ROLES]


def _fields(here: Desk, row: Episode, typed: Mapping[str, Any]) -> list[FieldFace]:
    t = here.t
    with here.griot.database.reading() as session:
        sections = section_choices(session)
    audio = row.audio
    types = (
        ("full", t.gettext("Whole episode")),
        ("trailer", t.gettext("Trailer")),
        ("bonus", t.gettext("Bonus")),
    )

    def value(name: str) -> Any:  # noqa: ANN401 - as it was typed
        found = typed.get(name)
        return "" if found is None else found

    artist = (audio.artist if audio else None) or row.show.author
    album = (audio.album if audio else None) or row.show.title
    return [
        FieldFace(
            "title",
            t.gettext("Title"),
            value=value("title"),
            required=True,
            hint=t.gettext("It is what podcast apps show."),
        ),
        FieldFace(
            "artist",
            t.gettext("Artist"),
            value=value("artist"),
            hint=t.gettext("Empty: %(name)s", name=artist or "–"),
        ),
        FieldFace(
            "album",
            t.gettext("Album"),
            value=value("album"),
            hint=t.gettext("Empty: %(name)s", name=album or "–"),
        ),
        FieldFace(
            "notes",
            t.gettext("Notes"),
            "textarea",
            value("notes"),
            rows=10,
            hint=t.gettext("Shown below the player and in podcast apps. Markdown: **bold**, lists, links."),
        ),
        FieldFace(
            "summary",
            t.gettext("In one sentence"),
            value=value("summary"),
            hint=t.gettext("For lists and search engines. Empty: the notes' beginning."),
        ),
        FieldFace("sections", t.gettext("Sections"), "checks", typed.get("sections") or [], choices=sections),
        FieldFace("season", t.gettext("Season"), "number", value("season")),
        FieldFace("number", t.gettext("Number"), "number", value("number")),
        FieldFace("type", t.gettext("Kind"), "select", value("type"), choices=types),
        FieldFace(
            "language",
            t.gettext("Language"),
            value=value("language"),
            hint=t.gettext("Empty: as the show (%(name)s)", name=row.show.language),
        ),
        FieldFace("explicit", t.gettext("Not for children"), "checkbox", bool(typed.get("explicit"))),
        FieldFace(
            "slug",
            t.gettext("Address"),
            value=value("slug"),
            hint=t.gettext("Lower-case letters, digits and hyphens. Old addresses keep leading here."),
        ),
    ]
