# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demonstration: an invented newsroom's show, with sound of our own, for a first look; it can be taken away.

It makes no account and no token, is kept out of search engines and of the feed of all shows, and goes through the
same doors as everything else: the store, the reader of tags, the decoder.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from podcasts import paths
from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.clock import Clock
from podcasts.db import Database
from podcasts.links import Links
from podcasts.models import (
    Article,
    Audio,
    Change,
    Chapter,
    Cta,
    Episode,
    EpisodeArticle,
    EpisodeSection,
    Job,
    JobStep,
    MediaKey,
    Playlist,
    PlaylistItem,
    PlaylistSection,
    Rendition,
    Section,
    Show,
    ShowSection,
    SlugEntry,
)
from podcasts.services import playlists, publishing, releasing, sections, shows
from podcasts.services.actors import SYSTEM
from podcasts.services.bench import Bench
from podcasts.services.changes import record
from podcasts.services.filling import digest_of
from podcasts.services.jobs import claim_next
from podcasts.services.multipart import Received
from podcasts.services.processing import ingest
from podcasts.services.uploads import INGEST, store_upload
from podcasts.storage.base import Storage

ADDED = "demo.added"


@dataclass(frozen=True)
class Stage:
    """What it takes to put the demonstration up."""

    database: Database
    storage: Storage
    ffmpeg: Ffmpeg
    clock: Clock
    links: Links


@dataclass(frozen=True)
class _Piece:
    """One episode: its sound, how long ago it was published, and its words."""

    file: str
    age: timedelta
    article: str
    article_title: str
    section: str
    notes: str


_SHOW = {
    "title": "Les matins de Tambali",
    "language": "fr",
    "author": "La Gazette de Tambali",
    "category": "News > Daily News",
    "description": "Une ville inventée, une rédaction inventée, des sons composés par un programme : cette émission "
    "montre ce que fait Griot. Elle s'enlève avec `griot demo --remove`.",
}
_SECTIONS = (("Environnement", "section"), ("Économie", "section"), ("Culture", "section"))
_SITE = "https://gazette-de-tambali.example"
_PIECES = (
    _Piece(
        "fleuve",
        timedelta(hours=3),
        f"{_SITE}/environnement/le-fleuve-remonte",
        "Le fleuve remonte, les filets aussi",
        "environnement",
        "Depuis dix jours, l'eau gagne un empan par matin. **Trois pêcheurs** racontent ce qu'ils guettent.\n\n"
        "- les oiseaux qui partent avant la crue\n- la couleur de l'eau au lever du jour\n- le silence des "
        "grenouilles",
    ),
    _Piece(
        "marche",
        timedelta(days=1, hours=2),
        f"{_SITE}/economie/le-prix-du-mil",
        "Le prix du mil baisse enfin",
        "economie",
        "Au grand marché, la mesure de mil a perdu un cinquième de son prix en une semaine. Pourquoi maintenant ?",
    ),
    _Piece(
        "bibliotheque",
        timedelta(days=4, hours=5),
        f"{_SITE}/culture/la-bibliotheque-a-dos-d-ane",
        "La bibliothèque qui voyage à dos d'âne",
        "culture",
        "Deux ânes, six caisses, quatre cents livres : une tournée de trois semaines entre les villages du plateau.",
    ),
)
_JINGLE = "jingle"
_PLAYLIST = {
    "title": "Le journal de Tambali",
    "description": "L'indicatif, puis les sujets du moment, dans l'ordre.",
}


def add_demo(stage: Stage, *, only_if_empty: bool) -> bool:
    """Put the demonstration up, ready to be heard.

    Args:
        stage: what it takes.
        only_if_empty: not beside anything that somebody made.

    Returns:
        False when it is there already, or there is something else and it was to be alone.
    """
    with stage.database.reading() as session:
        if _is_there(session) or (only_if_empty and session.scalar(select(Show.id).limit(1)) is not None):
            return False
    sounds = {name: _audio(stage, name) for name in (*(piece.file for piece in _PIECES), _JINGLE)}
    made = [_publish_all(stage, sounds)]
    with stage.database.writing() as session:
        facts = {"shows": made, "audios": list(sounds.values()), "sections": _section_ids(session)}
        record(session, SYSTEM, stage.clock.now(), ADDED, ("site", "1"), facts)
        session.commit()
    return True


