# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: playlists: their list, their form, and their order, which works without a script."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.orm import Session

from podcasts.errors import GriotError, InvalidError, StaleError
from podcasts.models import Audio, Playlist, PlaylistItem
from podcasts.models.audio import READY
from podcasts.services import playlists, queries, restoring, workbench
from podcasts.units import clock_text
from podcasts.web.embed import sites_of
from podcasts.web.embed_code import embed_code
from podcasts.web.faces import LinkFace
from podcasts.web.routes import access
from podcasts.web.studio.frame import (
    Desk,
    FieldFace,
    asked_page,
    desk,
    given,
    more_url,
    section_choices,
    seen_version,
    text,
)
from podcasts.web.studio.pictures import PICTURE_FAULTS, read_artwork

blueprint = Blueprint("studio_playlists", __name__, url_prefix="/studio")

TEXTS = ("title", "description", "order", "slug", "language")
FLAGS = ("published", "show_artist", "feed_on")
FOUND_AT_MOST = 20
SOUNDS_AT_MOST = 100
RULE_WORDS = ("section", "show", "tag", "since")


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
    return here.page(
        "playlists.html",
        here.t.gettext("Playlists"),
        current="playlists",
        rows=rows,
        more_url=more_url(listing),
    )


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
    items: list[dict[str, Any]] = [{"id": item_id, **_own_words(item_id)} for item_id in _reordered(ids)]
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
    return here.go("playlists", row.slug, said="saved", place=_button_of([item.get("id") for item in items]))


@blueprint.post("/playlists/<playlist>/artwork")
@access("producer")
def put_artwork(playlist: str) -> Response:
    """Give a playlist a cover."""
    here = desk()
    row = _load(here, playlist)
    now = here.griot.clock.now()
    try:
        artwork = read_artwork(here.griot.storage, now)
    except PICTURE_FAULTS as error:
        return _edit(here, row, picture_error=error)
    with here.griot.database.writing() as session:
        playlists.set_playlist_artwork(session, here.actor, now, playlist=row.id, artwork=artwork)
    return here.go("playlists", row.slug, said="saved")


@blueprint.post("/playlists/<playlist>/bin")
@access("producer")
def bin_playlist(playlist: str) -> Response:
    """Put a playlist into the bin; it can be taken out again."""
    here = desk()
    row = _load(here, playlist)
    with here.griot.database.writing() as session:
        playlists.bin_playlist(session, here.actor, here.griot.clock.now(), playlist=row.id)
    return here.go("playlists", row.id, "binned")


@blueprint.get("/playlists/<playlist_id>/binned")
@access("producer")
def binned(playlist_id: str) -> Response:
    """Offer the way back out of the bin."""
    here = desk()
    return here.page(
        "binned.html",
        here.t.gettext("In the bin"),
        current="playlists",
        undo=here.path("playlists", playlist_id, "restore"),
    )


@blueprint.post("/playlists/<playlist_id>/restore")
@access("producer")
def restore(playlist_id: str) -> Response:
    """Take a playlist out of the bin."""
    here = desk()
    with here.griot.database.writing() as session:
        row = restoring.unbin_playlist(session, here.actor, here.griot.clock.now(), playlist=playlist_id)
    return here.go("playlists", row.slug, said="restored")


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


def _button_of(ids: list[str | None]) -> str:
    """Name the button that keeps the focus after a move: the same again, or its opposite at the end of the list."""
    for name, end, other in (("up", 0, "down"), ("down", -1, "up")):
        item_id = text(name)
        if item_id in ids:
            return f"{other if ids[end] == item_id else name}-{item_id}"
    return ""


def _own_words(item_id: str) -> dict[str, str]:
    """Read what an item is called in this list alone; empty words leave the episode's."""
    if text("words") != item_id:
        return {}
    return {name: text(f"item_{name}") for name in ("title", "artist")}


def _load(here: Desk, playlist: str) -> Playlist:
    with here.griot.database.reading() as session:
        return workbench.playlist(session, here.actor, playlist)


