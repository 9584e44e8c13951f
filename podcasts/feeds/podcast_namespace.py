# SPDX-License-Identifier: AGPL-3.0-or-later
"""The podcast: namespace (https://podcastindex.org/namespace/1.0): its tags as one table, checked when made."""

from dataclasses import dataclass

from podcasts.feeds.elements import Element


@dataclass(frozen=True)
class Tag:
    """What the namespace says about a tag.

    Attributes:
        parents: where it may stand.
        required: attributes that must be there.
        allowed: attributes that may be there.
        text: whether it has text.
    """

    parents: frozenset[str]
    required: frozenset[str] = frozenset()
    allowed: frozenset[str] = frozenset()
    text: bool = True


def _tag(parents: str, required: str = "", allowed: str = "", *, text: bool = True) -> Tag:
    return Tag(
        parents=frozenset(parents.split()),
        required=frozenset(required.split()),
        allowed=frozenset(allowed.split()),
        text=text,
    )


_VALUE_RECIPIENT = ("type address split", "name customKey customValue fee")

TAGS = {
    "transcript": _tag("item", "url type", "language rel", text=False),
    "locked": _tag("channel", "", "owner"),
    "funding": _tag("channel item liveItem", "url"),
    "chapters": _tag("item", "url type", text=False),
    "soundbite": _tag("item", "startTime duration"),
    "person": _tag("channel item", "", "role group img href"),
    "location": _tag("channel item liveItem", "", "rel geo osm country"),
    "season": _tag("item", "", "name"),
    "episode": _tag("item", "", "display"),
    "trailer": _tag("channel", "url pubdate", "length type season"),
    "license": _tag("channel item", "", "url"),
    "alternateEnclosure": _tag(
        "item", "type", "length bitrate height lang title rel codecs default", text=False
    ),
    "source": _tag("alternateEnclosure", "uri", "contentType", text=False),
    "integrity": _tag("alternateEnclosure", "type value", text=False),
    "guid": _tag("channel"),
    "value": _tag("channel item", "type method", "suggested", text=False),
    "valueRecipient": _tag("value valueTimeSplit", *_VALUE_RECIPIENT, text=False),
    "medium": _tag("channel"),
    "liveItem": _tag("channel", "status start", "end", text=False),
    "contentLink": _tag("item liveItem", "href"),
    "socialInteract": _tag("channel item", "protocol", "uri accountId accountUrl priority", text=False),
    "block": _tag("channel", "", "id"),
    "txt": _tag("channel", "", "purpose"),
    "remoteItem": _tag(
        "channel podroll valueTimeSplit publisher", "feedGuid", "feedUrl itemGuid medium title", text=False
    ),
    "podroll": _tag("channel", text=False),
    "updateFrequency": _tag("channel", "", "rrule dtstart complete"),
    "podping": _tag("channel", "", "usesPodping", text=False),
    "valueTimeSplit": _tag("value", "startTime duration", "remoteStartTime remotePercentage", text=False),
    "chat": _tag("channel item liveItem", "server protocol", "accountId space", text=False),
    "publisher": _tag("channel", text=False),
    "image": _tag("channel item liveItem", "href", "alt aspect-ratio width height type purpose", text=False),
}


def podcast(
    parent: str, name: str, text: str | None = None, *children: Element, **attributes: str | None
) -> Element:
    """Make a podcast: element for this parent; attributes that are None are left out.

    Raises:
        KeyError: there is no such tag there.
        ValueError: an attribute is missing or unknown, or the text is.
    """
    tag = TAGS[name]
    if parent not in tag.parents:
        raise KeyError(f"{name} in {parent}")
    given = {key.replace("_", "-"): value for key, value in attributes.items() if value is not None}
    missing = tag.required - given.keys()
    unknown = given.keys() - tag.required - tag.allowed
    if missing or unknown or (text is not None) is not tag.text:
        raise ValueError(f"{name}: missing {sorted(missing)}, unknown {sorted(unknown)}, text {text!r}")
    return Element(f"podcast:{name}", text, given, children)
