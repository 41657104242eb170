"""A change of new-api's channels through its admin API, from approval to the way back: the real format, real HTTP."""

import json
from pathlib import Path

import pytest
from changing import NOON, a_world, another
from fakeoneapi import EXPORT, ROWS, TOKEN, one_api

from alerts.adminapi import AdminApi
from alerts.gateways.newapi import Gateway
from alerts.landing import digest
from monitor.applying import apply, approve
from monitor.changes import Stand
from monitor.ground import Refused
from monitor.reverting import revert

CHANGE = another(takes_over="qwen")


def test_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONE_TOKEN", TOKEN)
    monkeypatch.setattr("changing.Gateway", Gateway)
    with a_world(tmp_path, EXPORT) as world, one_api() as (fake, url):
        fake.rows = {row["id"]: dict(row) for row in ROWS}
        world.landing = AdminApi(world.file, url, "ONE_TOKEN", bearer=False, headers={"New-Api-User": "1"})
        assert "smart" in world.propose(CHANGE)
        approve(world.ground, "vw-1", "mei", NOON)
        fake.rows[2]["models"] = "qwen3-max,theirs"
        with pytest.raises(Refused, match="models has changed since; nothing was sent"):
            apply(world.ground, "vw-1", "mei", NOON)
        assert (fake.said, world.stand(), world.text) == ([], Stand.APPROVED, EXPORT)
        fake.rows[2]["models"] = "qwen3-max"
        apply(world.ground, "vw-1", "mei", NOON)
        assert "smart" not in fake.rows[1]["models"].split(",")
        assert "smart" in fake.rows[2]["models"].split(",")
        assert json.loads(fake.rows[2]["model_mapping"])["smart"] == "qwen3-max"
        assert digest(world.text) == world.life().drawn.patched_sha256
        revert(world.ground, "vw-1", "mei", NOON)
        assert fake.rows == {row["id"]: row for row in ROWS}
        assert (world.stand(), world.text) == (Stand.REVERTED, EXPORT)
