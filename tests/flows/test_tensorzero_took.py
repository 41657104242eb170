"""Did it take? A real TensorZero: not restarted it is told, restarted it is verified, failing it is rolled back.

Real file, database and gateway, stand-in vendors; only the clock of the rounds is set by hand.
"""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CHANGE, a_world, another
from portkey_run import Vendor
from rounding import Daemon

from alerts.gateways.tensorzero import Gateway
from monitor.changes import Stand
from monitor.proposing import Running
from monitor.rigs.tensorzero import Rig
from monitor.rounds import GRACE

RIG = Rig(str(Path(__file__).parents[2] / ".gateways" / "bin" / "python"))
CHANGE_HERE = another(takes_over="qwen")
LATER = timedelta(minutes=3)
CONFIG = """\
[gateway]
observability.enabled = false
disable_pseudonymous_usage_analytics = true
[models.smart]
routing = ["claude", "qwen"]    # in this order
[models.smart.providers.claude]
type = "anthropic"
model_name = "claude-opus-4-8"
api_base = "{}/v1/messages"
api_key_location = "env::DRILL_KEY"
[models.smart.providers.qwen]
type = "openai"
model_name = "qwen3-max"
api_base = "{}/v1"
api_key_location = "env::DRILL_KEY"
"""

pytestmark = pytest.mark.skipif(bool(RIG.missing()), reason="no TensorZero here; to have it: make gateways")


class House:
    def __init__(self, daemon: Daemon, banned: Vendor, fallback: Vendor) -> None:
        self.daemon, self.world, self.banned, self.fallback = daemon, daemon.world, banned, fallback

    async def seen(self, text: str, *later: timedelta) -> list[str]:
        """What was told by now, with a gateway that was started with this text."""
        self.banned.hits = self.fallback.hits = 0
        told: list[str] = []
        async with RIG.running(text, self.world.folder) as url:
            self.daemon.running = Running("tensorzero", url.partition("/openai/")[0], canary=True)
            for time in later:
                told = await self.daemon.go(time)
        return told


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("changing.Gateway", Gateway)
    banned, fallback = Vendor(403, "banned"), Vendor(200, "fallback")
    text = CONFIG.format(*(f"http://127.0.0.1:{one.server_port}" for one in (banned, fallback)))
    with a_world(tmp_path, text) as world:
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        yield House(Daemon(world), banned, fallback)
    for one in (banned, fallback):
        one.shutdown()
        one.server_close()


def test_not_restarted_it_is_told_and_restarted_it_is_verified(house: House) -> None:
    old = house.world.text
    house.world.propose(CHANGE_HERE)
    told = asyncio.run(house.seen(old, timedelta(0), GRACE))
    said = "applied, not live: a request for smart was answered 200 by openai/qwen3-max after anthropic, as before"
    assert told[1].startswith(said)
    assert house.world.stand() is Stand.APPLIED
    assert house.banned.hits, "every request goes to the vendor first, as long as nobody restarts it"
    asyncio.run(house.seen(house.world.text, LATER))
    assert house.world.stand() is Stand.VERIFIED
    assert (house.banned.hits, house.fallback.hits) == (0, 1)


def test_a_canary_that_fails_takes_it_back(house: House) -> None:
    old = house.world.text
    house.world.propose(CHANGE_HERE)
    house.fallback.status = 500
    house.daemon.once()
    told = asyncio.run(house.seen(house.world.text, LATER))
    assert told[1].startswith("rolled back: a request for smart was answered 502 by openai")
    assert (house.world.stand(), house.world.text) == (Stand.ROLLED_BACK, old)
    assert house.banned.hits == 0
    assert house.daemon.told()[1].severity == "critical"


def test_what_its_config_cannot_serve_is_not_the_changes_fault(house: House) -> None:
    """The old config is loaded and all of it fails: nothing is live, so that nothing is taken back."""
    old = house.world.text
    house.world.propose(CHANGE_HERE)
    house.fallback.status = 500
    told = asyncio.run(house.seen(old, timedelta(0), GRACE))
    assert told[1].startswith("applied, not live: a request for smart was answered 502")
    assert house.world.stand() is Stand.APPLIED
