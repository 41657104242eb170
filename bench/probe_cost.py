"""CPU per fresh HTTPS probe: ours, plain asyncio streams + ssl, and blackbox_exporter, turn by turn in one run.

Only the CPU time of the process that probes is counted: the server and whoever asks blackbox_exporter are others.
Goals: <= 1.35x of plain asyncio, <= 1.25x of blackbox_exporter.
"""

import asyncio
import os
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping

from bench._rig import INSTALL, NAME, Place, blackbox, serving
from bench._table import Line, say
from probes.model import HttpCall, Vantage
from probes.run import Runner

OURS, PLAIN, BLACKBOX = "ours", "asyncio streams + ssl", "blackbox_exporter"
GOALS = {PLAIN: 1.35, BLACKBOX: 1.25}

Probe = Callable[[], Awaitable[object]]
Contender = tuple[Probe, Callable[[], float]]      # one probe, and the clock of the CPU it uses


async def _plain(port: int, context: ssl.SSLContext) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=NAME)
    writer.write(f"GET / HTTP/1.1\r\nhost: {NAME}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert len(await reader.readexactly(20)) == 20
    writer.transport.abort()


async def _ours(runner: Runner, call: HttpCall, vantage: Vantage) -> None:
    exchange = await runner.run(call, vantage)
    assert len(exchange.body) == 20, exchange


async def _take_turns(contenders: Mapping[str, Contender], rounds: int, count: int) -> dict[str, list[float]]:
    """CPU us a probe of each, a figure a round; a first round warms up."""
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds + 1):
        for name, (probe, clock_s) in contenders.items():
            start = clock_s()
            for _ in range(count):
                await probe()
            spent[name].append((clock_s() - start) / count * 1e6)
    return {name: figures[1:] for name, figures in spent.items()}


async def _compare(place: Place, rounds: int, count: int) -> dict[str, list[float]]:
    context = ssl.create_default_context(cafile=place.ca_file)
    runner = Runner(lambda _: None)
    vantage = Vantage("here", "here", hosts={NAME: f"127.0.0.1:{place.port}"}, ca_file=place.ca_file)
    call = HttpCall("GET", f"https://{NAME}/")
    contenders: dict[str, Contender] = {
        PLAIN: (lambda: _plain(place.port, context), time.process_time),
        OURS: (lambda: _ours(runner, call, vantage), time.process_time),
    }
    with blackbox(place) as other:
        if other is not None:
            contenders[BLACKBOX] = (other.probe, other.cpu_s)
        figures = await _take_turns(contenders, rounds, count)
    await runner.aclose()
    return figures


def main() -> int:
    """Print each ratio; 0 if no goal is missed."""
    rounds, count = int(os.environ.get("BENCH_ROUNDS", "15")), int(os.environ.get("BENCH_COUNT", "60"))
    with serving() as place:
        figures = asyncio.run(_compare(place, rounds, count))
    verdicts = [_judge(name, figures) for name in GOALS]      # all are printed
    return 0 if all(verdicts) else 1


def _judge(name: str, figures: Mapping[str, list[float]]) -> bool:
    mine, goal = figures[OURS], f"<= {GOALS[name]}x"
    what, measured = f"CPU a fresh HTTPS probe / {name}", f"{statistics.median(mine):.0f} us"
    if name not in figures:
        return say(Line(what, measured, goal, None, INSTALL))
    ratio = statistics.median(a / b for a, b in zip(mine, figures[name], strict=True))
    return say(Line(what, measured, goal, ratio <= GOALS[name], f"{statistics.median(figures[name]):.0f} us",
                    f"{ratio:.2f}"))


if __name__ == "__main__":
    raise SystemExit(main())
