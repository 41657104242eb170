from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.rate_limit import Rule
from probes.outcome import Outcome


def test_a_throttle_that_passes_belongs_to_the_null_and_one_that_stays_is_found():
    seen = Watched()
    seen.ask = replace(seen.ask, account="main")
    seen.see_all(["ok"] * 100)
    seen.see_all(["rate_limited"] * 2)
    seen.see_all(["ok"] * 20)
    assert seen.tier(Family.RATE) is Tier.NONE
    seen.see_all(["rate_limited"] * 25)
    assert seen.tier(Family.RATE) >= Tier.CONFIRM


def test_an_empty_purse_is_no_throttle():
    assert Rule().reads(Outcome.QUOTA_EXHAUSTED, keyless=False) is None
