"""How wrong the first byte's time is, against the server's own send stamp: kernel stamps beside a user-space timer.

Three loads of fresh HTTPS probes: 200/s spread, a herd of 200 at once, 200/s while the loop is blocked 50 ms of every
150. The server is a process of its own and tells in its answer when it sent it (the monotonic clock is shared); it
answers 50 ms after the request. The user-space timer is a second stamp taken of the very same probe.
Goal: p99 error of the kernel's stamp <= 0.25 ms and <= 1/20 of the timer's, in every load.
"""

import asyncio
import multiprocessing
import os
import ssl
import statistics
import sys
import tempfile
import time
from contextvars import ContextVar
from pathlib import Path

import trustme

from probes import run
from probes.model import HttpCall, Vantage
from probes.net import record as notes
from probes.run import Runner

NAME = "bench.test"
DELAY_S = 0.05
_Errors = list[tuple[float, float]]


def _serve(context: ssl.SSLContext, port: "multiprocessing.Queue[int]") -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await asyncio.sleep(DELAY_S)
            # the stamp is the last thing before the bytes are encrypted and sent
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n%020d" % time.monotonic_ns())
            await reader.read(1)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context, backlog=1024)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


_latest: ContextVar[list["_Watched"]] = ContextVar("latest")


class _Watched(notes.Record):
    """A record that also notes when our own clock saw the first byte."""

    seen_ns: int | None = None

    def note_data(self, moment_ns: int) -> None:
        if self.seen_ns is None:
            self.seen_ns = time.monotonic_ns()
        notes.Record.note_data(self, moment_ns)


def _watch(kernel: bool) -> _Watched:
    record = _Watched(kernel)
    _latest.get().append(record)
    return record


async def _probe(runner: Runner, vantage: Vantage) -> tuple[float, float]:
    """One fresh probe: the kernel stamp's error and the timer's, in milliseconds."""
    mine: list[_Watched] = []
    _latest.set(mine)
    exchange = await runner.run(HttpCall("GET", f"https://{NAME}/", deadline_s=20), vantage)
    assert exchange.failure is None, exchange
    sent, record = int(exchange.body), mine[0]
    assert record.first_ns is not None
    assert record.seen_ns is not None
    return abs(record.first_ns - sent) / 1e6, abs(record.seen_ns - sent) / 1e6


async def _spread(runner: Runner, vantage: Vantage, count: int) -> _Errors:
    loop, tasks = asyncio.get_running_loop(), []
    start = loop.time()
    for at in range(count):
        await asyncio.sleep(max(0.0, start + at / 200 - loop.time()))
        tasks.append(asyncio.create_task(_probe(runner, vantage)))
    return await asyncio.gather(*tasks)


async def _herd(runner: Runner, vantage: Vantage, count: int) -> _Errors:
    return await asyncio.gather(*(_probe(runner, vantage) for _ in range(count)))


async def _blocked(runner: Runner, vantage: Vantage, count: int) -> _Errors:
    async def block() -> None:
        while True:
            until = time.perf_counter() + 0.05
            while time.perf_counter() < until:
                pass
            await asyncio.sleep(0.1)

    blocker = asyncio.create_task(block())
    try:
        return await _spread(runner, vantage, count)
    finally:
        blocker.cancel()


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def _measure(port: int, ca_file: str, rounds: int) -> bool:
    runner = Runner(lambda _: None)
    vantage = Vantage("here", "here", hosts={NAME: f"127.0.0.1:{port}"}, ca_file=ca_file)
    await _herd_warm(runner, vantage)
    good = True
    for label, load in (("spread 200/s", _spread), ("herd of 200", _herd), ("loop blocked", _blocked)):
        p50s, p99s, timers = [], [], []
        for _ in range(rounds):
            errors = await load(runner, vantage, 200)
            kernel, user = [one for one, _ in errors], [other for _, other in errors]
            p50s.append(_quantile(kernel, 0.5))
            p99s.append(_quantile(kernel, 0.99))
            timers.append(_quantile(user, 0.99))
        p50, p99, timer = (statistics.median(figures) for figures in (p50s, p99s, timers))
        met = p99 <= 0.25 and p99 <= timer / 20
        good &= met
        sys.stdout.write(
            f"first byte, {label}: kernel stamp p50 {p50:.3f} p99 {p99:.3f} ms; user-space timer p99 {timer:.3f} ms; "
            f"1/{timer / p99:.0f} (goal p99 <= 0.25 ms and <= 1/20: {'met' if met else 'not met'})\n"
        )
    await runner.aclose()
    return good


async def _herd_warm(runner: Runner, vantage: Vantage) -> None:
    for _ in range(5):
        await _probe(runner, vantage)


def main() -> int:
    """Print the errors of both stamps under each load; 0 if the goal is met in all."""
    ca = trustme.CA(key_type=trustme.KeyType.ECDSA)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(NAME, key_type=trustme.KeyType.ECDSA).configure_cert(context)
    ca_file = str(Path(tempfile.mkdtemp(prefix="bench-")) / "ca.pem")
    ca.cert_pem.write_to_path(ca_file)
    fork = multiprocessing.get_context("fork")
    port: multiprocessing.Queue[int] = fork.Queue()
    server = fork.Process(target=_serve, args=(context, port), daemon=True)
    server.start()
    plain, run.__dict__["Record"] = run.__dict__["Record"], _watch
    try:
        good = asyncio.run(_measure(port.get(timeout=10), ca_file, int(os.environ.get("BENCH_ROUNDS", "5"))))
    finally:
        run.__dict__["Record"] = plain
        server.terminate()
        server.join()
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
