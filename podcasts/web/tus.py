# SPDX-License-Identifier: AGPL-3.0-or-later
"""tus 1.0.0: uploads in pieces over HTTP, for scripts under /api/v1/uploads and for the studio under /studio/uploads.

Extensions: creation, creation-with-upload, checksum, expiration, termination (https://tus.io/protocols/resumable-upload).
"""

import base64
import binascii
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

from apiflask import APIBlueprint
from flask import Blueprint, Response, current_app, json, request
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import UnsupportedMediaType
from werkzeug.http import http_date
from wtforms import ValidationError

from podcasts.bootstrap import Griot, waker
from podcasts.errors import ConflictError, GriotError, InvalidError, TooLargeError
from podcasts.models import Episode, Upload
from podcasts.services import resumable
from podcasts.services.multipart import drain
from podcasts.services.parts import CHECKSUMS, Piece, Sender, Senders, parse_checksum, take_piece
from podcasts.services.resumable import Place
from podcasts.web.auth import required_actor
from podcasts.web.errors import answer
from podcasts.web.routes import access

# Described by hand: tus speaks in headers.
api_blueprint = APIBlueprint("tus", __name__, url_prefix="/api/v1/uploads", enable_openapi=False)
studio_blueprint = APIBlueprint("studio_tus", __name__, url_prefix="/studio/uploads", enable_openapi=False)

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,checksum,expiration,termination"
PIECE_MIME = "application/offset+octet-stream"
LINE_SECONDS = 60
"""How long a sender may be silent before what has come is put away."""

_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_KEY = re.compile(r"[!-+\--~]{1,100}", re.ASCII)
_PAIRS_AT_MOST = 20
_TARGETS = ("show", "episode")


class PieceWantedError(UnsupportedMediaType):
    """What came is not called a piece."""

    wanted = PIECE_MIME


def options() -> Response:
    """Say what is spoken here (OPTIONS)."""
    response = Response(status=HTTPStatus.NO_CONTENT)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(_griot().settings.max_upload_bytes)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(CHECKSUMS)
    return response


def options_of_one(upload_id: str) -> Response:
    """Say what is spoken here, whatever the upload (OPTIONS)."""
    del upload_id
    return options()


def create() -> Response:
    """Begin an upload, with its first piece where one comes along (POST)."""
    _require_version()
    griot, actor = _griot(), required_actor()
    words = _metadata()
    with_piece = request.mimetype == PIECE_MIME
    upload = resumable.create_upload(
        _place(),
        actor,
        griot.clock.now(),
        size_bytes=_number("Upload-Length"),
        limit_bytes=griot.settings.max_upload_bytes,
        file_name=words.get("filename", words.get("name", "")),
        **{name: words.get(name) or None for name in _TARGETS},
    )
    if with_piece:
        upload = _receive(upload.id, offset=0)
    response = _standing(upload, HTTPStatus.CREATED)
    location = f"{request.path.rstrip('/')}/{upload.id}"
    # A browser goes on where it is; a script may have come by another way than it goes on.
    response.headers["Location"] = location if _in_studio() else f"{griot.links.base}{location}"
    return response


def other(upload_id: str) -> Response:
    """Do what X-HTTP-Method-Override says, for senders whose proxy knows only POST."""
    method = request.headers.get("X-HTTP-Method-Override", "").upper()
    views: dict[str, Callable[[str], Response]] = {"PATCH": patch, "DELETE": delete, "HEAD": head}
    if method not in views:
        raise InvalidError("upload-header", header="X-HTTP-Method-Override")
    return views[method](upload_id)


def head(upload_id: str) -> Response:
    """Say how far an upload is, and what became of it (HEAD). One that a crash left whole is finished first."""
    _require_version()
    # Found before anybody's line is ended: a stranger ends nobody's.
    _find(upload_id)
    _senders().end_silent(upload_id)
    upload = _find(upload_id)
    if upload.offset_bytes == upload.size_bytes and upload.audio_id is None:
        with _senders().alone(upload_id, None):
            upload = _finished(upload_id)
    response = _standing(upload, HTTPStatus.OK)
    response.headers["Upload-Length"] = str(upload.size_bytes)
    if upload.file_name:
        name = base64.b64encode(upload.file_name.encode()).decode("ascii")
        response.headers["Upload-Metadata"] = f"filename {name}"
    response.headers["Cache-Control"] = "no-store"
    return response


