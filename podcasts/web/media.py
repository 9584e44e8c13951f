# SPDX-License-Identifier: AGPL-3.0-or-later
"""Media: sound by byte ranges, pictures, waveforms and chapters, under public keys.

The database is asked once and let go before the first byte flows; what was heard goes to the listening journal
when the connection ends.
"""

import hashlib
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from podcasts.audio.transcripts import WRITERS, write_html
from podcasts.bootstrap import Griot
from podcasts.errors import NotFoundError
from podcasts.links import ARTWORK_NAMES
from podcasts.models import Artwork, Chapter
from podcasts.services import clips, queries, transcripts
from podcasts.services.journal import GET, HEAD, Journal, Listening
from podcasts.services.queries import Sound
from podcasts.web.routes import access
from podcasts.web.sharing import preflight, share
from podcasts.web.streams import (
    BLOCK_BYTES,
    CountedBody,
    FileBlocks,
    SentFile,
)

blueprint = Blueprint("media", __name__)

SOUND_CACHE = "public, max-age=300"
"""Short: an episode may be withdrawn."""

PICTURE_CACHE = "public, max-age=31536000, immutable"
"""For ever: a new picture has a new address (RFC 8246)."""

CHAPTERS_MIME = "application/json+chapters"
TRANSCRIPT_MIMES = {
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "json": "application/json",
    "html": "text/html; charset=utf-8",
}
PEAKS_VERSION = 1
CHAPTERS_VERSION = "1.2.0"
SOURCES = frozenset({"page", "embed", "feed", "download", "article", "studio"})

_NOT_FOR_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_FILE_NAME_LETTERS = 100

log = logging.getLogger(__name__)


@blueprint.route("/media/<key>/peaks.json", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/media/<key>/chapters.json", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/media/<key>/transcript.<form>", methods=["OPTIONS"], provide_automatic_options=False)
@blueprint.route("/media/<key>/<name>", methods=["OPTIONS"], provide_automatic_options=False)
@access("public")
def media_options(**_place: str) -> Response:
    """Tell other people's players that they may ask for ranges."""
    return preflight()


@blueprint.get("/media/<key>/peaks.json", provide_automatic_options=False)
@access("public")
def peaks(key: str) -> Response:
    """Give the waveform: {version, duration_seconds, data: about 400 numbers of 0 to 255}."""
    griot: Griot = current_app.extensions["griot"]
    with griot.database.reading() as session:
        audio = queries.find_peaks(session, key, griot.clock.now())
    if audio.peaks is None or audio.duration_ms is None:
        raise NotFoundError
    document = {
        "version": PEAKS_VERSION,
        "duration_seconds": audio.duration_ms / 1000,
        "data": audio.peaks,
    }
    return _json(document, "application/json")


@blueprint.get("/media/<key>/chapters.json", provide_automatic_options=False)
@access("public")
def chapters(key: str) -> Response:
    """Give the chapters (JSON Chapters Format 1.2.0 of the podcast namespace)."""
    griot: Griot = current_app.extensions["griot"]
    with griot.database.reading() as session:
        sound = queries.find_sound(session, key, griot.clock.now())
        found = queries.chapters_of(session, sound.episode_id) if sound.episode_id else []
    if not found:
        raise NotFoundError
    entries = [
        {
            "startTime": chapter.start_ms / 1000,
            "title": chapter.title,
            **({"url": chapter.url} if chapter.url else {}),
            **({"img": image} if (image := _chapter_image(griot, chapter)) else {}),
        }
        for chapter in found
    ]
    return _json({"version": CHAPTERS_VERSION, "chapters": entries}, CHAPTERS_MIME)


def _chapter_image(griot: Griot, chapter: Chapter) -> str | None:
    """Name a chapter's picture: our own goes before one that stands elsewhere."""
    if chapter.artwork is not None:
        return griot.links.artwork(chapter.artwork.public_key)
    return chapter.image_url


@blueprint.get("/media/<key>/transcript.<form>", provide_automatic_options=False)
@access("public")
def transcript(key: str, form: str) -> Response:
    """Give the words in one of four forms; ``?language=`` where there are several."""
    griot: Griot = current_app.extensions["griot"]
    language = request.args.get("language")
    with griot.database.reading() as session:
        sound = queries.find_sound(session, key, griot.clock.now())
        if sound.episode_id is None:
            raise NotFoundError
        found = transcripts.public_transcript(session, sound.episode_id, language)
    segments = transcripts.segments_of(found)
    if form not in transcripts.forms_of(segments):
        raise NotFoundError
    written = (
        write_html(segments, found.language, found.language) if form == "html" else WRITERS[form](segments)
    )
    response = _conditional(written.encode(), TRANSCRIPT_MIMES[form])
    response.headers["Content-Language"] = found.language
    if form == "html":
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors *"
    return response


