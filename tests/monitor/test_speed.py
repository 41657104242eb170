"""Latency: what is slow is found, what is only busy at this hour, or comes in runs, is not."""

import json
import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.rules.latency import Rule
from monitor.speed import ENOUGH, Speed
from monitor.tiers import DAY_S, Budgets

CONFIRM_S = Budgets().confirm_s / Rule.share
TAKEN = st.lists(st.tuples(st.floats(0.0, 4000.0), st.floats(0.0, 1e3), st.booleans()), max_size=60)


def told(speed):
    return speed.matters and speed.value >= CONFIRM_S


def world(speed, days, seed, *, rho=0.0, wave=0.0, times=1.0, start=0.0):
    """A minute apart: lognormal, in runs (`rho`), slower by day (`wave`), `times` as slow. The minute it was told."""
    draw, z = Random(seed), 0.0
    for minute in range(int(days * 1440)):
        z = rho * z + math.sqrt(1.0 - rho * rho) * draw.gauss(0.0, 1.0)
        t = start + minute * 60.0
        usual_s = 0.5 * (1.0 + wave * math.sin(t / DAY_S * 2 * math.pi))
        speed.step(t, usual_s * times * math.exp(0.3 * z), 60.0, True)
        if told(speed):
            return minute + 1
    return None


def after(taken):
    speed, t = Speed(), 1e9
    for gap, took_s, learn in taken:
        t += gap
        speed.step(t, took_s, 60.0, learn)
    return speed


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("rho", [0.0, 0.6])
def test_three_times_as_slow_is_found_within_the_half_hour(seed, rho):
    speed = Speed()
    assert world(speed, 3, seed, rho=rho) is None
    assert world(speed, 1, seed + 50, rho=rho, times=3.0, start=3 * DAY_S) <= 30


@pytest.mark.parametrize("seed", range(3))
def test_a_rhythm_of_the_day_is_no_change(seed):
    assert world(Speed(), 8, seed, wave=0.5) is None


@pytest.mark.parametrize("seed", range(3))
def test_slow_answers_that_come_in_runs_are_not_counted_as_many(seed):
    assert world(Speed(), 8, seed, rho=0.8) is None
    assert world(Speed(), 2, seed + 100, rho=0.9) is None


def test_a_shift_too_small_to_matter_is_no_finding():
    speed = Speed()
    world(speed, 3, 1)
    for minute in range(600):
        speed.step(3 * DAY_S + minute * 60.0, 0.5 * 1.15, 60.0, True)
        assert not told(speed)


def test_one_answer_that_took_for_ever_cannot_shout():
    speed = Speed()
    world(speed, 3, 1)
    before = speed.value
    speed.step(3 * DAY_S, 1e4, 60.0, True)
    assert speed.value < max(before, 60.0) * 1e4
    assert not told(speed)


def test_until_there_are_enough_it_says_nothing():
    speed = Speed()
    for n in range(ENOUGH):
        speed.step(n * 60.0, 0.5 if n < ENOUGH // 2 else 50.0, 60.0, True)
        assert speed.value == 0.0


def test_while_every_hour_is_not_known_it_is_compared_with_how_slow_all_are():
    speed = Speed()
    for n in range(ENOUGH + 100):
        speed.step(n * 60.0, 0.5 if n < ENOUGH else 1.5, 60.0, n < ENOUGH)
    assert speed.matters
    speed.tide = speed.shift
    assert not speed.matters


def test_what_stands_is_not_learned():
    speed = Speed()
    world(speed, 1, 1)
    usual = (speed.n, speed.mean, dict(speed.sketch))
    for n in range(50):
        speed.step(DAY_S + n * 60.0, 5.0, 60.0, False)
    assert (speed.n, speed.mean, dict(speed.sketch)) == usual
    assert speed.usual_s == pytest.approx(0.5, rel=0.1)


def test_recovery_is_evidence_of_the_usual_pace():
    speed = Speed()
    world(speed, 1, 1)
    for pace_s, calmer in ((1.5, False), (0.5, True)):
        speed.calm = 0.0
        for n in range(60):
            speed.step(DAY_S + n * 60.0, pace_s, 60.0, False)
            speed.recover(60.0)
        assert (speed.calm > 3600.0) is calmer
    speed.clear()
    assert (speed.value, speed.calm, speed.shift) == (0.0, 0.0, 0.0)


@given(TAKEN)
def test_evidence_is_a_finite_figure_that_is_never_below_nothing(taken):
    speed = after(taken * 6)
    assert speed.value >= 0.0
    assert math.isfinite(speed.value)


@settings(max_examples=40)
@given(TAKEN, TAKEN)
def test_written_down_and_read_again_it_is_the_same_to_the_bit(before, then):
    speed = after(before * 6)
    again = Speed().load(json.loads(json.dumps(speed.dump())))
    for one in (speed, again):
        t = one.t
        for gap, took_s, learn in then:
            t += gap
            one.step(t, took_s, 60.0, learn)
            one.recover(gap)
    assert json.dumps(again.dump()) == json.dumps(speed.dump())
    assert again.value == speed.value


def test_what_is_asked_faster_than_usual_is_not_as_many_answers():
    """A slow minute asked about every five seconds is one slow answer; a pace that stays becomes the usual one."""
    speed, taken, t = Speed(), [], 0.0
    for gap in [60.0] * 20 + [5.0] * 24:
        t += gap
        if speed.due(t, 60.0):
            taken.append(t)
            speed.step(t, 0.3, 60.0, True)
    assert len(taken) == 20 + 2
    for _ in range(3 * 1440 * 4):
        t += 15.0
        if speed.due(t, 60.0):
            speed.step(t, 0.3, 60.0, True)
    assert speed.pace < 25.0
    assert speed.due(t + 15.0, 60.0)


def test_an_answer_that_hangs_is_no_new_pace():
    speed = Speed()
    for n in range(400):
        speed.step(60.0 * n, 0.3 + 0.01 * (n % 7), 60.0, True)
    speed.step(60.0 * 400, 60.0, 60.0, False)
    assert not speed.matters


def test_a_long_silence_is_no_pace() -> None:
    speed, t = Speed(), 0.0
    for _ in range(100):
        t += 60.0
        if speed.due(t, 60.0):
            speed.step(t, 1.0, 60.0, learn=True)
    t += 6 * 3600.0
    for _ in range(30):
        t += 60.0
        assert speed.due(t, 60.0), "every answer after a silence counts as it did before"
        speed.step(t, 1.0, 60.0, learn=True)


@pytest.mark.parametrize("seed", range(4))
def test_since_when_is_told_to_the_quarter_of_an_hour(seed):
    speed = Speed()
    world(speed, 4, seed, rho=0.4)
    began = 4 * DAY_S
    assert world(speed, 1, seed + 50, rho=0.4, times=2.0, start=began) is not None
    assert abs(speed.onset - began) <= 900.0


@pytest.mark.parametrize("seed", range(6))
def test_one_that_hung_does_not_make_the_others_look_well(seed):
    """It was told upon an answer that hung, the others are slower by half: it is not over between two of them."""
    speed, draw, most = Speed(), Random(seed), 0.0
    world(speed, 4, seed)
    for n in range(660):
        speed.step(4 * DAY_S + n * 60.0, 0.75 * math.exp(0.3 * draw.gauss(0.0, 1.0)) if n != 59 else 90.0, 60.0, False)
        if n == 59:
            speed.bad = speed.slowness()
        elif n > 59:
            speed.recover(60.0)
            most = max(most, speed.calm)
    assert speed.bad < 2.5
    assert most < Budgets().recover_s
