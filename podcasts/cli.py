# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command line: what an administrator and the README's two commands call."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import ParamSpec, TypeVar

import click

from podcasts import paths
from podcasts.bootstrap import Griot, build, migrate_embedded
from podcasts.checks import run_checks
from podcasts.errors import GriotError, InvalidError, SettingsError
from podcasts.i18n import LANGUAGES, Translator, error_text, problem_text, translator
from podcasts.links import Links
from podcasts.listener import is_loopback, listener_url, open_listener, require_base_url
from podcasts.migrating import require_current, upgrade
from podcasts.models import ROLES
from podcasts.serve import serve as serve_until_stopped
from podcasts.services import accounts, demo
from podcasts.services.actors import SYSTEM
from podcasts.services.site import ensure_guid
from podcasts.settings import Settings, load_settings, settings_table
from podcasts.web.app import create_app
from podcasts.web.routes import routes_table
from podcasts.worker import log_to_stderr, run_worker

P = ParamSpec("P")
R = TypeVar("R")

USAGE = 2


def say_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Let an error of ours end the command with its sentence: exit code 2 for settings, else 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except GriotError as error:
            t = _speaking()
            lines = [problem_text(t, problem) for problem in error.problems] or [error_text(t, error)]
            for line in lines:
                click.echo(f"griot: {line}", err=True)
            sys.exit(USAGE if isinstance(error, SettingsError) else 1)

    return run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="griot", prog_name="griot")
