"""Taking the database's lease at the start: a dead holder is waited for, a living one is not (law 5).

A holder that lives renews its lease; one that was killed does not, and its lease ends by itself. So a daemon that was
killed, wherever, comes up again without a person.
"""

import asyncio
import logging
from datetime import datetime
from typing import Protocol

from monitor.clock import Clock
from monitor.errors import UserError

POLL_S = 1.0            # real seconds

log = logging.getLogger("vendorwatch.lease")


class Leased(Protocol):
    """The part of the store that is leased whole."""

    def hold(self, owner: str, now: datetime, lease_s: float) -> bool: ...
    def holder(self) -> tuple[str, datetime] | None: ...


async def take(store: Leased, owner: str, clock: Clock, lease_s: float) -> None:
    """Returns once the lease is ours. Raises UserError where another daemon shows that it lives."""
    first: tuple[str, datetime] | None = None
    while not await asyncio.to_thread(store.hold, owner, clock.now(), lease_s):
        held = await asyncio.to_thread(store.holder)
        if held is None:
            continue                      # given back between our two questions
        if first is None:
            first = held
            log.warning("waiting for the lease of another daemon to end, it may be dead owner=%s until=%s",
                        held[0], f"{held[1]:%H:%M:%S}Z")
        elif held != first:
            raise UserError(f"another vendorwatch daemon ({held[0].rpartition(':')[0] or held[0]}) runs on this "
                            "database; stop it first, or use another database")
        left_s = (held[1] - clock.now()).total_seconds() / clock.rate
        await asyncio.sleep(min(POLL_S, max(0.01, left_s)))
