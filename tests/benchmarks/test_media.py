# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ranges of sound per second: at the start and at the end of a large file, beside nginx on the same file."""

import http.client
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from getpass import getuser
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.media_server import large_sound, web_server

FILE_BYTES = 200_000_000
RANGES = ((65_536, 1_500), (1_048_576, 400), (8_388_608, 80))
"""Sizes of ranges, and how many of each: what applications and what browsers ask for."""
CLIENTS = 4
ROUNDS = 3

NGINX = """
daemon off; user {user}; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; types {{ audio/mpeg mp3; }}
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


@pytest.mark.benchmark
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("range_bytes", "requests"), RANGES)
def test_ranges_early_and_late_beside_nginx(
    tmp_path: Path, migrated_sqlite: Path, range_bytes: int, requests: int
) -> None:
    sound = large_sound(tmp_path, migrated_sqlite, FILE_BYTES)
    last = FILE_BYTES - range_bytes
    with web_server(tmp_path) as port:
        early = _rate(port, sound.path, Ranges(range_bytes, requests, 0))
        late = _rate(port, sound.path, Ranges(range_bytes, requests, last))
    figures = (
        f"\nranges of {range_bytes} bytes a second: early {early:.0f}, late {late:.0f} ({late / early:.2f})"
    )
    print(figures)  # noqa: T201 - the figures are the purpose
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed: no comparison (apt-get install nginx-light)")
    with _nginx(tmp_path, sound.file) as port:
        nginx = _rate(port, f"/{sound.file.name}", Ranges(range_bytes, requests, last))
    print(f"nginx {nginx:.0f}; ours is {late / nginx:.2f} of it")  # noqa: T201 - the figures are the purpose


@dataclass(frozen=True)
class Ranges:
    """Ranges of one size, all from one place."""

    size_bytes: int
    requests: int
    first_byte: int


def _rate(port: int, path: str, ranges: Ranges) -> float:
    return median(_one_rate(port, path, ranges) for _ in range(ROUNDS))


def _one_rate(port: int, path: str, ranges: Ranges) -> float:
    """Count ranges a second over connections kept alive."""
    asked = f"bytes={ranges.first_byte}-{ranges.first_byte + ranges.size_bytes - 1}"

    def fetch(count: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for _ in range(count):
            connection.request("GET", path, headers={"Range": asked})
            response = connection.getresponse()
            assert response.status == 206
            assert len(response.read()) == ranges.size_bytes
        connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(fetch, [ranges.requests // CLIENTS] * CLIENTS))
    return ranges.requests / (time.perf_counter() - started)


@contextmanager
def _nginx(folder: Path, file: Path) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, root=file.parent, user=getuser()))
    process = subprocess.Popen(["nginx", "-c", str(configuration), "-p", str(folder)])
    try:
        _until_open(port)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _until_open(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(port)
