from hypothesis import given
from hypothesis import strategies as st

from monitor.known import PROVEN
from monitor.model import Tier
from monitor.tiers import DAY_S, REAL, YEAR_S, Budgets, sure, surer

SECONDS = st.floats(0.0, 1e30)


def test_a_tier_is_reached_with_its_budget_and_not_a_second_sooner():
    budgets = Budgets()
    for tier, step_s in ((Tier.SUSPECT, budgets.suspect_s), (Tier.WARN, budgets.warn_s),
                         (Tier.CONFIRM, budgets.confirm_s), (Tier.PATCH, budgets.patch_s)):
        assert budgets.tier(step_s) is tier
        assert budgets.tier(step_s - 1.0) == tier - 1


def test_what_is_promised_where_nobody_said_anything_else():
    """1 a day, 1 a week, 1 in 90 days, 1 a year (issue 3)."""
    assert (Budgets().suspect_s, Budgets().warn_s) == (DAY_S, 7 * DAY_S)
    assert (Budgets().confirm_s, Budgets().patch_s) == (90 * DAY_S, YEAR_S)


def test_nothing_is_no_tier():
    assert Budgets().tier(0.0) is Tier.NONE


@given(SECONDS, SECONDS)
def test_more_evidence_is_never_a_lower_tier(one, other):
    low, high = sorted((one, other))
    assert Budgets().tier(low) <= Budgets().tier(high)


@given(SECONDS)
def test_what_was_told_is_taken_back_later_than_it_was_told(evidence_s):
    assert Budgets().halved().tier(evidence_s) >= Budgets().tier(evidence_s)
    assert Budgets().halved().tier(evidence_s) == Budgets().tier(evidence_s * 2)


@given(SECONDS, st.floats(1.0, 100.0))
def test_who_accepts_fewer_false_alarms_is_told_later(evidence_s, times):
    strict = Budgets(DAY_S * times, 7 * DAY_S * times, 90 * DAY_S * times, YEAR_S * times)
    assert strict.tier(evidence_s) <= Budgets().tier(evidence_s)


@given(st.floats(0.0, 1.0), st.sampled_from(Tier))
def test_while_it_may_be_a_hiccup_nobody_is_sure_enough_to_move_anything(cause, tier):
    """The posterior of a cause is worth no more than that there is anything to have a cause."""
    assert sure(cause, tier) <= min(cause, REAL[tier])
    assert tier is Tier.PATCH or sure(cause, tier) < PROVEN
    assert sure(cause, Tier.PATCH) == cause


@given(st.floats(0.0, 1.0), st.sampled_from(Tier), st.sampled_from(Tier))
def test_with_its_evidence_grows_how_sure_it_is(cause, before, after):
    told = sure(cause, before)
    assert surer(told, before, before) == told
    assert abs(surer(told, before, after) - sure(cause, after)) < 1e-9
    assert surer(told, before, after) <= 1.0
