"""Who found what, and what was false: the rules of the match, one by one."""

from typing import Any

import pytest

from bench.decide.effects import Effect, Where
from bench.decide.figures import accuracy, delays, mean, quantile, rates, reliability
from bench.decide.kinds import KINDS
from bench.decide.params import DAY, Params
from bench.decide.planned import Truth
from bench.decide.score import Tally, match, score
from bench.decide.worlds import World

HOUR = 3600
START = 40 * DAY


def a_world(*events: tuple[str, int, int, str | None, tuple[str, ...]], regions: tuple[str, ...] = ()) -> World:
    world = World(Params("p", regions=regions or ("eu-1", "us-1", "cn-1")), 1, 60, "quiet")
    world.truth = [Truth(n, kind, KINDS[kind].right[0], a, b, provider, where, must=KINDS[kind].must)
                   for n, (kind, a, b, provider, where) in enumerate(events)]
    world.nuisance = []
    world.first_seen = {n: one.start + 10 for n, one in enumerate(world.truth)}
    return world


def said(world: World, opened: int, cause: str, region: str | None = "eu-1", **more: Any) -> dict[str, Any]:
    closed = more.pop("closed", None)
    return {"incident": 1, "provider": "aster", "region": region, "model": None, "cause": cause, "confidence": 0.98,
            "opened": world.slot(opened), "onset": world.slot(opened), "tier": "confirm", "because": "",
            "closed": None if closed is None else world.slot(closed)} | more


GEO = ("geo_one", START, START + HOUR, "aster", ("eu-1",))
OUT = ("outage_5xx", START, START + HOUR, "aster", ("eu-1", "us-1", "cn-1"))


def test_what_was_found_has_a_delay_from_the_start_and_from_the_first_sight() -> None:
    world = a_world(GEO)
    tally = score(world, [said(world, START + 40, "region_restricted", closed=START + HOUR + 60)])
    one, = delays(tally)
    assert (one.mean_s, one.seen_mean_s, one.right, one.place, one.closed_s) == (40, 30, 1, 1, 60)
    assert rates(tally).false == 0


@pytest.mark.parametrize(("provider", "region", "at"), [("borea", "eu-1", START + 40), ("aster", "us-1", START + 40),
                                                        ("aster", "eu-1", START - 1),
                                                        ("aster", "eu-1", START + HOUR + 901)])
def test_elsewhere_or_at_another_time_is_false(provider: str, region: str, at: int) -> None:
    world = a_world(GEO)
    tally = score(world, [said(world, at, "region_restricted", region, provider=provider)])
    assert tally.missed == {"geo_one": 1}
    assert rates(tally).nothing == rates(tally).restrictions == pytest.approx(90 / (9 * 30))


def test_the_second_is_a_duplicate_and_counts_as_false() -> None:
    world = a_world(GEO)
    tally = score(world, [said(world, START + at, "region_restricted") for at in (40, 400)])
    assert (rates(tally).nothing, rates(tally).duplicates) == (0, pytest.approx(1 / 3))


def test_region_by_region_may_be_an_incident_each() -> None:
    world = a_world(("geo_staged", START, START + HOUR, "aster", ("eu-1", "us-1")))
    tally = score(world, [said(world, START + 40, "region_restricted", region) for region in ("eu-1", "us-1", "us-1")])
    assert [one.duplicate for one in tally.found] == [False, False, True]


def test_who_names_the_right_cause_has_found_it_even_if_later() -> None:
    world = a_world(GEO)
    found = match(world, [said(world, START + 40, "unknown"), said(world, START + 80, "region_restricted")])
    assert [(one.duplicate, one.right) for one in found] == [(True, False), (False, True)]


def test_a_restriction_said_of_an_outage_is_a_false_restriction() -> None:
    world = a_world(OUT)
    tally = score(world, [said(world, START + 40, "region_restricted", None)])
    assert (rates(tally).restrictions, rates(tally).wrong_cause) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


@pytest.mark.parametrize(("event", "region", "right"), [(GEO, "eu-1", True), (GEO, None, False), (OUT, None, True),
                                                        (OUT, "us-1", False)])
