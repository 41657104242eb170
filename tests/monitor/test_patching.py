"""From a config to places, bounds and proof."""

from datetime import timedelta
from pathlib import Path

from changing import CHANGE, CONFIG, NOON
from composed import a_setup

from alerts.branch import Branch
from alerts.inplace import InPlace
from monitor.patching import ground_of
from monitor.proposing import places_of
from monitor.setup import Setup
from monitor.store.sql import open_store


def setup(folder: Path) -> Setup:
    (folder / "gw.yaml").write_text(CONFIG)
    here = {"type": "litellm", "file": "gw.yaml"}
    return a_setup(folder, {
        "endpoints": [{"name": "ours", "base_url": "http://127.0.0.1:9/v1/", "model": "m"}],
        "gateways": {"gw": {**here, "mode": "auto", "auto_causes": ["region_restricted"]},
                     "git": {**here, "outlet": "git", "git_base": "trunk"}},
        "workloads": {"smart": {"primary": "anthropic", "fallbacks": ["backup"], "gateway": "gw"}},
        "patching": {"per_day": 2, "hold": "2h", "freeze": [{"cron": "0 3 * * *", "for": "2h"}], "on_expiry": "revert"},
    }, {})


def test_places_know_where_and_how(tmp_path: Path) -> None:
    made = setup(tmp_path)
    places = places_of(made.config, made.gateways, made.catalogue)
    assert places["gw"].lands == InPlace(tmp_path / "gw.yaml")
    assert places["git"].lands == Branch(tmp_path / "gw.yaml", "trunk")
    assert places["gw"].own == {"http://127.0.0.1:9/v1": "ours"}
    assert places["gw"].mode_for(CHANGE, "auto") == "auto"
    assert places["git"].mode_for(CHANGE, "auto") == "propose"


def test_the_ground_has_bounds_and_proves_by_the_rows(tmp_path: Path) -> None:
    made = setup(tmp_path)
    store = open_store(made.config.database)
    try:
        ground = ground_of(made, store)
        bounds = ground.bounds
        assert (bounds.per_day, bounds.hold, bounds.revert_overdue) == (2, timedelta(hours=2), True)
        assert len(ground.bounds.freeze) == 1
        assert "was not seen to answer from eu lately" in ground.prove(CHANGE, NOON)
        assert ground.state == tmp_path
    finally:
        store.close()
