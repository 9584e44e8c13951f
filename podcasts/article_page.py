# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article pages: what a strangers' page says about itself: JSON-LD first, then OpenGraph, then plain HTML.

Public metadata only, never the article's body. Every text is cleaned; nothing that stands in a page raises.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from selectolax.lexbor import LexborHTMLParser

from podcasts.article_urls import article_url
from podcasts.errors import InvalidError
from podcasts.text import clean_line, shallow_html

TITLE_CHARACTERS = 300
NAME_CHARACTERS = 200
EXCERPT_CHARACTERS = 500
TERMS_AT_MOST = 20
JSON_BYTES = 500_000
NODES_AT_MOST = 2_000

_ARTICLE_TYPES = frozenset(
    {
        "article",
        "newsarticle",
        "reportagenewsarticle",
        "analysisnewsarticle",
        "opinionnewsarticle",
        "blogposting",
    }
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]+)", re.IGNORECASE)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}))?(?:[-_].*)?", re.ASCII)


@dataclass(frozen=True)
class ArticleFacts:
    """What a page says about its article; None where it says nothing.

    Attributes:
        published_at: aware; a date without a zone counts as UTC.
        canonical_url: where the page wants to be found; ``amp_url`` its AMP form.
        terms: the newsroom's own sections and keywords, in their order.
        source_name: where the article was taken from, with ``source_url``.
    """

    title: str | None = None
    author: str | None = None
    site_name: str | None = None
    published_at: datetime | None = None
    image_url: str | None = None
    excerpt: str | None = None
    canonical_url: str | None = None
    amp_url: str | None = None
    language: str | None = None
    terms: tuple[str, ...] = ()
    source_name: str | None = None
    source_url: str | None = None


def read_article(body: bytes, *, content_type: str | None, page_url: str) -> ArticleFacts:
    """Read a page's metadata.

    Args:
        body: the page.
        content_type: of its answer, for the charset; None where it did not say.
        page_url: where it came from, for relative addresses.
    """
    tree = LexborHTMLParser(shallow_html(_decoded(body, content_type)))
    data, metas = _json_ld(tree), _metas(tree)

    def address(*candidates: Any) -> str | None:  # noqa: ANN401 - whatever stood there
        return next((url for url in (_address(one, page_url) for one in candidates) if url), None)

    source = _first_mapping(data.get("isBasedOn")) or _first_mapping(data.get("sourceOrganization"))
    return ArticleFacts(
        title=_line(TITLE_CHARACTERS, data.get("headline"), metas.get("og:title"), _text_of(tree, "title")),
        author=_line(
            NAME_CHARACTERS, _names(data.get("author")), metas.get("author"), metas.get("article:author")
        ),
        site_name=_line(NAME_CHARACTERS, _names(data.get("publisher")), metas.get("og:site_name")),
        published_at=_time(data.get("datePublished"), metas.get("article:published_time"), metas.get("date")),
        image_url=address(_image(data.get("image")), metas.get("og:image")),
        excerpt=_line(
            EXCERPT_CHARACTERS, data.get("description"), metas.get("og:description"), metas.get("description")
        ),
        canonical_url=address(_link(tree, "canonical"), metas.get("og:url")),
        amp_url=address(_link(tree, "amphtml")),
        language=_language(data.get("inLanguage"), _attribute(tree, "html", "lang"), metas.get("og:locale")),
        terms=_terms(data, metas),
        source_name=_line(NAME_CHARACTERS, source.get("name")) if source else None,
        source_url=address(source.get("url")) if source else None,
    )


def _decoded(body: bytes, content_type: str | None) -> str:
    """Decode by the answer's charset, then the page's own, then UTF-8; wrong bytes are replaced."""
    declared = _CHARSET.search(content_type or "") or _CHARSET.search(body[:2048].decode("latin-1"))
    for charset in (declared[1] if declared else "utf-8", "utf-8"):
        try:
            return body.decode(charset, "replace").replace("\x00", "")
        except (LookupError, ValueError):
            continue
    return body.decode("latin-1")


