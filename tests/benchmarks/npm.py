# SPDX-License-Identifier: AGPL-3.0-or-later
"""Packages from the npm registry that we measure with, or measure ourselves beside; none of them is part of Griot."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.browser.finding import BrowserMissingError, find_node, npm_words

FETCH_SECONDS = 600


def installed(*packages: str) -> Path:
    """Install packages of a named version, once, outside the checkout; skip the test where that is not possible.

    Their install scripts do not run.

    Args:
        packages: "name@version", each.

    Returns:
        The folder ``node_modules`` in which they lie.
    """
    place = _cache() / "-".join(package.replace("/", "_") for package in packages)
    if place.is_dir():
        return place / "node_modules"
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix="npm-") as folder:
        work = Path(folder) / "work"
        work.mkdir()
        (work / "package.json").write_text('{"private": true}')
        try:
            _install(work, packages)
        except (OSError, subprocess.SubprocessError, BrowserMissingError) as error:
            pytest.skip(f"npm could not fetch {' '.join(packages)}: {error}")
        shutil.rmtree(work / ".npm", ignore_errors=True)
        work.rename(place)
    return place / "node_modules"


def with_node() -> dict[str, str]:
    """Give the environment of a program of Node's."""
    folders = f"{find_node().parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": folders, "NODE_DISABLE_COMPILE_CACHE": "1"}


def _install(work: Path, packages: tuple[str, ...]) -> None:
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    subprocess.run(
        [*npm_words(find_node()), "install", *quiet, *packages],
        cwd=work,
        env={**with_node(), "npm_config_cache": str(work / ".npm")},
        check=True,
        timeout=FETCH_SECONDS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "griot-tests"
