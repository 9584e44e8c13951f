# SPDX-License-Identifier: AGPL-3.0-or-later
"""Allowed sites: what can be said of them, and what several shows allow together."""

import re
from typing import Any

import pytest

from podcasts.services.embed_sites import CHARACTERS_AT_MOST, SITES_AT_MOST, shared_sites, site, sites
from podcasts.services.values import Fault

GAZETTE, BELOW = "https://gazette.example", "https://*.gazette.example"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (GAZETTE, GAZETTE),
        ("gazette.example", GAZETTE),
        (" HTTPS://Gazette.Example:443/ ", GAZETTE),
        ("*.gazette.example", BELOW),
        ("http://gazette.example:8080", "http://gazette.example:8080"),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("localhost", "https://localhost"),
        ("gazette-été.example", "https://xn--gazette-t-i4ab.example"),
    ],
)
def test_a_site_is_kept_as_browsers_compare_it(given: str, kept: str) -> None:
    assert site(given) == kept
    assert re.fullmatch(r"[a-z0-9:/.*-]+", kept)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("*", "site-too-wide"),
        ("https://*", "site-too-wide"),
        ("*.org", "site-too-wide"),
        ("*.10.0.0.1", "site-too-wide"),
        (f"{GAZETTE}/politique", "site-with-path"),
        (f"{GAZETTE}?x", "site-with-path"),
        ("", "not-a-site"),
        ("a b", "not-a-site"),
        ("gazette.example; script-src *", "not-a-site"),
        ("gazette.example\r\nSet-Cookie: a=b", "not-a-site"),
        ("'self'", "not-a-site"),
        ("'none'", "not-a-site"),
        ('"gazette.example"', "not-a-site"),
        ("data:", "not-a-site"),
        ("javascript:alert(1)", "not-a-site"),
        ("user:pass@gazette.example", "not-a-site"),
        ("https://[::1]", "not-a-site"),
        ("ga*ette.example", "not-a-site"),
        ("*.*.gazette.example", "not-a-site"),
        ("gazette_x.example", "not-a-site"),
        ("gazette.example:99999", "not-a-site"),
        ("\ud800.example", "not-a-site"),
        ("a" * 100_000, "not-a-site"),
        (7, "wrong-type"),
        (None, "wrong-type"),
    ],
)
def test_what_is_no_site_or_could_end_the_header_is_refused(given: Any, code: str) -> None:
    with pytest.raises(Fault) as caught:
        site(given)
    assert caught.value.code == code
    assert all("\r" not in str(fact) and len(str(fact)) < 300 for fact in caught.value.facts.values())


def test_a_list_is_short_and_names_each_site_once() -> None:
    assert sites([]) == []
    assert sites([GAZETTE, "gazette.example", BELOW]) == [GAZETTE, BELOW]
    many = [f"https://{number}.example" for number in range(SITES_AT_MOST + 1)]
    long = [f"https://{number:03}{'a' * 60}.example" for number in range(SITES_AT_MOST)]
    assert len(" ".join(long)) > CHARACTERS_AT_MOST
    for given, code in ((many, "too-many"), (long, "too-long"), (GAZETTE, "wrong-type"), ({}, "wrong-type")):
        with pytest.raises(Fault) as caught:
            sites(given)
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("restrictions", "allowed"),
    [
        ([], None),
        ([[], []], None),
        ([[GAZETTE]], [GAZETTE]),
        ([[], [GAZETTE]], [GAZETTE]),
        ([[GAZETTE, "https://b.example"], [BELOW, GAZETTE]], [GAZETTE]),
        # Below a site is not the site itself.
        ([[BELOW], [GAZETTE]], []),
        ([[BELOW], ["https://www.gazette.example"]], ["https://www.gazette.example"]),
        ([[BELOW], ["https://*.fr.gazette.example"]], ["https://*.fr.gazette.example"]),
        # http includes https, never the other way round.
        ([["http://gazette.example"], [GAZETTE]], [GAZETTE]),
        ([[BELOW], ["http://www.gazette.example"]], ["https://www.gazette.example"]),
        ([[f"{GAZETTE}:8443"], [GAZETTE]], []),
        ([["https://a.example"], ["https://b.example"], []], []),
        ([["https://a.example"], ["https://b.example"], ["https://a.example"]], []),
    ],
)
def test_a_player_of_several_shows_stands_where_all_of_them_allow_it(
    restrictions: list[list[str]], allowed: list[str] | None
) -> None:
    assert shared_sites(restrictions) == allowed
    assert shared_sites(reversed(restrictions)) == allowed
