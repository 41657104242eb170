"""Did it take? Bifrost by its rules, and where its API takes no key of ours, by the provider of an answer."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CHANGE, a_world, another
from fakebifrost import FakeBifrost, a_bifrost
from rounding import Daemon

from alerts.gateways.bifrost import Gateway
from monitor.changes import Stand
from monitor.proposing import Running
from monitor.rounds import GRACE

CONFIG = json.dumps({"providers": {"anthropic": {"keys": [{"value": "env.A", "models": ["claude-4"]}]},
                                   "openai": {"keys": [{"value": "env.B", "models": ["gpt-5"]}]}}}, indent=2)
LATER = timedelta(minutes=3)
Parts = tuple[Daemon, FakeBifrost]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setattr("changing.Gateway", Gateway)
    with a_world(tmp_path, CONFIG) as world, a_bifrost(world.file) as (fake, url):
        fake.down.add("anthropic")
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        world.propose(another(workload="claude-4", takes_over="openai/gpt-5"))
        daemon = Daemon(world)
        daemon.running = Running("bifrost", url, canary=True)
        yield daemon, fake


@pytest.mark.parametrize(("closed", "words", "hits"), [
    (False, "the gateway does not have rule vw-1", 0),
    (True, "a request for claude-4 was answered 403 by anthropic", 2)])
def test_not_restarted_it_is_told(parts: Parts, closed: bool, words: str, hits: int) -> None:
    daemon, fake = parts
    fake.closed = closed
    daemon.once()
    told = daemon.once(GRACE)
    assert told[1].startswith(f"applied, not live: {words}")
    assert fake.hits["anthropic"] == hits
    assert "restart it" in daemon.told()[1].run[0]


@pytest.mark.parametrize("closed", [False, True])
def test_restarted_it_is_verified(parts: Parts, closed: bool) -> None:
    daemon, fake = parts
    daemon.once()
    fake.closed = closed
    fake.load()
    fake.hits.clear()
    daemon.once(LATER)
    assert daemon.world.stand() is Stand.VERIFIED
    assert fake.hits == {"openai": 1}


@pytest.mark.parametrize("closed", [False, True])
def test_a_canary_that_fails_takes_it_back(parts: Parts, closed: bool) -> None:
    daemon, fake = parts
    daemon.once()
    fake.closed = closed
    fake.load()
    fake.down.add("openai")
    assert daemon.once(LATER)[-1].startswith("rolled back: a request for claude-4 was answered 403 by openai/gpt-5")
    assert (daemon.world.stand(), daemon.world.text) == (Stand.ROLLED_BACK, CONFIG)
