"""httpx's transport, ours: a prebuilt request over one httpcore connection, fresh or from the shelf of idle ones."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache

import httpcore
import httpx

from probes.net.backend import Backend, Route
from probes.net.dns import Resolver
from probes.net.record import Record, Stage

_IDLE_S = 20.0         # shorter than most vendors' own limit, so that we rarely meet a connection that is just closing
_PER_ORIGIN = 4


@dataclass(frozen=True, slots=True)
class Ride:
    """What the transport must know beside the request; travels in its extensions under 'ride'."""

    record: Record
    route: Route
    trust: ssl.SSLContext
    fresh: bool


_Key = tuple[tuple[bytes, bytes, int | None], Route, ssl.SSLContext]


class Line:
    """One connection and the backend that makes it.

    HTTP/1.1 is spoken by httpcore over our own stream: its connecting half would only add locks and traces.
    """

    __slots__ = ("_connection", "backend", "used")

    def __init__(self, ride: Ride, resolver: Resolver) -> None:
        self.backend = Backend(ride.record, ride.route, resolver, ride.trust)
        self._connection: httpcore.AsyncHTTP11Connection | None = None
        self.used = False

    async def send(self, request: httpcore.Request, trust: ssl.SSLContext) -> httpcore.Response:
        """The answer's head, over the connection there is or one made now."""
        if self._connection is None:
            origin = request.url.origin
            host = origin.host.decode("ascii")
            stream = await self.backend.connect_tcp(host, origin.port)
            if origin.scheme == b"https":
                stream = await self.backend.secure(stream, trust, host)
            self._connection = httpcore.AsyncHTTP11Connection(origin, stream, keepalive_expiry=_IDLE_S)
        return await self._connection.handle_async_request(request)

    def is_usable(self) -> bool:
        """Whether it is idle and the other side has not closed it."""
        return self.is_idle() and self._connection is not None and not self._connection.has_expired()

    def is_idle(self) -> bool:
        """Whether the last answer was taken in whole and another may be asked for."""
        return self._connection is not None and self._connection.is_idle()


class Transport(httpx.AsyncBaseTransport):
    """Sends requests; keeps idle connections per origin, route and trust. No redirects, cookies or environment."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._shelf: dict[_Key, list[Line]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's head; its body is still to come. Raises what httpcore and the backend raise."""
        ride: Ride = request.extensions["ride"]
        url = _core_url(request.url)
        key: _Key = ((url.scheme, url.host, url.port), ride.route, ride.trust)
        line = None if ride.fresh else self._take(key)
        try:
            return await self._send(request, url, line or Line(ride, self._resolver), key)
        except (ConnectionError, httpcore.RemoteProtocolError):
            # An idle connection that was closed under us, without a byte in answer, says nothing about the vendor.
            if line is None or ride.record.first_ns is not None:
                raise
            ride.record.ended, ride.record.sent_ns, ride.record.stage = False, None, Stage.START
            return await self._send(request, url, Line(ride, self._resolver), key)

    async def aclose(self) -> None:
        """Close what is on the shelf."""
        for lines in self._shelf.values():
            for line in lines:
                line.backend.close()
        self._shelf.clear()

    async def _send(self, request: httpx.Request, url: httpcore.URL, line: Line, key: _Key) -> httpx.Response:
        ride: Ride = request.extensions["ride"]
        before, line.backend.desk.record = line.backend.desk.record, ride.record
        if line.used:      # no phases this time, but still the same other side
            ride.record.stage = Stage.HTTP
            ride.record.peer, ride.record.certificate = before.peer, before.certificate
        try:
            core = httpcore.Request(request.method, url, headers=request.headers.raw, content=request.content)
            answer = await line.send(core, ride.trust)
        except BaseException:
            line.backend.close()
            raise
        line.used = True
        body = Body(answer, line, self, None if ride.fresh else key)
        return httpx.Response(answer.status, headers=answer.headers, stream=body)

    def _take(self, key: _Key) -> Line | None:
        lines = self._shelf.get(key, [])
        while lines:
            line = lines.pop()
            if line.is_usable():
                return line
            line.backend.close()
        return None

    def give_back(self, line: Line, key: _Key | None) -> None:
        """Keep a connection whose answer is complete; close any other, and one that was to be used once (no key)."""
        lines = self._shelf.setdefault(key, []) if key is not None else []
        if key is None or len(lines) >= _PER_ORIGIN or not line.is_idle():
            line.backend.close()
        else:
            lines.append(line)


class Body(httpx.AsyncByteStream):
    """The body as it comes, never decoded."""

    def __init__(self, answer: httpcore.Response, line: Line, transport: Transport, key: _Key | None) -> None:
        self._answer = answer
        self._line = line
        self._transport = transport
        self._key = key

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._answer.aiter_stream():
            yield part

    async def aclose(self) -> None:
        """Done with the answer."""
        await self._answer.aclose()
        self._transport.give_back(self._line, self._key)


@lru_cache(maxsize=1024)
def _core_url(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
