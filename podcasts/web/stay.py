# SPDX-License-Identifier: AGPL-3.0-or-later
"""What goes on while a listener moves through the site: one module in each language, fetched with the first play.

The script is static/listen/stay.js; the markup of the queue and its sentences come inside the same answer.
"""

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, render_template, request

from podcasts.errors import NotFoundError
from podcasts.i18n import LANGUAGES, translator
from podcasts.web.player import FOR_EVER
from podcasts.web.routes import access

if TYPE_CHECKING:
    from podcasts.web.assets import Assets

blueprint = Blueprint("stay", __name__)

_HASH_LENGTH = 12


def stay_path(language: str) -> str:
    """Give the path of the module in a language; it changes with its bytes."""
    return f"/listen/{language}-{_digest(_module(language))}.js"


@blueprint.get("/listen/<language>-<digest>.js")
@access("public")
def module(language: str, digest: str) -> Response:
    """Give the module."""
    if language not in LANGUAGES:
        raise NotFoundError
    body = _module(language)
    if digest != _digest(body):
        raise NotFoundError
    response = Response(body, mimetype="text/javascript", status=HTTPStatus.OK)
    response.set_etag(digest)
    response.headers["Cache-Control"] = FOR_EVER
    response.make_conditional(request)
    return response


def _module(language: str) -> bytes:
    """Join the script and its words; made once for each language."""
    made: dict[str, bytes] = current_app.extensions.setdefault("griot_stay", {})
    if language not in made:
        t = translator(language)
        markup = render_template("listen/sheet.html", _=t.gettext, ngettext=t.ngettext)
        assets = cast("Assets", current_app.extensions["griot_assets"])
        given = {
            "markup": " ".join(markup.split()),
            "words": {
                "next": t.gettext("Plays next: %(title)s", title="%s"),
                "last": t.gettext("Added to the queue: %(title)s", title="%s"),
                "moved": t.gettext("%(title)s: place %(at)s of %(total)s", title="%1", at="%2", total="%3"),
            },
        }
        tail = f"const GIVEN={json.dumps(given)};export const begin=(player)=>beginStay(player,GIVEN);"
        made[language] = assets.source("stay.js") + b"\n" + tail.encode()
    return made[language]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:_HASH_LENGTH]
