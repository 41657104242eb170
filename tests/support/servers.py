"""Loopback servers that answer, fail and dawdle on purpose, with certificates of a CA made for the run."""

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
import struct
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import lru_cache
from pathlib import Path

import trustme

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
NAME = "good.test"


@lru_cache(maxsize=1)
def authority() -> tuple[trustme.CA, str]:
    """The run's own CA and the file that holds its certificate."""
    ca = trustme.CA()
    path = Path(tempfile.mkdtemp(prefix="ca-")) / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return ca, str(path)


@lru_cache(maxsize=8)
def server_context(kind: str = "good") -> ssl.SSLContext:
    """A server's context: 'good' (for NAME and the numbers), 'expired', 'wrong_host', 'untrusted'."""
    ca = trustme.CA() if kind == "untrusted" else authority()[0]
    past = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    names = ("other.test",) if kind == "wrong_host" else (NAME, "localhost", "127.0.0.1", "proxy.test")
    leaf = ca.issue_cert(*names, not_after=past if kind == "expired" else None)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


@contextlib.asynccontextmanager
async def serving(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server for as long as the block lasts; gives its port."""
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(_talk(talk, reader, writer))
        talks.add(task)
        task.add_done_callback(talks.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0)


async def _talk(talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, EOFError):
            await talk(reader, writer)
        writer.close()
        async with asyncio.timeout(1):
            await writer.wait_closed()
    except (OSError, ssl.SSLError):
        pass
    finally:
        writer.transport.abort()      # a TLS farewell would wait for a client that has none to give


async def read_request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    """One request: its first line, its headers in lower case, its body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
    return first, headers, await reader.readexactly(int(headers.get("content-length", "0")))


def answering(body: bytes = b"hello", status: str = "200 OK", headers: str = "", delay_s: float = 0.0) -> Talk:
    """Every request gets the same answer, over a connection that stays open."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await read_request(reader)
            await asyncio.sleep(delay_s)
            head = f"HTTP/1.1 {status}\r\n{headers}content-length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            await writer.drain()

    return talk


def streaming(pieces: list[bytes], gap_s: float, kind: str = "text/event-stream", end: str = "close") -> Talk:
    """A chunked body in pieces with gaps; at its end: 'close' properly, 'reset', 'cut' (FIN too early) or 'hang'."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for piece in pieces:
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await writer.drain()
            await asyncio.sleep(gap_s)
        if end == "close":
            writer.write(b"0\r\n\r\n")
            await writer.drain()
        elif end == "reset":
            reset(writer)
        elif end == "hang":
            await asyncio.sleep(60)

    return talk


def reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def resetting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reset as soon as the client has spoken: a censor that saw the name, when no TLS is served."""
    await reader.read(1)
    reset(writer)


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take everything, never answer."""
    while await reader.read(65_536):
        pass


async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the first words, then close without one of its own."""
    await reader.read(65_536)


def http_proxy(refuse: str | None = None, seen: list[str] | None = None, wire: bytearray | None = None) -> Talk:
    """A CONNECT proxy; every name leads to loopback. `refuse`: answer with this status. `wire`: all it reads."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first, headers, _ = await read_request(reader)
        if wire is not None:
            wire.extend(f"{first} {headers}".encode())
        if seen is not None:
            seen.extend((first, headers.get("proxy-authorization", "")))
        if refuse:
            writer.write(f"HTTP/1.1 {refuse}\r\ncontent-length: 0\r\n\r\n".encode())
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _splice(reader, writer, int(first.split()[1].rpartition(":")[2]), wire)

    return talk


def socks_proxy(
    reply: int = 0, seen: list[str] | None = None, *, hang: bool = False, wire: bytearray | None = None
) -> Talk:
    """A SOCKS5 proxy that wants no password, or the one it is given; every name leads to loopback."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        methods = await reader.readexactly((await reader.readexactly(2))[1])
        writer.write(b"\x05" + methods[:1])
        if methods[0] == 2:
            user = await reader.readexactly((await reader.readexactly(2))[1])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            if seen is not None:
                seen.append(f"{user.decode()}:{password.decode()}")
            writer.write(b"\x01\x00")
        kind = (await reader.readexactly(4))[3]
        size = {1: 4, 4: 16}.get(kind) or (await reader.readexactly(1))[0]
        host = await reader.readexactly(size)
        port = int.from_bytes(await reader.readexactly(2))
        if seen is not None:
            seen.append(host.decode("latin-1"))
        if hang:
            await asyncio.sleep(60)
        writer.write(bytes((5, reply, 0, 1, 0, 0, 0, 0, 0, 0)))
        if reply == 0:
            await _splice(reader, writer, port, wire)

    return talk


async def _splice(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, wire: bytearray | None = None
) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            if wire is not None:
                wire.extend(data)
            sink.write(data)
            await sink.drain()
        sink.close()

    try:
        await asyncio.gather(pass_on(reader, far_writer), pass_on(far_reader, writer))
    finally:
        far_writer.close()
