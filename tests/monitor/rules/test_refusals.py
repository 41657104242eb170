from dataclasses import replace

import pytest
from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.refusals import Rule
from probes.outcome import Outcome


@pytest.mark.parametrize("account", [None, "main"])
@pytest.mark.parametrize("past", [1, 20, 500])
def test_two_sightings_confirm_and_one_does_not(account, past):
    seen = Watched()
    seen.ask = replace(seen.ask, account=account)
    seen.see_all(["ok"] * past)
    seen.see("geo_restricted")
    assert Tier.NONE < seen.tier(Family.REGION) < Tier.CONFIRM
    seen.see("geo_restricted")
    assert seen.tier(Family.REGION) >= Tier.CONFIRM


def test_two_sightings_that_lie_weeks_apart_do_not():
    seen = Watched()
    seen.see_all(["ok"] * 100)
    seen.see("geo_restricted")
    seen.see_all(["ok"] * 20_000)
    seen.see("geo_restricted")
    assert seen.tier(Family.REGION) < Tier.CONFIRM


def test_a_region_that_was_never_served_is_told_with_the_third():
    """Nobody has waited yet for the first answer, and evidence is counted in seconds."""
    seen = Watched()
    seen.see_all(["geo_restricted"] * 2)
    assert seen.tier(Family.REGION) < Tier.CONFIRM
    seen.see("geo_restricted")
    assert seen.tier(Family.REGION) >= Tier.CONFIRM


def test_two_streams_that_see_it_once_each_are_not_two_sightings_of_one():
    """The evidence of a region's streams is their mean: what one of them alone has seen once is not confirmed."""
    seen = Watched()
    for kind in ("reachability", "models"):
        seen.see("ok", kind=kind)
    for kind in ("reachability", "models"):
        seen.see("geo_restricted", kind=kind)
    assert Tier.NONE < seen.tier(Family.REGION) < Tier.CONFIRM
    seen.see("geo_restricted")
    assert seen.tier(Family.REGION) >= Tier.CONFIRM


@pytest.mark.parametrize("outcome", [Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED, Outcome.ACCOUNT_RESTRICTED])
def test_who_is_throttled_or_asked_for_money_is_served_here(outcome):
    assert Rule().reads(outcome, keyless=False) is False


@pytest.mark.parametrize("outcome", [Outcome.NETWORK_TIMEOUT, Outcome.PROVIDER_OUTAGE, Outcome.BOT_CHALLENGE])
def test_silence_and_errors_say_nothing_of_regions(outcome):
    assert Rule().reads(outcome, keyless=True) is None
