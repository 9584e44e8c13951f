# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: playlists: their list, their form, and their order, which works without a script."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from podcasts.errors import GriotError, InvalidError, StaleError
from podcasts.models import Playlist, PlaylistItem
from podcasts.services import playlists, queries, workbench
from podcasts.units import clock_text
from podcasts.web.faces import LinkFace
from podcasts.web.presenting import LIST_HEIGHT_PX, iframe
from podcasts.web.routes import access
from podcasts.web.studio.frame import (
    Desk,
    FieldFace,
    asked_page,
    desk,
    given,
    section_choices,
    seen_version,
    text,
)

blueprint = Blueprint("studio_playlists", __name__, url_prefix="/studio")

TEXTS = ("title", "description", "order", "slug", "language")
FLAGS = ("published", "show_artist", "feed_on")
FOUND_AT_MOST = 20


@blueprint.get("/playlists")
@access("producer")
def list_playlists() -> Response:
    """List the playlists that one works on."""
    here = desk()
    with here.griot.database.reading() as session:
        listing = workbench.playlists(session, here.actor, page=asked_page())
    rows = [
        {
            "title": row.title,
            "url": here.path("playlists", row.slug),
            "public": row.published,
            "by_rule": row.rule is not None,
        }
        for row in listing.rows
    ]
    return here.page("playlists.html", here.t.gettext("Playlists"), current="playlists", rows=rows)


@blueprint.get("/playlists/new")
@access("producer")
def new_playlist() -> Response:
    """Ask for a new playlist."""
    return _new(desk(), {})


@blueprint.post("/playlists/new")
@access("producer")
def create_playlist() -> Response:
    """Make a playlist, by hand or by a rule."""
    here = desk()
    typed = {"title": text("title"), "description": text("description"), "kind": text("kind")}
    wanted: dict[str, Any] = {"title": typed["title"], "description": typed["description"]}
    if typed["kind"] == "rule":
        wanted["rule"] = {}
    try:
        with here.griot.database.writing() as session:
            made = playlists.create_playlist(
                session, here.actor, here.griot.clock.now(), links=here.here.links, given=wanted
            )
    except InvalidError as error:
        return _new(here, typed, error)
    return here.go("playlists", made.slug, said="created")


@blueprint.get("/playlists/<playlist>")
@access("producer")
def edit_form(playlist: str) -> Response:
    """Show a playlist and its order."""
    here = desk()
    return _edit(here, _load(here, playlist))


@blueprint.post("/playlists/<playlist>")
@access("producer")
def edit(playlist: str) -> Response:
    """Change what is said about a playlist, and its rule."""
    here = desk()
    row = _load(here, playlist)
    typed: dict[str, Any] = {}
    try:
        typed = given(flags=FLAGS, texts=TEXTS)
        typed["sections"] = request.form.getlist("sections")
        if row.rule is not None:
            typed["rule"] = _typed_rule()
        wanted = {name: value for name, value in typed.items() if (name, value) != ("slug", "")}
        with here.griot.database.writing() as session:
            row = playlists.edit_playlist(
                session,
                here.actor,
                here.griot.clock.now(),
                playlist=row.id,
                given=wanted,
                version=seen_version(),
            )
    except (InvalidError, StaleError) as error:
        return _edit(here, row, error, typed or dict(request.form))
    return here.go("playlists", row.slug, said="saved")


@blueprint.post("/playlists/<playlist>/items")
@access("producer")
def order(playlist: str) -> Response:
    """Move, remove or add one thing, or take the whole order that a script sends."""
    here = desk()
    row = _load(here, playlist)
    with here.griot.database.reading() as session:
        ids = [item.id for item in workbench.playlist_items(session, row.id)]
    items: list[dict[str, Any]] = [{"id": item_id} for item_id in _reordered(ids)]
    if text("add_episode"):
        items.append({"episode_id": text("add_episode")})
    if text("add_audio"):
        items.append({"audio_id": text("add_audio")})
    try:
        with here.griot.database.writing() as session:
            playlists.order_items(
                session,
                here.actor,
                here.griot.clock.now(),
                playlist=row.id,
                items=items,
                version=seen_version(),
            )
    except (InvalidError, StaleError) as error:
        return _edit(here, _load(here, row.id), error)
    return here.go("playlists", row.slug, said="saved")


