# SPDX-License-Identifier: AGPL-3.0-or-later
"""Errors, turned once into what the caller reads: a page, or problem+json (RFC 9457) under /api/."""

import errno
import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from apiflask.exceptions import _ValidationError
from flask import Flask, Response, json, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from gunicorn.http.errors import ParseException
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from podcasts.db import RETRY_AFTER_SECONDS, is_busy
from podcasts.errors import (
    BusyError,
    ChecksumError,
    ConflictError,
    DatabaseVersionError,
    DiskFullError,
    FetchError,
    GoneError,
    GriotError,
    InvalidError,
    LockedError,
    NotFoundError,
    NotSignedInError,
    Problem,
    StaleError,
    TooLargeError,
    TooManyRequestsError,
    UnusableMediaError,
)
from podcasts.i18n import Translator, choose_language, error_text, problem_text, translator
from podcasts.services.multipart import drain
from podcasts.web.faces import ErrorFace, Head, LinkFace, SiteFace
from podcasts.web.pages import site_face, visit

PROBLEM_MIME = "application/problem+json"
JSON_PATHS = ("/api/", "/oembed", "/studio/uploads")
LOGGED_FROM = 500
REFUSED_FROM = 300
"""A stranger who sends a file is led to the log-in: a redirect is a refusal too."""

STATUSES: dict[type[GriotError], int] = {
    NotFoundError: 404,
    NotSignedInError: 401,
    InvalidError: 422,
    ConflictError: 409,
    GoneError: 410,
    LockedError: 423,
    ChecksumError: 460,
    StaleError: 412,
    TooLargeError: 413,
    UnusableMediaError: 415,
    DiskFullError: 507,
    TooManyRequestsError: 429,
    BusyError: 503,
    DatabaseVersionError: 503,
    FetchError: 502,
}
CODES_OF_THEIR_OWN = {
    # A request that cannot even be read, and pictures that are pictures but not fit.
    "malformed": 400,
    "upload-broken-off": 400,
    "upload-header": 400,
    "upload-version": 412,
    "csrf": 400,
    "image-too-large": 422,
    "image-too-heavy": 413,
    "image-too-small": 422,
    "precondition-required": 428,
}
_HTTP_CODES = {
    400: "malformed",
    401: "not-signed-in",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    429: "too-many-requests",
}

log = logging.getLogger(__name__)


def handle_errors(app: Flask) -> None:
    """Let every error become an answer, once."""
    app.register_error_handler(GriotError, answer)
    app.register_error_handler(CSRFError, lambda _: answer(InvalidError("csrf")))
    app.register_error_handler(StaleDataError, lambda _: answer(StaleError()))
    app.register_error_handler(_ValidationError, _not_the_shape)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(OSError, _system_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ParseException, _torn_body)
    app.register_error_handler(Exception, _unforeseen)
    app.after_request(_hear_out)


def status_of(error: GriotError) -> int:
    """Tell the HTTP status of an error."""
    if error.code in CODES_OF_THEIR_OWN:
        return CODES_OF_THEIR_OWN[error.code]
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 500)


def answer(error: GriotError) -> Response:
    """Answer with an error: a page for people, problem+json for programs, the way to /login for strangers."""
    if isinstance(error, NotSignedInError) and not _wants_json():
        return _to_login()
    status = status_of(error)
    t = _speaking()
    response = (
        _problem(error, status, t) if _wants_json() else _page(error.code, status, error_text(t, error))
    )
    retry_after = error.facts.get("retry_after_seconds")
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _hear_out(response: Response) -> Response:
    """Read a little of a body that was refused unread, or its sender may never hear why.

    Only where the server ends the body itself (``wsgi.input_terminated``): elsewhere one read too many waits
    for ever.
    """
    environ = request.environ
    has_body = bool(request.content_length) or "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if response.status_code >= REFUSED_FROM and has_body and environ.get("wsgi.input_terminated"):
        drain(environ["wsgi.input"])
    return response


def _http_error(error: HTTPException) -> Response:
    """Answer what Flask and Werkzeug raise themselves."""
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        return answer(TooLargeError(limit_bytes=request.max_content_length or 0))
    if status < 400:  # noqa: PLR2004 - a redirect that a library raised
        return Response(error.get_body(), status, error.get_headers())
    code = _HTTP_CODES.get(status, "internal" if status >= LOGGED_FROM else "malformed")
    wanted = getattr(error, "wanted", "application/json")
    named, t = GriotError(code, wanted=wanted), _speaking()
    text = error_text(t, named)
    response = _problem(named, status, t) if _wants_json() else _page(code, status, text)
    for name, value in error.get_headers():
        if name not in {"Content-Type", "Content-Length"}:
            response.headers[name] = value
    return response


