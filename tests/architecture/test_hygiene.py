"""What `conftest.py` promises to every other test."""

import asyncio
import os
import socket
import time
from pathlib import Path

import pytest

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: routed nowhere


def test_a_test_has_a_home_of_its_own(home: Path) -> None:
    assert Path.home() == home
    assert list(home.iterdir()) == []
    assert os.environ["HOOKLINE_HOME"] == str(home / "hookline")


def test_the_clock_on_the_wall_is_utc() -> None:
    assert time.tzname == ("UTC", "UTC")


@pytest.mark.parametrize("host", [DOCUMENTATION_ADDRESS, "example.com"])
async def test_a_test_that_leaves_loopback_fails(host: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=f"to '{host}'"):
        await asyncio.open_connection(host, 80)


def test_a_datagram_may_not_leave_either() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as sender,
        pytest.raises(pytest.fail.Exception),
    ):
        sender.sendto(b"", (DOCUMENTATION_ADDRESS, 53))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_open(host: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection((host, server.getsockname()[1])) as client,
    ):
        assert client.getpeername() == server.getsockname()
