"""The timetable: turns checks into timed calls. The only file that knows apscheduler.

One tick job arms the checks that fall due within the next moment from a heap; phases are spread by a stable hash, so
that checks started together do not fire together. Law 6: every slot that comes due is started or reported missed –
never silence.
"""

import asyncio
import hashlib
import heapq
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.clock import Clock
from monitor.gates import CONCURRENCY, PER_PROVIDER, Gates
from monitor.model import Check, Slot, Watch

TICK_S = 1.0          # real seconds; the horizon overlaps the next tick so that a late tick loses nothing
HORIZON_S = 1.5
STALL_S = 5.0         # real seconds without a tick after which the scheduler is woken by hand

Start = Callable[[Slot], Awaitable[None]]
Missed = Callable[[Slot, str, int], Awaitable[None]]

log = logging.getLogger("vendorwatch.timetable")


def phase_s(key: str, every_s: float) -> float:
    """Where in its interval a check runs: a stable hash, so a restart keeps the grid."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 * every_s


def next_slot_s(key: str, every_s: float, after_s: float) -> float:
    """The first slot strictly after `after_s` (Unix seconds)."""
    phase = phase_s(key, every_s)
    return phase + (math.floor((after_s - phase) / every_s) + 1) * every_s


def suspended_s() -> float:
    """Seconds this machine has slept since boot: the monotonic clock stands still meanwhile. 0 where not known."""
    boottime = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if boottime is None else time.clock_gettime(boottime) - time.clock_gettime(time.CLOCK_MONOTONIC)


@dataclass(slots=True)
class Tally:
    """What became of the slots. armed = started + missed + dropped, once nothing is pending."""

    armed: int = 0
    started: int = 0
    missed: int = 0
    dropped: int = 0      # armed, then the check was removed, stopped or the timetable drained before it ran


@dataclass(slots=True, eq=False)
class Entry:
    """A check on the timetable. `turn` changes when its grid does: what was armed before is void."""

    check: Check
    every_s: float | None
    turn: int = 0
    running: bool = False


class Timetable:
    """Calls `start` for every slot that is due; `missed` for those that could not run, with the reason and how many."""

    def __init__(
        self, clock: Clock, start: Start, on_missed: Missed, *, concurrency: int = CONCURRENCY,
        per_provider: int = PER_PROVIDER,
    ) -> None:
        self._clock, self._start, self._on_missed = clock, start, on_missed
        self._gates = Gates(per_provider, asyncio.Semaphore(concurrency))
        self._entries: dict[str, Entry] = {}
        self._heap: list[tuple[float, int, int, Entry]] = []
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._watches: tuple[Watch, ...] = ()
        self._scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        logging.getLogger("apscheduler").setLevel(logging.ERROR)   # an overlong job is no news: it coalesces
        self._last_tick = time.monotonic()
        self._slept_s = suspended_s()
        self._watchdog: asyncio.TimerHandle | None = None
        self.tally = Tally()

    # -- what runs
    def set_checks(self, checks: Sequence[Check]) -> None:
        """Replace the checks. Those whose key and interval stay keep their phase and what is under way."""
        kept: dict[str, Entry] = {}
        for check in checks:
            entry = self._entries.pop(check.key, None)
            if entry is None:
                entry = Entry(check, None)
            entry.check = check
            kept[check.key] = entry
        for gone in self._entries.values():
            gone.turn += 1
        self._entries = kept
        self._settle_intervals()

    def apply(self, watches: Iterable[Watch]) -> None:
        """Put the watches in force, all of them: they change intervals, or stop checks. Those left out end."""
        self._watches = tuple(watches)
        self._settle_intervals()

    def intervals(self) -> dict[str, float | None]:
        """Seconds between runs by check key, as it stands now; None: stopped."""
        return {key: entry.every_s for key, entry in self._entries.items()}

    def _settle_intervals(self) -> None:
        wanted = overrides(self._watches, self._clock.now())
        for key, entry in self._entries.items():
            every_s = wanted.get(key, entry.check.every.total_seconds())
            if every_s == entry.every_s:
                continue
            entry.every_s = every_s
            entry.turn += 1
            if every_s is not None:
                self._push(entry, next_slot_s(key, every_s, self._now_s()))

    # -- housekeeping jobs
    def add_job(self, name: str, work: Callable[[], Awaitable[None]], every_s: float) -> None:
        """Run `work` every so many real seconds; runs that overlap are merged into one."""
        busy: set[str] = set()

        async def whole() -> None:
            try:
                await work()
            finally:
                busy.discard(name)

        async def run() -> None:
            # a task of our own: the scheduler's shutdown cancels its jobs, and a delivery must not be cut in the middle
            if name not in busy:
                busy.add(name)
                self._keep(whole())

        self._scheduler.add_job(run, "interval", seconds=every_s, id=name, replace_existing=True)

    # -- life
    def begin(self) -> None:
        """Start ticking. Needs a running loop."""
        self._scheduler.add_job(self._tick_job, "interval", seconds=TICK_S, id="tick", replace_existing=True)
        self._scheduler.start()
        self._last_tick = time.monotonic()
        self.tick()
        self._watch_over()

    def idle_s(self) -> float:
        """Real seconds since the last tick."""
        return time.monotonic() - self._last_tick

    async def drain(self, within_s: float = 20.0) -> None:
        """Start nothing more; let what runs end, for at most `within_s` real seconds."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self._scheduler.running:
            self._scheduler.pause()       # a job that falls due before the shutdown is cancelled by it, with a trace
            self._scheduler.shutdown(wait=False)
            await asyncio.sleep(0)         # the shutdown is itself queued on the loop
        for timer in self._timers.values():
            timer.cancel()
        self.tally.dropped += len(self._timers)
        self._timers.clear()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=within_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _tick_job(self) -> None:
        self.tick()

    def tick(self) -> None:
        """Arm what is due before the horizon. Called by the scheduler; by the watchdog where that has stalled."""
        self._last_tick = time.monotonic()
        self._catch_up_sleep()
        if any(watch.until is not None and watch.until <= self._clock.now() for watch in self._watches):
            self._watches = tuple(w for w in self._watches if w.until is None or w.until > self._clock.now())
            self._settle_intervals()
        now_s = self._now_s()
        horizon = now_s + HORIZON_S * self._clock.rate
        while self._heap and self._heap[0][0] <= horizon:
            due_s, _, turn, entry = heapq.heappop(self._heap)
            if turn == entry.turn and entry.every_s is not None:
                self._arm(entry, due_s, entry.every_s, now_s)

    def _arm(self, entry: Entry, due_s: float, every_s: float, now_s: float) -> None:
        behind = math.floor((now_s - due_s) / every_s) if now_s > due_s else 0
        if behind > 0:                    # whole intervals went by: the loop, or the machine, stood still
            self._miss(entry, due_s, f"not run in time: {behind} slot(s) passed while this machine stood still", behind)
            due_s += behind * every_s
        self.tally.armed += 1
        self._push(entry, due_s + every_s)
        self._count += 1
        delay = max(0.0, due_s - now_s) / self._clock.rate
        self._timers[self._count] = asyncio.get_running_loop().call_later(
            delay, self._fire, self._count, entry, due_s, entry.turn
        )

    def _fire(self, number: int, entry: Entry, due_s: float, turn: int) -> None:
        self._timers.pop(number, None)
        if turn != entry.turn:
            self.tally.dropped += 1
        elif entry.running:
            self.tally.armed -= 1          # _miss counts it again
            self._miss(entry, due_s, "overrun: the slot before was still running", 1)
        else:
            entry.running = True
            self._keep(self._run(entry, Slot(entry.check, datetime.fromtimestamp(due_s, UTC))))

    async def _run(self, entry: Entry, slot: Slot) -> None:
        self.tally.started += 1
        try:
            async with self._gates.of(slot.check), self._gates.whole:
                await self._start(slot)
        except asyncio.CancelledError:     # waiting for its turn or for an answer: a row all the same
            await self._on_missed(slot, "cut off: the daemon stopped before the answer came", 1)
            raise
        finally:
            entry.running = False

    def _miss(self, entry: Entry, due_s: float, reason: str, slots: int) -> None:
        self.tally.armed += slots
        self.tally.missed += slots
        slot = Slot(entry.check, datetime.fromtimestamp(due_s, UTC))

        async def report() -> None:
            await self._on_missed(slot, reason, slots)

        self._keep(report())

    def _keep(self, work: "Awaitable[None]") -> None:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)  # type: ignore[arg-type]
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("a slot's work failed error=%r", repr(task.exception()))

    def _push(self, entry: Entry, due_s: float) -> None:
        self._count += 1
        heapq.heappush(self._heap, (due_s, self._count, entry.turn, entry))

    def _now_s(self) -> float:
        return self._clock.now().timestamp()

    # -- what goes wrong with clocks
    def _catch_up_sleep(self) -> None:
        """A suspended machine's monotonic clock stood still: move ours on, so that the slots show up as missed."""
        slept = suspended_s()
        if slept - self._slept_s > 1.0:
            log.warning("this machine was suspended seconds=%.0f", slept - self._slept_s)
            self._clock.epoch += timedelta(seconds=slept - self._slept_s)
        self._slept_s = slept

    def _watch_over(self) -> None:
        """APScheduler waits for the wall clock: set back by an hour it sleeps that hour. The monotonic one does not."""
        if time.monotonic() - self._last_tick > STALL_S / 2:
            self.wake()
        self._watchdog = asyncio.get_running_loop().call_later(STALL_S / 2, self._watch_over)

    def wake(self) -> None:
        """Make every job of the scheduler due now, and tick."""
        log.warning("the scheduler had stalled: waking it (was the wall clock set back?)")
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=now)
        self.tick()


def overrides(watches: Sequence[Watch], now: datetime) -> dict[str, float | None]:
    """The interval by check key that the watches in force ask for. A stop wins; else the shortest."""
    wanted: dict[str, float | None] = {}
    for watch in watches:
        if watch.until is not None and watch.until <= now:
            continue
        every = None if watch.every is None else watch.every.total_seconds()
        for key in watch.check_keys:
            held = wanted.get(key, every)
            wanted[key] = None if every is None or held is None else min(every, held)
    return wanted
