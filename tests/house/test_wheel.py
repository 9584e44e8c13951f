# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is shipped: a wheel that serves by itself from any folder, a source archive without anybody's audio.

The archives are built from a copy of the tracked and new files, with an uploaded recording and an instance
beside them, so that the test sees what a producer's own checkout would ship.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = shutil.which("uv") or next((str(path) for path in ROOT.glob(".griot/uv-*/bin/uv")), None)

pytestmark = [
    # One worker builds and installs once, for all the tests here.
    pytest.mark.xdist_group("wheel"),
    pytest.mark.timeout(600),
    pytest.mark.skipif(UV is None, reason="uv builds the wheel (./griot test brings it)"),
]


def uv(*arguments: str | Path, cwd: Path) -> None:
    """Run uv; its own words are shown where it fails."""
    assert UV is not None
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    run = subprocess.run(
        [UV, *arguments],
        cwd=cwd,
        env={**environment, "UV_PYTHON_DOWNLOADS": "never"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout in use: an upload, an instance and a secret lie in it."""
    copy = tmp_path_factory.mktemp("wheel") / "checkout"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    for name in (
        "media/secret.mp3",
        "instance/griot.db",
        "instance/secret.key",
        ".griot/lock",
        ".venv/secret",
    ):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes(b"a producer's own")
    return copy


@pytest.fixture(scope="module")
def archives(checkout: Path) -> Path:
    """The folder with the wheel and the source archive."""
    folder = checkout.parent / "dist"
    uv("build", "--quiet", "--out-dir", folder, "--python", sys.executable, cwd=checkout)
    return folder


@pytest.fixture(scope="module")
def wheel(archives: Path) -> Path:
    return next(archives.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel_names(wheel: Path) -> list[str]:
    with ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture(scope="module")
def source_names(archives: Path) -> list[str]:
    with tarfile.open(next(archives.glob("*.tar.gz"))) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The programs' folder of a fresh environment in which only the wheel is installed."""
    environment = wheel.parent.parent / "installed"
    uv("venv", "--quiet", "--python", sys.executable, environment, cwd=wheel.parent)
    locked = wheel.parent / "locked.txt"
    uv("export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "--output-file", locked, cwd=ROOT)
    python = environment / "bin" / "python"
    uv("pip", "install", "--quiet", "--python", python, "--requirements", locked, wheel, cwd=wheel.parent)
    return environment / "bin"


def test_the_source_archive_holds_no_upload_and_no_instance(source_names: list[str]) -> None:
    assert "podcasts/paths.py" in source_names
    own = re.compile(r"^(instance|\.griot|\.venv|node_modules)(/|$)|secret")

    assert [name for name in source_names if own.search(name)] == []
    assert [name for name in source_names if name.startswith("media/") and name != "media/README.md"] == []


def test_the_wheel_holds_no_upload_no_instance_and_no_tests(wheel_names: list[str]) -> None:
    others = [name for name in wheel_names if not re.match(r"podcasts/|griot-[\w.]+\.dist-info/", name)]

    assert others == []
    assert [name for name in wheel_names if "secret" in name] == []


def test_the_wheel_holds_every_template_inside_the_package(checkout: Path, wheel_names: list[str]) -> None:
    templates = [path for path in (checkout / "templates").rglob("*") if path.is_file()]

    assert templates
    expected = {
        f"podcasts/templates/{path.relative_to(checkout / 'templates').as_posix()}" for path in templates
    }
    assert expected <= set(wheel_names)


def test_the_wheel_holds_what_the_package_reads(checkout: Path, wheel_names: list[str]) -> None:
    """Styles, scripts, catalogues and migrations live inside the package and travel with it."""
    package = [
        path
        for path in (checkout / "podcasts").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]

    assert {path.relative_to(checkout).as_posix() for path in package} <= set(wheel_names)


def test_an_installed_griot_serves_a_page_from_any_folder(installed: Path, tmp_path: Path) -> None:
    """In a folder that lays traps: modules and packages with the names of ours and of what we import."""
    for name in ("media", "podcasts", "templates"):
        (tmp_path / name).mkdir()
    (tmp_path / "flask.py").write_text("raise SystemExit('imported from the working directory')")

    with serving(installed, tmp_path) as address, urllib.request.urlopen(f"{address}/", timeout=60) as page:
        assert page.status == 200
        assert b"</html>" in page.read()

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "flask.py",
        "home",
        "media",
        "podcasts",
        "templates",
    ]


@contextmanager
def serving(programs: Path, folder: Path) -> Iterator[str]:
    """Start ``griot serve`` on a free port in a folder; gives the address that it names."""
    home = folder / "home"
    home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GRIOT_", "PYTHON", "VIRTUAL"))
    }
    process = subprocess.Popen(
        [programs / "griot", "serve", "--port", "0"],
        cwd=folder,
        env={**kept, "HOME": str(home), "GRIOT_INSTANCE": str(home / "instance")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"Griot is at (http://\S+)", line):
                yield found[1]
                break
        else:
            pytest.fail(f"griot serve never answered: {lines}")
    finally:
        process.terminate()
        process.wait(30)
        if process.stdout:
            process.stdout.close()
