"""Drills that fall due: held in a thread, kept as a row, told where they fail."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from alerts.model import Alert, Occasion, Severity
from monitor.clock import Clock
from monitor.drilling import Wanted
from monitor.drillsettings import DrillSettings
from monitor.errors import UserError
from monitor.model import Action, Tell
from monitor.report import as_json
from monitor.store.base import Store
from monitor.store.drilled import DrillRow

if TYPE_CHECKING:
    from monitor.drillday import Held
    from monitor.patching import House

log = logging.getLogger("vendorwatch.drillroster")


class Rows(Store, Protocol):
    def keep_drill(self, row: DrillRow, now: datetime) -> None: ...
    def drilled_at(self, mark: str) -> datetime | None: ...
    def act(self, actions: Sequence[Action], now: datetime) -> None: ...


class DrillRoster:
    """Holds what is due, one after the other. `house`: the app as it is now, whose config may change."""

    def __init__(self, house: "House", rows: Rows, channels: Callable[[], tuple[str, ...]], clock: Clock) -> None:
        self._house, self._rows, self._channels, self._clock = house, rows, channels, clock

    async def once(self) -> int:
        """How many were held. Raises StoreError."""
        return await asyncio.to_thread(self._all)

    def _all(self) -> int:
        due = list(self._due(self._house.config.drills))
        for wanted in due:
            self._hold(wanted)
        return len(due)

    def _due(self, drills: Iterable[DrillSettings]) -> Iterable[Wanted]:
        for one in drills:
            wanted = Wanted(one.vendor, tuple(one.regions), one.cause.value, one.with_gateway)
            last = self._rows.drilled_at(wanted.mark)
            if last is None or self._clock.now() - last >= one.every:
                yield wanted

    def _hold(self, wanted: Wanted) -> None:
        from monitor.drillday import hold  # stand-in vendors and all: few daemons need them

        now = self._clock.now()
        try:
            held = hold(self._house, self._rows, wanted, now)
        except UserError as error:        # a name that the config has lost since it was checked
            log.error("a drill could not be held vendor=%s reason=%r", wanted.vendor, str(error))
            return
        self._rows.keep_drill(_row(wanted, held), now)
        log.info("a drill was held vendor=%s passed=%s", wanted.vendor, held.passed)
        if not held.passed:
            self._rows.act((_finding(wanted, held, now, self._channels()),), now)


def _row(wanted: Wanted, held: "Held") -> DrillRow:
    ran, found = held.gateway, held.drill
    moved = [one.moved_s for one in ran if one.moved_s is not None]
    return DrillRow(
        wanted.mark, found.vendor, ",".join(found.regions), found.cause.value, held.passed, bool(ran),
        ",".join(one.workload for one in found.moves if one.stops), as_json(held.plain()),
        sum(one.lost for one in ran) if ran else None, round(max(moved) * 1000) if moved else None)


def _finding(wanted: Wanted, held: "Held", now: datetime, channels: tuple[str, ...]) -> Tell:
    found = held.drill
    why = [f"{one.workload} would stop: {one.why}" for one in found.moves if one.stops]
    why += [f"{one.workload} did not move as it should on {one.gateway}" for one in held.gateway if not one.passed]
    key = f"drill:{wanted.mark}:{now.isoformat()}"
    alert = Alert(
        key, Occasion.FINDING, Severity.WARNING, found.cause, now, provider=found.vendor, provider_name=found.vendor,
        regions=found.regions, confidence=1.0, touches=tuple(one.workload for one in found.moves if one.stops),
        because=f"a drill, not the real thing: {'; '.join((*why, *held.failed))}",
        run=(f"vendorwatch drill {wanted.vendor}", "vendorwatch readiness"))
    return Tell(key, alert, channels)
