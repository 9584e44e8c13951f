# SPDX-License-Identifier: AGPL-3.0-or-later
"""Assets: bundles named by content, inlined byte for byte, and colours that can be read."""

import base64
import hashlib
import re
from pathlib import Path

import pytest

from podcasts.paths import static_folder
from podcasts.web.assets import SCRIPT_BUNDLES, STYLE_BUNDLES, Assets

ASSETS = Assets.load(static_folder())
TEXTS = ("--ink", "--muted", "--link", "--ok", "--warn", "--bad")
GROUNDS = ("--paper", "--surface", "--sunken")


def test_a_bundle_is_found_under_its_own_address_and_no_other() -> None:
    public_name = ASSETS.url("site.css").removeprefix("/static/")
    found = ASSETS.body(public_name)
    assert found is not None
    body, mime = found
    assert b"--paper" in body
    assert mime == "text/css; charset=utf-8"
    assert ASSETS.body("site.css") is None
    assert ASSETS.body("site-000000000000.css") is None
    assert ASSETS.body("../../pyproject.toml") is None


def test_the_name_changes_with_a_byte_of_a_source(tmp_path: Path) -> None:
    for bundle in [*STYLE_BUNDLES.values(), *SCRIPT_BUNDLES.values()]:
        for source in bundle:
            path = tmp_path / source
            path.parent.mkdir(exist_ok=True)
            path.write_text("a{color:red}" if source.endswith(".css") else "x();")
    before = Assets.load(tmp_path).url("site.css")
    assert Assets.load(tmp_path).url("site.css") == before
    (tmp_path / "css/base.css").write_text("a{color:tan}")
    assert Assets.load(tmp_path).url("site.css") != before


def test_scripts_keep_their_folder_and_are_javascript() -> None:
    url = ASSETS.url("listen/tracks.js")
    assert re.fullmatch(r"/static/listen/tracks-[0-9a-f]{12}\.js", url)
    found = ASSETS.body(url.removeprefix("/static/"))
    assert found is not None
    assert found[1] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize("name", ["embed-light.css", "player/early.js", "embed.js"])
def test_the_hash_in_the_policy_covers_what_is_inlined(name: str) -> None:
    digest = base64.b64encode(hashlib.sha256(str(ASSETS.inline(name)).encode()).digest()).decode()
    assert ASSETS.csp_hash(name) == f"sha256-{digest}"


def test_what_would_end_its_own_element_is_not_inlined() -> None:
    hostile = Assets({"a.js": b'"</script>"', "b.css": b"/*<!--*/"})
    for name in ("a.js", "b.css"):
        with pytest.raises(ValueError, match=name):
            hostile.inline(name)


def _themes() -> dict[str, dict[str, str]]:
    sheets = [
        f"css/{name}.css" for name in ("tokens", "base", "dark_by_device", "dark_by_choice", "dark_pages")
    ]
    source = "\n".join((static_folder() / sheet).read_text(encoding="utf-8") for sheet in sheets)
    blocks = re.findall(r"(:root[^{]*)\{([^}]*)\}", source)
    values = [dict(re.findall(r"(--[a-z-]+):\s*(#[0-9a-f]{6})", body)) for _, body in blocks]
    shared, of_pages, by_device, by_choice, pages_by_device, pages_by_choice = values
    return {
        "light": shared | of_pages,
        "dark by device": by_device | pages_by_device,
        "dark by choice": by_choice | pages_by_choice,
    }


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark by device", "dark by choice"])
def test_every_text_can_be_read_on_every_ground(theme: str) -> None:
    tokens = _themes()[theme]
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("--on-accent", "--accent"), ("--on-accent", "--accent-strong"), ("--on-signal", "--signal")]
    weak = {pair: _contrast(tokens[pair[0]], tokens[pair[1]]) for pair in pairs}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark by device", "dark by choice"])
def test_borders_of_controls_can_be_seen(theme: str) -> None:
    tokens = _themes()[theme]
    assert all(_contrast(tokens["--edge"], tokens[ground]) >= 3 for ground in GROUNDS)


def test_dark_by_device_and_dark_by_choice_are_the_same() -> None:
    themes = _themes()
    assert themes["dark by device"] == themes["dark by choice"]


@pytest.mark.parametrize("bundle", SCRIPT_BUNDLES)
def test_modules_that_are_joined_are_whole_and_share_no_name(bundle: str) -> None:
    """What one imports stands before it, and no two call something of theirs alike."""
    seen: set[str] = set()
    for source in SCRIPT_BUNDLES[bundle]:
        text = (static_folder() / source).read_text(encoding="utf-8")
        imported = {
            name.strip()
            for names in re.findall(r"^import \{([^}]*)\}", text, re.MULTILINE)
            for name in names.split(",")
        }
        assert imported <= seen
        own = re.findall(r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)", text, re.MULTILINE)
        assert not seen & set(own)
        assert len(own) == len(set(own))
        seen |= set(own)
    script = ASSETS.source(bundle).decode()
    assert not re.search(r"^(import|export) ", script, re.MULTILINE)
