"""Routing changes as rows: a step is one compare-and-swap and one link of the chain, in one transaction (law 5)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from alerts.model import ApiCall
from alerts.surgery.merging import Span
from monitor.chain import BEGINNING, seal_of
from monitor.changes import SWITCH, SWITCHES, UNDER_WAY, Drawn, Entry, Life, Stand, Step, What, follow
from monitor.errand import change_from_json, change_to_json
from monitor.store import schema
from monitor.store.changeschema import change, change_entry
from monitor.store.hindsight import Hindsight
from monitor.store.units import from_us, to_us

MOST_EVIDENCE = 100


class Changing(Hindsight):
    """The part of the store that holds the lives of routing changes."""

    def lives(self, stands: Sequence[Stand] | None = None) -> Sequence[Life]:
        """The changes that stand so, or all; oldest first."""
        query = select(change).order_by(change.c.created_us, change.c.id)
        rows = self._rows(query if stands is None else query.where(change.c.stand.in_([*stands])))
        return [_life(row) for row in rows]

    def life(self, name: str) -> Life | None:
        rows = self._rows(select(change).where(change.c.id == name))
        return _life(rows[0]) if rows else None

    def step(self, step: Step, now: datetime) -> Life | None:
        """Take it. None: the change does not stand as the step supposes – another was first – or it cannot happen."""
        after = follow(step.stand, step.what)
        if after is None:
            return None
        with self._door.writing() as connection:
            before = connection.execute(select(change).where(change.c.id == step.change)).mappings().first()
            if (None if before is None else before["stand"]) != step.stand:
                return None
            new = _next(step, None if before is None else _life(dict(before)), after, now)
            if new is None:
                return None
            drawn, at_work = new.drawn, step.shas is not None or step.stand in UNDER_WAY
            shas = (new.from_sha256, new.to_sha256) if at_work else (drawn.base_sha256, drawn.patched_sha256)
            new = replace(new, head=_append(connection, _bare(step, new.stand.value, shas, now)))
            _put(connection, new, fresh=before is None)
        return new

    def throw(self, what: What, by: str, detail: Mapping[str, object], now: datetime) -> None:
        """The switch that stops all changes, or lets them go on: a row of the same chain."""
        with self._door.writing() as connection:
            _append(connection, _bare(Step(SWITCH, None, what, by, detail), SWITCHES[what], ("", ""), now))

    def samples_of(self, incident: str) -> tuple[str, ...]:
        """The measurements that an incident's moves rest on, by sequence number, oldest first; the latest hundred."""
        moves, table = schema.incident_move, schema.incident
        query = select(moves.c.samples).join(table, table.c.id == moves.c.incident_id).where(table.c.key == incident)
        found = {seq for row in self._rows(query) for seq in json.loads(row["samples"])}
        return tuple(str(seq) for seq in sorted(found)[-MOST_EVIDENCE:])

    def entries(self, name: str | None = None) -> Sequence[Entry]:
        """The audit rows, oldest first: of one change, or all."""
        query = select(change_entry).order_by(change_entry.c.seq)
        rows = self._rows(query if name is None else query.where(change_entry.c.change == name))
        return [_entry(row) for row in rows]


def _next(step: Step, before: Life | None, after: Stand, now: datetime) -> Life | None:
    """The row as it is after the step."""
    if before is None:
        return None if step.start is None else replace(step.start, stand=after, changed_at=now)
    moved = replace(before, stand=after, changed_at=now if after is not before.stand else before.changed_at)
    if step.start is not None:
        moved = replace(moved, drawn=step.start.drawn, change=step.start.change, mode=step.start.mode, changed_at=now)
    return moved if step.shas is None else replace(moved, from_sha256=step.shas[0], to_sha256=step.shas[1])


def _bare(step: Step, stand: str, shas: tuple[str, str], now: datetime) -> Entry:
    """The row of a step that leads there, as the first of a chain."""
    detail = json.dumps(dict(step.detail), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    at = from_us(to_us(now))             # as it is read again, or the hash would not be
    return Entry(1, at, step.change, step.what.value, stand, step.by, detail, *shas, BEGINNING, "")


def _append(connection: Connection, bare: Entry) -> str:
    """The row of the chain; returns its hash. The writer's lock is held: nobody appends meanwhile."""
    last = connection.execute(select(change_entry.c.seq, change_entry.c.hash).order_by(
        change_entry.c.seq.desc()).limit(1)).first()
    placed = bare if last is None else replace(bare, seq=last.seq + 1, previous=last.hash)
    sealed = replace(placed, hash=seal_of(placed))
    row = asdict(sealed) | {"at_us": to_us(sealed.at), "author": sealed.by}
    connection.execute(insert(change_entry), {column.name: row[column.name] for column in change_entry.columns})
    return sealed.hash


def _put(connection: Connection, life: Life, *, fresh: bool) -> None:
    row = {
        "id": life.id,
        "gateway": life.gateway,
        "workload": life.change.workload,
        "incident": life.change.incident,
        "mode": life.mode,
        "stand": life.stand.value,
        "body": change_to_json(life.change, life.mode),
        "drawn": json.dumps(asdict(life.drawn), ensure_ascii=False, separators=(",", ":")),
        "from_sha256": life.from_sha256,
        "to_sha256": life.to_sha256,
        "created_us": to_us(life.created_at),
        "changed_us": to_us(life.changed_at),
        "head": life.head,
    }
    connection.execute(insert(change), row) if fresh else connection.execute(
        update(change).where(change.c.id == life.id).values(row))


def _life(row: Mapping[str, Any]) -> Life:
    drawn = json.loads(row["drawn"])
    drawn["undo"] = tuple(Span(**span) for span in drawn["undo"])
    drawn["warnings"] = tuple(drawn["warnings"])
    drawn["calls"] = tuple(ApiCall(**call) for call in drawn.get("calls", ()))
    return Life(
        change_from_json(row["body"]), row["gateway"], row["mode"], Stand(row["stand"]), Drawn(**drawn),
        from_us(row["created_us"]), from_us(row["changed_us"]), row["from_sha256"], row["to_sha256"], row["head"],
    )


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(row["seq"], from_us(row["at_us"]), row["change"], row["what"], row["stand"], row["author"],
                 row["detail"], row["base_sha256"], row["patched_sha256"], row["previous"], row["hash"])


