# SPDX-License-Identifier: AGPL-3.0-or-later
"""Values are cleaned, or refused by a code, whatever was sent."""

from datetime import UTC, datetime
from typing import Any

import pytest

from podcasts.errors import InvalidError
from podcasts.services import values

ODD = [
    None,
    True,
    7,
    -1.5,
    float("nan"),
    float("inf"),
    10**400,
    [],
    ["a"],
    {},
    {"a": 1},
    b"a",
    "",
    " ",
    "\x00",
    "\ud800",
]
ALL = {
    "line": values.line(10, required=True),
    "block": values.block(10),
    "choice": values.choice("a", "b"),
    "flag": values.flag,
    "number": values.number(),
    "language": values.language,
    "country": values.country,
    "web_address": values.web_address,
    "email": values.email,
    "instant": values.instant,
    "listed": values.listed(3),
    "identifier": values.identifier,
}


@pytest.mark.parametrize("cleaner", ALL.values(), ids=ALL.keys())
@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:20])
def test_odd_values_are_cleaned_or_refused_and_never_break_anything(
    cleaner: values.Cleaner, value: object
) -> None:
    try:
        kept = values.clean_values({"it": value}, {"it": cleaner})["it"]
    except InvalidError as error:
        (problem,) = error.problems
        assert problem.field == "it"
    else:
        assert "\x00" not in str(kept)
        str(kept).encode()


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("line", "  Le\tfleuve\n", "Le fleuve"),
        ("line", "a\u202eb", "ab"),
        ("line", "0123456789", "0123456789"),
        ("block", "a\r\nb", "a\nb"),
        ("language", "PT_br", "pt-BR"),
        ("country", "ml", "ML"),
        ("email", " Awa@Example.ORG ", "awa@example.org"),
        ("instant", "2026-11-23T09:00:00+01:00", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("instant", "2026-11-23T08:00:00Z", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("number", 1_000_000, 1_000_000),
        ("identifier", "a" * 100, "a" * 100),
    ],
)
def test_good_values_are_kept_in_one_spelling(name: str, value: Any, kept: object) -> None:
    assert values.clean_values({"it": value}, {"it": ALL[name]}) == {"it": kept}


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("line", "", "required"),
        ("line", "01234567890", "too-long"),
        ("line", 7, "wrong-type"),
        ("choice", "c", "not-a-choice"),
        ("flag", 1, "wrong-type"),
        ("number", 0, "out-of-range"),
        ("number", True, "out-of-range"),
        ("language", "fr-ZZ", "not-a-language"),
        ("language", "xx", "not-a-language"),
        ("country", "EU", "not-a-country"),
        ("web_address", "javascript:alert(1)", "not-a-web-address"),
        ("email", "awa@localhost", "not-an-email"),
        ("instant", "2026-11-23T08:00:00", "time-without-zone"),
        ("instant", "9999-12-31T23:59:59-14:00", "not-a-time"),
        ("listed", ["a"] * 4, "too-many"),
        ("listed", "abc", "wrong-type"),
        ("identifier", "a" * 101, "not-a-slug"),
        ("identifier", "a\x00", "not-a-slug"),
    ],
)
def test_bad_values_are_refused_by_a_code(name: str, value: object, code: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        values.clean_values({"it": value}, {"it": ALL[name]})
    assert [(problem.field, problem.code) for problem in refusal.value.problems] == [("it", code)]


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidError) as refusal:
        values.clean_values({"line": "", "flag": "yes", "new": 1}, ALL)
    assert {(problem.field, problem.code) for problem in refusal.value.problems} == {
        ("line", "required"),
        ("flag", "wrong-type"),
        ("new", "unknown-field"),
    }


@pytest.mark.parametrize("value", [None, ""])
def test_what_is_needed_must_be_there(value: object) -> None:
    with pytest.raises(InvalidError) as refusal:
        values.require({"title": value, "language": ["fr"]}, "title", "language", "name")
    assert [problem.field for problem in refusal.value.problems] == ["title", "name"]
