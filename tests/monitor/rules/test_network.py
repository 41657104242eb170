from random import Random

import pytest
from watched import Watched

from monitor.model import Tier
from monitor.rule import Family
from monitor.rules.network import Rule
from probes.outcome import Outcome


def with_a_learned_null(days=3, every_s=60.0, seed=2):
    """Hiccups of one or two calls, a dozen a day."""
    seen, draw = Watched(), Random(seed)
    for _ in range(int(days * 86_400 / every_s)):
        if draw.random() < 0.008:
            seen.see_all(["network_timeout"] * draw.choice((1, 1, 1, 2)), 15.0)
        seen.see("ok", every_s)
    return seen


@pytest.mark.parametrize("seed", range(3))
def test_a_silent_total_block_is_confirmed_within_minutes(seed):
    """A minute apart, then every 15 s, as suspicion has it."""
    seen = with_a_learned_null(seed=seed)
    assert seen.tier(Family.REACH) is Tier.NONE
    began = seen.t
    seen.see("network_timeout")
    while seen.tier(Family.REACH) < Tier.CONFIRM:
        seen.see("network_timeout", 15.0)
    assert seen.t - began <= 330.0


@pytest.mark.parametrize("seed", range(3))
def test_a_fifth_of_the_calls_failing_is_found_within_the_hour(seed):
    seen, draw = with_a_learned_null(seed=seed), Random(seed)
    began = seen.t
    while seen.tier(Family.REACH) < Tier.CONFIRM:
        seen.see("network_timeout" if draw.random() < 0.2 else "ok", 15.0)
    assert seen.t - began <= 3600.0


def test_hiccups_such_as_there_always_were_are_no_news():
    seen = with_a_learned_null(days=2)
    for _ in range(12):
        seen.see_all(["network_timeout", *["ok"] * 100])
        assert seen.tier(Family.REACH) < Tier.WARN


@pytest.mark.parametrize("outcome", [Outcome.GEO_RESTRICTED, Outcome.PROVIDER_OUTAGE, Outcome.BAD_REQUEST])
def test_any_answer_at_all_is_a_network_that_works(outcome):
    assert Rule().reads(outcome, keyless=True) is False


def test_in_the_dark_it_says_nothing():
    seen = Watched()
    for _ in range(30):
        seen.hosts(["ok"] * 3, 60.0)
        seen.see("ok", 0.0)
    for _ in range(30):
        seen.hosts(["network_timeout"] * 3, 60.0)
        seen.see("network_timeout", 0.0)
    assert seen.weight("network") == seen.weight("regional") == 0.0
