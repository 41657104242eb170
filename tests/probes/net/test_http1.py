"""HTTP/1.1 over a stream: what is asked leaves in one piece, what comes is cut as the protocol says."""

import asyncio
import contextlib
from collections.abc import Iterator

import h11
import httpcore
import httpx
import pytest
import servers

from probes.net.backend import Backend, Route, Stream
from probes.net.dns import Resolver
from probes.net.http1 import Http1
from probes.net.record import Record
from probes.net.trust import trust

GET = httpx.Request("GET", "https://vendor.test/v1/models?x=1", headers=[("Accept-Encoding", "identity")])


class Quiet:
    """A layer on which nothing comes unasked, or something does."""

    news = False

    def has_news(self) -> bool:
        return self.news


class Script(Stream):
    """A stream that answers with these pieces, then closes."""

    def __init__(self, *pieces: bytes) -> None:
        self.layer = Quiet()  # type: ignore[assignment]
        self.written: list[bytes] = []
        self._pieces: Iterator[bytes] = iter(pieces)

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return next(self._pieces, b"")

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.written.append(buffer)


async def whole(http: Http1, request: httpx.Request = GET) -> tuple[int, bytes]:
    head = await http.ask(request)
    return head.status_code, b"".join([part async for part in http.read()])


@pytest.mark.parametrize("pieces", [
    (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",),
    (b"HTTP/1.1 200 OK\r\nconte", b"nt-length: 5\r\n\r", b"\nhe", b"llo"),
    (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n", b"3\r\nllo\r\n0\r\n\r\n"),
    (b"HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",),
    (b"HTTP/1.0 200 OK\r\n\r\n", b"hello"),
])  # fmt: skip
def test_an_answer_is_read_however_it_is_cut(pieces: tuple[bytes, ...]) -> None:
    assert asyncio.run(whole(Http1(Script(*pieces)))) == (200, b"hello")


def test_a_request_leaves_in_one_piece() -> None:
    stream = Script(b"HTTP/1.1 204 No Content\r\n\r\n")
    post = httpx.Request("POST", "https://vendor.test/v1", headers=[("X-Key", "k")], content=b"{}")
    assert asyncio.run(whole(Http1(stream), post)) == (204, b"")
    (sent,) = stream.written
    assert sent.startswith(b"POST /v1 HTTP/1.1\r\nHost: vendor.test\r\n")
    assert sent.endswith(b"\r\nContent-Length: 2\r\n\r\n{}")


def test_a_connection_rests_only_after_a_whole_answer() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"

    async def story() -> None:
        stream = Script(answer, answer)
        http = Http1(stream)
        await http.ask(GET)
        assert not http.rest()      # the body has not been taken
        assert b"".join([part async for part in http.read()]) == b"hello"
        assert http.rest()
        assert http.is_usable(60)
        assert not http.is_usable(-1)
        stream.layer.news = True  # type: ignore[attr-defined]
        assert not http.is_usable(60)
        assert await whole(http) == (200, b"hello")

    asyncio.run(story())


def test_a_connection_that_is_to_close_does_not_rest() -> None:
    http = Http1(Script(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"))
    assert asyncio.run(whole(http)) == (200, b"")
    assert not http.rest()


@pytest.mark.parametrize("pieces", [
    (), (b"SSH-2.0-OpenSSH_9.2\r\n",), (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhel",),
    (b"HTTP/1.1 101 Switching Protocols\r\n\r\n",), (b"HTTP/1.1 200 OK\r\nx: " + b"a" * 110_000,),
])  # fmt: skip
def test_what_breaks_the_protocol_is_said(pieces: tuple[bytes, ...]) -> None:
    with pytest.raises(h11.RemoteProtocolError):
        asyncio.run(whole(Http1(Script(*pieces))))


def test_what_cannot_be_written_is_our_fault() -> None:
    bad = httpx.Request("GET", "https://vendor.test/", headers=[(b"x", b"a\r\nb: c")])
    stream = Script()
    with pytest.raises(h11.LocalProtocolError):
        asyncio.run(whole(Http1(stream), bad))
    assert stream.written == []


def test_the_stream_stays_one_that_httpcore_takes() -> None:
    """The seam is public: httpcore's own connection over our backend reads the same answer."""

    async def story() -> bytes:
        context = trust(servers.authority()[1])
        async with servers.serving(servers.answering(), servers.server_context()) as port:
            backend = Backend(Record(kernel=False), Route(pin=("127.0.0.1", port)), Resolver(), None)
            with contextlib.closing(backend):
                async with httpcore.AsyncConnectionPool(context, network_backend=backend) as pool:
                    return (await pool.request("GET", f"https://{servers.NAME}/")).content

    assert asyncio.run(story()) == b"hello"
