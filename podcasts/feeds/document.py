# SPDX-License-Identifier: AGPL-3.0-or-later
"""A feed as plain data: what the services fill in and the renderers write out."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Enclosure:
    """The sound of an item.

    Attributes:
        url: absolute, ASCII, ending in the true extension.
        length_bytes: exactly the bytes that are served.
        mime: as served.
    """

    url: str
    length_bytes: int
    mime: str


@dataclass(frozen=True)
class ArticleRef:
    """An article that an item belongs to.

    Attributes:
        url: absolute.
        title: None where nobody fetched it: the address stands in.
        site_name: None where unknown.
        published_at: None where unknown.
        role: primary, related, source or correction.
        source_name: where the article itself comes from ("Source: …"); None for its own site.
        source_url: of that source.
    """

    url: str
    title: str | None
    site_name: str | None
    published_at: datetime | None
    role: str
    source_name: str | None = None
    source_url: str | None = None


@dataclass(frozen=True)
class Country:
    """A country that an item is about: two letters of ISO 3166-1, and its name in the feed's language."""

    iso: str
    name: str


@dataclass(frozen=True)
class Soundbite:
    """A piece of an item that stands for it (podcast:soundbite); the title may be "", then the item's counts."""

    start_ms: int
    duration_ms: int
    title: str


@dataclass(frozen=True)
class TranscriptRef:
    """Words of an item in one form (podcast:transcript).

    Attributes:
        url: absolute.
        mime: of the form.
        language: of the words.
        captions: whether they come with times.
    """

    url: str
    mime: str
    language: str
    captions: bool


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes:
        guid: unique in the feed, never changes; no permalink.
        title: plain text; "" is mended with the channel's title and the date.
        link: the article, or the episode's page.
        published_at: aware.
        enclosure: None makes the item unusable; it is left out.
        notes_html: clean HTML; "" for none.
        summary: plain text; "" takes the notes' or the title.
        duration_ms: decoded; None where unknown.
        author: "" for the channel's.
        explicit: None for the channel's.
        episode_type: full, trailer or bonus.
        image_url: None for the channel's.
        articles: in their order.
        categories: names of sections.
        chapters_url: of JSON chapters; None for none.
        soundbites: by their beginnings.
        transcripts: the form that most apps read first.
        content_link: the page that carries the player for this item; None for none.
    """

    guid: str
    title: str
    link: str
    published_at: datetime
    enclosure: Enclosure | None
    notes_html: str = ""
    summary: str = ""
    duration_ms: int | None = None
    author: str = ""
    explicit: bool | None = None
    episode_type: str = "full"
    season: int | None = None
    number: int | None = None
    image_url: str | None = None
    articles: tuple[ArticleRef, ...] = ()
    categories: tuple[str, ...] = ()
    countries: tuple[Country, ...] = ()
    chapters_url: str | None = None
    content_link: str | None = None
    soundbites: tuple[Soundbite, ...] = ()
    transcripts: tuple[TranscriptRef, ...] = ()


@dataclass(frozen=True)
class Channel:
    """One feed.

    Attributes:
        self_url: its own address.
        link: the page that it belongs to.
        description: plain text, cut at 4,000 bytes; "" takes the title.
        language: ISO 639 with an optional region.
        author: "" leaves the tag out.
        owner_name: "" leaves the owner out, as does "" in ``owner_email``.
        image_url: JPEG or PNG, 1400 to 3000 px.
        category: Apple's, "News" or "News > Politics"; None leaves it out.
        itunes_type: episodic or serial.
        podcast_guid: minted once.
        locked: whether others may import it (podcast:locked yes).
        blocked: derived feeds, which no directory should list.
        new_feed_url: where it has moved; None for here.
        complete: no more items will come.
        built_at: the newest change in it: lastBuildDate.
        items: newest first.
    """

    self_url: str
    link: str
    title: str
    description: str
    language: str
    image_url: str
    podcast_guid: str
    built_at: datetime
    items: tuple[Item, ...]
    author: str = ""
    owner_name: str = ""
    owner_email: str = ""
    category: str | None = None
    explicit: bool = False
    itunes_type: str = "episodic"
    copyright: str = ""
    locked: bool = True
    blocked: bool = False
    new_feed_url: str | None = None
    complete: bool = False
    funding_url: str | None = None
    funding_label: str | None = None
    medium: str = "podcast"
    generator: str = "Griot"
