# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links: absolute, from the public base alone."""

import inspect

import pytest

from podcasts.links import Links

WORDS = {
    "article_url": "https://news.example/a?b=1&c=2",
    "url": "https://radio.example.org/shows/a",
    "token": "t/t",
}


def _every_link(base: str) -> dict[str, str]:
    links = Links(base)
    made = {}
    for name, method in inspect.getmembers(links, inspect.ismethod):
        if name in {"__init__", "path_of", "is_public"}:
            continue
        names = [p.name for p in inspect.signature(method).parameters.values() if p.kind != p.VAR_POSITIONAL]
        arguments = [
            WORDS.get(word, "page" if word == "size" else "json" if word == "form" else "x") for word in names
        ]
        made[name] = method(*arguments)
    return made


@pytest.mark.parametrize(
    "base", ["https://radio.example.org", "http://127.0.0.1:8000", "https://example.org/radio"]
)
def test_every_link_is_absolute_and_under_the_base(base: str) -> None:
    made = _every_link(base)
    assert len(made) > 15
    for name, link in made.items():
        assert link.startswith(f"{base}/"), name
        assert " " not in link
        assert link.isascii()


def test_a_path_works_wherever_the_page_came_from() -> None:
    links = Links("https://example.org/radio")
    assert links.path_of(links.show("matin")) == "/radio/shows/matin"
    assert links.path_of("https://elsewhere.example/shows/matin") == "https://elsewhere.example/shows/matin"


@pytest.mark.parametrize(
    ("base", "public"),
    [
        ("https://radio.example.org", True),
        ("http://127.0.0.1:8000", False),
        ("http://127.0.0.2", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000", False),
    ],
)
def test_a_loopback_base_is_not_public(base: str, *, public: bool) -> None:
    assert Links(base).is_public() is public
