import pytest
from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.outage import Rule
from probes.outcome import Outcome


def test_errors_that_last_are_found_and_a_single_one_is_not():
    seen = Watched()
    seen.see_all(["ok"] * 100)
    seen.see("provider_outage")
    assert seen.tier(Family.REACH) < Tier.SUSPECT
    seen.see_all(["provider_outage"] * 15)
    assert seen.tier(Family.REACH) >= Tier.CONFIRM


@pytest.mark.parametrize("outcome", [Outcome.GEO_RESTRICTED, Outcome.QUOTA_EXHAUSTED, Outcome.BAD_REQUEST])
def test_any_answer_that_makes_sense_is_a_clear(outcome):
    assert Rule().reads(outcome, keyless=False) is False


def test_silence_and_overload_are_neither():
    assert Rule().reads(Outcome.NETWORK_TIMEOUT, keyless=False) is None
    assert Rule().reads(Outcome.OVERLOADED, keyless=False) is None


def test_our_own_network_cannot_forge_an_answer():
    seen = Watched()
    seen.see("ok")
    seen.hosts(["network_timeout"] * 3, 60.0)
    seen.see("provider_outage", 0.0)
    assert seen.weight("outage") > 0.0
