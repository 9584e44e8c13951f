# SPDX-License-Identifier: AGPL-3.0-or-later
"""What calls of the REST interface have in common: who calls, which page, which version, once or again."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec
from urllib.parse import urlencode

from flask import Response, current_app, json, request
from werkzeug.exceptions import UnsupportedMediaType

from podcasts.bootstrap import Griot
from podcasts.errors import InvalidError, Problem, StaleError
from podcasts.i18n import Translator, choose_language, translator
from podcasts.services import idempotency
from podcasts.services.actors import Actor
from podcasts.services.workbench import PER_PAGE, PER_PAGE_AT_MOST, Listing
from podcasts.web.auth import required_actor

P = ParamSpec("P")

KEY_CHARACTERS = 255
LARGEST_PAGE = 1_000_000
_VERSION_TAG = re.compile(r'(?:W/)?"(\d{1,9})"', re.ASCII)


def griot() -> Griot:
    """Get what this application stands on."""
    found: Griot = current_app.extensions["griot"]
    return found


def actor() -> Actor:
    """Get who calls.

    Raises:
        NotSignedInError: nobody, or the token is not valid.
    """
    return required_actor()


def speaking() -> Translator:
    """Choose the language of messages: English unless another is asked for."""
    return translator(choose_language(None, request.headers.get("Accept-Language"), "en"))


def asked_page() -> tuple[int, int]:
    """Read ``page`` and ``per_page``.

    Raises:
        InvalidError: "out-of-range" on each that is no such number.
    """
    found: dict[str, int] = {}
    problems: list[Problem] = []
    for name, default, largest in (("page", 1, LARGEST_PAGE), ("per_page", PER_PAGE, PER_PAGE_AT_MOST)):
        text = request.args.get(name, str(default))
        number = int(text[:9]) if text[:9].isascii() and text[:9].isdecimal() and len(text) <= 9 else 0  # noqa: PLR2004 - digits of the largest
        if not 1 <= number <= largest:
            problems.append(Problem(name, "out-of-range", {"smallest": 1, "largest": largest}))
        found[name] = number
    if problems:
        raise InvalidError(problems=tuple(problems))
    return found["page"], found["per_page"]


def page_of(listing: Listing[Any], shown: Sequence[Mapping[str, Any]]) -> Response:
    """Answer with a page of a list and the links to its neighbours (RFC 8288)."""
    document = {
        "items": list(shown),
        "total": listing.total,
        "page": listing.page,
        "per_page": listing.per_page,
    }
    response = answer(document)
    last = max(1, -(-listing.total // listing.per_page))
    rels = {"first": 1, "last": last}
    if listing.page > 1:
        rels["prev"] = min(listing.page - 1, last)
    if listing.page < last:
        rels["next"] = listing.page + 1
    response.headers["Link"] = ", ".join(f'<{_page_url(page)}>; rel="{rel}"' for rel, page in rels.items())
    return response


def answer(document: Mapping[str, Any], status: int = 200, *, location: str | None = None) -> Response:
    """Answer with a document; its version is its ETag."""
    response = Response(json.dumps(document), status, mimetype="application/json")
    if location is not None:
        response.headers["Location"] = location
    if isinstance(document.get("version"), int):
        response.set_etag(str(document["version"]))
    return response


def seen_version() -> int | None:
    """Read If-Match (RFC 9110 section 13.1.1): the version that the caller has seen; None does not mind.

    Raises:
        StaleError: it names no version of ours.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    # Not by Werkzeug's reader, which makes None of half a tag.
    tag = _VERSION_TAG.fullmatch(header.strip())
    if tag is None:
        raise StaleError
    return int(tag[1])


class PlainJson:
    """JSON as RFC 8259 section 8.1 wants it between systems: UTF-8; an object, and no name in it twice."""

    @staticmethod
    def loads(data: bytes) -> dict[str, Any]:
        """Read a body; nothing at all is an object without members.

        Raises:
            ValueError: it is not such a JSON.
        """
        if not data:
            return {}
        found = json.loads(data.decode("utf-8"), object_pairs_hook=_named_once)
        return _object(found)


def plain_json(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a view have a body only if it is declared as JSON, and read it as ``PlainJson``."""

    @wraps(view)
    def call(*args: P.args, **kwargs: P.kwargs) -> Response:
        if request.get_data(cache=True) and not request.is_json:
            raise UnsupportedMediaType
        request.json_module = PlainJson
        return view(*args, **kwargs)

    return call


def once(view: Callable[P, Response]) -> Callable[P, Response]:
    """Let a POST with an Idempotency-Key happen once: the second gets the first one's answer.

    A key belongs to one token, route and body, for 24 hours; errors are not kept.
    """

    @wraps(view)
    def call(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        caller = actor()
        if key is None or caller.token_id is None:
            return view(*args, **kwargs)
        if not key or len(key) > KEY_CHARACTERS or not key.isprintable():
            raise InvalidError(problems=(Problem("Idempotency-Key", "too-long", {"limit": KEY_CHARACTERS}),))
        here = griot()
        call_of = idempotency.Call(caller.token_id, f"{request.method} {request.path}", key, _body_hash())
        with here.database.writing() as session:
            before = idempotency.begin(session, here.clock.now(), call_of)
        if before is not None:
            return _again(before)
        try:
            response = view(*args, **kwargs)
        except BaseException:
            with here.database.writing() as session:
                idempotency.forget(session, call_of)
            raise
        with here.database.writing() as session:
            body, location = response.get_data(as_text=True), response.headers.get("Location")
            idempotency.finish(session, call_of, idempotency.Answer(response.status_code, body, location))
        return response

    return call


def _again(before: idempotency.Answer) -> Response:
    response = Response(before.body, before.status, mimetype="application/json")
    if before.location:
        response.headers["Location"] = before.location
    response.headers["Idempotent-Replayed"] = "true"
    return response


def _object(found: object) -> dict[str, Any]:
    if isinstance(found, dict):
        return found
    raise ValueError("not an object")


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name twice")
    for name in found:
        # Half a character (\ud800) is good JSON, but no text: it could not even be named in the answer.
        name.encode()
    return found


def _body_hash() -> str:
    return hashlib.sha256(request.get_data(cache=True)).hexdigest()


def _page_url(page: int) -> str:
    values = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    base = griot().links.base
    return f"{base}{request.path}?{urlencode([*values, ('page', str(page))])}"
