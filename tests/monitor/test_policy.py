"""From verdicts and standing incidents to actions: what opens, what joins, what ends, and what is said of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0
from hypothesis import given
from hypothesis import strategies as st

from alerts.model import Severity
from monitor.known import Deciding, Known, KnownCheck, Policy, Silence
from monitor.model import Cause, Move, Scope, Stage, Tell, Tier, Verdict, Watch
from monitor.policy import SOON, TOGETHER, decide, fade, joins, remind, same_story, settle, stories

VERDICT = Verdict("region", Cause.REGION_RESTRICTED, Scope("claude", "eu"), 0.97, "it says so", T0, Tier.PATCH,
                  regions=("eu",))
NOW = T0 + timedelta(minutes=1)
KNOWN = Known(checks=(KnownCheck("bare", "claude", "eu"), KnownCheck("keyed", "claude", "eu", "main", True),
                      KnownCheck("else", "claude", "us"), KnownCheck("other", "openai", "eu")), channels=("ops",))
RECOVER_S = Policy().budgets.recover_s


def decided(verdict=VERDICT, incidents=(), policy=Policy(), now=NOW, known=KNOWN):  # noqa: B008
    return list(decide(verdict, incidents, policy, now, Deciding(known, tuple(incidents))))


def settled(incident, calm_s, now=NOW, known=KNOWN):
    return list(settle(incident, calm_s, Policy(), now, Deciding(known, (incident,))))


def standing(**changes):
    move = next(a for a in decided() if isinstance(a, Move))
    return replace(move.incident, id=7, **changes)


def test_a_verdict_opens_tells_and_slows():
    move, tell, ended, slow, stop = decided()
    assert isinstance(move, Move)
    assert (move.before, move.incident.stage, move.incident.told) == (None, Stage.OPEN, "opened")
    assert isinstance(tell, Tell)
    assert tell.key == f"{move.incident.key}:opened:0"
    assert (slow.check_keys, slow.every) == (("bare",), timedelta(minutes=5))
    assert (stop.check_keys, stop.every) == (("keyed",), None)
    assert (ended.key, ended.check_keys) == ("fast:claude", ()), "law 11: it refuses, so nobody asks it fast"


def test_where_only_keyed_checks_are_they_go_slowly_or_nothing_would_see_the_end():
    slow, = (a for a in decided(known=Known(checks=KNOWN.checks[1:])) if isinstance(a, Watch) and a.check_keys)
    assert (slow.check_keys, slow.every) == (("keyed",), timedelta(minutes=5))


@given(st.sampled_from(Tier), st.floats(0, 1), st.sampled_from(Cause), st.sampled_from([None, "eu"]))
def test_deciding_twice_comes_to_the_same_keys_and_on_what_was_decided_to_nothing(tier, sure, cause, region):
    verdict = replace(VERDICT, tier=tier, confidence=sure, cause=cause, scope=Scope("claude", region))
    once = decided(verdict)
    assert once == decided(verdict)
    incident = once[0].incident
    assert decided(verdict, [incident], now=NOW + timedelta(minutes=5)) == []


@pytest.mark.parametrize("weak", [{"tier": Tier.WARN}, {"tier": Tier.SUSPECT}, {"confidence": 0.3}])
def test_a_weak_verdict_is_a_suspicion_and_says_nothing_until_it_is_stronger(weak):
    move, = decided(replace(VERDICT, **weak))
    assert (move.incident.stage, move.incident.told, move.incident.opened_at) == (Stage.SUSPECTED, "", None)
    later = decided(incidents=[move.incident], now=NOW + timedelta(minutes=1))
    assert [type(a) for a in later[:2]] == [Move, Tell]
    assert (later[0].before, later[0].incident.opened_at) == (Stage.SUSPECTED, NOW + timedelta(minutes=1))
    assert fade(move.incident, NOW).incident.stage is Stage.CLOSED


def test_recovery_ends_the_watches_and_is_told_when_it_closes():
    move, slow, stop = settled(standing(), RECOVER_S / 2)
    assert move.incident.stage is Stage.RECOVERING
    assert {slow.until, stop.until} == {NOW}
    closing = settled(move.incident, RECOVER_S)
    assert closing[0].incident.stage is Stage.CLOSED
    assert closing[1].alert.occasion == "recovered"
    assert closing[1].alert.ended == NOW


def test_a_relapse_reopens_without_another_message_and_slows_again():
    actions = settled(standing(stage=Stage.RECOVERING), 0.0)
    assert (actions[0].incident.stage, actions[0].incident.flaps) == (Stage.OPEN, 1)
    assert not [a for a in actions if isinstance(a, Tell)]
    assert [a.until for a in actions if isinstance(a, Watch) and a.check_keys] == [None, None]
    again = settled(standing(stage=Stage.RECOVERING, flaps=1), 0.0)
    assert again[0].incident.stage is Stage.FLAPPING
    assert [a.until for a in again if isinstance(a, Watch) and a.check_keys] == [None, None], "law 11"


def test_a_ban_that_comes_back_once_more_is_left_alone_until_it_is_resumed_or_over():
    ban = standing(cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="main"), stage=Stage.RECOVERING,
                   flaps=1)
    again, _, stop = settled(ban, 0.0)
    assert again.incident.stage is Stage.FLAPPING
    assert (stop.check_keys, stop.every, stop.until) == (("keyed",), None, None)
    over = settled(again.incident, 10 * RECOVER_S)
    assert over[0].incident.stage is Stage.CLOSED
    assert [a.until for a in over if isinstance(a, Watch)] == [NOW]


def test_with_another_cause_the_watches_of_the_former_end():
    actions = decided(replace(VERDICT, cause=Cause.OWN_FAULT, confidence=0.99), [standing()])
    assert actions[0].incident.cause is Cause.OWN_FAULT
    assert [a.until for a in actions if isinstance(a, Watch)] == [NOW, NOW]


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.RECOVERING, Stage.FLAPPING])
def test_without_anybody_reporting_nothing_moves(stage):
    assert settled(standing(stage=stage), None) == []


def test_what_comes_back_soon_is_the_same_incident_and_what_comes_back_late_another():
    closed = standing(stage=Stage.CLOSED, closed_at=NOW)
    move = decided(incidents=[closed], now=NOW + SOON)[0]
    assert (move.before, move.incident.key, move.incident.stage) == (Stage.CLOSED, closed.key, Stage.OPEN)
    assert (move.incident.flaps, move.incident.closed_at) == (1, None)
    assert decided(replace(VERDICT, onset=NOW + SOON), [closed], now=NOW + 2 * SOON)[0].before is Stage.CLOSED
    late = replace(VERDICT, onset=NOW + SOON + timedelta(seconds=1))
    other = decided(late, [closed], now=NOW + 2 * SOON)[0]
    assert other.before is None
    assert other.incident.key != closed.key
    weak = replace(VERDICT, tier=Tier.WARN)
    assert decided(weak, [closed], now=NOW + SOON) == [], "a suspicion is no return"


def test_a_region_that_joins_is_told_once():
    wider = replace(VERDICT, regions=("eu", "us"), scope=Scope("claude"))
    move, tell = decided(wider, [standing()])[:2]
    assert (move.before, move.incident.stage, move.incident.regions) == (Stage.OPEN, Stage.OPEN, ("eu", "us"))
    assert (move.incident.scope.region, tell.alert.occasion) == (None, "updated")
    assert decided(wider, [move.incident]) == []


@pytest.mark.parametrize(("cause", "sure", "revised"), [
    (Cause.PROVIDER_OUTAGE, 0.9, True), (Cause.PROVIDER_OUTAGE, 0.5, False), (Cause.REGIONAL_PATH, 0.9, False)])
def test_a_cause_is_revised_only_by_a_sure_one_and_the_revision_is_a_row(cause, sure, revised):
    first = replace(VERDICT, family="reach", cause=Cause.REGIONAL_PATH, confidence=0.9)
    incident = decided(first)[0].incident
    moves = [a for a in decided(replace(first, cause=cause, confidence=sure, why="{}"), [incident])
             if isinstance(a, Move)]
    assert bool(moves) is revised
    assert all((m.before, m.incident.cause, m.why) == (Stage.OPEN, cause, "{}") for m in moves)


@pytest.mark.parametrize(("stood", "tier", "revised"), [
    (Cause.NETWORK_INTERFERENCE, Tier.SUSPECT, False), (Cause.NETWORK_INTERFERENCE, Tier.CONFIRM, True),
    (Cause.UNKNOWN, Tier.SUSPECT, True)])
def test_a_cause_that_is_told_is_not_taken_back_for_a_suspicion(stood, tier, revised):
    """Two answers of a passing shortage made a week's block the shortage's."""
    first = replace(VERDICT, family="reach", cause=stood, confidence=0.9)
    told = decided(first)[0].incident
    again = replace(first, cause=Cause.REGIONAL_PATH, confidence=0.99, tier=tier, why="{}")
    causes = {a.incident.cause for a in decided(again, [told]) if isinstance(a, Move)}
    assert (Cause.REGIONAL_PATH in causes) is revised


def test_evidence_that_reaches_the_next_tier_is_a_row_and_no_message():
    confirmed = decided(replace(VERDICT, tier=Tier.CONFIRM))[0].incident
    actions = decided(incidents=[confirmed])
    assert (actions[0].incident.tier, actions[0].incident.stage) == (Tier.PATCH, Stage.OPEN)
    assert not [a for a in actions if isinstance(a, Tell)]


def test_it_is_told_how_sure_it_is_that_there_is_anything():
    """A cause as sure as can be is no more than likely while a hiccup as long as this is."""
    incident = decided(replace(VERDICT, tier=Tier.CONFIRM, confidence=1.0))[0].incident
    assert incident.confidence == 0.95
    grown = decided(replace(VERDICT, confidence=1.0), [incident])[0].incident
    assert (grown.tier, grown.confidence) == (Tier.PATCH, 1.0)
    weaker = decided(replace(VERDICT, tier=Tier.CONFIRM, confidence=0.99, regions=("eu", "us")), [grown])[0].incident
    assert (weaker.tier, weaker.confidence) == (Tier.PATCH, 0.99), "its evidence is what the incident has, not the news"


STORY = replace(VERDICT, family="reach", cause=Cause.PROVIDER_OUTAGE, scope=Scope("claude", "eu"))
LATER = T0 + TOGETHER + timedelta(minutes=1)


@pytest.mark.parametrize(("other", "same"), [
    (STORY, True),
    (replace(STORY, scope=Scope("openai", "eu")), False),
    (replace(STORY, family="region", cause=Cause.REGION_RESTRICTED), False),
    (replace(STORY, scope=Scope("claude", "us"), regions=("us",)), True),
    (replace(STORY, scope=Scope("claude", "us"), regions=("us",), onset=LATER, cause=Cause.REGIONAL_PATH), False),
    (replace(STORY, regions=("eu",), onset=LATER, cause=Cause.REGIONAL_PATH), False),
    (replace(STORY, scope=Scope("claude", "us"), regions=("us",), onset=LATER), True)])
def test_what_began_together_or_where_it_stands_is_one_story(other, same):
    assert same_story(decided(STORY)[0].incident, other) is same


@pytest.mark.parametrize(("tier", "onset", "joined"), [
    (Tier.WARN, LATER, ("eu",)), (Tier.CONFIRM, LATER, ("eu", "us")), (Tier.WARN, T0, ("eu", "us"))])
def test_a_region_joins_what_stands_when_it_is_as_sure_or_began_with_it(tier, onset, joined):
    slow = replace(STORY, family="latency", cause=Cause.LATENCY_DEGRADED)
    incident = decided(slow)[0].incident
    other = replace(slow, scope=Scope("claude", "us"), regions=("us",), onset=onset, tier=tier)
    assert joins(incident, other) is ("us" in joined)
    moved = [a.incident.regions for a in decided(other, (incident,)) if isinstance(a, Move)]
    assert moved == ([joined] if "us" in joined else []), "nor is it another incident"
    assert joins(replace(incident, stage=Stage.SUSPECTED), other)


@pytest.mark.parametrize(("account", "same"), [("main", True), (None, False)])
def test_a_key_that_is_throttled_is_so_wherever_it_is_shown_next(account, same):
    throttled = replace(STORY, family="rate", cause=Cause.RATE_LIMITED, scope=Scope("claude", account=account))
    other = replace(throttled, regions=("us",), onset=LATER)
    assert same_story(decided(throttled)[0].incident, other) is same


def test_one_banned_account_is_its_own_and_all_of_them_are_the_organisations():
    ban = replace(VERDICT, family="account", cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="main"))
    one = decided(ban)[0].incident
    spare = replace(ban, scope=Scope("claude", account="spare"), onset=LATER)
    assert not same_story(one, spare)
    assert same_story(one, replace(spare, onset=T0))
    assert same_story(decided(replace(ban, scope=Scope("claude")))[0].incident, spare), "every account already"
    bill = replace(ban, family="billing", cause=Cause.BILLING)
    assert not same_story(decided(bill)[0].incident, replace(bill, scope=Scope("claude", account="spare")))


def test_a_silence_mutes_and_runs_out():
    silence = Silence(NOW + timedelta(hours=1), provider="claude")
    muted = replace(KNOWN, silences=(silence,))
    actions = decided(known=muted)
    assert not [a for a in actions if isinstance(a, Tell)]
    assert actions[0].incident.told == ""
    late = NOW + timedelta(hours=30)
    assert list(remind([standing()], Policy(), late, Deciding(muted)))
    early = NOW + timedelta(minutes=59)
    assert not list(remind([standing(told_at=T0 - timedelta(days=1))], Policy(), early, Deciding(muted)))
    assert not silence.covers(standing(scope=Scope("openai", "eu")), NOW)


def test_what_opened_under_a_silence_is_told_once_when_the_silence_ends_and_it_still_stands():
    until = NOW + timedelta(hours=1)
    muted = replace(KNOWN, silences=(Silence(until, provider="claude"),))
    weak, = decided(replace(VERDICT, confidence=0.3), known=muted)
    confirmed = decided(incidents=[weak.incident], known=muted)[0].incident
    for opened in (decided(known=muted)[0].incident, confirmed):
        assert (opened.stage, opened.told) == (Stage.OPEN, "")
        wider = replace(VERDICT, regions=("eu", "us"))
        assert not [a for a in decided(wider, [opened], known=muted) if isinstance(a, Tell)]
        assert not [a for a in decided(wider, [opened], now=until) if isinstance(a, Tell)]    # an update of nothing
        assert not list(remind([opened], Policy(), until - timedelta(seconds=1), Deciding(muted)))
        move, tell = remind([opened], Policy(), until, Deciding(muted))
        assert (tell.alert.occasion, tell.key) == ("opened", f"{opened.key}:opened:0")
        assert (move.incident.told, move.incident.told_at) == ("opened", until)
        assert not list(remind([move.incident], Policy(), until, Deciding(muted)))
        assert not list(remind([replace(opened, acked_by="ann")], Policy(), until, Deciding(muted)))
        assert not list(remind([replace(opened, stage=Stage.RECOVERING)], Policy(), until, Deciding(muted)))


@pytest.mark.parametrize("changes", [{"acked_by": "ann"}, {"stage": Stage.RECOVERING}, {"stage": Stage.SUSPECTED},
                                     {"stage": Stage.CLOSED}, {"told_at": None}])
def test_no_reminder_for_what_somebody_has_taken_on_or_is_ending(changes):
    assert not list(remind([standing(**changes)], Policy(), NOW + timedelta(days=2), Deciding(KNOWN)))


def test_what_flaps_is_reminded_of_as_what_stands():
    assert list(remind([standing(stage=Stage.FLAPPING)], Policy(), NOW + timedelta(days=2), Deciding(KNOWN)))


def test_reminders_come_after_the_pauses_that_the_team_wrote():
    policy = Policy(reminders=(timedelta(minutes=10), timedelta(minutes=30)))

    def reminded(reminders, minutes, wishes=policy):
        return bool(list(remind([standing(reminders=reminders)], wishes, NOW + timedelta(minutes=minutes),
                                Deciding(KNOWN))))

    assert [reminded(0, 9), reminded(0, 10), reminded(1, 29), reminded(1, 30), reminded(5, 30)] == [
        False, True, False, True, True]
    assert not reminded(0, 10**6, Policy(reminders=()))


def test_severity_follows_the_cause_and_the_team():
    assert Policy().severity(Cause.REGION_RESTRICTED) is Severity.CRITICAL
    assert Policy().severity(Cause.RATE_LIMITED) is Severity.WARNING
    assert Policy(severities={}).severity(Cause.REGION_RESTRICTED) is Severity.WARNING


def test_a_vendors_outage_that_is_over_has_not_come_back_as_a_regions_broken_path():
    outage = standing(family="reach", cause=Cause.PROVIDER_OUTAGE, regions=("eu", "us"), scope=Scope("claude"),
                      stage=Stage.CLOSED, closed_at=NOW)
    back = replace(STORY, onset=NOW + timedelta(minutes=5))
    assert same_story(outage, back)
    assert not same_story(outage, replace(back, cause=Cause.REGIONAL_PATH))


def test_a_second_account_banned_makes_it_the_organisations():
    ban = replace(VERDICT, family="account", cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="main"))
    one = decided(ban)[0].incident
    spare = replace(ban, scope=Scope("claude", account="spare"), regions=("us",))
    assert decided(spare, [one])[0].incident.scope.account is None


def test_what_opens_is_what_is_confirmed_and_no_suspicion_on_the_way():
    first = replace(STORY, tier=Tier.SUSPECT, regions=("eu", "us"), scope=Scope("claude"))
    suspected = decided(first)[0].incident
    opened = decided(replace(STORY, onset=T0 + timedelta(minutes=1)), [suspected])[0].incident
    assert (opened.stage, opened.regions, opened.scope.region) == (Stage.OPEN, ("eu",), "eu")
    assert (opened.key, opened.onset) == (suspected.key, T0 + timedelta(minutes=1))


def test_a_verdict_speaks_of_what_was_told_before_what_is_only_suspected():
    told = decided(STORY)[0].incident
    near = replace(told, key="near", stage=Stage.SUSPECTED, onset=LATER)
    verdict = replace(STORY, onset=LATER)
    assert stories(verdict, [near, told])[0] == told
    assert stories(verdict, [near, replace(told, stage=Stage.CLOSED, closed_at=NOW)])[0].key == told.key


def test_what_begins_again_with_evidence_that_stayed_is_another_incident_with_a_key_of_its_own():
    first, later = (decided(now=NOW + timedelta(hours=n))[0].incident for n in (0, 3))
    assert first.key != later.key


def test_a_vendors_outage_that_goes_on_in_another_region_has_come_back():
    outage = replace(VERDICT, cause=Cause.PROVIDER_OUTAGE)
    closed = standing(cause=Cause.PROVIDER_OUTAGE, stage=Stage.CLOSED, closed_at=NOW)
    elsewhere = replace(outage, regions=("somewhere",), scope=replace(VERDICT.scope, region="somewhere"))
    assert same_story(closed, elsewhere)
    assert not same_story(closed, replace(elsewhere, cause=Cause.REGIONAL_PATH))
