# SPDX-License-Identifier: AGPL-3.0-or-later
"""The itunes: namespace (Apple's "Podcaster's Guide to RSS"), written without feedgen's own, which is of 2012."""

from podcasts.feeds.categories import parse_category
from podcasts.feeds.document import Channel, Item
from podcasts.feeds.elements import Element
from podcasts.units import whole_seconds


def channel_elements(channel: Channel) -> list[Element]:
    """Describe a podcast for Apple and everybody who reads Apple's tags."""
    elements = [
        Element("itunes:image", attributes={"href": channel.image_url}),
        Element("itunes:explicit", _true_false(channel.explicit)),
        Element("itunes:type", channel.itunes_type),
    ]
    if channel.author:
        elements.append(Element("itunes:author", channel.author))
    if channel.owner_email:
        owner = [Element("itunes:name", channel.owner_name)] if channel.owner_name else []
        owner.append(Element("itunes:email", channel.owner_email))
        elements.append(Element("itunes:owner", children=tuple(owner)))
    if channel.category:
        elements.append(_category(channel.category))
    if channel.new_feed_url:
        elements.append(Element("itunes:new-feed-url", channel.new_feed_url))
    # Both know only Yes: anything else counts as not said.
    if channel.blocked:
        elements.append(Element("itunes:block", "Yes"))
    if channel.complete:
        elements.append(Element("itunes:complete", "Yes"))
    return elements


def item_elements(item: Item) -> list[Element]:
    """Describe an episode."""
    elements = [Element("itunes:episodeType", item.episode_type)]
    if item.duration_ms is not None:
        elements.append(Element("itunes:duration", str(whole_seconds(item.duration_ms))))
    if item.explicit is not None:
        elements.append(Element("itunes:explicit", _true_false(item.explicit)))
    if item.author:
        elements.append(Element("itunes:author", item.author))
    if item.image_url:
        elements.append(Element("itunes:image", attributes={"href": item.image_url}))
    if item.season:
        elements.append(Element("itunes:season", str(item.season)))
    if item.number:
        elements.append(Element("itunes:episode", str(item.number)))
    return elements


def _category(name: str) -> Element:
    category, sub = parse_category(name)
    inside = (Element("itunes:category", attributes={"text": sub}),) if sub else ()
    return Element("itunes:category", attributes={"text": category}, children=inside)


def _true_false(value: bool) -> str:  # noqa: FBT001 - it is the value itself
    return "true" if value else "false"
