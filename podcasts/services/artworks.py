# SPDX-License-Identifier: AGPL-3.0-or-later
"""Artwork: strangers' pictures made into covers of every size, their files first and their row after."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from podcasts.audio.artwork import Cover, Crop, prepare_cover
from podcasts.db import Database, new_id
from podcasts.errors import DiskFullError, InvalidError, Problem
from podcasts.models import (
    Artwork,
    Audio,
    Chapter,
    Episode,
    Person,
    Playlist,
    Section,
    Show,
    Site,
)
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key
from podcasts.text import clean_line

SHOW_PX_AT_LEAST = 1400
"""Directories refuse a show's cover that is smaller."""

ANY_PX = 1

ALT_CHARACTERS = 300
"""A description is heard in one breath; more belongs into the text."""

KEPT_UNNAMED = timedelta(days=1)
"""Caches and half-read pages still ask for a picture that was just replaced."""

ARTWORKS_AT_ONCE = 200
"""How many one sweep lets go: no transaction is long."""

_NAMED_BY = (
    *(Show.artwork_id, Episode.artwork_id, Chapter.artwork_id, Audio.artwork_id),
    *(Playlist.artwork_id, Section.artwork_id, Person.artwork_id, Site.artwork_id),
)


def store_artwork(
    storage: Storage,
    now: datetime,
    data: bytes,
    *,
    smallest_px: int = ANY_PX,
    crop: Crop | None = None,
    alt: str = "",
) -> Artwork:
    """Make a cover of a picture and put its files into the store; no transaction may be open.

    Args:
        storage: takes the files.
        now: the instant.
        data: JPEG, PNG or WebP.
        smallest_px: the square must have as many px on a side.
        crop: which square of the picture; None for the middle.
        alt: what it shows, in words, at most 300 characters; "" where nobody said.

    Returns:
        The row, not yet in any session: whoever adds it makes the picture known.

    Raises:
        InvalidError: "alt": too-long.
        UnusableMediaError: as ``podcasts.audio.artwork.prepare_cover``.
        DiskFullError: nothing is kept.
    """
    described = clean_alt(alt)
    cover = prepare_cover(data, smallest_px=smallest_px, crop=crop)
    keys = [new_key("artwork", extension) for extension in ("jpg", "webp", "webp", "webp")]
    _put_all(storage, cover, keys)
    return Artwork(
        id=new_id(),
        public_key=new_id(),
        feed_key=keys[0],
        page_key=keys[1],
        small_key=keys[2],
        thumb_key=keys[3],
        width_px=cover.width,
        feed_size_bytes=len(cover.feed_jpeg),
        alt=described,
        created_at=now,
    )


def clean_alt(alt: str) -> str:
    """Clean the description of a picture.

    Raises:
        InvalidError: "too-long" on ``alt``.
    """
    cleaned = clean_line(alt, ALT_CHARACTERS + 1)
    if len(cleaned) > ALT_CHARACTERS:
        raise InvalidError(problems=(Problem("alt", "too-long", {"limit": ALT_CHARACTERS}),))
    return cleaned


def sweep_artworks(database: Database, storage: Storage, now: datetime) -> int:
    """Let pictures go that nothing names any more, a day after they were made.

    Whether something names one is asked in the transaction that forgets it; the files go after that.

    Returns:
        How many went.
    """
    with database.writing() as session:
        unnamed = select(Artwork).where(
            Artwork.created_at < now - KEPT_UNNAMED,
            *(~exists().where(column == Artwork.id) for column in _NAMED_BY),
        )
        rows = session.scalars(unnamed.limit(ARTWORKS_AT_ONCE)).all()
        keys = [key for row in rows for key in files_of(row)]
        for row in rows:
            session.delete(row)
        session.commit()
    for key in keys:
        storage.delete(key)
    return len(rows)


def files_of(artwork: Artwork) -> tuple[str, str, str, str]:
    """List the storage keys of a picture."""
    return artwork.feed_key, artwork.page_key, artwork.small_key, artwork.thumb_key


def _put_all(storage: Storage, cover: Cover, keys: list[str]) -> None:
    """Put every size away, or none."""
    files = (cover.feed_jpeg, cover.page_webp, cover.small_webp, cover.thumb_webp)
    try:
        for key, data in zip(keys, files, strict=True):
            storage.put_bytes(data, key)
    except DiskFullError:
        for key in keys:
            storage.delete(key)
        raise
