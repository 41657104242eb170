from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.account import Rule
from probes.outcome import Outcome


def keyed(account="main"):
    seen = Watched()
    seen.ask = replace(seen.ask, account=account)
    return seen


def test_two_sightings_confirm_and_one_does_not():
    seen = keyed()
    seen.see_all(["ok"] * 50)
    seen.see("account_restricted")
    assert Tier.NONE < seen.tier(Family.ACCOUNT) < Tier.CONFIRM
    seen.see("account_restricted")
    assert seen.tier(Family.ACCOUNT) >= Tier.CONFIRM


def test_keyless_streams_beside_it_do_not_thin_its_evidence():
    """They could never see a ban: a mean over those that cannot would be none."""
    alone, beside = keyed(), keyed()
    for seen, others in ((alone, 0), (beside, 5)):
        for n in range(others):
            seen.see("ok", 0.0, account=None, surface=f"s{n}")
        seen.see_all(["ok", "account_restricted"])
    assert beside.weight("account") == alone.weight("account")


def test_an_account_that_is_throttled_is_not_shut_out():
    assert Rule().reads(Outcome.RATE_LIMITED, keyless=False) is False
    assert Rule().reads(Outcome.GEO_RESTRICTED, keyless=False) is None
