import shlex
from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0

from alerts.model import Occasion, Severity, Strength
from monitor.errand import change_from_json, change_to_json
from monitor.known import Deciding, Fallback, Known, KnownCheck, KnownWorkload, Policy
from monitor.model import Cause, Incident, Scope, Stage, Tier
from monitor.rule import StreamKey
from monitor.telling import opening, reroutes, suspicion, tell, watch
from monitor.track import Track

WORK = KnownWorkload("smart", "claude", (Fallback("qwen-max", "qwen"), Fallback("gpt", "openai")), "litellm",
                     ("sonnet",))
INCIDENT = Incident(0, "k", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("claude", "eu"), 0.97, "why", T0, T0, T0,
                    regions=("eu",), tier=Tier.PATCH)
SEEN = T0 - timedelta(minutes=1)
GREEN = {"qwen": {"eu": SEEN, "us": T0}, "openai": {"eu": T0}}
CONTEXT = Deciding(Known(workloads=(WORK,), names={"claude": "Claude"}, channels=("ops", "mail")), green=GREEN)


def test_an_alert_says_what_it_touches_and_what_to_run():
    alert = tell(INCIDENT, Occasion.OPENED, Policy(), T0, CONTEXT).alert
    assert (alert.touches, alert.provider_name, alert.since) == (("smart",), "Claude", T0)
    assert alert.run[0] == f"vendorwatch incident show {INCIDENT.short}"
    known = tell(replace(INCIDENT, id=4), Occasion.UPDATED, Policy(), T0, CONTEXT).alert
    assert known.run[0] == "vendorwatch incident show 4"
    over = tell(replace(INCIDENT, id=4), Occasion.RECOVERED, Policy(), T0, CONTEXT).alert
    assert over.run == ("vendorwatch incident show 4",), "nobody need take on what is over"


def test_only_a_ban_can_be_resumed():
    banned = tell(replace(INCIDENT, id=4, cause=Cause.ACCOUNT_RESTRICTED), Occasion.OPENED, Policy(), T0, CONTEXT)
    assert "vendorwatch incident resume 4" in banned.alert.run
    assert not [one for one in tell(INCIDENT, Occasion.OPENED, Policy(), T0, CONTEXT).alert.run if "resume" in one]


def test_what_to_run_can_be_pasted_into_a_shell():
    key = "region_restricted:claude|eu|*|*:2026-03-01T10:00:00+00:00"
    for command in tell(replace(INCIDENT, key=key), Occasion.OPENED, Policy(), T0, CONTEXT).alert.run:
        assert [shlex.quote(word) for word in command.split()] == command.split()


def test_a_workload_is_touched_where_it_runs():
    def touched(workload, **changes):
        known = Deciding(Known(workloads=(workload,)))
        there = replace(INCIDENT, **changes)
        return tell(there, Occasion.OPENED, Policy(), T0, known).alert.touches, reroutes(there, (), Policy(), T0, known)

    abroad = replace(WORK, regions=("us",))
    assert touched(abroad) == ((), ([], []))
    assert touched(replace(WORK, regions=("us", "eu")))[0] == ("smart",)
    assert touched(abroad, regions=("eu", "us"))[0] == ("smart",)
    assert touched(abroad, regions=())[0] == ("smart",)


def test_keys_are_stable_and_differ_by_occasion_and_reminder():
    def key(occasion, **changes):
        return tell(replace(INCIDENT, **changes), occasion, Policy(), T0, CONTEXT).key

    assert key(Occasion.OPENED) == key(Occasion.OPENED, because="otherwise") == "k:opened:0"
    assert key(Occasion.REMINDER, reminders=1) != key(Occasion.REMINDER, reminders=2)


def test_a_severity_goes_to_its_channels_and_one_not_named_to_all():
    policy = Policy(channels={Severity.CRITICAL: ("mail",), Severity.WARNING: ()})
    slow = replace(INCIDENT, cause=Cause.LATENCY_DEGRADED)
    assert tell(INCIDENT, Occasion.OPENED, Policy(), T0, CONTEXT).channels == ("ops", "mail")
    assert tell(INCIDENT, Occasion.OPENED, policy, T0, CONTEXT).channels == ("mail",)
    assert tell(slow, Occasion.OPENED, policy, T0, CONTEXT).channels == ()
    only_info = Policy(channels={Severity.INFO: ("mail",)})
    assert tell(slow, Occasion.OPENED, only_info, T0, CONTEXT).channels == ("ops", "mail")


def test_a_change_is_a_stable_hash_with_an_end():
    (one,), _ = reroutes(INCIDENT, (), Policy(), T0, CONTEXT)
    (two,), _ = reroutes(INCIDENT, (), Policy(), T0 + timedelta(hours=1), CONTEXT)
    assert one.change.id == two.change.id
    assert one.key == two.key
    assert one.change.expires_at == T0 + timedelta(days=7)
    assert one.change.strength is Strength.EXCLUDE
    (down,), _ = reroutes(replace(INCIDENT, cause=Cause.PROVIDER_OUTAGE), (), Policy(), T0, CONTEXT)
    assert down.change.strength is Strength.DEMOTE


