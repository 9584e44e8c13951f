# SPDX-License-Identifier: AGPL-3.0-or-later
"""Channels to be written: each shows one thing, and is kept beside what was written of it (tests/data/feeds)."""

from datetime import UTC, datetime, timedelta
from typing import Any

from podcasts.feeds.document import ArticleRef, Channel, Country, Enclosure, Item

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
BASE = "https://radio.example.org"


def make_item(count: int = 1, **values: Any) -> Item:
    """Make an item that can stand in a feed."""
    return Item(
        **{
            "guid": f"urn:uuid:00000000-0000-4000-8000-{count:012}",
            "title": f"Épisode {count}",
            "link": f"{BASE}/shows/matin/episode-{count}",
            "published_at": MORNING - timedelta(days=count),
            "enclosure": Enclosure(
                f"{BASE}/media/key{count}/episode-{count}.mp3", 1_000 + count, "audio/mpeg"
            ),
            "duration_ms": 61_500,
            **values,
        }
    )


def make_channel(*items: Item, **values: Any) -> Channel:
    """Make a channel."""
    return Channel(
        **{
            "self_url": f"{BASE}/shows/matin/feed.xml",
            "link": f"{BASE}/shows/matin",
            "title": "Matins",
            "description": "Chaque matin, une voix.",
            "language": "fr",
            "image_url": f"{BASE}/static/cover.png",
            "podcast_guid": "5a22e68c-c0e5-44de-8ab9-50fd7bc3fade",
            "built_at": MORNING,
            "items": items,
            **values,
        }
    )


SAMPLES = {
    "empty": make_channel(),
    "whole": make_channel(
        make_item(
            1,
            summary="Une phrase.",
            notes_html="<p>Bonjour, <strong>monde</strong> &amp; autres ]]&gt;.</p>",
            author="Awa Traoré",
            explicit=False,
            season=2,
            number=7,
            image_url=f"{BASE}/media/art/cover.jpg",
            articles=(
                ArticleRef("https://gazette.example/a", "L'eau <monte>", "La Gazette", MORNING, "primary"),
                ArticleRef("https://gazette.example/b", None, None, None, "related"),
                ArticleRef("https://agence.example/c", "Dépêche", "Agence", None, "source"),
            ),
            categories=("Mali", 'Dit "le fleuve"'),
            countries=(Country("ML", "Mali"),),
            chapters_url=f"{BASE}/media/key1/chapters.json",
            content_link=f"{BASE}/shows/matin/episode-1",
        ),
        make_item(2, episode_type="bonus"),
        author="La Gazette",
        owner_name="La Gazette",
        owner_email="radio@gazette.example",
        category="Society & Culture > Places & Travel",
        itunes_type="serial",
        copyright="La Gazette",
        funding_url="https://gazette.example/don",
        funding_label="Soutenir",
    ),
    "derived": make_channel(make_item(), blocked=True, title="Mali : toutes les émissions"),
    "moved": make_channel(
        make_item(), new_feed_url="https://ailleurs.example/feed.xml", complete=True, locked=False
    ),
    "hostile": make_channel(
        make_item(1, title="\x00Contrôle\x1b[31m \ud800 ]]> <script>alert(1)</script> 🎙 \u202egnp"),
        make_item(2, title="مرحبا بالعالم", notes_html="<p>]]></p>"),
        make_item(3, title=""),
        title="A & B <c> \x0b",
        description="x" * 5_000,
    ),
}
