"""What a team's rules come to: held back, told of a suspicion, patched otherwise – and nothing else changes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0

from alerts.model import Occasion, Severity, Strength
from monitor.known import Deciding, Fallback, Known, KnownWorkload, Policy
from monitor.model import Action, Cause, Incident, Move, Reroute, Scope, Stage, Tell, Tier, Verdict
from monitor.policy import decide, fade, remind, settle
from monitor.telling import over
from monitor.wishes import When, Wish

MINUTE = timedelta(minutes=1)
WORK = KnownWorkload("smart", "claude", (Fallback("gpt", "openai"),), "litellm", ("sonnet",))
CONTEXT = Deciding(Known(workloads=(WORK,), names={"claude": "Claude"}, channels=("ops", "chat")),
                   green={"openai": {"eu": T0}})
OUTAGE = Verdict("reach", Cause.PROVIDER_OUTAGE, Scope("claude", "eu"), 0.99, "why", T0, Tier.CONFIRM, 1e7, ("eu",))
CALM = 1e9


def told(actions: list[Action]) -> list[Tell]:
    return [action for action in actions if isinstance(action, Tell)]


def after(actions: list[Action]) -> Incident:
    return [action.incident for action in actions if isinstance(action, Move)][-1]


def held(minutes: int = 10) -> Policy:
    return Policy(rules=(Wish(hold=minutes * MINUTE),))


def test_nobody_is_told_until_it_has_stood_for_so_long() -> None:
    opened = list(decide(OUTAGE, [], held(), T0, CONTEXT))
    assert (told(opened), after(opened).stage, after(opened).told) == ([], Stage.OPEN, "")
    assert list(remind([after(opened)], held(), T0 + 9 * MINUTE, CONTEXT)) == []
    later = list(remind([after(opened)], held(), T0 + 10 * MINUTE, CONTEXT))
    [tell] = told(later)
    assert (tell.alert.occasion, tell.channels, after(later).told) == (Occasion.OPENED, ("ops", "chat"), "opened")
    assert "held back" in next(move.because for move in later if isinstance(move, Move))


def test_what_recovers_before_is_told_to_nobody() -> None:
    opened = after(list(decide(OUTAGE, [], held(), T0, CONTEXT)))
    wider = replace(OUTAGE, regions=("eu", "us"), scope=Scope("claude"))
    joined = list(decide(wider, [opened], held(), T0 + MINUTE, CONTEXT))
    assert (told(joined), after(joined).regions) == ([], ("eu", "us")), "nor that it spreads"
    calm = after(list(settle(after(joined), CALM, held(), T0 + 2 * MINUTE, CONTEXT)))
    assert list(remind([calm], held(), T0 + 20 * MINUTE, CONTEXT)) == []
    closed = list(settle(calm, CALM, held(), T0 + 21 * MINUTE, CONTEXT))
    assert (after(closed).stage, told(closed)) == (Stage.CLOSED, [])


def test_a_suspicion_is_told_where_a_rule_asks_for_it_and_so_is_its_end() -> None:
    doubt = replace(OUTAGE, tier=Tier.SUSPECT)
    asks = Policy(rules=(Wish(When(tier=Tier.WARN), channels=("chat",)),))
    first = list(decide(doubt, [], asks, T0, CONTEXT))
    assert (told(first), after(first).stage) == ([], Stage.SUSPECTED), "the rule is for warn"
    risen = replace(doubt, tier=Tier.WARN)
    assert told(list(decide(risen, [after(first)], Policy(), T0, CONTEXT))) == [], "nobody asked"
    warned = list(decide(risen, [after(first)], asks, T0, CONTEXT))
    [tell] = told(warned)
    assert (tell.alert.occasion, tell.alert.severity, tell.channels) == (Occasion.FINDING, Severity.INFO, ("chat",))
    again = replace(risen, regions=("eu", "us"))
    assert told(list(decide(again, [after(warned)], asks, T0, CONTEXT))) == [], "once is enough"
    gone = fade(after(warned), T0 + MINUTE)
    [end] = over(gone.incident, after(warned), asks, T0 + MINUTE, CONTEXT)
    assert (end.alert.occasion, end.channels) == (Occasion.RECOVERED, ("chat",))
    assert list(over(gone.incident, after(first), asks, T0 + MINUTE, CONTEXT)) == []


def test_a_suspicion_that_was_told_is_told_anew_when_it_is_confirmed() -> None:
    asks = Policy(rules=(Wish(When(tier=Tier.WARN), channels=("chat",)),))
    warned = after(list(decide(replace(OUTAGE, tier=Tier.WARN), [], asks, T0, CONTEXT)))
    opened = list(decide(OUTAGE, [warned], asks, T0 + MINUTE, CONTEXT))
    [tell] = told(opened)
    assert (tell.alert.occasion, tell.alert.severity, tell.channels) == (
        Occasion.OPENED, Severity.CRITICAL, ("ops", "chat"))
    assert after(opened).told == "opened"


def test_those_who_heard_of_the_suspicion_alone_hear_alone_that_it_is_over() -> None:
    asks = Policy(rules=(Wish(When(tier=Tier.WARN), channels=("chat",)), Wish(hold=10 * MINUTE)))
    warned = after(list(decide(replace(OUTAGE, tier=Tier.WARN), [], asks, T0, CONTEXT)))
    opened = list(decide(OUTAGE, [warned], asks, T0 + MINUTE, CONTEXT))
    assert told(opened) == []
    calm = after(list(settle(after(opened), CALM, asks, T0 + 2 * MINUTE, CONTEXT)))
    [end] = told(list(settle(calm, CALM, asks, T0 + 3 * MINUTE, CONTEXT)))
    assert (end.alert.occasion, end.channels) == (Occasion.RECOVERED, ("chat",))


@pytest.mark.parametrize(("rules", "cause", "tier", "sure", "mode"), [
    ((), Cause.PROVIDER_OUTAGE, Tier.PATCH, 0.99, "propose"),
    ((Wish(patch="none"),), Cause.PROVIDER_OUTAGE, Tier.PATCH, 0.99, None),
    ((Wish(patch="observe"),), Cause.PROVIDER_OUTAGE, Tier.PATCH, 0.99, "observe"),
    ((), Cause.LATENCY_DEGRADED, Tier.PATCH, 0.99, None),
    ((Wish(patch="propose"),), Cause.LATENCY_DEGRADED, Tier.PATCH, 0.99, "propose"),
    ((Wish(patch="propose"),), Cause.PROVIDER_OUTAGE, Tier.CONFIRM, 0.99, None),
    ((Wish(patch="propose"),), Cause.PROVIDER_OUTAGE, Tier.PATCH, 0.96, None)])
def test_rules_say_what_is_patched_but_never_on_less_proof(
    rules: tuple[Wish, ...], cause: Cause, tier: Tier, sure: float, mode: str | None
) -> None:
    verdict = replace(OUTAGE, cause=cause, tier=tier, confidence=sure)
    made = [one for one in decide(verdict, [], Policy(rules=rules), T0, CONTEXT) if isinstance(one, Reroute)]
    assert [one.mode for one in made] == ([mode] if mode else [])
    assert all(one.change.strength is Strength.DEMOTE for one in made), "what is slow or down is not barred"


def test_a_gateway_that_only_observes_is_not_opened_by_a_rule() -> None:
    policy = Policy(rules=(Wish(patch="propose"),), patch_mode="observe")
    [made] = [one for one in decide(replace(OUTAGE, tier=Tier.PATCH), [], policy, T0, CONTEXT)
              if isinstance(one, Reroute)]
    assert made.mode == "observe"


def test_reminders_are_a_rules_too() -> None:
    policy = Policy(rules=(Wish(When(vendor="claude"), remind=(5 * MINUTE,)), Wish(remind=())))
    opened = after(list(decide(OUTAGE, [], policy, T0, CONTEXT)))
    assert len(told(list(remind([opened], policy, T0 + 5 * MINUTE, CONTEXT)))) == 1
    other = replace(opened, scope=Scope("kimi"))
    assert list(remind([other], policy, T0 + timedelta(days=9), CONTEXT)) == []
