"""The purse: what paid probes may still spend today (law 10). The day is the calendar day in UTC.

What was spent is read from the rows, so a restart forgets nothing; between readings the runs begun are counted.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from monitor.model import Check

REREAD_AFTER_S = 30.0


class Ledger(Protocol):
    """The part of the store that adds up."""

    def spending(self, since: datetime) -> Sequence[Mapping[str, Any]]: ...


class Limits(Protocol):
    """config.budget"""

    usd_per_day: float
    tokens_per_day: int


class DailyPurse:
    """Refuses once today's money or tokens have reached the limits."""

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger, self.limits = ledger, limits
        self._read_at: datetime | None = None
        self._usd, self._tokens = 0.0, 0
        self._reading = asyncio.Lock()

    async def refuses(self, check: Check, now: datetime) -> str:
        """Why this check may not spend now, or ''."""
        del check                         # one purse for all: a spent budget stops every paid probe
        async with self._reading:
            if self._stale(now):
                await asyncio.to_thread(self._reread, now)
        if self._usd >= self.limits.usd_per_day:
            return f"budget spent: {self._usd:.2f} of {self.limits.usd_per_day:.2f} USD today"
        if self._tokens >= self.limits.tokens_per_day:
            return f"budget spent: {self._tokens} of {self.limits.tokens_per_day} tokens today"
        return ""

    def _stale(self, now: datetime) -> bool:
        read = self._read_at
        return read is None or (now - read).total_seconds() >= REREAD_AFTER_S or read.date() != now.date()

    def _reread(self, now: datetime) -> None:
        rows = self._ledger.spending(now.replace(hour=0, minute=0, second=0, microsecond=0))
        self._usd = sum(float(row["usd"]) for row in rows)
        self._tokens = sum(int(row["tokens_in"]) + int(row["tokens_out"]) for row in rows)
        self._read_at = now
