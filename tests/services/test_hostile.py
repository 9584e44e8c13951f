# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hostile and broken files, through all that an upload goes through: the producer is told what the list says."""

import re
import resource
from pathlib import Path

import pytest
from mutagen.id3 import APIC, ID3, TIT2
from sqlalchemy import select

from podcasts.bootstrap import Griot
from podcasts.errors import UnusableMediaError
from podcasts.models import Audio, Rendition
from podcasts.reasons import SENTENCES
from podcasts.services import processing
from tests.conftest import DATA
from tests.services.test_processing import audio_of, bench_of, claim, upload

FOLDER = DATA / "audio"
HEADINGS = re.compile(r"^## ", re.MULTILINE)
NAMES = re.compile(r"`([\w.-]+\.\w{3,4})`")
CODES = re.compile(r"`([a-z-]+)`(?!\.)")


def rows(heading: str) -> list[tuple[str, list[str]]]:
    """Read a part of the list: names of files, and what the last column says in code."""
    part = next(
        part for part in HEADINGS.split((FOLDER / "README.md").read_text()) if part.startswith(heading)
    )
    found = []
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        found += [
            (name, CODES.findall(cells[-1])) for name in NAMES.findall(cells[0]) if line.startswith("| `")
        ]
    return found


REFUSED = [(name, codes[0]) for name, codes in rows("Refused")]
TAKEN = [name for name, _ in [*rows("Taken\n"), *rows("Taken in spite of")]]


def test_the_list_is_whole() -> None:
    listed = [*TAKEN, *(name for name, _ in REFUSED)]
    assert sorted(listed) == sorted(path.name for path in FOLDER.iterdir() if path.name != "README.md")
    assert {code for _, code in REFUSED} <= set(SENTENCES)


@pytest.mark.parametrize(("name", "code"), REFUSED)
def test_a_producer_is_told_why(embedded: Griot, name: str, code: str) -> None:
    """Refused at the door, or failed with its reason and its sound gone; what lies beside it stays unread."""
    try:
        audio_id = upload(embedded, FOLDER / name)
    except UnusableMediaError as reason:
        told = reason.code
    else:
        processing.ingest(bench_of(embedded), claim(embedded).id, audio_id)
        audio = audio_of(embedded, audio_id)
        assert (audio.status, audio.storage_key) == ("failed", None)
        told = audio.error_code or ""
    assert told == code
    # A cover stands in a row of its own and may still serve.
    assert list(embedded.storage.keys("audio/")) == []


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.long] if "3h" in name else []) for name in TAKEN]
)
def test_what_can_be_heard_is_taken(embedded: Griot, name: str) -> None:
    audio_id = upload(embedded, FOLDER / name)
    processing.ingest(bench_of(embedded), claim(embedded).id, audio_id)
    audio = audio_of(embedded, audio_id)
    assert audio.status == "ready"
    expected_ms = 10_800_000 if "3h" in name else 3_000
    # What is cut short or hurt counts for what can be heard in it.
    shortest = 1_900 if name.startswith("truncated") else expected_ms * 0.9
    assert shortest < (audio.duration_ms or 0) <= expected_ms + 50


def test_a_picture_of_100_megabytes_costs_neither_memory_nor_the_listener(
    embedded: Griot, tmp_path: Path
) -> None:
    huge = tmp_path / "huge.mp3"
    huge.write_bytes((FOLDER / "mp3-no-tags.mp3").read_bytes())
    tag = ID3()
    tag.add(TIT2(encoding=3, text=["Le titre"]))
    tag.add(APIC(encoding=0, mime="image/jpeg", type=3, desc="", data=b"\xff\xd8\xff" + bytes(100_000_000)))
    tag.save(huge)
    audio_id = upload(embedded, huge)
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    processing.ingest(bench_of(embedded), claim(embedded).id, audio_id)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb
    with embedded.database.reading() as session:
        audio = session.scalars(select(Audio)).one()
        normal = session.scalars(select(Rendition).where(Rendition.name == "normal")).one()
    assert (audio.status, audio.title, audio.artwork_id) == ("ready", "Le titre", None)
    assert normal.size_bytes < 100_000
    assert grown_kb < 40_000
