# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: settings of the site, its people and what they work on, and one's own tokens."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from podcasts.errors import GriotError, InvalidError, StaleError
from podcasts.models import ADMIN, EDITOR, PRODUCER, SITE_ID, Site
from podcasts.services import accounts, members, queries, site, workbench
from podcasts.web.faces import LinkFace
from podcasts.web.routes import access
from podcasts.web.studio.frame import Desk, FieldFace, desk, given, seen_version, text

blueprint = Blueprint("studio_house", __name__, url_prefix="/studio")

TEXTS = ("title", "description", "author", "owner_name", "owner_email", "language")


@blueprint.get("/settings")
@access("producer")
def settings() -> Response:
    """Show the doors to everything that can be set."""
    here = desk()
    t = here.t
    doors = [
        (LinkFace(t.gettext("Tokens"), here.path("tokens")), t.gettext("For scripts that work in your name."))
    ]
    doors = [
        (LinkFace(t.gettext("Articles"), here.path("articles")), t.gettext("What sound is tied to.")),
        *(
            [
                (
                    LinkFace(t.gettext("Sections"), here.path("sections")),
                    t.gettext("How the newsroom is ordered."),
                )
            ]
            if here.actor.role in {ADMIN, EDITOR}
            else []
        ),
        *(
            [
                (
                    LinkFace(t.gettext("Plugin for WordPress"), here.path("wordpress.zip")),
                    t.gettext(
                        "Puts the player on articles that can be heard. Upload the file in WordPress as it is."
                    ),
                )
            ]
            if here.actor.role in {ADMIN, EDITOR}
            else []
        ),
        *doors,
    ]
    if here.actor.role == ADMIN:
        doors = [
            (
                LinkFace(t.gettext("The site"), here.path("site")),
                t.gettext("Its name and what it says about itself."),
            ),
            (LinkFace(t.gettext("People"), here.path("people")), t.gettext("Who works here, and on what.")),
            *doors,
        ]
    return here.page("settings.html", t.gettext("Settings"), current="settings", doors=doors)


@blueprint.get("/site")
@access("admin")
def site_form() -> Response:
    """Show how the site presents itself."""
    return _site(desk())


@blueprint.post("/site")
@access("admin")
def edit_site() -> Response:
    """Change how the site presents itself."""
    here = desk()
    typed = given(texts=TEXTS)
    try:
        with here.griot.database.writing() as session:
            site.edit_site(session, here.actor, here.griot.clock.now(), given=typed, version=seen_version())
    except (InvalidError, StaleError) as error:
        return _site(here, error, typed)
    return here.go("site", said="saved")


@blueprint.get("/people")
@access("admin")
def people() -> Response:
    """List who works here."""
    return _people(desk())


@blueprint.post("/people")
@access("admin")
def create_person() -> Response:
    """Make an account."""
    here = desk()
    try:
        password_hash = accounts.hash_password(text("password"))
        with here.griot.database.writing() as session:
            accounts.create_user(
                session,
                here.actor,
                here.griot.clock.now(),
                email=text("email"),
                role=text("role"),
                password_hash=password_hash,
                name=text("name"),
            )
    except InvalidError as error:
        return _people(here, error)
    return here.go("people", said="created")


@blueprint.get("/people/<user_id>")
@access("admin")
def person(user_id: str) -> Response:
    """Show what a person works on."""
    return _person(desk(), user_id)


def _person(here: Desk, user_id: str, password_error: GriotError | None = None) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        row = members.person(session, here.actor, user_id)
        works = members.works_on(session, row.id)
        shows = workbench.shows(session, here.actor, per_page=200).rows
        sections = queries.listed_sections(session)
    return here.form(
        row.name or row.email,
        [
            FieldFace(
                "shows",
                t.gettext("Shows"),
                "checks",
                [show.id for show in shows if show.id in works.show_ids],
                choices=tuple((show.id, show.title) for show in shows),
            ),
            FieldFace(
                "sections",
                t.gettext("Sections"),
                "checks",
                [section.id for section in sections if section.id in works.section_ids],
                choices=tuple((section.id, section.name) for section in sections),
                hint=t.gettext("An editor works on everything in these sections."),
            ),
        ],
        action=here.path("people", row.id),
        button=t.gettext("Save"),
        lead=f"{row.email} · {dict(_roles(here))[row.role]}",
        beside=password_error,
        current="settings",
        back=LinkFace(t.gettext("People"), here.path("people")),
        template="person.html",
        password=FieldFace(
            "password",
            t.gettext("New password"),
            "password",
            hint=t.gettext("It signs the person out everywhere. Tell it by another way."),
            error=here.sentence(password_error),
            required=True,
        ),
        password_action=here.path("people", row.id, "password"),
    )


@blueprint.post("/people/<user_id>/password")
@access("admin")
def set_password(user_id: str) -> Response:
    """Give a person a new password."""
    here = desk()
    try:
        password_hash = accounts.hash_password(text("password"))
    except InvalidError as error:
        return _person(here, user_id, error)
    with here.griot.database.writing() as session:
        accounts.set_password(
            session, here.actor, here.griot.clock.now(), user_id=user_id, password_hash=password_hash
        )
    return here.go("people", user_id, said="saved")


