# SPDX-License-Identifier: AGPL-3.0-or-later
"""Audio and storage are files and numbers: they bring neither the web nor the database along."""

import pkgutil
import subprocess
import sys

import pytest

import podcasts.audio
import podcasts.storage

MODULES = [
    module.name
    for package in (podcasts.audio, podcasts.storage)
    for module in pkgutil.iter_modules(package.__path__, package.__name__ + ".")
]


@pytest.mark.parametrize("name", ["flask", "werkzeug", "sqlalchemy"])
def test_importing_audio_and_storage_loads_no(name: str) -> None:
    body = f"import sys, {', '.join(MODULES)}; print({name!r} in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", body], capture_output=True, check=True, text=True)
    assert ran.stdout.strip() == "False"
