"""A driver that composes the real judge → tell parts and kills itself with SIGKILL at one step.

Usage: python killed.py DATABASE LETTERS STEP. Every call of store and channel is two steps: before and after.
STEP 0 runs to the end; the number of steps is printed then.
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from worlds import a_check

from alerts.model import Alert, Message, Receipt
from monitor.clock import Clock
from monitor.courier import Courier
from monitor.judging import Judging
from monitor.known import Fallback, Known, KnownWorkload, Policy
from monitor.model import Measurement
from monitor.store.sql import open_store
from probes.model import Reading
from probes.outcome import Outcome

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
WATCHED = frozenset({"unjudged", "states", "incidents", "cursor", "carry_out", "claim", "settle", "first_reference"})


class Steps:
    def __init__(self, die_at: int) -> None:
        self.count, self.die_at = 0, die_at

    def step(self) -> None:
        self.count += 1
        if self.count == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)


class Watched:
    """The real store, with a step before and after each call."""

    def __init__(self, store: Any, steps: Steps) -> None:
        self._store, self._steps = store, steps

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._store, name)
        if name not in WATCHED:
            return real

        def call(*args: Any, **named: Any) -> Any:
            self._steps.step()
            out = real(*args, **named)
            self._steps.step()
            return out

        return call


class Letters:
    """A channel whose other side is a file that outlives us."""

    def __init__(self, path: Path, steps: Steps) -> None:
        self.path, self.steps = path, steps

    def render(self, alert: Alert) -> Message:
        return Message(alert.occasion, alert.proposed)

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        self.steps.step()
        with self.path.open("a") as out:
            out.write(f"{message.key} {message.text}\n")
        self.steps.step()
        return Receipt("r")


def main(database: str, letters: str, die_at: int) -> None:
    steps = Steps(die_at)
    real = open_store(f"sqlite:///{database}")
    check, other = a_check("vendor"), a_check("other", provider="other")
    real.register([check, other], START)
    rows = []
    for minute in range(8):
        at = START + timedelta(minutes=minute)
        rows.append(Measurement(other, at, at, 0.0, Reading(Outcome.OK, "200")))
        rows.append(Measurement(check, at, at, 0.0, Reading(Outcome.GEO_RESTRICTED, "refused", confidence=0.99)))
    real.record(rows)
    # each life is later than the one before: past every lease
    lives = Path(f"{database}.lives")
    lives.write_text(f"{lives.read_text() if lives.exists() else ''}x")
    clock = Clock(epoch=START + timedelta(minutes=10 + 5 * len(lives.read_text())))
    store: Any = Watched(real, steps)
    work = KnownWorkload("smart", "acme", (Fallback("spare", "other"),), "gateway", ("smart",))
    channels = {"a": Letters(Path(letters), steps), "b": Letters(Path(letters), steps)}

    async def live() -> None:
        await Judging(store, Policy(), Known(channels=("a", "b"), workloads=(work,)), clock).once()
        await Courier(store, channels, clock, lambda errand: "diff").once()

    asyncio.run(live())
    real.close()
    print(steps.count)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
