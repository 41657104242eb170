from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.quality import Rule
from probes.outcome import Outcome


def graded(runs, passed, seen=None):
    seen = seen or Watched()
    seen.ask = replace(seen.ask, kind="quality", account="main", model="m", every_s=900.0)
    for _ in range(runs):
        seen.see("ok", 900.0, items=8, passed=passed)
    return seen


def test_items_that_fail_twice_as_often_and_more_are_found():
    seen = graded(60, 8)
    assert seen.tier(Family.QUALITY) is Tier.NONE
    graded(10, 5, seen)
    assert seen.tier(Family.QUALITY) >= Tier.WARN


def test_a_run_that_did_not_come_about_has_no_items_to_judge_by():
    assert not any(Rule().reads(outcome, keyless=False) for outcome in Outcome)
    seen = graded(60, 8)
    before = seen.track.grades.dump()
    seen.see_all(["network_timeout", "rate_limited", "provider_outage"] * 5, 900.0)
    assert seen.track.grades.dump() == before
