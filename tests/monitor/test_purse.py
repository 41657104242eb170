"""A spent budget stops paid probes until midnight, and a restart does not refill it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from worlds import NOON, a_check

from monitor.purse import DailyPurse
from probes.model import Figures


@dataclass
class Limits:
    usd_per_day: float = 0.5
    tokens_per_day: int = 1000


class Ledger:
    def __init__(self, usd: float = 0.0, tokens: int = 0) -> None:
        self.usd, self.tokens = usd, tokens
        self.since: list[datetime] = []

    def spending(self, since: datetime) -> Sequence[Mapping[str, Any]]:
        self.since.append(since)
        return [{"usd": self.usd / 2, "tokens_in": self.tokens, "tokens_out": 0}, {
            "usd": self.usd / 2, "tokens_in": 0, "tokens_out": 0}]


def ask(purse: DailyPurse, at: datetime = NOON) -> str:
    return asyncio.run(purse.refuses(a_check(), at))


def test_within_the_limits_nothing_is_refused() -> None:
    assert ask(DailyPurse(Ledger(0.49, 999), Limits())) == ""


def test_money_and_tokens_are_both_hard() -> None:
    assert "0.50 of 0.50 USD" in ask(DailyPurse(Ledger(0.5), Limits()))
    assert "1000 of 1000 tokens" in ask(DailyPurse(Ledger(0, 1000), Limits()))


def test_a_budget_of_nothing_lets_nothing_through() -> None:
    assert ask(DailyPurse(Ledger(), Limits(usd_per_day=0)))


def test_the_day_begins_at_midnight_utc_and_the_rows_are_not_read_for_every_probe() -> None:
    ledger = Ledger(0.5)
    purse = DailyPurse(ledger, Limits())
    ask(purse)
    ask(purse, NOON + timedelta(seconds=5))
    assert ledger.since == [NOON.replace(hour=0)]
    ledger.usd = 0
    assert ask(purse, NOON + timedelta(hours=12)) == ""
    assert ledger.since[-1] == NOON.replace(hour=0) + timedelta(days=1)


def test_what_was_spent_since_the_rows_were_read_counts_at_once() -> None:
    purse = DailyPurse(Ledger(0.3), Limits())
    assert ask(purse) == ""
    purse.spent(a_check(), Figures(cost_usd=0.2))
    assert "0.50 of 0.50 USD" in ask(purse, NOON + timedelta(seconds=1))
    assert "0.50 of 0.50 USD" in ask(purse, NOON + timedelta(seconds=40)), "rows not committed yet do not give it back"
    assert ask(purse, NOON + timedelta(days=1)) == "", "another day's money"


def test_runs_that_begin_together_do_not_all_pass_the_last_cent() -> None:
    purse = DailyPurse(Ledger(), Limits(usd_per_day=0.25, tokens_per_day=10**6))
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
    purse = DailyPurse(Ledger(), Limits(tokens_per_day=100))
    assert ask(purse) == ""
    purse.spent(a_check(), Figures(tokens_in=30, tokens_out=30))
    assert "60 of 100 tokens" in ask(purse)