def test_a_fallback_that_is_hurt_itself_takes_nothing_over():
    hurt = [replace(INCIDENT, key=p, scope=Scope(p)) for p in ("qwen", "openai")]
    (one,), bare = reroutes(INCIDENT, hurt[:1], Policy(), T0, CONTEXT)
    assert (one.change.takes_over, bare) == ("gpt", [])
    made, bare = reroutes(INCIDENT, hurt, Policy(), T0, CONTEXT)
    assert (made, bare) == ([], ["smart"])
    told = next(iter(opening(INCIDENT, hurt, Policy(), T0, CONTEXT)))
    assert "no fallback is proven to work for smart" in told.alert.because
    closed = [replace(i, stage=Stage.CLOSED) for i in hurt]
    assert reroutes(INCIDENT, closed, Policy(), T0, CONTEXT)[0][0].change.takes_over == "qwen-max"


def test_a_change_says_when_its_fallback_was_seen_to_work():
    (one,), _ = reroutes(INCIDENT, (), Policy(), T0, CONTEXT)
    assert one.change.proven_at == SEEN


def test_a_change_says_how_much_of_what_is_needed_its_fallback_has_passed():
    needy = replace(WORK, needs=("tools",), fallbacks=(Fallback("qwen-max", "qwen", proofs={"eu": ("p",)}),))
    (one,), _ = reroutes(INCIDENT, (), Policy(), T0, replace(CONTEXT, known=Known(workloads=(needy,)),
                                                            proofs={"p": T0}))
    assert one.change.proof_score == 1.0
    assert change_from_json(change_to_json(one.change)) == one.change
    assert reroutes(INCIDENT, (), Policy(), T0, CONTEXT)[0][0].change.proof_score is None


@pytest.mark.parametrize("green", [{}, {"qwen": {"us": T0}}, {"qwen": {}}, {"claude": {"eu": T0}}])
def test_who_was_not_seen_to_work_from_there_takes_nothing_over(green):
    made, bare = reroutes(INCIDENT, (), Policy(), T0, replace(CONTEXT, green=green))
    assert (made, bare) == ([], ["smart"])


def test_the_proof_is_from_every_region_concerned():
    def taker(regions, *hit):
        work = replace(WORK, regions=regions)
        incident = replace(INCIDENT, regions=hit)
        made, _ = reroutes(incident, (), Policy(), T0, replace(CONTEXT, known=Known(workloads=(work,))))
        return made[0].change.takes_over if made else None

    assert taker((), "eu", "us") == "qwen-max"
    assert taker((), "eu", "cn") is None
    assert taker(("us",), "eu", "us", "cn") == "qwen-max", "where its apps run is enough"
    assert taker(("cn",), "cn") is None
    assert taker(("eu", "cn"), "eu") is None, "the patch moves what runs in cn too"


@pytest.mark.parametrize("changes", [{"tier": Tier.CONFIRM}, {"confidence": 0.96}, {"cause": Cause.UNKNOWN},
                                     {"cause": Cause.OWN_FAULT}, {"cause": Cause.REGIONAL_PATH}])
def test_a_patch_needs_the_last_tier_a_sure_cause_and_one_that_a_move_can_cure(changes):
    assert reroutes(replace(INCIDENT, **changes), (), Policy(), T0, CONTEXT) == ([], [])


def test_what_is_slow_or_our_own_moves_nobody():
    for cause in (Cause.LATENCY_DEGRADED, Cause.RATE_LIMITED, Cause.OWN_NETWORK):
        assert reroutes(replace(INCIDENT, cause=cause), (), Policy(), T0, CONTEXT) == ([], [])


def test_a_retired_model_moves_only_those_that_ask_for_it():
    gone = replace(INCIDENT, cause=Cause.MODEL_RETIRED, scope=Scope("claude", model="m1"))
    other = Deciding(Known(workloads=(replace(WORK, model="m2"),)), green=GREEN)
    assert reroutes(gone, (), Policy(), T0, other)[0] == []
    assert reroutes(gone, (), Policy(), T0, CONTEXT)[0]


def test_a_banned_account_is_left_alone_and_the_others_go_on():
    accounts = (("a", "one"), ("b", "two"), ("c", None))
    checks = tuple(KnownCheck(k, "claude", "eu", a, a is not None) for k, a in accounts)
    banned = replace(INCIDENT, cause=Cause.ACCOUNT_RESTRICTED, scope=Scope("claude", account="one"))
    _, one = watch(banned, Policy(), T0, Deciding(Known(checks=checks)))
    assert (one.check_keys, one.every, one.until) == (("a",), None, None)
    _, all_ = watch(replace(banned, scope=Scope("claude")), Policy(), T0, Deciding(Known(checks=checks)))
    assert all_.check_keys == ("a", "b")
    assert not list(watch(replace(banned, stage=Stage.RECOVERING), Policy(), T0, Deciding(Known(checks=checks))))


def test_suspicion_asks_fast_without_a_key_and_nowhere_that_refuses():
    track = Track(StreamKey("claude", "us", "reachability"), 60.0)
    checks = (KnownCheck("us", "claude", "us"), KnownCheck("keyed", "claude", "us", "main", True),
              KnownCheck("eu", "claude", "eu"), KnownCheck("cn", "claude", "cn", expect_restricted=True),
              KnownCheck("host", "neutral0", "us", control=True), KnownCheck("other", "openai", "us"))

    def fast(standing=(), refused=()):
        return [one.check_keys for one in suspicion(track, standing, Policy(), Known(checks=checks), T0, refused)]

    assert fast() == [("eu", "host", "us")]
    assert fast(refused={"eu"}) == [("host", "us")]
    assert fast([INCIDENT]) == []
    assert fast([replace(INCIDENT, stage=Stage.SUSPECTED)]) == [("eu", "host", "us")]
