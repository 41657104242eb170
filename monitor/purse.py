"""The purse: what paid probes may still spend today and this month, at each vendor and in all (law 10).

What was spent is read from the rows, so a restart forgets nothing; between readings every run is counted as it ends,
and one under way as what it has cost at the most so far: runs that begin together must not all pass the last cent.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from monitor.budget import NOTHING, Books, Limit, Limits, Spent, books_of, day_of, joined, larger, month_of, spent_at
from monitor.model import Check
from probes.model import Figures

REREAD_AFTER_S = 30.0


class Ledger(Protocol):
    """The part of the store that adds up."""

    def spending(self, since: datetime, until: datetime | None = None) -> Sequence[Mapping[str, Any]]: ...


class LedgerPurse:
    """Refuses a run that any limit leaves no room for."""

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger, self.limits = ledger, limits
        self._read_at: datetime | None = None
        self._today: Books = {}
        self._before: Books = {}                              # this month, before today
        self._dearest: dict[str, Spent] = {}                  # by check: its dearest run
        self._begun: list[tuple[Check, Spent]] = []           # runs under way, and what each will cost
        self._reading = asyncio.Lock()

    async def refuses(self, check: Check, now: datetime) -> str:
        """Why this check may not spend now, naming the limit; '': it may, and `spent` is to be called when it has."""
        async with self._reading:
            if self._stale(now):
                await self._reread(now)
        more = self._dearest.get(check.key, NOTHING)
        for limit in self.limits.of(check.target.provider.id):
            held = self._held(limit)
            if limit.refuses(held, more):
                return f"budget spent: {limit.told(held)}"
        self._begun.append((check, more))
        return ""

    def spent(self, check: Check, figures: Figures) -> None:
        """A run that was let through has ended and cost so much; a price nobody knows counts in tokens alone."""
        ended = next((place for place, (one, _) in enumerate(self._begun) if one.key == check.key), None)
        if ended is not None:
            del self._begun[ended]
        cost = Spent(figures.cost_usd or 0.0, (figures.tokens_in or 0) + (figures.tokens_out or 0))
        self._today = joined(self._today, {check.target.provider.id: cost})
        self._dearest[check.key] = cost.most(self._dearest.get(check.key, NOTHING))

    def _held(self, limit: Limit) -> Spent:
        """What is spent of it, with the runs under way."""
        begun = sum((cost for check, cost in self._begun
                     if limit.provider in (None, check.target.provider.id)), NOTHING)
        before = spent_at(self._before, limit.provider) if limit.monthly else NOTHING
        return before + spent_at(self._today, limit.provider) + begun

    def _stale(self, now: datetime) -> bool:
        read = self._read_at
        return read is None or (now - read).total_seconds() >= REREAD_AFTER_S or day_of(read) != day_of(now)

    async def _reread(self, now: datetime) -> None:
        """Today from the rows; the days before, which no longer change, only when the day is a new one."""
        read, day = self._read_at, day_of(now)
        new_day = read is None or day_of(read) != day
        before = await self._rows(month_of(now), day) if new_day else {}
        today = await self._rows(day)
        # our own count may be ahead of the rows, which are committed a moment later
        if not new_day:
            self._today = larger(today, self._today)
        else:
            same_month = read is not None and month_of(read) == month_of(now)
            own = joined(self._before, self._today) if same_month else {}
            self._before, self._today = larger(before, own), today
        self._read_at = now

    async def _rows(self, since: datetime, until: datetime | None = None) -> Books:
        return books_of(await asyncio.to_thread(self._ledger.spending, since, until))
