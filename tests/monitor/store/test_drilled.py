"""Drills as rows."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.store.asking import ask
from monitor.store.drilled import DrillRow
from monitor.store.sql import open_store

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
ROW = DrillRow("m", "anthropic", "cn,us", "region_restricted", True, True, "", "{}", 3, 1250)


def test_the_last_of_each_is_found(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    try:
        assert store.drilled_at("m") is None
        store.keep_drill(ROW, NOW)
        store.keep_drill(ROW, NOW - timedelta(days=1))
        assert store.drilled_at("m") == NOW
        assert store.drilled_at("n") is None
    finally:
        store.close()
    [row] = ask(f"sqlite:///{tmp_path / 'v.db'}", "SELECT regions, lost, moved_s FROM v_drill LIMIT 1", None).rows
    assert tuple(row) == ("cn,us", 3, 1.25)
