# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: pictures that come with a form."""

from datetime import datetime

from flask import request

from podcasts.audio.artwork import PICTURE_BYTES_AT_MOST, Crop
from podcasts.errors import DiskFullError, InvalidError, Problem, TooLargeError, UnusableMediaError
from podcasts.models import Artwork
from podcasts.services.artworks import ANY_PX, store_artwork
from podcasts.storage.base import Storage

OVERHEAD_BYTES = 1_000_000
PICTURE_VIEWS = frozenset(
    {
        *("studio_shows.put_artwork", "studio_episodes.put_artwork", "studio_playlists.put_artwork"),
        *("studio_words.put_picture", "studio_words.put_transcript"),
    }
)
PICTURE_FAULTS = (UnusableMediaError, InvalidError, TooLargeError, DiskFullError)
"""What can be wrong with a picture; it is said beside its field."""


def allow_picture() -> None:
    """Let forms that bring a picture (or a transcript) be as large as one; before anything of the form is read."""
    if request.endpoint in PICTURE_VIEWS:
        request.max_content_length = PICTURE_BYTES_AT_MOST + OVERHEAD_BYTES


def read_artwork(storage: Storage, now: datetime, *, smallest_px: int = ANY_PX) -> Artwork:
    """Make a cover of the picture of a form, cut as ``crop_x``, ``crop_y`` and ``crop_size`` say.

    Raises:
        InvalidError: "no-file"; "too-long" on ``alt``.
        TooLargeError: facts ``limit_bytes``.
        UnusableMediaError: as ``artworks.store_artwork``.
        DiskFullError: nothing is kept.
    """
    alt = request.form.get("alt", "")
    return store_artwork(storage, now, read_picture(), smallest_px=smallest_px, crop=_crop(), alt=alt)


def _crop() -> Crop | None:
    """Read the square that was chosen; None where the form has none, or nonsense: then the middle is cut."""
    try:
        return Crop(*(float(request.form[name]) for name in ("crop_x", "crop_y", "crop_size")))
    except (KeyError, ValueError):
        return None


def read_picture(name: str = "picture") -> bytes:
    """Read the picture of a form.

    Raises:
        InvalidError: "no-file".
        TooLargeError: facts ``limit_bytes``.
    """
    file = request.files.get(name)
    if file is None or not file.filename:
        raise InvalidError(problems=(Problem(name, "no-file"),))
    data = file.stream.read(PICTURE_BYTES_AT_MOST + 1)
    if len(data) > PICTURE_BYTES_AT_MOST:
        raise TooLargeError(limit_bytes=PICTURE_BYTES_AT_MOST)
    return data
