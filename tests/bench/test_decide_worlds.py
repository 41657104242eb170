"""The simulator: in whatever order it is asked, it answers the same; events lie where they should and nowhere else."""

import json
from dataclasses import replace
from datetime import datetime
from itertools import islice, pairwise

import pytest

from bench.decide.effects import Effect, Stream, Where, segments
from bench.decide.kinds import KINDS, Scene, right_for
from bench.decide.named import NAMED
from bench.decide.params import DAY, Nuisance, Params
from bench.decide.planned import planned
from bench.decide.worlds import World
from probes.outcome import Outcome

STILL = Nuisance(scale=0.0, throttled=0.0, stray=0.0, outages_per_day=0.0, silent_per_day=0.0, missed=0.0)
CALM = Params("still", nuisance=STILL)
CAUSES = {"region_restricted", "account_restricted", "auth_failed", "billing", "rate_limited", "provider_outage",
          "provider_overloaded", "model_retired", "regional_path", "network_interference", "own_network",
          "latency_degraded", "quality_degraded", "own_fault", "unknown"}


def put(kind: str, *, regions: tuple[str, ...] = (), provider: str = "aster") -> World:
    """A still world with one event from 1,000 to 9,000 s."""
    world = World(CALM, 1, 1, "quiet")
    of = KINDS[kind]
    where = regions or (("eu-1",) if of.places == "one" else CALM.regions)
    world._effects = of.make(Scene(1000, 9000, provider, where, "main", "m1", 0))
    return world


def outcomes(world: World, t: int = 5000) -> dict[Stream, str]:
    return {stream: world.ask(stream, t)["outcome"] for stream in world.streams}


def touched(world: World, t: int = 5000) -> set[Stream]:
    return {stream for stream, outcome in outcomes(world, t).items() if outcome != "ok"}


def test_the_same_is_answered_in_any_order_and_by_any_copy() -> None:
    one, two = World.named("wild", 7, 2), World.named("wild", 7, 2)
    asked = [(stream, t) for t in range(0, 2 * DAY, 7919) for stream in one.streams]
    assert [one.ask(*each) for each in asked] == [two.ask(*each) for each in reversed(asked)][::-1]


def test_another_seed_is_another_history() -> None:
    one, two = World.named("wild", 7, 2), World.named("wild", 8, 2)
    assert list(islice(one.history(), 500)) != list(islice(two.history(), 500))


def test_the_history_is_what_asking_at_its_slots_says_controls_first() -> None:
    world = World.named("aligned", 3, 0.2)
    rows = list(world.history())
    again = World.named("aligned", 3, 0.2)
    keys = [(world.second(row["slot"]), row["kind"] != "control") for row in rows]
    assert keys == sorted(keys)
    for row in rows[::97]:
        stream = Stream(row["kind"], row["provider"], row["region"], row["account"], row["model"])
        assert again.ask(stream, world.second(row["slot"])) == row


@pytest.mark.parametrize("name", NAMED)
def test_every_named_world_writes_the_file_form(name: str) -> None:
    world = World.named(name, 1, 0.1)
    rows = list(world.history())
    assert {row["kind"] for row in rows} == {"control", "reachability", "completion", "quality"}
    for row in rows:
        assert Outcome(row["outcome"])
        assert row["total_s"] > 0
        assert ("ttft_s" in row) == (row["kind"] == "completion" and row["outcome"] == "ok")
        assert json.loads(json.dumps(row)) == row
        assert datetime.fromisoformat(row["slot"]).tzinfo is not None


def test_seconds_survive_both_clock_changes() -> None:
    world = World.named("dst", 1, 90)
    for t in range(24 * DAY, 50 * DAY, 1801):
        assert all(world.second(world.slot(t, region)) == t for region in world.params.regions)
    assert len({world.slot(t, "eu-1")[-6:] for t in range(0, 90 * DAY, DAY)}) == 2


def test_a_geo_block_touches_one_vendor_in_one_region() -> None:
    world = put("geo_one")
    assert {(one.provider, one.region) for one in touched(world)} == {("aster", "eu-1")}
    assert set(outcomes(world).values()) == {"ok", "geo_restricted"}
    assert touched(world, 999) == touched(world, 9000) == set()


def test_a_ban_is_of_the_account_and_seen_by_keyed_calls_alone() -> None:
    world = put("ban_one")
    assert {(one.provider, one.account) for one in touched(world)} == {("aster", "main")}
    assert {one.account for one in touched(put("ban_all"))} == {"main", "second"}


