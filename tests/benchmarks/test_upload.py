# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads of one gibibyte: how fast beside a bare PUT with SHA-256 through the same server, and how much memory."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest

from podcasts.listener import listener_url, open_listener
from tests.serving import Served, ask, descendants, served

MEBIBYTE = 1024 * 1024
BLOCK = b"\xff\xfb\x90\x64" + bytes(range(256)) * 4096
ROUNDS = 3

RAW = """
import hashlib, os, tempfile

def app(environ, start_response):
    left, digest = int(environ.get("CONTENT_LENGTH") or 0), hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=os.environ["RAW_FOLDER"]) as file:
        while left:
            block = environ["wsgi.input"].read(min(left, 262144))
            if not block:
                break
            left -= len(block)
            digest.update(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    start_response("200 OK", [("Content-Length", "64")])
    return [digest.hexdigest().encode()]
"""


@pytest.mark.benchmark
def test_a_gibibyte_beside_a_bare_put(tmp_path: Path) -> None:
    with served(tmp_path / "griot") as griot, _raw_server(tmp_path) as raw:
        token = griot.make_token()
        server = _web_process(griot)
        small = _grown(griot, server, token, 10)
        large = _grown(griot, server, token, 1024)
        pairs = [(_put(raw, 1024), _upload(griot, token, 1024)) for _ in range(ROUNDS)]
    bare, ours = (median(pair[place] for pair in pairs) for place in (0, 1))
    print(  # noqa: T201 - the figures are the purpose
        f"\n1 GiB: bare PUT with SHA-256 {1024 / bare:.0f} MiB/s, upload {1024 / ours:.0f} MiB/s, "
        f"ratio {bare / ours:.2f}; memory +{large:.1f} MB (10 MiB: +{small:.1f} MB)"
    )


def _upload(griot: Served, token: str, mebibytes: int) -> float:
    """Upload noise that is refused as no audio at the end, or taken; the seconds until the answer."""
    edge = "bench"
    head = (
        f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n'
        "Content-Type: audio/mpeg\r\n\r\n"
    ).encode()
    tail = f"\r\n--{edge}--\r\n".encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={edge}"}
    return _send("POST", f"{griot.url}/api/v1/audio", headers, mebibytes, head, tail, {202, 200, 415})


def _put(url: str, mebibytes: int) -> float:
    return _send("PUT", url, {}, mebibytes, b"", b"", {200})


def _send(
    method: str, url: str, headers: dict[str, str], mebibytes: int, head: bytes, tail: bytes, wanted: set[int]
) -> float:
    parts = urlsplit(url)
    block = (BLOCK * 2)[:MEBIBYTE]
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
    started = time.perf_counter()
    connection.putrequest(method, parts.path or "/")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(head) + mebibytes * MEBIBYTE + len(tail)))
    connection.endheaders()
    connection.send(head)
    for _ in range(mebibytes):
        connection.send(block)
    connection.send(tail)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in wanted, body
    return time.perf_counter() - started


def _grown(griot: Served, server: int, token: str, mebibytes: int) -> float:
    """Upload once; by how many MB the server's peak of memory grew over what it held before."""
    Path(f"/proc/{server}/clear_refs").write_text("5", encoding="ascii")
    before = _status(server, "VmRSS")
    _upload(griot, token, mebibytes)
    return (_status(server, "VmHWM") - before) / 1000


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def _web_process(griot: Served) -> int:
    """Find gunicorn's server process: the largest below the supervisor once it has answered."""
    ask("GET", f"{griot.url}/healthz")
    below = descendants(griot.process.pid)
    web = [pid for pid in below if b"webserver" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return max(web, key=lambda pid: _status(pid, "VmRSS"))


@contextmanager
def _raw_server(tmp_path: Path) -> Iterator[str]:
    """Run the bare application in the same kind of server."""
    (tmp_path / "raw_app.py").write_text(RAW, encoding="utf-8")
    listener = open_listener("127.0.0.1", 0)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "RAW_FOLDER": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "-m", "podcasts.webserver", str(listener.fileno()), "raw_app:app"],
        env=environment,
        pass_fds=[listener.fileno()],
    )
    try:
        yield listener_url(listener)
    finally:
        process.terminate()
        process.wait(30)
        listener.close()
