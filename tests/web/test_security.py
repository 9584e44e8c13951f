# SPDX-License-Identifier: AGPL-3.0-or-later
"""Headers, proxies, the Host header, and what is said when something is wrong."""

import errno
import ipaddress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm.exc import StaleDataError

from podcasts import db
from podcasts.bootstrap import Griot, build
from podcasts.errors import BusyError
from podcasts.settings import Settings
from podcasts.web.app import create_app
from podcasts.web.routes import access
from podcasts.web.security import TrustedProxies
from tests.factories import make_episode, make_show

BASE = "https://radio.example.org"


@pytest.mark.parametrize(
    "path", ["/", "/login", "/nothing", "/api/v1/nothing", "/feed.xml", "/static/cover.png"]
)
def test_every_answer_carries_the_security_headers(embedded: Griot, path: str) -> None:
    headers = create_app(embedded).test_client().get(path, base_url=BASE).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Strict-Transport-Security"]
    assert headers["Referrer-Policy"]
    assert "camera=()" in headers["Permissions-Policy"]


def test_a_foreign_host_gets_the_same_answer_and_no_link_of_its_own(embedded: Griot) -> None:
    with embedded.database.writing() as session:
        make_episode(session, make_show(session, slug="matin"))
        session.commit()
    client = create_app(embedded).test_client()
    for path in ("/", "/shows/matin", "/shows/matin/feed.xml", "/sitemap.xml"):
        ours = client.get(path, base_url=BASE)
        theirs = client.get(
            path, base_url="https://evil.example", headers={"X-Forwarded-Host": "evil.example"}
        )
        assert theirs.status_code == 200
        assert theirs.data == ours.data
        assert b"evil.example" not in theirs.data


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", "198.51.100.1", ""),
    ],
)
def test_only_what_a_trusted_proxy_appended_is_believed(peer: str, forwarded: str, client: str) -> None:
    seen: list[str] = []

    def app(environ: dict[str, Any], _start: object) -> list[bytes]:
        seen.append(environ["REMOTE_ADDR"])
        return []

    trusted = TrustedProxies(app, (ipaddress.ip_network("10.0.0.0/8"),))
    trusted({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}, print)
    assert seen == [client]


FAILURES = [
    (OSError(errno.ENOSPC, "No space left"), 507, "disk-full"),
    (OSError(errno.EIO, "secret path"), 500, "internal"),
    (RuntimeError("secret words"), 500, "internal"),
    (StaleDataError("UPDATE secret"), 412, "stale"),
    (BusyError(retry_after_seconds=5), 503, "busy"),
]


@pytest.mark.parametrize(("failure", "status", "code"), FAILURES)
@pytest.mark.parametrize("prefix", ["/api/v1", ""])
def test_what_breaks_is_answered_once_and_tells_no_secret(
    embedded: Griot, failure: Exception, status: int, code: str, prefix: str
) -> None:
    app = create_app(embedded)

    @access("public")
    def broken() -> str:
        raise failure

    app.add_url_rule(f"{prefix}/broken", view_func=broken)
    response = app.test_client().get(f"{prefix}/broken", base_url=BASE)
    text = response.get_data(as_text=True)
    assert response.status_code == status
    assert "secret" not in text
    assert code in text
    if status == 503:
        assert response.headers["Retry-After"] == "5"
    if prefix:
        assert response.content_type == "application/problem+json"


def test_a_database_that_is_not_ready_is_said_and_health_still_answers(tmp_path: Path) -> None:
    griot = build(Settings.model_validate({"instance": tmp_path / "i", "media_root": tmp_path / "m"}))
    client = create_app(griot).test_client()
    response = client.get("/")
    assert response.status_code == 503
    assert "griot db upgrade" in response.get_data(as_text=True)
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json == {
        "ready": False,
        "parts": {"database": "failed", "storage": "ok", "queue": "ok", "worker": "failed"},
    }
    griot.database.engine.dispose()


def test_pages_feeds_and_media_answer_while_somebody_holds_the_lock(
    griot: Griot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "BUSY_SECONDS", 1)
    with griot.database.writing() as session:
        show = make_show(session, slug="matin")
        make_episode(session, show)
        session.commit()
    client = create_app(griot).test_client()
    with griot.database.writing() as holder:
        make_show(holder)
        for path in ("/", "/shows/matin", "/shows/matin/feed.xml", "/embed/shows/matin"):
            assert client.get(path, base_url=BASE).status_code == 200, path


@pytest.mark.parametrize(
    "path",
    [
        "/%00",
        "/shows/%00",
        "/shows/%ff",
        "/media/%00/a.mp3",
        "/" + "a" * 5_000,
        "/shows/..%2f..%2fetc",
        "/?page=99999999999999999999",
        "/?lang=%00",
        "/oembed?url=%00",
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "PATCH", "TRACE"])
def test_nothing_strange_breaks_the_site(embedded: Griot, path: str, method: str) -> None:
    response = create_app(embedded).test_client().open(path, method=method, base_url=BASE)
    assert response.status_code < 500
