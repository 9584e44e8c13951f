# SPDX-License-Identifier: AGPL-3.0-or-later
"""The bench: what every job that works on sound is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from podcasts.audio.ffmpeg import Ffmpeg
from podcasts.clock import Clock
from podcasts.db import Database
from podcasts.links import Links
from podcasts.models import Audio
from podcasts.storage.base import Storage

WhenReady = Callable[[Session, datetime, Mapping[str, Any], Audio], None]
"""Does what an audio was processed for, in the transaction that makes it ready; the mapping is the job's facts."""


def _nothing(session: Session, now: datetime, facts: Mapping[str, Any], audio: Audio) -> None:
    """Most audio is processed for its own sake."""


@dataclass(frozen=True)
class Bench:
    """What it takes to work on sound.

    Attributes:
        when_ready: what is done beside making an audio ready.
    """

    database: Database
    storage: Storage
    ffmpeg: Ffmpeg
    clock: Clock
    links: Links
    when_ready: WhenReady = _nothing
