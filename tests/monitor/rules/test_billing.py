from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.billing import Rule
from probes.outcome import Outcome


def test_said_twice_it_is_more_than_said_once_and_soon_it_is_sure():
    seen = Watched()
    seen.ask = replace(seen.ask, account="main")
    seen.see_all(["ok"] * 100)
    seen.see("quota_exhausted")
    assert seen.tier(Family.BILLING) < Tier.CONFIRM
    seen.see_all(["quota_exhausted"] * 4)
    assert seen.tier(Family.BILLING) >= Tier.CONFIRM


def test_a_throttle_is_not_an_empty_purse_nor_a_full_one():
    assert Rule().reads(Outcome.RATE_LIMITED, keyless=False) is None
