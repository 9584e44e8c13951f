# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bootstrap: one way to put a Griot together; the secret is made once."""

import stat
import threading
from pathlib import Path

import pytest

from podcasts.bootstrap import SECRET_FILE, Griot, build, migrate_embedded
from podcasts.errors import DatabaseVersionError, SettingsError
from podcasts.migrating import found_version, require_current, wanted_version
from podcasts.models import SITE_ID, Site
from podcasts.settings import Settings


def _settings(tmp_path: Path, **values: object) -> Settings:
    return Settings.model_validate(
        {"instance": tmp_path / "instance", "media_root": tmp_path / "media", **values}
    )


def test_the_secret_is_made_once_and_readable_by_nobody_else(tmp_path: Path) -> None:
    first = build(_settings(tmp_path)).secret_key
    path = tmp_path / "instance" / SECRET_FILE
    assert build(_settings(tmp_path)).secret_key == first == path.read_text(encoding="ascii")
    assert len(first) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_at_once_share_one_secret(tmp_path: Path) -> None:
    made: list[str] = []
    threads = [
        threading.Thread(target=lambda: made.append(build(_settings(tmp_path)).secret_key)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "instance").write_text("a file", encoding="ascii")
    with pytest.raises(SettingsError) as caught:
        build(_settings(tmp_path))
    assert caught.value.facts["name"] == "GRIOT_INSTANCE"


def test_an_empty_sqlite_is_migrated_and_a_second_time_left_alone(tmp_path: Path) -> None:
    griot = build(_settings(tmp_path))
    with pytest.raises(DatabaseVersionError):
        require_current(griot.database.engine)
    assert migrate_embedded(griot)
    assert migrate_embedded(griot)
    require_current(griot.database.engine)
    with griot.database.reading() as session:
        assert session.get_one(Site, SITE_ID).version == 1
    assert list((tmp_path / "instance").glob("*.before-*")) == []


def test_a_database_from_a_newer_griot_is_refused_and_untouched(tmp_path: Path) -> None:
    griot = build(_settings(tmp_path))
    migrate_embedded(griot)
    with griot.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseVersionError) as caught:
        migrate_embedded(griot)
    assert caught.value.code == "database-newer"
    assert found_version(griot.database.engine) == "9999"


def test_two_that_start_at_once_migrate_once(tmp_path: Path) -> None:
    griots = [build(_settings(tmp_path)) for _ in range(4)]
    failed: list[BaseException] = []

    def start(griot: Griot) -> None:
        try:
            migrate_embedded(griot)
        except Exception as reason:  # noqa: BLE001 - whatever it is, the test shows it
            failed.append(reason)

    threads = [threading.Thread(target=start, args=(griot,)) for griot in griots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found_version(griots[0].database.engine) == wanted_version()


def test_another_database_is_never_migrated_by_starting(postgresql_url: str, tmp_path: Path) -> None:
    griot = build(_settings(tmp_path, database_url=postgresql_url))
    assert not migrate_embedded(griot)
    griot.database.engine.dispose()
