"""Drills that fall due: held once, kept as a row, told where they fail, held again when their time has come."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from composed import a_setup

from monitor.clock import Clock
from monitor.drillroster import DrillRoster
from monitor.store.asking import ask
from monitor.store.sql import SqlStore, open_store

NOW = datetime(2026, 11, 26, tzinfo=UTC)
TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen}}\n"
)
CONFIG: dict[str, Any] = {
    "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
    "workloads": {"smart": {"primary": "claude", "fallbacks": ["backup"]}},
    "regions": {"here": {}},
    "drills": [{"vendor": "claude", "every": "90d"}, {"vendor": "kimi", "every": "90d"}],
}


class Still(Clock):
    """At a moment that the test sets."""

    at = NOW

    def now(self) -> datetime:
        return self.at


def roster(folder: Path, store: SqlStore, clock: Clock) -> DrillRoster:
    (folder / "litellm.yaml").write_text(TEXT)
    return DrillRoster(a_setup(folder, CONFIG, {}), store, lambda: ("ops",), clock)


@pytest.fixture
def store(tmp_path: Path):
    found = open_store(f"sqlite:///{tmp_path / 'v.db'}")
    yield found
    found.close()


def test_each_is_held_once_and_again_when_its_time_has_come(tmp_path: Path, store: SqlStore) -> None:
    clock = Still()
    assert asyncio.run(roster(tmp_path, store, clock).once()) == 2
    assert asyncio.run(roster(tmp_path, store, clock).once()) == 0          # a restart holds none again
    clock.at = NOW + timedelta(days=90)
    assert asyncio.run(roster(tmp_path, store, clock).once()) == 2


def test_it_is_a_row_and_one_that_fails_is_told(tmp_path: Path, store: SqlStore) -> None:
    asyncio.run(roster(tmp_path, store, Still()).once())
    database = f"sqlite:///{tmp_path / 'v.db'}"
    rows = ask(database, "SELECT at, vendor, passed, stops, lost FROM v_drill ORDER BY id", None).rows
    assert [tuple(row) for row in rows] == [
        ("2026-11-26 00:00:00", "anthropic", 0, "smart", None), ("2026-11-26 00:00:00", "moonshot", 1, "", None)]
    [errand] = store.claim(NOW)
    assert errand.channel == "ops"
    assert "a drill, not the real thing: smart would stop: no fallback is proven now" in errand.payload
