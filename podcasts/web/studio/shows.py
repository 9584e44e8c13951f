# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: shows."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from podcasts.errors import GriotError, InvalidError, StaleError
from podcasts.feeds.categories import all_categories
from podcasts.models import Show
from podcasts.services import shows, workbench
from podcasts.services.artworks import SHOW_PX_AT_LEAST
from podcasts.services.embed_sites import shared_sites
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
)
from podcasts.web.studio.pictures import PICTURE_FAULTS, read_artwork

blueprint = Blueprint("studio_shows", __name__, url_prefix="/studio")

TEXTS = (
    *("title", "description", "language", "author", "owner_name", "owner_email", "category", "type", "link"),
    *("copyright", "slug", "link_to"),
)
LATER = ("loudness_on", "loudness_lufs", "embed_sites")
"""Beside the texts, what the form of a show that stands asks for."""


@blueprint.get("/shows")
@access("producer")
def list_shows() -> Response:
    """List the shows that one works on."""
    here = desk()
    with here.griot.database.reading() as session:
        listing = workbench.shows(session, here.actor, page=asked_page())
    rows = [
        (LinkFace(show.title, here.path("shows", show.slug)), here.here.links.show_feed(show.slug))
        for show in listing.rows
    ]
    return here.page(
        "shows.html", here.t.gettext("Shows"), current="shows", rows=rows, more_url=more_url(listing)
    )


@blueprint.get("/shows/new")
@access("producer")
def new_show() -> Response:
    """Ask for a new show."""
    here = desk()
    return _new(here, {"language": here.t.language})


@blueprint.post("/shows/new")
@access("producer")
def create_show() -> Response:
    """Found a show."""
    here = desk()
    typed = _typed()
    try:
        wanted = {name: value for name, value in typed.items() if value not in ("", None)}
        with here.griot.database.writing() as session:
            made = shows.create_show(
                session, here.actor, here.griot.clock.now(), links=here.here.links, given=wanted
            )
    except InvalidError as error:
        return _new(here, typed, error)
    return here.go("shows", made.slug, said="created")


@blueprint.get("/shows/<show>")
@access("producer")
def edit_show_form(show: str) -> Response:
    """Show what is said about a show."""
    here = desk()
    with here.griot.database.reading() as session:
        row = workbench.show(session, here.actor, show)
    return _edit(here, row)


@blueprint.post("/shows/<show>")
@access("producer")
def edit_show(show: str) -> Response:
    """Change a show."""
    here = desk()
    with here.griot.database.reading() as session:
        row = workbench.show(session, here.actor, show)
    typed = _typed()
    # An address that was left empty stays as it is.
    wanted = {name: value for name, value in typed.items() if (name, value) != ("slug", "")}
    try:
        with here.griot.database.writing() as session:
            row = shows.edit_show(
                session, here.actor, here.griot.clock.now(), show=row.id, given=wanted, version=seen_version()
            )
    except (InvalidError, StaleError) as error:
        return _edit(here, row, error, typed)
    return here.go("shows", row.slug, said="saved")


@blueprint.post("/shows/<show>/artwork")
@access("producer")
def put_artwork(show: str) -> Response:
    """Give a show a cover."""
    here = desk()
    with here.griot.database.reading() as session:
        row = workbench.show(session, here.actor, show)
    now = here.griot.clock.now()
    try:
        artwork = read_artwork(here.griot.storage, now, smallest_px=SHOW_PX_AT_LEAST)
    except PICTURE_FAULTS as error:
        return _edit(here, row, picture_error=error)
    with here.griot.database.writing() as session:
        shows.set_show_artwork(session, here.actor, now, show=row.id, artwork=artwork)
    return here.go("shows", row.slug, said="saved")


def _typed() -> dict[str, Any]:
    typed = given(flags=("explicit",), texts=TEXTS)
    typed["sections"] = request.form.getlist("sections")
    if "loudness_lufs" in request.form:
        # The form of a new show does not ask for these.
        typed["embed_sites"] = request.form.get("embed_sites", "").replace(",", " ").split()
        typed["loudness_on"] = "loudness_on" in request.form
        typed["loudness_lufs"] = _number(request.form["loudness_lufs"])
    return typed


def _number(word: str) -> float | str:
    """Read a number as people here write it; what is none stays, for the service to refuse."""
    try:
        return float(word.strip().replace(",", ".").replace("\u2212", "-"))
    except ValueError:
        return word


def _new(here: Desk, typed: Mapping[str, Any], error: GriotError | None = None) -> Response:
    t = here.t
    return here.form(
        t.gettext("New show"),
        _first_fields(here, typed),
        action=here.path("shows", "new"),
        button=t.gettext("Create the show"),
        lead=t.gettext("A title and a language are enough to begin; the rest can wait."),
        error=error,
        current="shows",
        back=LinkFace(t.gettext("Shows"), here.path("shows")),
    )


