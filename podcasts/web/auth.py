# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing in: set-up of the first account, log-in, log-out; and who calls, for every other view.

A signed-in browser holds one random cookie of ours, whose hash is a row. Flask's own session carries only the
CSRF token of the forms; pages for listeners touch neither.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template, request, session

from podcasts.bootstrap import Griot
from podcasts.errors import ConflictError, GriotError, InvalidError, NotFoundError, NotSignedInError
from podcasts.i18n import error_text, problem_text
from podcasts.services import accounts
from podcasts.services.actors import Actor
from podcasts.web import limits
from podcasts.web.errors import status_of
from podcasts.web.faces import Head, SiteFace
from podcasts.web.pages import site_face, visit, with_query
from podcasts.web.routes import PUBLIC, ROLES_OF, access, access_of

blueprint = Blueprint("auth", __name__)

API = "/api/"
STUDIO = "/studio/"
_OUR_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", re.ASCII)
_LONGEST_NEXT = 1_000


def guard(app: Flask) -> None:
    """Let nobody into a view that is not for him: default deny, by the table of routes."""

    @app.before_request
    def enter() -> None:
        if request.endpoint is None:
            return
        level = access_of(app, request.endpoint)
        if level == PUBLIC:
            return
        actor = required_actor()
        if level is None or actor.role not in ROLES_OF[level]:
            raise NotFoundError


def current_actor() -> Actor | None:
    """Tell who calls: by token under /api/, by cookie elsewhere; None for a stranger. At most one query."""
    if "actor" not in g:
        g.actor = _actor_by_token() if request.path.startswith(API) else _actor_by_cookie()
    found: Actor | None = g.actor
    return found


def required_actor() -> Actor:
    """Tell who calls.

    Raises:
        NotSignedInError: a stranger, or a token that is not valid ("bad-token").
        TooManyRequestsError: too many calls.
    """
    actor = current_actor()
    if actor is None:
        raise NotSignedInError
    return actor


@blueprint.get("/setup")
@access("public")
def setup_form() -> Response:
    """Show the form of the first account to whoever holds the one-time link."""
    secret = request.args.get("token", "")
    griot = _griot()
    with griot.database.reading() as reading:
        if accounts.has_users(reading):
            raise NotFoundError
        if not accounts.setup_is_open(reading, griot.clock.now(), secret):
            raise ConflictError("setup-over")
    return _form("auth/setup.html", secret=secret)


@blueprint.post("/setup")
@access("public")
def set_up() -> Response:
    """Make the first account and sign it in."""
    limits.take(limits.SETUP_OF_ADDRESS, "setup", request.remote_addr or "")
    griot, form = _griot(), request.form
    secret, email, password = form.get("token", ""), form.get("email", ""), form.get("password", "")
    try:
        password_hash = accounts.hash_password(password)
        with griot.database.writing() as writing:
            accounts.set_up(
                writing,
                griot.clock.now(),
                secret=secret,
                email=email,
                password_hash=password_hash,
                name=form.get("name", ""),
            )
    except InvalidError as error:
        return _form("auth/setup.html", error, secret=secret, email=email, name=form.get("name", ""))
    return _enter(email, password, STUDIO)


@blueprint.get("/login")
@access("public")
def login_form() -> Response:
    """Show the log-in; whoever is signed in goes on."""
    wanted = safe_next(request.args.get("next"))
    if current_actor() is not None:
        return _go(wanted)
    return _form("auth/login.html", wanted=wanted)


@blueprint.post("/login")
@access("public")
def log_in() -> Response:
    """Sign in; so many tries for each account and each address."""
    email, wanted = request.form.get("email", ""), safe_next(request.form.get("next"))
    account = email.strip().lower()[:255]
    limits.take(limits.LOGIN_OF_ADDRESS, "login", request.remote_addr or "")
    # Counted before the password is compared: a hundred tries at once are a hundred tries.
    limits.take(limits.LOGIN_OF_ACCOUNT, "login", account)
    try:
        response = _enter(email, request.form.get("password", ""), wanted)
    except InvalidError as error:
        return _form("auth/login.html", error, email=email, wanted=wanted)
    limits.forgive(limits.LOGIN_OF_ACCOUNT, "login", account)
    return response


