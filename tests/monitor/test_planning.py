"""A plan says what would be changed and what stands against it, and leaves no row and no file behind."""

from pathlib import Path

import pytest
from changing import CONFIG, NOON
from composed import a_setup

from monitor.errors import UserError
from monitor.ground import Ground
from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Tier
from monitor.patching import ground_of
from monitor.planning import planned, supposed
from monitor.setup import Setup
from monitor.store.sql import SqlStore, open_store
from monitor.switch import STOP

Parts = tuple[Setup, SqlStore, Ground]


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    (tmp_path / "gw.yaml").write_text(CONFIG)
    setup = a_setup(tmp_path, {
        "gateways": {"gw": {"type": "litellm", "file": "gw.yaml"}},
        "workloads": {"smart": {"primary": "anthropic", "fallbacks": ["backup"], "gateway": "gw"},
                      "lone": {"primary": "openai", "gateway": "gw"}},
    }, {})
    store = open_store(setup.config.database)
    return setup, store, ground_of(setup, store)


def stands(store: SqlStore) -> None:
    incident = Incident(0, "k", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("anthropic"), 0.99, "403", NOON, NOON, NOON,
                        regions=("eu",), tier=Tier.PATCH, family="region")
    assert store.carry_out(Judged(0, 0, NOON, {}, (Move(incident, None, NOON, "403"),)))


def test_nothing_stands_and_nothing_is_planned(parts: Parts) -> None:
    setup, store, ground = parts
    assert list(planned(ground, setup, store, None, NOON)) == []


def test_what_stands_with_no_proven_fallback_moves_nothing(parts: Parts) -> None:
    setup, store, ground = parts
    stands(store)
    assert list(planned(ground, setup, store, None, NOON)) == []


def test_what_stands_is_planned_where_the_fallback_answers(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    setup, store, ground = parts
    stands(store)
    monkeypatch.setattr("monitor.present.green_of", lambda *_: {"eu": NOON})
    [one] = planned(ground, setup, store, "smart", NOON)
    assert (one.change.takes_over, one.change.cause, one.gateway) == ("backup", "region_restricted", "gw")
    assert "smart: backup" in one.diff
    assert one.against == ()
    assert list(planned(ground, setup, store, "lone", NOON)) == []


def test_a_supposition_says_what_stands_against_it(parts: Parts) -> None:
    setup, store, ground = parts
    (ground.state / STOP).touch()
    [one] = supposed(ground, setup, (None, "claude", None), NOON)
    assert "smart: backup" in one.diff
    said = "\n".join(one.remarks())
    assert "smart: supposed only: vw-supposed-smart is no change" in said
    assert "not now: changes are stopped" in said
    assert "not now: dashscope was not seen to answer lately" in said
    assert one.as_object()["takes_over"] == "backup"
    assert (store.lives(), store.entries(), Path(setup.config.gateways["gw"].file).read_text()) == ([], [], CONFIG)


def test_a_supposition_of_a_workload_that_nobody_can_take_over(parts: Parts) -> None:
    setup, _, ground = parts
    [lone] = supposed(ground, setup, (None, "openai", None), NOON)
    assert list(lone.remarks()) == [
        "lone: no patch: it has no fallback at another vendor; name one in its `fallbacks`"]
    assert (lone.diff, lone.change.takes_over) == ("", "")
    assert list(supposed(ground, setup, (None, "moonshot", None), NOON)) == [], "nothing of ours begins there"
    [named] = supposed(ground, setup, ("lone", "openai", "backup"), NOON)
    assert "'lone' is neither a model group nor an alias here" in named.refused
    assert "no patch: 'lone'" in next(iter(named.remarks()))
    with pytest.raises(UserError, match="no workload 'other'; there are: smart, lone"):
        list(supposed(ground, setup, ("other", "openai", None), NOON))
