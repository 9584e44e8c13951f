# SPDX-License-Identifier: AGPL-3.0-or-later
"""The code of a player: what a newsroom pastes into its own pages, made from a few choices.

The choices stand in the address (``?code-theme=dark``), so that they can be made without a script;
static/listen/embed_code.js makes the same code while one chooses.
"""

from collections.abc import Sequence
from dataclasses import replace

from flask import request
from markupsafe import Markup

from podcasts.i18n import LANGUAGES, language_name
from podcasts.web.faces import EmbedCode
from podcasts.web.pages import Visit
from podcasts.web.presenting import EMBED_HEIGHT_PX, LIST_HEIGHT_PX, MINI_HEIGHT_PX, iframe
from podcasts.web.wishes import Wishes

PREFIX = "code-"
PLAIN_ACCENT = "#27308f"
"""The colour that the form begins with: chosen, it means none of one's own. It is --accent of the light theme."""


def embed_code(
    here: Visit,
    title: str,
    player_url: str,
    page_url: str,
    *,
    action: str,
    one: bool = True,
    snippet: str = "",
    sites: Sequence[str] | None = None,
) -> EmbedCode:
    """Make the code of a player by what the address asks for.

    Args:
        here: the visit.
        title: what is heard.
        player_url: address of the player.
        page_url: address of the page that it stands for.
        action: path of the page that shows the code.
        one: one episode, which may be a card or a row; else a list.
        snippet: JSON-LD for the article, or "".
        sites: where the player may stand; None for everywhere.
    """
    t = here.t
    wishes = Wishes.read(request.args, PREFIX)
    if wishes.accent == PLAIN_ACCENT:
        wishes = replace(wishes, accent="")
    layouts = (
        (("card", t.gettext("Card"), EMBED_HEIGHT_PX), ("mini", t.gettext("Row"), MINI_HEIGHT_PX))
        if one
        else (("list", t.gettext("List"), LIST_HEIGHT_PX),)
    )
    heights = {value: height for value, _, height in layouts}
    # The first of each is what a player does by itself: the shorter code asks for nothing.
    wishes = replace(
        wishes,
        layout=wishes.layout if wishes.layout in list(heights)[1:] else "",
        theme="" if wishes.theme == "light" else wishes.theme,
    )
    return EmbedCode(
        player_url=player_url,
        page_url=page_url,
        preview_path=here.links.path_of(player_url),
        action=action,
        layouts=layouts,
        themes=(
            ("light", t.gettext("Light theme")),
            ("dark", t.gettext("Dark theme")),
            ("auto", t.gettext("As the reader's device")),
        ),
        languages=(
            ("", t.gettext("The reader's own")),
            *((code, language_name(code)) for code in LANGUAGES),
        ),
        layout=wishes.layout,
        theme=wishes.theme,
        accent=wishes.accent,
        language=wishes.language,
        start=wishes.start,
        plain_accent=PLAIN_ACCENT,
        iframe=iframe(wishes.added_to(player_url), title, heights[wishes.layout or layouts[0][0]]),
        script=_script(page_url, title, f"{here.links.base}/embed.js", wishes),
        address=wishes.added_to(page_url),
        snippet=snippet,
        sites=tuple(sites or ()),
        chosen=any(name.startswith(PREFIX) for name in request.args),
    )


def _script(page_url: str, title: str, loader: str, wishes: Wishes) -> str:
    """Write our element with the script that brings it to life; everything in it is escaped."""
    asked = {
        "data-layout": wishes.layout,
        "data-theme": wishes.theme,
        "data-accent": wishes.accent,
        "data-lang": wishes.language,
        "data-start": wishes.start,
    }
    attributes = Markup("").join(
        Markup(' {}="{}"').format(name, value) for name, value in asked.items() if value
    )
    element = Markup('<griot-player src="{}" title="{}"{}></griot-player>').format(
        page_url, title, attributes
    )
    return str(element + Markup('\n<script async src="{}"></script>').format(loader))
