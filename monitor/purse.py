"""The purse: what paid probes may still spend today (law 10). The day is the calendar day in UTC.

What was spent is read from the rows, so a restart forgets nothing; between readings every run is counted as it ends,
and one under way as what it has cost at the most so far: runs that begin together must not all pass the last cent.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from monitor.model import Check
from probes.model import Figures

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
        self._dearest: dict[str, tuple[float, int]] = {}      # by check: USD and tokens of its dearest run
        self._begun: dict[str, tuple[float, int]] = {}        # by check: what a run under way will cost
        self._reading = asyncio.Lock()

    async def refuses(self, check: Check, now: datetime) -> str:
        """Why this check may not spend now; '': it may, and `spent` is to be called when it has. One purse for all."""
        async with self._reading:
            if self._stale(now):
                await asyncio.to_thread(self._reread, now)
        next_usd, next_tokens = self._dearest.get(check.key, (0.0, 0))
        usd = self._usd + sum(begun for begun, _ in self._begun.values())
        tokens = self._tokens + sum(begun for _, begun in self._begun.values())
        if usd >= self.limits.usd_per_day or usd + next_usd > self.limits.usd_per_day:
            return f"budget spent: {usd:.2f} of {self.limits.usd_per_day:.2f} USD today"
        if tokens >= self.limits.tokens_per_day or tokens + next_tokens > self.limits.tokens_per_day:
            return f"budget spent: {tokens} of {self.limits.tokens_per_day} tokens today"
        self._begun[check.key] = next_usd, next_tokens
        return ""

    def spent(self, check: Check, figures: Figures) -> None:
        """A run that was let through has ended and cost so much; a price nobody knows counts in tokens alone."""
        self._begun.pop(check.key, None)
        usd, tokens = figures.cost_usd or 0.0, (figures.tokens_in or 0) + (figures.tokens_out or 0)
        self._usd, self._tokens = self._usd + usd, self._tokens + tokens
        before = self._dearest.get(check.key, (0.0, 0))
        self._dearest[check.key] = max(before[0], usd), max(before[1], tokens)

    def _stale(self, now: datetime) -> bool:
        read = self._read_at
        return read is None or (now - read).total_seconds() >= REREAD_AFTER_S or read.date() != now.date()

    def _reread(self, now: datetime) -> None:
        rows = self._ledger.spending(now.replace(hour=0, minute=0, second=0, microsecond=0))
        usd = sum(float(row["usd"]) for row in rows)
        tokens = sum(int(row["tokens_in"]) + int(row["tokens_out"]) for row in rows)
        same_day = self._read_at is not None and self._read_at.date() == now.date()
        # our own count may be ahead of the rows, which are committed a moment later
        self._usd, self._tokens = (max(usd, self._usd), max(tokens, self._tokens)) if same_day else (usd, tokens)
        self._read_at = now
