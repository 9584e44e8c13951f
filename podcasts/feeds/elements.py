# SPDX-License-Identifier: AGPL-3.0-or-later
"""Elements that feedgen does not know: one extension of it that appends what it is given, safe for XML.

feedgen 1.0.0 writes RSS's own tags; iTunes, podcast: and further atom:links come through here, because its own
ways refuse true/false (itunes:explicit), drop images silently, or write only one atom:link.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from podcasts.text import xml_safe

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}
EXTENSION = "griot"


@dataclass(frozen=True)
class Element:
    """One element.

    Attributes:
        name: with prefix ("itunes:image"), or RSS's own without ("category").
        text: None for none.
        attributes: names to values.
        children: inside it, in order.
    """

    name: str
    text: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple["Element", ...] = ()


class ChannelElements(BaseExtension):  # type: ignore[misc]  # feedgen ships no types
    """Appends elements to the channel."""

    def __init__(self) -> None:
        self.elements: list[Element] = []

    def extend_ns(self) -> dict[str, str]:
        """Declare every prefix that may be used, in channel and items, once at the root."""
        return dict(NAMESPACES)

    def extend_rss(self, feed: etree._Element) -> etree._Element:
        """Append to the channel, which feedgen has put below the root."""
        for element in self.elements:
            feed[0].append(_built(element))
        return feed


class ItemElements(BaseEntryExtension):  # type: ignore[misc]  # feedgen ships no types
    """Appends elements to an item."""

    def __init__(self) -> None:
        self.elements: list[Element] = []

    def extend_rss(self, entry: etree._Element) -> etree._Element:
        """Append to the item."""
        for element in self.elements:
            entry.append(_built(element))
        return entry


def _built(element: Element) -> etree._Element:
    made = etree.Element(_qualified(element.name), nsmap=_prefix_of(element.name))
    for name, value in element.attributes.items():
        made.set(name, xml_safe(value))
    if element.text is not None:
        made.text = xml_safe(element.text)
    for child in element.children:
        made.append(_built(child))
    return made


def _qualified(name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}" if prefix else local


def _prefix_of(name: str) -> dict[str | None, str] | None:
    prefix = name.rpartition(":")[0]
    return {prefix: NAMESPACES[prefix]} if prefix else None
