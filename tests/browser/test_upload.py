# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads in a real Chromium, over a line that is slow and breaks: nothing is lost, nothing is sent twice."""

import hashlib
import json
import random
import struct
import wave
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.line import Line, line_to
from tests.browser.test_whole_job import PASSWORD, make_show, set_up
from tests.serving import Served, ask, served

pytestmark = pytest.mark.browser

CHUNK_BYTES = 4 * 1024 * 1024
MEGABYTE = 1_000_000
SENT = "Lu et prêt."


def noise(path: Path, size_bytes: int) -> Path:
    """Write a WAV of about so many bytes; no two of them are alike."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        source = random.Random(path.name)  # noqa: S311 - sound, no secret
        block = b"".join(struct.pack("<h", source.randint(-3000, 3000)) for _ in range(48_000))
        for number in range(size_bytes // len(block)):
            file.writeframes(block[number:] + block[:number] if number % 2 else block)
    return path


def port_of(griot: Served) -> int:
    """Name the port of a server."""
    port = urlsplit(griot.url).port
    assert port
    return port


def sign_in(page: Page, griot: Served, url: str) -> None:
    """Set a newsroom up and come back to it by the line."""
    set_up(page, griot)
    make_show(page, griot)
    page.goto(f"{url}/studio/upload")


def choose(page: Page, *files: Path) -> None:
    """Choose files and send them."""
    page.set_input_files("#file", list(files))
    page.click("main button[type=submit]")


def percent(page: Page) -> float:
    """Tell how far the first row is."""
    return float(page.evaluate("document.querySelector('.sending__row progress').value"))


def until_percent(page: Page, least: float) -> None:
    """Wait until the first row is so far."""
    for _ in range(1_200):
        if percent(page) >= least:
            return
        page.wait_for_timeout(100)
    raise AssertionError(percent(page))


def hashes(griot: Served) -> list[str]:
    """List the hashes of what arrived."""
    griot.griot(
        "user", "create", "s@example.org", "--role", "admin", "--password-stdin", stdin=f"{PASSWORD}\n"
    )
    token = griot.griot("token", "create", "s@example.org", "--name", "look")
    _, _, body = ask("GET", f"{griot.url}/api/v1/audio", token)
    return [item["sha256"] for item in json.loads(body)["items"]]


def over_a_bad_line(
    folder: Path, page: Page, size_bytes: int, bytes_per_second: int
) -> tuple[Path, Line, str]:
    """Send a file, cut the line twice and restart the server once; the file, the line, and its hash there."""
    file = noise(folder / "reportage.wav", size_bytes)
    with served(folder) as griot, line_to(port_of(griot), bytes_per_second=bytes_per_second) as line:
        sign_in(page, griot, line.url)
        before = line.sent_bytes
        choose(page, file)
        for part in (15, 40):
            until_percent(page, part)
            line.cut()
            expect(page.locator(".sending__row")).to_contain_text("La ligne est coupée", timeout=30_000)
            line.mend()
        until_percent(page, 65)
        griot.kill_everything()
        with served(folder) as again:
            line.lead_to(port_of(again))
            page.wait_for_url("**/studio/episodes/**", timeout=240_000)
            [digest] = hashes(again)
            line.sent_bytes -= before
            return file, line, digest


def test_40_megabytes_over_a_line_that_breaks_twice_and_a_server_that_is_restarted(
    tmp_path: Path, context: BrowserContext
) -> None:
    page = context.new_page()  # broken lines stand on the console on purpose
    file, line, digest = over_a_bad_line(tmp_path, page, 40 * MEGABYTE, 6 * MEGABYTE)
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    # At most one chunk again for each of the three interruptions, and the headers of everything.
    assert line.sent_bytes < file.stat().st_size + 3 * CHUNK_BYTES + MEGABYTE


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_200_megabytes_over_a_line_that_breaks_twice_and_a_server_that_is_restarted(
    tmp_path: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    file, line, digest = over_a_bad_line(tmp_path, page, 200 * MEGABYTE, 6 * MEGABYTE)
    assert digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert line.sent_bytes < file.stat().st_size + 3 * CHUNK_BYTES + 2 * MEGABYTE


def test_a_closed_tab_goes_on_with_the_same_file_where_it_was(
    tmp_path: Path, context: BrowserContext
) -> None:
    page = context.new_page()
    file = noise(tmp_path / "long.wav", 20 * MEGABYTE)
    with served(tmp_path) as griot, line_to(port_of(griot), bytes_per_second=5 * MEGABYTE) as line:
        sign_in(page, griot, line.url)
        before = line.sent_bytes
        choose(page, file)
        until_percent(page, 50)
        page.close(run_before_unload=False)
        page = context.new_page()
        page.goto(f"{line.url}/studio/upload")
        expect(page.locator("[data-unfinished]")).to_contain_text("long.wav")
        choose(page, file)
        page.wait_for_url("**/studio/episodes/**", timeout=60_000)
        assert line.sent_bytes - before < file.stat().st_size + CHUNK_BYTES + MEGABYTE
        page.goto(f"{line.url}/studio/upload")
        expect(page.locator("[data-unfinished]")).to_be_hidden()


def test_an_upload_can_be_paused_and_gone_on_with(tmp_path: Path, context: BrowserContext) -> None:
    page = context.new_page()
    file = noise(tmp_path / "long.wav", 16 * MEGABYTE)
    with served(tmp_path) as griot, line_to(port_of(griot), bytes_per_second=4 * MEGABYTE) as line:
        sign_in(page, griot, line.url)
        choose(page, file)
        until_percent(page, 30)
        page.get_by_role("button", name="Pause").click()
        expect(page.locator(".sending__row")).to_contain_text("En pause")
        # What lies in the line's own buffers still goes; then nothing more.
        page.wait_for_timeout(2_000)
        stood_at = line.sent_bytes
        page.wait_for_timeout(1_000)
        assert line.sent_bytes == stood_at
        assert stood_at < file.stat().st_size
        page.get_by_role("button", name="Reprendre").click()
        page.wait_for_url("**/studio/episodes/**", timeout=60_000)


def test_many_files_dropped_at_once_become_drafts(
    tmp_path: Path, data: Path, context: BrowserContext
) -> None:
    page = context.new_page()  # the refused file's 415 stands on the console on purpose
    names = ["mp3-id3v24-accents.mp3", "text.mp3", "vorbis.ogg", "flac.flac"]
    with served(tmp_path) as griot:
        sign_in(page, griot, griot.url)
        files = [{"name": name, "bytes": list((data / "audio" / name).read_bytes())} for name in names]
        page.evaluate(
            """files => {
                const bag = new DataTransfer();
                for (const file of files) bag.items.add(new File([new Uint8Array(file.bytes)], file.name));
                const how = { dataTransfer: bag, bubbles: true, cancelable: true };
                document.body.dispatchEvent(new DragEvent("drop", how));
            }""",
            files,
        )
        rows = page.locator("[data-sending] .sending__row")
        expect(rows).to_have_count(4)
        expect(rows.filter(has_text="text.mp3")).to_contain_text("n'est pas un son", timeout=30_000)
        for name in ("mp3-id3v24-accents.mp3", "vorbis.ogg", "flac.flac"):
            expect(rows.filter(has_text=name)).to_contain_text(SENT, timeout=60_000)
        page.goto(f"{griot.url}/studio/episodes?status=draft")
        expect(page.locator(".desk-row")).to_have_count(3)


def test_a_file_over_the_limit_is_refused_before_a_byte_goes(tmp_path: Path, page: Page) -> None:
    file = noise(tmp_path / "huge.wav", 3 * MEGABYTE)
    empty = tmp_path / "empty.mp3"
    empty.touch()
    with served(tmp_path, max_upload_bytes="2000000") as griot:
        sign_in(page, griot, griot.url)
        expect(page.locator("#file-hint")).to_contain_text("2 Mo")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.method))
        choose(page, file, empty)
        rows = page.locator("[data-sending] .sending__row")
        expect(rows.nth(0)).to_contain_text("plus lourd que la limite")
        expect(rows.nth(1)).to_contain_text("Ce fichier est vide")
        assert "POST" not in asked
