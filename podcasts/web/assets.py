# SPDX-License-Identifier: AGPL-3.0-or-later
"""Assets: style sheets, scripts and signs, made small at start and named by their content.

There is no build step: sources stay readable in ``podcasts/static``. A name that holds a hash of the bytes may be
cached for ever (RFC 8246), and a page never meets a style sheet of another version.
"""

import base64
import hashlib
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import rcssmin
import rjsmin
from markupsafe import Markup

_EMBED = ("css/tokens.css", "css/embed.css", "css/player.css")
_LIST = (*_EMBED, "css/embed_list.css")
_BY_DEVICE, _BY_CHOICE = "css/dark_by_device.css", "css/dark_by_choice.css"

_PLAYER = tuple(f"player/{name}.js" for name in ("times", "choice", "memory", "bars", "player"))
_LIST_PLAYER = ("player/now.js", "player/order.js", *_PLAYER, "player/following.js")

STYLE_BUNDLES: Mapping[str, tuple[str, ...]] = {
    "site.css": (
        *("css/tokens.css", "css/base.css", _BY_DEVICE, _BY_CHOICE, "css/dark_pages.css"),
        *("css/player.css", "css/ctas.css", "css/listen.css", "css/bar.css", "css/embed_code.css"),
        *("css/offline.css", "css/studio.css"),
    ),
    # An embed carries the colours of its theme and no others.
    "embed-light.css": _EMBED,
    "embed-dark.css": (*_EMBED, _BY_CHOICE),
    "embed-auto.css": (*_EMBED, _BY_DEVICE),
    "embed-list-light.css": _LIST,
    "embed-list-dark.css": (*_LIST, _BY_CHOICE),
    "embed-list-auto.css": (*_LIST, _BY_DEVICE),
    # What an embed carries only where it shows it.
    "mini.css": ("css/mini.css",),
    "ctas.css": ("css/ctas.css",),
    "more.css": ("css/more.css",),
    "panel.css": ("css/panel.css",),
}
"""Each bundle of style sheets and its sources, in order."""

SCRIPT_BUNDLES: Mapping[str, tuple[str, ...]] = {
    # A page for listeners: the player, and the links and rows around it.
    "listen.js": ("player/left.js", *_LIST_PLAYER, "listen/items.js", "listen/tracks.js"),
    "stay.js": (
        "player/times.js",
        *(
            f"listen/{name}.js"
            for name in ("items", "queue", "list", "session", "going", "pages", "sheet", "stay")
        ),
    ),
    "embed.js": (*_PLAYER, "player/framed.js"),
    "embed-list.js": (*_LIST_PLAYER, "player/framed.js"),
    "extras.js": tuple(
        f"player/{name}.js"
        for name in (
            *("times", "keys", "memory", "order", "places", "shuffle", "plain", "left"),
            *("parts", "lists", "extras"),
        )
    ),
    "panel.js": tuple(
        f"player/{name}.js" for name in ("times", "memory", "shuffle", "plain", "wording", "sharing", "panel")
    ),
    "offline.js": tuple(f"offline/{name}.js" for name in ("names", "door")),
    # A service worker is one classic script; web/offline.py writes a line before it.
    "worker.js": tuple(f"offline/{name}.js" for name in ("names", "ranges", "requests", "store", "worker")),
}
"""Each bundle of scripts and its modules: one that is imported stands before those that import it."""

_MIMES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_HASH_LENGTH = 12
_IMPORT_LINE = re.compile(r"^import \{.*\} from \"\.{1,2}/.*\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|class|const) )", re.MULTILINE)
_IMPORT = re.compile(rb'from ?"(\.{1,2}/[\w./-]+\.js)"')


@dataclass(frozen=True)
class Asset:
    """One file as it is sent.

    Attributes:
        public_name: name below ``/static/``, with the hash ("site-0a1b2c3d4e5f.css").
        body: its bytes.
        mime: its media type.
    """

    public_name: str
    body: bytes
    mime: str


