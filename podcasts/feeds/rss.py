# SPDX-License-Identifier: AGPL-3.0-or-later
"""RSS 2.0 with iTunes, Podcasting 2.0 and Atom: a channel in, bytes out; the same data give the same bytes.

feedgen 1.0.0 is wrapped here and nowhere else. What it does wrong was seen by running it, and is gone round:
the channel's link is the last one given; only one atom:link reaches RSS; a control character raises; a date goes
through the process's locale; lastBuildDate is now unless it is set.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import format_datetime
from html import escape
from typing import Protocol

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from podcasts.feeds import itunes
from podcasts.feeds.document import ArticleRef, Channel, Item, Soundbite, TranscriptRef
from podcasts.feeds.elements import EXTENSION, ChannelElements, Element, ItemElements
from podcasts.feeds.enclosure import fault_of
from podcasts.feeds.podcast_namespace import podcast
from podcasts.text import clean_line, cut_bytes, xml_safe

DESCRIPTION_BYTES = 4_000
"""Apple's limit of a description."""

TITLE_CHARACTERS = 500
MIME = "application/rss+xml"
CHAPTERS_MIME = "application/json+chapters"


class Words(Protocol):
    """Says the few words of ours that stand in a feed, in the feed's language."""

    def gettext(self, msgid: str, **facts: str | float | None) -> str:
        """Say a sentence."""
        ...


@dataclass(frozen=True)
class Dropped:
    """An item that cannot stand in the feed, and the code of the reason."""

    guid: str
    reason: str


def render_rss(channel: Channel, words: Words) -> bytes:
    """Write a channel as RSS; items that cannot be used are left out and never break the others.

    Args:
        channel: what is to be said, items in the order in which they are to stand.
        words: a translator of the feed's language.
    """
    items, _ = usable_items(channel)
    feed = FeedGenerator()
    feed.register_extension(EXTENSION, ChannelElements, ItemElements, atom=False)
    title = _line(channel.title) or channel.link
    feed.title(title)
    feed.description(xml_safe(cut_bytes(channel.description, DESCRIPTION_BYTES)) or title)
    # feedgen takes the last link for the channel's own, whatever its rel.
    feed.link(href=channel.self_url, rel="self", type=MIME)
    feed.link(href=channel.link, rel="alternate")
    feed.language(channel.language)
    feed.generator(_line(channel.generator))
    feed.lastBuildDate(channel.built_at)
    feed.image(url=channel.image_url, title=title, link=channel.link)
    if channel.copyright:
        feed.copyright(_line(channel.copyright))
    getattr(feed, EXTENSION).elements += [*itunes.channel_elements(channel), *_podcast_elements(channel)]
    for item in items:
        _write(feed.add_entry(order="append"), item, words)
    return bytes(feed.rss_str())


def usable_items(channel: Channel) -> tuple[tuple[Item, ...], tuple[Dropped, ...]]:
    """Part the items that can stand in the feed from those that cannot.

    Directories ignore a second item with the same guid or sound; the first one counts.
    """
    kept: list[Item] = []
    dropped: list[Dropped] = []
    guids: set[str] = set()
    sounds: set[str] = set()
    for item in channel.items:
        fault = fault_of(item.enclosure) or _fault(item)
        sound = item.enclosure.url if item.enclosure else ""
        if fault is None and (item.guid in guids or sound in sounds):
            fault = "twice"
        if fault is not None:
            dropped.append(Dropped(item.guid, fault))
            continue
        guids.add(item.guid)
        sounds.add(sound)
        kept.append(item if _line(item.title) else _titled(item, channel))
    return tuple(kept), tuple(dropped)


def _fault(item: Item) -> str | None:
    if not _line(item.guid) or xml_safe(item.guid) != item.guid:
        return "guid"
    if item.published_at.tzinfo is None:
        return "time"
    return None if item.link.startswith(("https://", "http://")) else "link"


def _titled(item: Item, channel: Channel) -> Item:
    """Give an item without a title the channel's and its date."""
    return replace(item, title=f"{channel.title} {item.published_at:%Y-%m-%d}")


