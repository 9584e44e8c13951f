# SPDX-License-Identifier: AGPL-3.0-or-later
"""Playlists: making, describing and ordering them; each function commits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from podcasts.db import new_id
from podcasts.errors import InvalidError, NotFoundError, Problem
from podcasts.feeds.podcast_guid import podcast_guid
from podcasts.links import Links
from podcasts.models import (
    Artwork,
    Episode,
    Playlist,
    PlaylistItem,
    PlaylistSection,
    Section,
    Show,
)
from podcasts.models.playlist import PLAYLIST_ORDERS
from podcasts.services import values
from podcasts.services.actors import (
    Actor,
    audio_to_use,
    episode_to_work_on,
    may_make_playlists,
    playlist_to_work_on,
)
from podcasts.services.changes import record
from podcasts.services.ctas import CTAS_AT_MOST, read_ctas, replace_ctas
from podcasts.services.queries import PLAYLIST_AT_MOST, is_public, since_instant
from podcasts.services.renditions import give_keys
from podcasts.services.shows import SECTIONS_AT_MOST, require_version, sections_by_name
from podcasts.services.slugs import take_exact_slug, take_slug
from podcasts.services.values import Fault, block, choice, flag, line, optional

ITEMS_AT_MOST = 2_000


def _since(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    if not isinstance(value, str):
        raise Fault("not-a-time")
    try:
        found = since_instant(value, datetime.fromisoformat("2026-01-01T00:00:00+00:00"), "UTC")
        # Beside the years 1 and 9999 a zone leads out of the calendar, each time that the list is read.
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Fault("not-a-time") from None
    return value


def _mapping(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever was sent
    if not isinstance(value, Mapping):
        raise Fault("wrong-type", wanted="{section, show, tag, since, limit}")
    return value


FIELDS: Mapping[str, values.Cleaner] = {
    "title": line(values.TITLE_CHARACTERS, required=True),
    "description": block(10_000),
    "published": flag,
    "order": choice(*PLAYLIST_ORDERS),
    "rule": optional(_mapping),
    "show_artist": flag,
    "artist_separator": optional(line(10)),
    "feed_on": flag,
    "language": optional(values.language),
    "slug": values.identifier,
    "sections": values.listed(SECTIONS_AT_MOST),
    "items": values.listed(ITEMS_AT_MOST),
    "ctas": values.listed(CTAS_AT_MOST),
}

_RULE: Mapping[str, values.Cleaner] = {
    "section": optional(values.identifier),
    "show": optional(values.identifier),
    "tag": optional(values.identifier),
    "since": optional(_since),
    "limit": optional(values.number(1, PLAYLIST_AT_MOST)),
}

_ITEM: Mapping[str, values.Cleaner] = {
    "id": optional(values.identifier),
    "episode_id": optional(values.identifier),
    "audio_id": optional(values.identifier),
    "title": optional(line(values.TITLE_CHARACTERS)),
    "artist": optional(line(values.NAME_CHARACTERS)),
    "album": optional(line(values.NAME_CHARACTERS)),
}


@dataclass(frozen=True)
class Wish:
    """A checked place in a playlist: exactly one of episode and audio."""

    item_id: str | None
    episode_id: str | None
    audio_id: str | None
    title: str | None
    artist: str | None
    album: str | None


def create_playlist(
    session: Session, actor: Actor, now: datetime, *, links: Links, given: Mapping[str, Any]
) -> Playlist:
    """Make a playlist: public at once, with its feed on, unless it says otherwise.

    Args:
        session: a writing one.
        actor: anybody who works here.
        now: the instant.
        links: for the guid of its feed.
        given: values of ``FIELDS``; a title is needed; not both items and a rule.

    Raises:
        NotFoundError: not for this actor.
        InvalidError: a problem for each field at fault, as ``items.0.episode_id``.
    """
    if not may_make_playlists(actor):
        raise NotFoundError
    values.require(given, "title")
    cleaned = values.clean_values(given, FIELDS)
    sections = sections_by_name(session, cleaned.pop("sections", []))
    wishes = _wishes(session, actor, now, cleaned.pop("items", []))
    ctas = read_ctas(cleaned.pop("ctas", []))
    rule = _rule(session, cleaned.pop("rule", None))
    if rule is not None and wishes:
        raise InvalidError(problems=(Problem("rule", "conflict"),))
    playlist_id, wanted = new_id(), cleaned.pop("slug", None)
    slug = (
        take_exact_slug(session, "playlist", playlist_id, wanted, now)
        if wanted
        else take_slug(session, "playlist", playlist_id, cleaned["title"], now)
    )
    guid = podcast_guid(links.playlist_feed(slug)) if links.is_public() else str(uuid4())
    order = {"order": "newest"} if rule is not None else {}
    playlist = Playlist(
        id=playlist_id,
        guid=guid,
        slug=slug,
        rule=rule,
        created_by_id=actor.user_id,
        created_at=now,
        updated_at=now,
        **{**order, **cleaned},
    )
    session.add(playlist)
    session.flush()
    _put_in_sections(session, playlist, sections)
    _place(session, playlist, wishes, now)
    replace_ctas(session, playlist, ctas)
    record(session, actor, now, "playlist.created", ("playlist", playlist.id), {"slug": slug})
    session.commit()
    return playlist


def edit_playlist(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    playlist: str,
    given: Mapping[str, Any],
    version: int | None = None,
) -> Playlist:
    """Change a playlist.

    Args:
        session: a writing one.
        actor: its maker, its sections' team, an admin.
        now: the instant.
        playlist: slug or id.
        given: values of ``FIELDS``, only those that change.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is none for this actor.
        InvalidError: a problem for each field at fault.
        StaleError: it is not of this version any more.
    """
    row = playlist_to_work_on(session, actor, playlist)
    require_version(row.version, version)
    cleaned = values.clean_values(given, FIELDS)
    sections = cleaned.pop("sections", None)
    if "rule" in cleaned:
        row.rule = _rule(session, cleaned.pop("rule"))
    if row.rule is not None and cleaned.get("items"):
        raise InvalidError(problems=(Problem("items", "rule-fills-it"),))
    if "items" in cleaned:
        _replace_items(session, actor, row, cleaned.pop("items"), now)
    if "ctas" in cleaned:
        replace_ctas(session, row, read_ctas(cleaned.pop("ctas")))
    if slug := cleaned.pop("slug", None):
        row.slug = take_exact_slug(session, "playlist", row.id, slug, now)
    for name, value in cleaned.items():
        setattr(row, name, value)
    row.updated_at = now
    if sections is not None:
        _put_in_sections(session, row, sections_by_name(session, sections))
    record(session, actor, now, "playlist.edited", ("playlist", row.id), {"fields": sorted(given)})
    session.commit()
    return row


def order_items(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    playlist: str,
    items: Any,  # noqa: ANN401 - whatever was sent
    version: int | None = None,
) -> Playlist:
    """Put exactly these items in this order into a playlist; ids of items that stay are kept.

    Args:
        session: a writing one.
        actor: as for ``edit_playlist``.
        now: the instant.
        playlist: slug or id.
        items: a list of {id} for places that there are, {episode_id} or {audio_id} for new ones, each with
            title, artist and album where they differ.
        version: what the caller saw; None does not mind.

    Raises:
        NotFoundError: there is no such playlist for this actor.
        InvalidError: a problem for each item at fault; "rule-fills-it" where a rule does.
        StaleError: it is not of this version any more.
    """
    row = playlist_to_work_on(session, actor, playlist)
    require_version(row.version, version)
    if row.rule is not None:
        raise InvalidError(problems=(Problem("items", "rule-fills-it"),))
    cleaned = values.clean_values({"items": items}, {"items": FIELDS["items"]})
    _replace_items(session, actor, row, cleaned["items"], now)
    row.updated_at = now
    record(session, actor, now, "playlist.reordered", ("playlist", row.id), {"items": len(cleaned["items"])})
    session.commit()
    return row


def set_playlist_artwork(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    playlist: str,
    artwork: Artwork,
    version: int | None = None,
) -> Playlist:
    """Give a playlist a cover; ``artwork`` is a new row whose files are in the store.

    Raises:
        NotFoundError: there is none for this actor.
        StaleError: it is not of this version any more.
    """
    row = playlist_to_work_on(session, actor, playlist)
    require_version(row.version, version)
    session.add(artwork)
    session.flush()
    row.artwork_id = artwork.id
    row.updated_at = now
    record(session, actor, now, "playlist.artwork-changed", ("playlist", row.id), {"artwork": artwork.id})
    session.commit()
    return row


def bin_playlist(session: Session, actor: Actor, now: datetime, *, playlist: str) -> None:
    """Put a playlist into the bin: it is hidden everywhere at once.

    Raises:
        NotFoundError: there is none for this actor.
    """
    row = playlist_to_work_on(session, actor, playlist)
    row.deleted_at = now
    row.updated_at = now
    record(session, actor, now, "playlist.binned", ("playlist", row.id))
    session.commit()


def _rule(session: Session, given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Check a rule and turn its slugs into ids, which outlive a new slug."""
    if given is None:
        return None
    try:
        cleaned = {
            name: value for name, value in values.clean_values(given, _RULE).items() if value is not None
        }
        for name in ("section", "tag"):
            if name in cleaned:
                cleaned[name] = sections_by_name(session, [cleaned[name]], name)[0].id
        if "show" in cleaned:
            cleaned["show"] = _show_id(session, cleaned["show"])
    except InvalidError as reason:
        inside = (
            Problem(f"rule.{fault.field.removesuffix('.0')}", fault.code, fault.facts)
            for fault in reason.problems
        )
        raise InvalidError(problems=tuple(inside)) from None
    return cleaned


