# SPDX-License-Identifier: AGPL-3.0-or-later
"""The documents: both READMEs say the same, what they name exists, every source says its licence."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READMES = (ROOT / "README.md", ROOT / "README.fr.md")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
SOURCES = [
    path
    for folder in ("podcasts", "tests", "templates")
    for pattern in ("*.py", "*.js", "*.css")
    for path in (ROOT / folder).rglob(pattern)
    # What others wrote stands there as they wrote it, with their licence beside it.
    if "vendor" not in path.parts
]


def commands(path: Path) -> list[str]:
    """List the command blocks of a document."""
    return re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def test_both_readmes_have_the_same_commands_headings_and_links() -> None:
    english, french = (path.read_text(encoding="utf-8") for path in READMES)
    assert commands(READMES[0]) == commands(READMES[1])
    levels = [
        [line.split(" ")[0] for line in text.splitlines() if re.match(r"#+ ", line)]
        for text in (english, french)
    ]
    assert levels[0] == levels[1]
    assert sorted(LINK.findall(english)) == sorted(LINK.findall(french))


@pytest.mark.parametrize("path", [*READMES, ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name)
def test_every_file_that_is_linked_exists(path: Path) -> None:
    missing = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (ROOT / link).exists()]
    assert missing == []


def test_every_source_says_its_licence_in_its_first_line() -> None:
    bare = [
        path
        for path in SOURCES
        if path.stat().st_size
        and "SPDX-License-Identifier" not in path.read_text(encoding="utf-8").partition("\n")[0]
    ]
    assert bare == []
    assert len(SOURCES) > 100


def test_every_decision_has_a_number_of_its_own() -> None:
    names = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("*.md"))
    assert [int(name.split("-")[0]) for name in names] == list(range(1, len(names) + 1))
