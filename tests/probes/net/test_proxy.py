"""Reading a proxy's URL: its password is a secret's name, and is never shown."""

import pytest

from probes.net.proxy import read_proxy


@pytest.mark.parametrize(("url", "scheme", "port"), [
    ("http://p.test", "http", 8080), ("https://p.test", "https", 443), ("socks5://p.test", "socks5", 1080),
    ("socks5h://p.test:9", "socks5h", 9),
])  # fmt: skip
def test_schemes_and_ports(url: str, scheme: str, port: int) -> None:
    proxy = read_proxy(url, lambda name: name)
    assert (proxy.scheme, proxy.host, proxy.port) == (scheme, "p.test", port)


@pytest.mark.parametrize("url", ["http://u:$PASS@p.test", "http://u:${PASS}@p.test"])
def test_the_password_is_resolved_and_hidden(url: str) -> None:
    proxy = read_proxy(url, {"PASS": "hunter2"}.__getitem__)
    assert (proxy.user, proxy.password) == ("u", "hunter2")
    assert "hunter2" not in repr(proxy)


@pytest.mark.parametrize("url", ["ftp://p.test", "p.test:80", "socks5://"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="a proxy is"):
        read_proxy(url, str)
