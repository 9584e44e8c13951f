# SPDX-License-Identifier: AGPL-3.0-or-later
"""Routes x roles, the whole table: every route says who may call it, and only they get in."""

import json
import re
from functools import cache

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from podcasts.bootstrap import Griot
from podcasts.models import ROLES
from podcasts.services import accounts
from podcasts.services.actors import SYSTEM
from podcasts.web.app import create_app
from podcasts.web.routes import ROLES_OF, Route, access, routes_table
from tests.factories import MORNING

PASSWORD = "correct horse battery"
HASH = accounts.hash_password(PASSWORD)
BASE = "https://radio.example.org"
PUBLIC = {
    "/embed.js",
    *("/player/<name>-<digest>.js", "/listen/<language>-<digest>.js"),
    *("/", "/shows/<show_slug>", "/shows/<show_slug>/<episode_slug>", "/playlists/<playlist_slug>"),
    *(
        "/sections/<section_slug>",
        "/feed.xml",
        "/shows/<show_slug>/feed.xml",
        "/playlists/<playlist_slug>/feed.xml",
    ),
    *(
        "/sections/<section_slug>/feed.xml",
        "/embed/episodes/<show_slug>/<episode_slug>",
        "/embed/shows/<show_slug>",
    ),
    *("/embed/playlists/<playlist_slug>", "/embed/article", "/oembed", "/media/<key>/<name>"),
    *(
        "/media/<key>/peaks.json",
        "/media/<key>/chapters.json",
        "/media/<key>/transcript.<form>",
        "/api/v1/articles/episodes",
        "/api/v1/openapi.json",
    ),
    # Of these, only OPTIONS: what is spoken there.
    *("/api/v1/uploads", "/api/v1/uploads/<upload_id>", "/studio/uploads", "/studio/uploads/<upload_id>"),
    *("/login", "/logout", "/setup", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml"),
    *("/static/<path:name>", "/static/cover.png"),
    *("/offline", "/service-worker.js", "/manifest.webmanifest"),
}
"""What anybody may call: a new one is added here on purpose or not at all."""


@pytest.fixture
def app(embedded: Griot) -> APIFlask:
    """The site with one account of each role."""
    with embedded.database.writing() as session:
        for role in ROLES:
            accounts.create_user(
                session, SYSTEM, MORNING, email=f"{role}@example.org", role=role, password_hash=HASH
            )
    return create_app(embedded)


def called(client: FlaskClient, route: Route, headers: dict[str, str] | None = None) -> int:
    """Call a route with made-up names; its status."""
    path = re.sub(r"<(?:\w+:)?(\w+)>", "nothing", route.rule)
    response = client.open(path, method=route.methods[0], base_url=BASE, headers=headers)
    response.close()
    return response.status_code


def signed_in(app: APIFlask, role: str) -> FlaskClient:
    """Sign somebody of a role in."""
    client = app.test_client()
    page = client.get("/login", base_url=BASE).get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    form = {"csrf_token": token[1], "email": f"{role}@example.org", "password": PASSWORD}
    assert client.post("/login", data=form, base_url=BASE).status_code == 303
    return client


def api_headers(app: APIFlask, role: str) -> dict[str, str]:
    """Make a token for somebody of a role."""
    griot: Griot = app.extensions["griot"]
    with griot.database.writing() as session:
        user = accounts.find_user(session, f"{role}@example.org")
        token = accounts.create_token(session, SYSTEM, MORNING, user_id=user.id, name="t")
    return {"Authorization": f"Bearer {token}"}


def test_what_is_public_is_public_on_purpose(app: APIFlask) -> None:
    table = routes_table(app)
    assert {route.rule for route in table if route.access == "public"} == PUBLIC
    assert len(table) > 90


def test_a_route_that_says_nothing_stops_the_site(embedded: Griot, app: APIFlask) -> None:
    assert embedded is app.extensions["griot"]

    @cache
    def forgotten() -> str:
        return "secret"

    app.add_url_rule("/forgotten", view_func=forgotten)
    with pytest.raises(LookupError, match="/forgotten"):
        routes_table(app)
    assert app.test_client().get("/forgotten").status_code in {302, 404}
    with pytest.raises(ValueError, match="everybody"):
        access("everybody")


def test_strangers_get_nothing_that_is_not_public(app: APIFlask) -> None:
    client = app.test_client()
    for route in routes_table(app):
        if route.access == "public":
            continue
        # A page leads to the log-in, a form without its token goes nowhere, the interface wants a token.
        wanted = {401} if route.rule.startswith(("/api/", "/studio/uploads")) else {302, 400}
        assert called(client, route) in wanted, route


@pytest.mark.parametrize("role", ROLES)
def test_every_role_gets_as_far_as_the_table_says(app: APIFlask, role: str) -> None:
    browser, script = signed_in(app, role), app.test_client()
    headers = api_headers(app, role)
    for route in routes_table(app):
        if route.access == "public":
            continue
        by_api = route.rule.startswith("/api/")
        status = called(script, route, headers) if by_api else called(browser, route)
        assert status not in {302, 401}, route
        assert status < 500, route
        if role not in ROLES_OF[route.access]:
            assert status in {404, 400}, route
        elif "<" not in route.rule and "GET" in route.methods:
            assert status == 200, route


def test_a_cookie_opens_no_interface_and_a_token_no_page(app: APIFlask) -> None:
    assert signed_in(app, "admin").get("/api/v1/shows", base_url=BASE).status_code == 401
    stranger = app.test_client()
    assert stranger.get("/studio/", base_url=BASE, headers=api_headers(app, "admin")).status_code == 302


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", "bearer \udcff", "griot_x"]
)
def test_a_token_that_is_none_is_said(app: APIFlask, header: str) -> None:
    response = app.test_client().get(
        "/api/v1/shows", headers={"Authorization": header.encode("latin-1", "replace").decode("latin-1")}
    )
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert json.loads(response.data)["code"] in {"bad-token", "not-signed-in"}


def test_bad_tokens_are_limited_and_hinder_no_good_one_from_the_same_address(app: APIFlask) -> None:
    good, script = api_headers(app, "producer"), app.test_client()
    bad = [
        script.get("/api/v1/shows", headers={"Authorization": "Bearer griot_x"}, base_url=BASE)
        for _ in range(61)
    ]
    assert [response.status_code for response in bad] == [401] * 60 + [429]
    assert int(bad[-1].headers["Retry-After"]) > 0
    assert script.get("/api/v1/shows", headers=good, base_url=BASE).status_code == 200
