# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings: read once, checked at start, and said in the documentation."""

from pathlib import Path

import pytest

from podcasts.errors import SettingsError
from podcasts.settings import Settings, environment_name, load_settings, settings_table

DOCS = Path(__file__).parents[1] / "docs" / "settings.md"

REFUSED = [
    ("base_url", "radio.example.org"),
    ("base_url", "ftp://radio.example.org"),
    ("base_url", "https://user:pass@radio.example.org"),
    ("base_url", "https://radio.example.org/?x=1"),
    ("base_url", "https://radio .example.org"),
    ("database_url", "mysql://localhost/griot"),
    ("storage", "s3://bucket/prefix"),
    ("queue_url", "redis://localhost"),
    ("secret_key", "short"),
    ("max_upload_bytes", "-1"),
    ("max_upload_bytes", "much"),
    ("default_language", "xx"),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../../etc/passwd"),
    ("trusted_proxies", "10.0.0.0/8,elsewhere"),
    ("sendfile", "maybe"),
]


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_a_value_that_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, field: str, value: str
) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    monkeypatch.setenv(environment_name(field), value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.facts["name"] == environment_name(field)
    assert value not in str(caught.value.facts["detail"]) or field != "secret_key"


def test_the_environment_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    (tmp_path / "griot.toml").write_text(
        'timezone = "Africa/Bamako"\ndefault_language = "en"\n', encoding="utf-8"
    )
    monkeypatch.setenv("GRIOT_DEFAULT_LANGUAGE", "fr")
    settings = load_settings()
    assert (settings.timezone, settings.default_language) == ("Africa/Bamako", "fr")


def test_a_slip_in_the_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    for text in ('timezon = "UTC"', "timezone = [", 'timezone = "\udcff"'):
        (tmp_path / "griot.toml").write_text(text, encoding="utf-8", errors="surrogateescape")
        with pytest.raises(SettingsError):
            load_settings()


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    monkeypatch.setenv("GRIOT_BASE_URL", "")
    monkeypatch.setenv("GRIOT_TIMEZONE", "")
    assert load_settings().timezone == "UTC"


def test_what_is_named_is_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    monkeypatch.setenv("GRIOT_BASE_URL", "https://radio.example.org/")
    monkeypatch.setenv("GRIOT_DATABASE_URL", "postgresql://griot:secret@db/griot")
    monkeypatch.setenv("GRIOT_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
    settings = load_settings()
    assert settings.base_url == "https://radio.example.org"
    assert settings.effective_database_url == "postgresql+psycopg://griot:secret@db/griot"
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]
    assert settings.queue_path == tmp_path / "queue.sqlite"


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GRIOT_INSTANCE", str(tmp_path))
    monkeypatch.setenv("GRIOT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("GRIOT_DATABASE_URL", "postgresql://griot:hunter2@db/griot")
    shown = repr(settings_table(load_settings()))
    assert "hunter2" not in shown
    assert "xxxx" not in shown


def test_every_setting_stands_in_the_documentation_with_its_help() -> None:
    text = DOCS.read_text(encoding="utf-8")
    rows = {row.split("|")[1].strip(" `"): row for row in text.splitlines() if row.startswith("| `GRIOT_")}
    assert set(rows) == {environment_name(field) for field in Settings.model_fields}
    for field, info in Settings.model_fields.items():
        assert str(info.description) in rows[environment_name(field)]
