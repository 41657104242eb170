from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.latency import Rule
from probes.outcome import Outcome


def paced(minutes=400, every=("0.50", "0.55", "0.45", "0.60")):
    seen = Watched()
    for n in range(minutes):
        seen.see("ok", total_s=float(every[n % len(every)]))
    return seen


def test_answers_that_take_three_times_as_long_are_found():
    seen = paced()
    assert seen.tier(Family.LATENCY) is Tier.NONE
    for _ in range(15):
        seen.see("ok", total_s=1.6)
    assert seen.tier(Family.LATENCY) >= Tier.CONFIRM


def test_no_outcome_is_a_hit_and_failures_are_masked():
    assert not any(Rule().reads(outcome, keyless=False) for outcome in Outcome)
    seen = paced()
    before = seen.track.speed.dump()
    seen.see_all(["network_timeout"] * 30, total_s=30.0)
    assert seen.track.speed.dump() == before
    assert seen.tier(Family.LATENCY) is Tier.NONE
    assert seen.tier(Family.REACH) >= Tier.CONFIRM
