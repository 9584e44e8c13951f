# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings: the one table of everything that can be set, read once at start and checked there.

A setting ``name`` is the environment variable ``GRIOT_NAME``, or ``name = …`` in ``griot.toml`` in the instance
folder; the environment wins. docs/settings.md says the same as this table; a test holds them together.
"""

import ipaddress
import os
import tomllib
import zoneinfo
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from podcasts import paths
from podcasts.errors import SettingsError
from podcasts.units import ByteCount

PREFIX = "GRIOT_"
FILE_NAME = "griot.toml"

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseSettings):
    """Everything that can be set, with its default; see ``load_settings``."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    instance: Path = Field(
        default_factory=paths.default_instance,
        description="Data folder. In a checkout ./instance, else ~/.local/share/griot.",
    )
    base_url: str | None = Field(
        default=None,
        description="Public absolute address, such as https://radio.example.org; every absolute link is built "
        "from it. Needed as soon as Griot can be reached from outside this machine.",
    )
    database_url: str | None = Field(
        default=None,
        description="SQLAlchemy address of the database, such as postgresql+psycopg://griot@db/griot. Default: "
        "SQLite in the instance folder.",
    )
    media_root: Path | None = Field(
        default=None,
        description="Folder of audio files and pictures. In a checkout ./media, else media in the instance "
        "folder.",
    )
    storage: Literal["local"] = Field(
        default="local", description="Where files are kept. So far: local (GRIOT_MEDIA_ROOT)."
    )
    queue_url: str | None = Field(
        default=None,
        description="SQLite file that wakes the worker, as sqlite:////var/lib/griot/queue.sqlite. Default: in "
        "the instance folder.",
    )
    secret_key: SecretStr | None = Field(
        default=None,
        description="Signs forms and set-up links; at least 32 characters. Default: made once, in the file "
        "secret-key in the instance folder.",
    )
    max_upload_bytes: ByteCount = Field(
        default=ByteCount(2 * 1024**3), ge=1_000, description="Largest audio file, in bytes. Default: 2 GiB."
    )
    default_language: Literal["fr", "en"] = Field(
        default="fr", description="Language of pages for readers whose browser asks for none that we speak."
    )
    timezone: str = Field(
        default="UTC",
        description="IANA time zone of the newsroom, such as Africa/Bamako: its midnight, its dates.",
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(),
        description="Addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas.",
    )
    sendfile: Literal["off", "x-accel"] = Field(
        default="off", description="x-accel: nginx sends media files itself (X-Accel-Redirect)."
    )
    ffmpeg: str | None = Field(
        default=None,
        description="ffmpeg to use. Default: the one on PATH, else the one that came with Griot.",
    )

    transcriber: str | None = Field(
        default=None,
        description="Program that writes sound down: it gets the path of the sound and the language (fr) as its last "
        "two words, and writes WebVTT to its standard output. Default: none.",
    )

    @field_validator("base_url")
    @classmethod
    def _clean_base_url(cls, value: str | None) -> str | None:
        if not value:
            return None
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("an address such as https://radio.example.org is wanted")
        if parts.username or not value.isascii() or any(letter.isspace() for letter in value):
            raise ValueError("an address without user name, spaces or letters outside ASCII is wanted")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value.startswith("postgresql://"):
            value = value.replace("postgresql://", "postgresql+psycopg://", 1)
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("sqlite:///… or postgresql+psycopg://… is wanted")
        return value

    @field_validator("queue_url")
    @classmethod
    def _known_queue(cls, value: str | None) -> str | None:
        if value and not value.startswith("sqlite:///"):
            raise ValueError("only sqlite:///… so far")
        return value or None

    @field_validator("secret_key")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value():
            return None
        if len(value.get_secret_value()) < 32:  # noqa: PLR2004 - said in the sentence
            raise ValueError("at least 32 characters are wanted")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            zoneinfo.ZoneInfo(value)
        except (LookupError, ValueError, OSError) as reason:
            raise ValueError("an IANA name such as Africa/Bamako is wanted") from reason
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("instance", "media_root")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value.expanduser().absolute() if value is not None else None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over what was handed in, which is the file's."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings

    @property
    def effective_database_url(self) -> str:
        """Name the database in use."""
        return self.database_url or f"sqlite:///{self.instance / 'griot.sqlite'}"

    @property
    def effective_media_root(self) -> Path:
        """Name the folder of files in use."""
        return self.media_root or paths.default_media(self.instance)

    @property
    def queue_path(self) -> Path:
        """Name the SQLite file of the queue."""
        return (
            Path(self.queue_url.removeprefix("sqlite:///"))
            if self.queue_url
            else self.instance / "queue.sqlite"
        )

    @property
    def journal_folder(self) -> Path:
        """Name the folder to which listening is appended."""
        return self.instance / "journal"

    def is_untouched(self) -> bool:
        """Say whether nothing at all was set: a newcomer's first look, where the demo may appear."""
        return not self.model_fields_set


def environment_name(field: str) -> str:
    """Name the environment variable of a setting."""
    return PREFIX + field.upper()


def load_settings(environment: dict[str, str] | None = None) -> Settings:
    """Read the settings from the environment and from ``griot.toml`` in the instance folder.

    Args:
        environment: for messages only; None for the process's own.

    Raises:
        SettingsError: facts ``name`` (the environment name) and ``detail`` (what is wanted, in English).
    """
    names = os.environ if environment is None else environment
    folder = Path(names.get(environment_name("instance")) or paths.default_instance()).expanduser().absolute()
    values = _read_file(folder / FILE_NAME)
    blank = [name for name, value in os.environ.items() if name.startswith(PREFIX) and value == ""]
    for name in blank:
        # A variable set to nothing means "not set", as in many service files.
        del os.environ[name]
    try:
        return Settings(**values)
    except ValidationError as reason:
        raise _first_fault(reason) from None


def settings_table(settings: Settings) -> list[dict[str, str]]:
    """List every setting: name, type, default, value in use and help; the secret is not shown."""
    return [
        {
            "name": environment_name(field),
            "value": _shown(settings, field),
            "default": _default_text(field),
            "help": info.description or "",
        }
        for field, info in Settings.model_fields.items()
    ]


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as reason:
        raise SettingsError(name=str(path), detail=str(reason)) from reason


def _first_fault(reason: ValidationError) -> SettingsError:
    fault = reason.errors(include_input=False, include_url=False)[0]
    name = str(fault["loc"][0]) if fault["loc"] else ""
    return SettingsError(name=environment_name(name), detail=fault["msg"].removeprefix("Value error, "))


def _shown(settings: Settings, field: str) -> str:
    value = {
        "database_url": _without_password(settings.effective_database_url),
        "media_root": settings.effective_media_root,
        "queue_url": f"sqlite:///{settings.queue_path}",
    }.get(field, getattr(settings, field))
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _without_password(url: str) -> str:
    password = urlsplit(url).password
    return url.replace(f":{password}@", ":***@") if password else url


def _default_text(field: str) -> str:
    default = Settings.model_fields[field].default
    return "" if default is None or default == () or repr(default) == "PydanticUndefined" else str(default)
