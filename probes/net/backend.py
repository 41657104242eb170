"""httpcore's network, ours: names, sockets, proxies and TLS, with each phase timed where it happens.

One Backend serves one connection. The same code carries out DnsCall, TcpCall and TlsCall, so that a probe of the
network and a completion walk the same road.
"""

import asyncio
import errno
import os
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probes.net import stamps
from probes.net.dns import Resolver, is_numeric
from probes.net.failures import NoRoomError
from probes.net.proxy import Proxy, open_tunnel
from probes.net.record import Record, Stage
from probes.net.streams import Desk, Layer, SocketLayer, TlsLayer, wait_writable
from probes.net.trust import read_certificate

if TYPE_CHECKING:      # the seam's own words for mypy; to run needs none of httpcore: 25 ms of a start and 2 MiB
    from httpcore import AsyncNetworkBackend, AsyncNetworkStream
else:
    AsyncNetworkBackend = AsyncNetworkStream = object

_ROUTE_ERRORS = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


@dataclass(frozen=True, slots=True)
class Route:
    """How to reach a destination: the pin of its name, our own address, the proxy in between and whom it may show."""

    pin: tuple[str, int] | None = None
    source_address: str | None = None
    proxy: Proxy | None = None
    patience_s: float = 3.0              # for each address of a name but the last


def find_pin(hosts: Iterable[tuple[str, str]], host: str, port: int) -> tuple[str, int] | None:
    """Where the vantage pins this name: 'host:port' before 'host', to 'address' or 'address:port'."""
    pins = {name.lower(): where for name, where in hosts}
    where = pins.get(f"{host.lower()}:{port}") or pins.get(host.lower())
    if where is None:
        return None
    if is_numeric(where.strip("[]")):
        return where.strip("[]"), port
    address, _, pinned_port = where.rpartition(":")
    return address.strip("[]"), int(pinned_port)


class Stream(AsyncNetworkStream):
    """A layer as httpcore wants it. Deadlines are the call's own, so the time-outs given here are not used."""

    def __init__(self, layer: Layer, backend: "Backend") -> None:
        self.layer = layer
        self._backend = backend

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109, ARG002
        """Bytes of the answer, noted with their arrival."""
        layer = self.layer
        if isinstance(layer, SocketLayer):
            data = await layer.receive_first(max_bytes)
        else:
            data = await layer.receive(max_bytes)
        if data:
            self._backend.desk.record.note_data(layer.stamp_ns)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109, ARG002
        """Keep small writes until the next read; they leave together."""
        if self.layer.put(buffer) > 262_144:
            await self.layer.flush()

    async def aclose(self) -> None:
        """Close at once."""
        self.layer.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
    ) -> "Stream":
        """TLS to the destination, timed."""
        return await self._backend.secure(self, ssl_context, server_hostname or "")

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: the TLS session, and whether an idle connection has news (then it is stale)."""
        if info == "ssl_object":
            return self.layer.session if isinstance(self.layer, TlsLayer) else None
        return self.layer.has_news() if info == "is_readable" else None


class Backend(AsyncNetworkBackend):
    """Makes one connection over a route and notes each phase on the desk."""

    def __init__(self, record: Record, route: Route, resolver: Resolver, proxy_trust: ssl.SSLContext | None) -> None:
        self.desk = Desk(record)
        self._route = route
        self._resolver = resolver
        self._proxy_trust = proxy_trust
        self._socket: socket.socket | None = None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109, ARG002
        local_address: str | None = None,  # noqa: ARG002  (the route has it)
        socket_options: Iterable[Any] | None = None,  # noqa: ARG002
    ) -> Stream:
        """DNS and TCP to the destination, or to the proxy and on through it."""
        route, record = self._route, self.desk.record
        destination = route.pin or (host, port)
        record.pinned = route.pin is not None
        if route.proxy is None:
            layer: Layer = await self._connect(*destination, Stage.TCP)
        else:
            layer = await self._connect(route.proxy.host, route.proxy.port, Stage.PROXY)
            if route.proxy.scheme == "https":
                assert self._proxy_trust is not None
                layer = TlsLayer(layer, self._proxy_trust, route.proxy.host, self.desk)
                await layer.shake_hands()
            await open_tunnel(layer, route.proxy, destination, record)
        record.stage = Stage.HTTP
        return Stream(layer, self)

    async def secure(self, stream: Stream, context: ssl.SSLContext, host: str) -> Stream:
        """The TLS handshake with the destination. Its end is the arrival of the last bytes it needed."""
        record = self.desk.record
        record.stage = Stage.TLS
        layer = TlsLayer(stream.layer, context, host, self.desk)
        start = time.monotonic_ns()
        await layer.shake_hands()
        record.tls_s = max(0, stream.layer.stamp_ns - start) / 1e9
        record.certificate = read_certificate(layer.session)
        record.stage = Stage.HTTP
        return Stream(layer, self)

    async def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The addresses of a name; a numeric one costs nothing."""
        if is_numeric(host):
            return (host,)
        addresses, seconds = await self._resolver.resolve(host, port)
        self.desk.record.dns_s = seconds
        return addresses

    async def sleep(self, seconds: float) -> None:
        """Only retries sleep, and there are none."""
        await asyncio.sleep(seconds)

    def close(self) -> None:
        """Close the socket, whatever state it is in."""
        if self._socket is not None:
            self._socket.close()

    async def _connect(self, host: str, port: int, stage: Stage) -> SocketLayer:
        record = self.desk.record
        record.stage = Stage.DNS if stage is Stage.TCP else stage
        addresses = await self.resolve(host, port)
        record.stage = stage
        if stage is Stage.TCP:
            record.addresses = addresses
        errors: list[OSError] = [] if addresses else [socket.gaierror(socket.EAI_NONAME, "no address")]
        for at, address in enumerate(addresses):
            try:
                if at == len(addresses) - 1:      # the last one may use all the time there is
                    return await self._connect_to(address, port)
                async with asyncio.timeout(self._route.patience_s):
                    return await self._connect_to(address, port)
            except OSError as error:
                errors.append(error)
        # No route of one family says little when the other family was tried as well.
        raise next((error for error in errors if error.errno not in _ROUTE_ERRORS), errors[0])

    async def _connect_to(self, address: str, port: int) -> SocketLayer:
        record = self.desk.record
        record.peer = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        sock = self._socket = self._make_socket(address)
        try:
            start = time.monotonic_ns()
            code = sock.connect_ex((address, port))
            if code == errno.EINPROGRESS:
                await wait_writable(asyncio.get_running_loop(), sock)
                code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, os.strerror(code))
            elapsed = (time.monotonic_ns() - start) / 1e9
        except BaseException:
            sock.close()
            raise
        rtt = stamps.read_connect_time(sock)
        record.tcp_s = elapsed if rtt is None else min(rtt, elapsed)
        return SocketLayer(sock, self.desk)

    def _make_socket(self, address: str) -> socket.socket:
        sock: socket.socket | None = None
        try:
            sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._route.source_address:
                sock.bind((self._route.source_address, 0))
            if self.desk.record.kernel:
                stamps.switch_on(sock)
        except OSError as error:
            if sock is not None:
                sock.close()
            raise NoRoomError(error.errno, "no socket") from error
        return sock
