# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which browser the tests drive, and what is said where there is none."""

from pathlib import Path

import pytest

from tests.browser import finding


@pytest.fixture(autouse=True)
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any browser."""
    monkeypatch.delenv("GRIOT_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setattr(finding, "FETCHED", tmp_path / "fetched")


def program(path: Path) -> Path:
    """Put a program there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_without_a_browser_the_message_is_the_line_that_mends_it() -> None:
    with pytest.raises(finding.BrowserMissingError, match="apt install chromium"):
        finding.find_browser()


def test_browsers_are_taken_in_the_order_of_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = program(tmp_path / "fetched" / "chromium.sh")
    assert finding.find_browser() == fetched

    playwrights = program(tmp_path / "playwright" / "chromium-1200" / "chrome-linux64" / "chrome")
    assert finding.find_browser() == playwrights

    on_path = program(tmp_path / "bin" / "chromium")
    assert finding.find_browser() == on_path

    named = program(tmp_path / "named")
    monkeypatch.setenv("GRIOT_CHROMIUM", str(named))
    assert finding.find_browser() == named


def test_a_wrongly_named_browser_is_not_replaced_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin" / "chromium")
    monkeypatch.setenv("GRIOT_CHROMIUM", str(tmp_path / "mistyped"))

    with pytest.raises(finding.BrowserMissingError, match="mistyped"):
        finding.find_browser()
