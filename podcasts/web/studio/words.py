# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: chapters and transcripts of an episode."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from podcasts.audio.chapters import CHAPTERS_BYTES_AT_MOST, clock, parse_chapters, parse_clock
from podcasts.audio.transcripts import TRANSCRIPT_BYTES_AT_MOST, parse_transcript
from podcasts.bootstrap import waker
from podcasts.errors import ConflictError, GriotError, InvalidError, Problem, TooLargeError
from podcasts.models import Chapter, Episode, Transcript
from podcasts.models.episode import ACCEPTED, DRAFT
from podcasts.services import (
    chaptering,
    publishing,
    queries,
    transcribing,
    transcripts,
    workbench,
)
from podcasts.units import clock_text
from podcasts.web.errors import status_of
from podcasts.web.faces import LinkFace
from podcasts.web.routes import access
from podcasts.web.studio.frame import Desk, desk, text
from podcasts.web.studio.pictures import PICTURE_FAULTS, read_artwork

blueprint = Blueprint("studio_words", __name__, url_prefix="/studio")

EMPTY_ROWS = 3
SHOWN_SEGMENTS = 300
"""How many of a transcript stand on the page; the whole is one link away."""


@blueprint.get("/episodes/<episode_id>/words")
@access("producer")
def words(episode_id: str) -> Response:
    """Show chapters and transcripts."""
    here = desk()
    return _page(here, _load(here, episode_id))


@blueprint.post("/episodes/<episode_id>/words/chapters")
@access("producer")
def put_chapters(episode_id: str) -> Response:
    """Take the chapters as they stand in the form; a row without time and title is none."""
    here = desk()
    row = _load(here, episode_id)
    typed = _typed_rows()
    try:
        given = _given_chapters(typed)
        with here.griot.database.writing() as session:
            publishing.edit_episode(
                session, here.actor, here.griot.clock.now(), episode=row.id, given={"chapters": given}
            )
    except InvalidError as error:
        return _page(here, row, chapters_error=error, typed=typed)
    return here.go("episodes", row.id, "words", said="saved", place="chapters")


@blueprint.post("/episodes/<episode_id>/words/chapters/import")
@access("producer")
def import_chapters(episode_id: str) -> Response:
    """Take the chapters of a file, or of pasted lines, in place of those that are there."""
    here = desk()
    row = _load(here, episode_id)
    try:
        found = parse_chapters(_sent("file", "pasted", CHAPTERS_BYTES_AT_MOST))
        with here.griot.database.writing() as session:
            chaptering.take_chapters(
                session, here.actor, here.griot.clock.now(), episode=row.id, chapters=found
            )
    except (InvalidError, TooLargeError) as error:
        return _page(here, row, import_error=error)
    return here.go("episodes", row.id, "words", said="saved", place="chapters")


@blueprint.post("/episodes/<episode_id>/words/chapters/<chapter_id>/picture")
@access("producer")
def put_picture(episode_id: str, chapter_id: str) -> Response:
    """Give a chapter a picture of its own."""
    here = desk()
    row = _load(here, episode_id)
    now = here.griot.clock.now()
    try:
        artwork = read_artwork(here.griot.storage, now)
    except PICTURE_FAULTS as error:
        return _page(here, row, picture_error=error, picture_of=chapter_id)
    with here.griot.database.writing() as session:
        chaptering.set_chapter_artwork(
            session, here.actor, now, episode=row.id, chapter=chapter_id, artwork=artwork
        )
    return here.go("episodes", row.id, "words", said="saved", place="chapters")


@blueprint.post("/episodes/<episode_id>/words/transcript")
@access("producer")
def put_transcript(episode_id: str) -> Response:
    """Take a transcript from a file or from what was pasted."""
    here = desk()
    row = _load(here, episode_id)
    try:
        data = _sent("transcript", "transcript_text", TRANSCRIPT_BYTES_AT_MOST)
        parsed = parse_transcript(data)
        with here.griot.database.writing() as session:
            transcripts.put_transcript(
                session,
                here.actor,
                here.griot.clock.now(),
                episode=row.id,
                parsed=parsed,
                source=transcripts.source_text(data),
                language=text("language").strip() or None,
            )
    except (InvalidError, TooLargeError) as error:
        return _page(here, row, transcript_error=error)
    return here.go("episodes", row.id, "words", said="saved", place="transcripts")


@blueprint.post("/episodes/<episode_id>/words/transcript/accept")
@access("producer")
def accept(episode_id: str) -> Response:
    """Make a machine's draft the episode's transcript."""
    here = desk()
    with here.griot.database.writing() as session:
        transcripts.accept_transcript(
            session, here.actor, here.griot.clock.now(), episode=episode_id, language=text("language")
        )
    return here.go("episodes", episode_id, "words", said="saved", place="transcripts")


@blueprint.post("/episodes/<episode_id>/words/transcript/remove")
@access("producer")
def remove(episode_id: str) -> Response:
    """Take a transcript, or a draft of one, away."""
    here = desk()
    status = DRAFT if text("status") == DRAFT else ACCEPTED
    with here.griot.database.writing() as session:
        transcripts.remove_transcript(
            session,
            here.actor,
            here.griot.clock.now(),
            episode=episode_id,
            language=text("language"),
            status=status,
        )
    return here.go("episodes", episode_id, "words", said="saved", place="transcripts")