def test_a_place_is_as_wide_as_what_happened(event: Any, region: str | None, right: bool) -> None:
    world = a_world(event)
    found, = match(world, [said(world, START + 40, "unknown", region)])
    assert found.place_right is right


def test_overlapping_events_are_told_apart_by_their_cause() -> None:
    world = a_world(OUT, ("geo_one", START + 60, START + HOUR, "aster", ("eu-1",)))
    rows = [said(world, START + 90, "region_restricted"), said(world, START + 95, "provider_outage", None)]
    found = match(world, rows)
    assert [one.event.kind for one in found if one.event] == ["geo_one", "outage_5xx"]


def test_our_own_cut_blamed_on_a_vendor_is_a_wrong_cause_once_and_then_false() -> None:
    world = a_world(("own_cut", START, START + HOUR, None, ("eu-1",)))
    rows = [said(world, START + 40, "regional_path", provider=one) for one in ("aster", "borea")]
    assert (rates(score(world, rows)).wrong_cause, rates(score(world, rows)).duplicates) == (
        pytest.approx(1 / 3), pytest.approx(1 / 3))
    own = [said(world, START + 40, "own_network", provider=None)]
    assert rates(score(world, own)).false == 0


def test_a_failure_that_happens_while_answers_are_poor_has_not_found_the_poor_answers() -> None:
    world = a_world(("quality_20", START, START + HOUR, "aster", ("eu-1",)))
    assert match(world, [said(world, START + 40, "unknown")])[0].event is None
    assert match(world, [said(world, START + 40, "quality_degraded")])[0].event is world.truth[0]


def test_a_long_nuisance_is_grey_for_who_names_it_and_false_for_others() -> None:
    world = a_world()
    world.nuisance = [Effect(START, START + HOUR, Where(regions=("eu-1",)), 0, "network_timeout"),
                      Effect(START + DAY, START + DAY + 90, Where(regions=("eu-1",)), 0, "network_timeout")]
    grey = [match(world, [said(world, at, cause)])[0].grey for at, cause in (
        (START + 500, "own_network"), (START + 500, "region_restricted"), (START + DAY + 60, "own_network"))]
    assert grey == [True, False, False]


def test_before_learning_ends_is_counted_apart() -> None:
    world = a_world()
    tally = score(world, [said(world, 10 * DAY, "unknown")])
    assert (rates(tally).nothing, rates(tally).learning) == (0, pytest.approx(1 / 3))


def test_a_quiet_own_fault_is_no_miss_and_what_none_could_see_is_none_either() -> None:
    world = a_world(("bad_requests", START, START + HOUR, "aster", ("eu-1",)), GEO)
    del world.first_seen[1]
    tally = score(world, [])
    assert (tally.missed, tally.unseen) == ({}, 1)


def test_with_one_region_a_silent_block_may_be_called_unknown() -> None:
    event = ("block_timeout_100", START, START + HOUR, "aster", ("eu-1",))
    for regions, right in (((), False), (("eu-1",), True)):
        world = a_world(event, regions=regions)
        assert match(world, [said(world, START + 40, "unknown")])[0].right is right


def test_confidence_is_held_against_what_was_right() -> None:
    world = a_world(GEO)
    rows = [said(world, START + 40, "region_restricted", cause_opened="unknown", confidence_opened=0.6),
            said(world, START + 2 * DAY, "billing", confidence=0.95)]
    tally = score(world, rows)
    assert accuracy(tally) == (0, 1)
    assert reliability(tally)[-2:] == [("0.9-0.97", 1, 0), ("0.97-1", 1, 1)]
    assert reliability(tally, opened=True)[1] == ("0.5-0.7", 1, 0)


def test_tallies_join() -> None:
    world, pool = a_world(GEO), Tally()
    for at in (40, 60):
        pool.join(score(world, [said(world, START + at, "region_restricted")]))
    one, = delays(pool)
    assert (one.found, one.mean_s) == (2, 50)
    assert pool.stream_days == 2 * 9 * 30


def test_of_nothing_there_is_no_mean() -> None:
    assert mean([]) is None
    assert quantile([], 0.95) is None
    assert quantile([1, 2, 3, 4], 0.5) == 3
