"""Carry out a probe's calls from a vantage: deadlines, caps, secrets. The I/O of this room is here and under `net`.

Whatever a network may do becomes an Exchange. Secrets are resolved here, for their own host and region only, and no
Exchange leaves before every form of every resolved value has been cut out of it.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import httpx

from probes.model import (
    Call,
    Chunk,
    DnsCall,
    Exchange,
    Failure,
    HttpCall,
    Phases,
    Reading,
    Secret,
    TlsCall,
    Vantage,
)  # fmt: skip
from probes.net.backend import Backend, Route, find_pin
from probes.net.dns import Resolver, is_bogus, is_loopback
from probes.net.failures import NETWORK_ERRORS, NoRoomError, name_deadline, name_failure
from probes.net.proxy import read_proxy
from probes.net.record import Record, Stage
from probes.net.redact import PUBLIC_HEADERS, Redactor
from probes.net.stamps import kernel_stamps_work
from probes.net.transport import Ride, Transport
from probes.net.trust import trust
from probes.outcome import Outcome
from probes.probe import Steps

_CONNECTING = frozenset({
    Failure.TCP_REFUSED, Failure.TCP_RESET, Failure.TCP_TIMEOUT, Failure.TCP_UNREACHABLE,
})


class _WithheldError(Exception):
    """A secret may not be used for this call; the text names the variable."""


class _TooLargeError(Exception):
    """One of our caps was reached."""


class _Answer:
    """What has come of an answer so far; stands when the deadline cuts the rest."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.chunks: list[Chunk] = []
        self.addresses: tuple[str, ...] = ()
        self.note = ""
        self.complete = False


