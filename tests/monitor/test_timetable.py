"""Every slot is started or reported; phases are stable and spread; clocks that jump lose nothing."""

import asyncio
import itertools
import time
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import NOON, a_check

from monitor import timetable as room
from monitor.clock import Clock
from monitor.model import Slot, Watch
from monitor.timetable import Timetable, next_slot_s, overrides, phase_s


class Log:
    """What was started and what was missed."""

    def __init__(self, takes_s: float = 0.0) -> None:
        self.started: list[Slot] = []
        self.missed: list[tuple[Slot, str, int]] = []
        self.takes_s, self.now, self.most = takes_s, 0, 0

    async def start(self, slot: Slot) -> None:
        self.started.append(slot)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.takes_s)
        self.now -= 1

    async def miss(self, slot: Slot, reason: str, slots: int) -> None:
        self.missed.append((slot, reason, slots))


def a_table(log: Log, *, rate: float = 100.0, **limits: int) -> Timetable:
    return Timetable(Clock(rate=rate, epoch=NOON), log.start, log.miss, **limits)


async def until(true: "object", within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # type: ignore[operator]
            await asyncio.sleep(0.005)


@given(st.text(min_size=1), st.floats(1, 86400), st.floats(0, 4e9))
def test_the_next_slot_is_after_now_and_within_one_interval(key: str, every: float, after: float) -> None:
    slot = next_slot_s(key, every, after)
    assert after - 1e-3 <= slot <= after + every + 1e-3


@given(st.text(min_size=1), st.integers(1, 3600))
def test_a_phase_is_stable_and_inside_its_interval(key: str, every: int) -> None:
    assert 0 <= phase_s(key, every) < every
    assert phase_s(key, every) == phase_s(key, every)


def test_five_hundred_checks_are_spread_over_their_minute() -> None:
    seconds = Counter(int(phase_s(f"check {n}", 60.0)) for n in range(500))
    assert len(seconds) > 50
    assert max(seconds.values()) < 25


async def _every_slot_runs_once_and_on_the_grid() -> None:
    log = Log()
    table = a_table(log)
    table.set_checks([a_check(f"k{n}", every_s=10.0, provider=f"p{n}") for n in range(5)])
    table.begin()
    await until(lambda: len(log.started) >= 25)
    await table.drain()
    assert len({(slot.check.key, slot.at) for slot in log.started}) == len(log.started)
    for key in {slot.check.key for slot in log.started}:
        times = [slot.at for slot in log.started if slot.check.key == key]
        assert {b - a for a, b in itertools.pairwise(times)} == {timedelta(seconds=10)}
    tally = table.tally
    assert tally.armed == tally.started + tally.missed + tally.dropped


def test_every_slot_runs_once_and_on_the_grid() -> None:
    asyncio.run(_every_slot_runs_once_and_on_the_grid())


async def _an_overrun_is_reported() -> None:
    log = Log(takes_s=0.35)
    table = a_table(log)
    table.set_checks([a_check(every_s=10.0)])
    table.begin()
    await until(lambda: log.missed)
    await table.drain()
    assert "overrun" in log.missed[0][1]
    assert table.tally.armed == table.tally.started + table.tally.missed + table.tally.dropped


def test_an_overrun_is_reported_and_no_slot_runs_beside_itself() -> None:
    asyncio.run(_an_overrun_is_reported())


async def _stopped_as_a_job_falls_due() -> int:
    table, ran = a_table(Log()), []

    async def work() -> None:
        ran.append(1)

    table.begin()
    table.add_job("tell", work, 0.02)
    await until(lambda: ran)
    time.sleep(0.1)
    for _ in range(2):
        await asyncio.sleep(0)
    await table.drain()
    return len(ran)


def test_a_stop_leaves_no_trace_of_a_job_that_fell_due_just_then(caplog: pytest.LogCaptureFixture) -> None:
    assert asyncio.run(_stopped_as_a_job_falls_due()) >= 1
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def _a_provider_is_asked_by_few_at_once() -> tuple[int, int]:
    log = Log(takes_s=0.03)
    table = a_table(log, rate=1000.0, per_provider=4, concurrency=64)
    table.set_checks([a_check(f"k{n}", every_s=300.0) for n in range(40)])
    table.begin()
    await until(lambda: len(log.started) >= 40)
    await table.drain()
    return log.most, len(log.started)


def test_a_provider_is_asked_by_at_most_four_at_once() -> None:
    most, started = asyncio.run(_a_provider_is_asked_by_few_at_once())
    assert most <= 4
    assert started >= 40


async def _cut_off() -> tuple[Log, Timetable]:
    log = Log(takes_s=600.0)
    table = a_table(log, rate=1000.0, per_provider=1)
    table.set_checks([a_check(f"k{n}", every_s=3600.0) for n in range(3)])
    table.begin()
    await until(lambda: table.tally.started == 3)
    await table.drain(within_s=0.01)
    return log, table


def test_what_a_stop_cuts_off_is_reported_whether_it_was_asking_or_waiting_for_its_turn() -> None:
    log, table = asyncio.run(_cut_off())
    assert len(log.started) == 1
    assert {slot.check.key for slot, _, _ in log.missed} == {"k0", "k1", "k2"}
    assert {(reason, slots) for _, reason, slots in log.missed} == {
        ("cut off: the daemon stopped before the answer came", 1)}
    assert table.tally.armed == table.tally.started + table.tally.missed + table.tally.dropped


async def _suspended(monkeypatch: pytest.MonkeyPatch) -> tuple[Log, Timetable]:
    log = Log()
    table = a_table(log, rate=1.0)
    table.set_checks([a_check(every_s=60.0)])
    table.begin()
    slept = room.suspended_s() + 3600.0
    monkeypatch.setattr(room, "suspended_s", lambda: slept)
    table.tick()
    await until(lambda: log.started)
    await table.drain()
    return log, table


def test_slots_missed_in_suspension_are_counted_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    log, table = asyncio.run(_suspended(monkeypatch))
    [(_, reason, slots)] = log.missed
    assert slots in (58, 59, 60)
    assert "stood still" in reason
    assert table.tally.armed == table.tally.started + table.tally.missed + table.tally.dropped


async def _stalled() -> int:
    log = Log()
    table = a_table(log)
    table.set_checks([a_check(every_s=10.0)])
    table.begin()
    for job in table._scheduler.get_jobs():   # what a wall clock set back by an hour amounts to
        job.modify(next_run_time=job.next_run_time + timedelta(hours=1))
    before = len(log.started)
    table._last_tick = time.monotonic() - 60
    assert table._watchdog is not None
    table._watchdog.cancel()
    table._watch_over()
    await until(lambda: len(log.started) > before + 25)   # more than one horizon holds: the job itself ticks again
    await table.drain()
    return len(log.started)


def test_a_backward_clock_step_does_not_stop_the_ticking() -> None:
    assert asyncio.run(_stalled()) > 25


async def _set_checks_keeps_what_stays() -> None:
    log = Log()
    table = a_table(log, rate=1.0)
    table.set_checks([a_check("stays"), a_check("goes")])
    stays = table._entries["stays"]
    turn = stays.turn
    table.set_checks([a_check("stays"), a_check("comes")])
    assert table._entries["stays"] is stays
    assert stays.turn == turn
    assert set(table.intervals()) == {"stays", "comes"}
    table.set_checks([a_check("stays", every_s=30.0)])
    assert table.intervals() == {"stays": 30.0}
    await asyncio.sleep(0)


def test_a_new_plan_keeps_the_phases_of_what_stays() -> None:
    asyncio.run(_set_checks_keeps_what_stays())


async def _a_watch_stops_and_ends() -> None:
    log = Log()
    table = a_table(log, rate=1.0)
    table.set_checks([a_check("k"), a_check("other")])
    table.apply([Watch("w", ("k",), None, None, "banned")])
    assert table.intervals() == {"k": None, "other": 60.0}
    table.apply([Watch("w", ("k", "gone"), timedelta(seconds=5), None, "suspected")])
    assert table.intervals()["k"] == 5.0
    table.apply([])
    assert table.intervals()["k"] == 60.0


def test_a_watch_changes_an_interval_and_its_end_restores_it() -> None:
    asyncio.run(_a_watch_stops_and_ends())


def test_a_stop_wins_over_any_interval_and_an_ended_watch_says_nothing() -> None:
    quick = Watch("q", ("k",), timedelta(seconds=5), None, "")
    slow = Watch("s", ("k",), timedelta(seconds=500), None, "")
    stop = Watch("x", ("k",), None, None, "")
    ended = Watch("e", ("k",), None, NOON, "")
    assert overrides([quick, stop, slow], NOON) == {"k": None}
    assert overrides([stop, quick], NOON) == {"k": None}
    assert overrides([slow, quick], NOON) == {"k": 5.0}
    assert overrides([ended], NOON) == {}


async def _jobs_run() -> int:
    ran = 0

    async def work() -> None:
        nonlocal ran
        ran += 1

    table = a_table(Log())
    table.add_job("housekeeping", work, 0.05)
    table.begin()
    await until(lambda: ran >= 2)
    await table.drain()
    return ran


def test_housekeeping_jobs_run() -> None:
    assert asyncio.run(_jobs_run()) >= 2
