# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demonstration's sound: short pieces for a plucked string, composed and played by this program.

Run ``python tests/data/make_demo_audio.py`` where ffmpeg with libmp3lame is on PATH; what it writes to
``podcasts/demo`` is committed. No recording, voice or tune of anybody's is in it.
"""

import random
import subprocess
import sys
import tempfile
import wave
from array import array
from dataclasses import dataclass
from pathlib import Path

from mutagen.id3 import ID3, TALB, TIT2, TPE1

RATE_HZ = 24_000
TARGET = Path(__file__).parents[2] / "podcasts" / "demo"
ALBUM = "Les matins de Tambali"
# Degrees of a pentatonic scale, in half tones above the ground note.
SCALE = (0, 3, 5, 7, 10, 12, 15, 17, 19, 22)


@dataclass(frozen=True)
class Piece:
    """One piece: how it is named, and what decides its course."""

    name: str
    title: str
    artist: str
    ground_hz: float
    beats_a_minute: int
    bars: int
    seed: int


PIECES = (
    Piece("fleuve", "Le fleuve remonte : ce que disent les pêcheurs", "Awa Sidibala", 196.0, 92, 12, 3),
    Piece(
        "marche", "Au marché de Tambali, le prix du mil baisse enfin", "Ibra Konaté-Luz", 174.6, 112, 13, 8
    ),
    Piece("bibliotheque", "La bibliothèque qui voyage à dos d'âne", "Awa Sidibala", 220.0, 84, 10, 21),
    Piece("jingle", "Indicatif du journal", "La Gazette de Tambali", 261.6, 120, 3, 34),
)


def pluck(frequency_hz: float, seconds: float, noise: random.Random) -> list[float]:
    """Pluck a string, after Karplus and Strong (1983): noise that runs round a delay line and loses its edge."""
    period = max(2, round(RATE_HZ / frequency_hz))
    line = [noise.uniform(-1, 1) for _ in range(period)]
    sound = []
    for step in range(int(RATE_HZ * seconds)):
        here = step % period
        sound.append(line[here])
        line[here] = 0.497 * (line[here] + line[(here + 1) % period])
    return sound


def play(piece: Piece) -> "array[int]":
    """Play a piece: a low ostinato, and above it a line that walks up and down the scale."""
    chance = random.Random(piece.seed)  # noqa: S311 - music, not secrets
    beat = 60 / piece.beats_a_minute
    mix = [0.0] * int(RATE_HZ * (piece.bars * 4 * beat + 2.5))
    place = 4
    for count in range(piece.bars * 8):
        at = count * beat / 2
        if count % 4 == 0:
            low = piece.ground_hz / 2 * (1.5 if count // 4 % 4 == 3 else 1)
            _add(mix, pluck(low, 2.2, chance), at, 0.55)
        if chance.random() < 0.78 or count % 8 == 0:
            place = min(max(place + chance.choice((-2, -1, -1, 1, 1, 2)), 0), len(SCALE) - 1)
            loud = 0.5 if count % 2 == 0 else 0.34
            _add(mix, pluck(piece.ground_hz * 2 ** (SCALE[place] / 12), 1.4, chance), at, loud)
    loudest = max(abs(value) for value in mix)
    return array("h", (int(value / loudest * 26_000) for value in mix))


def main() -> None:
    """Write every piece as a small MP3 with its tags."""
    TARGET.mkdir(exist_ok=True)
    for piece in PIECES:
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            with wave.open(file.name, "wb") as sound:
                sound.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
                sound.writeframes(play(piece).tobytes())
            target = TARGET / f"{piece.name}.mp3"
            command = [
                "ffmpeg",
                "-y",
                "-v",
                "error",
                "-i",
                file.name,
                "-map_metadata",
                "-1",
                "-codec:a",
                "libmp3lame",
            ]
            subprocess.run([*command, "-b:a", "40k", "-id3v2_version", "0", str(target)], check=True)
        tags = ID3()
        for frame, words in ((TIT2, piece.title), (TPE1, piece.artist), (TALB, ALBUM)):
            tags.add(frame(encoding=3, text=words))
        tags.save(target)
        sys.stdout.write(f"{target.name}: {target.stat().st_size} bytes\n")


def _add(mix: list[float], sound: list[float], at_seconds: float, loudness: float) -> None:
    start = int(at_seconds * RATE_HZ)
    for offset, value in enumerate(sound[: len(mix) - start]):
        mix[start + offset] += value * loudness


if __name__ == "__main__":
    main()
