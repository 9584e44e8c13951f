# SPDX-License-Identifier: AGPL-3.0-or-later
"""The REST interface to words: transcripts in five forms, and chapters as other programs write them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from apiflask import APIBlueprint
from flask import Response, request

from podcasts.audio.chapters import CHAPTERS_BYTES_AT_MOST, parse_chapters
from podcasts.audio.transcripts import TRANSCRIPT_BYTES_AT_MOST, parse_transcript
from podcasts.bootstrap import waker
from podcasts.models.episode import TRANSCRIPT_STATUSES
from podcasts.services import chaptering, transcribing, transcripts, workbench
from podcasts.services.multipart import read_small_body
from podcasts.web.api import representing, schemas
from podcasts.web.api.calling import actor, answer, griot, once, seen_version, speaking
from podcasts.web.routes import access

P = ParamSpec("P")

blueprint = APIBlueprint("words", __name__, url_prefix="/api/v1", tag="Griot")

IMPORTED = frozenset(
    {
        *("application/json+chapters", "application/xml", "text/xml", "application/psc+xml", "text/plain"),
        "application/octet-stream",
    }
)
"""Bodies that are files of chapters; JSON is ours unless it calls itself chapters."""

MORE_THAN_A_FORM = 1_000_000


def or_import(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a view that takes our JSON take a file of chapters as well, told by its Content-Type."""

    @wraps(view)
    def call(*args: P.args, **kwargs: P.kwargs) -> Response:
        if request.mimetype not in IMPORTED:
            return view(*args, **kwargs)
        return _import_chapters(str(kwargs["episode_id"]))

    return call


@blueprint.get("/episodes/<episode_id>/transcript")
@blueprint.output(schemas.TranscriptsOut)
@access("producer")
def list_transcripts(episode_id: str) -> Response:
    """List the transcripts of an episode, drafts too."""
    here = griot()
    with here.database.reading() as session:
        row = workbench.episode(session, actor(), episode_id)
    return answer({"items": representing.transcripts(row, here.links)})


@blueprint.put("/episodes/<episode_id>/transcript")
@blueprint.doc(extensions={"x-body": "transcript"})
@blueprint.input(schemas.LanguageIn, location="query")
@blueprint.output(schemas.EpisodeOut)
@access("producer")
def put_transcript(episode_id: str, query_data: schemas.LanguageIn) -> Response:
    """Give an episode its words: WebVTT, SRT, JSON, HTML or plain text, told by the body itself."""
    here = griot()
    with here.database.reading() as session:
        workbench.episode(session, actor(), episode_id)
    data = _body(TRANSCRIPT_BYTES_AT_MOST)
    parsed = parse_transcript(data)
    with here.database.writing() as session:
        transcripts.put_transcript(
            session,
            actor(),
            here.clock.now(),
            episode=episode_id,
            parsed=parsed,
            source=transcripts.source_text(data),
            language=query_data.language,
        )
    return _episode(episode_id)


@blueprint.delete("/episodes/<episode_id>/transcript")
@blueprint.input(schemas.TranscriptIn, location="query")
@blueprint.output({}, status_code=204)
@access("producer")
def remove_transcript(episode_id: str, query_data: schemas.TranscriptIn) -> Response:
    """Take a transcript away, or, with status=draft, the draft of one."""
    here = griot()
    status = query_data.status if query_data.status in TRANSCRIPT_STATUSES else "accepted"
    with here.database.writing() as session:
        transcripts.remove_transcript(
            session,
            actor(),
            here.clock.now(),
            episode=episode_id,
            language=query_data.language,
            status=status,
        )
    return Response(status=204)


@blueprint.post("/episodes/<episode_id>/transcript/accept")
@blueprint.input(schemas.LanguageIn, location="query")
@blueprint.output(schemas.EpisodeOut)
@access("producer")
@once
def accept_transcript(episode_id: str, query_data: schemas.LanguageIn) -> Response:
    """Accept a machine's draft: it becomes public with the episode."""
    here = griot()
    with here.database.writing() as session:
        transcripts.accept_transcript(
            session, actor(), here.clock.now(), episode=episode_id, language=query_data.language
        )
    return _episode(episode_id)


@blueprint.post("/episodes/<episode_id>/transcribe")
@blueprint.input(schemas.LanguageIn, location="query")
@blueprint.output(schemas.JobOut, status_code=202)
@access("producer")
@once
def transcribe(episode_id: str, query_data: schemas.LanguageIn) -> Response:
    """Have the sound written down by GRIOT_TRANSCRIBER; what it writes is a draft. 409 where there is none."""
    here = griot()
    with here.database.writing() as session:
        job = transcribing.ask(
            session,
            actor(),
            here.clock.now(),
            command=here.settings.transcriber,
            episode=episode_id,
            language=query_data.language,
        )
    waker(here)()
    with here.database.reading() as session:
        job = workbench.job(session, actor(), job.id)
    return answer(representing.job(job, speaking()), 202)


def _import_chapters(episode_id: str) -> Response:
    here = griot()
    with here.database.reading() as session:
        workbench.episode(session, actor(), episode_id)
    found = parse_chapters(_body(CHAPTERS_BYTES_AT_MOST))
    with here.database.writing() as session:
        chaptering.take_chapters(
            session, actor(), here.clock.now(), episode=episode_id, chapters=found, version=seen_version()
        )
    return _episode(episode_id)


def _body(limit_bytes: int) -> bytes:
    request.max_content_length = limit_bytes + MORE_THAN_A_FORM
    return read_small_body(request.stream, limit_bytes=limit_bytes)


def _episode(episode_id: str) -> Response:
    here = griot()
    with here.database.reading() as session:
        row = workbench.episode(session, actor(), episode_id)
    return answer(representing.episode(row, here.links, here.clock.now()))
