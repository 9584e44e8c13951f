# SPDX-License-Identifier: AGPL-3.0-or-later
"""Slugs are given once and never again."""

import pytest
from sqlalchemy.orm import Session

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError
from podcasts.services.slugs import RESERVED, SLUG_CHARACTERS, find_by_old_slug, take_exact_slug, take_slug
from tests.factories import MORNING


def take(session: Session, subject: str, name: str, scope: str = "") -> str:
    slug = take_slug(session, "episode", subject, name, MORNING, scope=scope)
    session.flush()
    return slug


def test_a_taken_name_gets_a_number(griot: Griot) -> None:
    with griot.database.writing() as session:
        assert [take(session, subject, "Le fleuve") for subject in "abc"] == [
            "le-fleuve",
            "le-fleuve-2",
            "le-fleuve-3",
        ]


def test_the_same_name_is_free_elsewhere(griot: Griot) -> None:
    with griot.database.writing() as session:
        assert [take(session, scope, "Le fleuve", scope) for scope in "ab"] == ["le-fleuve"] * 2


@pytest.mark.parametrize(
    ("name", "slug"), [("النهر", "episode"), ("Œuvre d’été", "oeuvre-d-ete"), ("Feed", "feed-2")]
)
def test_a_name_in_any_script_gets_an_address(griot: Griot, name: str, slug: str) -> None:
    with griot.database.writing() as session:
        assert take(session, "a", name) == slug


def test_a_long_name_gets_a_short_address(griot: Griot) -> None:
    with griot.database.writing() as session:
        assert 0 < len(take(session, "a", "mot " * 1_000)) <= SLUG_CHARACTERS


def test_an_address_left_behind_leads_home_and_may_be_taken_up_again(griot: Griot) -> None:
    with griot.database.writing() as session:
        take(session, "a", "Ancien")
        take_exact_slug(session, "episode", "a", "nouveau", MORNING)
        session.flush()
        assert find_by_old_slug(session, "episode", "ancien") == "a"
        assert take_exact_slug(session, "episode", "a", "ancien", MORNING) == "ancien"
        with pytest.raises(InvalidError) as refusal:
            take_exact_slug(session, "episode", "b", "nouveau", MORNING)
    assert [problem.code for problem in refusal.value.problems] == ["slug-taken"]


@pytest.mark.parametrize(
    "slug", ["", "A", "a b", "a/b", "../a", "-a", "a--b", "a\n", "é", "a" * 81, *RESERVED]
)
def test_what_is_no_address_is_refused(griot: Griot, slug: str) -> None:
    with griot.database.writing() as session, pytest.raises(InvalidError) as refusal:
        take_exact_slug(session, "show", "a", slug, MORNING)
    assert [problem.code for problem in refusal.value.problems] == ["not-a-slug"]