def _torn_body(_error: ParseException) -> Response:
    """Answer a sender whose chunks are none (RFC 9112 section 7.1); nobody knows where its next request begins."""
    response = answer(InvalidError("malformed"))
    response.headers["Connection"] = "close"
    return response


def _not_the_shape(error: _ValidationError) -> Response:
    """Answer a body that is not of the shape that the schema says."""
    cause = error.__cause__
    faults = (
        cause.errors(include_url=False, include_input=False) if isinstance(cause, ValidationError) else []
    )
    problems = tuple(_shape_problem(fault) for fault in faults)
    return answer(InvalidError(problems=problems))


def _shape_problem(fault: ErrorDetails) -> Problem:
    field = ".".join(str(part) for part in fault["loc"])
    if fault["type"] == "extra_forbidden":
        return Problem(field, "unknown-field")
    if fault["type"] == "missing":
        return Problem(field, "required")
    return Problem(field, "wrong-type", {"wanted": fault["msg"]})


def _database_error(error: OperationalError) -> Response:
    if is_busy(error):
        return answer(BusyError(retry_after_seconds=RETRY_AFTER_SECONDS))
    return _unforeseen(error)


def _system_error(error: OSError) -> Response:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return answer(DiskFullError())
    return _unforeseen(error)


def _unforeseen(error: Exception) -> Response:
    """Write down what nobody foresaw; its text never reaches the caller."""
    log.error("%s %s", request.method, request.path, exc_info=error)
    t = _speaking()
    named = GriotError("internal")
    return _problem(named, 500, t) if _wants_json() else _page(named.code, 500, error_text(t, named))


def _problem(error: GriotError, status: int, t: Translator) -> Response:
    """Write problem details; one entry for each field at fault, as a JSON pointer's words with dots."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _phrase(status),
        "status": status,
        "detail": error_text(t, error),
        "code": error.code,
    }
    document["errors"] = [
        {"field": problem.field, "detail": problem_text(t, problem), "code": problem.code}
        for problem in error.problems
    ]
    response = Response(json.dumps(document), status, mimetype=PROBLEM_MIME)
    response.headers["Content-Language"] = t.language
    return response


def _page(code: str, status: int, text: str) -> Response:
    here = visit()
    title = _title(status, here.t)
    try:
        with here.griot.database.reading() as session:
            site = site_face(session, here)
    except Exception:  # noqa: BLE001 - the database may be what is broken, and the page must say so
        site = _bare_site(here.t)
    steps = (LinkFace(here.t.gettext("Try again"), request.path),) if status in {429, 503} else ()
    error = ErrorFace(status, title, text, code, steps)
    body = render_template("errors/error.html", site=site, head=Head(title, noindex=True), error=error)
    response = Response(body, status, mimetype="text/html")
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = here.t.language
    response.vary.add("Accept-Language")
    return response


def _title(status: int, t: Translator) -> str:
    titles = {
        400: t.gettext("This did not work"),
        401: t.gettext("Sign in"),
        404: t.gettext("Nothing here"),
        405: t.gettext("Nothing here"),
        409: t.gettext("Not in this state"),
        412: t.gettext("Changed in the meantime"),
        413: t.gettext("Too large"),
        415: t.gettext("Not a file we can use"),
        422: t.gettext("Please look again"),
        429: t.gettext("Too many tries"),
        503: t.gettext("Back in a moment"),
        507: t.gettext("The disk is full"),
    }
    return titles.get(status, t.gettext("Something broke"))


def _bare_site(t: Translator) -> SiteFace:
    links = visit().links
    return SiteFace("Griot", links.path_of(links.home()), "", t.language, t.direction)


def _to_login() -> Response:
    """Lead a stranger to the log-in, and back to where he wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else "/studio/"
    found = redirect(f"/login?next={quote(wanted, safe='/')}", 302)
    return Response(found.get_data(), 302, found.headers)


def _phrase(status: int) -> str:
    """Name a status; tus brings one of its own that HTTP does not know."""
    return "Checksum Mismatch" if status == STATUSES[ChecksumError] else HTTPStatus(status).phrase


def _wants_json() -> bool:
    return request.path.startswith(JSON_PATHS)


def _speaking() -> Translator:
    """Choose the language: programs that ask for none get English."""
    if _wants_json():
        return translator(choose_language(None, request.headers.get("Accept-Language"), "en"))
    return visit().t
