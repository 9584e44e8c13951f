# SPDX-License-Identifier: AGPL-3.0-or-later
"""The door: cookies, forms, limits, and that the way back never leaves the site."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from podcasts.bootstrap import Griot
from podcasts.services import accounts
from podcasts.services.actors import SYSTEM
from podcasts.web.app import create_app
from podcasts.web.auth import STUDIO, safe_next
from tests.conftest import make_griot
from tests.factories import MORNING

PASSWORD = "correct horse battery"
HASH = accounts.hash_password(PASSWORD)
BASE = "https://radio.example.org"


@pytest.fixture
def client(embedded: Griot) -> FlaskClient:
    """A stranger's browser at a site with one account."""
    with embedded.database.writing() as session:
        accounts.create_user(
            session, SYSTEM, MORNING, email="awa@example.org", role="admin", password_hash=HASH
        )
    return create_app(embedded).test_client()


def token_of(page: TestResponse) -> str:
    """Read the token of a form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get_data(as_text=True))
    assert found
    return found[1]


def log_in(client: FlaskClient, password: str = PASSWORD, **form: str) -> TestResponse:
    """Send the log-in form."""
    token = token_of(client.get("/login", base_url=BASE))
    data = {"csrf_token": token, "email": "awa@example.org", "password": password, **form}
    return client.post("/login", data=data, base_url=BASE)


def test_the_cookie_cannot_be_read_by_scripts_sent_by_others_or_set_by_neighbours(
    client: FlaskClient,
) -> None:
    response = log_in(client)
    cookie = next(line for line in response.headers.getlist("Set-Cookie") if line.startswith("__Host-griot="))
    for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert word in cookie
    assert "Domain" not in cookie


def test_without_https_the_cookie_has_no_prefix(tmp_path: Path, sqlite_url: str) -> None:
    griot = make_griot(tmp_path, sqlite_url, None, base_url="http://127.0.0.1:8000")
    with griot.database.writing() as session:
        accounts.create_user(
            session, SYSTEM, MORNING, email="awa@example.org", role="admin", password_hash=HASH
        )
    browser = create_app(griot).test_client()
    token = token_of(browser.get("/login"))
    form = {"csrf_token": token, "email": "awa@example.org", "password": PASSWORD}
    response = browser.post("/login", data=form)
    assert any(
        line.startswith("griot=") and "Secure" not in line for line in response.headers.getlist("Set-Cookie")
    )
    assert browser.get("/studio/").status_code == 200
    griot.database.engine.dispose()


def test_a_session_that_was_planted_is_not_the_one_that_is_signed_in(client: FlaskClient) -> None:
    client.set_cookie("__Host-griot", "planted", domain="radio.example.org")
    log_in(client)
    cookie = client.get_cookie("__Host-griot", domain="radio.example.org")
    assert cookie is not None
    assert cookie.value != "planted"


def test_log_out_ends_the_session_on_the_server(client: FlaskClient) -> None:
    log_in(client)
    cookie = client.get_cookie("__Host-griot", domain="radio.example.org")
    assert cookie is not None
    token = token_of(client.get("/studio/", base_url=BASE))
    assert client.post("/logout", data={"csrf_token": token}, base_url=BASE).status_code == 303
    client.set_cookie("__Host-griot", cookie.value, domain="radio.example.org", secure=True)
    assert client.get("/studio/", base_url=BASE).status_code == 302


def test_log_out_by_a_link_or_another_site_does_nothing(client: FlaskClient) -> None:
    log_in(client)
    assert client.get("/logout", base_url=BASE).status_code == 405
    assert client.post("/logout", base_url=BASE).status_code == 400
    assert client.get("/studio/", base_url=BASE).status_code == 200


@pytest.mark.parametrize("path", ["/studio/", "/studio/episodes?status=draft"])
def test_a_stranger_is_led_to_the_log_in_and_back(client: FlaskClient, path: str) -> None:
    response = client.get(path, base_url=BASE)
    assert response.status_code == 302
    wanted = re.search(
        r'name="next" value="([^"]*)"', client.get(response.location, base_url=BASE).get_data(as_text=True)
    )
    assert wanted
    assert log_in(client, next=wanted[1]).location == path


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/a b",
        "/\t/evil.example",
        "/\x00",
        "",
        "evil",
        "/%0d%0aSet-Cookie:x\r\n",
        "/" + "a" * 2_000,
        "/login",
        "/logout",
        "http:/evil.example",
        "///evil.example",
        None,
    ],
)
def test_the_way_back_never_leaves_the_site(wanted: str | None) -> None:
    assert safe_next(wanted) == STUDIO


def test_the_way_back_may_be_any_page_of_ours() -> None:
    assert safe_next("/studio/episodes?status=draft&q=%C3%A9") == "/studio/episodes?status=draft&q=%C3%A9"


def test_a_wrong_password_is_said_and_the_address_kept(client: FlaskClient) -> None:
    response = log_in(client, "wrong horse battery")
    page = response.get_data(as_text=True)
    assert response.status_code == 422
    assert 'value="awa@example.org"' in page
    assert "wrong horse" not in page
    assert 'role="alert"' in page


def test_too_many_tries_for_one_account_wait_whoever_makes_them(client: FlaskClient) -> None:
    statuses = [log_in(client, "wrong horse battery").status_code for _ in range(11)]
    assert statuses[:10] == [422] * 10
    assert statuses[10] == 429
    last = log_in(client)
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0


def test_tries_made_at_once_are_all_counted(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []

    def compare(_hash: str | None, password: str) -> bool:
        """Refuse, after one more try was begun while this one is being compared."""
        compared.append(password)
        log_in(client, password)
        return False

    monkeypatch.setattr(accounts, "_fits", compare)
    log_in(client, "wrong horse battery")
    assert len(compared) == 10


def test_a_good_log_in_does_not_count(client: FlaskClient) -> None:
    for _ in range(12):
        assert log_in(client).status_code == 303
        client.delete_cookie("__Host-griot", domain="radio.example.org")


def test_the_set_up_page_is_open_to_its_link_alone(embedded: Griot) -> None:
    browser = create_app(embedded).test_client()
    with embedded.database.writing() as session:
        secret = accounts.create_setup_link(session, MORNING)
    assert browser.get("/setup?token=wrong", base_url=BASE).status_code == 409
    page = browser.get(f"/setup?token={secret}", base_url=BASE)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "strict-origin-when-cross-origin")
    form = {"csrf_token": token_of(page), "token": secret, "email": "awa@example.org", "password": "short"}
    refused = browser.post("/setup", data=form, base_url=BASE)
    assert refused.status_code == 422
    assert 'id="password-error"' in refused.get_data(as_text=True)
    made = browser.post("/setup", data={**form, "password": PASSWORD}, base_url=BASE)
    assert (made.status_code, made.location) == (303, STUDIO)
    assert browser.get(f"/setup?token={secret}", base_url=BASE).status_code == 404


def test_the_switch_of_languages_keeps_the_secret_and_the_way_back(embedded: Griot) -> None:
    browser = create_app(embedded).test_client()
    with embedded.database.writing() as session:
        secret = accounts.create_setup_link(session, MORNING)
    page = browser.get(f"/setup?token={secret}", base_url=BASE, headers={"Accept-Language": "fr"})
    form = {"csrf_token": token_of(page), "token": secret, "email": "awa@example.org", "password": "short"}
    refused = browser.post("/setup?lang=fr", data=form, base_url=BASE)
    for shown in (page, refused):
        english = browser.get(switch_of(shown, "en"), base_url=BASE)
        assert english.status_code == 200
        assert "Make the first account" in english.get_data(as_text=True)
    login = browser.get("/login?next=/studio/episodes&lang=fr", base_url=BASE)
    assert 'value="/studio/episodes"' in browser.get(switch_of(login, "en"), base_url=BASE).get_data(
        as_text=True
    )


def switch_of(page: TestResponse, language: str) -> str:
    """Read where the switch of languages leads."""
    found = re.search(rf'href="([^"]*)"[^>]*hreflang="{language}"', page.get_data(as_text=True))
    assert found
    return found[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/feed.xml",
        "/sitemap.xml",
        "/healthz",
        "/nothing-here",
        "/api/v1/articles/episodes?url=https://a.example",
    ],
)
def test_listeners_get_no_cookie_and_one_answer_for_all(client: FlaskClient, path: str) -> None:
    before = client.get(path, base_url=BASE)
    log_in(client)
    after = client.get(path, base_url=BASE)
    assert before.data == after.data
    for response in (before, after):
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")
