"""Asking once by hand: what an incident has stopped is not asked, and says so."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli import build
from monitor.commands.check import left_alone
from monitor.model import Judged, Watch
from monitor.store.sql import open_store

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CONFIG = """database: {folder}/v.db
controls: []
vendors: {{claude: {{checks: {{reachability: {{enabled: false}}}}}}}}
accounts: [{{name: main, vendor: claude, key_env: SOME_KEY}}]
"""


def stopping(url: str, *keys: str) -> None:
    store = open_store(url)
    store.carry_out(Judged(0, 0, NOW, actions=(Watch("ban:stop", keys, None, None, "banned"),)))
    store.close()


def test_what_is_stopped_is_left_alone_and_what_is_slowed_is_not(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'v.db'}"
    assert left_alone(url) == frozenset()
    assert not (tmp_path / "v.db").exists(), "looking makes no database"
    stopping(url, "a", "b")
    assert left_alone(url) == {"a", "b"}


def test_a_banned_account_is_not_asked_by_hand_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sk-canary-0001")
    file = tmp_path / "vendorwatch.yaml"
    file.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    keys = [f"{kind}/anthropic/international/main/-@here" for kind in ("completion", "models", "quality")]
    stopping(f"sqlite:///{tmp_path / 'v.db'}", *keys)
    monkeypatch.setattr("probes.run.Runner.run", lambda *_: pytest.fail("a call was made"))
    result = CliRunner().invoke(build(), ["check", "claude", "--config", str(file), "--json"])
    said = json.loads(result.stdout)
    assert result.exit_code == said["code"] == 3
    assert {row["check"] for row in said["checks"]} == set(keys[:2]), "the slow kinds are never asked by hand"
    assert {row["outcome"] for row in said["checks"]} == {"skipped"}
    assert "left alone" in said["checks"][0]["reason"]