@blueprint.post("/people/<user_id>")
@access("admin")
def edit_person(user_id: str) -> Response:
    """Set what a person works on."""
    here = desk()
    with here.griot.database.writing() as session:
        members.set_works(
            session,
            here.actor,
            here.griot.clock.now(),
            user_id=user_id,
            show_ids=request.form.getlist("shows"),
            section_ids=request.form.getlist("sections"),
        )
    return here.go("people", user_id, said="saved")


@blueprint.get("/tokens")
@access("producer")
def tokens() -> Response:
    """List one's own tokens."""
    return _tokens(desk())


@blueprint.post("/tokens")
@access("producer")
def create_token() -> Response:
    """Make a token; it is shown this once."""
    here = desk()
    try:
        with here.griot.database.writing() as session:
            made = accounts.create_token(
                session,
                here.actor,
                here.griot.clock.now(),
                user_id=here.actor.user_id or "",
                name=text("name"),
            )
    except InvalidError as error:
        return _tokens(here, error)
    return _tokens(here, made=made)


@blueprint.post("/tokens/<token_id>/end")
@access("producer")
def end_token(token_id: str) -> Response:
    """End a token at once."""
    here = desk()
    with here.griot.database.writing() as session:
        accounts.end_token(session, here.actor, here.griot.clock.now(), token_id=token_id)
    return here.go("tokens", said="ended")


def _site(here: Desk, error: GriotError | None = None, typed: Mapping[str, Any] | None = None) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        row = session.get_one(Site, SITE_ID)
    shown = typed or {name: getattr(row, name) for name in TEXTS}
    version = row.version if error is None else text("version") or row.version

    def value(name: str) -> Any:  # noqa: ANN401 - as it was typed
        return shown.get(name) or ""

    fields = [
        FieldFace(
            "title",
            t.gettext("Name"),
            value=value("title"),
            hint=t.gettext("It stands at the top of every page."),
        ),
        FieldFace(
            "description",
            t.gettext("Description"),
            "textarea",
            value("description"),
            rows=3,
            hint=t.gettext("One or two sentences, for the home page and search engines."),
        ),
        FieldFace(
            "author", t.gettext("Author"), value=value("author"), hint=t.gettext("Of the feed of all shows.")
        ),
        FieldFace("owner_name", t.gettext("Owner"), value=value("owner_name")),
        FieldFace("owner_email", t.gettext("Owner's e-mail"), "email", value("owner_email")),
        FieldFace(
            "language",
            t.gettext("Language"),
            value=value("language"),
            hint=t.gettext("Of the feed of all shows: two letters, such as fr."),
        ),
        FieldFace("version", "", "hidden", version),
    ]
    return here.form(
        t.gettext("The site"),
        fields,
        action=here.path("site"),
        button=t.gettext("Save"),
        error=error,
        current="settings",
        back=LinkFace(t.gettext("Settings"), here.path("settings")),
    )


def _people(here: Desk, error: GriotError | None = None) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        rows = members.people(session, here.actor)
    roles = _roles(here)
    fields = [
        FieldFace("name", t.gettext("Name"), value=text("name") if error else ""),
        FieldFace(
            "email", t.gettext("E-mail address"), "email", text("email") if error else "", required=True
        ),
        FieldFace("role", t.gettext("Role"), "select", text("role") if error else PRODUCER, choices=roles),
        FieldFace(
            "password",
            t.gettext("First password"),
            "password",
            hint=t.gettext(
                "At least %(number)s characters. Tell it to the person by another way.",
                number=accounts.SHORTEST_PASSWORD,
            ),
            required=True,
        ),
    ]
    return here.form(
        t.gettext("People"),
        fields,
        action=here.path("people"),
        button=t.gettext("Make the account"),
        error=error,
        current="settings",
        back=LinkFace(t.gettext("Settings"), here.path("settings")),
        template="people.html",
        rows=[
            (LinkFace(row.name or row.email, here.path("people", row.id)), row.email, dict(roles)[row.role])
            for row in rows
        ],
    )


def _tokens(here: Desk, error: GriotError | None = None, made: str = "") -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        rows = accounts.tokens_of(session, here.actor.user_id or "")
    field = FieldFace(
        "name",
        t.gettext("What it is for"),
        value=text("name") if error else "",
        required=True,
        hint=t.gettext("For yourself, such as: night upload."),
    )
    return here.form(
        t.gettext("Tokens"),
        [field],
        action=here.path("tokens"),
        button=t.gettext("Create a token"),
        lead=t.gettext("A token lets a script do what you may do. It is shown once."),
        error=error,
        current="settings",
        back=LinkFace(t.gettext("Settings"), here.path("settings")),
        template="tokens.html",
        rows=[{"name": row.name, "action": here.path("tokens", row.id, "end")} for row in rows],
        made=made,
    )


def _roles(here: Desk) -> tuple[tuple[str, str], ...]:
    t = here.t
    return (
        (PRODUCER, t.gettext("Producer: their shows")),
        (EDITOR, t.gettext("Editor: their sections")),
        (ADMIN, t.gettext("Administrator: everything")),
    )
