"""The Store on SQLite and PostgreSQL, one code for both. Synchronous, safe to call from several threads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Engine, select

from monitor.batch import Batch
from monitor.model import Action, Check, Delivery, Errand, Incident, Judged, Measurement, Sample, Watch
from monitor.store import deciding, outbox, reading, schema
from monitor.store.drilled import DrillRows
from monitor.store.engine import Door, connect, database_url, made, read_only
from monitor.store.recording import write_measurements
from monitor.store.units import to_us
from monitor.store.upgrade import admit, upgrade_engine
from monitor.store.words import Words, write_checks


class SqlStore(DrillRows):
    """Everything the house remembers. Raises StoreError where the database fails."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(Door(engine))
        self._words = Words()

    # -- measuring
    def register(self, checks: Sequence[Check], now: datetime) -> None:
        with self._door.writing() as connection:
            found = write_checks(connection, checks, now, renew=True)
        self._words.checks = self._words.checks | found

    def record(self, measurements: Sequence[Measurement]) -> None:
        if not measurements:
            return
        with self._door.writing() as connection:
            settle = write_measurements(connection, measurements, self._words)
        settle()

    def memory(self, check_key: str) -> Mapping[str, str]:
        with self._door.reading() as connection:
            return reading.memory_of(connection, check_key)

    # -- judging
    def cursor(self) -> int:
        with self._door.reading() as connection:
            return reading.cursor_of(connection)

    def unjudged(self, limit: int) -> Sequence[Sample]:
        with self._door.reading() as connection:
            return reading.samples_after(connection, reading.cursor_of(connection), limit)

    def judged(self, after: int, since: datetime | None = None) -> Iterator[Batch]:
        with self._door.reading() as connection:
            until = reading.cursor_of(connection)
            yield from reading.judged_batches(connection, after, until, to_us(since) if since else 0)

    def states(self) -> Mapping[str, str]:
        table = schema.rule_state
        with self._door.reading() as connection:
            return {row.key: row.state for row in connection.execute(select(table.c.key, table.c.state))}

    def incidents(self, *, closed: bool = False, limit: int = 1000) -> Sequence[Incident]:
        table = schema.incident
        query = select(table).order_by(table.c.id.desc()).limit(limit)
        if not closed:
            query = query.where(table.c.stage != "closed")
        with self._door.reading() as connection:
            return [reading.incident_of(row) for row in connection.execute(query)]

    def carry_out(self, judged: Judged) -> bool:
        with self._door.writing() as connection:
            if not deciding.as_met(connection, judged) or not deciding.swap_cursor(connection, judged):
                return False
            deciding.write_judged(connection, judged)
        return True

    def act(self, actions: Sequence[Action], now: datetime) -> None:
        with self._door.writing() as connection:
            deciding.write_actions(connection, actions, now)

    def watches(self) -> Sequence[Watch]:
        """Those in force at the last judgement; whoever acts on one compares `until` with its own clock."""
        with self._door.reading() as connection:
            rows = connection.execute(select(schema.watch).order_by(schema.watch.c.key))
            return [reading.watch_of(row) for row in rows]

    # -- telling
    def claim(self, now: datetime, limit: int = 20) -> Sequence[Errand]:
        """Leased for a minute; `attempts` counts this claim too."""
        with self._door.writing() as connection:
            return outbox.claim_errands(connection, now, limit)

    def settle(self, delivery: Delivery) -> None:
        with self._door.writing() as connection:
            outbox.settle_errand(connection, delivery)

    def first_reference(self, incident: str, channel: str) -> str:
        with self._door.reading() as connection:
            return outbox.first_reference_of(connection, incident, channel)

    # -- housekeeping
    def hold(self, owner: str, now: datetime, lease_s: float = 30.0) -> bool:
        with self._door.writing() as connection:
            return outbox.take_lease(connection, owner, now, lease_s)

    def holder(self) -> tuple[str, datetime] | None:
        with self._door.reading() as connection:
            return outbox.lease_of(connection)

    def release(self, owner: str) -> None:
        with self._door.writing() as connection:
            outbox.drop_lease(connection, owner)

    def prune(self, before: datetime, limit: int = 5000) -> int:
        with self._door.writing() as connection:
            return outbox.prune_rows(connection, before, limit)

    def close(self) -> None:
        self._door.engine.dispose()


def read_store(url: str) -> SqlStore:
    """The database as it is, to be looked at: nothing is made, written or upgraded. Raises UserError."""
    found = database_url(url)
    return _at_head(made(*read_only(found)), upgrade=False)


def open_store(url: str, *, upgrade: bool = True) -> SqlStore:
    """A path (SQLite) or postgresql://…. Raises UserError: not writable, no driver, from a newer version, not ours."""
    admit(url)
    return _at_head(connect(url), upgrade=upgrade)


def _at_head(engine: Engine, *, upgrade: bool) -> SqlStore:
    try:
        upgrade_engine(engine, apply=upgrade)
    except BaseException:
        engine.dispose()        # or its connections stay open for as long as somebody holds the failure
        raise
    return SqlStore(engine)
