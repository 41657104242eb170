"""A spent budget stops paid probes until midnight or the month's end, and a restart does not refill it."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import NOON, a_check

from monitor.budget import Limit, Limits, day_of, month_of, spent_at
from monitor.model import Check
from monitor.purse import LedgerPurse
from probes.model import Figures


def limits(vendors: Mapping[str, Mapping[str, float]] | None = None, **whole: float) -> Limits:
    said = {"usd_per_day": 0.5, "tokens_per_day": 1000, **whole}
    return Limits(tuple(Limit(f"budget.{name}", most) for name, most in said.items()), named=vendors or {})


class Ledger:
    """What was spent today, and on the days of this month before."""

    def __init__(self, usd: float = 0.0, tokens: int = 0, *, before: float = 0.0) -> None:
        self.usd, self.tokens, self.before = usd, tokens, before
        self.asked: list[tuple[datetime, datetime | None]] = []

    def spending(self, since: datetime, until: datetime | None = None) -> Sequence[Mapping[str, Any]]:
        self.asked.append((since, until))
        if until is not None:
            return [{"provider": "acme", "usd": self.before, "tokens_in": 0, "tokens_out": 0}]
        return [{"provider": "acme", "usd": self.usd / 2, "tokens_in": self.tokens, "tokens_out": 0}, {
            "provider": "zeta", "usd": self.usd / 2, "tokens_in": 0, "tokens_out": 0}]


def ask(purse: LedgerPurse, at: datetime = NOON, check: Check | None = None) -> str:
    return asyncio.run(purse.refuses(check or a_check(), at))


def test_within_the_limits_nothing_is_refused() -> None:
    assert ask(LedgerPurse(Ledger(0.49, 999), limits())) == ""


def test_money_and_tokens_are_both_hard() -> None:
    assert "0.50 of 0.50 USD" in ask(LedgerPurse(Ledger(0.5), limits()))
    assert "1000 of 1000 tokens" in ask(LedgerPurse(Ledger(0, 1000), limits()))


def test_a_budget_of_nothing_lets_nothing_through() -> None:
    assert ask(LedgerPurse(Ledger(), limits(usd_per_day=0)))


def test_the_day_begins_at_midnight_utc_and_the_rows_are_not_read_for_every_probe() -> None:
    ledger = Ledger(0.5)
    purse = LedgerPurse(ledger, limits())
    ask(purse)
    ask(purse, NOON + timedelta(seconds=5))
    month, today, tomorrow = month_of(NOON), day_of(NOON), day_of(NOON) + timedelta(days=1)
    assert ledger.asked == [(month, today), (today, None)]
    ledger.usd = 0
    assert ask(purse, NOON + timedelta(hours=12)) == ""
    assert ledger.asked[2:] == [(month, tomorrow), (tomorrow, None)]


def test_what_was_spent_since_the_rows_were_read_counts_at_once() -> None:
    purse = LedgerPurse(Ledger(0.3), limits())
    assert ask(purse) == ""
    purse.spent(a_check(), Figures(cost_usd=0.2))
    assert "0.50 of 0.50 USD" in ask(purse, NOON + timedelta(seconds=1))
    assert "0.50 of 0.50 USD" in ask(purse, NOON + timedelta(seconds=40)), "rows not committed yet do not give it back"
    assert ask(purse, NOON + timedelta(days=1)) == "", "another day's money"


def test_runs_that_begin_together_do_not_all_pass_the_last_cent() -> None:
    purse = LedgerPurse(Ledger(), limits(usd_per_day=0.25, tokens_per_day=10**6))
    checks = [a_check(f"c{n}") for n in range(5)]
    for check in checks:
        assert asyncio.run(purse.refuses(check, NOON)) == ""
        purse.spent(check, Figures(cost_usd=0.03, tokens_in=5, tokens_out=6))
    let_through = [check for check in checks if asyncio.run(purse.refuses(check, NOON)) == ""]
    assert len(let_through) == 3, "0.15 is spent, and the fourth would make it 0.27"
    for check in let_through:
        purse.spent(check, Figures(cost_usd=0.02))
    assert asyncio.run(purse.refuses(checks[0], NOON)) == "", "0.21 in the end: one more run fits"


def test_tokens_are_held_back_too() -> None:
    purse = LedgerPurse(Ledger(), limits(tokens_per_day=100))
    assert ask(purse) == ""
    purse.spent(a_check(), Figures(tokens_in=30, tokens_out=30))
    assert "60 of 100 tokens" in ask(purse)


@pytest.mark.parametrize(("name", "most", "said"), [
    ("usd_per_day", 0.25, "0.25 of 0.25 USD today at acme (budget.vendors.acme.usd_per_day)"),
    ("tokens_per_day", 40, "40 of 40 tokens today at acme (budget.vendors.acme.tokens_per_day)"),
    ("usd_per_month", 1.25, "1.25 of 1.25 USD this month at acme (budget.vendors.acme.usd_per_month)"),
    ("tokens_per_month", 40, "40 of 40 tokens this month at acme (budget.vendors.acme.tokens_per_month)")])
def test_a_vendors_own_limit_holds_for_it_alone_and_is_named(name: str, most: float, said: str) -> None:
    purse = LedgerPurse(Ledger(0.5, 40, before=1.0), limits({"acme": {name: most}}, usd_per_day=9))
    assert ask(purse) == f"budget spent: {said}"
    assert ask(purse, check=a_check("other", provider="zeta")) == ""


def test_a_month_is_a_limit_of_its_own_and_ends_with_the_month() -> None:
    ledger = Ledger(0.1, before=0.9)
    purse = LedgerPurse(ledger, limits(usd_per_month=1.0))
    assert "1.00 of 1.00 USD this month (budget.usd_per_month)" in ask(purse)
    ledger.usd, ledger.before = 0.0, 0.95      # a row fell behind: what we know ourselves stands
    assert "1.00 of 1.00 USD this month" in ask(purse, NOON + timedelta(days=1))
    ledger.before = 0.0
    assert ask(purse, datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC)) == ""
    assert ledger.asked[-2:] == [(datetime(2026, 4, 1, tzinfo=UTC),) * 2, (datetime(2026, 4, 1, tzinfo=UTC), None)]


def test_another_config_counts_from_what_is_spent() -> None:
    purse = LedgerPurse(Ledger(0.4), limits())
    assert ask(purse) == ""
    purse.limits = limits(usd_per_day=0.3)
    assert "0.40 of 0.30 USD" in ask(purse)


def test_a_check_that_was_put_in_anew_while_it_ran_is_held_for_twice() -> None:
    purse = LedgerPurse(Ledger(), limits(usd_per_day=0.75))
    assert ask(purse) == ""
    purse.spent(a_check(), Figures(cost_usd=0.2))
    assert [ask(purse), ask(purse)] == ["", ""]
    assert "0.60 of 0.75" in ask(purse), "one has ended, two are under way"
    purse.spent(a_check(), Figures(cost_usd=0.1))
    assert ask(purse) == ""


# -- the law
@dataclass(frozen=True)
class Run:
    at: datetime
    provider: str
    cost: int
    unknown: int              # what of the cost nobody could have known when it was let through


@dataclass
class Rows:
    """Every run that ended, as the store adds up those that are committed."""

    runs: list[Run] = field(default_factory=list)
    committed: int = 0

    def spending(self, since: datetime, until: datetime | None = None) -> Sequence[Mapping[str, Any]]:
        found: Counter[str] = Counter()
        for run in self.runs[: self.committed]:
            if since <= run.at and (until is None or run.at < until):
                found[run.provider] += run.cost
        return [{"provider": name, "usd": cost, "tokens_in": cost, "tokens_out": 0} for name, cost in found.items()]


LAW = Limits(
    tuple(Limit(f"budget.{name}", most) for name, most in {
        "usd_per_day": 64, "tokens_per_day": 64, "usd_per_month": 150, "tokens_per_month": 150}.items()),
    named={"acme": {"usd_per_day": 40, "tokens_per_month": 90}})
CHECKS = [a_check(f"{provider}{n}", provider=provider, kind="completion", keyed=True)
          for provider in ("acme", "zeta") for n in range(3)]
STEP = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 5)),
    st.tuples(st.just("end"), st.tuples(st.integers(0, 5), st.integers(0, 20))),
    st.tuples(st.just("wait"), st.sampled_from([1, 31, 3600, 86_400, 20 * 86_400])),
    st.tuples(st.just("restart"), st.none()),
)


@given(steps=st.lists(STEP, max_size=60), costs=st.lists(st.integers(1, 20), min_size=6, max_size=6),
       steady=st.booleans())
def test_no_order_of_runs_exceeds_a_limit_by_more_than_what_nobody_could_have_known(
        steps: list[tuple[str, Any]], costs: list[int], steady: bool) -> None:
    """Runs begin and end in any order, rows are committed late, days and months pass, the daemon is killed.

    `steady`: a check costs the same each time, so that its first run since the start is all that is unknown; else also
    what a run costs above the dearest before it.
    """
    rows = Rows()
    asyncio.run(live(rows, steps, costs if steady else None))
    hold(rows)


async def live(rows: Rows, steps: list[tuple[str, Any]], costs: list[int] | None) -> None:
    now, purse = NOON, LedgerPurse(rows, LAW)
    under_way, dearest = dict[int, tuple[datetime, int]](), dict[int, int]()
    for what, value in steps:
        if what == "begin" and value not in under_way:
            if not await purse.refuses(CHECKS[value], now):
                under_way[value] = now, dearest.get(value, 0)
        elif what == "end" and value[0] in under_way:
            (number, cost), rows.committed = value, len(rows.runs)       # the run before this is a row by now
            at, known = under_way.pop(number)
            cost = costs[number] if costs else cost
            purse.spent(CHECKS[number], Figures(cost_usd=cost, tokens_in=cost))
            rows.runs.append(Run(at, CHECKS[number].target.provider.id, cost, max(0, cost - known)))
            dearest[number] = max(cost, dearest.get(number, 0))
        elif what == "wait":
            now, rows.committed = now + timedelta(seconds=value), len(rows.runs)
        elif what == "restart":                                          # what was under way is never heard of
            rows.committed = len(rows.runs)
            purse, under_way, dearest = LedgerPurse(rows, LAW), {}, {}


def hold(rows: Rows) -> None:
    for limit in LAW.of("acme"):
        spans: dict[datetime, list[Run]] = {}
        for run in rows.runs:
            if limit.provider in (None, run.provider):
                spans.setdefault(month_of(run.at) if limit.monthly else day_of(run.at), []).append(run)
        for runs in spans.values():
            assert sum(run.cost for run in runs) <= limit.most + sum(run.unknown for run in runs), limit.path


def test_the_law_can_tell() -> None:
    hold(Rows([Run(NOON, "acme", 41, 1)]))
    with pytest.raises(AssertionError, match=r"acme\.usd_per_day"):
        hold(Rows([Run(NOON, "acme", 41, 0)]))


def test_the_law_finds_a_purse_that_forgets_the_runs_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [("begin", n) for n in range(3)] + [("end", (n, 19)) for n in range(3)]
    monkeypatch.setattr(LedgerPurse, "_held", lambda self, limit: spent_at(self._today, limit.provider))
    rows = Rows()
    asyncio.run(live(rows, [*known, *known[:1], ("wait", 86_400), *known, *known], None))
    with pytest.raises(AssertionError):
        hold(rows)
