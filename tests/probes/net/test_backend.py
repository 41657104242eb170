"""Where a vantage pins a name, as curl --resolve would."""

import pytest

from probes.net.backend import find_pin


@pytest.mark.parametrize(("hosts", "found"), [
    ({"A.test": "127.0.0.1:8443"}, ("127.0.0.1", 8443)), ({"a.test": "127.0.0.1"}, ("127.0.0.1", 443)),
    ({"a.test": "192.0.2.1", "a.test:443": "192.0.2.2:1"}, ("192.0.2.2", 1)), ({"a.test:80": "192.0.2.1"}, None),
    ({"a.test": "::1"}, ("::1", 443)), ({"a.test": "[::1]:8443"}, ("::1", 8443)), ({}, None),
])  # fmt: skip
def test_pins(hosts: dict[str, str], found: tuple[str, int] | None) -> None:
    assert find_pin(hosts.items(), "a.test", 443) == found
