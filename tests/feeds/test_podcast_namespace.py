# SPDX-License-Identifier: AGPL-3.0-or-later
"""The podcast: namespace: wrong places, missing and unknown attributes are mistakes of ours, seen at once."""

from uuid import UUID

import pytest

from podcasts.feeds.categories import all_categories, parse_category
from podcasts.feeds.podcast_guid import item_guid, podcast_guid
from podcasts.feeds.podcast_namespace import TAGS, podcast


def test_every_formalised_tag_is_in_the_table() -> None:
    assert len(TAGS) == 31


def test_a_tag_in_the_wrong_place_is_refused() -> None:
    with pytest.raises(KeyError):
        podcast("item", "locked", "yes")
    with pytest.raises(KeyError):
        podcast("channel", "unheard-of")


@pytest.mark.parametrize(
    ("name", "text", "attributes"),
    [
        ("chapters", None, {"url": "x"}),
        ("locked", "yes", {"colour": "red"}),
        ("guid", None, {}),
        ("transcript", "x", {"url": "x", "type": "y"}),
    ],
)
def test_what_the_namespace_does_not_allow_is_refused(
    name: str, text: str | None, attributes: dict[str, str]
) -> None:
    parent = next(iter(TAGS[name].parents))
    with pytest.raises(ValueError, match=name):
        podcast(parent, name, text, **attributes)


def test_the_guid_follows_the_rule_of_the_namespace() -> None:
    """The example of the namespace's own documentation."""
    assert podcast_guid("https://mp3s.nashownotes.com/pc20rss.xml") == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    assert podcast_guid("http://mp3s.nashownotes.com/pc20rss.xml/") == podcast_guid(
        "mp3s://mp3s.nashownotes.com/pc20rss.xml"
    )


def test_an_item_of_a_playlist_keeps_its_guid_at_every_order() -> None:
    guid = "5a22e68c-c0e5-44de-8ab9-50fd7bc3fade"
    assert item_guid(guid, "urn:uuid:1") == item_guid(guid, "urn:uuid:1") != item_guid(guid, "urn:uuid:2")
    assert UUID(item_guid(guid, "x").removeprefix("urn:uuid:"))


def test_the_categories_are_apples() -> None:
    categories = all_categories()
    assert len([name for name in categories if " > " not in name]) == 19
    assert len([name for name in categories if " > " in name]) == 91
    assert parse_category("News > Politics") == ("News", "Politics")
    assert parse_category("Technology") == ("Technology", None)
