# SPDX-License-Identifier: AGPL-3.0-or-later
"""The player's extras: one module in each language, fetched with the first sign of a person.

The scripts are static/player/extras.js and, for whoever opens it, panel.js; markup, style and sentences come inside.
"""

import hashlib
import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

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
_PANEL = "panel-"


def extras_path(language: str) -> str:
    """Give the path of the extras in a language; it changes with their bytes, and with those of the panel."""
    return _path(language, _extras(language))


def _path(name: str, body: bytes) -> str:
    return f"/player/{name}-{_digest(body)}.js"


@blueprint.get("/player/<name>-<digest>.js")
@access("public")
def extras(name: str, digest: str) -> Response:
    """Give the extras ("fr") or the panel ("panel-fr") in a language. A frame in a sandbox has no origin: CORS."""
    language = name.removeprefix(_PANEL)
    if language not in LANGUAGES:
        raise NotFoundError
    body = _panel(language) if name.startswith(_PANEL) else _extras(language)
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
    response = Response(_assets().source("player/loader.js"), mimetype="text/javascript")
    response.headers["Cache-Control"] = LOADER_CACHE
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.add_etag()
    response.make_conditional(request)
    return response


def _extras(language: str) -> bytes:
    t = translator(language)
    given = {
        "panel": _path(f"{_PANEL}{language}", _panel(language)),
        "style": _assets().source("more.css").decode(),
        "words": {
            "lost": t.gettext("The line is gone. Trying again…"),
            "unfetched": t.gettext(
                "This part could not be loaded. Check your connection, then open it again."
            ),
            "skipped": t.gettext("This sound could not be loaded; the next one follows."),
            "page": t.gettext("Page"),
            "left": t.gettext("%(time)s left", time="%s"),
            "played": t.gettext("played"),
            "now": t.gettext("now playing"),
            "tracks": t.gettext("Tracks found: %(count)s", count="%s"),
        },
    }
    return _module(language, "extras.js", given, "export const equip=(player)=>equipPlayer(player,GIVEN);")


def _panel(language: str) -> bytes:
    t = translator(language)
    markup = render_template("player/more.html", _=t.gettext, ngettext=t.ngettext)
    given = {
        "markup": " ".join(markup.split()),
        "style": _assets().source("panel.css").decode(),
        "words": {
            "copied": t.gettext("Copied."),
            "copy": t.gettext("Copy what is marked."),
            "fetching": t.gettext("Fetching the sound…"),
            "ready": t.gettext("The sound is ready. Press again to send it."),
            "hits": t.gettext("%(hit)s of %(hits)s", hit="%1", hits="%2"),
            "nowords": t.gettext("The transcript could not be loaded."),
        },
    }
    return _module(
        f"{_PANEL}{language}",
        "panel.js",
        given,
        "export const furnish=(player)=>furnishPlayer(player,GIVEN);",
    )


def _module(name: str, script: str, given: dict[str, Any], tail: str) -> bytes:
    """Join a script and its words; made once for each language."""
    made: dict[str, bytes] = current_app.extensions.setdefault("griot_extras", {})
    if name not in made:
        words = f"const GIVEN={json.dumps(given, ensure_ascii=False)};"
        made[name] = b"\n".join((_assets().source(script), words.encode(), tail.encode()))
    return made[name]


def _assets() -> "Assets":
    return cast("Assets", current_app.extensions["griot_assets"])


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:_HASH_LENGTH]
