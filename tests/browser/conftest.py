# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real Chromium for tests; left out only where somebody asked for that."""

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.finding import find_browser


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once for each test process."""
    if os.environ.get("GRIOT_TEST_NO_BROWSER"):
        pytest.skip("left out by --no-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A person of its own: French, on a desk, without a past."""
    made = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    made.set_default_timeout(20_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; whatever it complains about on the console fails the test."""
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    assert complaints == []


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests that share a server run in one process: else every process would start a server of its own."""
    for item in items:
        shared = getattr(item, "_fixtureinfo", None)
        names = shared.name2fixturedefs if shared else {}
        if any(found[-1].scope == "module" for found in names.values() if found):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