class Runner:
    """Carries out calls. One per process: it shares TLS contexts, idle connections and the resolver's threads.

    `trusting`: the CA files that calls will name, a set for each context; () is the public store alone.
    """

    def __init__(
        self, secrets: Callable[[str], str | None], *, now: Callable[[], datetime] | None = None,
        trusting: Iterable[tuple[str | None, ...]] = ((),),
    ) -> None:
        self._secrets = secrets
        self._now = now or (lambda: datetime.now(UTC))
        self._resolver = Resolver()
        self._transport = Transport(self._resolver)
        self._redactor = Redactor()
        self._kernel = kernel_stamps_work()
        for ca_files in trusting:        # made now, so that no probe is billed for it
            with suppress(NoRoomError):      # a file that cannot be read is told by the probes that need it
                trust(*ca_files)

    async def aclose(self) -> None:
        """Close idle connections and let go of the resolver's threads."""
        await self._transport.aclose()
        self._resolver.close()

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading:
        """Play a probe's conversation to its reading. Our own fault becomes a reading too: PROBE_ERROR."""
        exchanges: list[Exchange] = []
        reason = "the probe ended without a reading"
        try:
            call = next(steps)
            while True:
                exchanges.append(await self.run(call, vantage))
                call = steps.send(exchanges[-1])
        except StopIteration as end:
            if isinstance(end.value, Reading):
                return end.value
        except Exception as error:  # noqa: BLE001  (law 1: our own bugs are data, never the vendor's fault)
            reason = self._redactor.clean_text(f"{type(error).__name__}: {error}")
        finally:
            steps.close()
        return Reading(Outcome.PROBE_ERROR, reason, rule="probe_error", exchanges=tuple(exchanges))

    async def run(self, call: Call, vantage: Vantage) -> Exchange:
        """Carry out one call. Never raises for what a network may do."""
        started_at = self._now()
        record, answer = Record(self._kernel), _Answer()
        failure: Failure | None = None
        detail, exception = "", None
        try:
            async with asyncio.timeout(call.deadline_s):
                await self._carry_out(call, vantage, record, answer)
        except _WithheldError as refusal:
            failure, detail = Failure.WITHHELD, str(refusal)
        except _TooLargeError as cap:
            failure, detail = Failure.TOO_LARGE, str(cap)
        except TimeoutError as error:
            failure, exception = name_deadline(record.stage), _tell(error)
            detail = f"{'ETIMEDOUT' if error.errno else 'deadline'} at {record.stage}"
        except NETWORK_ERRORS as error:
            failure, detail = name_failure(error, record)
            exception = _tell(error)
        if failure in _CONNECTING and not record.pinned and is_bogus(_host_of(call), record.addresses):
            failure, detail = Failure.DNS_BOGUS, f"{', '.join(record.addresses)} ({detail})"
        return self._redact(Exchange(
            call=call, started_at=started_at, phases=_phases(record, answer), clock=record.clock, status=answer.status,
            headers=answer.headers, chunks=tuple(answer.chunks), failure=failure, detail=detail or answer.note,
            addresses=record.addresses, peer=record.peer, certificate=record.certificate, exception=exception,
        ))  # fmt: skip

    async def _carry_out(self, call: Call, vantage: Vantage, record: Record, answer: _Answer) -> None:
        if isinstance(call, HttpCall):
            await self._send(call, vantage, record, answer)
            return
        port = 443 if isinstance(call, DnsCall) else call.port
        route = self._route(vantage, call.host, port, call.deadline_s)
        context = trust(vantage.ca_file, call.ca_file if isinstance(call, TlsCall) else None)
        backend = Backend(record, route, self._resolver, context)
        try:
            if isinstance(call, DnsCall):
                await _look_up(call, route, backend, answer)
                return
            stream = await backend.connect_tcp(call.host, call.port)
            if isinstance(call, TlsCall):
                await (await backend.secure(stream, context, call.host)).layer.flush()
            answer.complete = True
        finally:
            backend.close()

    async def _send(self, call: HttpCall, vantage: Vantage, record: Record, answer: _Answer) -> None:
        url = _read_url(call.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        route = self._route(vantage, url.host, port, call.deadline_s)
        headers = self._resolve_headers(call, url, vantage, route)
        ride = Ride(record, route, trust(vantage.ca_file, call.ca_file), call.fresh)
        request = httpx.Request(call.method, url, headers=headers, content=call.body, extensions={"ride": ride})
        response = await self._transport.handle_async_request(request)
        try:
            answer.status = response.status_code
            answer.headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw)
            await _receive(call, response, record, answer)
        finally:
            await response.aclose()

    def _route(self, vantage: Vantage, host: str, port: int, deadline_s: float) -> Route:
        try:
            proxy = read_proxy(vantage.proxy, self._resolve_name) if vantage.proxy else None
            self._redactor.suspect(proxy.password if proxy else "")
            pin = find_pin(vantage.hosts.items(), host, port)
        except ValueError as error:
            raise NoRoomError(0, f"vantage {vantage.name}: {error}") from error
        return Route(pin, vantage.source_address, proxy, patience_s=deadline_s / 3)

    def _resolve_headers(
        self, call: HttpCall, url: httpx.URL, vantage: Vantage, route: Route
    ) -> list[tuple[bytes, bytes]]:
        headers = [(b"accept-encoding", b"identity")]
        for name, value in call.headers:
            if isinstance(value, Secret):
                _check_use(value, url, vantage, route)
                headers.append((name.encode(), (value.prefix + self._resolve_name(value.env)).encode()))
            elif name.lower() != "accept-encoding":
                headers.append((name.encode(), value.encode()))
                if name.lower() not in PUBLIC_HEADERS:
                    self._redactor.suspect(value)
        return headers

    def _resolve_name(self, env: str) -> str:
        value = self._secrets(env)
        if not value:
            raise _WithheldError(f"{env} is not set")
        self._redactor.learn(value)
        return value

    def _redact(self, exchange: Exchange) -> Exchange:
        if not self._redactor:
            return exchange
        clean = self._redactor.clean_text
        return replace(
            exchange,
            call=self._redactor.clean_call(exchange.call),
            headers=self._redactor.clean_headers(exchange.headers),
            chunks=self._redactor.clean_chunks(exchange.chunks),
            detail=clean(exchange.detail),
            exception=clean(exchange.exception) if exchange.exception else exchange.exception,
        )


