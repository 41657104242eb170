"""The one place where the house asks what time it is. Everything that decides is handed `now` (law 3)."""

import asyncio
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """Wall time driven by the monotonic clock, `rate` seconds for each real one (the demo scales time openly).

    Driven by the monotonic clock because schedules must not stop or race when somebody sets the wall clock back;
    `drift_s` says how far the wall has moved since.
    """

    rate: float = 1.0
    epoch: datetime = field(default_factory=lambda: datetime.now(UTC))
    _started: float = field(default_factory=time.monotonic)

    def now(self) -> datetime:
        """Aware UTC."""
        return self.epoch + timedelta(seconds=(time.monotonic() - self._started) * self.rate)

    async def sleep(self, seconds: float) -> None:
        """Sleep `seconds` of this clock."""
        await asyncio.sleep(max(0.0, seconds) / self.rate)

    def drift_s(self) -> float:
        """How far the machine's wall clock has moved from ours, in seconds; at rate 1 only."""
        return (datetime.now(UTC) - self.now()).total_seconds() if self.rate == 1.0 else 0.0
