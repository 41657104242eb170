from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.overload import Rule
from probes.outcome import Outcome


def test_a_shortage_that_passes_is_not_told_and_one_that_lasts_is():
    seen = Watched()
    seen.see_all(["ok"] * 100)
    seen.see_all(["overloaded"] * 3)
    seen.see_all(["ok"] * 20)
    assert seen.tier(Family.REACH) is Tier.NONE
    seen.see_all(["overloaded"] * 40)
    assert seen.tier(Family.REACH) >= Tier.CONFIRM


def test_who_has_time_to_refuse_is_not_overloaded():
    assert Rule().reads(Outcome.GEO_RESTRICTED, keyless=True) is False
    assert Rule().reads(Outcome.PROVIDER_OUTAGE, keyless=True) is None
