"""Made-up incidents go the way of real ones: at once, held back, as a suspicion, or to nobody."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.model import Severity
from monitor.known import Fallback, Known, KnownWorkload, Policy
from monitor.model import Cause, Tier
from monitor.rehearsal import CaseOfPolicy, Rehearsed, one_a_cause, rehearse
from monitor.wishes import When, Wish

KNOWN = Known(workloads=(KnownWorkload("smart", "anthropic", (Fallback("k", "moonshot"),)),), channels=("ops", "chat"))
HELD = Policy(rules=(Wish(hold=timedelta(minutes=5)),))


def tried(policy: Policy, expect: dict[str, Any] | None = None, **incident: Any) -> Rehearsed:
    made = {"cause": "provider_outage", "vendor": "anthropic", **incident}
    return rehearse(CaseOfPolicy.model_validate({"name": "n", "incident": made, "expect": expect or {}}), policy, KNOWN)


def test_without_rules_everything_confirmed_is_told_at_once() -> None:
    found = tried(Policy())
    assert (found.told, found.after_s, found.severity, found.channels, found.patch, found.workloads) == (
        True, 0.0, Severity.CRITICAL, ("ops", "chat"), "propose", ("smart",))
    assert not tried(Policy(), tier="warn").told
    assert not tried(Policy(), confidence=0.2).told, "nobody could say what it is"
    assert tried(Policy(), tier="confirm").patch == "none"


@pytest.mark.parametrize(("lasts", "told"), [(None, True), ("4m", False), ("5m", True), ("1h", True)])
def test_what_is_held_back_is_told_if_it_lasts(lasts: str | None, told: bool) -> None:
    found = tried(HELD, lasts=lasts)
    assert (found.told, found.after_s) == (told, 300.0 if told else None)


def test_a_suspicion_is_told_where_a_rule_says_so() -> None:
    asks = Policy(rules=(Wish(When(tier=Tier.WARN), channels=("chat",)),))
    found = tried(asks, tier="warn")
    assert (found.told, found.severity, found.channels) == (True, Severity.INFO, ("chat",))
    assert not tried(asks, tier="suspect").told


def test_channels_that_are_none_are_nobody() -> None:
    assert not tried(Policy(rules=(Wish(channels=()),))).told


def test_what_is_not_as_expected_is_said_matter_by_matter() -> None:
    expect = {"told": False, "severity": "info", "channels": ["chat", "ops"], "patch": "none"}
    assert tried(Policy(), expect).wrong == (
        "told: expected no, would be yes", "severity: expected info, would be critical",
        "patch: expected none, would be propose")
    assert tried(HELD, {"channels": ["ops"]}, lasts="1m").wrong == ("channels: expected ops, would be nobody",)


def test_the_built_in_table_has_every_cause_once_and_blames_no_vendor_for_our_network() -> None:
    cases = one_a_cause(KNOWN, ["eu", "us"])
    assert [case.incident.cause for case in cases] == list(Cause)
    assert {case.incident.vendor for case in cases if case.incident.cause is Cause.OWN_NETWORK} == {None}
    assert all(rehearse(case, Policy(), KNOWN).told for case in cases)