def _show_id(session: Session, name: str) -> str:
    found = session.scalar(
        select(Show.id).where(or_(Show.slug == name, Show.id == name), Show.deleted_at.is_(None))
    )
    if found is None:
        raise InvalidError(problems=(Problem("show", "unknown-show"),))
    return found


def _replace_items(
    session: Session, actor: Actor, playlist: Playlist, items: Sequence[Any], now: datetime
) -> None:
    here = session.scalars(select(PlaylistItem).where(PlaylistItem.playlist_id == playlist.id)).all()
    _place(session, playlist, _wishes(session, actor, now, items, here), now)


def _wishes(
    session: Session, actor: Actor, now: datetime, items: Sequence[Any], known: Sequence[PlaylistItem] = ()
) -> list[Wish]:
    by_id = {item.id: item for item in known}
    kept_sounds = {item.episode_id or item.audio_id for item in known}
    wishes: list[Wish] = []
    problems: list[Problem] = []
    for place, entry in enumerate(items):
        try:
            wish = _wish(entry, by_id)
            if (wish.episode_id or wish.audio_id) not in kept_sounds:
                _require_sound(session, actor, wish, now)
            wishes.append(wish)
        except InvalidError as reason:
            faults = reason.problems or (Problem("", reason.code, reason.facts),)
            problems += [
                Problem(f"items.{place}.{fault.field}".rstrip("."), fault.code, fault.facts)
                for fault in faults
            ]
    ids = [wish.item_id for wish in wishes if wish.item_id]
    if len(set(ids)) < len(ids):
        problems.append(Problem("items", "listed-twice"))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return wishes