def remove_demo(database: Database, storage: Storage, now: datetime) -> bool:
    """Take the demonstration away: rows, files and addresses.

    What somebody else has come to use stays: a section with other things in it, audio in other playlists.

    Returns:
        False when there was none.
    """
    with database.writing() as session:
        if not _is_there(session):
            return False
        keys = _remove_rows(session)
        record(session, SYSTEM, now, "demo.removed", ("site", "1"))
        session.commit()
    for key in keys:
        storage.delete(key)
    return True


def _is_there(session: Session) -> bool:
    return session.scalar(select(Show.id).where(Show.demo.is_(True)).limit(1)) is not None


def _audio(stage: Stage, name: str) -> str:
    """Bring one sound in as an upload, and read it at once."""
    source = paths.demo_folder() / f"{name}.mp3"
    received = _received(stage.storage, source)
    stored = store_upload(
        stage.database, stage.storage, lambda: None, SYSTEM, stage.clock.now(), received=received
    )
    bench = Bench(stage.database, stage.storage, stage.ffmpeg, stage.clock, stage.links)
    with stage.database.writing() as session:
        job = claim_next(session, stage.clock.now(), (INGEST,), subject_id=stored.audio_id)
    if job is not None:
        ingest(bench, job.id, stored.audio_id)
    return stored.audio_id


def _received(storage: Storage, source: Path) -> Received:
    temporary = storage.new_temporary()
    shutil.copyfile(source, temporary)
    return Received(temporary, digest_of(source), source.stat().st_size, source.name, {})


def _publish_all(stage: Stage, sounds: dict[str, str]) -> str:
    now = stage.clock.now()
    slugs = [_section(stage, name, kind) for name, kind in _SECTIONS]
    with stage.database.writing() as session:
        show = shows.create_show(
            session, SYSTEM, now, links=stage.links, given={**_SHOW, "sections": slugs[:1]}
        )
        show.demo = True
        session.commit()
    episodes = [_publish(stage, show.id, piece, sounds[piece.file]) for piece in _PIECES]
    items = [{"audio_id": sounds[_JINGLE]}, *({"episode_id": episode} for episode in episodes)]
    with stage.database.writing() as session:
        playlist = playlists.create_playlist(
            session, SYSTEM, now, links=stage.links, given={**_PLAYLIST, "language": "fr", "items": items}
        )
        playlist.demo = True
        session.commit()
    return show.id


def _section(stage: Stage, name: str, kind: str) -> str:
    """Make a section, or take the newsroom's own of this name."""
    with stage.database.writing() as session:
        known = session.scalar(select(Section).where(Section.name == name, Section.deleted_at.is_(None)))
        if known is not None:
            return known.slug
        made = sections.create_section(session, SYSTEM, stage.clock.now(), given={"name": name, "kind": kind})
        return made.slug


def _publish(stage: Stage, show_id: str, piece: _Piece, audio_id: str) -> str:
    now = stage.clock.now()
    given = {
        "audio_id": audio_id,
        "notes": piece.notes,
        "sections": [piece.section],
        "articles": [{"url": piece.article, "role": "primary"}],
    }
    with stage.database.writing() as session:
        episode = publishing.create_episode(session, SYSTEM, now, show=show_id, given=given)
    parts = stage.database, stage.storage, stage.links
    releasing.release(*parts, SYSTEM, now, episode=episode.id, at=now - piece.age)
    with stage.database.writing() as session:
        article = session.scalar(select(Article).where(Article.url == piece.article))
        if article is not None:
            article.title, article.site_name = piece.article_title, str(_SHOW["author"])
            article.published_at = now - piece.age
            session.commit()
    return episode.id


def _section_ids(session: Session) -> list[str]:
    """Name the sections that were made for the demonstration."""
    names = [name for name, _ in _SECTIONS]
    return list(session.scalars(select(Section.id).where(Section.name.in_(names))))