def _write(entry: FeedEntry, item: Item, words: Words) -> None:
    title = _line(item.title)
    entry.title(title)
    entry.link(href=xml_safe(item.link))
    entry.guid(item.guid, permalink=False)
    html = _notes(item, words)
    entry.description(xml_safe(cut_bytes(item.summary, DESCRIPTION_BYTES)) or title)
    if html:
        entry.content(xml_safe(html), type="CDATA")
    if item.enclosure is not None:
        sound = item.enclosure
        entry.enclosure(sound.url, str(sound.length_bytes), sound.mime)
    getattr(entry, EXTENSION).elements += [
        # feedgen's own date goes through the process's locale, which threads share.
        Element("pubDate", format_datetime(item.published_at.astimezone(UTC), usegmt=True)),
        # feedgen's own category breaks on a double quote.
        *(Element("category", _line(name)) for name in item.categories if _line(name)),
        *itunes.item_elements(item),
        *_podcast_item_elements(item),
        *_article_elements(item.articles),
    ]


def _podcast_elements(channel: Channel) -> list[Element]:
    elements = [
        podcast("channel", "guid", channel.podcast_guid),
        podcast("channel", "locked", "yes" if channel.locked else "no", owner=channel.owner_email or None),
        podcast("channel", "medium", channel.medium),
    ]
    if channel.blocked:
        elements.append(podcast("channel", "block", "yes"))
    if channel.funding_url:
        label = _line(channel.funding_label or "")[:128]
        elements.append(podcast("channel", "funding", label, url=channel.funding_url))
    return elements


def _podcast_item_elements(item: Item) -> list[Element]:
    elements = [
        podcast("item", "location", _line(country.name), rel="subject", country=country.iso)
        for country in item.countries
    ]
    if item.season:
        elements.append(podcast("item", "season", str(item.season)))
    if item.number:
        elements.append(podcast("item", "episode", str(item.number)))
    if item.chapters_url:
        elements.append(podcast("item", "chapters", url=item.chapters_url, type=CHAPTERS_MIME))
    elements += [_transcript(one) for one in item.transcripts]
    elements += [_soundbite(one) for one in item.soundbites]
    if item.content_link:
        elements.append(podcast("item", "contentLink", _line(item.title), href=item.content_link))
    return elements


def _transcript(one: TranscriptRef) -> Element:
    rel = "captions" if one.captions else None
    return podcast("item", "transcript", url=one.url, type=one.mime, language=one.language, rel=rel)


def _soundbite(one: Soundbite) -> Element:
    times = {"startTime": f"{one.start_ms / 1000:.3f}", "duration": f"{one.duration_ms / 1000:.3f}"}
    return podcast("item", "soundbite", _line(one.title), **times)


def _article_elements(articles: Sequence[ArticleRef]) -> list[Element]:
    rels = {"related": "related", "correction": "related", "source": "via"}
    return [
        Element("atom:link", attributes={"rel": rels[article.role], "href": article.url})
        for article in articles
        if article.role in rels
    ]


def _notes(item: Item, words: Words) -> str:
    """Put the articles below the notes, so that every app shows them."""
    lines = [line for article in item.articles for line in _article_lines(article, words)]
    return "\n".join([item.notes_html, *lines]).strip()


def _article_lines(article: ArticleRef, words: Words) -> list[str]:
    label = words.gettext("Source:") if article.role == "source" else words.gettext("Read:")
    if article.role == "correction":
        label = words.gettext("Correction:")
    facts = [_anchor(article.url, article.title or article.url)]
    if article.site_name:
        facts.append(escape(_line(article.site_name)))
    if article.published_at:
        facts.append(f"{article.published_at.astimezone(UTC):%Y-%m-%d}")
    lines = [f"<p>{escape(label)} {', '.join(facts)}</p>"]
    if article.source_name:
        name = article.source_name
        source = _anchor(article.source_url, name) if article.source_url else escape(_line(name))
        lines.append(f"<p>{escape(words.gettext('Source:'))} {source}</p>")
    return lines


def _anchor(url: str, title: str) -> str:
    return f'<a href="{escape(url)}">{escape(_line(title))}</a>'


def _line(text: str) -> str:
    return clean_line(text, TITLE_CHARACTERS)
