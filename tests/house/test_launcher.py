# SPDX-License-Identifier: AGPL-3.0-or-later
"""The launcher ``./griot``: what it installs and when, and how it becomes the command.

uv is played by a small script that notes its calls: what is tested is the launcher, without network.
"""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHELLS = [shell for shell in ("sh", "dash", "bash") if shutil.which(shell)]

UV = """#!/bin/sh
[ "$1" != --version ] || { echo uv 0; exit 0; }
echo "$@" >> "$CALLS"
echo "uv says something"
mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
ln -sf "$(command -v python3)" "$UV_PROJECT_ENVIRONMENT/bin/python"
cp "$COMMAND" "$UV_PROJECT_ENVIRONMENT/bin/griot"
"""

COMMAND = """#!/bin/sh
case $1 in
    exit) exit "$2" ;;
    wait) trap 'exit 42' TERM; sleep 60 & echo waiting; wait ;;
    *) printf '<%s>' "$@"; pwd ;;
esac
"""

PYTHON_WITHOUT_VENV = """#!/bin/sh
case $2 in
    *ensurepip*) exit 1 ;;
    *sys.executable*) echo "$0" ;;
    *) exec {python} "$@" ;;
esac
"""


@dataclass
class Launcher:
    """A copied launcher in a checkout of its own."""

    folder: Path
    shell: str = "sh"
    checkout: Path = field(init=False)
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.checkout = self.folder / "a checkout with spaces"
        self.checkout.mkdir()
        shutil.copy(ROOT / "griot", self.checkout / "griot")
        (self.checkout / "uv.lock").write_text("first")
        programs = self.folder / "programs"
        programs.mkdir()
        (programs / "python3").symlink_to(sys.executable)
        for name, text in (("uv", UV), ("command", COMMAND)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.environment = {
            "PATH": f"{programs}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "CALLS": str(self.folder / "calls"),
            "COMMAND": str(programs / "command"),
        }

    def __call__(
        self, *words: str, file: Path | None = None, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the launcher from another folder."""
        return subprocess.run(
            [self.shell, str(file or self.checkout / "griot"), *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )

    def calls(self) -> list[str]:
        """List what uv was asked so far."""
        noted = self.folder / "calls"
        return noted.read_text().splitlines() if noted.exists() else []


@pytest.fixture(params=SHELLS)
def launcher(request: pytest.FixtureRequest, tmp_path: Path) -> Launcher:
    return Launcher(tmp_path, shell=request.param)


@pytest.fixture
def one_launcher(tmp_path: Path) -> Launcher:
    return Launcher(tmp_path)


def test_stdout_is_the_commands_alone_and_words_arrive_as_they_were(launcher: Launcher) -> None:
    run = launcher("two words", "", "*")

    assert run.stdout == f"<two words><><*>{launcher.folder}\n"
    assert "uv says something" in run.stderr


def test_packages_are_installed_once_and_nothing_else_is_touched_after(launcher: Launcher) -> None:
    launcher("settings")
    run = launcher("settings")

    assert len(launcher.calls()) == 1
    assert run.stderr == ""


def test_the_commands_exit_code_is_the_launchers(launcher: Launcher) -> None:
    assert launcher("exit", "7").returncode == 7


def test_a_signal_reaches_the_command(launcher: Launcher) -> None:
    launcher("settings")
    process = subprocess.Popen(
        [launcher.shell, str(launcher.checkout / "griot"), "wait"],
        env=launcher.environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGTERM)

        assert process.wait(30) == 42
        os.killpg(process.pid, signal.SIGKILL)


def test_it_runs_through_a_link(launcher: Launcher) -> None:
    elsewhere = launcher.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "direct").symlink_to(launcher.checkout / "griot")
    (elsewhere / "griot").symlink_to("direct")

    assert launcher("settings", file=elsewhere / "griot").returncode == 0
    assert (launcher.checkout / ".venv").is_dir()


@pytest.mark.parametrize("home", [None, "", "/nonexistent"])
def test_it_needs_no_home(one_launcher: Launcher, home: str | None) -> None:
    if home is None:
        del one_launcher.environment["HOME"]
    else:
        one_launcher.environment["HOME"] = home

    assert one_launcher("settings").returncode == 0


def test_serving_needs_no_developers_tools(one_launcher: Launcher) -> None:
    one_launcher("serve")

    assert "--frozen --inexact" in one_launcher.calls()[0]
    assert "--no-dev" in one_launcher.calls()[0]


def test_tests_need_them_and_serving_is_content_with_both(one_launcher: Launcher) -> None:
    one_launcher("test")
    one_launcher("serve")

    (call,) = one_launcher.calls()
    assert "--no-dev" not in call


def test_postgresql_brings_its_driver(one_launcher: Launcher) -> None:
    one_launcher("serve", GRIOT_DATABASE_URL="postgresql+psycopg:///griot")
    one_launcher("serve")

    (call,) = one_launcher.calls()
    assert call.endswith("--no-dev --extra postgres")


def test_a_new_lock_installs_again_into_the_same_environment(one_launcher: Launcher) -> None:
    one_launcher("serve")
    kept = one_launcher.checkout / ".venv" / "kept"
    kept.touch()
    (one_launcher.checkout / "uv.lock").write_text("second")

    one_launcher("serve")

    first, second = one_launcher.calls()
    assert "--python" in first
    assert "--python" not in second
    assert kept.exists()


def test_a_moved_checkout_starts_afresh(one_launcher: Launcher) -> None:
    one_launcher("serve")
    (one_launcher.checkout / ".venv" / "left").touch()
    one_launcher.checkout = one_launcher.checkout.rename(one_launcher.folder / "moved")

    one_launcher("serve")

    assert len(one_launcher.calls()) == 2
    assert not (one_launcher.checkout / ".venv" / "left").exists()


def test_a_failed_installation_is_tried_again_and_runs_nothing(one_launcher: Launcher) -> None:
    run = one_launcher("settings", COMMAND="/nonexistent")

    assert run.returncode == 1
    assert run.stdout == ""
    assert "could not be installed" in run.stderr
    assert one_launcher("settings").returncode == 0


@pytest.mark.parametrize("without_flock", [False, True], ids=["flock", "mkdir"])
def test_commands_started_together_install_once(one_launcher: Launcher, without_flock: bool) -> None:  # noqa: FBT001 - a value of the table
    if without_flock:
        one_launcher.environment["PATH"] = str(programs_without_flock(one_launcher.folder))
    processes = [
        subprocess.Popen(
            ["sh", str(one_launcher.checkout / "griot"), "settings"],
            env=one_launcher.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(4)
    ]

    assert [process.wait(60) for process in processes] == [0] * 4
    assert len(one_launcher.calls()) == 1


def programs_without_flock(folder: Path) -> Path:
    """Make a folder of the programs that the launcher may use, flock left out."""
    alone = folder / "without flock"
    alone.mkdir()
    for name in ("cat", "cksum", "cp", "dirname", "ln", "mkdir", "readlink", "rm", "sh", "sleep"):
        (alone / name).symlink_to(str(shutil.which(name)))
    for name in ("uv", "command", "python3"):
        (alone / name).symlink_to(folder / "programs" / name)
    return alone


def test_an_old_python_is_named_with_what_to_do(one_launcher: Launcher) -> None:
    old = one_launcher.folder / "old"
    old.mkdir()
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (old / name).write_text(
            '#!/bin/sh\n[ "$1" != --version ] || { echo Python 3.9.2; exit 0; }\nexit 1\n'
        )
        (old / name).chmod(0o755)
    one_launcher.environment["PATH"] = f"{old}:{one_launcher.environment['PATH']}"

    run = one_launcher("settings")

    assert run.returncode == 1
    assert "needs Python 3.11 or newer; here is Python 3.9.2" in run.stderr


def test_a_python_without_venv_is_named_with_what_to_do(one_launcher: Launcher) -> None:
    programs = one_launcher.folder / "programs"
    (programs / "uv").write_text("#!/bin/sh\nexit 1\n")
    (programs / "python3").unlink()
    (programs / "python3").write_text(PYTHON_WITHOUT_VENV.format(python=sys.executable))
    (programs / "python3").chmod(0o755)

    run = one_launcher("settings")

    assert run.returncode == 1
    assert "apt install python3-venv" in run.stderr
