"""The Store protocol: everything the house remembers, behind one door. Synchronous; called by asyncio.to_thread.

Law 5: moves and errands are rows, changed by compare-and-swap in one transaction; errands are leased.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.batch import Batch
from monitor.model import Action, Check, Delivery, Errand, Incident, Judged, Measurement, Move, Sample, Watch


class Store(Protocol):
    # -- measuring
    def register(self, checks: Sequence[Check], now: datetime) -> None:
        """Make rows for the checks of the plan; those no longer in it keep their history."""

    def record(self, measurements: Sequence[Measurement]) -> None:
        """Append; a (check, slot) seen before is ignored. Committed when this returns. Raises StoreError."""

    def memory(self, check_key: str) -> Mapping[str, str]:
        """The probe's own notes of last time."""

    # -- judging
    def cursor(self) -> int:
        """The last commit sequence judged."""

    def unjudged(self, limit: int) -> Sequence[Sample]:
        """The next measurements after the cursor in judging order: by slot within the batch, controls first."""

    def judged(self, after: int, since: datetime | None = None) -> Iterable[Batch]:
        """What was judged after a cursor, batch by batch as it was cut then; no slot older than `since`. Last, without
        samples, what was done since.
        """

    def states(self) -> Mapping[str, str]:
        """What the judge remembers, as it was last stored: JSON text by 'kind.version name'."""

    def incidents(self, *, closed: bool = False, limit: int = 1000) -> Sequence[Incident]:
        """Those not closed; with closed=True the closed ones too, newest first."""

    def carry_out(self, judged: Judged) -> bool:
        """Cursor, states, moves, errands, watches: one transaction. False: another was first – the cursor had moved, or
        a person had moved an incident that it was decided on."""

    def end(self, number: int, ending: Callable[[Incident], Move | None]) -> Incident:
        """Follow an incident no more, in whole or from a region, as `ending` says of its row. An act with its place
        among the batches. Raises UserError for one unknown or closed.
        """

    def act(self, actions: Sequence[Action], now: datetime) -> None:
        """Carry out what no batch led to (a channel that fails, a watch to renew). Keyed: twice is once."""

    def watches(self) -> Sequence[Watch]:
        """Those in force."""

    # -- telling
    def claim(self, now: datetime, limit: int = 20) -> Iterable[Errand]:
        """Lease errands that are due. A lease runs out; it is not a mark."""

    def settle(self, delivery: Delivery) -> None:
        """Record the attempt; done, to be tried again at `retry_at`, or failed for good."""

    def first_reference(self, incident: str, channel: str) -> str:
        """The receipt's reference of the incident's first message on this channel, or ''."""

    # -- housekeeping
    def hold(self, owner: str, now: datetime, lease_s: float = 30.0) -> bool:
        """Take or renew the daemon's lease. False: another daemon holds it."""

    def holder(self) -> tuple[str, datetime] | None:
        """Who has the lease, and until when; it may have ended."""

    def release(self, owner: str) -> None: ...

    def prune(self, before: datetime, limit: int = 5000) -> int:
        """Delete at most `limit` raw rows older than `before`; returns how many went."""

    def close(self) -> None: ...
