"""Drills as rows: what each came to, and when it was held last."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from monitor.store.changeschema import drill
from monitor.store.changing import Changing
from monitor.store.units import from_us, to_us


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A drill that was held. `regions` and `stops` by comma; `detail`: JSON of all of it; None: no gateway was started.
    """

    mark: str
    vendor: str
    regions: str
    cause: str
    passed: bool
    with_gateway: bool
    stops: str
    detail: str
    lost: int | None = None
    moved_ms: int | None = None


class DrillRows(Changing):
    """The part of the store that holds the drills."""

    def keep_drill(self, row: DrillRow, now: datetime) -> None:
        with self._door.writing() as connection:
            connection.execute(insert(drill).values(at_us=to_us(now), **asdict(row)))

    def drilled_at(self, mark: str) -> datetime | None:
        """When a drill of the config was held last."""
        rows = self._rows(select(func.max(drill.c.at_us).label("at")).where(drill.c.mark == mark))
        return from_us(rows[0]["at"]) if rows else None
