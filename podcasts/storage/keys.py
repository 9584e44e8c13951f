# SPDX-License-Identifier: AGPL-3.0-or-later
"""Storage keys: made by us at random, never from an uploader's file name, and checked before every use."""

import re
import secrets
from typing import Literal

from podcasts.errors import NotFoundError

_KEY = re.compile(r"(?:audio|artwork)/[0-9a-f]{2}/[0-9a-f]{32}(?:-[0-9a-z]{1,20})?\.[0-9a-z]{1,8}", re.ASCII)
_EXTENSION = re.compile(r"[0-9a-z]{1,8}", re.ASCII)


def new_key(kind: Literal["audio", "artwork"], extension: str) -> str:
    """Make a key that nobody can guess, such as ``audio/ab/<32 hex digits>.mp3``.

    The two digits in the middle spread the files over 256 folders.

    Args:
        kind: the first folder.
        extension: without the dot, lower-case ASCII.

    Raises:
        ValueError: no such extension can stand in a key.
    """
    if not _EXTENSION.fullmatch(extension):
        raise ValueError(extension)
    return f"{kind}/{secrets.token_hex(1)}/{secrets.token_hex(16)}.{extension}"


def check_key(key: str) -> str:
    """Let through only a key of our own making, perhaps with a size behind it (``…-600.webp``).

    So no "..", no absolute path, no NUL, no letter outside ASCII and no other folder can pass.

    Raises:
        NotFoundError: anything else.
    """
    if not _KEY.fullmatch(key):
        raise NotFoundError
    return key
