"""HTTP/1.1 over one stream: h11 knows the protocol, our stream carries the bytes.

No locks, traces or pools: one call at a time uses a connection, and the call's own deadline cuts every wait.
"""

import time
from collections.abc import AsyncIterator

import h11
import httpx

from probes.net.backend import Stream

_READ = 65_536
_HEAD_LIMIT = 100 * 1024     # more than the longest head any of the large servers sends


class Http1:
    """One side of a conversation: ask, read the whole answer, ask again."""

    __slots__ = ("_idle_since_s", "_machine", "_stream")

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._machine = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_LIMIT)
        self._idle_since_s: float | None = None

    async def ask(self, request: httpx.Request) -> h11.Response:
        """The final answer's head. Raises h11.ProtocolError where either side breaks the protocol."""
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        data = self._machine.send(head) or b""
        if request.content:
            data += self._machine.send(h11.Data(data=request.content)) or b""
        await self._stream.write(data + (self._machine.send(h11.EndOfMessage()) or b""))
        while isinstance(event := await self._hear(), h11.InformationalResponse):
            pass      # only a notice that more is to come
        if not isinstance(event, h11.Response):
            raise h11.RemoteProtocolError("no answer")
        return event

    async def read(self) -> AsyncIterator[bytes]:
        """The body as it comes."""
        while isinstance(event := await self._hear(), h11.Data):
            yield bytes(event.data)

    def rest(self) -> bool:
        """After an answer: whether it was taken in whole and the connection may be used again."""
        if self._machine.our_state is not h11.DONE or self._machine.their_state is not h11.DONE:
            return False
        self._machine.start_next_cycle()
        self._idle_since_s = time.monotonic()
        return True

    def is_usable(self, idle_s: float) -> bool:
        """Whether it has not rested too long, and the other side has neither closed nor spoken unasked."""
        rested_s = time.monotonic() - (self._idle_since_s or 0.0)
        return rested_s <= idle_s and not self._stream.layer.has_news()

    async def _hear(self) -> object:
        while (event := self._machine.next_event()) is h11.NEED_DATA:
            self._machine.receive_data(await self._stream.read(_READ))
        return event
