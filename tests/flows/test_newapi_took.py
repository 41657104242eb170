"""Did it take? new-api by its rows and by who answers: cached, verified, failing and taken back through its API."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from changing import CHANGE, a_world, another
from fakeoneapi import EXPORT, ROWS, TOKEN, USER, OneApi, one_api
from rounding import Daemon

from alerts.adminapi import AdminApi
from alerts.gateways.newapi import Gateway
from monitor.changes import Stand
from monitor.proposing import Running
from monitor.rounds import GRACE

LATER = timedelta(minutes=3)
Parts = tuple[Daemon, OneApi]


@pytest.fixture
def parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    monkeypatch.setenv("ONE_TOKEN", TOKEN)
    monkeypatch.setenv("ONE_USER", USER)
    monkeypatch.setattr("changing.Gateway", Gateway)
    with a_world(tmp_path, EXPORT) as world, one_api() as (fake, url):
        fake.rows = {row["id"]: dict(row) for row in ROWS}
        fake.sync()
        headers = {"New-Api-User": "1"}
        world.landing = AdminApi(world.file, url, "ONE_TOKEN", bearer=False, headers=headers)
        world.mode, world.causes = "auto", frozenset({CHANGE.cause})
        daemon = Daemon(world)
        daemon.running = Running("newapi", url, "ONE_TOKEN", canary=True, bearer=False, canary_key_env="ONE_USER",
                                 headers=headers)
        world.propose(another(takes_over="qwen"))
        yield daemon, fake


def test_cached_rows_are_not_live_yet(parts: Parts) -> None:
    daemon, fake = parts
    daemon.once()
    told = daemon.once(GRACE)
    assert told[1].startswith("applied, not live: a request for smart was answered 200 by claude-opus, as before")
    fake.sync()
    fake.hits.clear()
    daemon.once(LATER)
    assert daemon.world.stand() is Stand.VERIFIED
    assert fake.hits == {2: 1}


def test_a_channel_that_somebody_put_back_is_told_without_a_request(parts: Parts) -> None:
    daemon, fake = parts
    fake.down.append(2)
    daemon.running = Running("newapi", daemon.running.url)      # no key yet: nothing can be told
    daemon.once()
    daemon.running = Running("newapi", daemon.running.url, "ONE_TOKEN", canary=True, bearer=False,
                             canary_key_env="ONE_USER")
    fake.rows[1]["models"] = "smart,claude-x"
    fake.hits.clear()
    told = daemon.once(GRACE)
    assert told[-1].startswith("applied, not live: /api/channel/1: models is not as it was to be sent")
    assert fake.hits == {}


def test_a_canary_that_fails_takes_it_back_through_the_api(parts: Parts) -> None:
    daemon, fake = parts
    fake.down.append(2)
    daemon.once()
    fake.sync()
    told = daemon.once(LATER)
    assert told[-1] == "rolled back: a request for smart was answered 500"
    assert fake.rows == {row["id"]: row for row in ROWS}
    assert (daemon.world.stand(), daemon.world.text) == (Stand.ROLLED_BACK, EXPORT)


def test_a_key_that_is_not_taken_takes_nothing_back(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    daemon, fake = parts
    monkeypatch.setenv("ONE_USER", "sk-other-1")
    daemon.once()
    fake.sync()
    told = daemon.once(GRACE)
    assert told[1].startswith("applied; whether it is live cannot be told: the gateway does not take the canary's key")
    assert daemon.world.stand() is Stand.APPLIED
    assert json.loads(daemon.world.text) != json.loads(EXPORT)