def _typed_rule() -> dict[str, Any]:
    rule: dict[str, Any] = {name: text(f"rule_{name}") for name in RULE_WORDS if text(f"rule_{name}")}
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
    here: Desk,
    row: Playlist,
    error: GriotError | None = None,
    typed: Mapping[str, Any] | None = None,
    picture_error: GriotError | None = None,
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
        sounds = (
            workbench.audios(session, here.actor, per_page=SOUNDS_AT_MOST).rows if row.rule is None else ()
        )
        shows = _shows_by_id(here, session)
        names = {section.id: section.slug for section in queries.listed_sections(session)} | {
            show_id: slug for show_id, (slug, _) in shows.items()
        }
    public = {track.item_id for track in heard}
    shown = typed or {
        **{name: getattr(row, name) for name in (*TEXTS, *FLAGS)},
        "sections": [section.slug for section in row.sections],
    }
    # What was typed was typed against the version that its writer saw; everything else is of now.
    version = row.version if typed is None else text("version") or row.version
    fields = _fields(here, shown, sections, by_rule=row.rule is not None)
    if row.rule is not None:
        rule = {name: names.get(value, value) for name, value in row.rule.items()}
        rule = _rule_words() if typed is not None else rule
        fields += _rule_fields(here, rule, sections, list(shows.values()))
    return here.form(
        row.title,
        [*fields, FieldFace("version", "", "hidden", version)],
        action=here.path("playlists", row.slug),
        button=t.gettext("Save"),
        error=error,
        beside=picture_error,
        current="playlists",
        back=LinkFace(t.gettext("Playlists"), here.path("playlists")),
        template="playlist.html",
        picture_fault=here.sentence(picture_error),
        artwork_action=here.path("playlists", row.slug, "artwork"),
        artwork_url=links.path_of(links.artwork(row.artwork.public_key)) if row.artwork else "",
        sounds=[(one.id, _sound_name(one)) for one in sounds if one.status == READY],
        by_rule=row.rule is not None,
        items=[_item(item, public=item.id in public) for item in items],
        heard=[(track.title, track.artist, clock_text(track.audio.duration_ms)) for track in heard],
        found=[
            {
                "id": one.id,
                "title": one.title,
                "language": one.language or one.show.language,
                "show": one.show.title,
            }
            for one in found
        ],
        words=words,
        order_action=here.path("playlists", row.slug, "items"),
        bin_action=here.path("playlists", row.slug, "bin"),
        search_action=here.path("playlists", row.slug),
        version=row.version,
        page_url=links.path_of(links.playlist(row.slug)),
        feed_url=links.playlist_feed(row.slug) if row.feed_on else "",
        embed_code=embed_code(
            here.here,
            row.title,
            links.embed_playlist(row.slug),
            links.playlist(row.slug),
            action=here.path("playlists", row.slug),
            one=False,
            sites=sites_of(heard),
        ),
    )


def _item(item: PlaylistItem, *, public: bool) -> dict[str, Any]:
    sound = item.episode.audio if item.episode else item.audio
    own = item.episode.title if item.episode else (sound.title or sound.file_name if sound else "")
    return {
        "id": item.id,
        "title": item.title or own,
        "own_title": item.title or "",
        "own_artist": item.artist or "",
        "is_bare": item.episode is None,
        "language": (item.episode.language or item.episode.show.language) if item.episode else "",
        "from": item.episode.show.title if item.episode else "",
        "clock": clock_text(sound.duration_ms) if sound else "",
        "public": public,
    }


def _shows_by_id(here: Desk, session: Session) -> dict[str, tuple[str, str]]:
    """List the shows that a rule may name, by id: slug and title; one's own, and those that everybody hears."""
    own = workbench.shows(session, here.actor, per_page=200).rows
    found = {show.id: (show.slug, show.title) for show in (*own, *queries.listed_shows(session))}
    return dict(sorted(found.items(), key=lambda one: one[1][1].casefold()))


def _sound_name(audio: Audio) -> str:
    return f"{audio.title or audio.file_name} – {clock_text(audio.duration_ms)}"


def _rule_words() -> dict[str, str]:
    return {name: text(f"rule_{name}") for name in (*RULE_WORDS, "limit")}


def _fields(
    here: Desk, typed: Mapping[str, Any], sections: tuple[tuple[str, str], ...], *, by_rule: bool
) -> list[FieldFace]:
    t = here.t
    orders = (
        *((("manual", t.gettext("As put in order")),) if not by_rule else ()),
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
    whenever: tuple[tuple[str, str], ...] = (
        ("", t.gettext("Whenever")),
        ("today", t.gettext("Today")),
        ("7d", t.gettext("In the last 7 days")),
        ("30d", t.gettext("In the last 30 days")),
    )
    every = ("", t.gettext("All"))
    since = rule.get("since", "")
    if since not in dict(whenever):
        # A script may have asked for another span, which the form keeps.
        whenever = (*whenever, (since, since))
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
            "rule_tag",
            t.gettext("Rule: with the tag"),
            "select",
            rule.get("tag", ""),
            choices=(every, *sections),
        ),
        FieldFace("rule_since", t.gettext("Rule: published"), "select", since, choices=whenever),
        FieldFace("rule_limit", t.gettext("Rule: at most"), "number", rule.get("limit", "")),
    ]
