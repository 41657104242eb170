"""How surely it is over, by answers alone: silence is not calm."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import T0, Ledger, grid, history
from hypothesis import given
from hypothesis import strategies as st

from monitor.calm import calm_of, declare, learn_calm
from monitor.esr import Detector
from monitor.model import Cause, Stage
from monitor.rule import StreamKey
from monitor.track import Track

GRID = grid(("eu", "us"), ("claude", "openai", "qwen"), controls=1)


def after(answer, minutes):
    """The one incident of a history, and the calm of what it stands on at its end."""
    book = Ledger()
    book.take(history(GRID, minutes, answer))
    [incident] = book.all()
    members = [(track, track.detectors[rule]) for track, rule in book.judge.memory.members.get(incident.key, [])]
    return incident, calm_of(incident, members, (T0 + timedelta(minutes=minutes - 1)).timestamp())


def refused(end, silent=10**9):
    def answer(one, m):
        if one.region == "eu" and m >= silent:
            return None
        return "geo_restricted" if one.provider == "claude" and one.region == "eu" and 3 <= m < end else "ok"
    return answer


def test_every_good_answer_adds_to_it_and_a_bad_one_takes_it_away():
    calms = [after(refused(10), minutes)[1] for minutes in (10, 11, 12, 13)]
    assert calms == sorted(calms)
    assert calms[0] < calms[-1]
    relapse = after(lambda one, m: refused(10)(one, m) if m != 12 else refused(99)(one, m), 13)[1]
    assert relapse < calms[2]


def test_silence_is_not_calm():
    incident, calm = after(refused(10, silent=10), 60)
    assert (incident.stage, calm) == (Stage.OPEN, None)


def test_those_who_report_speak_for_one_vendor_everywhere():
    def answer(one, m):
        if one.region == "eu" and m >= 20:
            return None
        return "provider_outage" if one.provider == "claude" and 3 <= m < 25 else "ok"
    incident, calm = after(answer, 27)
    assert incident.cause is Cause.PROVIDER_OUTAGE
    assert calm is not None
    assert calm > 0


def declared(hits=8):
    found = Detector((0.5, 0.9), 0.0)
    for n in range(1, hits + 1):
        found.step(60.0 * n, True, 0.01)
        found.note(60.0 * n, n, "geo_restricted")
    declare(found, 60.0, 60.0, 60.0 * (hits + 1))
    return found


def test_an_incident_looks_like_what_was_seen_since_it_began():
    found = declared()
    assert found.calm == 0.0
    assert found.bad == 8
    assert found.bad <= found.seen <= 60


@given(st.lists(st.booleans(), max_size=40))
def test_a_bad_answer_never_makes_it_surer_that_it_is_over(answers):
    good, bad = declared(), declared()
    for one in answers:
        learn_calm(good, 60.0, one, 0.01, 60.0)
        learn_calm(bad, 60.0, one, 0.01, 60.0)
    learn_calm(good, 60.0, False, 0.01, 60.0)
    learn_calm(bad, 60.0, True, 0.01, 60.0)
    assert bad.calm <= good.calm


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_what_failed_seldom_needs_more_good_answers(share):
    def needed(one_in):
        found, n = declared(), 0
        for step in range(60):
            learn_calm(found, 60.0, step % one_in == 0, 0.01, 60.0)
        while found.calm < 600_000 and n < 1000:
            learn_calm(found, 60.0, False, 0.01, 60.0)
            n += 1
        return n
    assert needed(1) < needed(4)
    assert needed(round(1 / share)) < 1000


def test_good_answers_asked_fast_are_not_as_many_witnesses():
    def calm(every_s, answers):
        found = declared()
        for _ in range(answers):
            learn_calm(found, every_s, False, 0.01, 60.0)
        return found.calm
    assert calm(5.0, 12) < calm(60.0, 12) / 1000
    assert calm(60.0, 8) > 0


def test_nobody_waits_for_one_that_is_asked_an_hour_apart():
    incident, _ = after(refused(10), 12)
    seldom, often = declared(), declared()
    seldom.start, often.start, often.calm = 0.0, None, 5e5
    hourly = Track(StreamKey("claude", "eu", "quality", account="main"), 3600.0)
    minutely = Track(StreamKey("claude", "eu", "reachability"), 60.0)
    hourly.last = minutely.last = 600.0
    assert calm_of(incident, [(hourly, seldom), (minutely, often)], 660.0) == often.calm
    assert calm_of(incident, [(hourly, seldom)], 660.0) == seldom.calm
    minutely.every_s = 900.0
    assert calm_of(incident, [(hourly, seldom), (minutely, often)], 660.0) == seldom.calm


def test_only_regions_that_it_stands_on_must_report():
    """What was suspected of another region on the way is nothing to wait for."""
    book = Ledger()
    book.take(history(GRID, 40, refused(10)))
    [incident] = book.all()
    wider = replace(incident, regions=("eu", "us"))
    track = next(one for one in book.judge.memory.vendors["claude"].tracks if one.stream.region == "eu")
    assert calm_of(wider, [(track, track.detectors["refusals"])], track.last) is not None
