"""`drill VENDOR`: a rehearsal on the real config and database; nothing is told, stored or written."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_measurement, a_provider, a_target, a_vantage
from terminal import Command

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.known import Known, Policy
from monitor.store.sql import open_store
from probes.outcome import Outcome

CONFIG = """
database: v.db
gateways: {team: {type: litellm, file: litellm.yaml}}
workloads:
  smart: {primary: claude, fallbacks: [backup]}
"""
GATEWAY = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen}}\n"
)


@pytest.fixture(autouse=True)
def _config(home: Path) -> None:
    (home / "vendorwatch.yaml").write_text(CONFIG)
    (home / "litellm.yaml").write_text(GATEWAY)


@pytest.fixture
def proven(home: Path) -> None:
    """Qwen has answered from here a minute ago, and a daemon has judged it."""
    store, now = open_store(f"sqlite:///{home / 'v.db'}"), datetime.now(UTC)
    target = a_target(a_provider("dashscope"), keyed=False)
    rows = [a_measurement(Outcome.OK, target=target, vantage=a_vantage("here"), slot=now - timedelta(minutes=n))
            for n in (3, 2, 1)]
    store.register([rows[0].check], now)
    store.record(rows)
    asyncio.run(Judging(store, Policy(), Known(), Clock(epoch=now)).once())
    store.close()


def test_without_proof_the_workload_stops(vendorwatch: Command, home: Path) -> None:
    shown = vendorwatch("drill", "claude")
    assert shown.code == 1
    assert "smart STOPS: no fallback is proven now: backup" in shown.out
    assert "no fallback is proven to work for smart" in shown.out       # the alert says it too
    assert (home / "litellm.yaml").read_text() == GATEWAY


@pytest.mark.usefixtures("proven")
def test_with_proof_it_shows_the_alert_and_the_patch(vendorwatch: Command, home: Path) -> None:
    shown = vendorwatch("drill", "claude", "--region", "here")
    assert shown.code == 0, shown
    assert "Told to console" in shown.out
    assert "smart moves to backup, proven at" in shown.out
    assert "model_group_alias: {smart: backup}" in shown.out
    assert (home / "litellm.yaml").read_text() == GATEWAY
    said = vendorwatch("drill", "claude", "--json").json
    assert said["drill"]["moves"][0]["to"] == "backup"
    assert vendorwatch("incident", "list", "--all", "--json").json == []


@pytest.mark.usefixtures("proven")
def test_with_a_gateway_it_is_moved_for_real(vendorwatch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")        # a LiteLLM that is installed here would take its time
    shown = vendorwatch("drill", "claude", "--with-gateway")
    assert shown.code == 0, shown
    assert "stand-in gateway that routes as the file says" in shown.out
    assert "passed: smart on " in shown.out
    assert "and 0 after; taken back: the same bytes" in shown.out


def test_names_that_nobody_has_are_told(vendorwatch: Command) -> None:
    assert "no region 'moon'" in vendorwatch("drill", "claude", "--region", "moon").err
    assert "no cause 'bann'" in vendorwatch("drill", "claude", "--cause", "bann").err
    assert "unknown vendor 'klaude'" in vendorwatch("drill", "klaude").err
    assert vendorwatch("drill", "klaude").code == 2


def test_a_vendor_that_is_nobodys_primary_moves_nothing(vendorwatch: Command) -> None:
    shown = vendorwatch("drill", "kimi")
    assert (shown.code, "no workload" in shown.out.lower()) == (0, True)
