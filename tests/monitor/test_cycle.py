"""Whatever happens in a slot, a row comes of it, and our own faults are ours."""

import asyncio
from collections.abc import Mapping

import pytest
from builders import an_exchange
from worlds import NOON, a_check

from monitor.clock import Clock
from monitor.cycle import Cycle, is_paid, seed_of
from monitor.model import Check, Measurement, Slot
from probes.model import Exchange, Figures, HttpCall, Occasion, Reading, Target, Vantage
from probes.outcome import Outcome
from probes.probe import Steps


class Kind:
    """A probe that remembers what it was asked with."""

    seen: list[Occasion]

    def __init__(self) -> None:
        self.seen = []

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        self.seen.append(occasion)
        return iter(())  # type: ignore[return-value]


class Answers:
    def __init__(self, *answers: Reading | Exception) -> None:
        self.answers = list(answers)

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Question(Kind):
    """A probe that makes one call."""

    def steps(self, target: Target, occasion: Occasion) -> Steps:
        exchange = yield HttpCall("GET", target.surface.base_url)
        return Reading(Outcome.RATE_LIMITED if exchange.status == 429 else Outcome.OK, "asked", exchanges=(exchange,))


class Told(Answers):
    """Carries the calls out, answering each with the next of these."""

    def __init__(self, *exchanges: Exchange) -> None:
        super().__init__()
        self.exchanges = iter(exchanges)

    async def observe(self, steps: Steps, vantage: Vantage) -> Reading:
        try:
            next(steps)
            steps.send(next(self.exchanges))
        except StopIteration as end:
            reading: Reading = end.value
            return reading
        raise AssertionError("one call was to be made")


class Broke:
    async def refuses(self, check: Check, now: object) -> str:
        return "budget spent: 1.00 of 1.00 USD today"

    def spent(self, check: Check, figures: Figures) -> None:
        raise AssertionError("nothing was let through")


class Full:
    """Lets everything through, and notes what it cost."""

    def __init__(self) -> None:
        self.costs: list[float | None] = []

    async def refuses(self, check: Check, now: object) -> str:
        return ""

    def spent(self, check: Check, figures: Figures) -> None:
        self.costs.append(figures.cost_usd)


def run(observer: Answers, *slots: Slot, kind: Kind | None = None,
        purse: Broke | Full | None = None, rates: Mapping[str, int] | None = None) -> list[Measurement]:
    rows: list[Measurement] = []

    async def put(row: Measurement) -> None:
        rows.append(row)

    def memory(key: str) -> Mapping[str, str]:
        return {"from": "store"}

    probe = kind or Kind()
    cycle = Cycle(Clock(epoch=NOON), observer, put, lambda name, options: probe, memory, purse)
    cycle.pace.renew(rates or {})

    async def all_slots() -> None:
        for slot in slots:
            await cycle.run(slot)
        await cycle.finish()

    asyncio.run(all_slots())
    return rows


SLOT = Slot(a_check(), NOON)


def test_a_reading_becomes_a_row_with_its_lateness() -> None:
    [row] = run(Answers(Reading(Outcome.OK, "fine")), SLOT)
    assert (row.check.key, row.slot, row.reading.outcome) == ("k", NOON, Outcome.OK)
    assert 0 <= row.lateness_s < 5


def test_our_own_bug_is_a_probe_error_and_not_the_vendors(caplog: pytest.LogCaptureFixture) -> None:
    [row] = run(Answers(KeyError("choices")), SLOT)
    assert row.reading.outcome is Outcome.PROBE_ERROR
    assert "KeyError" in row.reading.reason
    assert "a probe failed" in caplog.text


def test_memory_is_read_once_and_then_what_the_probe_left() -> None:
    kind = Kind()
    later = Slot(a_check(), NOON.replace(minute=1))
    run(Answers(Reading(Outcome.OK, "", memory={"model": "m2"}), Reading(Outcome.OK, "")), SLOT, later, kind=kind)
    assert [dict(occasion.memory) for occasion in kind.seen] == [{"from": "store"}, {"model": "m2"}]


def test_the_occasion_names_slot_seed_and_region() -> None:
    kind = Kind()
    run(Answers(Reading(Outcome.OK, "")), SLOT, kind=kind)
    [occasion] = kind.seen
    assert (occasion.slot, occasion.seed, occasion.region) == (NOON, seed_of("k", NOON), "home")
    assert seed_of("k", NOON) != seed_of("k2", NOON)


def test_a_spent_budget_skips_paid_probes_only() -> None:
    paid = Slot(a_check("paid", kind="completion", keyed=True), NOON)
    rows = run(Answers(Reading(Outcome.OK, "")), paid, SLOT, purse=Broke())
    assert [row.reading.outcome for row in rows] == [Outcome.SKIPPED, Outcome.OK]
    assert "budget spent" in rows[0].reading.reason


def test_every_paid_run_is_accounted_for_also_one_that_broke() -> None:
    paid, purse = Slot(a_check("paid", kind="completion", keyed=True), NOON), Full()
    answers = Answers(Reading(Outcome.OK, "", Figures(cost_usd=0.1)), KeyError("x"), Reading(Outcome.OK, ""))
    run(answers, paid, paid, SLOT, purse=purse)
    assert purse.costs == [0.1, None]


def test_an_account_is_left_alone_as_long_as_its_429_said() -> None:
    first, second = (Slot(a_check(key, kind="completion", keyed=True), NOON) for key in ("one", "two"))
    told = Told(an_exchange(429, headers={"retry-after": "3600"}), an_exchange(200))
    rows = run(told, first, second, SLOT, kind=Question())
    assert [row.reading.outcome for row in rows] == [Outcome.RATE_LIMITED, Outcome.SKIPPED, Outcome.OK]
    assert "left alone until 13:00:0" in rows[1].reading.reason


def test_what_a_vendor_allows_in_a_minute_is_not_exceeded_and_the_rest_are_rows() -> None:
    slots = [Slot(a_check(key, kind="completion", keyed=True), NOON) for key in ("one", "two", "three")]
    purse = Full()
    rows = run(Told(an_exchange(200), an_exchange(200)), *slots, kind=Question(), purse=purse, rates={"acme": 2})
    assert [row.reading.outcome for row in rows] == [Outcome.OK, Outcome.OK, Outcome.SKIPPED]
    assert "the 2 a minute that are allowed" in rows[2].reading.reason
    assert len(purse.costs) == 3, "what was let through by the purse is settled with it"


@pytest.mark.parametrize(("kind", "keyed", "paid"), [("completion", True, True), ("quality", True, True),
                                                     ("models", True, False), ("completion", False, False)])
def test_what_costs_money(kind: str, keyed: bool, paid: bool) -> None:
    assert is_paid(a_check(kind=kind, keyed=keyed)) is paid


def test_a_missed_slot_is_a_row_with_how_many() -> None:
    rows: list[Measurement] = []

    async def put(row: Measurement) -> None:
        rows.append(row)

    cycle = Cycle(Clock(epoch=NOON), Answers(), put, lambda name, options: Kind(), lambda key: {})
    asyncio.run(cycle.miss(SLOT, "overrun", 3))
    assert rows[0].reading.outcome is Outcome.SKIPPED
    assert rows[0].reading.figures.extra == {"slots": 3.0}
