# SPDX-License-Identifier: AGPL-3.0-or-later
"""What tests share: a fresh Griot on each database, a clock that stands still, real files."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url

from podcasts.bootstrap import Griot, build
from podcasts.clock import StoppedClock
from podcasts.db import make_engine
from podcasts.migrating import upgrade
from podcasts.settings import Settings, environment_name

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MAINTENANCE = "GRIOT_TEST_DATABASE_URL"
DATA = Path(__file__).parent / "data"
TEST_SECRET = "only-for-tests-only-for-tests-only-for-tests"


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own settings out of the tests."""
    for field_name in Settings.model_fields:
        monkeypatch.delenv(environment_name(field_name), raising=False)


@pytest.fixture(scope="session")
def data() -> Path:
    """Where the fixtures lie."""
    return DATA


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands at eight o'clock in the morning, UTC."""
    return StoppedClock(MORNING)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table and no rows but the site's, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "griot.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    # The last connection to close brings the write-ahead log into the file.
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def maintenance() -> Iterator[Connection]:
    """A connection that makes and drops databases; one for each test process."""
    if MAINTENANCE not in os.environ:
        pytest.skip("PostgreSQL half: run ./griot test, or name a database in GRIOT_TEST_DATABASE_URL")
    engine = create_engine(os.environ[MAINTENANCE], isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_postgresql(maintenance: Connection) -> Iterator[str]:
    """Name of a PostgreSQL database with every table, to be used as a template; one for each test process."""
    name = f"griot_template_{secrets.token_hex(6)}"
    maintenance.exec_driver_sql(f"CREATE DATABASE {name}")
    template = make_engine(make_url(os.environ[MAINTENANCE]).set(database=name))
    upgrade(template)
    template.dispose()
    yield name
    maintenance.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_sqlite: Path) -> str:
    """Address of a fresh SQLite database."""
    path = tmp_path / "instance" / "griot.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(maintenance: Connection, migrated_postgresql: str) -> Iterator[str]:
    """Address of a fresh PostgreSQL database, copied as files: half the time of copying it through the log."""
    name = f"griot_test_{secrets.token_hex(6)}"
    as_files = "STRATEGY FILE_COPY" if (maintenance.dialect.server_version_info or (0,)) >= (15,) else ""
    maintenance.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {migrated_postgresql} {as_files}")
    yield make_url(os.environ[MAINTENANCE]).set(database=name).render_as_string(hide_password=False)
    maintenance.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def make_griot(tmp_path: Path, database_url: str, clock: StoppedClock | None, **settings: object) -> Griot:
    """Build a Griot in a folder of its own, at https://radio.example.org unless told otherwise."""
    values: dict[str, object] = {
        "instance": tmp_path / "instance",
        "media_root": tmp_path / "media",
        "database_url": database_url,
        "base_url": "https://radio.example.org",
        "secret_key": TEST_SECRET,
        **settings,
    }
    return build(Settings.model_validate(values), clock=clock)


@pytest.fixture(params=["sqlite", "postgresql"])
def griot(request: pytest.FixtureRequest, tmp_path: Path, clock: StoppedClock) -> Iterator[Griot]:
    """A fresh Griot whose clock stands still; the test runs once on each database."""
    made = make_griot(tmp_path, request.getfixturevalue(f"{request.param}_url"), clock)
    yield made
    made.database.engine.dispose()


@pytest.fixture
def embedded(tmp_path: Path, sqlite_url: str, clock: StoppedClock) -> Iterator[Griot]:
    """A fresh Griot on SQLite alone, for tests in which the database plays no part."""
    made = make_griot(tmp_path, sqlite_url, clock)
    yield made
    made.database.engine.dispose()


@dataclass
class Queries:
    """The statements that ran."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many asked for rows (transactions and settings of the connection left out)."""
        return sum(statement.lstrip().upper().startswith(("SELECT", "WITH")) for statement in self.statements)


@contextmanager
def recorded_queries(engine: Engine) -> Iterator[Queries]:
    """Record what is asked of a database."""
    queries = Queries()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        queries.statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", note)
