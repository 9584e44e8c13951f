# SPDX-License-Identifier: AGPL-3.0-or-later
"""The description of the REST interface is true: others' generators find no call that it does not foresee."""

import re
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from podcasts.bootstrap import Griot
from podcasts.services import article_fetching
from podcasts.web import limits
from podcasts.web.app import create_app
from podcasts.web.routes import routes_table
from tests.factories import make_article, make_audio, make_episode, make_playlist, make_section, make_show
from tests.web.api.conftest import API, caller_of

SPEC = f"{API}/openapi.json"
DOCUMENTATION = Path(__file__).parents[3] / "docs" / "api.md"
METHODS = {"get", "post", "put", "patch", "delete"}
HELD = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@schemathesis.serializer("application/offset+octet-stream")
def piece(_context: object, value: object) -> bytes:
    """Let generated pieces of uploads be bytes."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@pytest.fixture
def spec(embedded: Griot) -> Any:
    return create_app(embedded).test_client().get(SPEC).json


def test_every_route_is_described(embedded: Griot, spec: Any) -> None:
    app = create_app(embedded)
    described = {
        (path, method.upper())
        for path, operations in spec["paths"].items()
        for method in operations
        if method in METHODS
    }
    routes = {
        (route.rule.replace("<", "{").replace(">", "}"), method)
        for route in routes_table(app)
        if route.rule.startswith(API) and route.rule != SPEC
        for method in route.methods
        if method not in {"OPTIONS", "HEAD"}
    }
    assert described == routes


def test_every_route_is_in_the_documentation(spec: Any) -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    documented = {path: set(re.findall(r"\b(?:GET|POST|PUT|PATCH|DELETE)\b", text)) for path, text in rows}
    described = {
        path: {method.upper() for method in operations.keys() & METHODS}
        for path, operations in spec["paths"].items()
    }
    assert documented == described


def test_no_page_of_documentation_loads_scripts_from_elsewhere(embedded: Griot) -> None:
    client = create_app(embedded).test_client()
    assert [client.get(path).status_code for path in ("/docs", "/redoc")] == [404, 404]


def test_generated_calls_find_nothing_unforeseen(griot: Griot, monkeypatch: pytest.MonkeyPatch) -> None:
    call_what_generators_think_of(griot, monkeypatch, examples=4)


@pytest.mark.long
@pytest.mark.timeout(3_600)
def test_many_generated_calls_find_nothing_unforeseen(griot: Griot, monkeypatch: pytest.MonkeyPatch) -> None:
    call_what_generators_think_of(griot, monkeypatch, examples=60)


def call_what_generators_think_of(griot: Griot, monkeypatch: pytest.MonkeyPatch, *, examples: int) -> None:
    """Make generated calls of every operation, on things that there are and on things that there are not."""
    # Generated addresses are nobody's: no resolver is asked for them.
    monkeypatch.setattr(article_fetching, "check_public", lambda _: None)
    # A minute of these is more than one script may make.
    monkeypatch.setattr(limits, "take", lambda *_: None)
    app = create_app(griot)
    caller = caller_of(griot, app.test_client(), "admin")
    known = things(griot)
    schema = schemathesis.openapi.from_wsgi(SPEC, app)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()

        @settings(
            max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        @given(case=operation.as_strategy(), real=st.booleans())
        def calls(*, case: schemathesis.Case[Any], real: bool) -> None:
            if real:
                case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
            headers = {"Authorization": f"Bearer {caller.token}", "Accept-Encoding": "identity"}
            case.call_and_validate(headers=headers, checks=HELD)

        calls()


def things(griot: Griot) -> dict[str, str]:
    """Make one of everything; ids by the names that paths give them."""
    with griot.database.writing() as session:
        show = make_show(session)
        audio = make_audio(session)
        episode = make_episode(session, show, audio=audio)
        article = make_article(session, "https://news.example/a", episode=episode)
        playlist = make_playlist(session, [episode, audio])
        section = make_section(session)
        session.commit()
    return {
        "show": show.id,
        "audio_id": audio.id,
        "episode_id": episode.id,
        "article_id": article.id,
        "playlist": playlist.id,
        "section": section.slug,
        "job_id": "none",
        "name": "light",
        "clip_id": "none",
        "upload_id": "none",
    }
