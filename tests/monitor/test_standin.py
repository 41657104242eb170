"""The stand-in gateway routes as the file says: routes in order, then fallbacks; else the last bad answer."""

import asyncio
import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

from alerts.gateways.litellm import Gateway
from alerts.model import Inventory, Route
from monitor.rig import Place
from monitor.standin import StandInRig, order
from probes.sim.server import StandIn
from probes.sim.world import Behaviour, Line, World

TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen}}\n"
    "router_settings: {fallbacks: [{smart: [backup]}]}\n"
)


def test_the_order_follows_fallbacks_and_never_turns_in_a_circle() -> None:
    routes = (Route("a", key="0"), Route("b", key="1"), Route("c", key="2"))
    served = {"a": ("0",), "b": ("1",), "c": ("2",)}
    assert order(Inventory(routes, {"a": ("b",), "b": ("a", "c")}, {}, served), "a") == ["0", "1", "2"]
    assert order(Inventory(routes, {"*": ("c",)}, {}, served), "a") == ["0", "2"]
    assert order(Inventory(routes, {}, {}, served), "nobody") == []


def asked(url: str, model: str) -> tuple[int, str]:
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=5)
    body = {"model": model, "messages": [{"role": "user", "content": "hi"}]}
    connection.request("POST", place.path, json.dumps(body))
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


async def scene(*lines: Line, model: str = "smart") -> tuple[int, list[str]]:
    world = World(list(lines))
    claude = StandIn("claude", "anthropic", (), world, None)
    qwen = StandIn("qwen", "openai", (), world, None)
    await claude.start()
    await qwen.start()
    places = {"model_list.0": Place(f"http://127.0.0.1:{claude.port}/v1", "anthropic", "claude"),
              "model_list.1": Place(f"http://127.0.0.1:{qwen.port}/v1", "openai", "qwen")}
    rig = StandInRig(Gateway())
    try:
        async with rig.running(rig.adapted(TEXT, places), Path()) as url:
            status, _ = await asyncio.to_thread(asked, url, model)
    finally:
        await claude.stop()
        await qwen.stop()
    return status, [call.provider for call in world.calls]


def test_the_first_that_answers_well_is_the_last_asked() -> None:
    assert asyncio.run(scene()) == (200, ["claude"])
    assert asyncio.run(scene(Line(Behaviour.GEO, "claude"))) == (200, ["claude", "qwen"])


def test_where_none_answers_the_last_refusal_is_given_back() -> None:
    assert asyncio.run(scene(Line(Behaviour.GEO))) == (403, ["claude", "qwen"])
    assert asyncio.run(scene(Line(Behaviour.RESET))) == (502, [])
    assert asyncio.run(scene(model="nobody")) == (404, [])
