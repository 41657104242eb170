"""TLS over memory: records are cut at their borders, whatever pieces they come in; what is written leaves together."""

import asyncio
import contextlib

import pytest
import servers

from probes.net.backend import Backend, Route
from probes.net.dns import Resolver
from probes.net.record import Record
from probes.net.trust import trust


@pytest.mark.parametrize("size", [1, 16_384, 16_385, 200_000])
def test_bytes_come_whole_over_tls(size: int) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()

    async def story() -> bytes:
        context = trust(servers.authority()[1])
        async with servers.serving(echo, servers.server_context()) as port:
            backend = Backend(Record(kernel=False), Route(), Resolver(), None)
            with contextlib.closing(backend):
                stream = await backend.secure(await backend.connect_tcp("127.0.0.1", port), context, servers.NAME)
                sent = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
                writing = asyncio.create_task(_write(stream, sent))
                got = b""
                while len(got) < size:
                    got += await asyncio.wait_for(stream.read(65_536), 5)
                await writing
                assert got == sent
                assert not stream.get_extra_info("is_readable")
                return got

    assert len(asyncio.run(story())) == size


async def _write(stream: object, data: bytes) -> None:
    await stream.write(data)  # type: ignore[attr-defined]
    await stream.layer.flush()  # type: ignore[attr-defined]
