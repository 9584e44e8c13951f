# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every test of audio needs: the fixtures' folders and an ffmpeg."""

from pathlib import Path

import imageio_ffmpeg
import pytest

from podcasts.audio.ffmpeg import Ffmpeg, find_ffmpeg

DATA = Path(__file__).resolve().parent.parent / "data"


@pytest.fixture(scope="session")
def audio_folder() -> Path:
    return DATA / "audio"


@pytest.fixture(scope="session")
def images_folder() -> Path:
    return DATA / "images"


@pytest.fixture(scope="session", params=["on-path", "brought-along"])
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Both programs that Griot may find: the machine's own and the one from imageio-ffmpeg."""
    return find_ffmpeg(None if request.param == "on-path" else imageio_ffmpeg.get_ffmpeg_exe())
