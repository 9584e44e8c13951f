# SPDX-License-Identifier: AGPL-3.0-or-later
"""Values: what people and scripts send, cleaned and checked field by field, every fault named at once.

A *cleaner* takes one value of any kind and gives back what may be kept, or raises ``Fault``. A table of
cleaners describes what can be said about a thing; form and REST interface go through the same table.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from babel import Locale, UnknownLocaleError

from podcasts.article_urls import article_url
from podcasts.errors import Facts, InvalidError, Problem
from podcasts.text import clean_block, clean_line

Cleaner = Callable[[Any], Any]

TITLE_CHARACTERS = 300
NAME_CHARACTERS = 200
NOTES_CHARACTERS = 100_000
IDENTIFIER_CHARACTERS = 100
"""Longer than any of ours."""
SMALLEST_NUMBER, LARGEST_NUMBER = 1, 1_000_000
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)

# Deliberately loose: only the mail system knows; this catches slips of the hand.
_EMAIL = re.compile(r"[^\s@,;<>\"'()\[\]\\]{1,64}@[^\s@,;<>\"'()\[\]\\]{1,190}\.[^\s@,;<>\"'()\[\]\\.]{1,60}")
_LANGUAGE = re.compile(r"([A-Za-z]{2})(?:[-_]([A-Za-z]{2}))?", re.ASCII)
_COUNTRIES = frozenset(
    str(code) for code in Locale("en").territories if re.fullmatch(r"[A-Z]{2}", str(code))
) - {
    "ZZ",
    "EU",
    "UN",
    "EZ",
}


class Fault(Exception):  # noqa: N818 - a value's fault, never seen outside this module's callers
    """What is wrong with one value.

    Attributes:
        code: of ``podcasts.reasons``.
        facts: for its sentence.
    """

    def __init__(self, code: str, **facts: str | float | None) -> None:
        self.code = code
        self.facts: Facts = facts
        super().__init__(code, facts)


def clean_values(values: Mapping[str, Any], table: Mapping[str, Cleaner]) -> dict[str, Any]:
    """Clean what was given; what was not given is not in the answer.

    Raises:
        InvalidError: one problem for each field that cannot be taken, unknown ones too.
    """
    cleaned: dict[str, Any] = {}
    problems = [Problem(name, "unknown-field") for name in values if name not in table]
    for name, value in values.items():
        if name in table:
            try:
                cleaned[name] = table[name](value)
            except Fault as fault:
                problems.append(Problem(name, fault.code, fault.facts))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return cleaned


def require(values: Mapping[str, Any], *names: str) -> None:
    """Insist that these were given.

    Raises:
        InvalidError: "required" on each that is missing.
    """
    missing = tuple(Problem(name, "required") for name in names if values.get(name) in (None, ""))
    if missing:
        raise InvalidError(problems=missing)


def line(limit: int, *, required: bool = False) -> Cleaner:
    """Make a cleaner of one line of text; None counts as ""."""

    def clean(value: Any) -> str:  # noqa: ANN401 - whatever was sent
        text = clean_line(_text(value), limit + 1)
        return _measured(text, limit, required=required)

    return clean


def block(limit: int) -> Cleaner:
    """Make a cleaner of text with line breaks; None counts as ""."""

    def clean(value: Any) -> str:  # noqa: ANN401 - whatever was sent
        return _measured(clean_block(_text(value), limit + 1), limit, required=False)

    return clean


def optional(cleaner: Cleaner) -> Cleaner:
    """Let None and "" through as None: "as it was before", or "none"."""

    def clean(value: Any) -> Any:  # noqa: ANN401 - whatever was sent
        return None if value in (None, "") else cleaner(value)

    return clean


def choice(*choices: str) -> Cleaner:
    """Make a cleaner of one of some words."""

    def clean(value: Any) -> str:  # noqa: ANN401 - whatever was sent
        if not isinstance(value, str) or value not in choices:
            raise Fault("not-a-choice", choices=", ".join(choices))
        return value

    return clean


def flag(value: Any) -> bool:  # noqa: ANN401 - whatever was sent
    """Clean a yes or no."""
    if not isinstance(value, bool):
        raise Fault("wrong-type", wanted="true, false")
    return value


def number(smallest: int = SMALLEST_NUMBER, largest: int = LARGEST_NUMBER) -> Cleaner:
    """Make a cleaner of a whole number in a range."""

    def clean(value: Any) -> int:  # noqa: ANN401 - whatever was sent
        if isinstance(value, bool) or not isinstance(value, int) or not smallest <= value <= largest:
            raise Fault("out-of-range", smallest=smallest, largest=largest)
        return value

    return clean


def language(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean a language: ISO 639-1 with an optional ISO 3166-1 region ("fr", "pt-BR"), as directories want it."""
    found = _LANGUAGE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise Fault("not-a-language")
    primary, region = found[1].lower(), (found[2] or "").upper()
    try:
        Locale.parse(primary)
    except (UnknownLocaleError, ValueError):
        raise Fault("not-a-language") from None
    if region and region not in _COUNTRIES:
        raise Fault("not-a-language")
    return f"{primary}-{region}" if region else primary


def country(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean a country: two letters of ISO 3166-1."""
    if not isinstance(value, str) or value.upper() not in _COUNTRIES:
        raise Fault("not-a-country")
    return value.upper()


def web_address(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean an http or https address; nothing is fetched."""
    try:
        return str(article_url(_text(value)))
    except InvalidError as reason:
        raise Fault(reason.code, **dict(reason.facts)) from None


def email(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean an e-mail address, in lower case."""
    address = unicodedata.normalize("NFC", clean_line(_text(value), 255)).lower()
    if not _EMAIL.fullmatch(address):
        raise Fault("not-an-email")
    return address


def instant(value: Any) -> datetime:  # noqa: ANN401 - whatever was sent
    """Clean a time: an aware datetime, or RFC 3339 text with its zone."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise Fault("not-a-time") from None
    if not isinstance(value, datetime):
        raise Fault("not-a-time")
    if value.tzinfo is None:
        raise Fault("time-without-zone")
    try:
        moment = value.astimezone(UTC)
    except OverflowError:
        raise Fault("not-a-time") from None
    if not EARLIEST <= moment <= LATEST:
        raise Fault("not-a-time")
    return moment


def listed(limit: int) -> Cleaner:
    """Make a cleaner of a list of any things, at most so many."""

    def clean(value: Any) -> list[Any]:  # noqa: ANN401 - whatever was sent
        if not isinstance(value, Sequence) or isinstance(value, str | bytes):
            raise Fault("wrong-type", wanted="[…]")
        if len(value) > limit:
            raise Fault("too-many", limit=limit)
        return list(value)

    return clean


def identifier(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean an id or slug of ours: it need not exist."""
    if not is_identifier(value):
        raise Fault("not-a-slug")
    return str(value)


def is_identifier(value: object) -> bool:
    """Tell whether a value could be an id or slug of ours; PostgreSQL takes no question that holds a NUL."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= IDENTIFIER_CHARACTERS
        and value.isascii()
        and value.isprintable()
    )


def _text(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Fault("wrong-type", wanted="text")
    return value


def _measured(text: str, limit: int, *, required: bool) -> str:
    if required and not text:
        raise Fault("required")
    if len(text) > limit:
        raise Fault("too-long", limit=limit)
    return text
