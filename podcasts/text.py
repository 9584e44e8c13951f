# SPDX-License-Identifier: AGPL-3.0-or-later
"""Text that others wrote: cleaned at the door, safe in XML, cut and turned into addresses."""

import re
import unicodedata

# Control characters, halves of characters, direction overrides, and what is no character and never will be
# (Unicode 16, section 23.7: a block of 32, and the last two of every plane).
_LAST_TWO = "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17))
_DIRT = re.compile(rf"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef{_LAST_TWO}]")
_DIRT_BUT_LINES = re.compile(_DIRT.pattern.replace(r"\x00-\x1f", r"\x00-\x08\x0b-\x1f"))
_GAPS = re.compile(r"\s+")
_SPACES = re.compile(r"[^\S\n]+")
_MANY_LINES = re.compile(r"\n{3,}")
# Enough to find ``limit`` good characters behind rubbish, without walking through megabytes of it.
_READ_AHEAD = 40
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FOLDED = str.maketrans(
    {
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "\u0131": "i",
        "þ": "th",
        "ð": "d",
        "ŋ": "ng",
        "ɛ": "e",
        "ɔ": "o",
        "ɲ": "ny",
        "’": " ",
        "'": " ",
    }
)
_WORD = re.compile(r"[a-z0-9]+")
_HTML_TAG = re.compile(r"<(/?)([a-z][a-z0-9-]*)", re.IGNORECASE | re.ASCII)
# Elements that end by themselves: the next of their kind is no deeper (HTML, section 13.1.2.4), or never hold any.
_ENDING = frozenset(
    {
        *(
            "p",
            "li",
            "dt",
            "dd",
            "option",
            "optgroup",
            "tr",
            "td",
            "th",
            "thead",
            "tbody",
            "tfoot",
            "colgroup",
        ),
        *("rp", "rt", "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"),
        *("source", "track", "wbr", "html", "head", "body"),
    }
)
_NESTED_AT_MOST = 500


def decoded(data: bytes) -> str:
    """Read a text file that somebody uploaded: UTF-8, UTF-16 with its mark, else as old Windows programs write.

    What stands for no character becomes U+FFFD; nothing is raised.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def clean_line(text: str, limit: int) -> str:
    """Make one clean line: no control characters, no direction overrides, no halves of characters.

    Args:
        text: as it was found.
        limit: characters at most.
    """
    spaced = _GAPS.sub(" ", text[: limit * _READ_AHEAD])
    kept = _DIRT.sub("", spaced)
    return _GAPS.sub(" ", kept).strip()[:limit].rstrip()


def clean_block(text: str, limit: int) -> str:
    """Make clean text with line breaks: as ``clean_line``, but its lines stay.

    Args:
        text: as it was found, with any kind of line end.
        limit: characters at most.
    """
    lines = text[: limit * 2].replace("\r\n", "\n").replace("\r", "\n")
    kept = _DIRT_BUT_LINES.sub("", lines)
    rows = (row.rstrip() for row in kept.split("\n"))
    return _MANY_LINES.sub("\n\n", "\n".join(rows)).strip("\n")[:limit].rstrip()


def shallow_html(text: str) -> str:
    """Cut HTML where its elements nest deeper than any page's: parsers take the square of the depth.

    Args:
        text: as it came.

    Returns:
        The same text; the part before the first element that is too deep where there is one.
    """
    open_elements: dict[str, int] = {}
    depth = 0
    for tag in _HTML_TAG.finditer(text):
        name = tag[2].lower()
        if name in _ENDING:
            continue
        if not tag[1]:
            open_elements[name] = open_elements.get(name, 0) + 1
            depth += 1
        elif open_elements.get(name):
            open_elements[name] -= 1
            depth -= 1
        if depth > _NESTED_AT_MOST:
            return text[: tag.start()]
    return text


def xml_safe(text: str) -> str:
    """Drop every character that XML 1.0 (section 2.2) forbids."""
    return _NOT_XML.sub("", text)


def ascii_slug(text: str, limit: int = 80) -> str:
    """Make the words of an address: lower-case ASCII joined by "-", accents folded.

    Args:
        text: in any script.
        limit: characters at most; cut between words where that can be.

    Returns:
        "" when nothing is left; the caller decides what stands in.
    """
    folded = text[: limit * 8].lower().translate(_FOLDED)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode("ascii")
    slug = "-".join(_WORD.findall(plain))
    if len(slug) <= limit:
        return slug
    whole, _, _rest = slug[: limit + 1].rpartition("-")
    return whole or slug[:limit]


def cut_bytes(text: str, limit_bytes: int) -> str:
    """Cut text to so many bytes of UTF-8, between words where that can be, with an ellipsis."""
    if len(text.encode("utf-8", "ignore")) <= limit_bytes:
        return text
    room = limit_bytes - len("…".encode())
    cut = text.encode("utf-8", "ignore")[: max(room, 0)].decode("utf-8", "ignore")
    whole, _, _rest = cut.rpartition(" ")
    return f"{(whole or cut).rstrip()}…" if room > 0 else ""
