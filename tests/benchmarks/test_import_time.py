# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long the site takes to import, beside the libraries that it stands on."""

import subprocess
import sys
from statistics import median

import pytest

ROUNDS = 5
LIBRARIES = (
    *(
        "alembic.command",
        "apiflask",
        "argon2",
        "babel.dates",
        "babel.messages.mofile",
        "babel.messages.pofile",
    ),
    *("babel.units", "feedgen.feed", "flask_compress", "flask_wtf", "httpcore", "huey", "imageio_ffmpeg"),
    *("jinja2.ext", "limits.strategies", "lxml.etree", "markdown_it", "mutagen.id3", "nh3", "PIL.ImageOps"),
    *("pydantic_settings", "python_multipart.multipart", "rcssmin", "rjsmin", "selectolax.lexbor"),
    "sqlalchemy.orm",
)
"""What the site imports of others."""

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
