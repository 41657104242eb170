"""A row is acknowledged only once committed, even across kill -9."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from history import a_check, a_measurement

from monitor.errors import StoreError
from monitor.model import Measurement
from monitor.store.sql import open_store
from monitor.store.writer import Writer

CHECK = a_check()


class Tape:
    """A record() that can be held back."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.go = threading.Event()
        self.go.set()

    def record(self, measurements: Sequence[Measurement]) -> None:
        assert self.go.wait(10)
        self.batches.append(len(measurements))


def test_many_puts_are_one_commit() -> None:
    tape = Tape()

    async def play() -> None:
        async with Writer(tape, every_s=60, rows=50) as writer:
            await asyncio.gather(*(writer.put(a_measurement(CHECK, n)) for n in range(50)))

    asyncio.run(play())
    assert tape.batches == [50], "a full batch does not wait for the clock"


def test_put_returns_only_after_the_commit() -> None:
    tape = Tape()
    tape.go.clear()

    async def play() -> None:
        async with Writer(tape, every_s=0) as writer:
            put = asyncio.create_task(writer.put(a_measurement(CHECK)))
            done, _ = await asyncio.wait({put}, timeout=0.1)
            assert not done
            tape.go.set()
            await put
            assert tape.batches == [1]

    asyncio.run(play())


def test_close_flushes_and_what_comes_later_is_refused() -> None:
    tape = Tape()

    async def play() -> None:
        writer = Writer(tape, every_s=60)
        puts = [asyncio.create_task(writer.put(a_measurement(CHECK, n))) for n in range(3)]
        await asyncio.sleep(0)
        await writer.close()
        await asyncio.gather(*puts)
        await writer.close()
        with pytest.raises(StoreError, match="closed"):
            await writer.put(a_measurement(CHECK, 9))

    asyncio.run(play())
    assert tape.batches == [3]


def test_a_failure_reaches_everyone_who_waits_and_the_next_batch_is_tried() -> None:
    class FullOnce(Tape):
        def record(self, measurements: Sequence[Measurement]) -> None:
            super().record(measurements)
            if len(self.batches) == 1:
                raise StoreError("disk full")

    tape = FullOnce()

    async def play() -> None:
        async with Writer(tape, every_s=60, rows=2) as writer:
            said = await asyncio.gather(
                *(writer.put(a_measurement(CHECK, n)) for n in range(2)), return_exceptions=True
            )
            assert [str(item) for item in said] == ["disk full", "disk full"]
            await asyncio.gather(*(writer.put(a_measurement(CHECK, n)) for n in range(2)))

    asyncio.run(play())
    assert tape.batches == [2, 2]


def test_someone_cancelled_while_waiting_does_not_stop_the_writer() -> None:
    tape = Tape()

    async def play() -> None:
        async with Writer(tape, every_s=60, rows=2) as writer:
            gone = asyncio.create_task(writer.put(a_measurement(CHECK, 0)))
            await asyncio.sleep(0)
            gone.cancel()
            await writer.put(a_measurement(CHECK, 1))

    asyncio.run(play())
    assert tape.batches == [2], "measured is measured: the row is kept"


CHILD = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from history import a_check, a_measurement
from monitor.store.sql import open_store
from monitor.store.writer import Writer

async def main():
    store, check = open_store(sys.argv[1]), a_check()
    async with Writer(store, every_s=0.002, rows=20) as writer:
        async def one(start):
            for minute in range(start, 10**9, 8):
                await writer.put(a_measurement(check, minute))
                sys.stdout.write(f"{minute}\\n")
                sys.stdout.flush()
        await asyncio.gather(*(one(n) for n in range(8)))

asyncio.run(main())
"""


def test_kill_9_keeps_every_acknowledged_row(tmp_path: Path) -> None:
    database = tmp_path / "watch.db"
    support = Path(__file__).parents[2] / "support"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(database), str(support)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    acknowledged = [child.stdout.readline() for _ in range(120)]
    os.kill(child.pid, signal.SIGKILL)
    # The last line may have been cut by the kill.
    acknowledged += [line for line in child.stdout.readlines() if line.endswith("\n")]
    child.stdout.close()
    assert child.wait(10) == -signal.SIGKILL
    store = open_store(str(database))
    kept = {round((sample.slot - a_measurement(CHECK).slot).total_seconds() / 60) for sample in store.unjudged(10**6)}
    store.record([a_measurement(CHECK, -1)])
    store.close()
    assert {int(line) for line in acknowledged} <= kept
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
