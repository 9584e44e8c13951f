# SPDX-License-Identifier: AGPL-3.0-or-later
"""The frame of the studio: what every page for producers has in common: rail, forms, faults, answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, redirect, render_template, request
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import GriotError, InvalidError, Problem, StaleError
from podcasts.i18n import Translator, error_text, problem_text
from podcasts.models import ADMIN, EDITOR
from podcasts.services import queries
from podcasts.services.actors import Actor
from podcasts.services.workbench import Listing
from podcasts.web.auth import required_actor
from podcasts.web.errors import status_of
from podcasts.web.faces import Head, LinkFace
from podcasts.web.pages import Visit, site_face_of, visit

PER_PAGE = 30


@dataclass(frozen=True)
class FieldFace:
    """One field of a form.

    Attributes:
        name: as it is sent.
        label: what is asked.
        kind: text, email, url, number, datetime-local, textarea, select, checkbox, checks, hidden or file.
        value: what stands in it; for "checks" the names of those that are ticked.
        hint: the consequence of what one writes.
        error: what is wrong with it, or "".
        choices: (value, label) of select and checks.
        rows: of a textarea.
    """

    name: str
    label: str
    kind: str = "text"
    value: Any = ""
    hint: str = ""
    error: str = ""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    rows: int = 6


@dataclass(frozen=True)
class StatusFace:
    """A status as a word with a dot."""

    kind: str
    word: str


@dataclass(frozen=True)
class Desk:
    """One request for a page of the studio.

    Attributes:
        here: language, links, clock.
        actor: who works.
    """

    here: Visit
    actor: Actor

    @property
    def griot(self) -> Griot:
        """What this runs on."""
        return self.here.griot

    @property
    def t(self) -> Translator:
        """The page's language."""
        return self.here.t

    def path(self, *parts: str) -> str:
        """Give the path of a page of the studio."""
        return self.here.links.path_of(self.here.links.studio(*parts))

    def page(
        self, template: str, title: str, *, status: int = 200, current: str = "", **values: object
    ) -> Response:
        """Answer with a page."""
        with self.griot.database.reading() as session:
            site = site_face_of(self.here, queries.site(session))
        body = render_template(
            f"studio/{template}",
            site=replace(site, studio_url=None, offline_url=None, manifest_url=None),
            head=Head(title, noindex=True),
            desk=self,
            rail=self._rail(current),
            title=title,
            **values,
        )
        response = Response(body, status, mimetype="text/html")
        response.headers["Content-Language"] = self.t.language
        return response

    def form(
        self,
        title: str,
        fields: Sequence[FieldFace],
        *,
        action: str,
        button: str,
        error: GriotError | None = None,
        beside: GriotError | None = None,
        current: str = "",
        lead: str = "",
        back: LinkFace | None = None,
        template: str = "form.html",
        **values: object,
    ) -> Response:
        """Answer with a form: what was typed stays, every fault stands beside its field and is summed at the top.

        Args:
            title: of the page.
            fields: of the form.
            action: where it is sent.
            button: its verb.
            error: what is wrong with what was typed.
            beside: what is wrong with another form of the page, which says it itself.
            current: the place in the rail.
            lead: a sentence below the title.
            back: where one came from.
            template: one that builds on ``form.html`` or does as it does.
            values: more for the template.
        """
        fault = error or beside
        faults = self.faults(error, [one.name for one in fields])
        shown = [replace(one, error=faults.pop(one.name, "")) for one in fields]
        summary = [
            LinkFace(self.t.gettext("%(field)s: %(fault)s", field=one.label, fault=one.error), f"#{one.name}")
            for one in shown
            if one.error
        ]
        summary += [LinkFace(words, f"#{name}") for name, words in faults.items()]
        return self.page(
            template,
            title,
            status=status_of(fault) if fault else 200,
            current=current,
            lead=lead,
            fields=shown,
            summary=summary,
            general=error_text(self.t, error) if error and not summary else "",
            action=action,
            button=button,
            back=back,
            **values,
        )

    def faults(self, error: GriotError | None, fields: Sequence[str] = ()) -> dict[str, str]:
        """List what is wrong by field.

        A fault inside a thing counts for its part where that is among ``fields`` (``rule.limit`` for
        ``rule_limit``), else for the whole (``articles.0.url`` for ``articles``).
        """
        found: dict[str, str] = {}
        for problem in error.problems if error else ():
            part, whole = problem.field.replace(".", "_"), problem.field.partition(".")[0]
            found.setdefault(part if part in fields else whole, problem_text(self.t, problem))
        return found

    def sentence(self, error: GriotError | None) -> str:
        """Say in one sentence what is wrong; "" for nothing."""
        if error is None:
            return ""
        return next(iter(self.faults(error).values()), error_text(self.t, error))

    def go(self, *parts: str, said: str = "", place: str = "") -> Response:
        """Lead to a page of the studio after a change.

        Args:
            parts: of its path.
            said: a word for its notice.
            place: the id of what gets the focus, so that who works by keyboard stays where he was.
        """
        target = self.path(*parts) + (f"?said={said}" if said else "") + (f"#{place}" if place else "")
        found = redirect(target, 303)
        return Response(found.get_data(), 303, found.headers)

    def _rail(self, current: str) -> tuple[LinkFace, ...]:
        """List the places of the studio; a phone's bar shows the first four and the last, which leads on."""
        t = self.t
        entries = [
            ("", t.gettext("Start")),
            ("episodes", t.gettext("Episodes")),
            ("playlists", t.gettext("Playlists")),
            ("shows", t.gettext("Shows")),
            ("articles", t.gettext("Articles")),
        ]
        if self.actor.role in {ADMIN, EDITOR}:
            entries.append(("sections", t.gettext("Sections")))
        entries.append(("settings", t.gettext("Settings")))
        return tuple(
            LinkFace(name, self.path(place) if place else self.path(), current=place == current)
            for place, name in entries
        )