def patch(upload_id: str) -> Response:
    """Take a piece (PATCH). The one that completes the upload answers with what became of it."""
    _require_version()
    if request.mimetype != PIECE_MIME:
        raise PieceWantedError
    return _standing(_receive(upload_id, offset=_number("Upload-Offset")), HTTPStatus.NO_CONTENT)


def delete(upload_id: str) -> Response:
    """Forget an upload (DELETE)."""
    _require_version()
    griot, actor = _griot(), required_actor()
    with griot.database.reading() as session:
        resumable.find_upload(session, actor, griot.clock.now(), upload_id)
    with _senders().alone(upload_id, None):
        resumable.terminate(_place(), actor, griot.clock.now(), upload_id=upload_id)
    return Response(status=HTTPStatus.NO_CONTENT)


@studio_blueprint.get("")
@access("producer")
def unfinished() -> Response:
    """List the signed-in person's uploads that have not come to their end."""
    griot, actor = _griot(), required_actor()
    with griot.database.reading() as session:
        found = resumable.unfinished(session, actor, griot.clock.now())
    items = [
        {
            "id": upload.id,
            "file_name": upload.file_name,
            "size_bytes": upload.size_bytes,
            "offset_bytes": upload.offset_bytes,
            "expires_at": upload.expires_at.isoformat(),
            "location": griot.links.studio("uploads", upload.id),
        }
        for upload in found
    ]
    response = Response(json.dumps({"items": items}), mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _receive(upload_id: str, *, offset: int) -> Upload:
    """Take the piece that comes, and finish the upload when it was the last one."""
    griot, actor = _griot(), required_actor()
    # Read before anybody is turned away: a sender hears nothing while it still sends.
    checksum = parse_checksum(request.headers.get("Upload-Checksum"))
    connection: socket.socket | None = request.environ.get("gunicorn.socket")
    with griot.database.reading() as session:
        resumable.find_upload(session, actor, griot.clock.now(), upload_id)
    with _senders().alone(upload_id, connection) as sender:
        upload = _find(upload_id)
        if offset != upload.offset_bytes:
            raise ConflictError("upload-offset")
        if offset < upload.size_bytes:
            _take(upload, sender, checksum)
        return _finished(upload_id)


def _take(upload: Upload, sender: Sender, checksum: tuple[str, bytes] | None) -> None:
    griot, place = _griot(), _place()
    if upload.temporary is None:
        raise ConflictError("upload-offset")
    path = place.storage.temporary(upload.temporary)
    piece = Piece(upload.offset_bytes, upload.size_bytes, request.content_length, checksum)
    request.max_content_length = griot.settings.max_upload_bytes
    with _patient(sender.connection):
        reached = take_piece(
            request.environ["wsgi.input"],
            path,
            piece,
            lambda at: resumable.acknowledge(griot.database, upload.id, at),
            sender,
        )
    resumable.look_early(place, upload, reached, griot.clock.now())


def _finished(upload_id: str) -> Upload:
    """Load an upload, finished where its last byte is there; the caller is alone at it."""
    griot, actor = _griot(), required_actor()
    upload = _find(upload_id)
    if upload.offset_bytes < upload.size_bytes:
        return upload
    return resumable.complete(_place(), actor, griot.clock.now(), upload_id=upload_id)


@contextmanager
def _patient(connection: socket.socket | None) -> Iterator[None]:
    """Wait for a sender, but not for ever: a phone may be gone without saying so."""
    if connection is None:
        yield
        return
    before = connection.gettimeout()
    connection.settimeout(LINE_SECONDS)
    try:
        yield
    finally:
        connection.settimeout(before)


def _find(upload_id: str) -> Upload:
    griot, actor = _griot(), required_actor()
    with griot.database.reading() as session:
        upload = resumable.find_upload(session, actor, griot.clock.now(), upload_id)
    resumable.require_going_on(upload)
    return upload


def _standing(upload: Upload, status: HTTPStatus) -> Response:
    """Answer with how far an upload is and, at its end, with what became of it."""
    griot = _griot()
    response = Response(status=status)
    response.headers["Upload-Offset"] = str(upload.offset_bytes)
    response.headers["Upload-Expires"] = http_date(upload.expires_at)
    if upload.audio_id is not None:
        response.headers["Griot-Audio"] = griot.links.path_of(griot.links.api("audio", upload.audio_id))
        if upload.episode_id is not None:
            response.headers["Griot-Episode"] = griot.links.path_of(
                griot.links.api("episodes", upload.episode_id)
            )
            if _in_studio():
                response.headers["Griot-Location"] = _form_of(griot, upload)
    return response


def _in_studio() -> bool:
    return request.blueprint == studio_blueprint.name


def _form_of(griot: Griot, upload: Upload) -> str:
    """Name the form of the episode; one that is online and kept its sound is offered the change there."""
    with griot.database.reading() as session:
        kept = session.get_one(Episode, upload.episode_id).audio_id != upload.audio_id
    path = griot.links.path_of(griot.links.studio("episodes", upload.episode_id or ""))
    return f"{path}?sound={upload.audio_id}" if kept else path


def _check_csrf() -> None:
    """Ask a browser for its token, which it sends as a header: the body is no form.

    Raises:
        InvalidError: "csrf".
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    try:
        validate_csrf(request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise InvalidError("csrf") from None


def _require_version() -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise InvalidError("upload-version")


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not _NUMBER.fullmatch(text):
        raise InvalidError("upload-header", header=header)
    return int(text)


def _metadata() -> dict[str, str]:
    """Read Upload-Metadata: pairs of a key and a value in base64, separated by commas.

    Raises:
        InvalidError: "upload-header".
    """
    header = request.headers.get("Upload-Metadata", "").strip()
    found: dict[str, str] = {}
    pairs = header.split(",") if header else []
    for pair in pairs[: _PAIRS_AT_MOST + 1]:
        key, _, text = pair.strip().partition(" ")
        try:
            value = base64.b64decode(text.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise InvalidError("upload-header", header="Upload-Metadata") from None
        if not _KEY.fullmatch(key) or key in found or len(pairs) > _PAIRS_AT_MOST or "\x00" in value:
            raise InvalidError("upload-header", header="Upload-Metadata")
        found[key] = value
    return found


def _speak(response: Response) -> Response:
    """Every answer says which version is spoken."""
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == HTTPStatus.PRECONDITION_FAILED:
        response.headers["Tus-Version"] = VERSION
    return response


def _refuse(error: GriotError) -> Response:
    """Answer with an error; read a little of what still comes, so that the sender hears it."""
    if isinstance(error, TooLargeError | ConflictError | InvalidError):
        drain(request.environ["wsgi.input"])
    return answer(error)


def _place() -> Place:
    griot = _griot()
    return Place(griot.database, griot.storage, waker(griot))


def _senders() -> Senders:
    found: Senders = current_app.extensions["griot_senders"]
    return found


def _griot() -> Griot:
    griot: Griot = current_app.extensions["griot"]
    return griot


def _mount(blueprint: Blueprint) -> None:
    """Give a blueprint the routes of the protocol."""
    public, producer = access("public"), access("producer")
    blueprint.add_url_rule(
        "", "options", public(options), methods=["OPTIONS"], provide_automatic_options=False
    )
    blueprint.add_url_rule(
        "/<upload_id>",
        "options_of_one",
        public(options_of_one),
        methods=["OPTIONS"],
        provide_automatic_options=False,
    )
    blueprint.add_url_rule("", "create", producer(create), methods=["POST"], provide_automatic_options=False)
    for method, view in (("HEAD", head), ("PATCH", patch), ("DELETE", delete), ("POST", other)):
        blueprint.add_url_rule(
            "/<upload_id>",
            method.lower(),
            producer(view),
            methods=[method],
            provide_automatic_options=False,
        )
    blueprint.after_request(_speak)
    blueprint.register_error_handler(GriotError, _refuse)


for each in (api_blueprint, studio_blueprint):
    _mount(each)
studio_blueprint.before_request(_check_csrf)
