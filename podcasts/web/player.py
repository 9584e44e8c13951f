# SPDX-License-Identifier: AGPL-3.0-or-later
"""The player's extras: one module in each language, fetched with the first sign of a person.

The script is static/player/extras.js; its panel's markup, style and sentences come inside the same answer.
"""

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, render_template, request

from podcasts.errors import NotFoundError
from podcasts.i18n import LANGUAGES, translator
from podcasts.web.routes import access

if TYPE_CHECKING:
    from podcasts.web.assets import Assets

blueprint = Blueprint("player", __name__)

FOR_EVER = "public, max-age=31536000, immutable"
LOADER_CACHE = "public, max-age=3600"
"""Its address never changes: an hour is how long an article may run an old one."""

_HASH_LENGTH = 12


def extras_path(language: str) -> str:
    """Give the path of the extras in a language; it changes with their bytes."""
    return f"/player/{language}-{_digest(_module(language))}.js"


@blueprint.get("/player/<language>-<digest>.js")
@access("public")
def extras(language: str, digest: str) -> Response:
    """Give the module. A frame in a sandbox has no origin, hence CORS."""
    if language not in LANGUAGES:
        raise NotFoundError
    body = _module(language)
    if digest != _digest(body):
        raise NotFoundError
    response = Response(body, mimetype="text/javascript", status=HTTPStatus.OK)
    response.set_etag(digest)
    response.headers["Cache-Control"] = FOR_EVER
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.make_conditional(request)
    return response


@blueprint.get("/embed.js")
@access("public")
def loader() -> Response:
    """Give the script that articles elsewhere load; it is MIT, because it runs inside their pages."""
    assets = cast("Assets", current_app.extensions["griot_assets"])
    response = Response(assets.source("player/loader.js"), mimetype="text/javascript")
    response.headers["Cache-Control"] = LOADER_CACHE
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


def _module(language: str) -> bytes:
    """Join the script and its words; made once for each language."""
    made: dict[str, bytes] = current_app.extensions.setdefault("griot_extras", {})
    if language not in made:
        t = translator(language)
        markup = render_template("player/more.html", _=t.gettext, ngettext=t.ngettext)
        assets: Assets = cast("Assets", current_app.extensions["griot_assets"])
        script = assets.source("extras.js")
        given = {
            "markup": " ".join(markup.split()),
            "style": assets.source("more.css").decode(),
            "words": {
                "lost": t.gettext("The line is gone. Trying again…"),
                "skipped": t.gettext("This sound could not be loaded; the next one follows."),
                "copied": t.gettext("Link copied; it begins at %(at)s.", at="%s"),
            },
        }
        tail = f"const GIVEN={json.dumps(given)};export const equip=(player)=>equipPlayer(player,GIVEN);"
        made[language] = script + b"\n" + tail.encode()
    return made[language]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:_HASH_LENGTH]