@blueprint.post("/playlists/<playlist>/bin")
@access("producer")
def bin_playlist(playlist: str) -> Response:
    """Put a playlist into the bin."""
    here = desk()
    with here.griot.database.writing() as session:
        playlists.bin_playlist(session, here.actor, here.griot.clock.now(), playlist=playlist)
    return here.go("playlists", said="binned")


def _reordered(ids: list[str]) -> list[str]:
    """Read the new order: the whole of it, or one step of one item, or one item less."""
    whole = [item_id for item_id in text("order").split(",") if item_id]
    if whole and sorted(whole) == sorted(ids):
        return whole
    order = list(ids)
    for name, step in (("up", -1), ("down", 1)):
        item_id = text(name)
        if item_id in order:
            place = order.index(item_id)
            order.pop(place)
            order.insert(max(0, min(place + step, len(order))), item_id)
    return [item_id for item_id in order if item_id != text("remove")]


def _load(here: Desk, playlist: str) -> Playlist:
    with here.griot.database.reading() as session:
        return workbench.playlist(session, here.actor, playlist)


def _typed_rule() -> dict[str, Any]:
    rule: dict[str, Any] = {
        name: text(f"rule_{name}") for name in ("section", "show", "since") if text(f"rule_{name}")
    }
    limit = text("rule_limit").strip()
    if limit:
        rule["limit"] = int(limit) if limit.isascii() and limit.isdecimal() and len(limit) < 7 else -1  # noqa: PLR2004 - digits of the largest
    return rule


def _new(here: Desk, typed: Mapping[str, Any], error: GriotError | None = None) -> Response:
    t = here.t
    kinds = (
        ("hand", t.gettext("I put the episodes in order myself")),
        ("rule", t.gettext("It fills itself by a rule")),
    )
    fields = [
        FieldFace("title", t.gettext("Title"), value=typed.get("title", ""), required=True),
        FieldFace("description", t.gettext("Description"), "textarea", typed.get("description", "")),
        FieldFace("kind", t.gettext("Order"), "select", typed.get("kind", "hand"), choices=kinds),
    ]
    return here.form(
        t.gettext("New playlist"),
        fields,
        action=here.path("playlists", "new"),
        button=t.gettext("Create the playlist"),
        lead=t.gettext("It is public at once, with a feed of its own."),
        error=error,
        current="playlists",
        back=LinkFace(t.gettext("Playlists"), here.path("playlists")),
    )


def _edit(
    here: Desk, row: Playlist, error: GriotError | None = None, typed: Mapping[str, Any] | None = None
) -> Response:
    t, links = here.t, here.here.links
    words = request.args.get("q", "").strip()[:100].replace("\x00", "")
    now = here.griot.clock.now()
    with here.griot.database.reading() as session:
        items = workbench.playlist_items(session, row.id)
        heard = queries.playlist_tracks(session, row, now, here.griot.settings.timezone)
        found = (
            workbench.episodes(session, here.actor, now, words=words or None, per_page=FOUND_AT_MOST).rows
            if row.rule is None
            else ()
        )
        sections = section_choices(session)
        shows = workbench.shows(session, here.actor, per_page=200).rows
        names = {section.id: section.slug for section in queries.listed_sections(session)} | {
            show.id: show.slug for show in queries.listed_shows(session)
        }
    public = {track.item_id for track in heard}
    shown = typed or {
        **{name: getattr(row, name) for name in (*TEXTS, *FLAGS)},
        "sections": [section.slug for section in row.sections],
    }
    version = row.version if error is None else text("version") or row.version
    fields = _fields(here, shown, sections)
    if row.rule is not None:
        rule = {name: names.get(value, value) for name, value in row.rule.items()}
        fields += _rule_fields(here, rule, sections, [(show.slug, show.title) for show in shows])
    return here.form(
        row.title,
        [*fields, FieldFace("version", "", "hidden", version)],
        action=here.path("playlists", row.slug),
        button=t.gettext("Save"),
        error=error,
        current="playlists",
        back=LinkFace(t.gettext("Playlists"), here.path("playlists")),
        template="playlist.html",
        by_rule=row.rule is not None,
        items=[_item(item, public=item.id in public) for item in items],
        heard=[(track.title, track.artist, clock_text(track.audio.duration_ms)) for track in heard],
        found=[{"id": one.id, "title": one.title, "show": one.show.title} for one in found],
        words=words,
        order_action=here.path("playlists", row.slug, "items"),
        bin_action=here.path("playlists", row.slug, "bin"),
        search_action=here.path("playlists", row.slug),
        version=row.version,
        page_url=links.path_of(links.playlist(row.slug)),
        public_url=links.playlist(row.slug),
        feed_url=links.playlist_feed(row.slug) if row.feed_on else "",
        embed_code=iframe(links.embed_playlist(row.slug), row.title, LIST_HEIGHT_PX),
    )