@blueprint.get("/media/<key>/<name>", provide_automatic_options=False)
@access("public")
def media(key: str, name: str) -> Response:
    """Give a picture or sound; of a sound's name only the extension matters."""
    griot: Griot = current_app.extensions["griot"]
    if name in ARTWORK_NAMES.values():
        return _picture(griot, key, name)
    now = griot.clock.now()
    with griot.database.reading() as session:
        sound = _sound_or_clip(session, key, now)
    if not name.endswith(f".{sound.rendition.extension}"):
        raise NotFoundError
    return sound_response(griot, sound, name, _Listener.of_request(griot, now))


def _sound_or_clip(session: Session, key: str, now: datetime) -> Sound:
    """Find sound under a public key; a clip is asked for only where no episode is found."""
    try:
        return queries.find_sound(session, key, now)
    except NotFoundError:
        return clips.clip_sound(session, key, now)


@dataclass(frozen=True)
class _Listener:
    """Who asked, and from where, kept for the end of the answer when the request is gone."""

    at: datetime
    event: str
    source: str
    listener: str

    @classmethod
    def of_request(cls, griot: Griot, now: datetime) -> "_Listener":
        name = journal_in(griot.settings.journal_folder).listener(
            now, request.remote_addr or "", request.user_agent.string
        )
        return cls(now, HEAD if request.method == "HEAD" else GET, _source(griot.links.base), name)


def sound_response(griot: Griot, sound: Sound, name: str, listener: _Listener | None) -> Response:
    """Answer with sound: whole or a range, by this process or by nginx.

    Args:
        griot: what runs.
        sound: what was asked for.
        name: a file name for people.
        listener: None where listening is not counted.

    Raises:
        NotFoundError: its file is not in the store.
    """
    rendition = sound.rendition
    if griot.settings.sendfile == "x-accel" and griot.storage.local_path(rendition.storage_key):
        response = Response(mimetype=rendition.mime)
        response.headers["X-Accel-Redirect"] = f"/_media/{rendition.storage_key}"
    else:
        file = _opened(griot, rendition.storage_key)
        response = _file_response(
            file, rendition.size_bytes, rendition.mime, etag=sound.sha256, changed_at=rendition.created_at
        )
    response.headers["Content-Disposition"] = f'inline; filename="{_file_name(name)}"'
    response.headers["Cache-Control"] = SOUND_CACHE
    if listener is not None:
        _write_down_at_end(griot, response, sound, listener)
    return share(response)


def file_response(file: BinaryIO, mime: str) -> Response:
    """Answer with a file that nobody may keep, by ranges like everything else; nothing of it is counted."""
    size_bytes = file.seek(0, SEEK_END)
    file.seek(0)
    return _ranged(Response(FileBlocks(file), mimetype=mime, direct_passthrough=True), size_bytes)


@cache
def journal_in(folder: Path) -> Journal:
    """Get the one journal of this process in a folder: its day's key is read once."""
    return Journal(folder)


def _opened(griot: Griot, storage_key: str) -> BinaryIO:
    try:
        return griot.storage.open(storage_key)
    except NotFoundError:
        log.exception("A file that a row names is not in the store: %s", storage_key)
        raise


def _file_response(
    file: BinaryIO, size_bytes: int, mime: str, *, etag: str, changed_at: datetime
) -> Response:
    """Answer with a file, whole or in part, sent by the kernel where it can be."""
    response = Response(FileBlocks(file), mimetype=mime, direct_passthrough=True)
    response.set_etag(etag)
    response.last_modified = changed_at
    response = _ranged(response, size_bytes)
    _hand_to_the_kernel(response, file)
    return response


def _ranged(response: Response, size_bytes: int) -> Response:
    """Let Werkzeug read Range, If-Range and the other conditions; a range beyond the end is answered by 416."""
    response.content_length = size_bytes
    environ = request.environ
    if request.method == "HEAD" or not _asks_one_range():
        # A range is defined for GET alone, and one that cannot be read is passed over (RFC 9110 section 14.2).
        environ = {name: value for name, value in environ.items() if name != "HTTP_RANGE"}
    try:
        response.make_conditional(environ, accept_ranges=True, complete_length=size_bytes)
    except RequestedRangeNotSatisfiable:
        response.close()
        return _beyond_the_end(size_bytes)
    return response


