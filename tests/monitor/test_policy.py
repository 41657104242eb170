from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0

from alerts.model import Severity
from monitor.model import Cause, Move, Scope, Stage, Tell, Verdict, Watch
from monitor.policy import Deciding, Known, KnownCheck, Policy, Silence, decide, group_of, remind

VERDICT = Verdict(Cause.REGION_RESTRICTED, Scope("claude", "eu"), 0.97, "it says so", T0, ("eu",))
NOW = T0 + timedelta(minutes=1)
KNOWN = Known(checks=(KnownCheck("bare", "claude", "eu"), KnownCheck("keyed", "claude", "eu", "main", True),
                      KnownCheck("else", "claude", "us"), KnownCheck("other", "openai", "eu")), channels=("ops",))


def decided(verdicts, incidents=(), policy=Policy(), now=NOW, calm=None, known=KNOWN):  # noqa: B008
    return list(decide(verdicts, incidents, policy, now, Deciding(known, calm or {}, tuple(incidents))))


def standing(**changes):
    move = next(a for a in decided([VERDICT]) if isinstance(a, Move))
    return replace(move.incident, id=7, **changes)


def test_a_verdict_opens_tells_and_slows():
    move, tell, slow, stop = decided([VERDICT])
    assert isinstance(move, Move)
    assert (move.before, move.incident.stage, move.incident.told) == (None, Stage.OPEN, "opened")
    assert isinstance(tell, Tell)
    assert tell.key == f"{move.incident.key}:opened:0"
    assert (slow.check_keys, slow.every) == (("bare",), timedelta(minutes=5))
    assert (stop.check_keys, stop.every) == (("keyed",), None)


def test_where_only_keyed_checks_are_they_go_slowly_or_nothing_would_see_the_end():
    slow, = (a for a in decided([VERDICT], known=Known(checks=KNOWN.checks[1:])) if isinstance(a, Watch))
    assert (slow.check_keys, slow.every) == (("keyed",), timedelta(minutes=5))


def test_the_same_verdict_again_is_not_news():
    assert decided([VERDICT], [standing()]) == []


def test_a_weak_verdict_is_a_suspicion_and_says_nothing_until_it_is_stronger():
    weak = replace(VERDICT, confidence=0.3)
    move, = decided([weak])
    assert move.incident.stage is Stage.SUSPECTED
    later = decided([VERDICT], [move.incident])
    assert [type(a) for a in later[:2]] == [Move, Tell]
    assert later[0].before is Stage.SUSPECTED
    gone, = decided([], [move.incident], calm={move.incident.key: 3})
    assert gone.incident.stage is Stage.CLOSED


def test_recovery_ends_the_watches_and_is_told_when_it_closes():
    open_ = standing()
    move, slow, stop = decided([], [open_], calm={open_.key: 3})
    assert move.incident.stage is Stage.RECOVERING
    assert {slow.until, stop.until} == {NOW}
    closing = decided([], [move.incident], calm={open_.key: 6})
    assert closing[0].incident.stage is Stage.CLOSED
    assert closing[1].alert.occasion == "recovered"
    assert closing[1].alert.ended == NOW


def test_a_relapse_reopens_without_another_message_and_slows_again():
    recovering = standing(stage=Stage.RECOVERING)
    actions = decided([], [recovering], calm={recovering.key: 0})
    assert actions[0].incident.stage is Stage.OPEN
    assert not [a for a in actions if isinstance(a, Tell)]
    assert [a.until for a in actions if isinstance(a, Watch)] == [None, None]


def test_without_anybody_reporting_nothing_moves():
    assert decided([], [standing()]) == []


def test_a_silence_mutes_and_runs_out():
    silence = Silence(NOW + timedelta(hours=1), provider="claude")
    muted = replace(KNOWN, silences=(silence,))
    actions = decided([VERDICT], known=muted)
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
    weak, = decided([replace(VERDICT, confidence=0.3)], known=muted)
    confirmed = decided([VERDICT], [weak.incident], known=muted)[0].incident
    for opened in (decided([VERDICT], known=muted)[0].incident, confirmed):
        assert (opened.stage, opened.told) == (Stage.OPEN, "")
        wider = replace(VERDICT, regions=("eu", "us"))
        assert not [a for a in decided([wider], [opened], known=muted) if isinstance(a, Tell)]
        assert not [a for a in decided([wider], [opened], now=until) if isinstance(a, Tell)]    # an update of nothing
        assert not list(remind([opened], Policy(), until - timedelta(seconds=1), Deciding(muted)))
        move, tell = remind([opened], Policy(), until, Deciding(muted))
        assert (tell.alert.occasion, tell.key) == ("opened", f"{opened.key}:opened:0")
        assert (move.incident.told, move.incident.told_at) == ("opened", until)
        assert not list(remind([move.incident], Policy(), until, Deciding(muted)))
        assert not list(remind([replace(opened, acked_by="ann")], Policy(), until, Deciding(muted)))
        assert not list(remind([replace(opened, stage=Stage.RECOVERING)], Policy(), until, Deciding(muted)))


@pytest.mark.parametrize("changes", [{"acked_by": "ann"}, {"stage": Stage.RECOVERING}, {"told_at": None}])
def test_no_reminder_for_what_somebody_has_taken_on_or_is_ending(changes):
    assert not list(remind([standing(**changes)], Policy(), NOW + timedelta(days=2), Deciding(KNOWN)))


def test_reminders_come_after_the_pauses_that_the_team_wrote():
    policy = Policy(reminders=(timedelta(minutes=10), timedelta(minutes=30)))

    def reminded(reminders, minutes, wishes=policy):
        return bool(list(remind([standing(reminders=reminders)], wishes, NOW + timedelta(minutes=minutes),
                                Deciding(KNOWN))))

    assert [reminded(0, 9), reminded(0, 10), reminded(1, 29), reminded(1, 30), reminded(5, 30)] == [
        False, True, False, True, True]
    assert not reminded(0, 10**6, Policy(reminders=()))


def test_one_story_is_one_group():
    def same(a, b):
        return group_of(*a) == group_of(*b)

    geo = Cause.REGION_RESTRICTED
    assert same((geo, Scope("claude", "eu")), (geo, Scope("claude")))
    assert not same((geo, Scope("claude", "eu")), (geo, Scope("openai", "eu")))
    assert same((Cause.REGIONAL_PATH, Scope("claude", "eu")), (Cause.PROVIDER_OUTAGE, Scope("claude")))
    assert not same((Cause.BILLING, Scope("a", account="x")), (Cause.BILLING, Scope("a", account="y")))
    assert same((Cause.OWN_NETWORK, Scope()), (Cause.OWN_NETWORK, Scope(region="eu")))


def test_severity_follows_the_cause_and_the_team():
    assert Policy().severity(Cause.REGION_RESTRICTED) is Severity.CRITICAL
    assert Policy().severity(Cause.RATE_LIMITED) is Severity.WARNING
    assert Policy(severities={}).severity(Cause.REGION_RESTRICTED) is Severity.WARNING
