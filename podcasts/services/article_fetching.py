# SPDX-License-Identifier: AGPL-3.0-or-later
"""Article fetching: an address is noted at once; its public metadata is fetched by the worker."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.article_page import ArticleFacts, read_article
from podcasts.article_urls import article_key, article_url
from podcasts.db import Database, new_id
from podcasts.errors import FetchError, GriotError, InvalidError
from podcasts.fetching import Fetched, check_public, fetch
from podcasts.models import Article, ArticleAlias
from podcasts.models.article import FETCHED, PENDING, UNREACHABLE
from podcasts.services.actors import SYSTEM, Actor
from podcasts.services.changes import record
from podcasts.services.jobs import add_job
from podcasts.services.queries import find_articles

KIND = "fetch-article"


def check_article_address(url: str) -> None:
    """Refuse, before anything is written, an address that is none or that leads inside. Asks the resolver.

    Raises:
        InvalidError: "not-a-web-address", "address-too-long" or "inside-address".
    """
    check_public(article_url(url))


def note_article(session: Session, actor: Actor, now: datetime, *, url: str) -> Article:
    """Note an article and have its metadata fetched; one that is known is fetched again.

    Args:
        session: a writing one.
        actor: who asks.
        now: the instant.
        url: checked by ``check_article_address``.

    Raises:
        InvalidError: it is no web address.
    """
    key = article_key(url)
    article = find_articles(session, [key]).get(key)
    if article is None:
        article = Article(id=new_id(), key=key, url=article_url(url), created_at=now, updated_at=now)
        session.add(article)
    article.fetch_status = PENDING
    article.updated_at = now
    session.flush()
    add_job(session, actor, now, kind=KIND, subject_id=article.id, steps=())
    record(session, actor, now, "article.noted", ("article", article.id), {"url": article.url})
    session.commit()
    return article


def fetch_article(database: Database, now: datetime, *, article_id: str, user_agent: str) -> None:
    """Fetch an article's metadata and keep it. The network is asked outside of every transaction.

    What cannot be reached is marked so; what was known of it stays.
    """
    with database.reading() as session:
        article = session.get(Article, article_id)
    if article is None:
        return
    try:
        fetched = fetch(
            article.url, user_agent=user_agent, etag=article.etag, last_modified=article.last_modified
        )
    except GriotError as reason:
        _keep_failure(database, now, article_id, reason)
        return
    _keep(database, now, article_id, fetched)


def _keep(database: Database, now: datetime, article_id: str, fetched: Fetched) -> None:
    success = 200
    if fetched.status not in {success, 304}:
        _keep_failure(database, now, article_id, FetchError("fetch-status", status=fetched.status))
        return
    facts = None
    if fetched.status == success:
        kind = fetched.headers.get("content-type")
        facts = read_article(fetched.body, content_type=kind, page_url=fetched.url_final)
    with database.writing() as session:
        article = session.get(Article, article_id)
        if article is None:
            return
        article.last_status = fetched.status
        article.fetch_status, article.error_code, article.error_facts = FETCHED, None, {}
        article.fetched_at = article.updated_at = now
        if facts is not None:
            article.etag = fetched.headers.get("etag")
            article.last_modified = fetched.headers.get("last-modified")
            _take(article, facts)
            _learn_aliases(session, article, (fetched.url_final, facts.canonical_url, facts.amp_url), now)
        record(session, SYSTEM, now, "article.fetched", ("article", article.id), {"status": fetched.status})
        session.commit()


def _keep_failure(database: Database, now: datetime, article_id: str, reason: GriotError) -> None:
    with database.writing() as session:
        article = session.get(Article, article_id)
        if article is None:
            return
        article.fetch_status = UNREACHABLE
        article.error_code, article.error_facts = reason.code, dict(reason.facts)
        status = reason.facts.get("status")
        article.last_status = status if isinstance(status, int) else None
        article.fetched_at = article.updated_at = now
        record(session, SYSTEM, now, "article.unreachable", ("article", article.id), {"code": reason.code})
        session.commit()


def _take(article: Article, facts: ArticleFacts) -> None:
    article.title, article.author, article.site_name = facts.title, facts.author, facts.site_name
    article.published_at, article.image_url, article.excerpt = (
        facts.published_at,
        facts.image_url,
        facts.excerpt,
    )
    article.terms, article.language = list(facts.terms), facts.language
    article.source_name, article.source_url = facts.source_name, facts.source_url


def _learn_aliases(session: Session, article: Article, urls: tuple[str | None, ...], now: datetime) -> None:
    """Let the article also be found by where it redirected to, its canonical address and its AMP page.

    Only addresses of the same site: a page may not claim another newsroom's articles.
    """
    for url in urls:
        if url is None or _host(url) != _host(article.url):
            continue
        try:
            key = article_key(url)
        except InvalidError:
            continue
        taken = session.scalar(select(Article.id).where(Article.key == key)) or session.scalar(
            select(ArticleAlias.id).where(ArticleAlias.key == key)
        )
        if taken is None:
            session.add(ArticleAlias(key=key, url=article_url(url), article_id=article.id, created_at=now))
            session.flush()


def _host(url: str) -> str:
    """Name the site: the host without the prefixes under which sites keep phones' pages."""
    host = url.partition("://")[2].partition("/")[0].lower()
    for prefix in ("www.", "amp.", "m.", "mobile."):
        host = host.removeprefix(prefix)
    return host