def _hand_to_the_kernel(response: Response, file: BinaryIO) -> None:
    """Let the server send the file by itself where it can: no block passes through Python."""
    wrapper = request.environ.get("wsgi.file_wrapper")
    if not isinstance(wrapper, type) or request.method != "GET" or response.status_code not in {200, 206}:
        return
    first = _answered_range(response)[0] or 0
    response.response = wrapper(SentFile(file, first), BLOCK_BYTES)


def _asks_one_range() -> bool:
    return request.range is not None and request.range.units == "bytes" and len(request.range.ranges) == 1


def _beyond_the_end(size_bytes: int) -> Response:
    response = Response(status=416)
    response.headers["Content-Range"] = f"bytes */{size_bytes}"
    response.headers["Accept-Ranges"] = "bytes"
    return response


def _write_down_at_end(griot: Griot, response: Response, sound: Sound, listener: _Listener) -> None:
    """Let the end of the body append what was really sent to the journal."""
    journal, clock = journal_in(griot.settings.journal_folder), griot.clock
    by_other_server = "X-Accel-Redirect" in response.headers
    first, last = _asked_range() if by_other_server else _answered_range(response)
    status = response.status_code

    def ended(sent_bytes: int) -> None:
        journal.append(
            Listening(
                at=listener.at,
                event=listener.event,
                media_key=sound.media_key,
                episode_id=sound.episode_id,
                rendition=sound.rendition.name,
                status=status,
                range_start=first,
                range_end=last,
                sent_bytes=None if by_other_server else sent_bytes,
                source=listener.source,
                listener=listener.listener,
            ),
            clock.now(),
        )

    _watch(response, ended)


def _watch(response: Response, ended: Callable[[int], None]) -> None:
    response.direct_passthrough = True
    sent = getattr(response.response, "filelike", None)
    if isinstance(sent, SentFile):
        sent.ended = ended
    else:
        response.response = CountedBody(response.response, ended)


def _answered_range(response: Response) -> tuple[int | None, int | None]:
    part = response.content_range
    if response.status_code != 206 or part.start is None or part.stop is None:  # noqa: PLR2004 - Partial Content
        return None, None
    return part.start, part.stop - 1


def _asked_range() -> tuple[int | None, int | None]:
    if request.range is None or len(request.range.ranges) != 1:
        return None, None
    first, end = request.range.ranges[0]
    return (first, None if end is None else end - 1) if first >= 0 else (None, None)


def _source(base: str) -> str:
    """Tell where the sound was asked from: as the address says (?source=), else the page that played it."""
    said = request.args.get("source", "")
    if said in SOURCES:
        return said
    referrer = request.referrer or ""
    if referrer != base and not referrer.startswith(f"{base}/"):
        return ""
    inside = urlsplit(referrer).path.removeprefix(urlsplit(base).path)
    return "embed" if inside.startswith("/embed/") else "page"


def _file_name(name: str) -> str:
    return _NOT_FOR_FILE_NAMES.sub("-", name)[-_FILE_NAME_LETTERS:].lstrip(".-") or "sound"


def _picture(griot: Griot, key: str, name: str) -> Response:
    with griot.database.reading() as session:
        artwork = queries.find_artwork(session, key)
    storage_key = _picture_key(artwork, name)
    mime = "image/jpeg" if name.endswith(".jpg") else "image/webp"
    file = _opened(griot, storage_key)
    response = _file_response(
        file, griot.storage.size(storage_key), mime, etag=f"{key}-{name}", changed_at=artwork.created_at
    )
    response.headers["Cache-Control"] = PICTURE_CACHE
    return share(response)


def _picture_key(artwork: Artwork, name: str) -> str:
    keys = {
        ARTWORK_NAMES["feed"]: artwork.feed_key,
        ARTWORK_NAMES["page"]: artwork.page_key,
        ARTWORK_NAMES["small"]: artwork.small_key,
        ARTWORK_NAMES["thumb"]: artwork.thumb_key,
    }
    return keys[name]


def _json(document: dict[str, Any], mime: str) -> Response:
    return _conditional(json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(), mime)


def _conditional(body: bytes, mime: str) -> Response:
    response = Response(body, content_type=mime)
    response.set_etag(hashlib.sha256(body).hexdigest())
    response.headers["Cache-Control"] = SOUND_CACHE
    response.make_conditional(request)
    return share(response)
