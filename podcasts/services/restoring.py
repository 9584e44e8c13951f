# SPDX-License-Identifier: AGPL-3.0-or-later
"""Restoring: playlists come out of the bin again, as they were; the function commits."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from podcasts.errors import NotFoundError
from podcasts.models import Playlist
from podcasts.services.actors import Actor, workable_playlists
from podcasts.services.changes import record
from podcasts.services.publishing import BIN_DAYS


def unbin_playlist(session: Session, actor: Actor, now: datetime, *, playlist: str) -> Playlist:
    """Take a playlist out of the bin, with its address, its order and its feed.

    Args:
        session: a writing one.
        actor: who worked on it.
        now: the instant.
        playlist: id.

    Raises:
        NotFoundError: it is not there, or lay there longer than 30 days, or is not the actor's.
    """
    in_bin = Playlist.deleted_at > now - timedelta(days=BIN_DAYS)
    row = session.scalar(select(Playlist).where(Playlist.id == playlist, in_bin, workable_playlists(actor)))
    if row is None:
        raise NotFoundError
    row.deleted_at = None
    row.updated_at = now
    record(session, actor, now, "playlist.restored", ("playlist", row.id))
    session.commit()
    return row
