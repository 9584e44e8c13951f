# SPDX-License-Identifier: AGPL-3.0-or-later
"""Publishing: episodes are drafted, described, published, withdrawn and binned; each function commits."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from podcasts.db import new_id
from podcasts.errors import ConflictError, InvalidError, NotFoundError, Problem
from podcasts.models import (
    Artwork,
    Audio,
    Chapter,
    Episode,
    EpisodeSection,
    MediaKey,
    Section,
)
from podcasts.models.audio import FAILED, READY
from podcasts.models.episode import DRAFT, EPISODE_TYPES, PUBLISHED, SCHEDULED, WITHDRAWN
from podcasts.services import values
from podcasts.services.actors import SYSTEM, Actor, audio_to_use, episode_to_work_on, show_to_work_on
from podcasts.services.articles import ArticleLink, article_links, tie
from podcasts.services.changes import record
from podcasts.services.ctas import CTAS_AT_MOST, read_ctas, replace_ctas
from podcasts.services.renditions import give_keys
from podcasts.services.shows import SECTIONS_AT_MOST, require_version, sections_by_name
from podcasts.services.slugs import take_exact_slug, take_slug
from podcasts.services.values import Fault, block, choice, flag, line, optional

CHAPTERS_AT_MOST = 1_000
SUMMARY_CHARACTERS = 1_000
BIN_DAYS = 30
LONGEST_SECONDS = 1_000_000
KEPT_AFTER_REPLACING = timedelta(days=7)
"""How long replaced audio is kept: an editor may want it back."""

FIELDS: Mapping[str, values.Cleaner] = {
    "audio_id": optional(values.identifier),
    "title": optional(line(values.TITLE_CHARACTERS)),
    "artist": optional(line(values.NAME_CHARACTERS)),
    "album": optional(line(values.NAME_CHARACTERS)),
    "summary": line(SUMMARY_CHARACTERS),
    "notes": block(values.NOTES_CHARACTERS),
    "season": optional(values.number()),
    "number": optional(values.number()),
    "type": choice(*EPISODE_TYPES),
    "explicit": optional(flag),
    "language": optional(values.language),
    "published_at": optional(values.instant),
    "slug": values.identifier,
    "sections": values.listed(SECTIONS_AT_MOST),
    "articles": values.listed(1_000),
    "chapters": values.listed(CHAPTERS_AT_MOST),
    "ctas": values.listed(CTAS_AT_MOST),
}


def create_episode(
    session: Session, actor: Actor, now: datetime, *, show: str, given: Mapping[str, Any]
) -> Episode:
    """Draft an episode; what is not given is taken from the audio's tags, chapters too.

    Args:
        session: a writing one.
        actor: who works on the show.
        now: the instant.
        show: slug or id.
        given: values of ``FIELDS``.

    Raises:
        NotFoundError: there is no such show for this actor.
        InvalidError: a problem for each field at fault; "unknown-audio" for one that is not the actor's.
    """
    of_show = show_to_work_on(session, actor, show)
    cleaned = values.clean_values(given, FIELDS)
    links, sections = _belongings(session, cleaned)
    chapters = _chapters(cleaned.pop("chapters")) if "chapters" in cleaned else None
    ctas = read_ctas(cleaned.pop("ctas", []))
    audio = _audio(session, actor, cleaned.get("audio_id"))
    given_title = cleaned.pop("title", None)
    title = given_title or _title_of(audio)
    if not title:
        raise InvalidError(problems=(Problem("title", "required"),))
    episode_id, wanted = new_id(), cleaned.pop("slug", None)
    slug = (
        take_exact_slug(session, "episode", episode_id, wanted, now, scope=of_show.id)
        if wanted
        else take_slug(session, "episode", episode_id, title, now, scope=of_show.id)
    )
    episode = Episode(
        id=episode_id,
        guid=f"urn:uuid:{uuid4()}",
        show_id=of_show.id,
        slug=slug,
        title=title,
        title_is_provisional=not given_title and (audio is None or audio.title is None),
        status=DRAFT,
        created_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
        **{"notes": audio.comment or "" if audio else "", **cleaned},
    )
    session.add(episode)
    session.flush()
    _take_audio(session, episode, audio, now)
    if chapters is None and audio is not None:
        chapters = _chapters_of(audio)
    _replace_chapters(session, episode, chapters or [])
    tie(session, episode, links or [], now)
    _put_in_sections(session, episode, sections or [])
    replace_ctas(session, episode, ctas)
    record(session, actor, now, "episode.created", ("episode", episode.id), {"show": of_show.id})
    session.commit()
    return episode


def edit_episode(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    given: Mapping[str, Any],
    version: int | None = None,
) -> Episode:
    """Change an episode, published or not. New audio must be ready if the episode is published.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        given: values of ``FIELDS``, only those that change.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is none for this actor.
        InvalidError: a problem for each field at fault.
        ConflictError: "audio-not-ready", "audio-failed" or "no-audio" for a published episode.
        StaleError: it is not of this version any more.
    """
    row = episode_to_work_on(session, actor, episode)
    require_version(row.version, version)
    cleaned = values.clean_values(given, FIELDS)
    links, sections = _belongings(session, cleaned)
    if "chapters" in cleaned:
        _replace_chapters(session, row, _chapters(cleaned.pop("chapters")))
    if "ctas" in cleaned:
        replace_ctas(session, row, read_ctas(cleaned.pop("ctas")))
    if "audio_id" in cleaned:
        _change_audio(session, actor, row, cleaned.pop("audio_id"), now)
    if slug := cleaned.pop("slug", None):
        row.slug = take_exact_slug(session, "episode", row.id, slug, now, scope=row.show_id)
    _change_words(row, cleaned)
    if links is not None:
        tie(session, row, links, now)
    if sections is not None:
        _put_in_sections(session, row, sections)
    row.updated_at = now
    record(session, actor, now, "episode.edited", ("episode", row.id), {"fields": sorted(given)})
    session.commit()
    return row


def publish(
    session: Session, actor: Actor, now: datetime, *, episode: str, at: datetime | None = None
) -> Episode:
    """Publish an episode, now or later; one that was withdrawn comes back under its old address and guid.

    Args:
        session: a writing one.
        actor: who works on the episode.
        now: the instant.
        episode: id.
        at: when it becomes visible; None: at the time it already carries, else now.

    Raises:
        NotFoundError: there is none for this actor.
        ConflictError: its audio cannot be heard yet: "no-audio", "audio-not-ready", "audio-failed", and
            "already-published" where it is public and no other time is asked for.
    """
    row = episode_to_work_on(session, actor, episode)
    if row.status == PUBLISHED and at is None:
        raise ConflictError("already-published")
    _require_ready(_audio_of(session, row))
    row.published_at = at or row.published_at or now
    row.status = PUBLISHED
    row.updated_at = now
    facts = {"at": row.published_at.isoformat()}
    record(session, actor, now, "episode.published", ("episode", row.id), facts)
    session.commit()
    return row


def withdraw(session: Session, actor: Actor, now: datetime, *, episode: str) -> Episode:
    """Withdraw an episode: out of pages, feeds, embeds and media at once.

    One that is only scheduled becomes a draft again.

    Raises:
        NotFoundError: there is none for this actor.
        ConflictError: "not-published".
    """
    row = episode_to_work_on(session, actor, episode)
    if row.status != PUBLISHED or row.published_at is None:
        raise ConflictError("not-published")
    row.status = WITHDRAWN if row.published_at <= now else DRAFT
    row.updated_at = now
    record(session, actor, now, "episode.withdrawn", ("episode", row.id))
    session.commit()
    return row


def bin_episode(session: Session, actor: Actor, now: datetime, *, episode: str) -> None:
    """Put an episode into the bin, where it stays for 30 days.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = episode_to_work_on(session, actor, episode)
    row.deleted_at = now
    row.updated_at = now
    record(session, actor, now, "episode.binned", ("episode", row.id))
    session.commit()


