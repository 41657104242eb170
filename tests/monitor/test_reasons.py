"""The reason is one that a person outside understands."""

import pytest
from histories import T0

from monitor.model import Cause
from monitor.reasons import Case, reason
from monitor.rule import Family, StreamKey
from monitor.track import Track


def a_track(region="eu", account=None, outcome="geo_restricted", reason_="", status=403):
    track = Track(StreamKey("claude", region, "reachability", account=account), 60.0)
    track.outcome, track.reason, track.status = outcome, reason_, status
    return track


def a_case(family=Family.REGION, outcome="geo_restricted", *tracks, **more):
    tracks = tracks or (a_track(outcome=outcome),)
    hit = frozenset(track.stream.region for track in tracks)
    given = {"fine": frozenset({"us"}), "asked": hit | {"us"}, "others_of_it": (a_track("us", outcome="ok"),),
             "neutral": dict.fromkeys(sorted(hit), (2, 2)), **more}
    return Case("claude", "Anthropic", family, tracks, tracks[-1], hit, since=T0.timestamp(), outcomes={outcome: 3},
                **given)


def test_a_refusal_says_to_whom_where_since_when_and_who_is_served():
    case = a_case(Family.REGION, "geo_restricted", a_track(reason_="Request not allowed (HTTP 403)"))
    assert reason(case, Cause.REGION_RESTRICTED) == (
        "Anthropic answers 403 to keyless calls from eu since 10:00 UTC (Request not allowed); us is served; "
        "neutral hosts answer from eu (2)")


@pytest.mark.parametrize(("outcome", "words"), [
    ("network_timeout", "cannot be reached (nothing comes back)"),
    ("network_blocked", "cannot be reached (connections are cut off)"),
    ("network_dns", "cannot be reached (its name is not resolved rightly)"),
    ("provider_outage", "answers with errors (502)")])
def test_silence_says_in_which_way(outcome, words):
    case = a_case(Family.REACH, outcome, a_track(outcome=outcome, status=502))
    said = reason(case, Cause.REGIONAL_PATH)
    assert said == f"Anthropic {words} from eu since 10:00 UTC; us is not affected; neutral hosts answer from eu (2)"


def test_where_nothing_can_be_compared_it_is_unreachable_from_here():
    alone = {"fine": frozenset(), "others_of_it": (), "neutral": {"eu": (0, 0)}}
    case = a_case(Family.REACH, "network_timeout", a_track(outcome="network_timeout"), **alone)
    assert reason(case, Cause.UNKNOWN) == (
        "Anthropic is unreachable from here (nothing comes back) from eu since 10:00 UTC; "
        "no neutral host answers from eu to compare with")


def test_a_ban_says_which_accounts_go_on_and_when_none_does():
    banned = a_track(account="main", outcome="account_restricted")
    others = (a_track(account="spare", outcome="ok"), a_track(outcome="ok"))
    said = reason(a_case(Family.ACCOUNT, "account_restricted", banned, others_of_it=others), Cause.ACCOUNT_RESTRICTED)
    assert "account main's calls" in said
    assert "keyless calls, spare are served" in said
    both = (banned, a_track(account="spare", outcome="account_restricted"))
    said = reason(a_case(Family.ACCOUNT, "account_restricted", *both), Cause.ACCOUNT_RESTRICTED)
    assert "every account that reports is affected" in said


def test_our_own_fault_says_so_and_blames_nobody():
    case = a_case(Family.OURS, "bad_request", a_track(outcome="bad_request", reason_="max_tokens: too large"))
    assert reason(case, Cause.OWN_FAULT) == (
        "Anthropic does not take our own request (max_tokens: too large) from eu since 10:00 UTC")


@pytest.mark.parametrize(("hit", "asked", "spread"), [
    ("a", "a", ""), ("a", "abc", "few"), ("ab", "abc", "most"), ("abc", "abc", "all"), ("a", "ab", "few")])
def test_how_far_it_spreads(hit, asked, spread):
    tracks = tuple(a_track(region) for region in hit)
    assert a_case(Family.REGION, "geo_restricted", *tracks, asked=frozenset(asked)).spread == spread
