# SPDX-License-Identifier: AGPL-3.0-or-later
"""What ``griot test`` runs, what it says at the end, and with which exit code it ends."""

import sys
from pathlib import Path

import pytest

from podcasts import paths, throwaway
from podcasts.checks import (
    Round,
    Step,
    closing_line,
    prepare,
    pytest_steps,
    run_checks,
    static_steps,
    summarise,
)
from podcasts.errors import ConflictError

TESTS = """
import sys

import pytest

def test_that_passes_in_processes_that_keep_their_bytecode():
    assert not sys.dont_write_bytecode

def test_that_is_skipped():
    pytest.skip("not today")

@pytest.mark.benchmark
def test_that_measures():
    print("measured")
"""


def python(code: str) -> tuple[str, ...]:
    """Write a command that runs a line of Python."""
    return (sys.executable, "-c", code)


@pytest.fixture
def checks(tmp_path: Path) -> Round:
    return Round(tmp_path, {"PATH": ""})


@pytest.fixture
def tiny_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with three tests and no source, so that linters find their settings missing."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_tiny.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  long\n  benchmark\n  browser\n")
    monkeypatch.setattr(paths, "checkout", lambda: tmp_path)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("GRIOT_TEST_DATABASE_URL", "postgresql+psycopg:///chosen-already")
    return tmp_path


def test_a_step_passes_its_output_on(checks: Round, capfd: pytest.CaptureFixture[str]) -> None:
    checks.run(Step("greeting", python("print('salut')")))

    assert "salut\n" in capfd.readouterr().out


@pytest.mark.parametrize("code", [0, 5])
def test_a_step_passes_by_its_exit_code_or_a_harmless_one(checks: Round, code: int) -> None:
    assert checks.run(Step("exit", python(f"raise SystemExit({code})"), harmless=frozenset({5}))).passed


def test_a_step_fails_by_any_other_exit_code(checks: Round) -> None:
    assert not checks.run(Step("exit", python("raise SystemExit(1)"), harmless=frozenset({5}))).passed


def test_a_program_that_is_missing_is_a_failure_and_no_traceback(checks: Round) -> None:
    assert not checks.run(Step("absent", ("no-such-program",))).passed


@pytest.mark.parametrize(
    ("printed", "closing"),
    [
        ("=== 33 passed in 6.23s ===", "33 passed in 6.23s"),
        (
            "\x1b[31m=== \x1b[1m1 failed\x1b[0m, 2 passed in 70.10s (0:01:10) ===",
            "1 failed, 2 passed in 70.10s (0:01:10)",
        ),
        ("4 passed, 1 skipped in 0.5s", "4 passed, 1 skipped in 0.5s"),
        ("=== no tests ran in 0.01s ===", "no tests ran in 0.01s"),
        ("INTERNALERROR", ""),
    ],
)
def test_the_last_line_of_pytest_is_kept(checks: Round, printed: str, closing: str) -> None:
    outcome = checks.run(Step("tests", python(f"print({printed!r})"), read_counts=True))

    assert outcome.closing == closing


def test_one_run_of_pytest_closes_with_its_own_line() -> None:
    assert closing_line(["3 passed in 1.00s"]) == "=== 3 passed in 1.00s ==="


def test_several_runs_close_with_their_sum() -> None:
    closings = ["3 passed, 1 failed, 2 errors in 1.00s", "4 passed, 1 skipped in 2.00s"]

    assert closing_line(closings) == "7 passed, 3 failed, 1 skipped"


def test_the_ordinary_run_leaves_out_what_is_long_and_what_measures() -> None:
    (step,) = pytest_steps(long=False, pytest_args=["-k", "guid"])

    assert list(step.command[-4:]) == ["-m", "not long and not benchmark", "-k", "guid"]


def test_the_long_run_measures_alone_and_last() -> None:
    tests, benchmarks = pytest_steps(long=True, pytest_args=[])

    assert "-n" in tests.command
    assert "-n" not in benchmarks.command
    assert "-s" in benchmarks.command


def test_scripts_are_tested_where_there_are_tests_of_scripts(tmp_path: Path) -> None:
    assert "node --test" not in [step.name for step in static_steps(tmp_path)]

    (tmp_path / "tests" / "player").mkdir(parents=True)
    (tmp_path / "tests" / "player" / "queue.test.js").touch()

    assert "node --test" in [step.name for step in static_steps(tmp_path)]


def test_what_is_left_out_is_said_with_the_line_that_mends_it(
    checks: Round, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(throwaway, "DEBIAN_PLACES", checks.root)

    prepare(checks, may_install=False, browser=False)
    summarise(checks)

    said = capfd.readouterr().out
    assert "skipped: PostgreSQL half (apt install postgresql)\n" in said
    assert "skipped: the tests in a browser (--no-browser)\n" in said


def test_a_failing_linter_stops_no_test_and_fails_the_round(
    tiny_checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tiny_checkout / "untidy.py").write_text("import os")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    status = run_checks(long=False, install=False, browser=False, pytest_args=["-p", "no:cacheprovider"])

    said = capfd.readouterr().out
    assert status == 1
    assert "FAILED ruff check" in said
    assert "passed tests" in said
    assert said.splitlines()[-1].startswith("=== 1 passed, 1 skipped in ")


def test_an_installed_griot_has_no_tests_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "checkout", lambda: None)

    with pytest.raises(ConflictError) as refused:
        run_checks(long=False, install=False, browser=False)

    assert refused.value.code == "not-a-checkout"
