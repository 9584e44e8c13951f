# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notes: what stands below an episode; Markdown source in, clean HTML or plain text out, always through nh3."""

import html
import re

import nh3
from markdown_it import MarkdownIt

from podcasts.text import clean_line

TAGS = frozenset(
    {"p", "br", "ul", "ol", "li", "a", "b", "strong", "i", "em", "blockquote", "h3", "h4", "code", "hr"}
)
SCHEMES = frozenset({"http", "https", "mailto"})
TEASER_CHARACTERS = 280

_BREAKS = re.compile(r"<(?:br|/p|/li|/h[1-6]|/blockquote|hr)\b[^>]*>", re.IGNORECASE)
_HEADINGS = re.compile(r"<(/?)h[1256]\b[^>]*>", re.IGNORECASE)
_GAPS = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\n\s*\n+")

# Nobody's HTML passes: what a producer writes as a tag is shown as the letters that it is.
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False}).disable("image")


def render_notes(source: str, notes_format: str = "markdown", *, page: bool = False) -> str:
    """Turn notes into HTML that may stand in a page or a feed.

    Args:
        source: as it was written or imported.
        notes_format: "markdown" or "html".
        page: links that open beside our own pages say ``rel="noopener nofollow ugc"``; feeds want none of it.

    Returns:
        Clean HTML of ``TAGS``; "" for nothing.
    """
    made = _MARKDOWN.render(source) if notes_format == "markdown" else source
    # Our pages own h1 and h2; what was louder becomes h3.
    lowered = _HEADINGS.sub(r"<\1h3>", made)
    return nh3.clean(
        lowered,
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(SCHEMES),
        link_rel="noopener nofollow ugc" if page else None,
    ).strip()


def notes_text(source: str, notes_format: str = "markdown") -> str:
    """Turn notes into plain text: one line for each paragraph or item."""
    broken = _BREAKS.sub("\n", render_notes(source, notes_format))
    text = html.unescape(nh3.clean(broken, tags=set()))
    return _LINES.sub("\n", _GAPS.sub(" ", text)).strip()


def notes_teaser(source: str, notes_format: str = "markdown") -> str:
    """Give the beginning of notes as one plain line, cut between words; "" for nothing."""
    if not source:
        return ""
    line = clean_line(notes_text(source, notes_format), TEASER_CHARACTERS * 4)
    if len(line) <= TEASER_CHARACTERS:
        return line
    return line[:TEASER_CHARACTERS].rpartition(" ")[0].rstrip(" ,;:–-") + "…"
