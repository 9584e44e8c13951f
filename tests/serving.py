# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole Griot in processes of its own: supervisor, web server and worker, as ``griot serve`` starts them."""

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENCE_SECONDS = 60
ADDRESS = re.compile(r"Griot is at (http://\S+)")
SETUP = re.compile(r"(http://\S+/setup\?token=\S+)")


@dataclass
class Served:
    """A running Griot.

    Attributes:
        url: its address, without a trailing slash.
        folder: of instance and media.
        process: the supervisor, leader of its process group.
        said: what it printed until it was up.
    """

    url: str
    folder: Path
    process: "subprocess.Popen[str]"
    said: str
    environment: Mapping[str, str]

    @property
    def setup_link(self) -> str:
        """The one-time link with which the first account is made."""
        found = SETUP.search(self.said)
        assert found, self.said
        return found[1]

    def griot(self, *words: str, stdin: str | None = None) -> str:
        """Run a command of this Griot; what it prints, stripped."""
        run = subprocess.run(
            [sys.executable, "-m", "podcasts.cli", *words],
            check=True,
            env=dict(self.environment),
            input=stdin,
            stdout=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        return run.stdout.strip()

    def make_token(self, email: str = "awa@example.org", role: str = "admin") -> str:
        """Make an account and a token for it, by the command line."""
        self.griot(
            "user", "create", email, "--role", role, "--password-stdin", stdin="correct horse battery\n"
        )
        return self.griot("token", "create", email, "--name", "tests")

    def kill_everything(self) -> None:
        """End supervisor, web server, worker and ffmpeg at once, as a power cut would."""
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(PATIENCE_SECONDS)


@contextmanager
def served(folder: Path, *words: str, **settings: str) -> Iterator[Served]:
    """Run ``griot serve`` on a free port, in a folder of its own, until the block ends.

    Args:
        folder: keeps instance and media; used again, it starts the same Griot again.
        words: further words of the command.
        settings: GRIOT_ variables, without their prefix, in lower case.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GRIOT_")}
    environment |= {"GRIOT_INSTANCE": str(folder / "instance"), "GRIOT_MEDIA_ROOT": str(folder / "media")}
    environment |= {f"GRIOT_{name.upper()}": value for name, value in settings.items()}
    environment["PYTHONUNBUFFERED"] = "1"
    process = subprocess.Popen(
        [sys.executable, "-m", "podcasts.cli", "serve", "--port", "0", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        said = _until_up(process)
        found = ADDRESS.search(said)
        assert found, said
        yield Served(found[1].rstrip("/"), folder, process, said, environment)
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        finally:
            process.kill()
            if process.stdout:
                process.stdout.close()


def ask(
    method: str, url: str, token: str | None = None, body: object = None, **headers: str
) -> tuple[int, dict[str, str], bytes]:
    """Send one request; an answer of any status comes back as it is.

    Args:
        method: GET, POST, …
        url: absolute.
        token: for Authorization: Bearer.
        body: bytes as they are, anything else as JSON; None for none.
        headers: more of them, "_" for "-".

    Returns:
        Status, headers (lower-case names) and body.
    """
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None
    if body is not None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent.setdefault("Content-Type", "application/json")
    if token:
        sent["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, data=data, headers=sent, method=method)
    opener = urllib.request.build_opener(_AsItIs)
    with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
        found = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, found, answer.read()


def multipart(file_name: str, data: bytes, **fields: str) -> tuple[bytes, str]:
    """Write a form with one file, as a browser does; its bytes and its Content-Type."""
    edge = "griot-tests-7d1f2c"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file_name}"\r\n'
    parts += [
        head.encode(),
        b"Content-Type: application/octet-stream\r\n\r\n",
        data,
        f"\r\n--{edge}--\r\n".encode(),
    ]
    return b"".join(parts), f"multipart/form-data; boundary={edge}"


def descendants(pid: int) -> list[int]:
    """List the processes below one, as /proc shows them."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        parents.setdefault(int(words[1]), []).append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


class _AsItIs(urllib.request.HTTPErrorProcessor):
    """Hands every answer on: redirects and errors are what tests look at."""

    def http_response(self, request: urllib.request.Request, response: object) -> object:
        del request
        return response

    https_response = http_response


def _until_up(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    said = ""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ADDRESS.search(said) and time.monotonic() < deadline:
        ready, _, _ = select.select([process.stdout], [], [], 1)
        if ready:
            line = process.stdout.readline()
            if not line:
                break
            said += line
        elif process.poll() is not None:
            break
    return said
