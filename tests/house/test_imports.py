# SPDX-License-Identifier: AGPL-3.0-or-later
"""What importing a room pulls in: the lower floors work without Flask."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS_WITHOUT_FLASK = ("audio", "feeds", "storage", "models", "services")

IMPORT_ALL = """
import importlib
import pkgutil
import sys

room = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(room.__path__, room.__name__ + "."):
    importlib.import_module(module.name)
sys.exit(", ".join(sorted({"flask", "apiflask", "werkzeug"} & sys.modules.keys())) or None)
"""


@pytest.mark.parametrize("room", ROOMS_WITHOUT_FLASK)
def test_no_module_of_a_lower_floor_loads_flask(room: str) -> None:
    """The import contracts do not see what a package's own ``__init__`` pulls in; a fresh Python does."""
    run = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, f"podcasts.{room}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert run.returncode == 0, run.stderr


def test_the_package_itself_is_empty() -> None:
    assert (ROOT / "podcasts" / "__init__.py").read_text().strip() == ""
