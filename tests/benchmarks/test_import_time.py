# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long the site takes to import, beside the libraries that it stands on."""

import subprocess
import sys
from statistics import median

import pytest

ROUNDS = 5
LIBRARIES = (
    "flask",
    "apiflask",
    "limits",
    "flask_wtf",
    "sqlalchemy.orm",
    "pydantic_settings",
    "feedgen.feed",
    "mutagen",
    "pydub",
    "PIL.Image",
    "babel",
    "structlog",
    "nh3",
    "markdown_it",
)
MEASURE = "import time; started = time.perf_counter(); import {modules}; print(time.perf_counter() - started)"


@pytest.mark.benchmark
def test_importing_the_site_beside_its_libraries() -> None:
    libraries = import_seconds(", ".join(LIBRARIES))
    site = import_seconds("podcasts.web.app")
    print(f"\nimport of the libraries {libraries:.2f} s, of podcasts.web.app with them {site:.2f} s")  # noqa: T201 - the figures are the purpose


def import_seconds(modules: str) -> float:
    """Measure an import in fresh processes; the median of several."""
    command = [sys.executable, "-W", "ignore", "-c", MEASURE.format(modules=modules)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(ROUNDS)]
    return median(float(run.stdout) for run in runs)