def _remove_rows(session: Session) -> list[str]:
    """Remove every row of the demonstration; answer the files that can go."""
    added = session.scalars(select(Change).where(Change.action == ADDED).order_by(Change.id.desc())).first()
    facts = added.facts if added else {}
    show_ids = list(session.scalars(select(Show.id).where(Show.demo.is_(True))))
    playlist_ids = list(session.scalars(select(Playlist.id).where(Playlist.demo.is_(True))))
    episode_ids = list(session.scalars(select(Episode.id).where(Episode.show_id.in_(show_ids))))
    article_ids = list(
        session.scalars(select(EpisodeArticle.article_id).where(EpisodeArticle.episode_id.in_(episode_ids)))
    )
    items = or_(PlaylistItem.playlist_id.in_(playlist_ids), PlaylistItem.episode_id.in_(episode_ids))
    item_ids = list(session.scalars(select(PlaylistItem.id).where(items)))
    for owner, ids in ((MediaKey.episode_id, episode_ids), (MediaKey.playlist_item_id, item_ids)):
        session.execute(delete(MediaKey).where(owner.in_(ids)))
    session.execute(delete(PlaylistItem).where(PlaylistItem.id.in_(item_ids)))
    for table, owner, ids in (
        (Cta, Cta.episode_id, episode_ids),
        (Cta, Cta.playlist_id, playlist_ids),
        (EpisodeArticle, EpisodeArticle.episode_id, episode_ids),
        (EpisodeSection, EpisodeSection.episode_id, episode_ids),
        (Chapter, Chapter.episode_id, episode_ids),
        (PlaylistSection, PlaylistSection.playlist_id, playlist_ids),
        (ShowSection, ShowSection.show_id, show_ids),
        (SlugEntry, SlugEntry.subject_id, [*show_ids, *playlist_ids, *episode_ids]),
        (Episode, Episode.id, episode_ids),
        (Playlist, Playlist.id, playlist_ids),
        (Show, Show.id, show_ids),
    ):
        session.execute(delete(table).where(owner.in_(ids)))
    _remove_articles(session, article_ids)
    _remove_sections(session, facts.get("sections", []))
    return _remove_audio(session, facts.get("audios", []))


def _remove_articles(session: Session, article_ids: Iterable[str]) -> None:
    used = select(EpisodeArticle.article_id)
    session.execute(delete(Article).where(Article.id.in_(list(article_ids)), Article.id.not_in(used)))


def _remove_sections(session: Session, section_ids: list[str]) -> None:
    for section_id in section_ids:
        uses = (
            select(EpisodeSection.section_id).where(EpisodeSection.section_id == section_id),
            select(ShowSection.section_id).where(ShowSection.section_id == section_id),
            select(PlaylistSection.section_id).where(PlaylistSection.section_id == section_id),
            select(Section.id).where(Section.parent_id == section_id),
        )
        if not any(session.scalar(use.limit(1)) for use in uses):
            session.execute(delete(SlugEntry).where(SlugEntry.subject_id == section_id))
            session.execute(delete(Section).where(Section.id == section_id))


def _remove_audio(session: Session, audio_ids: list[str]) -> list[str]:
    keys: list[str] = []
    for audio in session.scalars(select(Audio).where(Audio.id.in_(audio_ids))):
        uses = (
            select(Episode.id).where(Episode.audio_id == audio.id),
            select(PlaylistItem.id).where(PlaylistItem.audio_id == audio.id),
            select(MediaKey.key).where(MediaKey.audio_id == audio.id),
        )
        if any(session.scalar(use.limit(1)) for use in uses):
            continue
        made = select(Rendition.storage_key).where(Rendition.audio_id == audio.id)
        keys += {key for key in (audio.storage_key, audio.dense_peaks_key, *session.scalars(made)) if key}
        job_ids = select(Job.id).where(Job.subject_id == audio.id)
        session.execute(delete(JobStep).where(JobStep.job_id.in_(job_ids)))
        session.execute(delete(Job).where(Job.subject_id == audio.id))
        session.execute(delete(Rendition).where(Rendition.audio_id == audio.id))
        session.execute(delete(Audio).where(Audio.id == audio.id))
    return keys
