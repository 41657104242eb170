"""What people and reports ask: what is now, what was told, what it cost. Plain rows, for tables and JSON."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from monitor.batch import RESUMED
from monitor.errors import UserError
from monitor.lifecycle import Sign, follow
from monitor.model import Cause, Errand, ErrandKind, Incident, Move, Stage
from monitor.store import schema
from monitor.store.deciding import write_move
from monitor.store.engine import Door
from monitor.store.reading import cursor_of, errand_of, incident_of
from monitor.store.units import from_us, to_us


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing is told about this provider, region or cause (None: all) until then."""

    author: str
    reason: str
    until: datetime
    provider: str | None = None
    region: str | None = None
    created_at: datetime | None = None
    id: int = 0
    cause: Cause | None = None


class Queries:
    """The reading half of the store, and the few things a person writes."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def _rows(self, statement: Any, parameters: Mapping[str, object] | None = None) -> list[dict[str, Any]]:
        with self._door.reading() as connection:
            return [dict(row) for row in connection.execute(statement, parameters or {}).mappings()]

    def current(self) -> Sequence[Mapping[str, Any]]:
        """The latest row of each active check: the columns of v_current."""
        return self._rows(text("SELECT * FROM v_current ORDER BY provider, region, kind, check_key"))

    def expecting(self) -> frozenset[str]:
        """Keys of the checks at which a refusal is expected (law 12)."""
        table = schema.check_def
        return frozenset(row["key"] for row in self._rows(select(table.c.key).where(table.c.expect_restricted)))

    def incident(self, number: int) -> Incident | None:
        table = schema.incident
        with self._door.reading() as connection:
            row = connection.execute(select(table).where(table.c.id == number)).first()
        return None if row is None else incident_of(row)

    def moves(self, number: int) -> Sequence[Mapping[str, Any]]:
        """The incident's moves in order: before, after, at, cause, confidence, because, samples."""
        table = schema.incident_move
        rows = self._rows(select(table).where(table.c.incident_id == number).order_by(table.c.id))
        return [row | {"at": from_us(row["at_us"]), "samples": json.loads(row["samples"])} for row in rows]

    def errands(self, state: str | None = None) -> Sequence[Mapping[str, Any]]:
        """The outbox; `state`: queued, leased, done, failed, or all."""
        table = schema.errand
        query = select(table).order_by(table.c.id)
        return self._rows(query if state is None else query.where(table.c.state == state))

    def reroutes(self, incident: str) -> Sequence[Errand]:
        """Every change that was queued for this incident, carried out or not, oldest first."""
        table = schema.errand
        query = select(table).where(table.c.incident == incident, table.c.kind == ErrandKind.REROUTE.value)
        with self._door.reading() as connection:
            return [errand_of(row) for row in connection.execute(query.order_by(table.c.id))]

    def silences(self, now: datetime, *, ended: bool = False) -> Sequence[Silence]:
        """Those in force; with `ended` those that are over, too."""
        table = schema.silence
        query = select(table).order_by(table.c.id)
        rows = self._rows(query if ended else query.where(table.c.until_us > to_us(now)))
        return [
            Silence(
                author=row["author"],
                reason=row["reason"],
                until=from_us(row["until_us"]),
                provider=row["provider"],
                region=row["region"],
                created_at=from_us(row["created_us"]),
                id=row["id"],
                cause=None if row["cause"] is None else Cause(row["cause"]),
            )
            for row in rows
        ]

    def add_silence(self, silence: Silence, now: datetime) -> Silence:
        """Returns it with its number."""
        table = schema.silence
        row = {
            "author": silence.author,
            "reason": silence.reason,
            "provider": silence.provider,
            "region": silence.region,
            "until_us": to_us(silence.until),
            "created_us": to_us(now),
            "cause": silence.cause,
        }
        with self._door.writing() as connection:
            number = int(connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one())
        return replace(silence, id=number, created_at=now)

    def expire_silence(self, number: int, now: datetime) -> bool:
        """End it now; the row stays. False: there is none of this number in force."""
        table = schema.silence
        in_force = (table.c.id == number) & (table.c.until_us > to_us(now))
        with self._door.writing() as connection:
            return connection.execute(update(table).where(in_force).values(until_us=to_us(now))).rowcount == 1

    def acknowledge(self, number: int, by: str, now: datetime) -> Incident:
        """Somebody has it: a move that changes no stage. Raises UserError for one unknown or closed."""
        with self._door.writing() as connection:
            incident = replace(_standing(connection, number), acked_by=by)
            write_move(connection, Move(incident, incident.stage, now, f"acknowledged by {by}"))
        return incident

    def resume(self, number: int, by: str, now: datetime) -> Incident:
        """A banned account may be asked again (law 11): the watches that stopped its checks end, and the incident is
        recovering; the next refusal opens it and stops them anew. Raises UserError where nothing is stopped.
        """
        watch = schema.watch
        with self._door.writing() as connection:
            before = _standing(connection, number)
            stage = follow(before.stage, Sign.RESUMED)
            if before.cause is not Cause.ACCOUNT_RESTRICTED or stage is None:
                raise UserError(f"incident {number}: no account is left alone for it; there is nothing to resume")
            incident = replace(before, stage=stage, changed_at=now)
            # with the last measurement judged without it: so it has its place among the batches
            judged = (cursor_of(connection),)
            write_move(connection, Move(incident, before.stage, now, f"{RESUMED}{by}", judged))
            connection.execute(delete(watch).where(watch.c.key.startswith(f"{incident.key}:", autoescape=True)))
        return incident

    def end(self, number: int, ending: Callable[[Incident], Move | None]) -> Incident:
        """It is followed no more, in whole or from some region: `ending` says how of the row as it is now. Whatever it
        has stopped runs again once it is closed. Raises UserError for one unknown or closed.
        """
        watch = schema.watch
        with self._door.writing() as connection:
            before = _standing(connection, number)
            move = ending(before)
            if move is None:
                return before
            write_move(connection, replace(move, samples=(cursor_of(connection),)))
            if move.incident.stage is Stage.CLOSED:
                connection.execute(delete(watch).where(watch.c.key.startswith(f"{before.key}:", autoescape=True)))
        return move.incident

    def spending(self, since: datetime, until: datetime | None = None) -> Sequence[Mapping[str, Any]]:
        """Tokens and money by provider from then on, before `until` (law 10): provider, calls, tokens_in, tokens_out,
        usd.
        """
        m, c, p = schema.measurement, schema.check_def, schema.provider
        query = (
            select(
                p.c.name.label("provider"),
                func.count().label("calls"),
                func.coalesce(func.sum(m.c.tokens_in), 0).label("tokens_in"),
                func.coalesce(func.sum(m.c.tokens_out), 0).label("tokens_out"),
                (func.coalesce(func.sum(m.c.cost_micro_usd), 0) / 1e6).label("usd"),
            )
            .join(c, c.c.id == m.c.check_id)
            .join(p, p.c.id == c.c.provider_id)
            .where(m.c.slot_us >= to_us(since), m.c.tokens_in.is_not(None) | m.c.cost_micro_usd.is_not(None))
            .group_by(p.c.name)
            .order_by(p.c.name)
        )
        if until is not None:
            query = query.where(m.c.slot_us < to_us(until))
        return [row | {"usd": float(row["usd"])} for row in self._rows(query)]

    def announced(self) -> Sequence[tuple[str, datetime, int]]:
        """What the vendors' own status pages said, by slot: provider, when it was read, incidents that were open."""
        m, c, p, k, x = (schema.measurement, schema.check_def, schema.provider, schema.kind, schema.measurement_extra)
        query = (select(p.c.name, m.c.slot_us, x.c.number)
                 .join(c, c.c.id == m.c.check_id).join(p, p.c.id == c.c.provider_id).join(k, k.c.id == c.c.kind_id)
                 .join(x, (x.c.seq == m.c.seq) & (x.c.name == "open_incidents"))
                 .where(k.c.name == "notices", x.c.number.is_not(None)).order_by(m.c.slot_us))
        with self._door.reading() as connection:
            return [(row[0], from_us(row[1]), int(row[2])) for row in connection.execute(query)]

    def evidence(self, seq: int) -> Sequence[Mapping[str, Any]]:
        """The redacted exchanges of one measurement, [] where none were kept."""
        body, link = schema.evidence, schema.measurement_evidence
        query = select(body.c.body).join(link, link.c.evidence_id == body.c.id).where(link.c.seq == seq)
        with self._door.reading() as connection:
            packed = connection.execute(query).scalar()
        return [] if packed is None else json.loads(zlib.decompress(packed))


def _standing(connection: Connection, number: int) -> Incident:
    """The incident of this number. Raises UserError for one unknown or closed."""
    row = connection.execute(select(schema.incident).where(schema.incident.c.id == number)).first()
    if row is None or row.stage == Stage.CLOSED.value:
        raise UserError(f"incident {number}: {'unknown' if row is None else 'already closed'}")
    return incident_of(row)
