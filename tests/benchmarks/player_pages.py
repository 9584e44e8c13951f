# SPDX-License-Identifier: AGPL-3.0-or-later
"""One server with our embeds and, beside them, pages with the players that others would take from npm."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response
from flask_compress import Compress
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from podcasts.audio.ffmpeg import find_ffmpeg
from podcasts.web.app import create_app
from tests.benchmarks.media_server import web_server
from tests.benchmarks.npm import installed
from tests.serving import served
from tests.test_end_to_end_api import call, until_read, upload

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

KITS = ("plyr@3.8.4", "media-chrome@4.19.4")
TITLE = "Le fleuve remonte : ce que disent les pêcheurs de la rive droite"
KITS_FOLDER, KITS_SOUND = "PLAYER_KITS_FOLDER", "PLAYER_KITS_SOUND"
"""Environment of the server: where the packages lie, and the path of the sound that their pages play."""

MINUTES = 6
TRACKS = 12

PLYR = """<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/kits/plyr/dist/plyr.css"></head>
<body><h1>{title}</h1>
<audio id="player" controls preload="none"><source src="{sound}" type="audio/mpeg"></audio>
<script src="/kits/plyr/dist/plyr.min.js"></script>
<script>new Plyr("#player", {{ iconUrl: "/kits/plyr/dist/plyr.svg" }});</script></body></html>"""

MEDIA_CHROME = """<!doctype html><html lang="fr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="icon" href="data:,"><script defer src="/kits/media-chrome/dist/iife/index.js"></script></head>
<body><h1>{title}</h1>
<media-controller audio><audio slot="media" preload="none" src="{sound}"></audio>
<media-control-bar><media-play-button></media-play-button><media-seek-backward-button></media-seek-backward-button>
<media-time-display showduration></media-time-display><media-time-range></media-time-range>
<media-playback-rate-button></media-playback-rate-button><media-mute-button></media-mute-button>
<media-volume-range></media-volume-range></media-control-bar></media-controller></body></html>"""


@dataclass(frozen=True)
class PlayerPages:
    """Addresses of players with the same sound.

    Attributes:
        pages: address by name of the player.
        controls: CSS selector of the play button by name; shadow roots are looked through.
    """

    pages: dict[str, str]
    controls: dict[str, str]


@contextmanager
def player_pages(folder: Path) -> Iterator[PlayerPages]:
    """Serve an episode and a list of 12 by our embed, plyr and media-chrome, all with one server and compression.

    The sound goes through our own upload and worker first, so that the light versions are there as on any site.
    """
    kits = installed(*KITS)
    episode, playlist, sound = _publish(folder)
    shelf = {KITS_FOLDER: str(kits), KITS_SOUND: sound}
    with web_server(folder, "tests.benchmarks.player_pages:application()", **shelf) as port:
        url = f"http://127.0.0.1:{port}"
        play = "[data-do=play]"
        yield PlayerPages(
            pages={
                "our embed, one episode": url + episode,
                f"our embed, list of {TRACKS}": url + playlist,
                "plyr": f"{url}/kits/plyr.html",
                "media-chrome": f"{url}/kits/media-chrome.html",
            },
            controls={
                "our embed, one episode": play,
                f"our embed, list of {TRACKS}": play,
                "plyr": ".plyr__controls [data-plyr=play]",
                "media-chrome": "media-play-button",
            },
        )


def application() -> "WSGIApplication":
    """Make the site, and below /kits the other players' pages, packed by the same code with the same settings."""
    ours = create_app()
    theirs = Flask("kits", static_folder=None)
    theirs.config.update({name: ours.config[name] for name in ours.config if name.startswith("COMPRESS_")})
    Compress(theirs)
    folder, sound = Path(os.environ[KITS_FOLDER]), os.environ[KITS_SOUND]
    pages = {"plyr": PLYR, "media-chrome": MEDIA_CHROME}

    @theirs.get("/<name>.html")
    def page(name: str) -> str:
        return pages[name].format(title=TITLE, sound=sound)

    @theirs.get("/<path:name>")
    def file(name: str) -> Response:
        # Read whole: what is sent from a file is not packed, here as on our own site.
        found = folder / name
        return Response(found.read_bytes(), mimetype=guess_type(found)[0])

    return DispatcherMiddleware(ours, {"/kits": theirs})


def _publish(folder: Path) -> tuple[str, str, str]:
    """Publish an episode and a list by a Griot of its own; paths of both embeds and of the sound."""
    with served(folder) as griot:
        api, token = f"{griot.url}/api/v1", griot.make_token()
        show = call(api, "POST", "/shows", token, {"title": "Les matins", "language": "fr"}, 201)["id"]
        audio = upload(griot, token, _sound(folder))
        until_read(griot, token, audio["id"])
        given = {"audio_id": audio["id"], "title": TITLE}
        made = call(api, "POST", f"/shows/{show}/episodes", token, given, 201)
        made = call(api, "POST", f"/episodes/{made['id']}/publish", token, {}, 200)
        items = [{"episode_id": made["id"]}] * TRACKS
        call(api, "POST", "/playlists", token, {"title": "Le journal", "items": items}, 201)
        return (
            made["embed_url"].removeprefix(griot.url),
            "/embed/playlists/le-journal",
            made["enclosure"]["url"].removeprefix(griot.url),
        )


def _sound(folder: Path) -> bytes:
    """Make some minutes of sound as a studio would deliver them: MP3, 128 kbit/s; far more than a start fetches."""
    target = folder / "sound.mp3"
    hum = f"anoisesrc=color=brown:amplitude=0.4:seed=1:duration={MINUTES * 60}:sample_rate=44100"
    encode = ("-f", "lavfi", "-i", hum, "-c:a", "libmp3lame", "-b:a", "128k", target)
    subprocess.run([find_ffmpeg(None).path, "-v", "error", "-nostdin", "-y", *encode], check=True)
    return target.read_bytes()