def _wish(entry: Any, by_id: Mapping[str, PlaylistItem]) -> Wish:  # noqa: ANN401 - whatever was sent
    if not isinstance(entry, Mapping):
        raise InvalidError("wrong-type", wanted="{episode_id} / {audio_id}")
    cleaned = values.clean_values(entry, _ITEM)
    item_id = cleaned.get("id")
    words = {name: cleaned.get(name) for name in ("title", "artist", "album")}
    if item_id is not None:
        item = by_id.get(item_id)
        if item is None:
            raise InvalidError(problems=(Problem("id", "not-found"),))
        kept = {name: cleaned.get(name, getattr(item, name)) for name in words}
        return Wish(item_id, item.episode_id, item.audio_id, **kept)
    episode_id, audio_id = cleaned.get("episode_id"), cleaned.get("audio_id")
    if (episode_id is None) == (audio_id is None):
        raise InvalidError("one-of-two")
    return Wish(None, episode_id, audio_id, **words)


def _require_sound(session: Session, actor: Actor, wish: Wish, now: datetime) -> None:
    """Let in what the actor works on, and any episode that everybody can hear anyway."""
    if wish.audio_id is not None:
        try:
            audio_to_use(session, actor, wish.audio_id)
        except NotFoundError:
            raise InvalidError(problems=(Problem("audio_id", "unknown-audio"),)) from None
        return
    try:
        episode_to_work_on(session, actor, wish.episode_id or "")
    except NotFoundError:
        if not _is_on_air(session, wish.episode_id or "", now):
            raise InvalidError(problems=(Problem("episode_id", "unknown-episode"),)) from None


def _is_on_air(session: Session, episode_id: str, now: datetime) -> bool:
    query = select(Episode.id).join(Episode.show).join(Episode.audio)
    return session.scalar(query.where(Episode.id == episode_id, is_public(now))) is not None


def _place(session: Session, playlist: Playlist, wishes: Sequence[Wish], now: datetime) -> None:
    kept = [wish.item_id for wish in wishes if wish.item_id]
    session.execute(
        delete(PlaylistItem).where(PlaylistItem.playlist_id == playlist.id, PlaylistItem.id.not_in(kept))
    )
    for position, wish in enumerate(wishes):
        item = session.get(PlaylistItem, wish.item_id) if wish.item_id else None
        if item is None:
            item = PlaylistItem(
                id=new_id(), playlist_id=playlist.id, episode_id=wish.episode_id, audio_id=wish.audio_id
            )
            item.position = position
            session.add(item)
            session.flush()
            _give_key(session, item, now)
        item.position = position
        item.title, item.artist, item.album = wish.title, wish.artist, wish.album
    session.flush()


def _give_key(session: Session, item: PlaylistItem, now: datetime) -> None:
    """A bare audio is heard under public keys of its own place in the list."""
    if item.audio_id is not None:
        give_keys(session, item.audio_id, now)


def _put_in_sections(session: Session, playlist: Playlist, sections: Sequence[Section]) -> None:
    session.execute(delete(PlaylistSection).where(PlaylistSection.playlist_id == playlist.id))
    for position, section in enumerate(sections):
        session.add(PlaylistSection(playlist_id=playlist.id, section_id=section.id, position=position))
