# SPDX-License-Identifier: AGPL-3.0-or-later
"""Transcripts: one source for each language of an episode, a machine's draft until a person accepts it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.audio.transcripts import Parsed, Segment, is_timed
from podcasts.db import new_id
from podcasts.errors import InvalidError, NotFoundError, Problem
from podcasts.models import Episode, Show, Transcript
from podcasts.models.episode import ACCEPTED, DRAFT
from podcasts.services import values
from podcasts.services.actors import Actor, episode_to_work_on
from podcasts.services.changes import record
from podcasts.services.values import Fault

UPLOAD, MACHINE = "upload", "machine"
LANGUAGES_AT_MOST = 20


def put_transcript(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    parsed: Parsed,
    source: str,
    language: str | None = None,
    origin: str = UPLOAD,
) -> Transcript:
    """Give an episode its words in one language, in place of those it had; commits.

    A person's are accepted as they are; a machine's are a draft beside what is accepted.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        parsed: what was read.
        source: the text as it came.
        language: None for the episode's, else its show's.
        origin: "upload" or "machine".

    Raises:
        NotFoundError: there is no such episode for this actor.
        InvalidError: "not-a-language" on ``language``; "too-many".
    """
    row = episode_to_work_on(session, actor, episode)
    of_language = _language(session, row, language)
    status = ACCEPTED if origin == UPLOAD else DRAFT
    transcript = _find(session, row.id, of_language, status)
    if transcript is None:
        if len(transcripts_of(session, row.id)) >= LANGUAGES_AT_MOST:
            raise InvalidError(problems=(Problem("language", "too-many", {"limit": LANGUAGES_AT_MOST}),))
        transcript = Transcript(
            id=new_id(), episode_id=row.id, language=of_language, status=status, created_at=now
        )
        session.add(transcript)
    transcript.format, transcript.origin, transcript.source = parsed.format, origin, source
    transcript.segments = [asdict(segment) for segment in parsed.segments]
    transcript.updated_at = now
    _touch(session, actor, now, row, "episode.transcript-changed", of_language)
    session.commit()
    return transcript


def accept_transcript(
    session: Session, actor: Actor, now: datetime, *, episode: str, language: str | None = None
) -> Transcript:
    """Let a draft become the episode's transcript, in place of the one it had; commits.

    Raises:
        NotFoundError: there is no such episode for this actor, or no draft in this language.
    """
    row = episode_to_work_on(session, actor, episode)
    of_language = _language(session, row, language)
    draft = _find(session, row.id, of_language, DRAFT)
    if draft is None:
        raise NotFoundError
    before = _find(session, row.id, of_language, ACCEPTED)
    if before is not None:
        session.delete(before)
        session.flush()
    draft.status, draft.updated_at = ACCEPTED, now
    _touch(session, actor, now, row, "episode.transcript-accepted", of_language)
    session.commit()
    return draft


def remove_transcript(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    language: str | None = None,
    status: str = ACCEPTED,
) -> None:
    """Take a transcript, or a draft of one, away; commits.

    Raises:
        NotFoundError: there is no such episode for this actor, or no such transcript.
    """
    row = episode_to_work_on(session, actor, episode)
    of_language = _language(session, row, language)
    found = _find(session, row.id, of_language, status)
    if found is None:
        raise NotFoundError
    session.delete(found)
    _touch(session, actor, now, row, "episode.transcript-removed", of_language)
    session.commit()


def transcripts_of(session: Session, episode_id: str) -> Sequence[Transcript]:
    """Load every transcript of an episode, drafts too, by language. One query."""
    query = select(Transcript).where(Transcript.episode_id == episode_id)
    return session.scalars(query.order_by(Transcript.language, Transcript.status).limit(100)).all()


def public_transcript(session: Session, episode_id: str, language: str | None) -> Transcript:
    """Load the accepted transcript of an episode; whether it is public is the caller's to know. One query.

    Args:
        session: a reading one.
        episode_id: the episode.
        language: None for the first by language.

    Raises:
        NotFoundError: there is none.
    """
    query = select(Transcript).where(Transcript.episode_id == episode_id, Transcript.status == ACCEPTED)
    if language is not None:
        query = query.where(Transcript.language == language)
    found = session.scalars(query.order_by(Transcript.language).limit(1)).first()
    if found is None:
        raise NotFoundError
    return found


def shown_transcript(
    session: Session, episode_id: str, wanted: Sequence[str]
) -> tuple[Transcript | None, tuple[str, ...]]:
    """Load the accepted transcript that a page shows. Two queries, one where there is none.

    Args:
        session: a reading one.
        episode_id: the episode.
        wanted: languages, the best one first; where there is none of them, the first by name is shown.

    Returns:
        The transcript, and the languages of those that are not shown.
    """
    query = select(Transcript.language).where(
        Transcript.episode_id == episode_id, Transcript.status == ACCEPTED
    )
    languages = session.scalars(query.order_by(Transcript.language).limit(LANGUAGES_AT_MOST)).all()
    if not languages:
        return None, ()
    chosen = min(languages, key=lambda language: _rank(language, wanted))
    others = tuple(language for language in languages if language != chosen)
    return public_transcript(session, episode_id, chosen), others


def accepted_of_show(session: Session, show_id: str) -> dict[str, list[tuple[str, bool]]]:
    """List the accepted transcripts of a show: episode id to languages, each with whether it has times. One query."""
    query = (
        # The first segment's time stands for all: whole transcripts would be megabytes for each feed.
        select(Transcript.episode_id, Transcript.language, Transcript.segments[(0, "start_ms")].as_integer())
        .join(Episode, Episode.id == Transcript.episode_id)
        .where(Episode.show_id == show_id, Transcript.status == ACCEPTED)
        .order_by(Transcript.language)
    )
    found: dict[str, list[tuple[str, bool]]] = {}
    for episode_id, language, first_ms in session.execute(query):
        found.setdefault(episode_id, []).append((language, first_ms is not None))
    return found


def segments_of(transcript: Transcript) -> tuple[Segment, ...]:
    """Give the segments of a transcript."""
    return tuple(Segment(**segment) for segment in transcript.segments)


def source_text(data: bytes) -> str:
    """Keep a source as text: what PostgreSQL cannot hold is left out."""
    return data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8", "replace").replace(
        "\x00", ""
    )


def forms_of(segments: Sequence[Segment]) -> tuple[str, ...]:
    """Name the forms that can be written: without times there are no captions."""
    return ("vtt", "srt", "json", "html") if is_timed(segments) else ("html",)


def _find(session: Session, episode_id: str, language: str, status: str) -> Transcript | None:
    return session.scalar(
        select(Transcript).where(
            Transcript.episode_id == episode_id, Transcript.language == language, Transcript.status == status
        )
    )


def _rank(language: str, wanted: Sequence[str]) -> int:
    """Say how far down the wishes a language stands, its country apart."""
    mains = [one.partition("-")[0].lower() for one in wanted]
    main = language.partition("-")[0].lower()
    return mains.index(main) if main in mains else len(mains)


def _language(session: Session, episode: Episode, wanted: str | None) -> str:
    if wanted:
        try:
            return str(values.language(wanted))
        except Fault:
            raise InvalidError(problems=(Problem("language", "not-a-language"),)) from None
    return episode.language or session.get_one(Show, episode.show_id).language


def _touch(session: Session, actor: Actor, now: datetime, row: Episode, action: str, language: str) -> None:
    row.updated_at = now
    record(session, actor, now, action, ("episode", row.id), {"language": language})
