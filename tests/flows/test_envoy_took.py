"""Did it take? A real Envoy at whose admin port is read which backends it has; without that port it cannot be told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CHANGE, a_world, another
from envoys import INSTALL, Envoy, command, envoy
from portkey_run import Vendor
from rounding import Daemon

from alerts.gateways.envoy_ai_gateway import Gateway
from monitor.changes import Stand
from monitor.proposing import Running
from monitor.rounds import GRACE

pytestmark = pytest.mark.skipif(not command(), reason=f"no envoy here; to have it: {INSTALL}")
LATER = timedelta(minutes=3)


def manifest(*vendors: Vendor) -> str:
    refs = "".join(f"        - {{name: {one.name}, priority: {at}}}\n" for at, one in enumerate(vendors))
    backends = "".join(
        "---\napiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIServiceBackend\n"
        f"metadata: {{name: {one.name}}}\nspec: {{schema: {{name: OpenAI}}, backendRef: {{name: {one.name}}}}}\n"
        f"---\napiVersion: gateway.envoyproxy.io/v1alpha1\nkind: Backend\nmetadata: {{name: {one.name}}}\n"
        f"spec: {{endpoints: [{{ip: {{address: 127.0.0.1, port: {one.server_port}}}}}]}}\n" for one in vendors)
    return ("apiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIGatewayRoute\nmetadata: {name: llm}\nspec:\n"
            "  rules:\n"
            "    - matches: [{headers: [{type: Exact, name: x-ai-eg-model, value: smart}]}]\n"
            f"      backendRefs:\n{refs}{backends}")


@pytest.fixture
def vendors() -> Iterator[tuple[Vendor, Vendor]]:
    pair = Vendor(403, "claude"), Vendor(200, "qwen")
    yield pair
    for one in pair:
        one.shutdown()
        one.server_close()


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendors: tuple[Vendor, Vendor]) -> Iterator[Daemon]:
    monkeypatch.setattr("changing.Gateway", Gateway)
    with a_world(tmp_path, manifest(*vendors)) as world:
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        yield Daemon(world)


def at(gateway: Envoy, **more: object) -> Running:
    """The stand-in has no part that reads the model from the body: the header does it."""
    return replace(Running("envoy_ai_gateway", f"http://127.0.0.1:{gateway.port}", canary=True,
                           admin_url=f"http://127.0.0.1:{gateway.admin}", headers={"x-ai-eg-model": "smart"}),
                   **more)  # type: ignore[arg-type]


def test_told_until_the_controller_has_taken_it_up(
        daemon: Daemon, vendors: tuple[Vendor, Vendor], tmp_path: Path) -> None:
    banned, fallback = vendors
    with envoy(tmp_path, daemon.world.text) as gateway:
        daemon.world.propose(another(takes_over="qwen"))
        daemon.running = at(gateway)
        daemon.once()
        told = daemon.once(GRACE)
        assert told[1].startswith("applied, not live: Envoy still has claude for smart")
        assert (banned.hits, fallback.hits) == (0, 0), "no canary goes to who shut us out"
        gateway.tell(daemon.world.text)
        gateway.answers("smart")
        banned.hits = 0
        daemon.once(LATER)
        assert daemon.world.stand() is Stand.VERIFIED
        assert banned.hits == 0


def test_a_canary_that_fails_takes_it_back(daemon: Daemon, vendors: tuple[Vendor, Vendor], tmp_path: Path) -> None:
    old = daemon.world.text
    daemon.world.propose(another(takes_over="qwen"))
    daemon.once()
    with envoy(tmp_path, daemon.world.text) as gateway:
        daemon.running = at(gateway)
        vendors[1].status = 500
        told = daemon.once(LATER)
    assert told[1] == "rolled back: a request for smart was answered 500"
    assert (daemon.world.stand(), daemon.world.text) == (Stand.ROLLED_BACK, old)


def test_without_the_admin_port_it_cannot_be_told(daemon: Daemon, tmp_path: Path) -> None:
    with envoy(tmp_path, daemon.world.text) as gateway:
        daemon.world.propose(another(takes_over="qwen"))
        daemon.running = at(gateway, admin_url="", canary=False)
        daemon.once()
        told = daemon.once(GRACE)
    assert told[1].startswith("applied; whether it is live cannot be told: say `admin_url`")
