# SPDX-License-Identifier: AGPL-3.0-or-later
"""Languages: gettext for web, worker, feeds and command line alike, with no Flask underneath.

Sentences in the code are English. A language keeps one catalogue for each face
(``locale/<language>/LC_MESSAGES/listen.po``, ``studio.po``, …); they are read as text and merged when the
language is first asked for, so that nothing is compiled and nothing compiled can be out of date.
"""

import io
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from podcasts import paths
from podcasts.errors import Facts, GriotError, Problem
from podcasts.reasons import SENTENCES

SOURCE_LANGUAGE = "en"
LANGUAGES = ("fr", "en", "ar", "pt")
"""Languages in which every page can be read, in the order of the switch."""

_FIGURES = {"ar": "ar-MA"}
"""Where a language writes figures in several ways, the tag of the region whose way is ours: newsrooms in Africa
write Arabic with 0-9, a decimal comma and the hours of a day from 0 to 24."""

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_BYTES_STEP = 1000
_MEGA = 2
# As browsers round.
_TWO_FIGURES = Context(prec=2, rounding=ROUND_HALF_UP)
_UNITS = {
    "fr": ("octets", "ko", "Mo", "Go"),
    "en": ("bytes", "kB", "MB", "GB"),
    "ar": ("بايت", "ك.ب", "م.ب", "غ.ب"),
    "pt": ("bytes", "kB", "MB", "GB"),
}


class Translator:
    """One language: its sentences, and how it writes numbers.

    Attributes:
        language: the BCP 47 primary tag ("fr").
        direction: "ltr" or "rtl".
        figures: the tag by which numbers, hours and units are written ("ar-MA"); mostly the language itself.
        locale: the same as Babel wants it ("ar_MA").
    """

    def __init__(self, language: str, catalogue: NullTranslations) -> None:
        self.language = language
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self.figures = figures_of(language)
        self.locale = self.figures.replace("-", "_")
        self.catalogue = catalogue

    def gettext(self, msgid: str, **facts: str | float | None) -> str:
        """Say a sentence; ``%(name)s`` in it is filled from the facts, if there are any."""
        sentence = self.catalogue.gettext(msgid)
        return sentence % facts if facts else sentence

    def ngettext(self, singular: str, plural: str, n: int, **facts: str | float | None) -> str:
        """Say a sentence about ``n`` things; ``%(num)s`` is the number as the language writes it."""
        return self.catalogue.ngettext(singular, plural, n) % {"num": self.number(n), **facts}

    def number(self, value: float) -> str:
        """Write a number with the language's own separators ("3 000", "4,3")."""
        return format_decimal(value, locale=self.locale)

    def listed(self, *parts: str) -> str:
        """Put parts in a row with the language's comma."""
        return ("، " if self.language == "ar" else ", ").join(parts)

    def size(self, size_bytes: int) -> str:
        """Write a size in decimal units ("4,3 Mo", "512 kB"), one decimal below ten."""
        units = _UNITS.get(self.language, _UNITS[SOURCE_LANGUAGE])
        value, step = float(size_bytes), 0
        while value >= _BYTES_STEP and step < len(units) - 1:
            value, step = value / _BYTES_STEP, step + 1
        figure = format_decimal(value, "0.#" if step and value < 10 else "0", locale=self.locale)  # noqa: PLR2004 - two digits are exact enough
        return f"{figure} {units[step]}"

    def cost(self, size_bytes: int) -> str:
        """Write what it costs to hear a sound: megabytes, two figures ("4,3 Mo", "0,17 Mo", "23 MB")."""
        megabytes = _TWO_FIGURES.divide(Decimal(size_bytes), Decimal(1_000_000))
        figure = format_decimal(megabytes, "#,##0.######", locale=self.locale)
        return f"{figure} {_UNITS.get(self.language, _UNITS[SOURCE_LANGUAGE])[_MEGA]}"


@cache
def translator(language: str) -> Translator:
    """Get the translator of a language.

    Args:
        language: a BCP 47 tag ("fr", "pt-BR"); one that we do not speak gives English.
    """
    primary = language.replace("_", "-").partition("-")[0].lower()
    if primary not in LANGUAGES or primary == SOURCE_LANGUAGE:
        return Translator(primary if primary in LANGUAGES else SOURCE_LANGUAGE, NullTranslations())
    return Translator(primary, _catalogue(primary))


def figures_of(language: str) -> str:
    """Name the tag by which a language writes figures ("ar-MA"); pages give it to their scripts."""
    return _FIGURES.get(language, language)


def choose_language(asked: str | None, accepted: str | None, default: str) -> str:
    """Choose the language of a page.

    Args:
        asked: the value of ``?lang=``; wins where we speak it.
        accepted: the Accept-Language header (RFC 9110 section 12.5.4).
        default: the site's.
    """
    if asked and asked.lower() in LANGUAGES:
        return asked.lower()
    for tag in _by_preference(accepted or ""):
        primary = tag.partition("-")[0]
        if primary in LANGUAGES:
            return primary
        if tag == "*":
            break
    return default if default in LANGUAGES else LANGUAGES[0]


def language_name(language: str) -> str:
    """Name a language in itself ("français")."""
    return Locale.parse(language).get_display_name(language) or language


def reason_text(t: Translator, code: str, facts: Facts) -> str:
    """Word an error: its code and facts as a sentence that a person can act on.

    Facts that are bytes (``limit_bytes``) are also there as words (``limit``).
    """
    sentence = SENTENCES.get(code)
    if sentence is None:
        return t.gettext("Something went wrong (%(code)s).", code=code)
    return t.catalogue.gettext(sentence) % _Words(t, facts)


def error_text(t: Translator, error: GriotError) -> str:
    """Word an error as a whole."""
    return reason_text(t, error.code, error.facts)


def problem_text(t: Translator, problem: Problem) -> str:
    """Word what is wrong with one field."""
    return reason_text(t, problem.code, problem.facts)


class _Words(dict[str, str]):
    """Facts as words; a fact that is missing leaves a dash and never breaks the sentence."""

    def __init__(self, t: Translator, facts: Mapping[str, str | int | float | None]) -> None:
        super().__init__({name: _word(t, name, value) for name, value in facts.items()})
        for name, value in facts.items():
            if name.endswith("_bytes") and isinstance(value, int):
                self[name.removesuffix("_bytes")] = t.size(value)

    def __missing__(self, name: str) -> str:
        return "–"


def _word(t: Translator, name: str, value: str | float | None) -> str:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return str(value)
    return str(value) if name in {"port", "year"} else t.number(value)


def _by_preference(header: str) -> list[str]:
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        tag, _, parameter = part.strip().lower().partition(";")
        quality = _quality(parameter)
        if tag and quality > 0:
            weighted.append((-quality, place, tag.strip()))
    return [tag for _, _, tag in sorted(weighted)]


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _catalogue(language: str) -> GNUTranslations:
    """Merge the faces of one language."""
    merged = Catalog(locale=language)
    for path in sorted((paths.locale_folder() / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            face = read_po(file, locale=language)
        # Babel's own rule for Arabic numbers the forms otherwise than the files do.
        merged.mime_headers = face.mime_headers
        for message in face:
            if message.id:
                merged[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return GNUTranslations(compiled)
