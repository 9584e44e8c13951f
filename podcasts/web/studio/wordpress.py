# SPDX-License-Identifier: AGPL-3.0-or-later
"""Studio: the WordPress plugin, as a zip that already holds this site's address."""

import hashlib
import io
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from flask import Blueprint, Response, current_app

from podcasts import paths
from podcasts.web.routes import access

if TYPE_CHECKING:
    from podcasts.links import Links

blueprint = Blueprint("studio_wordpress", __name__, url_prefix="/studio")

FILES = ("griot.php", "readme.txt", "license.txt")
_STAMP = (1980, 1, 1, 0, 0, 0)
"""The same address and version give the same bytes."""


@blueprint.get("/wordpress.zip")
@access("editor")
def plugin() -> Response:
    """Give the plugin."""
    links: Links = current_app.extensions["griot"].links
    response = Response(plugin_zip(links.base, version("griot")), mimetype="application/zip")
    response.headers["Content-Disposition"] = 'attachment; filename="griot.zip"'
    return response


def plugin_zip(base: str, release: str) -> bytes:
    """Pack the plugin for a site.

    Args:
        base: the site's public address, without a slash at the end.
        release: version of this Griot.
    """
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name in FILES:
            source = (paths.wordpress_folder() / name).read_text(encoding="utf-8")
            archive.writestr(ZipInfo(f"griot/{name}", _STAMP), filled_in(source, base, release), ZIP_DEFLATED)
    return packed.getvalue()


def filled_in(source: str, base: str, release: str) -> str:
    """Write address and version into the plugin's own file.

    Its functions live in a namespace made of the address, so that the plugins of two sites bear each other.
    """
    host = urlsplit(base).netloc
    namespace = f"Griot_{hashlib.sha256(base.encode()).hexdigest()[:8]}"
    for old, new in (
        ("namespace Griot_Site;", f"namespace {namespace};"),
        ("const BASE    = 'https://griot.invalid';", f"const BASE    = {php_string(base)};"),
        ("const VERSION = '0.0.0';", f"const VERSION = {php_string(release)};"),
        (" * Plugin Name: Griot\n", f" * Plugin Name: Griot ({_comment(host)})\n"),
        (" * Version: 0.0.0\n", f" * Version: {_comment(release)}\n"),
        ("Stable tag: 0.0.0\n", f"Stable tag: {_comment(release)}\n"),
        ("https://griot.invalid", _comment(base)),
    ):
        source = source.replace(old, new)
    return source


def php_string(text: str) -> str:
    """Write a string of PHP, in single quotes, where two characters alone mean something (PHP manual, Strings)."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _comment(text: str) -> str:
    """Write text that can stand in a comment of PHP and in one line."""
    return (
        "".join(character for character in text if character.isprintable())
        .replace("*/", "* /")
        .replace("?>", "")
    )