def _item(item: PlaylistItem, *, public: bool) -> dict[str, Any]:
    sound = item.episode.audio if item.episode else item.audio
    own = item.episode.title if item.episode else (sound.title or sound.file_name if sound else "")
    return {
        "id": item.id,
        "title": item.title or own,
        "from": item.episode.show.title if item.episode else "",
        "clock": clock_text(sound.duration_ms) if sound else "",
        "public": public,
    }


def _fields(here: Desk, typed: Mapping[str, Any], sections: tuple[tuple[str, str], ...]) -> list[FieldFace]:
    t = here.t
    orders = (
        ("manual", t.gettext("As put in order")),
        ("newest", t.gettext("Newest first")),
        ("oldest", t.gettext("Oldest first")),
    )

    def value(name: str) -> Any:  # noqa: ANN401 - as it was typed
        found = typed.get(name)
        return "" if found is None else found

    return [
        FieldFace("title", t.gettext("Title"), value=value("title"), required=True),
        FieldFace("description", t.gettext("Description"), "textarea", value("description")),
        FieldFace("order", t.gettext("Order"), "select", value("order"), choices=orders),
        FieldFace("published", t.gettext("Public"), "checkbox", bool(typed.get("published"))),
        FieldFace("show_artist", t.gettext("Show the artists"), "checkbox", bool(typed.get("show_artist"))),
        FieldFace("feed_on", t.gettext("Has a feed"), "checkbox", bool(typed.get("feed_on"))),
        FieldFace(
            "sections",
            t.gettext("Sections"),
            "checks",
            typed.get("sections") or [],
            choices=sections,
            hint=t.gettext("The team of its sections can edit it too."),
        ),
        FieldFace(
            "language", t.gettext("Language"), value=value("language"), hint=t.gettext("Empty: as the site.")
        ),
        FieldFace(
            "slug",
            t.gettext("Address"),
            value=value("slug"),
            hint=t.gettext("Lower-case letters, digits and hyphens. Old addresses keep leading here."),
        ),
    ]


def _rule_fields(
    here: Desk,
    rule: Mapping[str, Any],
    sections: tuple[tuple[str, str], ...],
    shows: list[tuple[str, str]],
) -> list[FieldFace]:
    t = here.t
    whenever = (
        ("", t.gettext("Whenever")),
        ("today", t.gettext("Today")),
        ("7d", t.gettext("In the last 7 days")),
        ("30d", t.gettext("In the last 30 days")),
    )
    every = ("", t.gettext("All"))
    return [
        FieldFace(
            "rule_section",
            t.gettext("Rule: from the section"),
            "select",
            rule.get("section", ""),
            choices=(every, *sections),
        ),
        FieldFace(
            "rule_show",
            t.gettext("Rule: from the show"),
            "select",
            rule.get("show", ""),
            choices=(every, *shows),
        ),
        FieldFace(
            "rule_since", t.gettext("Rule: published"), "select", rule.get("since", ""), choices=whenever
        ),
        FieldFace("rule_limit", t.gettext("Rule: at most"), "number", rule.get("limit", "")),
    ]
