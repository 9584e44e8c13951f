# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: pictures that come with a form."""

from flask import request

from podcasts.audio.artwork import PICTURE_BYTES_AT_MOST
from podcasts.errors import DiskFullError, InvalidError, Problem, TooLargeError, UnusableMediaError

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
