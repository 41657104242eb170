"""One check's life: observe, then record. Every slot ends as a measurement, whatever happens (law 1).

What goes wrong on our side – a bug in a probe, a spent budget, a missed slot – is recorded as ours, never the vendor's.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Protocol

from monitor.clock import Clock
from monitor.model import Check, Measurement, Slot
from monitor.pace import Pace
from probes.model import Figures, Occasion, Reading, Vantage
from probes.outcome import Outcome
from probes.probe import Probe, Steps

log = logging.getLogger("vendorwatch.cycle")

FREE_KINDS = frozenset({"network", "reachability", "models", "notices", "pages"})


class Observer(Protocol):
    """Carries a probe's calls out; probes.run.Runner is the real one."""

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading: ...


class Purse(Protocol):
    """Hard budgets (law 10)."""

    async def refuses(self, check: Check, now: datetime) -> str:
        """Why this check may not spend now; '': it may, and `spent` will be called."""

    def spent(self, check: Check, figures: Figures) -> None:
        """What a run that was let through has cost."""


Put = Callable[[Measurement], Awaitable[None]]


def seed_of(check_key: str, slot: datetime) -> int:
    """The seed of everything a run draws: the same slot always asks the same."""
    text = f"{check_key}@{slot.isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def is_paid(check: Check) -> bool:
    """Whether a run costs tokens: keyed, and of a kind that asks a model to write."""
    return check.keyed and check.kind not in FREE_KINDS


class Cycle:
    """Observe → record. `load` makes a probe of a kind and its options; `memory` reads its notes of last time."""

    def __init__(
        self, clock: Clock, observer: Observer, put: Put, load: Callable[[str, Mapping[str, object]], Probe],
        memory: Callable[[str], Mapping[str, str]], purse: Purse | None = None,
    ) -> None:
        self._clock, self._observer, self._put, self._load = clock, observer, put, load
        self._read_memory, self._purse = memory, purse
        self._memories: dict[str, Mapping[str, str]] = {}
        self._filing: set[asyncio.Task[Measurement]] = set()
        self.pace = Pace()
        self.on_measurement: Callable[[Measurement], None] | None = None

    async def run(self, slot: Slot) -> None:
        """One slot, start to row. Returns once observed: a slow disk must not hold up the probes behind it."""
        started, reading = await self._observe(slot)
        task = asyncio.get_running_loop().create_task(self._record(slot, started, reading))
        self._filing.add(task)
        task.add_done_callback(self._filed)

    async def measure(self, slot: Slot) -> Measurement:
        """Observe and record; the measurement once it is committed."""
        return await self._record(slot, *await self._observe(slot))

    async def miss(self, slot: Slot, reason: str, slots: int = 1) -> None:
        """A slot that could not run is a row all the same."""
        figures = Figures(extra={"slots": float(slots)}) if slots > 1 else Figures()
        await self._record(slot, self._clock.now(), Reading(Outcome.SKIPPED, reason, figures))

    async def finish(self) -> None:
        """Wait for the rows under way."""
        await asyncio.gather(*self._filing, return_exceptions=True)

    def _filed(self, task: "asyncio.Task[Measurement]") -> None:
        self._filing.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a measurement could not be stored error=%r", repr(task.exception()))

    async def _observe(self, slot: Slot) -> tuple[datetime, Reading]:
        """Raises nothing that a probe or a vendor may cause."""
        started = self._clock.now()
        try:
            reading = await self._reading(slot)
        except Exception as bug:
            log.exception("a probe failed check=%s", slot.check.key)
            reading = Reading(Outcome.PROBE_ERROR, f"{type(bug).__name__} in the probe itself: {bug}"[:300])
        if reading.memory is not None:
            self._memories[slot.check.key] = reading.memory
        return started, reading

    async def _reading(self, slot: Slot) -> Reading:
        check = slot.check
        if self._purse is None or not is_paid(check):
            return await self._asked(slot)
        refusal = await self._purse.refuses(check, self._clock.now())
        if refusal:
            return Reading(Outcome.SKIPPED, refusal)
        figures = Figures()
        try:
            reading = await self._asked(slot)
            figures = reading.figures
        finally:
            self._purse.spent(check, figures)
        return reading

    async def _asked(self, slot: Slot) -> Reading:
        check = slot.check
        run = self.pace.begin(check, self._clock.now())
        if run.held:
            return Reading(Outcome.SKIPPED, run.held)
        try:
            occasion = Occasion(slot.at, seed_of(check.key, slot.at), await self._memory(check.key),
                                check.vantage.region)
            steps = self._load(check.kind, check.options).steps(check.target, occasion)
            paced = self.pace.paced(run, steps, self._clock.now)
            reading = await self._observer.observe(paced, check.vantage)
        finally:
            self.pace.end(run)
        return self.pace.heed(run, reading, self._clock.now())

    async def _memory(self, key: str) -> Mapping[str, str]:
        if key not in self._memories:     # read once: afterwards we are the only ones who write it
            self._memories[key] = await asyncio.to_thread(self._read_memory, key)
        return self._memories[key]

    async def _record(self, slot: Slot, started: datetime, reading: Reading) -> Measurement:
        lateness = max(0.0, (started - slot.at).total_seconds())
        measurement = Measurement(slot.check, slot.at, started, lateness, reading)
        await self._put(measurement)
        if self.on_measurement is not None:
            self.on_measurement(measurement)
        return measurement
