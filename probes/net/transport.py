"""httpx's transport, ours: a prebuilt request over one connection, fresh or from the shelf of idle ones."""

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass

import h11
import httpx

from probes.net.backend import Backend, Route
from probes.net.dns import Resolver
from probes.net.http1 import Http1
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


_Key = tuple[bytes, bytes, int | None, Route, ssl.SSLContext]


class Line:
    """One connection and the backend that makes it."""

    __slots__ = ("_http", "backend", "used")

    def __init__(self, ride: Ride, resolver: Resolver) -> None:
        self.backend = Backend(ride.record, ride.route, resolver, ride.trust)
        self._http: Http1 | None = None
        self.used = False

    async def send(self, request: httpx.Request, trust: ssl.SSLContext) -> h11.Response:
        """The answer's head, over the connection there is or one made now."""
        if self._http is None:
            url = request.url
            secure = url.scheme == "https"
            host = url.raw_host.decode("ascii")
            stream = await self.backend.connect_tcp(host, url.port or (443 if secure else 80))
            if secure:
                stream = await self.backend.secure(stream, trust, host)
            self._http = Http1(stream)
        return await self._http.ask(request)

    def read(self) -> AsyncIterator[bytes]:
        """The body of the answer whose head has come."""
        assert self._http is not None
        return self._http.read()

    def rest(self) -> bool:
        """Whether the last answer was taken in whole and another may be asked for."""
        return self._http is not None and self._http.rest()

    def is_usable(self) -> bool:
        """Whether the other side has not closed it meanwhile, nor is about to."""
        return self._http is not None and self._http.is_usable(_IDLE_S)


class Transport(httpx.AsyncBaseTransport):
    """Sends requests; keeps idle connections per origin, route and trust. No redirects, cookies or environment."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._shelf: dict[_Key, list[Line]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer's head; its body is still to come. Raises what h11 and the backend raise."""
        ride: Ride = request.extensions["ride"]
        key = None if ride.fresh else _key(request.url, ride)
        line = self._take(key)
        try:
            return await self._send(request, line or Line(ride, self._resolver), key)
        except (ConnectionError, h11.RemoteProtocolError):
            # An idle connection that was closed under us, without a byte in answer, says nothing about the vendor.
            if line is None or ride.record.first_ns is not None:
                raise
            ride.record.ended, ride.record.sent_ns, ride.record.stage = False, None, Stage.START
            return await self._send(request, Line(ride, self._resolver), key)

    async def aclose(self) -> None:
        """Close what is on the shelf."""
        for lines in self._shelf.values():
            for line in lines:
                line.backend.close()
        self._shelf.clear()

    async def _send(self, request: httpx.Request, line: Line, key: _Key | None) -> httpx.Response:
        ride: Ride = request.extensions["ride"]
        before, line.backend.desk.record = line.backend.desk.record, ride.record
        if line.used:      # no phases this time, but still the same other side
            ride.record.stage = Stage.HTTP
            ride.record.peer, ride.record.certificate = before.peer, before.certificate
        try:
            answer = await line.send(request, ride.trust)
        except BaseException:
            line.backend.close()
            raise
        line.used = True
        return httpx.Response(answer.status_code, headers=answer.headers.raw_items(), stream=Body(line, self, key))

    def _take(self, key: _Key | None) -> Line | None:
        lines = self._shelf.get(key, []) if key is not None else []
        while lines:
            line = lines.pop()
            if line.is_usable():
                return line
            line.backend.close()
        return None

    def give_back(self, line: Line, key: _Key | None) -> None:
        """Keep a connection whose answer is complete; close any other, and one that was to be used once (no key)."""
        lines = self._shelf.setdefault(key, []) if key is not None else []
        if key is None or len(lines) >= _PER_ORIGIN or not line.rest():
            line.backend.close()
        else:
            lines.append(line)


class Body(httpx.AsyncByteStream):
    """The body as it comes, never decoded."""

    def __init__(self, line: Line, transport: Transport, key: _Key | None) -> None:
        self._line = line
        self._transport = transport
        self._key = key

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._line.read()

    async def aclose(self) -> None:
        """Done with the answer."""
        self._transport.give_back(self._line, self._key)


def _key(url: httpx.URL, ride: Ride) -> _Key:
    return url.raw_scheme, url.raw_host, url.port, ride.route, ride.trust
