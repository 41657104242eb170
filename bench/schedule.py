"""Scheduling 10,000 checks a minute: the timetable against a bare heap, interleaved. Goals: docs/benchmarks.md."""

import asyncio
import heapq
import statistics
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bench._table import Line, say
from monitor.clock import Clock
from monitor.model import Check, Slot
from monitor.timetable import Timetable, next_slot_s
from probes.model import Provider, Surface, Target, Vantage

CHECKS, EVERY_S, RUN_S, ROUNDS = 10_000, 60.0, 6.0, 3
SURFACE = Surface("s", "https://x.test", "openai")


def checks() -> list[Check]:
    target = Target(Provider("p", "P"), SURFACE)
    one = Check("", "reachability", target, Vantage("v", "here"), timedelta(seconds=EVERY_S))
    made = []
    for n in range(CHECKS):
        target = Target(Provider(f"p{n % 2500}", "P"), SURFACE)
        made.append(replace(one, key=f"check {n}", target=target))
    return made


async def ours(some: list[Check]) -> tuple[float, int, int, list[float]]:
    clock, late = Clock(), []

    async def start(slot: Slot) -> None:
        late.append((clock.now() - slot.at).total_seconds())

    async def missed(slot: Slot, reason: str, slots: int) -> None:
        raise AssertionError(reason)

    table = Timetable(clock, start, missed)
    table.set_checks(some)
    table.begin()
    cpu = time.process_time()
    await asyncio.sleep(RUN_S)
    cpu = time.process_time() - cpu
    await table.drain()
    tally = table.tally
    return cpu, len(late), tally.armed - tally.started - tally.missed - tally.dropped, late


async def bare(some: list[Check]) -> tuple[float, int]:
    """Sleep until the next is due, start a task: nothing else."""
    fired, clock = 0, Clock()

    async def start(key: str, at: datetime) -> None:
        nonlocal fired
        fired += 1

    now_s = clock.now().timestamp()
    heap = [(next_slot_s(one.key, EVERY_S, now_s), one.key) for one in some]
    heapq.heapify(heap)
    kept: set[asyncio.Task[None]] = set()
    cpu, end = time.process_time(), time.monotonic() + RUN_S
    while time.monotonic() < end:
        now_s = clock.now().timestamp()
        while heap[0][0] <= now_s:
            due, key = heapq.heapreplace(heap, (heap[0][0] + EVERY_S, heap[0][1]))
            task = asyncio.create_task(start(key, datetime.fromtimestamp(due, UTC)))
            kept.add(task)
            task.add_done_callback(kept.discard)
        await asyncio.sleep(min(max(0.0, heap[0][0] - now_s), end - time.monotonic() if end > time.monotonic() else 0))
    return time.process_time() - cpu, fired


def main() -> int:
    """0 if every goal is met."""
    some, pairs, late, lost = checks(), [], [], 0
    for _ in range(ROUNDS):
        cpu, fired, unaccounted, lateness = asyncio.run(ours(some))
        plain, plain_fired = asyncio.run(bare(some))
        pairs.append((cpu / fired * 1e6, plain / plain_fired * 1e6))
        late += lateness
        lost += unaccounted
    ratio = statistics.median(ours_us / plain_us for ours_us, plain_us in pairs)
    mine_us, plain_us = (statistics.median(figures) for figures in zip(*pairs, strict=True))
    p99_ms = sorted(late)[int(len(late) * 0.99)] * 1000
    print(f"10,000 checks a minute, {len(late)} slots in {ROUNDS} rounds of {RUN_S:.0f} s")
    verdicts = [
        say(Line("CPU a slot, 10,000 checks a minute", f"{mine_us:.0f} us", "<= 1.2x", ratio <= 1.2,
                 f"{plain_us:.0f} us (bare heap)", f"{ratio:.2f}")),
        say(Line("slots unaccounted", str(lost), "0", lost == 0)),
        say(Line("p99 lateness of a slot", f"{p99_ms:.1f} ms", "<= 10 ms", p99_ms <= 10)),
    ]
    return 0 if all(verdicts) else 1


if __name__ == "__main__":
    raise SystemExit(main())
