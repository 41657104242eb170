from dataclasses import replace

from watched import Watched

from monitor.model import Tier
from monitor.rule import Family


def seen_with(account):
    seen = Watched()
    seen.ask = replace(seen.ask, account=account)
    seen.see_all(["ok"] * 100)
    return seen


def test_a_hiccup_of_the_key_store_is_not_confirmed_and_a_dead_key_is():
    seen = seen_with("main")
    seen.see_all(["auth_failed"] * 2)
    assert seen.tier(Family.AUTH) < Tier.CONFIRM
    seen.see_all(["auth_failed"] * 13)
    assert seen.tier(Family.AUTH) >= Tier.CONFIRM


def test_a_keyless_call_is_never_refused_its_key():
    seen = seen_with(None)
    seen.see_all(["auth_failed"] * 50)
    assert seen.tier(Family.AUTH) is Tier.NONE
    assert not seen.track.detectors
    assert seen.track.clean == 150
