# SPDX-License-Identifier: AGPL-3.0-or-later
"""podcast:guid: who a podcast is, wherever its feed moves (podcast namespace, tag ``guid``)."""

from uuid import UUID, uuid5

NAMESPACE = UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")


def podcast_guid(feed_url: str) -> str:
    """Mint the guid of a feed: UUIDv5 of its address without scheme and trailing slashes.

    It is minted once and kept; a moved or imported feed keeps the one it had.
    """
    return str(uuid5(NAMESPACE, feed_url.partition("://")[2].rstrip("/")))


def item_guid(playlist_guid: str, episode_guid: str) -> str:
    """Make the guid of an item of a derived feed that may hold it in its own right: the same at every order."""
    return f"urn:uuid:{uuid5(UUID(playlist_guid), episode_guid)}"