def main() -> None:
    """Podcasts and playlists for newsrooms, on your own machine."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.option("--demo", "with_demo", is_flag=True, help="Add the demonstration show.")
@say_errors
def serve(host: str, port: int, *, with_demo: bool) -> None:
    """Run Griot: the web server and the background worker, until Ctrl-C."""
    settings = load_settings()
    require_base_url(host, settings.base_url)
    listener = open_listener(host, port)
    # Absolute links must name the port that was really opened.
    address = settings.base_url or listener_url(listener)
    griot = _built(settings)
    prepare(griot, Links(address))
    if with_demo or (_may_show_demo(settings) and is_loopback(host)):
        _add_demo(griot, Links(address), only_if_empty=not with_demo)
    _offer_setup(griot, Links(address))
    sys.exit(serve_until_stopped(listener, base_url=settings.base_url, environment={}))


@main.command()
@click.option("--long", "take_long", is_flag=True, help="Also what takes its time: kill rounds, benchmarks.")
@click.option("--install", is_flag=True, help="Install missing Debian packages (as root).")
@click.option("--no-browser", is_flag=True, help="Leave out the tests in a browser.")
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@say_errors
def test(*, take_long: bool, install: bool, no_browser: bool, pytest_args: Sequence[str]) -> None:
    """Check everything: lint, types, imports, tests; further words after -- go to pytest."""
    sys.exit(run_checks(long=take_long, install=install, browser=not no_browser, pytest_args=pytest_args))


@main.command()
@say_errors
def worker() -> None:
    """Run the background worker alone (griot serve runs one by itself)."""
    log_to_stderr()
    sys.exit(run_worker(_built(load_settings())))


@main.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
@say_errors
def db_upgrade() -> None:
    """Bring the database to the shape that this Griot wants."""
    griot = _built(load_settings())
    changed = upgrade(griot.database.engine) if not migrate_embedded(griot) else False
    with griot.database.writing() as session:
        ensure_guid(session, griot.clock.now(), griot.links)
    t = _speaking()
    click.echo(
        t.gettext("The database was brought up to date.")
        if changed
        else t.gettext("The database is up to date.")
    )


@main.group()
def user() -> None:
    """Look after accounts."""


@user.command("create")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--name", default="", help="How others see the person.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@say_errors
def user_create(email: str, role: str, name: str, *, password_stdin: bool) -> None:
    """Make an account; asks for its password."""
    griot = _ready()
    password = _password(from_stdin=password_stdin)
    password_hash = accounts.hash_password(password)
    with griot.database.writing() as session:
        now = griot.clock.now()
        made = accounts.create_user(
            session, SYSTEM, now, email=email, role=role, password_hash=password_hash, name=name
        )
    click.echo(f"{made.email} ({made.role})")


@main.group()
def token() -> None:
    """Look after tokens for scripts."""


@token.command("create")
@click.argument("email")
@click.option("--name", required=True, help="What the token is for.")
@say_errors
def token_create(email: str, name: str) -> None:
    """Make a token with the rights of an account; prints the token alone."""
    griot = _ready()
    with griot.database.writing() as session:
        owner = accounts.find_user(session, email)
        made = accounts.create_token(session, SYSTEM, griot.clock.now(), user_id=owner.id, name=name)
    click.echo(made)


@main.command("setup-link")
@say_errors
def setup_link() -> None:
    """Print a new one-time link for the first account."""
    griot = _ready()
    with griot.database.writing() as session:
        secret = accounts.create_setup_link(session, griot.clock.now())
    click.echo(griot.links.setup(secret))


@main.command("settings")
@click.option("--json", "as_json", is_flag=True)
@say_errors
def show_settings(*, as_json: bool) -> None:
    """List every setting with the value in use."""
    table = settings_table(load_settings())
    if as_json:
        click.echo(json.dumps(table, indent=2, ensure_ascii=False))
        return
    for row in table:
        click.echo(f"{row['name']}={row['value']}\n    {row['help']}")


@main.command()
@click.option("--json", "as_json", is_flag=True)
@say_errors
def routes(*, as_json: bool) -> None:
    """List every route and who may call it."""
    table = routes_table(create_app(_built(load_settings())))
    if as_json:
        rows = [{"rule": row.rule, "methods": list(row.methods), "access": row.access} for row in table]
        click.echo(json.dumps(rows, indent=2))
        return
    for row in table:
        click.echo(f"{row.access:<9} {'|'.join(row.methods):<12} {row.rule}")


@main.command("demo")
@click.option("--remove", is_flag=True, help="Take the demonstration away, with all its files.")
@say_errors
def show_demo(*, remove: bool) -> None:
    """Add the demonstration show, or take it away."""
    griot, t = _ready(), _speaking()
    if remove:
        gone = demo.remove_demo(griot.database, griot.storage, griot.clock.now())
        click.echo(
            t.gettext("The demonstration is gone.") if gone else t.gettext("There was no demonstration.")
        )
        return
    made = _add_demo(griot, griot.links, only_if_empty=False)
    click.echo(
        t.gettext("The demonstration is there.")
        if made
        else t.gettext("The demonstration was there already.")
    )


def prepare(griot: Griot, links: Links) -> None:
    """Make the database ready: SQLite is migrated, another must be of this version.

    Raises:
        DatabaseVersionError: it is not.
    """
    if not migrate_embedded(griot):
        require_current(griot.database.engine)
    with griot.database.writing() as session:
        ensure_guid(session, griot.clock.now(), links)


def _built(settings: Settings) -> Griot:
    """Build a Griot whose connections are closed when the command ends."""
    griot = build(settings)
    click.get_current_context().call_on_close(griot.database.engine.dispose)
    return griot


def _ready() -> Griot:
    """Build a Griot whose database can be used, for a command that is over soon."""
    griot = _built(load_settings())
    prepare(griot, griot.links)
    return griot


def _may_show_demo(settings: Settings) -> bool:
    """Say whether this is a newcomer's first look: a checkout in which nothing was configured."""
    return paths.checkout() is not None and settings.is_untouched()


def _add_demo(griot: Griot, links: Links, *, only_if_empty: bool) -> bool:
    return demo.add_demo(
        demo.Stage(griot.database, griot.storage, griot.ffmpeg, griot.clock, links),
        only_if_empty=only_if_empty,
    )


def _offer_setup(griot: Griot, links: Links) -> None:
    with griot.database.writing() as session:
        if accounts.has_users(session):
            return
        secret = accounts.create_setup_link(session, griot.clock.now())
    words = _speaking().gettext("Nobody has an account yet. Make the first one here (once, within 24 hours):")
    click.echo(words)
    click.echo(f"  {links.setup(secret)}")


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        return str(
            click.prompt(_speaking().gettext("Password"), hide_input=True, confirmation_prompt=True, err=True)
        )
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidError("malformed") from None


def _speaking() -> Translator:
    """Speak the terminal's language, as gettext does: LC_ALL, LC_MESSAGES, LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            primary = value.partition("_")[0].partition(".")[0].lower()
            return translator(primary if primary in LANGUAGES else "en")
    return translator("en")


if __name__ == "__main__":
    main()
