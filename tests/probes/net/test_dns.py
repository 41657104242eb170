"""Which answers no public name should have."""

import pytest

from probes.net.dns import is_bogus, is_loopback, is_numeric


@pytest.mark.parametrize(("host", "addresses", "bogus"), [
    ("api.vendor.com", ("0.0.0.0",), True), ("api.vendor.com", ("10.1.2.3", "127.0.0.1"), True),
    ("api.vendor.com", ("::1",), True), ("api.vendor.com", ("10.1.2.3", "93.184.215.14"), False),
    ("api.vendor.com", (), False), ("localhost", ("127.0.0.1",), False), ("lab.test", ("10.0.0.1",), False),
    ("box.local", ("192.168.1.2",), False), ("10.0.0.1", ("10.0.0.1",), False), ("ollama", ("172.17.0.2",), False),
])  # fmt: skip
def test_bogus(host: str, addresses: tuple[str, ...], bogus: bool) -> None:
    assert is_bogus(host, addresses) is bogus


def test_numbers_and_loopback() -> None:
    assert is_numeric("::1")
    assert is_numeric("192.0.2.1")
    assert not is_numeric("a.test")
    assert is_loopback("127.8.8.8")
    assert is_loopback("localhost")
    assert not is_loopback("192.0.2.1")
