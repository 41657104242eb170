"""Measurements become rows: driver-level tuples, because this is the one write that happens all day.

Sequence numbers are given under the writer's lock, so a reader never sees a number before a smaller one is committed.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from monitor.model import Measurement
from monitor.store import schema
from monitor.store.months import open_months
from monitor.store.units import scaled, to_us
from monitor.store.words import Mark, Words, mark_of, upsert
from probes.model import Exchange, Figures

Rest = tuple[int | None, ...]
Row = tuple[Any, ...]  # slot, seq and check, which are integers, then integers or None

_COLUMNS = tuple(column.name for column in schema.measurement.columns)
_INTO = f"INSERT INTO measurement ({', '.join(_COLUMNS)})"
_SQLITE = f"{_INTO} VALUES ({', '.join('?' * len(_COLUMNS))}) ON CONFLICT DO NOTHING"
_CASTS = ("bigint", "bigint", *("integer" for _ in _COLUMNS[4:]), "smallint", "smallint")
# One statement with an array a column: an eighth of the round trips and parsing of executemany.
_ARRAYS = ", ".join(f"%s::{cast}[]" for cast in _CASTS)
_POSTGRESQL = f"{_INTO} SELECT * FROM unnest({_ARRAYS}) ON CONFLICT DO NOTHING"  # noqa: S608 - our own names
_LOG = "INSERT INTO commit_log (seq_to, slot_min_us, slot_max_us) VALUES (?, ?, ?)"
_LATEST = (
    "INSERT INTO check_latest (check_id, slot_us) VALUES (?, ?) ON CONFLICT (check_id) "
    "DO UPDATE SET slot_us = excluded.slot_us WHERE excluded.slot_us > check_latest.slot_us"
)


def write_measurements(connection: Connection, measurements: Sequence[Measurement], words: Words) -> Callable[[], None]:
    """Append; a (check, slot) seen before is ignored. What is returned is to be called once committed."""
    now = measurements[0].started_at
    checks = words.check_ids(connection, [item.check for item in measurements], now)
    marks = [mark_of(item) for item in measurements]
    conclusions = words.conclusion_ids(connection, marks)
    first = _next_seq(connection)
    rows = _rows(measurements, marks, first, (checks, conclusions))
    slots = [row[0] for row in rows]
    months = words.months if connection.dialect.name == "sqlite" else open_months(connection, slots, words.months)
    written = _insert(connection, rows)
    if written:
        low, high = min(slots), max(slots)
        _execute(connection, _LOG, [(first + len(rows) - 1, low, high)])
        kept = None if written == len(rows) else _kept(connection, first, low, high)
        fresh = [pair for pair in zip(rows, measurements, strict=True) if kept is None or pair[0][1] in kept]
        _write_sides(connection, fresh)
    return lambda: words.settle(checks, conclusions, months)


def _next_seq(connection: Connection) -> int:
    return (connection.exec_driver_sql("SELECT max(seq_to) FROM commit_log").scalar() or 0) + 1


def _execute(connection: Connection, statement: str, rows: list[tuple[int, ...]]) -> None:
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    connection.exec_driver_sql(statement.replace("?", mark), rows)


def _rows(
    measurements: Sequence[Measurement],
    marks: Sequence[Mark],
    first: int,
    ids: tuple[Mapping[str, int], Mapping[Mark, int]],
) -> list[Row]:
    checks, conclusions = ids
    return [
        (
            to_us(item.slot),
            seq,
            checks[item.check.key],
            conclusions[mark],
            scaled(item.lateness_s) or 0,
            *_figures(item.reading.figures),
        )
        for seq, (item, mark) in enumerate(zip(measurements, marks, strict=True), first)
    ]


def _figures(figures: Figures) -> Rest:
    return (
        scaled(figures.dns_s),
        scaled(figures.tcp_s),
        scaled(figures.tls_s),
        scaled(figures.first_byte_s),
        scaled(figures.total_s),
        scaled(figures.ttft_s),
        scaled(figures.tokens_per_s, 1000),
        figures.tokens_in,
        figures.tokens_out,
        scaled(figures.cost_usd),
        scaled(figures.score),
        figures.items,
        figures.passed,
    )


def _insert(connection: Connection, rows: list[Row]) -> int:
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(_SQLITE, rows).rowcount
    columns = tuple(list(column) for column in zip(*rows, strict=True))
    return connection.exec_driver_sql(_POSTGRESQL, columns).rowcount


def _kept(connection: Connection, first: int, low: int, high: int) -> set[int]:
    """Which of the rows just inserted were new; asked only when some were not."""
    table = schema.measurement
    query = select(table.c.seq).where(table.c.slot_us.between(low, high), table.c.seq >= first)
    return set(connection.execute(query).scalars())


def _write_sides(connection: Connection, fresh: Sequence[tuple[Row, Measurement]]) -> None:
    newest: dict[int, int] = {}
    for row, _ in fresh:
        if newest.get(row[2], row[0]) <= row[0]:
            newest[row[2]] = row[0]
    _execute(connection, _LATEST, sorted(newest.items()))
    readings = [(row[1], row[2], item.reading) for row, item in fresh]
    extras = [_extra(seq, name, value) for seq, _, reading in readings for name, value in reading.figures.extra.items()]
    if extras:
        connection.execute(insert(schema.measurement_extra), extras)
    memories = {check: reading.memory for _, check, reading in readings if reading.memory is not None}
    if memories:
        _write_memories(connection, memories)
    proofs = [(seq, reading.exchanges) for seq, _, reading in readings if reading.exchanges]
    if proofs:
        _write_evidence(connection, proofs)


def _extra(seq: int, name: str, value: float | str) -> dict[str, object]:
    is_text = isinstance(value, str)
    return {"seq": seq, "name": name, "number": None if is_text else value, "text": value if is_text else None}


def _write_memories(connection: Connection, memories: Mapping[int, Mapping[str, str]]) -> None:
    table = schema.check_memory
    statement = upsert(connection, table)
    statement = statement.on_conflict_do_update(index_elements=["check_id"], set_={"body": statement.excluded.body})
    rows = [{"check_id": number, "body": json.dumps(dict(body))} for number, body in memories.items()]
    connection.execute(statement, rows)


def evidence_body(exchanges: Sequence[Exchange]) -> bytes:
    """The exchanges as JSON, redacted as they came. Times are left out, or no two bodies would ever be the same."""
    return json.dumps(
        [_exchange(item) for item in exchanges], default=_plain, ensure_ascii=False, sort_keys=True
    ).encode()


def _exchange(exchange: Exchange) -> dict[str, object]:
    call = {} if exchange.call is None else asdict(exchange.call) | {"type": type(exchange.call).__name__}
    return {
        "call": call,
        "status": exchange.status,
        "headers": exchange.headers,
        "body": exchange.body,
        "failure": exchange.failure,
        "detail": exchange.detail,
        "addresses": exchange.addresses,
        "peer": exchange.peer,
        "certificate": exchange.certificate,
        "exception": exchange.exception,
    }


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def _write_evidence(connection: Connection, proofs: Sequence[tuple[int, Sequence[Exchange]]]) -> None:
    bodies = {seq: evidence_body(exchanges) for seq, exchanges in proofs}
    hashes = {seq: hashlib.sha256(body).hexdigest() for seq, body in bodies.items()}
    table = schema.evidence
    known = _evidence_ids(connection, set(hashes.values()))
    missing = {hashes[seq]: body for seq, body in bodies.items() if hashes[seq] not in known}
    if missing:
        rows = [{"sha256": digest, "body": zlib.compress(body)} for digest, body in missing.items()]
        connection.execute(insert(table), rows)
        known = _evidence_ids(connection, set(hashes.values()))
    links = [{"seq": seq, "evidence_id": known[digest]} for seq, digest in hashes.items()]
    connection.execute(insert(schema.measurement_evidence), links)


def _evidence_ids(connection: Connection, hashes: set[str]) -> dict[str, int]:
    table = schema.evidence
    found = connection.execute(select(table.c.sha256, table.c.id).where(table.c.sha256.in_(sorted(hashes))))
    return {digest: number for digest, number in found}  # noqa: C416
