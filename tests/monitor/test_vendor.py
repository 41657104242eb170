"""A vendor's evidence: one budget however many look, and what most regions say together."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watched import Watched

from monitor.model import Tier
from monitor.rule import Family, StreamKey
from monitor.rules import BY_VENDOR, rules
from monitor.tiers import Budgets
from monitor.track import Track
from monitor.vendor import concerned, load_vendor, speaks

REGIONS = ("eu", "sg", "us")
ANSWER = st.sampled_from(["ok", "network_timeout", "provider_outage", "geo_restricted", "rate_limited"])
PAST = st.lists(st.tuples(ANSWER, ANSWER, ANSWER), max_size=12)


def after(past):
    seen = Watched()
    seen.everywhere("ok", REGIONS)
    for answers in past:
        for n, (region, outcome) in enumerate(zip(REGIONS, answers, strict=True)):
            seen.see(outcome, 0.0 if n else 60.0, region=region)
    return seen


@pytest.mark.parametrize("beside", [0, 1, 4])
def test_streams_beside_it_that_are_well_thin_its_evidence_and_no_more(beside):
    """A mean of e-detectors is one: within one budget however many streams of a region look."""
    alone, seen = Watched(), Watched()
    for one, others in ((alone, 0), (seen, beside)):
        for outcome in ["ok"] * 50 + ["network_timeout"] * 3:
            one.see(outcome)
            for n in range(others):
                one.see("ok", 0.0, kind=f"kind{n}")
    assert seen.weight("network") == pytest.approx(alone.weight("network") / (beside + 1))


def test_what_is_asked_seldom_counts_for_little():
    seldom, often = Watched(), Watched()
    for seen, every_s in ((seldom, 600.0), (often, 60.0)):
        seen.see_all(["ok"] * 30)
        seen.see("ok", 0.0, kind="completion", every_s=every_s)
        seen.see_all(["network_timeout"] * 2)
    assert seldom.weight("network") > often.weight("network")


def test_regions_add_up():
    one, three = Watched(), Watched()
    for outcome in ["ok"] * 50 + ["rate_limited"] * 4:
        one.see(outcome)
        three.everywhere(outcome, REGIONS)
    assert three.weight("rate_limit") == pytest.approx(3 * one.weight("rate_limit"))


def test_what_an_incident_stands_on_is_no_evidence_of_another():
    seen = Watched()
    seen.see_all(["ok"] * 20 + ["geo_restricted"] * 3)
    assert seen.weight("refusals") > 0.0
    seen.track.declared["refusals"] = "claude|eu"
    assert seen.weight("refusals") == 0.0
    assert seen.tier(Family.REGION) is Tier.NONE


def test_what_is_expected_or_too_old_is_no_evidence():
    seen = Watched()
    seen.see_all(["ok"] * 20 + ["geo_restricted"] * 3)
    assert seen.vendor.weight("refusals", seen.t + 3600.0) == 0.0
    seen.track.expect = True
    assert seen.weight("refusals") == 0.0
    assert seen.vendor.fresh(seen.t) == []


def test_without_its_sightings_nothing_is_confirmed_however_much_there_is():
    seen = Watched()
    seen.see_all(["ok"] * 20)
    seen.see("geo_restricted")
    seen.track.detectors["refusals"].s = [1e20] * len(rules()["refusals"].grid)
    tier, evidence_s = seen.vendor.tier(Family.REGION, Budgets(), seen.t)
    assert evidence_s > Budgets().patch_s
    assert tier is Tier.WARN


def test_slower_by_too_little_to_matter_does_not_weigh():
    seen = Watched()
    seen.see("ok", total_s=0.5)
    seen.track.speed.s = [1e9] * len(seen.track.speed.s)
    assert seen.weight("latency") == 0.0
    seen.track.speed.shift = 2.0
    assert seen.weight("latency") > 0.0


@pytest.mark.parametrize(("answers", "widespread"), [
    (("ok", "ok", "ok"), False), (("network_timeout", "ok", "ok"), False),
    (("network_timeout", "provider_outage", "ok"), True), (("overloaded",) * 3, True),
    (("geo_restricted",) * 3, False),
])
def test_widespread_is_most_regions_at_once(answers, widespread):
    seen = after([answers])
    assert seen.vendor.is_widespread("reachability", seen.t) is widespread
    assert seen.vendor.is_widespread("completion", seen.t) is None


def test_only_here_is_told_by_like_and_like():
    seen = after([("network_timeout", "ok", "ok")])
    assert seen.vendor.only_here(seen.track) is True
    seen = after([("network_timeout", "network_timeout", "provider_outage")])
    assert seen.vendor.only_here(seen.track) is False
    alone = Watched()
    alone.see("network_timeout")
    assert alone.vendor.only_here(alone.track) is None


def test_once_it_stands_the_evidence_of_all_together_starts_anew():
    seen = after([("network_timeout",) * 3] * 4)
    assert seen.weight(BY_VENDOR) > 0.0
    seen.vendor.forget(Family.LATENCY)
    assert seen.weight(BY_VENDOR) > 0.0
    seen.vendor.forget(Family.REACH)
    assert seen.weight(BY_VENDOR) == 0.0


def test_transients_are_learned_by_kind_and_all_vendors_learn_from_each_other():
    seen = Watched()
    for provider in ("claude", "openai"):
        seen.see("ok", provider=provider)
    one, other = seen.vendor, seen.memory.vendors["openai"]
    assert one.lives_of("network", "models") is one.lives_of("network", "models")
    assert one.lives_of("network", "models") is not one.lives_of("network", "completion")
    assert one.lives_of("network", "models").parent is other.lives_of("network", "models").parent


@settings(max_examples=40)
@given(PAST, st.sampled_from(sorted(set(rules()) - {BY_VENDOR})))    # that one is told by all streams together
def test_a_good_answer_of_the_same_stream_adds_no_more_than_the_seconds_it_took(past, name):
    seen = after(past)
    before, took_s = seen.weight(name), 60.0 + max(
        (seen.t - d.t for track in seen.vendor.tracks for d in track.detectors.values()), default=0.0)
    seen.everywhere("ok", REGIONS)
    assert seen.weight(name) <= before + len(REGIONS) * rules()[name].share * took_s


@settings(max_examples=40)
@given(PAST)
def test_to_look_twice_changes_nothing(past):
    seen = after(past)
    first = {name: seen.weight(name) for name in rules()}
    text = json.dumps(seen.written())
    assert {name: seen.weight(name) for name in rules()} == first
    assert json.dumps(seen.written()) == text


@settings(max_examples=40)
@given(PAST)
def test_written_down_and_read_again_it_is_the_same_to_the_bit(past):
    seen = after(past)
    seen.vendor.standing.add("claude|eu")
    text = json.dumps(seen.vendor.dump())
    again = load_vendor(json.loads(text), seen.memory.lives)
    assert json.dumps(again.dump()) == text
    again.tracks = seen.vendor.tracks
    assert all(again.weight(name, seen.t) == seen.weight(name) for name in rules())


def test_a_stream_is_as_much_of_its_region_as_it_is_asked_there():
    seen = Watched()
    for region in REGIONS[:2]:
        seen.see("ok", region=region)
        seen.see("ok", 0.0, region=region, kind="quality", every_s=3600.0)
    parts = [seen.vendor.part(track, "network", seen.t) for track in seen.vendor.tracks]
    assert sum(parts) == pytest.approx(2.0), "each region is one whole"
    assert max(parts) == pytest.approx(60 * min(parts))


def test_what_a_rule_knows_of_hiccups_before_any_is_where_all_vendors_begin():
    seen = Watched()
    seen.see("ok")
    for name, rule in rules().items():
        first = seen.vendor.lives_of(name, "reachability").hazards()[0]
        assert first == pytest.approx(1.0 / rule.passes_s)


@pytest.mark.parametrize("every_s", [60.0, 300.0, 3600.0])
def test_a_stream_that_is_well_is_no_part_of_what_others_are_told(every_s):
    """Some evidence is left in what is asked seldom, by the time alone: it spoke for regions that were served."""
    seen = Watched()
    seen.see_all(["ok"] * 50, every_s, every_s=every_s)
    for rule, refusal in (("refusals", "geo_restricted"), ("network", "network_timeout")):
        seen.see(refusal, every_s, every_s=every_s)
        track, = seen.vendor.tracks
        assert speaks(track, track.detectors[rule])
        track.detectors[rule].clear()
        track.hot.discard(rule)
        for _ in range(30):
            seen.see("ok", every_s, every_s=every_s)
            found = seen.vendor.evidence(track, rule, seen.t)
            assert found.value > 0
            assert not speaks(track, found)


def test_who_is_in_the_dark_tells_nothing_of_the_vendor():
    seen = after([("network_timeout", "ok", "network_timeout")])
    region, dark = seen.track.stream.region, frozenset({seen.vendor.tracks[2].stream.region})
    assert region not in dark
    assert (seen.vendor.is_widespread("reachability", seen.t), seen.vendor.only_here(seen.track)) == (True, False)
    assert (seen.vendor.is_widespread("reachability", seen.t, dark), seen.vendor.only_here(seen.track, dark)) == (
        False, True)


@pytest.mark.parametrize(("kind", "concerns"), [("reachability", False), ("completion", True), ("quality", True)])
def test_a_completion_shows_a_key_whether_it_has_a_name_or_not(kind, concerns):
    assert concerned("account", Track(StreamKey("claude", "eu", kind), 60.0)) is concerns
    assert concerned("account", Track(StreamKey("claude", "eu", kind, account="main"), 60.0))


def test_one_moment_of_the_vendor_as_a_whole_confirms_nothing_however_rare_it_is():
    seen = after([("ok",) * 3] * 3000 + [("network_timeout",) * 3])
    budgets = Budgets(confirm_s=3 * 86_400.0)
    tier, evidence_s = seen.vendor.tier(Family.REACH, budgets, seen.t)
    assert evidence_s >= budgets.confirm_s
    assert tier is Tier.WARN
    for region in REGIONS:
        seen.see("network_timeout", 60.0 if region == "eu" else 0.0, region=region)
    assert seen.vendor.tier(Family.REACH, budgets, seen.t)[0] >= Tier.CONFIRM
