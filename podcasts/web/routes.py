# SPDX-License-Identifier: AGPL-3.0-or-later
"""Routes x roles: who may call what. Every view says so beside its route; what says nothing is refused.

The table is of the whole site: objects that one may not see are refused by the services (404).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask

from podcasts.models import ADMIN, EDITOR, PRODUCER

View = TypeVar("View", bound=Callable[..., object])

PUBLIC, LOGIN = "public", "login"
ROLES_OF = {
    LOGIN: frozenset({ADMIN, EDITOR, PRODUCER}),
    PRODUCER: frozenset({ADMIN, EDITOR, PRODUCER}),
    EDITOR: frozenset({ADMIN, EDITOR}),
    ADMIN: frozenset({ADMIN}),
}
"""Which roles may enter where; what is public asks for none."""

OTHERS = {"openapi.spec": PUBLIC}
"""Endpoints of libraries, which cannot say it themselves."""

_MARK = "griot_access"


@dataclass(frozen=True)
class Route:
    """One row of the table.

    Attributes:
        rule: path as Flask writes it.
        methods: sorted, without those that Flask answers by itself (HEAD, OPTIONS) beside others.
        endpoint: name of the view.
        access: public, login, producer, editor or admin.
    """

    rule: str
    methods: tuple[str, ...]
    endpoint: str
    access: str


def access(level: str) -> Callable[[View], View]:
    """Say who may call a view: "public", "login", "producer", "editor" or "admin"."""
    if level != PUBLIC and level not in ROLES_OF:
        raise ValueError(level)

    def mark(view: View) -> View:
        setattr(view, _MARK, level)
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> str | None:
    """Tell who may call an endpoint; None where nobody has said so."""
    level = OTHERS.get(endpoint) or getattr(app.view_functions.get(endpoint), _MARK, None)
    return str(level) if level else None


def routes_table(app: Flask) -> list[Route]:
    """List every route of the site with its access, by path.

    Raises:
        LookupError: a route says nothing about who may call it.
    """
    table = []
    for rule in app.url_map.iter_rules():
        level = access_of(app, rule.endpoint)
        if level is None:
            raise LookupError(f"{rule.rule} ({rule.endpoint}) says nothing about access")
        every = rule.methods or set()
        methods = tuple(sorted(every - {"HEAD", "OPTIONS"} or every))
        table.append(Route(rule.rule, methods, rule.endpoint, level))
    return sorted(table, key=lambda route: (route.rule, route.methods))
