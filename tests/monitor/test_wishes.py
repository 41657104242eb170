"""Rules: which cover an incident, whose word counts, and that the defaults are what the code did without any."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Severity
from monitor.known import PROVEN, SEVERITIES, Policy
from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.wishes import NO_PATCH, When, Wish, is_suspicion, pause, wished

HOUR = timedelta(hours=1)
OPEN = Incident(1, "k", Stage.OPEN, Cause.BILLING, Scope("claude"), 0.9, "why", T0, T0, T0, regions=("eu", "us"),
                tier=Tier.PATCH)
DOUBT = replace(OPEN, stage=Stage.SUSPECTED, opened_at=None, tier=Tier.WARN)


@pytest.mark.parametrize(("when", "covers"), [
    (When(), True), (When(causes=frozenset({Cause.BILLING, Cause.AUTH_FAILED})), True),
    (When(causes=frozenset({Cause.AUTH_FAILED})), False), (When(at_least=0.9), True), (When(at_least=0.91), False),
    (When(vendor="claude"), True), (When(vendor="kimi"), False), (When(region="us"), True), (When(region="cn"), False),
    (When(workload="smart"), True), (When(workload="fast"), False), (When(tier=Tier.PATCH), True),
    (When(tier=Tier.WARN), False)])
def test_every_condition_that_is_said_must_hold(when: When, covers: bool) -> None:
    assert when.covers(OPEN, {"smart"}) is covers


def test_a_rule_for_patches_is_none_for_what_is_merely_confirmed() -> None:
    assert not When(tier=Tier.PATCH).covers(replace(OPEN, tier=Tier.CONFIRM), ())
    assert When(tier=Tier.CONFIRM).covers(replace(OPEN, tier=Tier.CONFIRM), ())


def test_an_incident_without_regions_is_everywhere() -> None:
    assert When(region="cn").covers(replace(OPEN, regions=()), ())
    assert When(region="eu").covers(replace(OPEN, regions=(), scope=Scope("claude", "eu")), ())
    assert not When(region="cn").covers(replace(OPEN, regions=(), scope=Scope("claude", "eu")), ())


def test_a_suspicion_is_covered_by_the_rules_that_name_its_tier_and_by_no_others() -> None:
    assert not wished([Wish(channels=("pager",))], DOUBT).asked
    asked = wished([Wish(channels=("pager",)), Wish(When(tier=Tier.WARN), channels=("chat",))], DOUBT)
    assert (asked.asked, asked.channels, asked.severity) == (True, ("chat",), Severity.INFO)
    assert not wished([Wish(When(tier=Tier.WARN), channels=("chat",))], replace(DOUBT, tier=Tier.SUSPECT)).asked
    assert wished([Wish(When(tier=Tier.WARN), channels=("chat",))], OPEN).channels is None


def test_what_faded_was_a_suspicion_and_what_was_open_never_becomes_one() -> None:
    assert is_suspicion(replace(DOUBT, stage=Stage.CLOSED))
    assert not is_suspicion(replace(OPEN, stage=Stage.CLOSED))


def test_the_first_rule_that_says_something_of_a_matter_decides_it() -> None:
    found = wished([Wish(severity=Severity.INFO), Wish(severity=Severity.CRITICAL, hold=HOUR), Wish(hold=2 * HOUR),
                    Wish(channels=(), remind=())], OPEN)
    assert (found.severity, found.hold, found.channels, found.remind) == (Severity.INFO, HOUR, (), ())


def test_the_defaults_are_what_holds_without_rules() -> None:
    policy = Policy()
    for cause in Cause:
        one = replace(OPEN, cause=cause, confidence=PROVEN)
        found = wished(policy.wishes(), one)
        assert found.severity is SEVERITIES.get(cause, Severity.WARNING) is policy.severity(cause)
        assert (found.channels, found.hold, found.remind) == (None, timedelta(0), policy.reminders)
        assert found.patch == ("propose" if cause in policy.patch_causes else NO_PATCH)
        assert wished(policy.wishes(), replace(one, confidence=0.96)).patch == NO_PATCH
    assert not wished(policy.wishes(), DOUBT).asked


@given(st.lists(st.builds(Wish, severity=st.sampled_from([None, *Severity]),
                          hold=st.sampled_from([None, HOUR]), patch=st.sampled_from([None, "none", "observe"]))))
def test_adding_a_rule_at_the_end_changes_nothing_that_was_said(rules: list[Wish]) -> None:
    said = wished(rules, OPEN)
    more = wished([*rules, Wish(severity=Severity.INFO, hold=3 * HOUR, patch="propose")], OPEN)
    for matter in ("severity", "hold", "patch"):
        if any(getattr(rule, matter) is not None for rule in rules):
            assert getattr(more, matter) == getattr(said, matter)


def test_the_last_pause_goes_on() -> None:
    assert [pause((HOUR, 2 * HOUR), n) for n in (0, 1, 7)] == [HOUR, 2 * HOUR, 2 * HOUR]
    assert pause((), 0) is None
