"""CPU per fresh HTTPS probe, beside plain asyncio streams + ssl in the same run, turn by turn. Goal: <= 1.35x.

The server is a process of its own, so that its CPU is not ours; only this process' CPU time is counted.
"""

import asyncio
import multiprocessing
import os
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path

import trustme

from probes.model import HttpCall, Vantage
from probes.run import Runner

GOAL = 1.35
NAME = "bench.test"


def _serve(context: ssl.SSLContext, port: "multiprocessing.Queue[int]") -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


async def _plain(port: int, context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=NAME)
    writer.write(f"GET / HTTP/1.1\r\nhost: {NAME}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert await reader.readexactly(2) == b"ok"
    writer.transport.abort()


async def _compare(port: int, ca_file: str, rounds: int, count: int) -> tuple[list[float], list[float]]:
    context = ssl.create_default_context(cafile=ca_file)
    runner = Runner(lambda _: None)
    vantage = Vantage("here", "here", hosts={NAME: f"127.0.0.1:{port}"}, ca_file=ca_file)
    call = HttpCall("GET", f"https://{NAME}/")
    ours, plain = [], []
    for _ in range(rounds + 1):
        start = time.process_time()
        for _ in range(count):
            await _plain(port, context)
        middle = time.process_time()
        for _ in range(count):
            exchange = await runner.run(call, vantage)
            assert exchange.body == b"ok", exchange
        plain.append((middle - start) / count * 1e6)
        ours.append((time.process_time() - middle) / count * 1e6)
    await runner.aclose()
    return ours[1:], plain[1:]      # the first round warms up


def main() -> int:
    """Print both figures and their ratio; 0 if the goal is met."""
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(NAME, key_type=trustme.KeyType.ECDSA).configure_cert(context)
    ca_file = str(Path(tempfile.mkdtemp(prefix="bench-")) / "ca.pem")
    ca.cert_pem.write_to_path(ca_file)
    fork = multiprocessing.get_context("fork")
    port: multiprocessing.Queue[int] = fork.Queue()
    server = fork.Process(target=_serve, args=(context, port), daemon=True)
    server.start()
    try:
        rounds, count = int(os.environ.get("BENCH_ROUNDS", "7")), int(os.environ.get("BENCH_COUNT", "60"))
        ours, plain = asyncio.run(_compare(port.get(timeout=10), ca_file, rounds, count))
    finally:
        server.terminate()
        server.join()
    ratio = statistics.median(a / b for a, b in zip(ours, plain, strict=True))
    sys.stdout.write(
        f"fresh HTTPS probe: {statistics.median(ours):.0f} us CPU; asyncio streams + ssl "
        f"{statistics.median(plain):.0f} us; ratio {ratio:.2f} (goal <= {GOAL})\n"
    )
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
