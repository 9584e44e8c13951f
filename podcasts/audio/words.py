# SPDX-License-Identifier: AGPL-3.0-or-later
"""Words that others wrote into tags, cleaned at the door."""

import re
import unicodedata

_DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Unicode 16, section 23.7: these and the last two of every plane are no characters and never will be.
_NONCHARACTERS = range(0xFDD0, 0xFDF0)
_LAST_TWO = 0xFFFE
_GAPS = re.compile(r"\s+")
# Enough to find ``limit`` good characters behind rubbish, without walking through megabytes of it.
_READ_AHEAD = 40


def clean_line(text: str, limit: int) -> str:
    """Make one clean line: no control characters, no direction overrides, no halves of characters.

    Args:
        text: as it was found.
        limit: characters at most.
    """
    spaced = _GAPS.sub(" ", text[: limit * _READ_AHEAD])
    kept = "".join(letter for letter in spaced if _is_kept(letter))
    return _GAPS.sub(" ", kept).strip()[:limit].rstrip()


def _is_kept(letter: str) -> bool:
    code = ord(letter)
    if letter in _DIRECTION_OVERRIDES or code in _NONCHARACTERS or code & _LAST_TWO == _LAST_TWO:
        return False
    return unicodedata.category(letter) not in {"Cc", "Cs"}
