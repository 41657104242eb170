"""What is remembered of one stream: freshness, rates by the hour, evidence kept up to date in closed form."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watched import NOW, Watched

from monitor.esr import Lives
from monitor.rule import StreamKey
from monitor.rules import rules
from monitor.track import MEMORY, STALE_SLOTS, Track, load_track
from probes.outcome import Outcome

STREAM = StreamKey("claude", "eu", "reachability", "international", "main", "m", "c-1")
RULE = rules()["network"]
OUTCOMES = st.lists(st.tuples(st.sampled_from([o for o in Outcome if o not in ("unknown", "skipped")]),
                              st.sampled_from([15.0, 60.0, 900.0])), max_size=30)


def asked(gaps, every_s=60.0, outcome="ok", **more):
    track, t = Track(STREAM, every_s, **more), NOW
    for gap in gaps:
        t += gap
        track.arrive(t, outcome)
    return track


def test_it_is_fresh_for_three_turns_and_a_half():
    track = asked([60.0] * 3)
    assert track.fresh(track.last + STALE_SLOTS * 60.0)
    assert not track.fresh(track.last + STALE_SLOTS * 60.0 + 1.0)


def test_what_was_told_to_ask_slowly_is_given_the_time_to_while_it_is_refused():
    for outcome, fresh in (("geo_restricted", True), ("ok", False)):
        track = asked([60.0] * 3, outcome=outcome)
        track.slow_s = 900.0
        assert track.fresh(track.last + 1800.0) is fresh


def test_a_pace_that_nobody_stated_is_learned():
    track = asked([300.0] * 40, every_s=0.0)
    assert track.every_s == pytest.approx(300.0, rel=0.01)
    assert asked([300.0] * 40).every_s == 60.0


def test_after_a_long_gap_its_run_begins_anew():
    track = asked([60.0] * 10)
    began = track.run_from
    track.arrive(track.last + 120.0, "ok")
    assert track.run_from == began
    track.arrive(track.last + 3600.0, "ok")
    assert track.run_from == track.last


def test_the_last_sixteen_are_kept_failing_or_not():
    track = Track(STREAM, 60.0)
    for n, outcome in enumerate(["network_timeout", "ok", "overloaded", "geo_restricted"] * 5):
        track.arrive(NOW + n * 60.0, outcome)
    assert track.last_bits(4) == (2, 4)
    assert track.last_bits(99) == (8, 16)
    assert asked([]).last_bits(8) == (0, 0)


@pytest.mark.parametrize(("outcome", "failing", "down"), [
    ("network_dns", True, True), ("provider_outage", False, True), ("overloaded", False, True),
    ("geo_restricted", False, False), ("ok", False, False), ("probe_error", False, False),
])
def test_no_answer_is_failing_and_an_answer_that_is_none_is_down(outcome, failing, down):
    track = asked([60.0], outcome=outcome)
    assert (track.failing, track.down) == (failing, down)


def test_how_likely_an_episode_begins_comes_from_how_many_have():
    track = asked([60.0] * 1000)
    found = track.detector("network", RULE, track.last)
    none_yet = track.first(found, RULE, track.last)
    assert none_yet < RULE.first
    found.starts = {int(track.last // 3600) % 24: 20.0}
    assert track.first(found, RULE, track.last) > none_yet
    found.starts = dict.fromkeys(range(24), 1000000.0)
    assert track.first(found, RULE, track.last) <= 0.9


def test_an_hour_that_has_always_had_more_hiccups_expects_more():
    track = Track(STREAM, 60.0)
    for n in range(20 * 1440):
        track.arrive(NOW + n * 60.0, "ok")
    found = track.detector("network", RULE, track.last)
    found.starts = {hour: 40.0 if hour == 9 else 2.0 for hour in range(24)}
    at = {hour: track.first(found, RULE, hour * 3600.0) for hour in range(24)}
    assert at[9] > 5 * at[3]


def test_an_episode_that_lasts_is_expected_to_go_on_and_a_spoken_refusal_is_news_each_time():
    seen = Watched()
    seen.see_all(["ok"] * 100)
    seen.see_all(["network_timeout", "geo_restricted"], 30.0)
    track, lives = seen.track, Lives()
    for name, sticky in (("network", True), ("refusals", False)):
        found, rule = track.detectors[name], rules()[name]
        found.start = found.t
        first = track.first(found, rule, found.t + 15.0)
        assert (track.chance(found, rule, found.t + 15.0, lives) > first) is sticky


def test_memory_fades_so_that_what_is_long_ago_counts_less():
    track = Track(STREAM, 60.0)
    found = track.detector("network", RULE, NOW)
    found.starts = {3: 8.0}
    track.total = MEMORY
    track.arrive(NOW, "ok")
    assert track.total == (MEMORY + 1.0) / 2
    assert found.starts == {3: 4.0}


@settings(max_examples=40)
@given(st.integers(1, 200), st.sampled_from([15.0, 60.0, 900.0]))
def test_good_answers_are_counted_and_come_to_what_each_of_them_would_have(n, every_s):
    """The lazy path: a detector looked at after every answer and one looked at in the end are as good as the same."""
    often, once = Watched(), Watched()
    for seen in (often, once):
        seen.see_all(["ok"] * 50, every_s, every_s=every_s)
        seen.see_all(["network_timeout"] * 2 + ["ok"], every_s, every_s=every_s)
        for _ in range(n):
            seen.see("ok", every_s, every_s=every_s)
            if seen is often:
                seen.vendor.evidence(seen.track, "network", seen.t)
        seen.vendor.evidence(seen.track, "network", seen.t)
    lazy, eager = once.track.detectors["network"].s, often.track.detectors["network"].s
    # what differs is the hour whose rate is used, by little
    assert lazy == pytest.approx(eager, rel=0.1, abs=1e-6)


@settings(max_examples=40)
@given(OUTCOMES, OUTCOMES, st.sampled_from([None, "main"]))
def test_written_down_and_read_again_it_is_the_same_to_the_bit(before, then, account):
    seen = Watched()
    for outcome, gap in before:
        seen.see(outcome, gap, account=account, total_s=0.5, items=4, passed=3)
    for track in list(seen.memory.tracks.values()):
        text = json.dumps(track.dump())
        again = load_track(json.loads(text), rules())
        assert json.dumps(again.dump()) == text
        assert again.stream == track.stream
        for one in (track, again):
            for outcome, gap in then:
                one.arrive(one.last + gap, outcome)
                one.detector("network", RULE, one.last).step(one.last, one.failing, 0.01)
        assert json.dumps(again.dump()) == json.dumps(track.dump())


def test_what_a_rule_that_is_gone_has_left_behind_is_dropped():
    track = asked([60.0] * 3)
    track.detector("network", RULE, track.last)
    dumped = json.loads(json.dumps(track.dump()))
    dumped["rules"]["long_gone"] = dumped["rules"]["network"]
    assert set(load_track(dumped, rules()).detectors) == {"network"}


def test_what_a_rule_that_is_gone_or_looks_for_other_shares_left_behind_is_dropped():
    seen = Watched()
    seen.see_all(["ok", "network_timeout"])
    dumped = seen.track.dump()
    track = load_track(dumped, {name: rule for name, rule in rules().items() if name != "network"})
    assert "network" in dumped["hot"]
    assert not {"network"} & {*track.hot, *track.detectors}
    dumped["rules"]["network"][0].append(0.0)
    assert "network" not in load_track(dumped, rules()).detectors


def test_of_many_witnesses_a_moment_counts_up_to_the_one_before():
    """What fails at a moment at which another still answers has had the time since the moment before."""
    track = Track(StreamKey("*", "eu", "*"), 60.0)
    for at in (0.0, 60.0, 60.0, 120.0, 120.0):
        track.tick(NOW + at)
    assert (track.last, track.well, track.clean) == (NOW + 120.0, NOW + 60.0, 5)
    assert track.detector("own_network", rules()["own_network"], NOW + 120.0).t <= NOW + 60.0
