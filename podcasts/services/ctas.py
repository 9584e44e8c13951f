# SPDX-License-Identifier: AGPL-3.0-or-later
"""Buttons beside the player (CTA): subscribe, give, shop, as an editor sets them; the caller commits."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from podcasts.errors import InvalidError, Problem
from podcasts.models import Cta, Episode, Playlist
from podcasts.services import values
from podcasts.services.values import Cleaner, Fault, choice, line, optional

CTAS_AT_MOST = 5
LABEL_CHARACTERS = 80
ADDRESS_CHARACTERS = 2_000
ICONS = ("subscribe", "give", "shop", "call", "write", "read", "ticket")
"""Signs that the player can draw; templates/player/_player.html holds their shapes."""

_BY_PEOPLE = re.compile(r"(?:mailto:[^\s@?]+@[^\s@?]+(?:\?[^\s]*)?|tel:\+?[0-9().-]{3,30})", re.ASCII)


def button_address(value: Any) -> str:  # noqa: ANN401 - whatever was sent
    """Clean where a button leads: a web address, ``mailto:`` or ``tel:``; nothing is fetched.

    Raises:
        Fault: it is none of these, or longer than anything that a link needs.
    """
    text = line(ADDRESS_CHARACTERS, required=True)(value)
    if text.lower().startswith(("mailto:", "tel:")):
        scheme, _, rest = text.partition(":")
        text = f"{scheme.lower()}:{rest}"
        if not _BY_PEOPLE.fullmatch(text):
            raise Fault("not-a-button-address")
        return str(text)
    return values.web_address(text)


FIELDS: dict[str, Cleaner] = {
    "label": line(LABEL_CHARACTERS, required=True),
    "url": button_address,
    "icon": optional(choice(*ICONS)),
}


def read_ctas(given: Sequence[Any]) -> list[Cta]:
    """Read buttons as they were sent, in their order: {label, url, icon?} each.

    Raises:
        InvalidError: a problem for each field at fault, as ``ctas.0.url``.
    """
    found: list[Cta] = []
    problems: list[Problem] = []
    for place, entry in enumerate(given):
        try:
            found.append(_read_cta(entry, place))
        except InvalidError as reason:
            for fault in reason.problems:
                field = f"ctas.{place}.{fault.field}".rstrip(".")
                problems.append(Problem(field, fault.code, fault.facts))
    if problems:
        raise InvalidError(problems=tuple(problems))
    return found


def replace_ctas(session: Session, owner: Episode | Playlist, ctas: Sequence[Cta]) -> None:
    """Put these buttons in place of those that an episode or a playlist had."""
    column = Cta.episode_id if isinstance(owner, Episode) else Cta.playlist_id
    session.execute(delete(Cta).where(column == owner.id))
    for cta in ctas:
        setattr(cta, column.key, owner.id)
        session.add(cta)


def _read_cta(entry: Any, place: int) -> Cta:  # noqa: ANN401 - whatever was sent
    if not isinstance(entry, dict):
        raise InvalidError(problems=(Problem("", "wrong-type", {"wanted": "{label, url, icon}"}),))
    values.require(entry, "label", "url")
    return Cta(position=place, **values.clean_values(entry, FIELDS))