@blueprint.post("/logout")
@access("public")
def log_out() -> Response:
    """End the session here and on the server."""
    griot = _griot()
    secret = request.cookies.get(cookie_name(griot), "")
    if secret:
        with griot.database.writing() as writing:
            accounts.sign_out(writing, griot.clock.now(), secret=secret)
    session.clear()
    response = _go("/login")
    response.delete_cookie(cookie_name(griot), secure=_https(griot), httponly=True, samesite="Lax")
    return response


def safe_next(wanted: str | None) -> str:
    """Let through only a path of our own; anything else leads to the studio.

    Two slashes, a backslash, a scheme, spaces and control characters would lead somewhere else.
    """
    if wanted is None or len(wanted) > _LONGEST_NEXT or not _OUR_PATH.fullmatch(wanted):
        return STUDIO
    parts = urlsplit(wanted)
    return STUDIO if parts.scheme or parts.netloc or wanted.startswith(("/login", "/logout")) else wanted


def cookie_name(griot: Griot) -> str:
    """Name the cookie; under https with the prefix that no other host or path can write (RFC 6265bis)."""
    return "__Host-griot" if _https(griot) else "griot"


def _enter(email: str, password: str, wanted: str) -> Response:
    griot = _griot()
    signed_in = accounts.sign_in(griot.database, griot.clock.now(), email=email, password=password)
    # Nothing of the stranger's session goes along.
    session.clear()
    response = _go(wanted)
    response.set_cookie(
        cookie_name(griot),
        signed_in.secret,
        max_age=int(accounts.SESSION_LENGTH.total_seconds()),
        secure=_https(griot),
        httponly=True,
        samesite="Lax",
    )
    return response


def _actor_by_cookie() -> Actor | None:
    griot = _griot()
    secret = request.cookies.get(cookie_name(griot), "")
    if not secret:
        return None
    with griot.database.reading() as reading:
        user = accounts.user_of_session(reading, griot.clock.now(), secret)
    return Actor("user", user.id, user.role) if user else None


def _actor_by_token() -> Actor | None:
    """Read Authorization: Bearer (RFC 6750 section 2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if not scheme:
        return None
    actor = None
    if scheme.lower() == "bearer" and token.strip():
        with _griot().database.reading() as reading:
            actor = accounts.actor_of_token(reading, token.strip())
    if actor is None:
        # Only bad tokens are counted: a newsroom behind one address does not suffer from one forgotten script.
        limits.take(limits.CALLS_OF_ADDRESS, "bad-token", request.remote_addr or "")
        raise NotSignedInError("bad-token")
    limits.take(limits.CALLS_OF_TOKEN, "token", actor.token_id or "")
    return actor


def _form(template: str, error: GriotError | None = None, **shown: str) -> Response:
    """Show a form, with what was typed and what is wrong with it; passwords are never shown again."""
    here = visit()
    faults = {problem.field: problem_text(here.t, problem) for problem in error.problems} if error else {}
    general = error_text(here.t, error) if error and not faults else ""
    with here.griot.database.reading() as reading:
        site = _keeping(site_face(reading, here, menu=False), shown)
    head = Head(here.t.gettext("Sign in"), noindex=True)
    body = render_template(
        template,
        site=site,
        head=head,
        faults=faults,
        general=general,
        shown=shown,
        shortest=accounts.SHORTEST_PASSWORD,
    )
    return Response(body, status_of(error) if error else 200, mimetype="text/html")


def _keeping(site: SiteFace, shown: Mapping[str, str]) -> SiteFace:
    """Let the switch of languages keep the one-time secret and the way back."""
    kept = {"token": shown.get("secret", ""), "next": shown.get("wanted", "")}
    more = {name: value for name, value in kept.items() if value}
    languages = tuple(replace(each, url=with_query(each.url, **more)) for each in site.languages)
    return replace(site, languages=languages)


def _go(path: str) -> Response:
    found = redirect(path, 303)
    return Response(found.get_data(), 303, found.headers)


def _https(griot: Griot) -> bool:
    return griot.links.base.startswith("https://")


def _griot() -> Griot:
    griot: Griot = current_app.extensions["griot"]
    return griot
