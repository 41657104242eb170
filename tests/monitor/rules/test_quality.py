from folding import last

from monitor.model import Holds
from monitor.rule import Evidence
from monitor.rules.quality import Rule, fell

OK = ["ok"] * 40


def test_a_fall_to_half_holds_after_two_runs():
    assert last(Rule(), OK[:14], items=6, passed=[6] * 10 + [2] * 4).holds is Holds.HOLDS


def test_one_bad_item_is_chance():
    assert last(Rule(), OK[:14], items=6, passed=[6] * 10 + [5] * 4).holds is Holds.FAILS


def test_too_short_a_past_says_nothing():
    assert last(Rule(), OK[:4], items=6, passed=[6, 6, 0, 0]).holds is Holds.NO_EVIDENCE


def test_poor_runs_never_become_the_yardstick():
    assert last(Rule(), OK, items=6, passed=[6] * 10 + [2] * 30).holds is Holds.HOLDS


def test_pooling_over_regions_sees_what_one_region_cannot():
    one = last(Rule(), OK[:11], items=6, passed=[6] * 10 + [2])
    rule = Rule()
    assert one.holds is Holds.FAILS
    weak = Evidence(one.scope, Holds.FAILS, times=one.times, samples=one.samples, clean=0, figure=8, of=12, usual=0.9)
    assert rule.pool([weak], one.times[-1]).holds is Holds.FAILS
    assert rule.pool([weak] * 4, one.times[-1]).holds is Holds.HOLDS


def test_falling_needs_more_than_chance_and_more_than_a_little():
    assert not fell(0, 0, 1.0, 0.15)
    assert fell(50, 100, 0.9, 0.15)
    assert not fell(80, 100, 0.9, 0.15)
