"""Bytes over a non-blocking socket, and TLS over those bytes, each arrival with its stamp.

TLS runs over memory BIOs, so the socket stays ours: every record's first bytes are read by a `recvmsg` of their own,
and what a record holds arrived at that record's kernel stamp. What is written waits until we read next and then
leaves in one piece: header, body and the end of the handshake share one packet.
"""

import asyncio
import contextlib
import select
import socket
import ssl
import time
from typing import Protocol

from probes.net import stamps
from probes.net.failures import EndedEarlyError
from probes.net.record import Record

_READ = 65_536
_HEAD = 5             # length of a TLS record's header
_WRITE_AT = 262_144   # more than this is sent at once, not kept


class Desk:
    """Where a connection finds the notes of the call that uses it now."""

    __slots__ = ("record",)

    def __init__(self, record: Record) -> None:
        self.record = record


class Layer(Protocol):
    """What carries bytes: the socket, or TLS over another layer."""

    stamp_ns: int

    def put(self, data: bytes) -> int:
        """Keep bytes for the next flush; returns how many wait now."""
        ...

    async def flush(self) -> None:
        """Send what waits."""
        ...

    async def receive(self, limit: int) -> bytes:
        """Send what waits, then up to `limit` bytes as soon as there are any; empty when the other side has closed."""
        ...

    def has_news(self) -> bool:
        """Whether something came in unasked, or the other side closed."""
        ...

    def close(self) -> None:
        """Let go of the socket."""
        ...


class SocketLayer:
    """A connected non-blocking socket."""

    def __init__(self, sock: socket.socket, desk: Desk) -> None:
        self._sock = sock
        self._desk = desk
        self._loop = asyncio.get_running_loop()
        self._waiting = bytearray()
        self._stamped = desk.record.kernel
        self.stamp_ns = 0

    def put(self, data: bytes) -> int:
        """Keep bytes for the next flush."""
        self._waiting += data
        return len(self._waiting)

    async def flush(self) -> None:
        """Send what waits. A pipe that broke is not an error yet: the other side may have answered before it closed."""
        while self._waiting:
            self._desk.record.sent_ns = time.monotonic_ns()
            try:
                sent = self._sock.send(self._waiting)
            except (BlockingIOError, InterruptedError):
                await wait_writable(self._loop, self._sock)
                continue
            except (BrokenPipeError, ConnectionResetError):
                self._waiting.clear()
                return
            del self._waiting[:sent]

    async def receive(self, limit: int) -> bytes:
        """Up to `limit` bytes and their stamp."""
        if self._waiting:
            await self.flush()
            await _wait_readable(self._loop, self._sock)      # what answers it cannot be here yet
        while True:
            try:
                data = self._receive_now(limit)
            except (BlockingIOError, InterruptedError):
                await _wait_readable(self._loop, self._sock)
                continue
            if not data:
                self._desk.record.ended = True
            return data

    def _receive_now(self, limit: int) -> bytes:
        record = self._desk.record
        if not self._stamped:
            data = self._sock.recv(limit)
            self.stamp_ns = record.settle_arrival(None)
            return data
        data, ancillary, _, _ = self._sock.recvmsg(limit, stamps.ANCILLARY_BYTES)
        if data:
            self.stamp_ns = record.settle_arrival(stamps.read_stamp(ancillary))
        return data

    async def receive_first(self, limit: int) -> bytes:
        """Like receive, with the stamp of the first of the bytes: a read across packets has the last one's stamp."""
        data = await self.receive(1 if self._stamped else limit)
        if not data or not self._stamped:
            return data
        with contextlib.suppress(OSError):      # an error comes again with the next read
            data += self._sock.recv(limit - 1)
        return data

    def has_news(self) -> bool:
        """Whether a read would return at once."""
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


class TlsLayer:
    """TLS over another layer."""

    def __init__(self, lower: Layer, context: ssl.SSLContext, host: str, desk: Desk) -> None:
        self._lower = lower
        self._desk = desk
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._kept = b""          # read, not yet handed to TLS
        self.stamp_ns = 0

    async def shake_hands(self) -> None:
        """The handshake. Raises ssl.SSLError, OSError; the alert we owe the other side is sent first."""
        while True:
            try:
                self.session.do_handshake()
            except ssl.SSLWantReadError:
                self._pass_down()
            except ssl.SSLError:
                self._pass_down()
                await self._lower.flush()
                raise
            else:
                self._pass_down()       # our last words wait for the request and leave with it
                return
            data = await self._lower.receive(_READ)
            if not data:
                raise EndedEarlyError("closed during the handshake")
            self._kept += data
            self._feed_whole_records()

    def put(self, data: bytes) -> int:
        """Encrypt and keep for the next flush."""
        if data:
            self.session.write(data)
        return self._pass_down()

    async def flush(self) -> None:
        """Send what waits."""
        await self._lower.flush()

    async def receive(self, limit: int) -> bytes:
        """What the next record holds, stamped with that record's arrival."""
        if self._waiting_for_record():
            await self._pull_record()
        while True:
            try:
                data = self.session.read(limit)
                self._desk.record.ended |= not data
                return data
            except ssl.SSLWantReadError:
                self._pass_down()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                self._desk.record.ended = True
                return b""
            await self._pull_record()

    def has_news(self) -> bool:
        """Whether something waits to be read."""
        return bool(self._kept or self._incoming.pending) or self._lower.has_news()

    def close(self) -> None:
        """Close what is below; no farewell: a probe does not wait for one."""
        self._lower.close()

    def _waiting_for_record(self) -> bool:
        """Whether TLS has nothing to give before another record comes: asking it would cost an exception."""
        return not (self._incoming.pending or self._incoming.eof or self.session.pending())

    def _pass_down(self) -> int:
        return self._lower.put(self._outgoing.read() if self._outgoing.pending else b"")

    def _feed_whole_records(self) -> None:
        """Hand whole records to TLS and keep the rest, so that a later read starts at a record's header."""
        while len(self._kept) >= _HEAD and len(self._kept) >= (size := _size_of(self._kept)):
            self._incoming.write(self._kept[:size])
            self._kept = self._kept[size:]

    async def _pull_record(self) -> None:
        """Read one record, its header first: that read's stamp is the record's, not the last packet's."""
        if not self._kept:
            self._kept = await self._lower.receive(_HEAD)
            self.stamp_ns = self._lower.stamp_ns
        while self._kept and (len(self._kept) < _HEAD or len(self._kept) < _size_of(self._kept)):
            missing = (_size_of(self._kept) if len(self._kept) >= _HEAD else _HEAD) - len(self._kept)
            data = await self._lower.receive(missing)
            if not data:
                break
            self._kept += data
        if len(self._kept) < _HEAD or len(self._kept) < _size_of(self._kept):
            self._incoming.write_eof()
        self._feed_whole_records()
        self.stamp_ns = self.stamp_ns or self._lower.stamp_ns


def _size_of(record: bytes) -> int:
    return _HEAD + int.from_bytes(record[3:5])


async def _wait_readable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    ready: asyncio.Future[None] = loop.create_future()
    handle = sock.fileno()      # a number: asyncio would describe a socket at length on every wait
    loop.add_reader(handle, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_reader(handle)


async def wait_writable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    """Until the socket takes bytes, or a connection attempt has come to something."""
    ready: asyncio.Future[None] = loop.create_future()
    handle = sock.fileno()
    loop.add_writer(handle, _settle, ready)
    try:
        await ready
    finally:
        loop.remove_writer(handle)


def _settle(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