def unbin_episode(session: Session, actor: Actor, now: datetime, *, episode: str) -> Episode:
    """Take an episode out of the bin, as it was.

    Raises:
        NotFoundError: it is not there, or lay there too long, or is not the actor's.
    """
    query = select(Episode).where(Episode.id == episode, Episode.deleted_at > now - timedelta(days=BIN_DAYS))
    row = session.scalar(query)
    if row is None:
        raise NotFoundError
    show_to_work_on(session, actor, row.show_id)
    row.deleted_at = None
    row.updated_at = now
    record(session, actor, now, "episode.restored", ("episode", row.id))
    session.commit()
    return row


def set_episode_artwork(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    episode: str,
    artwork: Artwork,
    version: int | None = None,
) -> Episode:
    """Give an episode a cover of its own; ``artwork`` is a new row whose files are in the store.

    Raises:
        NotFoundError: there is none for this actor.
        StaleError: it is not of this version any more.
    """
    row = episode_to_work_on(session, actor, episode)
    require_version(row.version, version)
    session.add(artwork)
    session.flush()
    row.artwork_id = artwork.id
    row.updated_at = now
    record(session, actor, now, "episode.artwork-changed", ("episode", row.id), {"artwork": artwork.id})
    session.commit()
    return row


def fill_from_tags(session: Session, audio: Audio, now: datetime) -> None:
    """Give drafts that were made before their audio was read what its tags say; the caller commits.

    Only what nobody wrote by hand: a title that still is the file's name, notes and chapters that are empty.
    """
    drafts = session.scalars(
        select(Episode).where(
            Episode.audio_id == audio.id, Episode.status == DRAFT, Episode.title_is_provisional.is_(True)
        )
    )
    for episode in drafts.all():
        if audio.title:
            episode.title = audio.title
            episode.slug = take_slug(session, "episode", episode.id, audio.title, now, scope=episode.show_id)
        if not episode.notes and audio.comment:
            episode.notes = audio.comment
        if not session.scalar(select(Chapter.id).where(Chapter.episode_id == episode.id).limit(1)):
            _replace_chapters(session, episode, _chapters_of(audio))
        episode.title_is_provisional = False
        episode.updated_at = now
        record(session, SYSTEM, now, "episode.filled", ("episode", episode.id), {"audio": audio.id})


