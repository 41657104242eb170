"""Patches on a real LiteLLM 1.106.2: before, the vendor that shut us out is hit; after, never, and all are answered.

One config holds every style of a move, so that two starts of the proxy (20 to 40 s each) do for all.
"""

import asyncio
from collections import Counter
from pathlib import Path

import httpx
import pytest
from litellm_proxy import MASTER, Vendors, ask, proxy, vendors, why_not

from alerts.gateways.litellm import Gateway
from alerts.model import RoutingChange, Strength
from alerts.observer import Side, Written
from alerts.observers.litellm import Observer
from monitor.looking import asked
from monitor.proposing import Running

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
            model = "openai/*" if "*" in group else f"openai/m-{vendor}"
            text += (f"  - model_name: '{group}'\n    litellm_params: {{<<: *key, model: {model}, "
                     f"api_base: {server.url(vendor)}}}\n")
            text += f"    model_info: {{id: {vendor}}}\n" if group == "shared" else ""
    return text + TAIL


def move(text: str, workload: str, target: str, strength: Strength) -> tuple[Written, str]:
    """The move as it is written, and the text after it was taken back."""
    vendor = "/slow/" if strength is Strength.DEMOTE else "/banned/"
    keys = tuple(route.key for route in Gateway().inventory(text).routes if vendor in route.base_url)
    change = RoutingChange(f"vw-{workload}", workload, vendor.strip("/"), keys, target, strength, "c", "b")
    patch = Gateway().render(change, text)
    before, after = (Side(one, Gateway().inventory(one)) for one in (text, patch.patched))
    return Written(change, before, after), patch.reverted


def looked(client: httpx.Client, moves: list[Written], *, canary: bool) -> dict[str, bool | None]:
    """Whether each move took, by workload: as the proxy says, and with a request."""
    running = Running("litellm", str(client.base_url), "MASTER_OF_TEST", canary=canary)
    return {one.change.workload: asyncio.run(asked(running, Observer(), one)).took for one in moves}


# who stands in main does not change, only its fallbacks: of those nothing is told
BEFORE = {"shared": False, "main": None, "smart": False, "any/model": False, "anchored": False, "slow": False}
AFTER = {name: None if took is None else True for name, took in BEFORE.items()}


def test_no_call_reaches_what_left_and_every_call_is_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_OF_TEST", MASTER)
    with vendors() as server:
        text = config(server)
        moves: list[Written] = []
        patched = text
        for workload, target, strength in MOVES:
            written, back = move(patched, workload, target, strength)
            assert back == patched
            assert written.after.text != patched
            moves.append(written)
            patched = written.after.text
        names = ("smart", "main", "any/model", "anchored")
        with proxy(text, tmp_path / "before") as client:
            assert looked(client, moves, canary=False) == BEFORE
            assert looked(client, [one for one in moves if BEFORE[one.change.workload] is False], canary=True)
            assert server.hits == {}, "what is told by reading is not asked of who shut us out"
            for name in names:
                hits = server.hits["banned"]
                assert ask(client, name) in ("403", "500")      # of main, its own vendor's error is told
                assert server.hits["banned"] == hits + 1, name
            assert Counter(ask(client, "shared") for _ in range(20))["fine"] < 20
            assert ask(client, "slow") == "slow"
        server.hits.clear()
        with proxy(patched, tmp_path / "after") as client:
            assert looked(client, moves, canary=False) == AFTER
            assert looked(client, moves, canary=True) == AFTER
            assert server.hits["banned"] == 0
            for _ in range(10):
                assert [ask(client, name) for name in (*names, "shared")] == ["fine"] * (len(names) + 1)
            assert server.hits["banned"] == 0
            broken = server.hits["broken"]
            assert ask(client, "slow") == "slow"        # as the last resort: what took over is asked first
            assert server.hits["broken"] == broken + 1
