"""An upgrade keeps what was recorded: the store reads after it what was written before."""

from pathlib import Path

from history import a_check, a_measurement

from monitor.store.sql import open_store
from monitor.store.upgrade import info, revisions, stamp, upgrade


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
