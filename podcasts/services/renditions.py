# SPDX-License-Identifier: AGPL-3.0-or-later
"""Renditions as rows: put in place of an earlier one, with public keys for everybody who uses the audio.

The bytes under a public key never change: another file for a rendition means another key.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from podcasts.db import new_id
from podcasts.models import Audio, Episode, MediaKey, PlaylistItem, Rendition
from podcasts.models.audio import NORMAL


def put_rendition(session: Session, audio: Audio, rendition: Rendition, now: datetime) -> Sequence[str]:
    """Let a new file stand for a rendition; the caller commits.

    Args:
        session: a writing one.
        audio: whose rendition it is.
        rendition: the new row, in no session yet; its file is in the store.
        now: the instant.

    Returns:
        Storage keys that nothing names any more: delete them after the commit.
    """
    before = session.scalar(
        select(Rendition).where(Rendition.audio_id == audio.id, Rendition.name == rendition.name)
    )
    gone: list[str] = []
    if before is not None:
        if before.storage_key not in {audio.storage_key, rendition.storage_key}:
            gone.append(before.storage_key)
        session.delete(before)
        session.execute(
            delete(MediaKey).where(MediaKey.audio_id == audio.id, MediaKey.rendition == rendition.name)
        )
        session.flush()
    session.add(rendition)
    session.flush()
    give_keys(session, audio.id, now)
    return gone


def give_keys(session: Session, audio_id: str, now: datetime) -> None:
    """Give everybody who uses an audio a public key for each of its renditions; the caller commits."""
    names = {NORMAL, *session.scalars(select(Rendition.name).where(Rendition.audio_id == audio_id))}
    keyed = select(MediaKey.episode_id, MediaKey.playlist_item_id, MediaKey.rendition)
    known = {tuple(row) for row in session.execute(keyed.where(MediaKey.audio_id == audio_id))}
    episodes = session.scalars(select(Episode.id).where(Episode.audio_id == audio_id))
    items = session.scalars(select(PlaylistItem.id).where(PlaylistItem.audio_id == audio_id))
    owners = [*((episode, None) for episode in episodes), *((None, item) for item in items)]
    for episode_id, item_id in owners:
        for name in sorted(names):
            if (episode_id, item_id, name) not in known:
                session.add(
                    MediaKey(
                        key=new_id(),
                        audio_id=audio_id,
                        rendition=name,
                        episode_id=episode_id,
                        playlist_item_id=item_id,
                        created_at=now,
                    )
                )
    session.flush()
