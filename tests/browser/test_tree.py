# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a screen reader is given, top to bottom, is what somebody has read and found good.

The reviewed trees lie in tests/browser/data; CONTRIBUTING.md says how a page that was changed on purpose is read
again.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from werkzeug.serving import make_server

from podcasts.bootstrap import Griot
from podcasts.clock import StoppedClock
from podcasts.listener import open_listener
from podcasts.models import Audio, Site
from podcasts.services.demo import Stage, add_demo
from podcasts.web.app import create_app
from tests.browser.tree import tree_of
from tests.conftest import MORNING, make_griot
from tests.factories import make_episode, make_show

pytestmark = pytest.mark.browser

REVIEWED = Path(__file__).parent / "data"
RENEW = "GRIOT_TEST_RENEW_ARIA"
FRENCH_EPISODE = "/shows/les-matins-de-tambali/le-fleuve-remonte-ce-que-disent-les-pecheurs"
PAGES = {
    "home": "/",
    "episode": FRENCH_EPISODE,
    "embed": "/embed/episodes/les-matins-de-tambali/le-fleuve-remonte-ce-que-disent-les-pecheurs",
}


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[str]:
    """Serve the demonstration, and beside it a show in English and Arabic, at a morning that does not pass.

    Nothing is hidden from the comparison, for nothing changes: the clock stands, the sounds are the
    demonstration's own files, and no worker makes other versions of them meanwhile.
    """
    folder = tmp_path_factory.mktemp("tree")
    (folder / "instance").mkdir()
    shutil.copy(migrated_sqlite, folder / "instance" / "griot.sqlite")
    listener = open_listener("127.0.0.1", 0)
    port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    griot = make_griot(
        folder, f"sqlite:///{folder}/instance/griot.sqlite", StoppedClock(MORNING), base_url=url
    )
    add_demo(
        Stage(griot.database, griot.storage, griot.ffmpeg, griot.clock, griot.links), only_if_empty=False
    )
    _add_foreigners(griot)
    server = make_server("127.0.0.1", port, create_app(griot), threaded=True, fd=listener.detach())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()
    griot.database.engine.dispose()


def _add_foreigners(griot: Griot) -> None:
    """Publish two episodes that do not speak French."""
    with griot.database.writing() as session:
        session.scalars(select(Site)).one().title = "La Gazette de Tambali"
        audio = session.scalars(select(Audio).where(Audio.title == "Indicatif du journal")).one()
        show = make_show(session, title="Tambali in English", slug="tambali-in-english", language="en")
        before = MORNING - timedelta(days=8)
        make_episode(session, show, audio=audio, title="The river rises", published_at=before, language=None)
        arabic = {"title": "النهر يرتفع 🌊", "language": "ar", "slug": "nahr"}
        make_episode(session, show, audio=audio, published_at=before - timedelta(days=1), **arabic)
        session.commit()


@pytest.fixture
def quiet_page(chromium: Browser) -> Iterator[Page]:
    """A tab of somebody who reads French and for whom it is the same morning."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.clock.set_fixed_time(MORNING)
    yield page
    context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_screen_reader_is_given_what_was_reviewed(demonstration: str, quiet_page: Page, name: str) -> None:
    quiet_page.goto(demonstration + PAGES[name])
    quiet_page.wait_for_function("() => document.querySelector('griot-player')?.audio")
    found = tree_of(quiet_page)
    reviewed = REVIEWED / f"{name}.aria.yml"
    if os.environ.get(RENEW):
        reviewed.write_text(found, encoding="utf-8")
    assert found == reviewed.read_text(encoding="utf-8")
