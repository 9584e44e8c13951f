# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: articles and sections of the newsroom."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request

from podcasts.bootstrap import waker
from podcasts.errors import GriotError, InvalidError, NotFoundError, StaleError
from podcasts.i18n import error_text
from podcasts.models import Section
from podcasts.models.section import SECTION_KINDS
from podcasts.services import article_fetching, queries, sections, values, workbench
from podcasts.web.faces import LinkFace
from podcasts.web.routes import access
from podcasts.web.studio.frame import (
    Desk,
    FieldFace,
    StatusFace,
    asked_page,
    desk,
    given,
    more_url,
    seen_version,
    text,
)

blueprint = Blueprint("studio_newsroom", __name__, url_prefix="/studio")

MAY_BE_EMPTY = frozenset({"name", "parent", "iso", "rss_url", "description"})
TEXTS = ("name", "kind", "iso", "parent", "description", "rss_url", "slug")


@blueprint.get("/articles")
@access("producer")
def list_articles() -> Response:
    """List the articles that are known."""
    return _articles(desk())


@blueprint.post("/articles")
@access("producer")
def note_article() -> Response:
    """Note an article; its title and date are fetched in the background."""
    here = desk()
    try:
        url = values.clean_values({"url": text("url")}, {"url": values.web_address})["url"]
        article_fetching.check_article_address(url)
        with here.griot.database.writing() as session:
            article_fetching.note_article(session, here.actor, here.griot.clock.now(), url=url)
    except InvalidError as error:
        return _articles(here, error)
    waker(here.griot)()
    return here.go("articles", said="saved")


@blueprint.get("/sections")
@access("editor")
def list_sections() -> Response:
    """List the sections in the editor's order."""
    here = desk()
    with here.griot.database.reading() as session:
        rows = queries.listed_sections(session)
    kinds = _kinds(here)
    shown = [
        (LinkFace(row.name, here.path("sections", row.slug)), dict(kinds)[row.kind], row.iso or "")
        for row in rows
    ]
    return here.page("sections.html", here.t.gettext("Sections"), current="sections", rows=shown)


@blueprint.get("/sections/new")
@access("editor")
def new_section() -> Response:
    """Ask for a new section."""
    return _form(desk(), {"kind": "section"})


@blueprint.post("/sections/new")
@access("editor")
def create_section() -> Response:
    """Make a section."""
    here = desk()
    typed = given(texts=TEXTS)
    try:
        wanted = {name: value for name, value in typed.items() if value}
        with here.griot.database.writing() as session:
            made = sections.create_section(session, here.actor, here.griot.clock.now(), given=wanted)
    except InvalidError as error:
        return _form(here, typed, error)
    return here.go("sections", made.slug, said="created")


@blueprint.get("/sections/<section>")
@access("editor")
def section_form(section: str) -> Response:
    """Show a section."""
    here = desk()
    return _form(here, {}, row=_load(here, section))


@blueprint.post("/sections/<section>")
@access("editor")
def edit_section(section: str) -> Response:
    """Change a section."""
    here = desk()
    row = _load(here, section)
    typed: dict[str, Any] = {name: text(name) for name in (*TEXTS, "position")}
    try:
        wanted = {
            name: value
            for name, value in given(numbers=("position",), texts=TEXTS).items()
            if value not in ("", None) or name in MAY_BE_EMPTY
        }
        with here.griot.database.writing() as session:
            row = sections.edit_section(
                session,
                here.actor,
                here.griot.clock.now(),
                section=row.id,
                given=wanted,
                version=seen_version(),
            )
    except (InvalidError, StaleError) as error:
        return _form(here, typed, error, row)
    return here.go("sections", row.slug, said="saved")


def _load(here: Desk, section: str) -> Section:
    with here.griot.database.reading() as session:
        row = queries.find_section(session, section)
    if row.slug != section:
        raise NotFoundError
    return row


def _articles(here: Desk, error: GriotError | None = None) -> Response:
    t = here.t
    words = request.args.get("q", "").strip()[:100].replace("\x00", "")
    with here.griot.database.reading() as session:
        listing = workbench.articles(session, words=words or None, page=asked_page())
    states = {
        "linked": StatusFace("draft", t.gettext("Linked")),
        "pending": StatusFace("working", t.gettext("Being fetched")),
        "fetched": StatusFace("live", t.gettext("Fetched")),
        "failed": StatusFace("failed", t.gettext("Not reached")),
    }
    rows = [
        {
            "title": row.title or row.url,
            "url": row.url,
            "site": row.site_name or "",
            "status": states[row.fetch_status],
            "error": error_text(t, GriotError(row.error_code, **row.error_facts)) if row.error_code else "",
        }
        for row in listing.rows
    ]
    field = FieldFace(
        "url",
        t.gettext("Address of an article"),
        "url",
        text("url") if error else "",
        hint=t.gettext("Its title, date and site are fetched; nothing of its text is kept."),
        required=True,
    )
    return here.form(
        t.gettext("Articles"),
        [field],
        action=here.path("articles"),
        button=t.gettext("Add"),
        error=error,
        current="articles",
        template="articles.html",
        rows=rows,
        words=words,
        more_url=more_url(listing, q=words),
    )


def _kinds(here: Desk) -> tuple[tuple[str, str], ...]:
    t = here.t
    words = {"section": t.gettext("Section"), "country": t.gettext("Country"), "tag": t.gettext("Tag")}
    return tuple((kind, words[kind]) for kind in SECTION_KINDS)


def _form(
    here: Desk, typed: Mapping[str, Any], error: GriotError | None = None, row: Section | None = None
) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        every = queries.listed_sections(session)
    shown = dict(typed)
    if row is not None and error is None:
        shown = {name: getattr(row, name) for name in (*TEXTS[:3], *TEXTS[4:], "position")}
        shown["parent"] = next((one.slug for one in every if one.id == row.parent_id), "")
    parents = (
        ("", t.gettext("At the top")),
        *((one.slug, one.name) for one in every if row is None or one.id != row.id),
    )

    def value(name: str) -> Any:  # noqa: ANN401 - as it was typed
        found = shown.get(name)
        return "" if found is None else found

    fields = [
        FieldFace("name", t.gettext("Name"), value=value("name"), required=True),
        FieldFace("kind", t.gettext("Kind"), "select", value("kind"), choices=_kinds(here)),
        FieldFace(
            "iso",
            t.gettext("Country code"),
            value=value("iso"),
            hint=t.gettext("For a country: two letters, such as ML."),
        ),
        FieldFace("parent", t.gettext("Stands below"), "select", value("parent"), choices=parents),
        FieldFace("description", t.gettext("Description"), "textarea", value("description"), rows=3),
        FieldFace("rss_url", t.gettext("The section's own feed of articles"), "url", value("rss_url")),
        FieldFace(
            "slug",
            t.gettext("Address"),
            value=value("slug"),
            hint=t.gettext("Lower-case letters, digits and hyphens. Old addresses keep leading here."),
        ),
    ]
    if row is not None:
        fields.append(FieldFace("position", t.gettext("Place in the order"), "number", value("position")))
        version = row.version if error is None else text("version") or row.version
        fields.append(FieldFace("version", "", "hidden", version))
    return here.form(
        row.name if row else t.gettext("New section"),
        fields,
        action=here.path("sections", row.slug if row else "new"),
        button=t.gettext("Save") if row else t.gettext("Create the section"),
        error=error,
        current="sections",
        back=LinkFace(t.gettext("Sections"), here.path("sections")),
    )
