# SPDX-License-Identifier: AGPL-3.0-or-later
"""The address that Griot listens on: what it refuses and how it is written."""

import socket
import sys

import pytest

from podcasts.errors import ConflictError, InvalidError, SettingsError
from podcasts.listener import (
    SILENCE_SECONDS,
    is_loopback,
    listener_url,
    open_listener,
    reachable_host,
    require_base_url,
)

EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - asked about, never bound


@pytest.mark.parametrize("host", ["127.0.0.1", "127.3.2.1", "::1", "localhost"])
def test_only_this_machine_reaches_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", EVERY_ADDRESS, "::", "192.0.2.7", "fe80::1"])
def test_other_addresses_are_the_world(host: str) -> None:
    assert not is_loopback(host)


def test_the_world_is_not_served_without_a_base_url() -> None:
    with pytest.raises(SettingsError) as refused:
        require_base_url(EVERY_ADDRESS, None)

    assert refused.value.code == "base-url-needed"
    assert refused.value.facts == {"name": "GRIOT_BASE_URL", "detail": EVERY_ADDRESS}


@pytest.mark.parametrize(
    ("host", "base_url"), [(EVERY_ADDRESS, "https://radio.example"), ("127.0.0.1", None)]
)
def test_a_base_url_or_loopback_is_enough(host: str, base_url: str | None) -> None:
    require_base_url(host, base_url)


def test_a_taken_port_is_a_clear_refusal() -> None:
    with open_listener("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(ConflictError) as refused:
            open_listener("127.0.0.1", port)

    assert refused.value.code == "port-taken"
    assert refused.value.facts == {"host": "127.0.0.1", "port": port}


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.7", "a" * 70])
def test_an_address_that_is_not_ours_is_a_clear_refusal(host: str) -> None:
    with pytest.raises(InvalidError) as refused:
        open_listener(host, 0)

    assert refused.value.code == "host-unknown"


@pytest.mark.parametrize(("bound", "reached"), [(EVERY_ADDRESS, "127.0.0.1"), ("::", "::1"), ("::1", "::1")])
def test_every_address_is_shown_as_the_one_that_opens_here(bound: str, reached: str) -> None:
    assert reachable_host(bound) == reached


def test_a_free_port_is_shown_by_its_number() -> None:
    with open_listener("127.0.0.1", 0) as listener:
        assert listener_url(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_ipv6_is_written_in_brackets() -> None:
    with open_listener("::1", 0) as listener:
        assert listener_url(listener) == f"http://[::1]:{listener.getsockname()[1]}"


def test_connections_queue_as_soon_as_the_port_is_taken() -> None:
    with (
        open_listener("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()) as connection,
    ):
        assert connection.getpeername() == listener.getsockname()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the options are Linux's")
def test_a_connection_may_not_be_silent_for_ever() -> None:
    """A thread of the web server waits at each; the accepted connection is what must carry the limits."""
    with open_listener("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert (
                connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == SILENCE_SECONDS * 1000
            )
