"""One stand-in vendor: a TLS server on loopback that looks up in the world how to treat who asks.

Faults below HTTP (reset, silence) happen before the handshake, as a wall between would do it; that is why every
stand-in has a port of its own.
"""

import asyncio
import contextlib
import json
import socket
import ssl
import struct
from dataclasses import dataclass, field

from probes.sim.bodies import Answer, keyless, refusal
from probes.sim.speech import Speech, speak
from probes.sim.thread import read_thread
from probes.sim.world import Asker, Behaviour, World

_LINGER_RESET = struct.pack("ii", 1, 0)     # close sends RST instead of FIN


@dataclass(frozen=True, slots=True)
class Ask:
    """A request as it arrived. Header names are lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def key(self) -> str:
        """The key that was shown, or ''."""
        bearer = self.headers.get("authorization", "").removeprefix("Bearer ")
        return bearer or self.headers.get("x-api-key", "") or self.headers.get("x-goog-api-key", "") \
            or self.headers.get("api-key", "")


@dataclass(slots=True)
class StandIn:
    """A vendor's stand-in. `open_listing`: list-models answers without a key. `port` is set by `start`.

    No `context`: plain HTTP, for a gateway that trusts no certificate of ours.
    """

    provider: str
    dialect: str
    models: tuple[str, ...]
    world: World
    context: ssl.SSLContext | None
    open_listing: bool = False
    slow_s: float = 1.0
    neutral: bool = False
    zone: str = "global"
    port: int = 0
    _server: asyncio.Server | None = None
    _silent: asyncio.Event = field(default_factory=asyncio.Event)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._silent.set()
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("peername")[0]
        try:
            first = self.world.behaviour(Asker(self.provider, address, zone=self.zone))
            if first is Behaviour.RESET:
                _reset(writer)
            elif first is Behaviour.SILENT:
                self.world.calls.append(Asker(self.provider, address, zone=self.zone))
                await self._silent.wait()
            else:
                if self.context is not None:
                    await writer.start_tls(self.context)
                await self._serve(reader, writer, address)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError):
            pass    # the other side hung up: what it meant to do
        finally:
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str) -> None:
        while (ask := await _read(reader)) is not None:
            asker = Asker(self.provider, address, ask.key, self.zone)
            self.world.calls.append(asker)
            behaviour = self.world.behaviour(asker)
            if behaviour is Behaviour.SLOW:
                await asyncio.sleep(self.slow_s)
            answer = self._answer(ask, behaviour)
            if isinstance(answer, Answer):
                await _send(writer, answer)
            elif not await _stream(writer, answer, cut=behaviour is Behaviour.CUT):
                return
            if ask.headers.get("connection", "").lower() == "close":
                return

    def _answer(self, ask: Ask, behaviour: Behaviour) -> Answer | Speech:
        if self.neutral:
            return Answer(200, b"ok", (("content-type", "text/plain"),))
        listing = ask.path.partition("?")[0].endswith("/models")
        refused = refusal(self.dialect, behaviour)
        spared = {Behaviour.RETIRED: listing, Behaviour.BAN: not ask.key, Behaviour.PICKY: not _is_replayed(ask.body)}
        if refused is not None and not spared.get(behaviour, False):
            return refused
        if not ask.key and not (listing and self.open_listing):
            return keyless(self.dialect)
        return speak(self.dialect, ask.path, ask.body, () if behaviour is Behaviour.RETIRED else self.models,
                     behaviour)


def _is_replayed(body: bytes) -> bool:
    """Whether somebody's thinking is in it."""
    return bool(body) and read_thread(json.loads(body)).thinking


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
    writer.transport.abort()


async def _read(reader: asyncio.StreamReader) -> Ask | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length") or 0))
    return Ask(method, path, headers, body)


async def _send(writer: asyncio.StreamWriter, answer: Answer) -> None:
    head = [f"HTTP/1.1 {answer.status} Stand-in", *(f"{name}: {value}" for name, value in answer.headers),
            f"content-length: {len(answer.body)}", "", ""]
    writer.write("\r\n".join(head).encode() + answer.body)
    await writer.drain()


async def _stream(writer: asyncio.StreamWriter, speech: Speech, *, cut: bool) -> bool:
    """Send events with a pause before each. False where the connection was cut on purpose."""
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")
    for index, event in enumerate(speech.events):
        if cut and index == len(speech.events) // 2:
            _reset(writer)
            return False
        await asyncio.sleep(speech.pause_s)
        writer.write(f"{len(event):x}\r\n".encode() + event + b"\r\n")
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True
