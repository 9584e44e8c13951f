# SPDX-License-Identifier: AGPL-3.0-or-later
"""A feed of 1,000 episodes: from the rows to the bytes, beside bare feedgen on the same data."""

import time
from collections.abc import Callable
from statistics import median

import pytest
from feedgen.feed import FeedGenerator

from podcasts.bootstrap import Griot
from podcasts.feeds.document import Channel
from podcasts.feeds.rss import render_rss
from podcasts.i18n import translator
from podcasts.services import feed_loading
from tests.conftest import recorded_queries
from tests.factories import MORNING, make_article, make_audio, make_episode, make_show

EPISODES = 1_000
ROUNDS = 5
NOTES = "**Bonjour.** " + "Une phrase de notes, assez longue pour ressembler à une vraie. " * 30


@pytest.mark.benchmark
def test_a_feed_of_a_thousand_episodes(embedded: Griot) -> None:
    with embedded.database.writing() as session:
        show = make_show(session, author="La Gazette", category="News")
        audio = make_audio(session)
        for number in range(EPISODES):
            episode = make_episode(session, show, audio=audio, title=f"Épisode {number}", notes=NOTES)
            make_article(session, f"https://gazette.example/{number}", episode=episode)
        session.commit()
    place = feed_loading.FeedPlace(links=embedded.links, now=MORNING, timezone="UTC", default_language="fr")
    with embedded.database.reading() as session, recorded_queries(embedded.database.engine) as asked:
        channel = feed_loading.load_show_feed(session, place, show.slug).channel
    words = translator("fr")
    body = render_rss(channel, words)
    ours, bare = _seconds(lambda: render_rss(channel, words)), _seconds(lambda: _bare(channel))
    print(  # noqa: T201 - the figures are the purpose
        f"\n{EPISODES} episodes, {len(body) / 1e6:.1f} MB: {ours * 1000:.0f} ms, bare feedgen {bare * 1000:.0f} ms, "
        f"ratio {ours / bare:.2f}; {asked.count} questions to the database"
    )


def _seconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        took.append(time.perf_counter() - started)
    return median(took)


def _bare(channel: Channel) -> bytes:
    """Write the same data with feedgen alone, as its documentation does it."""
    feed = FeedGenerator()
    feed.load_extension("podcast")
    feed.title(channel.title)
    feed.link(href=channel.self_url, rel="self")
    feed.link(href=channel.link, rel="alternate")
    feed.description(channel.description or channel.title)
    feed.language(channel.language)
    feed.lastBuildDate(channel.built_at)
    for item in channel.items:
        entry = feed.add_entry(order="append")
        entry.title(item.title)
        entry.guid(item.guid)
        entry.link(href=item.link)
        entry.description(item.summary)
        entry.content(item.notes_html, type="CDATA")
        entry.pubDate(item.published_at)
        assert item.enclosure
        entry.enclosure(item.enclosure.url, str(item.enclosure.length_bytes), item.enclosure.mime)
        entry.podcast.itunes_duration(str((item.duration_ms or 0) // 1000))
        entry.podcast.itunes_author(item.author)
        entry.podcast.itunes_episode_type(item.episode_type)
    return bytes(feed.rss_str())