def _check_use(secret: Secret, url: httpx.URL, vantage: Vantage, route: Route) -> None:
    """Raise _WithheldError unless this secret may go to this host, from this region, over this wire."""
    if secret.host.lower() not in {url.host, url.netloc.decode()}:
        raise _WithheldError(f"{secret.env} is for {secret.host}, not for {url.host}")
    if secret.region != vantage.region:
        raise _WithheldError(f"{secret.env} is for region {secret.region}, not for {vantage.region}")
    goes_to = route.pin[0] if route.pin else url.host
    if url.scheme != "https" and not (is_loopback(goes_to) and route.proxy is None):
        raise _WithheldError(f"{secret.env} is sent over https only")


async def _look_up(call: DnsCall, route: Route, backend: Backend, answer: _Answer) -> None:
    record = backend.desk.record
    record.stage = Stage.DNS
    if route.pin is not None:
        record.pinned, record.addresses = True, (route.pin[0],)
        answer.note = "pinned"
    elif route.proxy is not None:
        answer.note = "the vantage's proxy resolves names"
    else:
        record.addresses = await backend.resolve(call.host, 443)
    answer.complete = True


async def _receive(call: HttpCall, response: httpx.Response, record: Record, answer: _Answer) -> None:
    """Take the body in, stamped, until it is whole or one of the call's caps is reached. What came is kept."""
    size = events = 0
    tail = b""
    streamed = response.headers.get("content-type", "").lower().startswith("text/event-stream")
    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    async for data in stream:
        at_s = record.since_start(record.arrived_ns or time.monotonic_ns())
        room = call.max_bytes - size
        _append(answer.chunks, at_s, data[:room])
        size += len(data)
        if size > call.max_bytes:
            raise _TooLargeError(f"more than {call.max_bytes} bytes")
        if streamed:
            text = tail + data
            events += text.count(b"\n\n") + text.count(b"\r\n\r\n")
            tail = b"" if text.endswith((b"\n\n", b"\r\n\r\n")) else text[-3:]
        if max(events, len(answer.chunks)) > call.max_events:
            raise _TooLargeError(f"more than {call.max_events} events")
    answer.complete = True


def _append(chunks: list[Chunk], at_s: float, data: bytes) -> None:
    """Pieces that arrived together are one chunk."""
    if chunks and chunks[-1].at_s == at_s:
        chunks[-1] = Chunk(at_s, chunks[-1].data + data)
    elif data:
        chunks.append(Chunk(at_s, data))


def _phases(record: Record, answer: _Answer) -> Phases:
    over = record.arrived_ns if answer.complete and record.arrived_ns else time.monotonic_ns()
    sent, first = record.sent_ns, record.first_ns
    asked = sent is not None and record.stage is Stage.HTTP
    return Phases(
        dns_s=record.dns_s, tcp_s=record.tcp_s, tls_s=record.tls_s,
        sent_s=record.since_start(sent) if sent is not None and asked else None,
        first_byte_s=max(0, first - sent) / 1e9 if sent is not None and first is not None else None,
        total_s=record.since_start(over),
    )  # fmt: skip


def _tell(error: BaseException) -> str:
    """Other people's words about the failure, from the outermost error to its cause."""
    texts: list[str] = []
    seen: Sequence[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in seen:
        texts.append(f"{type(one).__name__}: {one}".rstrip(": "))
        seen = [*seen, one]
        one = one.__cause__
    return " <- ".join(texts)


def _host_of(call: Call) -> str:
    return _read_url(call.url).host if isinstance(call, HttpCall) else call.host


@lru_cache(maxsize=1024)
def _read_url(text: str) -> httpx.URL:
    return httpx.URL(text)
