"""The shelf: connections are kept for their own route and trust only."""

import asyncio

import servers

from probes.model import HttpCall, Vantage
from probes.run import Runner


def test_another_route_never_shares_a_connection() -> None:
    made: list[int] = []

    async def counted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.append(1)
        await servers.answering()(reader, writer)

    async def story() -> None:
        runner = Runner(lambda _: None)
        async with servers.serving(counted) as port:
            call = HttpCall("GET", f"http://127.0.0.1:{port}/", fresh=False)
            for source in (None, "127.0.0.5", None, "127.0.0.5"):
                exchange = await runner.run(call, Vantage("here", "eu", source_address=source))
                assert exchange.body == b"hello"
            await runner.aclose()

    asyncio.run(story())
    assert len(made) == 2
