# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: uploading sound, which becomes a draft; and how far its reading is."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, json, redirect, request
from flask_wtf.csrf import validate_csrf
from sqlalchemy.orm import Session
from wtforms import ValidationError

from podcasts.bootstrap import waker
from podcasts.errors import ConflictError, GriotError, InvalidError, NotFoundError
from podcasts.i18n import error_text
from podcasts.models import Episode
from podcasts.models.job import RUNNING
from podcasts.services import publishing, workbench
from podcasts.services.jobs import ENDED
from podcasts.services.multipart import receive_file
from podcasts.services.queries import Sound
from podcasts.services.uploads import store_upload
from podcasts.web.errors import status_of
from podcasts.web.faces import LinkFace
from podcasts.web.media import sound_response
from podcasts.web.routes import access
from podcasts.web.studio.frame import Desk, audio_words, desk, step_words

blueprint = Blueprint("studio_uploads", __name__, url_prefix="/studio")

OVERHEAD_BYTES = 1_000_000
MANY = 200


@blueprint.get("/upload")
@access("producer")
def upload_form() -> Response:
    """Ask for a file and its show, or for the new sound of an episode."""
    return _form(desk(), request.args)


@blueprint.post("/upload")
@access("producer")
def upload() -> Response:
    """Take a file as it comes; it becomes a draft, or the new sound of an episode."""
    here = desk()
    request.max_content_length = here.griot.settings.max_upload_bytes + OVERHEAD_BYTES
    fields: dict[str, str] = {}

    def check(found: Mapping[str, str]) -> None:
        """Before the first byte of the file: the form is ours, and its target is the producer's."""
        fields.update(found)
        _check_csrf(found.get("csrf_token", ""))
        _check_target(here, found)

    try:
        received = receive_file(
            request.environ["wsgi.input"],
            here.griot.storage,
            content_type=request.headers.get("Content-Type"),
            content_length=request.content_length,
            limit_bytes=here.griot.settings.max_upload_bytes,
            check_fields=check,
        )
        now = here.griot.clock.now()
        stored = store_upload(
            here.griot.database,
            here.griot.storage,
            waker(here.griot),
            here.actor,
            now,
            received=received,
        )
        target = _place(here, fields, stored.audio_id)
    except GriotError as error:
        return _refused(here, fields, error)
    if _wants_json():
        return Response(json.dumps({"location": target}), 201, mimetype="application/json")
    found = redirect(target, 303)
    return Response(found.get_data(), 303, found.headers)


@blueprint.get("/audio/<audio_id>/state")
@access("producer")
def state(audio_id: str) -> Response:
    """Tell how far the reading of an audio is: {status, words, error, done, total, steps}."""
    here = desk()
    with here.griot.database.reading() as session:
        audio = workbench.audio(session, here.actor, audio_id)
        steps = workbench.steps_of(session, audio.id)
    running = next((step for step in steps if step.status == RUNNING), None)
    ended = sum(step.status in ENDED for step in steps)
    words = audio_words(here.t, running.name if running else None)
    if running is not None:
        words = f"{words} {min(ended + 1, len(steps))}/{len(steps)}"
    document = {
        "status": audio.status,
        "words": words,
        "error": _sentence(here, audio.error_code, audio.error_facts),
        "done": ended,
        "total": len(steps),
        "steps": [
            {
                "name": step.name,
                "words": step_words(here.t, step.name),
                "status": step.status,
                "error": _sentence(here, step.error_code, step.error_facts),
            }
            for step in steps
        ],
    }
    return Response(json.dumps(document), mimetype="application/json")


def _sentence(here: Desk, code: str | None, facts: dict[str, Any]) -> str:
    return error_text(here.t, GriotError(code, **facts)) if code else ""


@blueprint.get("/audio/<audio_id>/file")
@access("producer")
def file(audio_id: str) -> Response:
    """Let producers hear what is not public yet, by ranges like everything else; nothing of it is counted."""
    here = desk()
    with here.griot.database.reading() as session:
        audio = workbench.audio(session, here.actor, audio_id)
        rendition = workbench.rendition_of(session, audio.id)
    if rendition is None:
        raise NotFoundError
    sound = Sound(audio.id, None, rendition, audio.sha256)
    response = sound_response(here.griot, sound, f"{audio.id}.{rendition.extension}", None)
    response.headers["Cache-Control"] = "private, no-store"
    for name in ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"):
        response.headers.pop(name, None)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _form(here: Desk, target: Mapping[str, str], error: GriotError | None = None) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        listing = workbench.shows(session, here.actor, per_page=MANY)
        episode = _episode_of(here, session, target.get("episode", ""))
    return here.page(
        "upload.html",
        t.gettext("Upload"),
        status=status_of(error) if error else 200,
        current="episodes",
        shows=[(row.slug, row.title) for row in listing.rows],
        chosen=target.get("show", ""),
        episode=(episode.id, episode.title) if episode else None,
        fault=here.sentence(error),
        action=here.path("upload"),
        new_show=LinkFace(t.gettext("Create your first show"), here.path("shows", "new")),
        limit_words=t.size(here.griot.settings.max_upload_bytes),
        limit_bytes=here.griot.settings.max_upload_bytes,
    )


def _episode_of(here: Desk, session: Session, episode_id: str) -> Episode | None:
    """Find the episode that a file is for; None where it is for a new one, or not the producer's."""
    try:
        return workbench.episode(session, here.actor, episode_id) if episode_id else None
    except NotFoundError:
        return None


def _place(here: Desk, fields: Mapping[str, str], audio_id: str) -> str:
    """Give the audio to the episode that asked for it, or to a new draft; the path of its form.

    An episode that is online keeps its sound until the new one has been read: its form offers the change.
    """
    now, given = here.griot.clock.now(), {"audio_id": audio_id}
    episode_id = fields.get("episode", "")
    if not episode_id:
        with here.griot.database.writing() as session:
            made = publishing.create_episode(
                session, here.actor, now, show=fields.get("show", ""), given=given
            )
        return here.path("episodes", made.id)
    try:
        with here.griot.database.writing() as session:
            publishing.edit_episode(session, here.actor, now, episode=episode_id, given=given)
    except ConflictError:
        return f"{here.path('episodes', episode_id)}?sound={audio_id}"
    return here.path("episodes", episode_id)


def _check_csrf(token: str) -> None:
    try:
        validate_csrf(token)
    except ValidationError:
        raise InvalidError("csrf") from None


def _check_target(here: Desk, fields: Mapping[str, str]) -> None:
    with here.griot.database.reading() as session:
        if fields.get("episode"):
            workbench.episode(session, here.actor, fields["episode"])
        else:
            workbench.show(session, here.actor, fields.get("show", ""))


def _refused(here: Desk, fields: Mapping[str, str], error: GriotError) -> Response:
    if _wants_json():
        document = {"error": here.sentence(error), "code": error.code}
        return Response(json.dumps(document), status_of(error), mimetype="application/json")
    return _form(here, fields or request.args, error)


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"
