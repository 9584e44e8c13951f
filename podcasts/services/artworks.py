# SPDX-License-Identifier: AGPL-3.0-or-later
"""Artwork: strangers' pictures made into covers of every size, their files first and their row after."""

from datetime import datetime

from podcasts.audio.artwork import Cover, prepare_cover
from podcasts.db import new_id
from podcasts.errors import DiskFullError
from podcasts.models import Artwork
from podcasts.storage.base import Storage
from podcasts.storage.keys import new_key

SHOW_PX_AT_LEAST = 1400
"""Directories refuse a show's cover that is smaller."""

ANY_PX = 1


def store_artwork(storage: Storage, now: datetime, data: bytes, *, smallest_px: int = ANY_PX) -> Artwork:
    """Make a cover of a picture and put its files into the store; no transaction may be open.

    Args:
        storage: takes the files.
        now: the instant.
        data: JPEG, PNG or WebP.
        smallest_px: the shorter side must have as many.

    Returns:
        The row, not yet in any session: whoever adds it makes the picture known.

    Raises:
        UnusableMediaError: as ``podcasts.audio.artwork.prepare_cover``.
        DiskFullError: nothing is kept.
    """
    cover = prepare_cover(data, smallest_px=smallest_px)
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
        created_at=now,
    )


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