def change_sound(session: Session, episode: Episode, audio: Audio, now: datetime) -> None:
    """Let an episode go on with other audio, under other addresses; guid and everything else stay.

    The caller commits.
    """
    _take_audio(session, episode, audio, now)


def let_go(session: Session, episode: Episode, audio_id: str, now: datetime) -> None:
    """Retire the addresses of an audio that an episode no longer has; the caller commits.

    They are answered for ``queries.GRACE`` more. The files go some time after that, if nothing uses them then.
    """
    session.execute(
        update(MediaKey)
        .where(MediaKey.episode_id == episode.id, MediaKey.audio_id == audio_id)
        .values(retired_at=now)
    )
    session.execute(update(Audio).where(Audio.id == audio_id).values(let_go_at=now + KEPT_AFTER_REPLACING))


def status_at(episode: Episode, now: datetime) -> str:
    """Name the status as people know it: draft, scheduled, published or withdrawn."""
    if episode.status == PUBLISHED and episode.published_at is not None and episode.published_at > now:
        return SCHEDULED
    return episode.status


def reasons_against(audio: Audio | None) -> list[str]:
    """List the codes of what stands against publishing; empty when nothing does."""
    if audio is None or audio.deleted_at is not None:
        return ["no-audio"]
    if audio.status == FAILED:
        return ["audio-failed"]
    return [] if audio.status == READY else ["audio-not-ready"]


def file_title(file_name: str) -> str:
    """Make a title of a file's name: its end off, underscores as spaces."""
    return PurePosixPath(file_name).stem.replace("_", " ").strip()


def _require_ready(audio: Audio | None) -> None:
    reasons = reasons_against(audio)
    if reasons:
        problems = tuple(Problem("audio_id", reason) for reason in reasons)
        raise ConflictError(reasons[0], problems=problems)


def _belongings(
    session: Session, cleaned: dict[str, Any]
) -> tuple[list[ArticleLink] | None, list[Section] | None]:
    """Take articles and sections out of the values; None for what was not given."""
    links = article_links(cleaned.pop("articles")) if "articles" in cleaned else None
    sections = sections_by_name(session, cleaned.pop("sections")) if "sections" in cleaned else None
    return links, sections


def _audio(session: Session, actor: Actor, audio_id: str | None) -> Audio | None:
    if audio_id is None:
        return None
    try:
        return audio_to_use(session, actor, audio_id)
    except NotFoundError:
        raise InvalidError(problems=(Problem("audio_id", "unknown-audio"),)) from None


def _audio_of(session: Session, episode: Episode) -> Audio | None:
    return session.get(Audio, episode.audio_id) if episode.audio_id else None