def desk() -> Desk:
    """Begin to answer a request for a page of the studio."""
    return Desk(visit(), required_actor())


def text(name: str) -> str:
    """Read a text field; "" where it was not sent."""
    return request.form.get(name, "")


def given(
    flags: Sequence[str] = (), numbers: Sequence[str] = (), texts: Sequence[str] = ()
) -> dict[str, Any]:
    """Read a form into the values that a service takes.

    A box that is not ticked is not sent by browsers: every flag named here counts as given.

    Raises:
        InvalidError: a number that is none.
    """
    found: dict[str, Any] = {name: request.form[name] for name in texts if name in request.form}
    found |= {name: name in request.form for name in flags}
    problems = []
    for name in numbers:
        word = text(name).strip()
        if word and not (word.isascii() and word.isdecimal() and len(word) <= 9):  # noqa: PLR2004 - digits of the largest
            problems.append(Problem(name, "out-of-range", {"smallest": 1, "largest": 1_000_000}))
        found[name] = int(word) if word and not problems else None
    if problems:
        raise InvalidError(problems=tuple(problems))
    return found


def seen_version() -> int | None:
    """Read which version of the thing the form was made from.

    Raises:
        StaleError: it names none.
    """
    word = text("version")
    if not word:
        return None
    if not (word.isascii() and word.isdecimal() and len(word) <= 9):  # noqa: PLR2004 - digits of the largest
        raise StaleError
    return int(word)


def asked_page() -> int:
    """Read ``?page=``; nonsense is the first."""
    word = request.args.get("page", "1")
    return int(word) if word.isascii() and word.isdecimal() and int(word[:6]) >= 1 and len(word) < 7 else 1  # noqa: PLR2004 - digits of the largest


def more_url(listing: Listing[Any], **asked: str) -> str:
    """Give the address of the next page of a list, with what was asked for; "" after the last."""
    if listing.page * listing.per_page >= listing.total:
        return ""
    kept = {name: value for name, value in asked.items() if value}
    return f"?{urlencode({**kept, 'page': listing.page + 1})}"


def section_choices(session: Session) -> tuple[tuple[str, str], ...]:
    """List the sections to choose from: slug and name."""
    return tuple((section.slug, section.name) for section in queries.listed_sections(session))


def audio_words(t: Translator, step: str | None) -> str:
    """Say what is being done with an audio."""
    words: Mapping[str | None, str] = {
        "tags": t.gettext("Reading the tags…"),
        "decode": t.gettext("Listening to the sound…"),
        "loudness": t.gettext("Measuring the loudness…"),
        "cover": t.gettext("Making the cover…"),
        "normal": t.gettext("Making the version for apps…"),
        "light": t.gettext("Making the light version…"),
        "light-opus": t.gettext("Making the lightest version…"),
    }
    return words.get(step, t.gettext("Waiting to be read…"))


def step_words(t: Translator, step: str) -> str:
    """Name a step of an audio's processing."""
    words: Mapping[str, str] = {
        "tags": t.gettext("Tags"),
        "decode": t.gettext("Length and waveform"),
        "loudness": t.gettext("Loudness"),
        "cover": t.gettext("Cover"),
        "normal": t.gettext("Version for apps"),
        "light": t.gettext("Light version (MP3)"),
        "light-opus": t.gettext("Lightest version (Opus)"),
    }
    return words.get(step, step)


def status_face(t: Translator, status: str) -> StatusFace:
    """Say a status."""
    faces = {
        "draft": StatusFace("draft", t.gettext("Draft")),
        "scheduled": StatusFace("scheduled", t.gettext("Scheduled")),
        "published": StatusFace("live", t.gettext("Online")),
        "withdrawn": StatusFace("withdrawn", t.gettext("Withdrawn")),
        "processing": StatusFace("working", t.gettext("Being read")),
        "failed": StatusFace("failed", t.gettext("Failed")),
    }
    return faces[status]
