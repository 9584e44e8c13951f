# SPDX-License-Identifier: AGPL-3.0-or-later
"""Refusals over a real line: whoever still sends hears why, and the line stays good for what comes next."""

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.serving import Served, served

LONG_BODY = b"a" * 5_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A Griot of its own, started once."""
    with served(tmp_path_factory.mktemp("errors")) as griot:
        yield griot


@pytest.fixture
def line(site: Served) -> Iterator[http.client.HTTPConnection]:
    """One connection, kept alive."""
    parts = urlsplit(site.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    yield connection
    connection.close()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/nothing-here", 404),
        ("POST", "/studio/upload", 302),
        ("POST", "/login", 413),
        ("DELETE", "/", 405),
        ("POST", "/api/v1/audio", 401),
        ("PUT", "/api/v1/shows", 405),
    ],
)
def test_a_body_that_is_refused_spoils_neither_the_answer_nor_the_next_request(
    line: http.client.HTTPConnection, method: str, path: str, status: int
) -> None:
    line.request(method, path, LONG_BODY, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = line.getresponse()
    body = answer.read()
    assert answer.status == status
    if path.startswith("/api/"):
        assert json.loads(body)["status"] == status
    assert line.sock, "the server closed the line"
    line.auto_open = 0
    line.request("GET", "/healthz")
    assert line.getresponse().read() == b"ok\n"


def test_a_body_in_chunks_is_heard_out_too(line: http.client.HTTPConnection) -> None:
    chunks = iter([LONG_BODY[:1_000_000]] * 3)
    line.request("POST", "/api/v1/audio", chunks, encode_chunked=True)
    answer = line.getresponse()
    assert json.loads(answer.read())["code"] == "not-signed-in"
    line.auto_open = 0
    line.request("GET", "/healthz")
    assert line.getresponse().read() == b"ok\n"


@pytest.mark.parametrize(
    ("path", "kind"), [("/login", "text/html"), ("/api/v1/articles/episodes", "application/problem+json")]
)
def test_a_method_that_is_not_there_is_said_with_those_that_are(
    line: http.client.HTTPConnection, path: str, kind: str
) -> None:
    line.request("DELETE", path)
    answer = line.getresponse()
    answer.read()
    assert answer.status == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    assert answer.headers["Content-Type"].startswith(kind)


@pytest.mark.parametrize("path", ["/", "/login", "/nothing-here", "/studio/", "/api/v1/shows", "/healthz"])
def test_head_says_what_get_says_without_the_body(line: http.client.HTTPConnection, path: str) -> None:
    line.request("GET", path)
    wanted = line.getresponse()
    wanted.read()
    line.request("HEAD", path)
    found = line.getresponse()
    assert found.read() == b""
    assert found.status == wanted.status
    assert found.headers["Content-Type"] == wanted.headers["Content-Type"]


@pytest.mark.parametrize(
    ("path", "header", "status"), [("/" + "a" * 9_000, "short", 414), ("/", "a" * 20_000, 431)]
)
def test_what_is_too_long_to_read_is_refused_by_its_own_status(
    site: Served, line: http.client.HTTPConnection, path: str, header: str, status: int
) -> None:
    assert site.process.poll() is None
    line.request("GET", path, headers={"X-Long": header})
    assert line.getresponse().status == status


def test_a_refusal_is_worded_in_the_callers_language(line: http.client.HTTPConnection) -> None:
    said = {}
    for language in ("fr", "en"):
        line.request("GET", "/api/v1/shows", headers={"Accept-Language": language})
        answer = line.getresponse()
        said[language] = json.loads(answer.read())["detail"]
        assert answer.headers["Content-Language"] == language
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert said["fr"] != said["en"]
