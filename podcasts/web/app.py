# SPDX-License-Identifier: AGPL-3.0-or-later
"""The site as a WSGI application: a short list of named steps."""

import logging
from importlib.metadata import version
from typing import Any

from apiflask import APIFlask
from flask import Response, abort, g, request
from flask.json.provider import DefaultJSONProvider
from flask_compress import Compress
from flask_wtf import CSRFProtect

from podcasts import paths
from podcasts.bootstrap import Griot, build
from podcasts.i18n import Translator
from podcasts.migrating import require_current
from podcasts.services.parts import Senders
from podcasts.settings import load_settings
from podcasts.units import MEGABYTE
from podcasts.web import auth, embed, feeds, health, listen, lookup, media, oembed, offline, player, stay, tus
from podcasts.web.api import openapi
from podcasts.web.api.resources import blueprint as api
from podcasts.web.api.sound import blueprint as sound_api
from podcasts.web.api.words import blueprint as words_api
from podcasts.web.assets import Assets
from podcasts.web.errors import handle_errors
from podcasts.web.limits import Limits
from podcasts.web.pages import visit
from podcasts.web.routes import access, routes_table
from podcasts.web.security import TrustedProxies, add_security_headers
from podcasts.web.studio import (
    episodes,
    house,
    newsroom,
    pictures,
    playlists,
    shows,
    sound,
    uploads,
    wordpress,
    words,
)
from podcasts.web.wording import install_words

BLUEPRINTS = (
    auth.blueprint,
    health.blueprint,
    listen.blueprint,
    player.blueprint,
    stay.blueprint,
    offline.blueprint,
    feeds.blueprint,
    media.blueprint,
    embed.blueprint,
    oembed.blueprint,
    lookup.blueprint,
    api,
    sound_api,
    words_api,
    tus.api_blueprint,
    tus.studio_blueprint,
    episodes.blueprint,
    house.blueprint,
    newsroom.blueprint,
    playlists.blueprint,
    shows.blueprint,
    sound.blueprint,
    uploads.blueprint,
    words.blueprint,
    wordpress.blueprint,
)

FORM_BYTES = 2 * MEGABYTE
"""Largest ordinary form; uploads are streamed by views of their own, with a limit of their own."""

STATIC_CACHE = "public, max-age=31536000, immutable"
COVER_CACHE = "public, max-age=86400"
PAGE_MIMES = [
    *("text/html", "text/css", "text/javascript", "application/json", "image/svg+xml", "text/xml"),
    "application/manifest+json",
]


def create_app(griot: Griot | None = None) -> APIFlask:
    """Make the application. It opens no database and starts no worker.

    Args:
        griot: what it stands on; None builds it from the settings of this process.

    Raises:
        SettingsError: a setting cannot be used.
    """
    griot = griot or build(load_settings())
    app = _bare_app()
    app.extensions["griot"] = griot
    app.extensions["griot_limits"] = Limits()
    app.extensions["griot_senders"] = Senders()
    _configure(app, griot)
    _prepare_templates(app)
    _serve_static(app)
    handle_errors(app)
    _require_current_database(app, griot)
    auth.guard(app)
    app.before_request(pictures.allow_picture)
    csrf = CSRFProtect(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # Tokens, never cookies: nobody's browser can be made to call these.
    csrf.exempt(lookup.blueprint)
    csrf.exempt(api)
    csrf.exempt(sound_api)
    csrf.exempt(words_api)
    csrf.exempt(tus.api_blueprint)
    # Its bodies are larger than any form: it asks for the token in a header, by itself.
    csrf.exempt(tus.studio_blueprint)
    # It streams: the token stands in the form before the file, and the view checks it there.
    csrf.exempt(uploads.upload)
    app.spec_processor(openapi.complete)
    add_security_headers(app, https=griot.links.base.startswith("https://"))
    Compress(app)
    # A view that says nothing about who may call it must not get as far as a first request.
    routes_table(app)
    app.wsgi_app = TrustedProxies(app.wsgi_app, griot.settings.trusted_proxies)  # type: ignore[method-assign]  # as Flask's documentation does it
    return app


def _bare_app() -> APIFlask:
    """Make the application without pages of documentation, which would load scripts from elsewhere."""
    return APIFlask(
        "podcasts.web",
        title="Griot",
        version=version("griot"),
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        json_errors=False,
        static_folder=None,  # type: ignore[arg-type]  # Flask takes None: nothing is served by itself
        template_folder=str(paths.templates_folder()),
    )


class _Json(DefaultJSONProvider):
    """JSON as programs send it: nested beyond reason it cannot be read, and is no error of ours."""

    ensure_ascii = False
    sort_keys = False

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - JSON is anything
        """Read JSON (RFC 8259).

        Raises:
            ValueError: it is none, or nested too deeply, or holds NaN.
        """
        try:
            return super().loads(s, parse_constant=_refuse, **kwargs)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _refuse(name: str) -> None:
    raise ValueError(name)


def _configure(app: APIFlask, griot: Griot) -> None:
    https = griot.links.base.startswith("https://")
    app.config.update(
        SECRET_KEY=griot.secret_key,
        # Under https with the prefix that no neighbour's host can write (RFC 6265bis).
        SESSION_COOKIE_NAME="__Host-griot-forms" if https else "griot-forms",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        # A form may lie open for a morning; the token dies with the session.
        WTF_CSRF_TIME_LIMIT=None,
        # The token decides; a Referer may be missing for good reasons.
        WTF_CSRF_SSL_STRICT=False,
        COMPRESS_MIMETYPES=PAGE_MIMES,
        COMPRESS_STREAMS=False,
    )
    app.json = _Json(app)
    logging.getLogger("podcasts").setLevel(logging.INFO)


def _prepare_templates(app: APIFlask) -> None:
    assets = Assets.load(paths.static_folder())
    app.extensions["griot_assets"] = assets
    app.jinja_env.globals["assets"] = assets
    app.jinja_env.globals["extras_path"] = player.extras_path
    app.jinja_env.globals["stay_path"] = stay.stay_path
    install_words(app.jinja_env, _speaking)


def _speaking() -> Translator:
    if "translator" not in g:
        g.translator = visit().t
    found: Translator = g.translator
    return found


def _serve_static(app: APIFlask) -> None:
    """Serve style sheets, scripts and signs under names that hold their hash; and the cover of those without."""
    assets: Assets = app.extensions["griot_assets"]

    @app.get("/static/<path:name>")
    @access("public")
    def static(name: str) -> Response:
        found = assets.body(name)
        if found is None:
            abort(404)
        body, mime = found
        return _conditional(Response(body, mimetype=None, content_type=mime), STATIC_CACHE)

    cover = (paths.static_folder() / "cover.png").read_bytes()

    @app.get("/static/cover.png")
    @access("public")
    def default_cover() -> Response:
        response = _conditional(Response(cover, mimetype="image/png"), COVER_CACHE)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response


def _conditional(response: Response, cache: str) -> Response:
    response.headers["Cache-Control"] = cache
    response.add_etag()
    response.make_conditional(request)
    return response


def _require_current_database(app: APIFlask, griot: Griot) -> None:
    """Answer 503 until the database has the shape that this code wants; asked until it has, then never again."""
    current: set[str] = set()

    @app.before_request
    def require() -> None:
        if current or request.endpoint in {None, "static", "health.healthz", "health.readyz"}:
            return
        require_current(griot.database.engine)
        current.add("yes")
