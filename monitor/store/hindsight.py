"""What is asked afterwards: was it false, how long was watched, and which calls did it rest on."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text

from monitor.errors import UserError
from monitor.promises import FALSE, REAL, Watched
from monitor.store import schema
from monitor.store.queries import Queries
from monitor.store.units import from_us, to_us

BEFORE = timedelta(hours=6)      # a failure that an incident rests on is no older than its onset by more
AT_ONCE = 500                    # parameters of one statement


class Hindsight(Queries):
    """The part of the store that looks back."""

    def mark(self, number: int, by: str, because: str, now: datetime, *, false: bool = True) -> None:
        """What a person says of it: that it was false, or was real after all. A row; the last word counts."""
        row = {"incident_id": number, "mark": FALSE if false else REAL, "author": by, "reason": because,
               "at_us": to_us(now)}
        with self._door.writing() as connection:
            there = connection.execute(select(schema.incident.c.id).where(schema.incident.c.id == number)).first()
            if there is None:
                raise UserError(f"incident {number}: unknown")
            connection.execute(insert(schema.incident_mark).values(row))

    def marks(self, number: int | None = None) -> Sequence[Mapping[str, Any]]:
        """The marks, oldest first: incident_id, mark, author, reason, at."""
        table = schema.incident_mark
        query = select(table).order_by(table.c.id)
        rows = self._rows(query if number is None else query.where(table.c.incident_id == number))
        return [row | {"at": from_us(row["at_us"])} for row in rows]

    def watched(self) -> Sequence[Watched]:
        """Since when and until when each vendor was watched from each region; vendor None: the region's own network.
        Where refusal is expected nothing is promised.
        """
        c, latest = schema.check_def, schema.check_latest
        query = (
            select(schema.provider.c.name.label("provider"), schema.region.c.name.label("region"), c.c.control,
                   func.min(c.c.first_seen_us).label("since"), func.max(latest.c.slot_us).label("until"))
            .join(latest, latest.c.check_id == c.c.id)
            .join(schema.provider, schema.provider.c.id == c.c.provider_id)
            .join(schema.region, schema.region.c.id == c.c.region_id)
            .where(c.c.expect_restricted.is_(False))
            .group_by(schema.provider.c.name, schema.region.c.name, c.c.control)
        )
        return [Watched(None if row["control"] else row["provider"], row["region"], from_us(row["since"]),
                        from_us(row["until"])) for row in self._rows(query)]

    def calls(self, seqs: Sequence[int], since: datetime, until: datetime) -> Sequence[Mapping[str, Any]]:
        """Rows of v_measurement by sequence number, by slot. `since`, `until`: about when; nothing is looked for far
        outside. What is pruned is missing.
        """
        wanted = text(
            "SELECT seq, slot, provider, region, account, model, kind, outcome, status, reason, slot_us "
            "FROM v_measurement WHERE slot_us BETWEEN :since AND :until AND seq IN :seqs"
        ).bindparams(bindparam("seqs", expanding=True))
        found: list[Mapping[str, Any]] = []
        for at in range(0, len(seqs), AT_ONCE):
            found += self._rows(wanted, {"since": to_us(since - BEFORE), "until": to_us(until),
                                         "seqs": list(seqs[at:at + AT_ONCE])})
        return sorted(found, key=lambda row: (row["slot_us"], row["seq"]))