def test_a_retired_model_is_gone_everywhere_and_nothing_else_is() -> None:
    assert {(one.provider, one.model) for one in touched(put("retired"))} == {("aster", "m1")}


def test_a_cut_link_abroad_spares_what_is_domestic() -> None:
    world = put("link_abroad", regions=("cn-1",))
    assert {one.region for one in touched(world)} == {"cn-1"}
    assert {one.provider for one in touched(world)} == {"aster", "borea", "control-1", "control-2"}


def test_our_own_cut_takes_every_host_of_the_region() -> None:
    world = put("own_cut", regions=("cn-1",))
    assert touched(world) == {one for one in world.streams if one.region == "cn-1"}


def test_a_stage_follows_the_other() -> None:
    world = put("geo_staged", regions=("us-1", "eu-1"))
    assert {one.region for one in touched(world, 1100)} == {"us-1"}
    assert {one.region for one in touched(world, 8900)} == {"us-1", "eu-1"}


@pytest.mark.parametrize(("kind", "least", "most"), [("block_reset_20", 0.17, 0.23), ("block_dns_50", 0.46, 0.54),
                                                     ("flapping", 0.45, 0.55), ("ramp_hours", 0.2, 0.35)])
def test_a_share_of_the_calls_fails(kind: str, least: float, most: float) -> None:
    world = put(kind)
    stream = Stream("reachability", "aster", "eu-1")
    bad = sum(world.ask(stream, t)["outcome"] != "ok" for t in range(1000, 9000, 4))
    assert least < bad / 2000 < most


def test_slowness_slows_and_spoiling_spoils() -> None:
    still, slow = World(CALM, 1, 1, "quiet"), put("slow_3")
    stream = Stream("reachability", "aster", "us-1")
    assert slow.ask(stream, 5000)["total_s"] == pytest.approx(3 * still.ask(stream, 5000)["total_s"], rel=1e-3)
    poor, fine = put("quality_20"), Stream("quality", "aster", "us-1", "main", "m1")
    passed = sum(poor.ask(fine, t)["passed"] for t in range(1000, 9000, 20))
    assert 0.7 < passed / (8 * 400) < 0.8


def test_what_was_seen_first_is_kept() -> None:
    world = put("geo_one")
    for row in world.history():
        del row
    assert 1000 <= world.first_seen[0] < 1060
    assert world.seen[0] > 100


def test_a_silent_region_says_nothing() -> None:
    world = World(replace(CALM, silent_now=(("us-1", 0.1, 0.2),)), 1, 1, "quiet")
    assert world.ask(Stream("reachability", "aster", "us-1"), int(0.15 * DAY)) is None
    assert world.ask(Stream("reachability", "aster", "eu-1"), int(0.15 * DAY)) is not None
    assert world.ask(Stream("reachability", "aster", "us-1"), int(0.25 * DAY)) is not None


def test_a_pace_changes_in_the_middle() -> None:
    world = World(replace(CALM, every_later_s={"reachability": 180}), 1, 2, "quiet")
    stream = Stream("reachability", "aster", "eu-1")
    assert [len(list(world.slots(stream, day))) for day in (0, 1)] == [1440, 480]
    assert world.next_slot(stream, 100) - 100 <= 60


@pytest.mark.parametrize("events", ["dense", "mixed", "edges", "quiet"])
def test_a_plan_lies_within_its_days_and_keeps_its_distance(events: str) -> None:
    truth, effects = planned(NAMED["base"], 5, 90, events)
    assert all(0 <= one.start < one.end <= 90 * DAY for one in truth)
    assert {one.event for one in effects} == {one.number for one in truth}
    if events == "dense":
        assert {one.kind for one in truth} >= set(KINDS) - {"outage_real"}
        for provider in NAMED["base"].providers:
            mine = [one for one in truth if one.provider in (None, provider)]
            assert all(two.start - one.end >= 3 * 3600 for one, two in pairwise(mine))


def test_causes_are_of_the_closed_list() -> None:
    assert {cause for kind in KINDS for alone in (True, False) for cause in right_for(kind, alone)} <= CAUSES


def test_segments_agree_with_looking_at_all() -> None:
    some = [Effect(a, b, Where(), rank) for a, b, rank in ((5, 9, 2), (7, 20, 0), (8, 9, 1), (30, 31, 3))]
    cuts, sets = segments(some)
    for t in range(40):
        at = max(n for n, cut in enumerate(cuts) if cut <= t)
        assert set(sets[at]) == {one for one in some if one.start <= t < one.end}
        assert [one.rank for one in sets[at]] == sorted(one.rank for one in sets[at])