@blueprint.post("/episodes/<episode_id>/words/transcribe")
@access("producer")
def transcribe(episode_id: str) -> Response:
    """Have the newsroom's program write the sound down."""
    here = desk()
    row = _load(here, episode_id)
    try:
        with here.griot.database.writing() as session:
            transcribing.ask(
                session,
                here.actor,
                here.griot.clock.now(),
                command=here.griot.settings.transcriber,
                episode=row.id,
                language=text("language").strip() or None,
            )
    except (InvalidError, ConflictError) as error:
        return _page(here, row, transcript_error=error)
    waker(here.griot)()
    return here.go("episodes", row.id, "words", said="asked", place="transcripts")


def _load(here: Desk, episode_id: str) -> Episode:
    with here.griot.database.reading() as session:
        return workbench.episode(session, here.actor, episode_id)


def _typed_rows() -> list[dict[str, str]]:
    """Read the rows of the form as they were typed."""
    columns = ("time", "title", "url", "image")
    lists = [request.form.getlist(f"chapter_{name}") for name in columns]
    return [dict(zip(columns, row, strict=True)) for row in zip(*lists, strict=False)]


def _given_chapters(typed: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """Read the times; a row that is empty is left out.

    Raises:
        InvalidError: "chapter-time" for a row whose time cannot be read.
    """
    given = []
    for number, row in enumerate(typed, 1):
        if not row["time"].strip() and not row["title"].strip():
            continue
        start_ms = parse_clock(row["time"])
        if start_ms is None:
            raise InvalidError(problems=(Problem("chapters", "chapter-time", {"line": number}),))
        given.append(
            {
                "start_seconds": start_ms / 1000,
                "title": row["title"],
                "url": row["url"].strip() or None,
                "image": row["image"].strip() or None,
            }
        )
    return given


def _sent(file_field: str, text_field: str, limit_bytes: int) -> bytes:
    """Read what came as a file, else what was pasted.

    Raises:
        InvalidError: "no-file" where there is neither.
        TooLargeError: facts ``limit_bytes``.
    """
    file = request.files.get(file_field)
    if file is not None and file.filename:
        data = file.stream.read(limit_bytes + 1)
        if len(data) > limit_bytes:
            raise TooLargeError(limit_bytes=limit_bytes)
        return data
    pasted = text(text_field)
    if not pasted.strip():
        raise InvalidError(problems=(Problem(file_field, "no-file"),))
    return pasted.encode("utf-8", "replace")


def _page(
    here: Desk,
    row: Episode,
    *,
    chapters_error: GriotError | None = None,
    import_error: GriotError | None = None,
    transcript_error: GriotError | None = None,
    picture_error: GriotError | None = None,
    picture_of: str = "",
    typed: Sequence[dict[str, str]] | None = None,
) -> Response:
    t = here.t
    with here.griot.database.reading() as session:
        chapters = queries.chapters_of(session, row.id)
        found = transcripts.transcripts_of(session, row.id)
        writing = transcribing.is_under_way(session, row.id)
    fault = chapters_error or import_error or transcript_error or picture_error
    shown = typed if typed is not None else [_stored(chapter) for chapter in chapters]
    empty = {"time": "", "title": "", "url": "", "image": ""}
    base = ("episodes", row.id, "words")
    return here.page(
        "words.html",
        t.gettext("Chapters and transcript"),
        status=status_of(fault) if fault else 200,
        current="episodes",
        back=LinkFace(row.title, here.path("episodes", row.id)),
        language=row.language or row.show.language,
        sound_url=here.path("audio", row.audio_id, "file") if row.audio_id else "",
        rows=[*shown, *[empty] * EMPTY_ROWS],
        pictures=[_picture(here, row, chapter) for chapter in chapters],
        transcripts=[_transcript(here, one) for one in found],
        can_transcribe=bool(here.griot.settings.transcriber) and row.audio_id is not None,
        is_writing=writing,
        actions={
            name: here.path(*base, *name.split("/"))
            for name in (
                *("chapters", "chapters/import", "transcript", "transcript/accept", "transcript/remove"),
                "transcribe",
            )
        },
        faults={
            "chapters": here.sentence(chapters_error),
            "import": here.sentence(import_error),
            "transcript": here.sentence(transcript_error),
            "picture": here.sentence(picture_error),
        },
        picture_of=picture_of,
    )


def _stored(chapter: Chapter) -> dict[str, str]:
    return {
        "time": clock(chapter.start_ms).removeprefix("00:").removesuffix(".000"),
        "title": chapter.title,
        "url": chapter.url or "",
        "image": chapter.image_url or "",
    }


def _picture(here: Desk, row: Episode, chapter: Chapter) -> dict[str, str]:
    links = here.here.links
    url = links.path_of(links.artwork(chapter.artwork.public_key, "small")) if chapter.artwork else ""
    return {
        "id": chapter.id,
        "title": chapter.title or clock_text(chapter.start_ms),
        "url": url,
        "action": here.path("episodes", row.id, "words", "chapters", chapter.id, "picture"),
    }


def _transcript(here: Desk, one: Transcript) -> dict[str, Any]:
    t = here.t
    segments = transcripts.segments_of(one)
    return {
        "language": one.language,
        "status": one.status,
        "is_draft": one.status == DRAFT,
        "origin": t.gettext("Written by a program") if one.origin == transcripts.MACHINE else "",
        "forms": ", ".join(form.upper() for form in transcripts.forms_of(segments)),
        "count": len(segments),
        "segments": [
            {
                "clock": clock_text(segment.start_ms),
                "seconds": None if segment.start_ms is None else segment.start_ms / 1000,
                "speaker": segment.speaker,
                "body": segment.body,
            }
            for segment in segments[:SHOWN_SEGMENTS]
        ],
    }
