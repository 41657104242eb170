"""Words to numbers: the ids of the dimension rows, made when a word is first seen and remembered after the commit."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from monitor.model import Check, Measurement
from monitor.store import schema
from monitor.store.months import Known
from monitor.store.units import to_us

_MOST = 50_000  # conclusions remembered in memory


def upsert(connection: Connection, table: Table) -> Any:
    """`INSERT` of the dialect, the one that knows `on_conflict_…`."""
    if connection.dialect.name == "sqlite":
        return sqlite_insert(table)
    from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # every driver's dialect comes with it

    return postgresql_insert(table)


def word_ids(connection: Connection, table: Table, names: Iterable[str | None]) -> dict[str, int]:
    """Ids of the words, missing ones made."""
    wanted = sorted({name for name in names if name is not None})
    if not wanted:
        return {}
    query = select(table.c.name, table.c.id).where(table.c.name.in_(wanted))
    known = {name: number for name, number in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy
    missing = [{"name": name} for name in wanted if name not in known]
    if missing:
        connection.execute(upsert(connection, table).on_conflict_do_nothing(), missing)
        known = {name: number for name, number in connection.execute(query)}  # noqa: C416
    return known


Mark = tuple[str, str, str, int | None, str, float, str | None]


def mark_of(measurement: Measurement) -> Mark:
    """What a reading concluded: outcome, rule, reason, status, clock, confidence, model."""
    reading = measurement.reading
    return (
        reading.outcome.value,
        reading.rule,
        reading.reason,
        reading.status,
        reading.clock,
        reading.confidence,
        reading.model,
    )


def _digest(mark: Mark) -> str:
    return hashlib.sha256(repr(mark).encode()).hexdigest()[:32]


class Words:
    """Ids of checks and conclusions by what they stand for, and the months made ready (PostgreSQL).

    `settle` keeps what was found, once it is committed.
    """

    def __init__(self) -> None:
        self.checks: dict[str, int] = {}
        self.conclusions: dict[Mark, int] = {}
        self.months: Known = {}

    def check_ids(self, connection: Connection, checks: Sequence[Check], now: datetime) -> Mapping[str, int]:
        """Ids of the checks; one that has no row yet gets one (a result of a check just added must not be lost)."""
        new = {check.key: check for check in checks if check.key not in self.checks}
        found = write_checks(connection, list(new.values()), now, renew=False) if new else {}
        return self.checks | found if found else self.checks

    def conclusion_ids(self, connection: Connection, marks: Iterable[Mark]) -> Mapping[Mark, int]:
        new = {mark for mark in marks if mark not in self.conclusions}
        return self.conclusions | _write_conclusions(connection, new) if new else self.conclusions

    def settle(self, checks: Mapping[str, int], conclusions: Mapping[Mark, int], months: Known) -> None:
        """After the commit: ids of a transaction rolled back must not be remembered."""
        self.months = months
        self.checks = dict(checks) if checks is not self.checks else self.checks
        if conclusions is not self.conclusions:
            self.conclusions = dict(conclusions) if len(conclusions) <= _MOST else {}


def _write_conclusions(connection: Connection, marks: set[Mark]) -> dict[Mark, int]:
    outcomes = word_ids(connection, schema.outcome, (mark[0] for mark in marks))
    rules = word_ids(connection, schema.rule, (mark[1] or None for mark in marks))
    models = word_ids(connection, schema.model, (mark[6] for mark in marks))
    rows = [
        {
            "mark": _digest(mark),
            "outcome_id": outcomes[mark[0]],
            "rule_id": rules.get(mark[1]),
            "reason": mark[2],
            "status": mark[3],
            "clock": mark[4],
            "confidence": mark[5],
            "model_id": models.get(mark[6] or ""),
        }
        for mark in marks
    ]
    table = schema.conclusion
    connection.execute(upsert(connection, table).on_conflict_do_nothing(), rows)
    query = select(table.c.mark, table.c.id).where(table.c.mark.in_([row["mark"] for row in rows]))
    ids = {mark: number for mark, number in connection.execute(query)}  # noqa: C416
    return {mark: ids[_digest(mark)] for mark in marks}


def write_checks(connection: Connection, checks: Sequence[Check], now: datetime, *, renew: bool) -> dict[str, int]:
    """Rows of checks by key. `renew` brings known ones up to date and leaves all others inactive."""
    table = schema.check_def
    if renew:
        connection.execute(update(table).values(active=False))
    rows = _check_rows(connection, checks, now)
    if not rows:
        return {}
    statement = upsert(connection, table)
    if renew:
        kept = {"id", "key", "first_seen_us"}
        new = {column.name: statement.excluded[column.name] for column in table.c if column.name not in kept}
        statement = statement.on_conflict_do_update(index_elements=["key"], set_=new)
    else:
        statement = statement.on_conflict_do_nothing()
    connection.execute(statement, rows)
    wanted = [check.key for check in checks]
    found = connection.execute(select(table.c.key, table.c.id).where(table.c.key.in_(wanted)))
    return {key: number for key, number in found}  # noqa: C416


def _check_rows(connection: Connection, checks: Sequence[Check], now: datetime) -> list[dict[str, object]]:
    targets = [check.target for check in checks]
    kinds = word_ids(connection, schema.kind, (check.kind for check in checks))
    providers = word_ids(connection, schema.provider, (target.provider.id for target in targets))
    regions = word_ids(connection, schema.region, (check.vantage.region for check in checks))
    accounts = word_ids(connection, schema.account, (t.account.name if t.account else None for t in targets))
    models = word_ids(connection, schema.model, (target.model for target in targets))
    return [
        {
            "key": check.key,
            "kind_id": kinds[check.kind],
            "provider_id": providers[check.target.provider.id],
            "surface": check.target.surface.name,
            "zone": check.target.surface.zone.value,
            "account_id": accounts[check.target.account.name] if check.target.account else None,
            "model_id": models[check.target.model] if check.target.model is not None else None,
            "vantage": check.vantage.name,
            "region_id": regions[check.vantage.region],
            "region_zone": check.vantage.zone.value,
            "control": check.control,
            "expect_restricted": check.expect_restricted,
            "every_s": check.every.total_seconds(),
            "first_seen_us": to_us(now),
            "active": True,
        }
        for check in checks
    ]
