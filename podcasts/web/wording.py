# SPDX-License-Identifier: AGPL-3.0-or-later
"""Wording: dates, lengths and sizes in a reader's words, and French spaces for the eye. Display only.

Never in feeds, JSON, oEmbed, meta tags or names that are compared elsewhere.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from babel.dates import format_date, format_time, format_timedelta
from babel.units import format_unit
from jinja2 import Environment
from markupsafe import Markup

from podcasts.i18n import Translator
from podcasts.units import whole_seconds

NO_BREAK = "\u00a0"
NARROW_NO_BREAK = "\u202f"

_AND = {"ar": " و"}
_MINUTE_SECONDS = 60
_INDENTS = re.compile(r"\s*\n\s*")
_RELATIVE_UNTIL = timedelta(hours=24)
_JUST_NOW = timedelta(minutes=1)


def size_words(size_bytes: int | None, t: Translator) -> str:
    """Write a size in decimal units, unbroken ("4,3 Mo", "23 MB"); "" for None."""
    return "" if size_bytes is None else t.size(size_bytes).replace(" ", NO_BREAK)


def cost_words(size_bytes: int, t: Translator) -> str:
    """Write what it costs to hear a sound, in megabytes and two figures: "4,3 Mo", "0,17 Mo", "23 MB".

    Always the same unit, so that two versions compare at a glance. Players write it as well, when the track or the
    version changes (``cost`` in static/player/player.js, by the browser's Intl): nothing may move when they do.
    """
    # French browsers put the narrow space before a unit.
    return t.cost(size_bytes).replace(" ", NARROW_NO_BREAK if t.language == "fr" else NO_BREAK)


def length_words(duration_ms: int | None, t: Translator) -> str:
    """Write a length short and unbroken: "45 s", "24 min", "1 h 12 min"; "" for None.

    Minutes are rounded; the exact length stands beside it as a clock (``podcasts.units.clock_text``). Arabic has
    no short signs that readers know, and says the words ("24 دقيقة").
    """
    if duration_ms is None:
        return ""
    if t.language == "ar":
        return length_spoken(duration_ms, t)
    parts = [f"{t.number(figure)}{NO_BREAK}{unit}" for figure, unit, _ in _length_parts(duration_ms)]
    return NO_BREAK.join(parts)


def length_spoken(duration_ms: int | None, t: Translator) -> str:
    """Write a length as it is said, for names of buttons: "24 minutes", "1 heure 12 minutes"; "" for None."""
    if duration_ms is None:
        return ""
    said = (
        format_unit(figure, f"duration-{name}", length="long", locale=t.locale)
        for figure, _, name in _length_parts(duration_ms)
    )
    return _AND.get(t.language, " ").join(part.replace(" ", NO_BREAK) for part in said)


def date_words(at: datetime, now: datetime, t: Translator, timezone: tzinfo) -> str:
    """Write a date as one says it: "il y a 3 h" within a day, "hier", else "12 mars 2026".

    Args:
        at: the instant, aware.
        now: the present instant, aware.
        t: the page's language.
        timezone: the newsroom's, which decides where yesterday ends.
    """
    age = now - at
    if timedelta(0) <= age < _JUST_NOW:
        return t.gettext("just now")
    if timedelta(0) <= age < _RELATIVE_UNTIL:
        ago = format_timedelta(-age, add_direction=True, format="short", threshold=1, locale=t.locale)
        return ago.replace(" ", NO_BREAK)
    day = at.astimezone(timezone).date()
    if now.astimezone(timezone).date() - day == timedelta(days=1):
        return t.gettext("yesterday")
    return format_date(day, format="long", locale=t.language)


def full_date(at: datetime, t: Translator, timezone: tzinfo) -> str:
    """Write a date whole, with its hour in the newsroom's zone ("jeudi 12 mars 2026, 08:30")."""
    local = at.astimezone(timezone)
    hour = format_time(local.time(), format="short", locale=t.locale)
    return t.listed(format_date(local.date(), format="full", locale=t.language), hour)


def french_spaces(text: str) -> str:
    """Make the plain spaces before ``: ; ! ?`` and inside « » unbreakable, so that no line begins with one."""
    narrow = re.sub(r"[ \u00a0](?=[;!?](?:\W|$))", NARROW_NO_BREAK, text)
    quoted = re.sub(r"« | »", lambda found: found[0].replace(" ", NO_BREAK), narrow)
    return re.sub(r" (?=:(?:\s|$))", NO_BREAK, quoted)


def shown(text: str, language: str) -> str:
    """Make a name ready for the eye, by the language it is written in; the template escapes it."""
    return french_spaces(text) if language.partition("-")[0].lower() == "fr" else text


def install_words(environment: Environment, speaking: Callable[[], Translator]) -> None:
    """Teach templates to speak: ``_``, ``gettext``, ``ngettext``, and the filter ``shown(language)``.

    Args:
        environment: Jinja's; autoescape must be on.
        speaking: gives the translator of the page that is being rendered.
    """

    def say(msgid: str) -> str:
        t = speaking()
        return shown(t.catalogue.gettext(msgid), t.language)

    def count(singular: str, plural: str, n: int) -> str:
        t = speaking()
        return shown(t.catalogue.ngettext(singular, plural, n), t.language)

    environment.add_extension("jinja2.ext.i18n")
    # Jinja's i18n extension adds this method at run time; its types do not know it.
    install = vars(environment)["install_gettext_callables"]
    install(say, count, newstyle=True)
    environment.filters["shown"] = shown
    # Letters as they are: an escaped one costs an embed in Arabic six bytes.
    environment.filters["without_indents"] = without_indents
    environment.policies["json.dumps_kwargs"] = {
        "sort_keys": True,
        "ensure_ascii": False,
        "separators": (",", ":"),
    }


def without_indents(markup: str) -> Markup:
    """Take what only templates need out of their text: empty lines, and the space before others."""
    # It was escaped where it was written.
    return Markup(_INDENTS.sub("\n", markup))  # noqa: S704


def _length_parts(duration_ms: int) -> list[tuple[int, str, str]]:
    """Cut a length into figures, each with its short unit and its CLDR name."""
    seconds = whole_seconds(duration_ms)
    if seconds < _MINUTE_SECONDS:
        return [(seconds, "s", "second")]
    hours, minutes = divmod((seconds + 30) // 60, 60)
    parts = [(hours, "h", "hour"), (minutes, "min", "minute")]
    return [part for part in parts if part[0]]