def _title_of(audio: Audio | None) -> str:
    if audio is None:
        return ""
    return audio.title or file_title(audio.file_name)[: values.TITLE_CHARACTERS]


def _take_audio(session: Session, episode: Episode, audio: Audio | None, now: datetime) -> None:
    """Let an episode be heard through this audio, under public keys of its own.

    What was heard before is let go: its addresses for those who have just read them in a feed, its files later.
    """
    before = episode.audio_id
    episode.audio_id = audio.id if audio else None
    session.flush()
    if before is not None:
        let_go(session, episode, before, now)
    if audio is None:
        return
    audio.let_go_at = None
    session.execute(
        update(MediaKey)
        .where(MediaKey.episode_id == episode.id, MediaKey.audio_id == audio.id)
        .values(retired_at=None)
    )
    give_keys(session, audio.id, now)


def _change_audio(session: Session, actor: Actor, row: Episode, audio_id: str | None, now: datetime) -> None:
    if audio_id == row.audio_id:
        return
    audio = _audio(session, actor, audio_id)
    if row.status == PUBLISHED:
        _require_ready(audio)
    _take_audio(session, row, audio, now)


def _change_words(row: Episode, cleaned: dict[str, Any]) -> None:
    if "title" in cleaned and not cleaned["title"]:
        raise InvalidError(problems=(Problem("title", "required"),))
    if "published_at" in cleaned and cleaned["published_at"] is None and row.status == PUBLISHED:
        raise InvalidError(problems=(Problem("published_at", "required"),))
    if "title" in cleaned:
        row.title_is_provisional = False
    for name, value in cleaned.items():
        setattr(row, name, value)


def _put_in_sections(session: Session, episode: Episode, sections: Sequence[Section]) -> None:
    session.execute(delete(EpisodeSection).where(EpisodeSection.episode_id == episode.id))
    for position, section in enumerate(sections):
        session.add(EpisodeSection(episode_id=episode.id, section_id=section.id, position=position))


def _milliseconds(value: Any) -> int:  # noqa: ANN401 - whatever was sent
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= LONGEST_SECONDS:
        raise Fault("out-of-range", smallest=0, largest=LONGEST_SECONDS)
    return round(value * 1000)


_CHAPTER: Mapping[str, values.Cleaner] = {
    "start_seconds": _milliseconds,
    "title": line(values.TITLE_CHARACTERS),
    "url": optional(values.web_address),
    "image": optional(values.web_address),
}


def _chapters(given: Sequence[Any]) -> list[Chapter]:
    chapters: list[Chapter] = []
    problems: list[Problem] = []
    for place, entry in enumerate(given):
        if not isinstance(entry, Mapping):
            problems.append(Problem(f"chapters.{place}", "wrong-type", {"wanted": "{start_seconds, title}"}))
            continue
        try:
            values.require(entry, "start_seconds")
            cleaned = values.clean_values(entry, _CHAPTER)
        except InvalidError as reason:
            problems += [
                Problem(f"chapters.{place}.{fault.field}", fault.code, fault.facts)
                for fault in reason.problems
            ]
            continue
        chapters.append(
            Chapter(
                start_ms=cleaned["start_seconds"],
                title=cleaned.get("title", ""),
                url=cleaned.get("url"),
                image_url=cleaned.get("image"),
            )
        )
    if problems:
        raise InvalidError(problems=tuple(problems))
    return chapters


def _chapters_of(audio: Audio) -> list[Chapter]:
    return [
        Chapter(start_ms=chapter["start_ms"], title=chapter["title"], url=chapter.get("url"))
        for chapter in audio.tag_chapters
    ]


def _replace_chapters(session: Session, episode: Episode, chapters: Sequence[Chapter]) -> None:
    # A chapter that still begins where it did keeps its picture.
    pictured = select(Chapter.start_ms, Chapter.artwork_id).where(
        Chapter.episode_id == episode.id, Chapter.artwork_id.is_not(None)
    )
    pictures = {start_ms: artwork_id for start_ms, artwork_id in session.execute(pictured)}  # noqa: C416 - rows
    session.execute(delete(Chapter).where(Chapter.episode_id == episode.id))
    for chapter in chapters:
        chapter.episode_id = episode.id
        chapter.artwork_id = pictures.get(chapter.start_ms)
        session.add(chapter)
    session.flush()
