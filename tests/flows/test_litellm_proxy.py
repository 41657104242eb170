"""Patches on a real LiteLLM 1.106.2: before, the vendor that shut us out is hit; after, never, and all are answered.

One config holds every style of a move, so that two starts of the proxy (20 to 40 s each) do for all.
"""

from collections import Counter
from pathlib import Path

import pytest
from litellm_proxy import Vendors, ask, proxy, vendors, why_not

from alerts.gateways.litellm import Gateway
from alerts.model import RoutingChange, Strength

pytestmark = [pytest.mark.external, pytest.mark.skipif(bool(why_not()), reason=why_not() or "LiteLLM is here")]

MODELS = {
    "smart": ["banned"], "smart-b": ["fine"], "shared": ["banned", "fine"], "main": ["broken"],
    "slow": ["slow"], "slow-b": ["broken"], "any/*": ["banned"], "anchored": ["banned"],
}
TAIL = """\
router_settings:    # of the router
  num_retries: 0
  disable_cooldowns: true
  fallbacks:
    - main: [smart]  # the only one
    - smart-b:
        - "shared"
general_settings: {master_key: os.environ/MASTER}
"""
MOVES = [
    ("shared", "fine", Strength.EXCLUDE), ("main", "smart-b", Strength.EXCLUDE),
    ("smart", "smart-b", Strength.EXCLUDE), ("any/model", "smart-b", Strength.EXCLUDE),
    ("anchored", "smart-b", Strength.EXCLUDE), ("slow", "slow-b", Strength.DEMOTE),
]


def config(server: Vendors) -> str:
    text = "x-key: &key {api_key: os.environ/KEY}\nmodel_list:\n"
    for group, served in MODELS.items():
        for vendor in served:
            model = "openai/*" if "*" in group else "openai/m"
            text += (f"  - model_name: '{group}'\n    litellm_params: {{<<: *key, model: {model}, "
                     f"api_base: {server.url(vendor)}}}\n")
            text += f"    model_info: {{id: {vendor}}}\n" if group == "shared" else ""
    return text + TAIL


def move(text: str, workload: str, target: str, strength: Strength) -> tuple[str, str]:
    """The text after a move, and after it was taken back."""
    vendor = "/slow/" if strength is Strength.DEMOTE else "/banned/"
    keys = tuple(route.key for route in Gateway().inventory(text).routes if vendor in route.base_url)
    change = RoutingChange(f"vw-{workload}", workload, vendor.strip("/"), keys, target, strength, "c", "b")
    patch = Gateway().render(change, text)
    return patch.patched, patch.reverted


def test_no_call_reaches_what_left_and_every_call_is_answered(tmp_path: Path) -> None:
    with vendors() as server:
        text = config(server)
        asked = ("smart", "main", "any/model", "anchored")
        with proxy(text, tmp_path / "before") as client:
            for name in asked:
                hits = server.hits["banned"]
                assert ask(client, name) in ("403", "500")      # of main, its own vendor's error is told
                assert server.hits["banned"] == hits + 1, name
            assert Counter(ask(client, "shared") for _ in range(20))["fine"] < 20
            assert ask(client, "slow") == "slow"
        patched = text
        for workload, target, strength in MOVES:
            after, back = move(patched, workload, target, strength)
            assert back == patched
            assert after != patched
            patched = after
        server.hits.clear()
        with proxy(patched, tmp_path / "after") as client:
            for _ in range(10):
                assert [ask(client, name) for name in (*asked, "shared")] == ["fine"] * (len(asked) + 1)
            assert server.hits["banned"] == 0
            broken = server.hits["broken"]
            assert ask(client, "slow") == "slow"        # as the last resort: what took over is asked first
            assert server.hits["broken"] == broken + 1
