"""No test may reach anything but loopback: a connection to another address is an error, whoever opens it."""

import ipaddress
import socket
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# A busy machine, or a fresh clone that first builds its table of characters, is no failure of what is tested.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


def _is_ours(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a unix socket
    try:
        return ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        return address[0] == "localhost"


@pytest.fixture(autouse=True)
def only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    real, real_ex = socket.socket.connect, socket.socket.connect_ex

    def connect(self: socket.socket, address: Any) -> None:
        if not _is_ours(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        real(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if not _is_ours(address):
            raise AssertionError(f"a test tried to reach {address!r}")
        return real_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)
