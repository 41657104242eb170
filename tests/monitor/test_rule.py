from datetime import timedelta

from folding import last
from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Cause, Holds, Sample, Scope
from monitor.rule import SPOTLESS, Context, Evidence, StreamKey, moment, pooled, stamp, stream_of
from monitor.rules import standing_rules
from monitor.rules.refusals import Rule


@given(st.integers(0, 10**9))
def test_stamps_come_back_to_the_millisecond(ms):
    assert abs(moment(stamp(T0 + timedelta(milliseconds=ms))) - T0 - timedelta(milliseconds=ms)) < timedelta(
        milliseconds=1)


def test_a_stream_is_its_check_where_there_is_one():
    sample = Sample(1, T0, "models", "claude", "eu", "ok", account="main", check_key="c-1")
    assert stream_of(sample).text == "c-1"
    assert StreamKey("claude", "eu", "models").text == "claude|eu|-|-|models|-"
    assert stream_of(sample).scope == Scope("claude", "eu", "main")


def test_clears_are_counted_since_the_last_hit_and_no_further_than_needed():
    assert last(Rule(), ["geo_restricted", "ok", "ok"]).clean == 2
    assert last(Rule(), ["geo_restricted", *["ok"] * 20]).clean == SPOTLESS
    assert last(Rule(), ["ok", "geo_restricted"]).clean == 0


def test_hits_that_lie_far_apart_do_not_belong_together():
    slots = [T0, T0 + timedelta(hours=6)]
    rule, state = Rule(), Rule().start(StreamKey("claude", "eu", "models"))
    for slot in slots:
        state, evidence = rule.step(state, Sample(1, slot, "models", "claude", "eu", "geo_restricted"), Context())
    assert evidence.holds is Holds.NO_EVIDENCE


def test_pooled_the_one_that_holds_is_not_outvoted():
    scope = Scope("claude", "eu")
    found = pooled("r", Cause.REGION_RESTRICTED, [
        Evidence(Scope("claude", "us"), Holds.FAILS), Evidence(scope, Holds.HOLDS, 1.0, (T0,), (7,), 0),
        Evidence(Scope("claude", "sg"), Holds.FAILS)])
    assert (found.holds, found.scope, found.since, found.samples) == (Holds.HOLDS, scope, T0, (7,))


def test_numbers_of_the_policy_replace_those_of_the_rule():
    rules = standing_rules({"network": (9, 10)})
    assert (rules["network"].k, rules["network"].n) == (9, 10)
    assert rules["refusals"].k == 2
