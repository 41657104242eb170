"""The composed house in mode auto: a reroute is queued, proposed, applied, seen at the running gateway, and taken back.

Real database, real file, a gateway over real HTTP; only the clock is set by hand.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import a_measurement, a_provider, a_target
from changing import CHANGE, CONFIG
from composed import a_setup
from fakegateway import a_gateway

from monitor.app import App, compose
from monitor.chain import faults
from monitor.changes import Life, Stand
from monitor.clock import Clock
from monitor.errand import alert_from_json
from monitor.model import Cause, Incident, Judged, Move, Reroute, Scope, Stage, Tier
from probes.outcome import Outcome

NOW = datetime.now(UTC)
MOVED = replace(CHANGE, created_at=NOW, proven_at=NOW, expires_at=NOW + timedelta(days=1))


def answers(app: App, vendor: str, at: datetime) -> None:
    rows = [a_measurement(Outcome.OK, target=a_target(a_provider(vendor), keyed=False), slot=at - timedelta(seconds=n))
            for n in (120, 60, 0)]
    app.store.register([rows[0].check], at)
    app.store.record(rows)


def recovered(app: App, at: datetime) -> None:
    """The vendor's incident ended two hours before."""
    ended = at - timedelta(hours=2)
    incident = Incident(0, "i1", Stage.CLOSED, Cause.REGION_RESTRICTED, Scope("anthropic", "eu"), 0.99, "403",
                        ended - timedelta(hours=1), ended - timedelta(hours=1), ended, ended, ("eu",), tier=Tier.PATCH,
                        family="region")
    cursor = app.store.cursor()
    assert app.store.carry_out(Judged(cursor, cursor, at, {}, (Move(incident, None, ended, "well"),)))


def life(app: App) -> Life:
    found = app.store.life("vw-1")
    assert found is not None
    return found


async def story(app: App, folder: Path) -> None:
    file = folder / "gw.yaml"
    answers(app, "dashscope", NOW)
    await app.judging.once()
    app.store.act((Reroute("r1", MOVED, "gw", "auto"),), NOW)
    await app.courier.once()
    assert (folder / "patches" / "vw-1.diff").exists()
    assert life(app).stand is Stand.PROPOSED
    with a_gateway(file) as gateway:
        running = replace(app.proposing.places["gw"].running or pytest.fail("no running gateway"), url=gateway.url)
        app.proposing.places = {"gw": replace(app.proposing.places["gw"], running=running)}
        await app.rounds.once()
        assert life(app).stand is Stand.APPLIED
        assert "smart: backup" in file.read_text()
        assert gateway.hits == {}, "the file has changed, the gateway has not: no request goes to who shut us out"
        gateway.load()
        app.clock.epoch += timedelta(minutes=2)
        await app.rounds.once()
        assert life(app).stand is Stand.VERIFIED
        assert gateway.hits == {"backup": 1}
    recovered(app, NOW)
    answers(app, "anthropic", NOW)
    await app.rounds.once()
    assert life(app).stand is Stand.REVERTED
    assert file.read_text() == CONFIG


def test_from_a_reroute_to_the_way_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GW_KEY", "sk-master-1")
    (tmp_path / "gw.yaml").write_text(CONFIG)
    setup = a_setup(tmp_path, {
        "gateways": {"gw": {"type": "litellm", "file": "gw.yaml", "mode": "auto", "auto_causes": ["region_restricted"],
                            "url": "http://127.0.0.1:9", "key_env": "GW_KEY", "canary": True}},
        "workloads": {"smart": {"primary": "anthropic", "fallbacks": ["backup"], "gateway": "gw"}},
    }, {})
    app = compose(setup, {}, Clock(epoch=NOW))
    try:
        asyncio.run(story(app, tmp_path))
        rows = app.store.entries()
        assert [row.what for row in rows] == ["proposed", "approved", "applying", "applied", "verified", "reverting",
                                              "reverted"]
        assert list(faults(rows, {one.id: one.head for one in app.store.lives()})) == []
        told = [alert_from_json(row["payload"]).because for row in app.store.errands() if row["kind"] == "tell"]
        assert [because.partition("): ")[2].partition(" ")[0] for because in told] == ["applied", "taken"]
        assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".gw")) == []
    finally:
        app.store.close()
