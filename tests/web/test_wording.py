# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wording: dates, lengths and sizes as readers say them, French spaces for the eye only."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from jinja2 import Environment

from podcasts.i18n import LANGUAGES, figures_of, translator
from podcasts.web.wording import (
    NO_BREAK,
    cost_words,
    date_words,
    french_spaces,
    full_date,
    install_words,
    length_spoken,
    length_words,
    shown,
    size_words,
)
from tests.browser.finding import find_node

NOW = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
FR, EN, AR, PT = (translator(language) for language in ("fr", "en", "ar", "pt"))


@pytest.mark.parametrize(
    ("size_bytes", "french", "english"),
    [
        (4_300_000, "4,3\u00a0Mo", "4.3\u00a0MB"),
        (23_100_000, "23\u00a0Mo", "23\u00a0MB"),
        (None, "", ""),
    ],
)
def test_a_size_is_in_decimal_megabytes_and_never_breaks(
    size_bytes: int | None, french: str, english: str
) -> None:
    assert (size_words(size_bytes, FR), size_words(size_bytes, EN)) == (french, english)


@pytest.mark.parametrize(
    ("duration_ms", "words"),
    [
        (None, ""),
        (0, "0\u00a0s"),
        (45_000, "45\u00a0s"),
        (59_600, "1\u00a0min"),
        (24 * 60_000 + 10_000, "24\u00a0min"),
        (3_599_000, "1\u00a0h"),
        (72 * 60_000, "1\u00a0h\u00a012\u00a0min"),
    ],
)
def test_a_length_is_rounded_to_minutes_once_there_is_one(duration_ms: int | None, words: str) -> None:
    assert length_words(duration_ms, FR) == words
    assert length_words(duration_ms, EN) == words


def test_a_length_is_said_in_whole_words_for_names_of_buttons() -> None:
    assert length_spoken(72 * 60_000, FR) == "1\u00a0heure 12\u00a0minutes"
    assert length_spoken(24 * 60_000, EN) == "24\u00a0minutes"
    assert length_spoken(72 * 60_000, AR) == "ساعة و12\u00a0دقيقة"
    assert length_spoken(552_000, AR) == "9\u00a0دقائق"
    assert length_spoken(72 * 60_000, PT) == "1\u00a0hora 12\u00a0minutos"
    assert length_spoken(None, EN) == ""


def test_arabic_says_lengths_in_words_and_writes_figures_as_africa_does() -> None:
    minutes = [length_words(minute * 60_000, AR) for minute in (1, 2, 3, 24, 120)]
    assert minutes == ["دقيقة", "دقيقتان", "3\u00a0دقائق", "24\u00a0دقيقة", "ساعتان"]
    assert size_words(4_300_000, AR) == "4,3\u00a0م.ب"
    assert date_words(NOW - timedelta(hours=3), NOW, AR, UTC) == "قبل\u00a03\u00a0ساعات"
    assert date_words(NOW - timedelta(days=1), NOW, AR, UTC) == "أمس"
    assert date_words(NOW - timedelta(days=9), NOW, AR, UTC) == "5 مارس 2026"
    assert full_date(NOW, AR, UTC) == "السبت، 14 مارس 2026، 12:00"


def test_portuguese_says_dates_and_lengths() -> None:
    assert length_words(72 * 60_000, PT) == "1\u00a0h\u00a012\u00a0min"
    assert date_words(NOW - timedelta(hours=3), NOW, PT, UTC) == "há\u00a03\u00a0h"
    assert full_date(NOW, PT, UTC) == "sábado, 14 de março de 2026, 12:00"


@pytest.mark.parametrize(
    ("ago", "french", "english"),
    [
        (timedelta(seconds=20), "à l'instant", "just now"),
        (timedelta(hours=3), "il y a 3\u00a0h", "3\u00a0hr. ago"),
        (timedelta(hours=30), "hier", "yesterday"),
        (timedelta(days=2), "12 mars 2026", "March 12, 2026"),
        (timedelta(hours=-5), "14 mars 2026", "March 14, 2026"),
    ],
)
def test_a_date_is_worded_by_how_far_it_lies_back(ago: timedelta, french: str, english: str) -> None:
    for t, words in ((FR, french), (EN, english)):
        worded = date_words(NOW - ago, NOW, t, ZoneInfo("UTC"))
        assert worded.replace("\u00a0", " ").replace("\u202f", " ") == words.replace("\u00a0", " ")


def test_yesterday_ends_at_the_newsrooms_midnight() -> None:
    at = datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
    assert date_words(at, NOW, FR, ZoneInfo("UTC")) == "12 mars 2026"
    assert date_words(at, NOW, FR, ZoneInfo("Africa/Nairobi")) == "hier"


def test_a_full_date_has_its_weekday_and_the_newsrooms_hour() -> None:
    at = datetime(2026, 3, 12, 8, 30, tzinfo=UTC)
    assert full_date(at, FR, ZoneInfo("Africa/Douala")) == "jeudi 12 mars 2026, 09:30"


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("Terres rares : le port", "Terres rares\u00a0: le port"),
        ("Qui paie ? Nous ! Enfin ; peut-être", "Qui paie\u202f? Nous\u202f! Enfin\u202f; peut-être"),
        ("« Assez », dit-elle", "«\u00a0Assez\u00a0», dit-elle"),
        ("Quoi ?!", "Quoi\u202f?!"),
        ("https://a.example/ ?q=1 :80", "https://a.example/ ?q=1 :80"),
        ("Titre sans rien", "Titre sans rien"),
    ],
)
def test_french_signs_stay_with_their_word(typed: str, seen: str) -> None:
    assert french_spaces(typed) == seen


def test_only_french_names_are_mended() -> None:
    assert shown("Why ?", "en") == "Why ?"
    assert shown("Pourquoi ?", "fr-CA") == "Pourquoi\u202f?"


def test_templates_speak_the_language_of_the_page_with_its_spaces() -> None:
    speaking = [FR]
    environment = Environment(autoescape=True)
    install_words(environment, lambda: speaking[0])
    page = environment.from_string("{{ _('Listen: %(title)s', title=name) }}")
    assert page.render(name="<b>") == "Écouter\u00a0: &lt;b&gt;"
    speaking[0] = EN
    assert page.render(name="<b>") == "Listen: &lt;b&gt;"


def test_templates_count_in_the_language_of_the_page() -> None:
    environment = Environment(autoescape=True)
    install_words(environment, lambda: FR)
    page = environment.from_string("{{ ngettext('%(num)s track', '%(num)s tracks', n) }}")
    assert [page.render(n=n) for n in (0, 1, 2)] == ["0 titre", "1 titre", "2 titres"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_cost_is_written_as_a_browser_writes_it(language: str) -> None:
    t = translator(language)
    sizes = [999, 102_546, 170_831, 999_600, 4_250_000, 4_349_999, 9_950_000, 23_000_000, 123_456_789]
    script = """
      const [language, ...sizes] = JSON.parse(process.argv[1]);
      const figures = { style: "unit", unit: "megabyte", maximumSignificantDigits: 2 };
      console.log(JSON.stringify(sizes.map((bytes) => (bytes / 1e6).toLocaleString(language, figures))));
    """
    asked = json.dumps([figures_of(language), *sizes])
    said = json.loads(
        subprocess.run([find_node(), "-e", script, asked], capture_output=True, check=True).stdout
    )
    # A plain space is as wide as one that does not break; nothing moves when a script writes the other.
    assert [cost_words(size, t) for size in sizes] == [one.replace(" ", NO_BREAK) for one in said]
    assert cost_words(170_831, FR) == "0,17\u202fMo"
