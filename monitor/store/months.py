"""PostgreSQL keeps measurements by the month (UTC), and only months that are written to have the unique index.

That index takes a third of a row's bytes and has one use: a result told twice must stay one row. So a month gets it
when something is first written to it, be it late, and loses it two months on; what is older is found by a BRIN index on
the slot, which takes next to nothing. SQLite keeps one table that is its own index: nothing here is for it.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from monitor.store.units import from_us, to_us

_HOT = 2                    # months that keep the index: this one and the one before
_PATIENCE = "2s"            # with readers of a cold month; after that its index stays until the next month begins
_NAME = re.compile(r"measurement_(\d{4})_(\d\d)")

Known = Mapping[datetime, tuple[int, int]]      # months with the index: their first and last microsecond


def month_of(slot_us: int) -> datetime:
    """The beginning of the month the slot lies in."""
    return from_us(slot_us).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """The beginning of the month after."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def table_of(month: datetime) -> str:
    """The name of the month's partition."""
    return f"measurement_{month:%Y_%m}"


def open_months(connection: Connection, slots_us: Iterable[int], known: Known) -> Known:
    """Make ready the months of these slots. Returns what may be remembered once this is committed."""
    slots = list(slots_us)
    ends = min(slots), max(slots)
    if any(first <= ends[0] and ends[1] <= last for first, last in known.values()):
        return known
    opened = dict(known)
    for month in sorted({month_of(slot) for slot in slots}, reverse=True):      # a new one first: it may cool another
        if month in opened:
            continue
        if _open(connection, month):
            for cold in _cool(connection):
                opened.pop(cold, None)
        opened[month] = to_us(month), to_us(next_month(month)) - 1
    return opened


def _open(connection: Connection, month: datetime) -> bool:
    """The month's table and its unique index; True if it is a new one after all others."""
    name, months = table_of(month), _months(connection)
    if month not in months:
        # Attached rather than made a part at once: that would lock out readers of all months.
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE measurement)")
        connection.exec_driver_sql(f"CREATE INDEX ix_{name} ON {name} USING brin (slot_us)")
        bounds = f"FROM ({to_us(month)}) TO ({to_us(next_month(month))})"
        connection.exec_driver_sql(f"ALTER TABLE measurement ATTACH PARTITION {name} FOR VALUES {bounds}")
    connection.exec_driver_sql(f"CREATE UNIQUE INDEX IF NOT EXISTS uq_{name} ON {name} (slot_us, check_id)")
    return all(other < month for other in months)


def _cool(connection: Connection) -> list[datetime]:
    """Take the index from all months but the newest; returns those that have none now."""
    cold = _months(connection)[:-_HOT]
    for month in cold:
        with suppress(OperationalError), connection.begin_nested():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            connection.exec_driver_sql(f"DROP INDEX IF EXISTS uq_{table_of(month)}")
            connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")
    return cold


def _months(connection: Connection) -> list[datetime]:
    query = ("SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
             "WHERE i.inhparent = 'measurement'::regclass ORDER BY c.relname")
    found = (_NAME.fullmatch(name) for name in connection.exec_driver_sql(query).scalars())
    return [datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC) for match in found if match]
