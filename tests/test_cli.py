# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line: what scripts hold on to, sentences where something is wrong, exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from podcasts import cli
from podcasts.bootstrap import build
from podcasts.services import accounts
from podcasts.settings import Settings, environment_name, load_settings

PASSWORD = "correct horse battery\n"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - it is refused


@pytest.fixture(autouse=True)
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for every command."""
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path / "instance"))
    monkeypatch.setenv("GRIOT_MEDIA_ROOT", str(tmp_path / "media"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


def run(*words: str, stdin: str | None = None) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(cli.main, list(words), input=stdin)


def test_a_token_stands_alone_on_standard_output() -> None:
    made = run("user", "create", "awa@example.org", "--role", "producer", "--password-stdin", stdin=PASSWORD)
    assert (made.exit_code, made.stdout) == (0, "awa@example.org (producer)\n")
    token = run("token", "create", "awa@example.org", "--name", "night")
    assert token.exit_code == 0
    assert token.stdout.startswith("griot_")
    assert token.stdout.count("\n") == 1
    griot = build(load_settings())
    with griot.database.reading() as session:
        actor = accounts.actor_of_token(session, token.stdout.strip())
    assert actor is not None
    assert actor.role == "producer"
    griot.database.engine.dispose()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("user", "create", "awa", "--role", "admin", "--password-stdin"), 1),
        (("token", "create", "nobody@example.org", "--name", "x"), 1),
        (("user", "create", "a@example.org", "--role", "king"), 2),
        (("no-such-command",), 2),
        (("serve", "--port", "99999"), 2),
        (("serve", "--host", EVERYWHERE, "--port", "0"), 2),
        (("serve", "--host", "192.0.2.1", "--port", "0"), 2),
    ],
)
def test_what_is_wrong_is_said_on_standard_error_with_its_code(words: tuple[str, ...], code: int) -> None:
    result = run(*words, stdin=PASSWORD)
    assert (result.exit_code, result.stdout) == (code, "")
    assert result.stderr
    assert "Traceback" not in result.stderr


def test_a_setting_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIOT_TIMEZONE", "Mars")
    result = run("settings")
    assert result.exit_code == 2
    assert "GRIOT_TIMEZONE" in result.stderr


def test_sentences_are_in_the_terminals_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "Personne n'a de compte" in run("token", "create", "nobody@example.org", "--name", "x").stderr
    assert run("db", "upgrade").stdout == "La base de données est à jour.\n"


def test_the_set_up_link_is_there_until_somebody_has_an_account() -> None:
    link = run("setup-link")
    assert link.stdout.startswith("http://127.0.0.1:8000/setup?token=")
    run("user", "create", "awa@example.org", "--role", "admin", "--password-stdin", stdin=PASSWORD)
    assert run("setup-link").exit_code == 1


def test_settings_are_listed_for_people_and_for_scripts() -> None:
    names = [row["name"] for row in json.loads(run("settings", "--json").stdout)]
    assert names == [environment_name(field) for field in Settings.model_fields]
    assert all(name in run("settings").stdout for name in names)


def test_routes_are_listed_with_their_access() -> None:
    rows = json.loads(run("routes", "--json").stdout)
    assert {"rule", "methods", "access"} == set(rows[0])
    assert {"rule": "/api/v1/audio", "methods": ["POST"], "access": "producer"} in rows
    assert {row["access"] for row in rows} <= {"public", "login", "producer", "editor", "admin"}


def test_the_demonstration_comes_and_goes() -> None:
    assert run("demo").stdout == "The demonstration is there.\n"
    assert run("demo").stdout == "The demonstration was there already.\n"
    assert run("demo", "--remove").stdout == "The demonstration is gone.\n"
    assert run("demo", "--remove").stdout == "There was no demonstration.\n"


def test_a_database_of_a_newer_griot_is_refused() -> None:
    run("db", "upgrade")
    griot = build(load_settings())
    with griot.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    griot.database.engine.dispose()
    result = run("setup-link")
    assert result.exit_code == 1
    assert "newer Griot" in result.stderr


def test_another_database_is_migrated_only_when_asked_to(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIOT_DATABASE_URL", postgresql_url)
    griot = build(load_settings())
    with griot.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    griot.database.engine.dispose()
    refused = run("setup-link")
    assert refused.exit_code == 1
    assert "griot db upgrade" in refused.stderr
    assert run("db", "upgrade").stdout == "The database was brought up to date.\n"
    assert run("db", "upgrade").stdout == "The database is up to date.\n"
    assert run("setup-link").exit_code == 0


def test_the_demonstration_shows_itself_only_where_nothing_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not cli._may_show_demo(load_settings())
    for field in Settings.model_fields:
        monkeypatch.delenv(environment_name(field), raising=False)
    assert cli._may_show_demo(Settings())


def test_the_package_is_a_command(instance: Path) -> None:
    environment = {**os.environ, "GRIOT_INSTANCE": str(instance)}
    answer = subprocess.run(
        [sys.executable, "-m", "podcasts.cli", "--version"],
        check=True,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert answer.stdout.startswith("griot, version ")
