"""A fallback is proven before anything moves to it: config, plan, probe, judge, finding, alert and patch, on loopback.

The fallback's stand-in cannot call tools at first. Its vendor is well, it is asked with its own key, and yet nothing is
moved there while the primary refuses the region – until it has shown that it can carry a session of tools on.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from composed import a_setup, at_work, until
from lab import Lab, open_lab

from alerts.model import Alert
from monitor.app import App
from monitor.clock import Clock
from monitor.errand import alert_from_json
from probes.sim.world import Behaviour, Line

SITES = {
    "anthropic": ("api.anthropic.com", "anthropic", ("claude-haiku-5-5",)),
    "openai": ("api.openai.com", "openai", ("gpt-6-luna",)),
    "n1": ("n1.test", "", ()), "n2": ("n2.test", "", ()), "n3": ("n3.test", "", ()),
}
KEYS = {"CLAUDE": "sk-ready-claude", "OPENAI": "sk-ready-openai"}
GATEWAY = """model_list:
- model_name: smart
  litellm_params: {model: anthropic/claude-haiku-5-5, api_key: os.environ/CLAUDE}
- model_name: backup
  litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI}
"""


def config(lab: Lab) -> dict[str, Any]:
    often = {kind: {"every": "60s"} for kind in ("completion", "readiness")}
    return {
        "budget": {"usd_per_day": 50, "tokens_per_day": 50_000_000, "each_vendor": {"tokens_per_day": 50_000_000}},
        "regions": {"us": {"vantages": [lab.place("us", "127.0.0.61")]}},
        "vendors": {"claude": {"checks": often}, "gpt": {"checks": often}},
        "accounts": [{"name": "c", "vendor": "claude", "key_env": "CLAUDE"},
                     {"name": "o", "vendor": "gpt", "key_env": "OPENAI"}],
        "controls": [SITES[name][0] for name in ("n1", "n2", "n3")],
        "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
        "workloads": {"smart": {"primary": "claude", "fallbacks": ["backup"],
                                "needs": {"tools": True, "json": True, "streaming": True}}},
    }


def told(app: App) -> list[Alert]:
    return [alert_from_json(row["payload"]) for row in app.store.errands() if row["kind"] == "tell"]


def moved(app: App) -> bool:
    return any(row["kind"] == "reroute" for row in app.store.errands())


def readings(app: App) -> set[str]:
    return {str(row["reason"]) for row in app.store.current() if row["kind"] == "readiness"}


async def _story(folder: Path) -> None:
    (folder / "litellm.yaml").write_text(GATEWAY)
    (folder / "lab").mkdir()
    async with open_lab(folder / "lab", SITES) as lab:
        cannot = lab.world.say(Line(Behaviour.NO_TOOLS, "openai"))
        setup = a_setup(folder, config(lab), KEYS)
        [check] = [one for one in setup.checks if one.kind == "readiness"]
        assert check.key == ("readiness/openai/international/o/gpt-6-luna/"
                             "json+streaming+takeover.anthropic+tools@us")
        async with at_work(setup, KEYS, Clock(rate=120.0)) as app:
            await until("the probe says what it lacks", lambda: any("tools: " in one for one in readings(app)))
            await until("the findings", lambda: {one.extra["finding"] for one in told(app)} == {
                "no_working_fallback", "fallback_same_jurisdiction"})
            lab.world.say(Line(Behaviour.GEO, "anthropic"))
            await until("the refusal told", lambda: any(one.cause == "region_restricted" for one in told(app)))
            opened = next(one for one in told(app) if one.cause == "region_restricted")
            assert "no fallback is proven to work for smart" in opened.because
            assert not moved(app)
            lab.world.unsay(cannot)
            await until("the proof", lambda: "ready: tools, takeover, json, streaming" in readings(app))
            await until("the patch", lambda: moved(app))
            await until("that it is mended", lambda: any(one.because.startswith("mended for smart: no_working")
                                                         for one in told(app)))
            shown = {one.address for one in lab.world.calls if one.provider == "openai" and one.key}
            assert shown == {"127.0.0.61"}, "the key was shown from its own region alone (law 11)"


def test_nothing_moves_to_a_fallback_that_is_not_proven(tmp_path: Path) -> None:
    pytest.importorskip("trustme")
    asyncio.run(_story(tmp_path))
