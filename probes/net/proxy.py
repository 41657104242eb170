"""Through a vantage's proxy: CONNECT and the SOCKS5 handshake, spoken by us so that every failure has a name.

The destination's name goes to the proxy unresolved. All reading is cut by the call's own deadline.
"""

import base64
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from probes.model import Failure
from probes.net.failures import ProxyRefusedError
from probes.net.record import Record, Stage
from probes.net.streams import Layer

_HEAD_LIMIT = 65_536
_PORTS = {"http": 8080, "https": 443, "socks5": 1080, "socks5h": 1080}
_SOCKS_SAYS = {
    1: ("general failure", Failure.PROXY), 2: ("not allowed by its rules", Failure.PROXY),
    3: ("network unreachable", Failure.TCP_UNREACHABLE), 4: ("host unreachable", Failure.TCP_UNREACHABLE),
    5: ("connection refused", Failure.TCP_REFUSED), 6: ("TTL expired", Failure.TCP_UNREACHABLE),
    7: ("command not supported", Failure.PROXY), 8: ("address type not supported", Failure.PROXY),
}


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy as its URL says. The password is a resolved secret: never shown."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.scheme}://{self.host}:{self.port})"


def read_proxy(url: str, resolve: Callable[[str], str]) -> Proxy:
    """The proxy of a URL whose user and password may be `$NAME` or `${NAME}`. Raises ValueError for another scheme."""
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("a proxy is http://, https:// or socks5://")
    user, password = (_fill(unquote(text or ""), resolve) for text in (parts.username, parts.password))
    return Proxy(parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme], user, password)


def _fill(text: str, resolve: Callable[[str], str]) -> str:
    return resolve(text[1:].strip("{}")) if text.startswith("$") else text


async def open_tunnel(layer: Layer, proxy: Proxy, destination: tuple[str, int], record: Record) -> None:
    """Ask the proxy to connect to the destination. Raises ProxyRefusedError."""
    if proxy.scheme in {"http", "https"}:
        await _open_by_connect(layer, proxy, destination, record)
    else:
        await _open_by_socks(layer, proxy, destination, record)


async def _open_by_connect(layer: Layer, proxy: Proxy, destination: tuple[str, int], record: Record) -> None:
    host, port = destination
    authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}"]
    if proxy.user or proxy.password:
        token = base64.b64encode(f"{proxy.user}:{proxy.password}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {token}")
    layer.put("\r\n".join([*lines, "", ""]).encode())
    record.stage = Stage.TUNNEL
    head = b""
    while not head.endswith(b"\r\n\r\n"):      # byte by byte: what follows belongs to the destination
        byte = await layer.receive(1)
        if not byte or len(head) > _HEAD_LIMIT:
            raise ProxyRefusedError("closed without an answer")
        head += byte
    status = head.split(b"\r\n", 1)[0].split(b" ")
    if len(status) < 2 or not status[0].startswith(b"HTTP/1.") or not status[1].isdigit():
        raise ProxyRefusedError("not an HTTP proxy")
    if not 200 <= int(status[1]) < 300:
        raise ProxyRefusedError(f"CONNECT answered {int(status[1])}")


async def _open_by_socks(layer: Layer, proxy: Proxy, destination: tuple[str, int], record: Record) -> None:
    with_password = bool(proxy.user or proxy.password)
    layer.put(b"\x05\x01\x02" if with_password else b"\x05\x01\x00")
    version, method = await _receive_exactly(layer, 2)
    if version != 5:
        raise ProxyRefusedError("not a SOCKS5 proxy")
    if method != (2 if with_password else 0):
        raise ProxyRefusedError("wants another way to log in")
    if with_password:
        user, password = proxy.user.encode()[:255], proxy.password.encode()[:255]
        layer.put(b"\x01" + bytes([len(user)]) + user + bytes([len(password)]) + password)
        if (await _receive_exactly(layer, 2))[1] != 0:
            raise ProxyRefusedError("log-in refused")
    layer.put(b"\x05\x01\x00" + _write_address(*destination))
    record.stage = Stage.TUNNEL
    reply = await _receive_exactly(layer, 4)
    if reply[1] != 0:
        detail, failure = _SOCKS_SAYS.get(reply[1], (f"reply {reply[1]}", Failure.PROXY))
        raise ProxyRefusedError(f"SOCKS: {detail}", failure)
    size = {1: 4, 4: 16}.get(reply[3]) or (await _receive_exactly(layer, 1))[0]
    await _receive_exactly(layer, size + 2)


def _write_address(host: str, port: int) -> bytes:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host.encode("idna")
        return b"\x03" + bytes([len(name)]) + name + port.to_bytes(2)
    return (b"\x01" if address.version == 4 else b"\x04") + address.packed + port.to_bytes(2)


async def _receive_exactly(layer: Layer, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = await layer.receive(size - len(data))
        if not more:
            raise ProxyRefusedError("closed during the handshake")
        data += more
    return data
