# SPDX-License-Identifier: AGPL-3.0-or-later
"""Health: whether the process lives, and whether everything it needs does."""

import logging
from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, current_app, json
from sqlalchemy import func, select

from podcasts.bootstrap import Griot
from podcasts.migrating import require_current
from podcasts.models import WorkerBeat
from podcasts.web.routes import access

blueprint = Blueprint("health", __name__)

BEAT_AT_MOST = timedelta(seconds=60)
log = logging.getLogger(__name__)


@blueprint.get("/healthz")
@access("public")
def healthz() -> Response:
    """Say that this process answers; it asks nothing and nobody."""
    return _plain("ok\n", 200)


@blueprint.get("/readyz")
@access("public")
def readyz() -> Response:
    """Say, part by part, whether Griot can do its work; 503 where one part cannot."""
    griot: Griot = current_app.extensions["griot"]
    parts = {
        "database": _works("database", lambda: require_current(griot.database.engine)),
        "storage": _works("storage", griot.storage.check),
        "queue": _works("queue", griot.queue.pending_count),
        "worker": _works("worker", lambda: _require_worker(griot)),
    }
    ready = all(parts.values())
    document = {"ready": ready, "parts": {name: "ok" if works else "failed" for name, works in parts.items()}}
    response = Response(json.dumps(document), 200 if ready else 503, mimetype="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


def _require_worker(griot: Griot) -> None:
    with griot.database.reading() as session:
        beat = session.scalar(select(func.max(WorkerBeat.beat_at)))
    if beat is None or griot.clock.now() - beat > BEAT_AT_MOST:
        raise LookupError("no worker has given a sign of life")


def _works(name: str, check: Callable[[], object]) -> bool:
    try:
        check()
    except Exception as reason:  # noqa: BLE001 - whatever it is, this part does not work
        log.warning("not ready: %s: %s", name, reason)
        return False
    return True


def _plain(text: str, status: int) -> Response:
    response = Response(text, status, mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
