# SPDX-License-Identifier: AGPL-3.0-or-later
"""Offline: the service worker, the page of what a listener's browser keeps, and the site as an application.

What is kept, and how, is the browser's business (static/offline); nothing here knows who keeps what.
"""

import hashlib
import json
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, request

from podcasts.i18n import LANGUAGES
from podcasts.services import queries
from podcasts.web.faces import Head
from podcasts.web.pages import PAGE_CACHE, page_response, site_face, site_face_of, visit, with_query
from podcasts.web.player import extras_path
from podcasts.web.routes import access
from podcasts.web.stay import stay_path

if TYPE_CHECKING:
    from podcasts.web.assets import Assets

blueprint = Blueprint("offline", __name__)

PAPER = "#f6f6f2"
SHORT_NAME_LETTERS = 12
"""More does not fit under the icon of a home screen (W3C Web Application Manifest, ``short_name``)."""

ICONS = (
    ("icons/icon-192.png", "192x192", "any"),
    ("icons/icon-512.png", "512x512", "any"),
    ("icons/maskable-512.png", "512x512", "maskable"),
    ("sign.svg", "any", "any"),
)


@blueprint.get("/service-worker.js")
@access("public")
def service_worker() -> Response:
    """Give the worker of this version of the site; browsers ask for it again by themselves (W3C Service Workers)."""
    assets = cast("Assets", current_app.extensions["griot_assets"])
    given = {"version": _version(assets), "pages": [f"/offline?lang={language}" for language in LANGUAGES]}
    body = f"const GRIOT={json.dumps(given)};\n".encode() + assets.source("worker.js")
    response = Response(body, mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/offline")
@access("public")
def kept() -> Response:
    """Show the page that a script fills with what this browser keeps."""
    here = visit()
    with here.griot.database.reading() as session:
        face = site_face(session, here)
    head = Head(title=here.t.gettext("Kept for offline"), noindex=True)
    return page_response("listen/offline.html", here, face, head, None)


@blueprint.get("/manifest.webmanifest")
@access("public")
def manifest() -> Response:
    """Describe the site as an application that can be installed (W3C Web Application Manifest)."""
    here = visit()
    assets = cast("Assets", current_app.extensions["griot_assets"])
    with here.griot.database.reading() as session:
        face = site_face_of(here, queries.site(session))
    home, language = here.links.path_of(here.links.home()), here.t.language
    document = {
        "id": home,
        "name": face.title,
        "short_name": face.title if len(face.title) <= SHORT_NAME_LETTERS else face.title.split()[0],
        **({"description": face.description} if face.description else {}),
        "lang": language,
        "dir": here.t.direction,
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "theme_color": PAPER,
        "background_color": PAPER,
        "categories": ["news", "music"],
        "icons": [
            {
                "src": assets.url(name),
                "sizes": sizes,
                "type": "image/svg+xml" if name.endswith(".svg") else "image/png",
                "purpose": purpose,
            }
            for name, sizes, purpose in ICONS
        ],
        "shortcuts": [
            {
                "name": here.t.gettext("Kept for offline"),
                "url": with_query(here.links.path_of(here.links.offline()), lang=language),
            }
        ],
    }
    response = Response(json.dumps(document, ensure_ascii=False), content_type="application/manifest+json")
    response.headers["Cache-Control"] = PAGE_CACHE
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


def _version(assets: "Assets") -> str:
    """Name the shell: it changes with every asset and with the player's words."""
    parts = [
        assets.digest(),
        *(path(language) for path in (extras_path, stay_path) for language in LANGUAGES),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
