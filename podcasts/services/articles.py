# SPDX-License-Identifier: AGPL-3.0-or-later
"""Articles: addresses in somebody else's CMS, tied to episodes. Linking never fetches anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from podcasts.article_urls import article_key, article_url
from podcasts.db import new_id
from podcasts.errors import InvalidError, Problem
from podcasts.models import Article, Episode, EpisodeArticle
from podcasts.models.episode import ARTICLE_ROLES
from podcasts.services import values
from podcasts.services.queries import find_articles

ARTICLES_AT_MOST = 50


@dataclass(frozen=True)
class ArticleLink:
    """A checked wish to tie an episode to an article."""

    key: str
    url: str
    role: str
    label: str | None


def article_links(given: Any, field: str = "articles") -> list[ArticleLink]:  # noqa: ANN401 - whatever was sent
    """Check a list of {url, role?, label?}; without roles the first is primary and the others related.

    Raises:
        InvalidError: a problem for each entry at fault, as ``articles.0.url``.
    """
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise InvalidError(problems=(Problem(field, "wrong-type", {"wanted": "[…]"}),))
    if len(given) > ARTICLES_AT_MOST:
        raise InvalidError(problems=(Problem(field, "too-many", {"limit": ARTICLES_AT_MOST}),))
    links: list[ArticleLink] = []
    problems: list[Problem] = []
    for place, entry in enumerate(given):
        try:
            links.append(_link(entry, "related" if links else "primary"))
        except InvalidError as reason:
            faults = reason.problems or (Problem("url", reason.code, reason.facts),)
            problems += [
                Problem(f"{field}.{place}.{fault.field}", fault.code, fault.facts) for fault in faults
            ]
    if len({link.key for link in links}) < len(links):
        problems.append(Problem(field, "listed-twice"))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return links


def tie(session: Session, episode: Episode, links: Sequence[ArticleLink], now: datetime) -> None:
    """Tie an episode to exactly these articles, in this order; the caller commits.

    Articles that nobody linked before are made, without asking their server.
    """
    session.execute(delete(EpisodeArticle).where(EpisodeArticle.episode_id == episode.id))
    known = find_articles(session, [link.key for link in links])
    for position, link in enumerate(links):
        article = known.get(link.key) or _made(session, link, now)
        session.add(
            EpisodeArticle(
                episode_id=episode.id,
                article_id=article.id,
                role=link.role,
                position=position,
                label=link.label,
            )
        )
    session.flush()


def _link(entry: Any, role: str) -> ArticleLink:  # noqa: ANN401 - whatever was sent
    if not isinstance(entry, Mapping):
        raise InvalidError("wrong-type", wanted="{url, role}")
    cleaned = values.clean_values(
        entry,
        {
            "url": values.web_address,
            "role": values.choice(*ARTICLE_ROLES),
            "label": values.optional(values.line(values.NAME_CHARACTERS)),
        },
    )
    values.require(cleaned, "url")
    url = article_url(cleaned["url"])
    return ArticleLink(article_key(url), url, cleaned.get("role", role), cleaned.get("label"))


def _made(session: Session, link: ArticleLink, now: datetime) -> Article:
    article = Article(id=new_id(), key=link.key, url=link.url, created_at=now, updated_at=now)
    session.add(article)
    session.flush()
    return article
