# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where things lie: a checkout and an installed wheel keep templates and data in different places."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def checkout() -> Path | None:
    """Find the root of the checkout this package runs from; None when it runs from an installed wheel."""
    root = PACKAGE.parent
    return root if (root / "pyproject.toml").is_file() and (root / "wsgi.py").is_file() else None


def templates_folder() -> Path:
    """Find the page templates: beside the package in a checkout, inside it in a wheel."""
    inside = PACKAGE / "templates"
    return inside if inside.is_dir() else PACKAGE.parent / "templates"


def static_folder() -> Path:
    """Find style sheets, scripts and signs."""
    return PACKAGE / "static"


def locale_folder() -> Path:
    """Find the message catalogues."""
    return PACKAGE / "locale"


def migrations_folder() -> Path:
    """Find the Alembic scripts."""
    return PACKAGE / "migrations"


def demo_folder() -> Path:
    """Find the sound of the demonstration."""
    return PACKAGE / "demo"


def wordpress_folder() -> Path:
    """Find the WordPress plugin."""
    return PACKAGE / "wordpress"


def default_instance() -> Path:
    """Choose the data folder when no setting names one.

    A checkout keeps it inside itself; an installed Griot in ``~/.local/share/griot``. Never derived from the
    working directory.
    """
    root = checkout()
    return root / "instance" if root else Path.home() / ".local" / "share" / "griot"


def default_media(instance: Path) -> Path:
    """Choose the folder of audio files when no setting names one."""
    root = checkout()
    return root / "media" if root and instance == root / "instance" else instance / "media"
