import pytest
from watched import Watched

from monitor.model import Cause, Tier
from monitor.rule import Family
from monitor.rules import rules
from monitor.rules.ours import Rule


@pytest.mark.parametrize("outcome", sorted(Rule().hits))
def test_our_own_fault_is_nobody_elses(outcome):
    seen = Watched()
    seen.see_all(["ok"] * 100)
    seen.see_all([outcome] * 30)
    assert seen.tier(Family.OURS) >= Tier.CONFIRM
    assert all(seen.tier(family) is Tier.NONE for family in set(Family) - {Family.OURS})
    assert Rule.cause is Cause.OWN_FAULT


def test_no_other_rule_counts_it():
    for name, rule in rules().items():
        assert name == "ours" or not rule.hits & Rule.hits
