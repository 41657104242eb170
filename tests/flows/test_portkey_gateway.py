"""Portkey's real gateway: the vendor that leaves is called before the patch, never after it, and again once taken back.

In a network namespace of its own, since the gateway listens on all interfaces. `make gateways-npm` installs it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alone import ALONE, portkey
from jsonlaws import DEMOTE, EXCLUDE, lawful

from alerts.gateways.portkey import Gateway
from alerts.model import Patch, Strength

RUN = Path(__file__).parent.parent / "support" / "portkey_run.py"
VENDOR = {"provider": "openai", "api_key": "{{KEY}}"}
OUT = {"name": "out", **VENDOR, "custom_host": "BANNED", "override_params": {"model": "claude-sonnet-4"}}
IN = {"name": "in", **VENDOR, "custom_host": "FALLBACK", "override_params": {"model": "qwen3-max"}}
REQUESTS = 4

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(portkey()), reason=portkey() or "the gateway is here")]


def group(mode: str, *targets: Any, **more: Any) -> dict[str, Any]:
    return {"strategy": {"mode": mode, **more}, "targets": list(targets)}


CASES = {
    "fallback": group("fallback", OUT, IN),
    "the usual status list": group("fallback", OUT, IN, on_status_codes=[429, 500, 502, 503]),
    "loadbalance": group("loadbalance", {**OUT, "weight": 1}, {**IN, "weight": 0}),
    "single": group("single", OUT, IN),
    "conditional": group("conditional", OUT, IN, default="out", conditions=[
        {"query": {"metadata.x": {"$eq": "y"}}, "then": "out"}]),
    "nested": group("fallback", group("loadbalance", OUT), group("fallback", OUT, group("single", IN))),
}


def patched(config: Any, strength: Strength) -> Patch:
    """Away from the stand-in, whose host no catalogue knows: it is anthropic's by the name of its host here."""
    text = json.dumps(config, indent=2).replace("BANNED", "https://api.anthropic.com").replace(
        "FALLBACK", "https://dashscope.aliyuncs.com")
    return lawful("portkey", text, "default", "anthropic", "in", strength)


def local(text: str) -> str:
    return text.replace("https://api.anthropic.com", "BANNED").replace("https://dashscope.aliyuncs.com", "FALLBACK")


@pytest.mark.parametrize("strength", [EXCLUDE, DEMOTE])
def test_no_call_reaches_the_vendor_and_every_request_is_answered(strength: Strength) -> None:
    patches = [patched(config, strength) for config in CASES.values()]
    texts = [local(text) for patch in patches for text in (patch.reverted, patch.patched)]
    done = subprocess.run(
        [*ALONE, sys.executable, str(RUN)], input=json.dumps(texts), capture_output=True, text=True, check=False,
            timeout=90,
        env={**os.environ, "TRUSTED_CUSTOM_HOSTS": "127.0.0.1"})
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)
    for at, name in enumerate(CASES):
        before, after = results[2 * at:2 * at + 2]
        assert before["banned"] >= REQUESTS, name
        assert (after["banned"], after["fallback"]) == (0, REQUESTS), name
        assert [tuple(one) for one in after["answers"]] == [(200, "fallback")] * REQUESTS, name
    refused = results[2 * list(CASES).index("the usual status list")]
    assert {one[0] for one in refused["answers"]} == {403}          # what the linter says of such a list is so
    assert any("403" in one.what for one in Gateway().lint(json.dumps(CASES["the usual status list"])))
