# SPDX-License-Identifier: AGPL-3.0-or-later
"""Languages: every sentence in each of them, and facts that never break a sentence."""

import re
from gettext import c2py
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from podcasts import paths
from podcasts.errors import InvalidError, Problem, TooLargeError
from podcasts.i18n import (
    LANGUAGES,
    choose_language,
    error_text,
    language_name,
    problem_text,
    reason_text,
    translator,
)
from podcasts.reasons import SENTENCES

PLACES = re.compile(r"%\((\w+)\)[sd]")
TEMPLATE_OPTIONS = {"**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
OTHERS = [language for language in LANGUAGES if language != "en"]


def _sentences() -> set[str | tuple[str, ...]]:
    """Find every msgid in code and templates, as Babel's own extractor sees them."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
    found: set[str | tuple[str, ...]] = set()
    sources: tuple[tuple[Path, list[tuple[str, str]], dict[str, Any]], ...] = (
        (paths.PACKAGE, [("**.py", "python")], {}),
        (paths.templates_folder(), [("**.html", "jinja2.ext:babel_extract")], TEMPLATE_OPTIONS),
    )
    for folder, methods, options in sources:
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(folder), methods, options, keywords=keywords
        ):
            found.add(tuple(message) if isinstance(message, list | tuple) else message)
    return found


def _catalogues(language: str) -> list[Catalog]:
    folder = paths.locale_folder() / language / "LC_MESSAGES"
    catalogues = []
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            catalogues.append(read_po(file, locale=language))
    return catalogues


def _messages(language: str) -> list[Message]:
    return [message for catalogue in _catalogues(language) for message in catalogue if message.id]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_said_in_every_language(language: str) -> None:
    said = {message.id for message in _messages(language) if message.string and "" not in [*message.string]}
    missing = {sentence for sentence in _sentences() if sentence not in said}
    assert missing == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_catalogue_says_what_nobody_asks_for(language: str) -> None:
    asked = _sentences()
    assert {message.id for message in _messages(language) if message.id not in asked} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_only_facts_that_there_are(language: str) -> None:
    for message in _messages(language):
        asked = message.id if isinstance(message.id, str) else " ".join(message.id)
        said = message.string if isinstance(message.string, str) else " ".join(message.string or ())
        assert set(PLACES.findall(said)) <= set(PLACES.findall(asked)) | {"num"}, message.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_worded_even_without_its_facts(language: str) -> None:
    t = translator(language)
    for code in [*SENTENCES, "never-heard-of"]:
        assert reason_text(t, code, {}).strip()


def test_bytes_are_said_in_the_readers_units() -> None:
    error = TooLargeError(limit_bytes=4_300_000)
    assert "4.3 MB" in error_text(translator("en"), error)
    assert "4,3 Mo" in error_text(translator("fr"), error)


def test_facts_with_percent_signs_do_no_harm() -> None:
    problem = Problem("kind", "unsupported-audio", {"kind": "100 %(kind)s %"})
    assert "100 %(kind)s %" in problem_text(translator("en"), problem)
    assert InvalidError(problems=(problem,)).problems == (problem,)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        (None, None, "fr"),
        ("en", "fr", "en"),
        ("EN", None, "en"),
        ("tlh", "en", "en"),
        (None, "en-GB,en;q=0.8", "en"),
        (None, "pt-BR, en;q=0.5, fr;q=0.4", "pt"),
        (None, "ar-EG, fr;q=0.4", "ar"),
        (None, "AR-ma;q=0.3, wo, tlh;q=0.9", "ar"),
        (None, "wo-SN, en;q=0.5, fr;q=0.4", "en"),
        (None, "fr;q=0", "fr"),
        (None, "en;q=0, *", "fr"),
        (None, "en;q=nonsense", "fr"),
        (None, ",;,q=;" * 500, "fr"),
    ],
)
def test_the_reader_gets_a_language_that_we_speak(
    asked: str | None, accepted: str | None, language: str
) -> None:
    assert choose_language(asked, accepted, "fr") == language


def test_a_language_is_named_in_itself() -> None:
    assert [language_name(language) for language in LANGUAGES] == [
        "français",
        "English",
        "العربية",
        "português",
    ]


@pytest.mark.parametrize("language", OTHERS)
def test_files_and_catalogue_count_alike(language: str) -> None:
    rules = {catalogue.plural_forms for catalogue in _catalogues(language)}
    assert len(rules) == 1
    written = c2py(rules.pop().partition("plural=")[2].rstrip(";"))
    used = c2py(
        str(translator(language).catalogue.info()["plural-forms"]).partition("plural=")[2].rstrip(";")
    )
    assert [written(n) for n in range(1000)] == [used(n) for n in range(1000)]


def test_arabic_counts_in_its_six_forms() -> None:
    order = ("zero", "one", "two", "few", "many", "other")
    said = translator("ar")
    numbered = c2py(said.catalogue.info()["plural-forms"].partition("plural=")[2].rstrip(";"))
    cldr = Locale("ar").plural_form
    assert [order[numbered(n)] for n in range(1000)] == [cldr(n) for n in range(1000)]
    counted = [
        said.ngettext("%(num)s track", "%(num)s tracks", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 103)
    ]
    assert counted == [
        *("لا مقاطع", "مقطع واحد", "مقطعان", "3 مقاطع", "10 مقاطع", "11 مقطعًا", "99 مقطعًا", "100 مقطع"),
        "103 مقاطع",
    ]


def test_portuguese_counts_nothing_as_many() -> None:
    said = translator("pt")
    assert [said.ngettext("%(num)s track", "%(num)s tracks", n) for n in (0, 1, 2)] == [
        *("0 faixas", "1 faixa", "2 faixas"),
    ]


def test_arabic_figures_are_those_of_newsrooms_in_africa() -> None:
    said = translator("ar")
    assert (said.direction, said.number(4.3), said.size(4_300_000)) == ("rtl", "4,3", "4,3 م.ب")
    assert [said.size(size) for size in (0, 999, 512_000, 23_000_000, 2_100_000_000)] == [
        *("0 بايت", "999 بايت", "512 ك.ب", "23 م.ب", "2,1 غ.ب"),
    ]
    assert translator("pt").size(4_300_000) == "4,3 MB"


def test_no_arabic_sentence_is_pointed_like_a_latin_one() -> None:
    for message in _messages("ar"):
        for said in [message.string] if isinstance(message.string, str) else message.string or ():
            plain = re.sub("\u2066.*?\u2069", "", said)
            assert not re.search(r"[?;]|(?<=[ء-ي]),", plain), said
            assert said.count("\u2066") == said.count("\u2069"), said


def test_unknown_languages_are_answered_in_english() -> None:
    assert translator("tlh").gettext("Sign in first.") == "Sign in first."
    assert translator("fr-CA").gettext("Sign in first.") == "Connectez-vous d'abord."


def test_catalogues_hold_no_fuzzy_and_no_duplicate_sentence() -> None:
    for language in OTHERS:
        ids = [message.id for message in _messages(language)]
        assert len(ids) == len(set(ids))
        assert not [message.id for message in _messages(language) if message.fuzzy]


def test_catalogues_are_plain_files_in_the_package() -> None:
    assert all(path.suffix == ".po" for path in Path(paths.locale_folder()).rglob("*") if path.is_file())