def _json_ld(tree: LexborHTMLParser) -> Mapping[str, Any]:
    """Find the first thing in the page's JSON-LD that is an article."""
    for script in tree.css('script[type="application/ld+json"]')[:20]:
        text = script.text() or ""
        if len(text) > JSON_BYTES:
            continue
        try:
            document = json.loads(text)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(document):
            if _is_article(node):
                return node
    return {}


def _nodes(document: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON
    """Walk through lists and @graph, not deeper, and not for ever."""
    waiting, seen = [document], 0
    while waiting and seen < NODES_AT_MOST:
        seen += 1
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting += node[:200]
        elif isinstance(node, Mapping):
            yield node
            waiting += [node[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in node]


def _is_article(node: Mapping[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        str(kind).lower() in _ARTICLE_TYPES for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _metas(tree: LexborHTMLParser) -> dict[str, str]:
    """Read the meta elements; of several of one name the first, but article:tag, which are joined."""
    found: dict[str, str] = {}
    for meta in tree.css("meta")[:500]:
        name = (meta.attributes.get("property") or meta.attributes.get("name") or "").lower()
        value = meta.attributes.get("content")
        if name and value:
            found[name] = (
                f"{found[name]},{value}"
                if name == "article:tag" and name in found
                else found.get(name, value)
            )
    return found


def _terms(data: Mapping[str, Any], metas: Mapping[str, str]) -> tuple[str, ...]:
    words: list[str] = []
    for found in (
        data.get("articleSection"),
        metas.get("article:section"),
        data.get("keywords"),
        metas.get("article:tag"),
    ):
        parts = found.split(",") if isinstance(found, str) else found if isinstance(found, list) else []
        words += [clean_line(part, 100) for part in parts if isinstance(part, str)]
    return tuple(dict.fromkeys(word for word in words if word))[:TERMS_AT_MOST]


def _names(found: Any) -> str | None:  # noqa: ANN401 - JSON
    """Read one or several names: "A", {"name": "A"}, [{"name": "A"}, …]."""
    entries = found if isinstance(found, list) else [found]
    names = [entry.get("name") if isinstance(entry, Mapping) else entry for entry in entries[:10]]
    return ", ".join(name for name in names if isinstance(name, str)) or None


def _image(found: Any) -> str | None:  # noqa: ANN401 - JSON
    first = found[0] if isinstance(found, list) and found else found
    url = first.get("url") if isinstance(first, Mapping) else first
    return url if isinstance(url, str) else None


def _first_mapping(found: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - JSON
    first = found[0] if isinstance(found, list) and found else found
    return first if isinstance(first, Mapping) else None


def _line(limit: int, *candidates: Any) -> str | None:  # noqa: ANN401 - whatever stood there
    for candidate in candidates:
        line = clean_line(candidate, limit) if isinstance(candidate, str) else ""
        if line:
            return line
    return None


def _time(*candidates: Any) -> datetime | None:  # noqa: ANN401 - whatever stood there
    for candidate in candidates:
        if not isinstance(candidate, str):
            continue
        try:
            moment = datetime.fromisoformat(candidate.strip())
            aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
        return aware
    return None


def _language(*candidates: Any) -> str | None:  # noqa: ANN401 - whatever stood there
    for candidate in candidates:
        found = _LANGUAGE.fullmatch(candidate.strip()) if isinstance(candidate, str) else None
        if found:
            return f"{found[1].lower()}-{found[2].upper()}" if found[2] else found[1].lower()
    return None


def _address(found: Any, page_url: str) -> str | None:  # noqa: ANN401 - whatever stood there
    if not isinstance(found, str) or not found.strip():
        return None
    try:
        return article_url(urljoin(page_url, found.strip()))
    except (InvalidError, ValueError):
        return None


def _link(tree: LexborHTMLParser, rel: str) -> str | None:
    return _attribute(tree, f'link[rel="{rel}"]', "href")


def _attribute(tree: LexborHTMLParser, selector: str, name: str) -> str | None:
    node = tree.css_first(selector)
    return node.attributes.get(name) if node is not None else None


def _text_of(tree: LexborHTMLParser, selector: str) -> str | None:
    node = tree.css_first(selector)
    return node.text() if node is not None else None