class Assets:
    """All assets of this start, by name.

    Bundles are named by themselves ("site.css", "player.js"); other scripts and signs by their path below the
    static folder ("studio/upload.js", "sign.svg").
    """

    def __init__(self, bodies: Mapping[str, bytes]) -> None:
        self._by_name = {name: _asset(name, body) for name, body in bodies.items()}
        self._by_public_name = {asset.public_name: asset for asset in self._by_name.values()}

    @classmethod
    def load(cls, static_folder: Path) -> "Assets":
        """Read, bundle and shrink everything below the static folder."""
        bodies = {
            bundle: _small_style("\n".join(_text(static_folder / source) for source in sources))
            for bundle, sources in STYLE_BUNDLES.items()
        }
        scripts = {
            path.relative_to(static_folder).as_posix(): _small_script(_text(path))
            for path in sorted(static_folder.rglob("*.js"))
        }
        bodies |= {name: _with_imports(name, scripts) for name in scripts}
        bodies |= {
            bundle: _small_script(_joined([_text(static_folder / source) for source in sources]))
            for bundle, sources in SCRIPT_BUNDLES.items()
        }
        for path in sorted([*static_folder.rglob("*.svg"), *static_folder.glob("icons/*.png")]):
            bodies[path.relative_to(static_folder).as_posix()] = path.read_bytes()
        return cls(bodies)

    def url(self, name: str) -> str:
        """Give the path of an asset, hash included ("/static/site-0a1b2c3d4e5f.css").

        Raises:
            KeyError: there is no asset of that name.
        """
        return f"/static/{self._by_name[name].public_name}"

    def body(self, public_name: str) -> tuple[bytes, str] | None:
        """Give bytes and media type for a name below ``/static/``; None when the hash is not of this start."""
        asset = self._by_public_name.get(public_name)
        return None if asset is None else (asset.body, asset.mime)

    def digest(self) -> str:
        """Name this set of assets: another byte in one of them gives another name."""
        names = "\n".join(sorted(self._by_public_name))
        return hashlib.sha256(names.encode()).hexdigest()[:_HASH_LENGTH]

    def source(self, name: str) -> bytes:
        """Give the bytes of an asset by its name.

        Raises:
            KeyError: there is no asset of that name.
        """
        return self._by_name[name].body

    def inline(self, name: str) -> Markup:
        """Give a style sheet or script for the inside of its element, byte for byte what ``csp_hash`` covers.

        Raises:
            KeyError: there is no asset of that name.
            ValueError: the text would end its own element.
        """
        text = self._by_name[name].body.decode()
        if "</" in text or "<!--" in text:
            raise ValueError(name)
        return Markup(text)  # noqa: S704 - our own file, checked just above

    def csp_hash(self, name: str) -> str:
        """Give the source expression that lets the inlined asset run ("'sha256-…'" without the quotes; CSP 3).

        Raises:
            KeyError: there is no asset of that name.
        """
        return csp_hash(self._by_name[name].body.decode())


def csp_hash(text: str) -> str:
    """Give the source expression that lets an inlined style or script run (CSP 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _asset(name: str, body: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    digest = hashlib.sha256(body).hexdigest()[:_HASH_LENGTH]
    return Asset(f"{stem}-{digest}.{extension}", body, _MIMES[f".{extension}"])


def _with_imports(name: str, scripts: Mapping[str, bytes]) -> bytes:
    """Let a module find those that it imports, whose public names hold their hash; never in a circle."""
    folder = posixpath.dirname(name)

    def public(found: re.Match[bytes]) -> bytes:
        place = found[1].decode()
        imported = posixpath.normpath(f"{folder}/{place}")
        asset = _asset(imported, _with_imports(imported, scripts))
        return f'from"{posixpath.dirname(place)}/{posixpath.basename(asset.public_name)}"'.encode()

    return _IMPORT.sub(public, scripts[name])


def _joined(modules: Sequence[str]) -> str:
    """Make one script of several modules, for a page that is one request.

    Names at the top of modules that are joined must differ; the imports between them fall away.
    """
    return _EXPORT.sub("", _IMPORT_LINE.sub("", "\n".join(modules)))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _small_style(source: str) -> bytes:
    return str(rcssmin.cssmin(source)).encode()


def _small_script(source: str) -> bytes:
    return str(rjsmin.jsmin(source)).encode()