def _edit(
    here: Desk,
    row: Show,
    error: GriotError | None = None,
    typed: Mapping[str, Any] | None = None,
    picture_error: GriotError | None = None,
) -> Response:
    t = here.t
    links = here.here.links
    shown = typed or {
        **{name: getattr(row, name) for name in (*TEXTS, "explicit", *LATER)},
        "sections": [section.slug for section in row.sections],
    }
    version = row.version if error is None else request.form.get("version", row.version)
    return here.form(
        row.title,
        [*_all_fields(here, shown), FieldFace("version", "", "hidden", version)],
        action=here.path("shows", row.slug),
        button=t.gettext("Save"),
        error=error,
        current="shows",
        back=LinkFace(t.gettext("Shows"), here.path("shows")),
        template="show.html",
        feed_url=links.show_feed(row.slug),
        page_url=links.path_of(links.show(row.slug)),
        embed_code=embed_code(
            here.here,
            row.title,
            links.embed_show(row.slug),
            links.show(row.slug),
            action=here.path("shows", row.slug),
            one=False,
            sites=shared_sites([row.embed_sites]),
        ),
        upload_url=here.path("upload") + f"?show={row.slug}",
        artwork_action=here.path("shows", row.slug, "artwork"),
        artwork_url=links.path_of(links.artwork(row.artwork.public_key)) if row.artwork else "",
        beside=picture_error,
        picture_fault=here.sentence(picture_error),
    )


def _all_fields(here: Desk, typed: Mapping[str, Any]) -> list[FieldFace]:
    address = FieldFace(
        "slug",
        here.t.gettext("Address"),
        value=_value(typed, "slug"),
        hint=here.t.gettext("Lower-case letters, digits and hyphens. Old addresses keep leading here."),
    )
    return [
        *_first_fields(here, typed),
        *_later_fields(here, typed),
        *_loudness_fields(here, typed),
        _sites_field(here, typed),
        address,
    ]


def _value(typed: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - as it was typed
    found = typed.get(name)
    return "" if found is None else found


def _first_fields(here: Desk, typed: Mapping[str, Any]) -> list[FieldFace]:
    """List what a new show is asked for."""
    t = here.t
    with here.griot.database.reading() as session:
        sections = section_choices(session)
    categories = (("", t.gettext("None yet")), *((name, name) for name in all_categories()))
    return [
        FieldFace(
            "title",
            t.gettext("Title"),
            value=_value(typed, "title"),
            required=True,
            hint=t.gettext("It is what podcast apps show."),
        ),
        FieldFace(
            "description",
            t.gettext("Description"),
            "textarea",
            _value(typed, "description"),
            hint=t.gettext("What one hears here, in a few sentences. Markdown."),
        ),
        FieldFace(
            "language",
            t.gettext("Language"),
            value=_value(typed, "language"),
            required=True,
            hint=t.gettext("Of what is spoken: two letters, such as fr, ar, pt-BR."),
        ),
        FieldFace(
            "author",
            t.gettext("Author"),
            value=_value(typed, "author"),
            hint=t.gettext("The newsroom or the people; Spotify wants one."),
        ),
        FieldFace(
            "category",
            t.gettext("Category"),
            "select",
            _value(typed, "category"),
            choices=categories,
            hint=t.gettext("Under which directories file the show."),
        ),
        FieldFace("sections", t.gettext("Sections"), "checks", typed.get("sections") or [], choices=sections),
    ]


def _later_fields(here: Desk, typed: Mapping[str, Any]) -> list[FieldFace]:
    """List what can wait until the show stands."""
    t = here.t
    types = (("episodic", t.gettext("Episodes stand alone")), ("serial", t.gettext("To be heard in order")))
    targets = (
        ("article", t.gettext("To the article, where there is one")),
        ("episode", t.gettext("To the episode's page")),
    )
    return [
        FieldFace("owner_name", t.gettext("Owner"), value=_value(typed, "owner_name")),
        FieldFace(
            "owner_email",
            t.gettext("Owner's e-mail"),
            "email",
            _value(typed, "owner_email"),
            hint=t.gettext("Public: it stands in the feed, and directories write to it."),
        ),
        FieldFace("explicit", t.gettext("Not for children"), "checkbox", bool(typed.get("explicit"))),
        FieldFace("type", t.gettext("Order"), "select", _value(typed, "type"), choices=types),
        FieldFace(
            "link_to",
            t.gettext("Where an episode in the feed leads"),
            "select",
            _value(typed, "link_to"),
            choices=targets,
        ),
        FieldFace(
            "link",
            t.gettext("Page of the show elsewhere"),
            "url",
            _value(typed, "link"),
            hint=t.gettext("Empty: the page here."),
        ),
        FieldFace("copyright", t.gettext("Copyright"), value=_value(typed, "copyright")),
    ]


def _sites_field(here: Desk, typed: Mapping[str, Any]) -> FieldFace:
    t = here.t
    return FieldFace(
        "embed_sites",
        t.gettext("Sites that may show its player"),
        "textarea",
        "\n".join(typed.get("embed_sites") or ()),
        hint=t.gettext(
            "Empty: all of them. Else one site a line: https://example.org is that host alone, "
            "https://*.example.org all below it, such as www. Feeds, apps and this site are not concerned."
        ),
        rows=3,
    )


def _loudness_fields(here: Desk, typed: Mapping[str, Any]) -> list[FieldFace]:
    t = here.t
    return [
        FieldFace(
            "loudness_on",
            t.gettext("Bring every episode to the same loudness"),
            "checkbox",
            bool(typed.get("loudness_on")),
            hint=t.gettext(
                "In the versions that are encoded here; an MP3 that apps can play stays as it is."
            ),
        ),
        FieldFace(
            "loudness_lufs",
            t.gettext("Loudness in LUFS"),
            value=_value(typed, "loudness_lufs"),
            hint=t.gettext("-16 is what podcast apps expect; mono is brought 3 lower."),
        ),
    ]
