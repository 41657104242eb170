"""The statistic's laws as properties, and its promise – a rate of false alarms under any schedule – counted out."""

import json
import math
from collections.abc import Callable
from random import Random

import pytest
from bounds import most_alarms
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.esr import BINS, CEILING, EDGES, LONGEST_STEP_S, SURELY, Detector, Lives, bin_of, staying
from monitor.rule import ANYHOW, MOSTLY

DAY_S = 86_400.0
GRIDS = st.sampled_from([ANYHOW, MOSTLY])
CHANCES = st.floats(1e-6, SURELY)
GAPS = st.floats(0.0, 7200.0)
SAMPLES = st.lists(st.tuples(GAPS, st.booleans(), CHANCES), max_size=30)
WAITS = st.lists(st.tuples(st.floats(0.0, 9000.0), st.floats(0.0, 3000.0), st.booleans()), max_size=20)


def fed(grid, samples, t=1000.0):
    """A detector after (seconds since the last, failing, chance under the null)."""
    found = Detector(grid, t)
    for seq, (gap, bad, chance) in enumerate(samples):
        t += gap
        if bad:
            found.note(t, seq, "network_timeout")
        found.step(t, bad, chance)
    return found


def learned(*episodes, parent=None):
    lives = Lives(parent)
    for steps in episodes:
        lives.learn(steps)
    return lives


# -- one detector

def test_it_begins_with_nothing():
    assert Detector(ANYHOW, 5.0).value == 0.0
    assert Detector(ANYHOW, 5.0).age(9.0) is None
    assert not Detector(ANYHOW, 5.0).hits()


@given(GRIDS, SAMPLES)
def test_evidence_is_a_finite_figure_that_is_never_below_nothing(grid, samples):
    found = fed(grid, samples)
    assert all(0.0 <= s <= CEILING for s in found.s)
    assert math.isfinite(found.value)


@given(GRIDS, SAMPLES, GAPS, CHANCES)
def test_a_failure_says_at_least_what_a_good_answer_would_have_said(grid, samples, gap, chance):
    failed, passed = fed(grid, [*samples, (gap, True, chance)]), fed(grid, [*samples, (gap, False, chance)])
    assert all(bad >= good for bad, good in zip(failed.s, passed.s, strict=True))


@given(GRIDS, SAMPLES, GAPS, CHANCES)
def test_a_good_answer_never_adds_more_than_the_seconds_it_took(grid, samples, gap, chance):
    before, after = fed(grid, samples), fed(grid, [*samples, (gap, False, chance)])
    assert all(now <= then + gap + 1e-6 for now, then in zip(after.s, before.s, strict=True))


@given(GRIDS, SAMPLES, GAPS, CHANCES)
def test_a_failure_that_was_likelier_anyway_says_less(grid, samples, gap, chance):
    before = fed(grid, samples)
    likely = fed(grid, [*samples, (gap, True, min(SURELY, chance * 2))])
    unlikely = fed(grid, [*samples, (gap, True, chance)])
    assert likely.value <= max(before.value, unlikely.value) * (1 + 1e-9)


@given(GRIDS, SAMPLES, st.floats(0.04, SURELY), GAPS)
def test_what_the_null_explains_as_well_is_no_evidence(grid, samples, chance, gap):
    """The clamp: a grid point that expects no more failures than the null does stays as it is, whatever comes."""
    for bad in (True, False):
        before, after = fed(grid, samples), fed(grid, [*samples, (gap, bad, chance)])
        for g, then, now in zip(grid, before.s, after.s, strict=True):
            assert now == then or g > chance


@given(GRIDS, SAMPLES, CHANCES, GAPS)
def test_its_expectation_grows_by_a_second_a_second_at_the_most(grid, samples, chance, gap):
    """What the promise rests on: under the null, whatever it knows already, the mean over both answers."""
    before = fed(grid, samples)
    failed, passed = fed(grid, [*samples, (gap, True, chance)]), fed(grid, [*samples, (gap, False, chance)])
    for then, bad, good in zip(before.s, failed.s, passed.s, strict=True):
        assert chance * bad + (1.0 - chance) * good <= (then + gap) * (1 + 1e-9) + 1e-6


@given(GRIDS, SAMPLES, st.integers(1, 300), st.floats(1.0, 900.0), st.floats(1e-6, 0.039))
@example(ANYHOW, [], 5, 60.0, math.nextafter(0.04, 0.0))
def test_many_good_answers_at_once_are_as_many_one_by_one(grid, samples, n, every_s, chance):
    at_once, singly = fed(grid, samples), fed(grid, samples)
    start = at_once.t
    at_once.rest(n, start + n * every_s, chance)
    for k in range(1, n + 1):
        singly.step(start + k * every_s, False, chance)
    assert at_once.t == singly.t
    for closed, stepped in zip(at_once.s, singly.s, strict=True):
        assert closed == pytest.approx(stepped, rel=1e-6, abs=1e-9)


@given(GRIDS, SAMPLES, st.integers(1, 300), st.floats(1.0, 900.0), CHANCES)
def test_in_closed_form_it_is_never_more_than_one_by_one(grid, samples, n, every_s, chance):
    at_once, singly = fed(grid, samples), fed(grid, samples)
    start = at_once.t
    at_once.rest(n, start + n * every_s, chance)
    for k in range(1, n + 1):
        singly.step(start + k * every_s, False, chance)
    assert all(closed <= stepped * (1 + 1e-6) + 1e-9 for closed, stepped in zip(at_once.s, singly.s, strict=True))


@given(GRIDS, SAMPLES, st.integers(-3, 5), st.floats(0.0, 1e4), CHANCES)
def test_no_answers_and_no_time_are_no_evidence(grid, samples, n, back_s, chance):
    """Nothing came, or it came before what is known already."""
    found = fed(grid, samples)
    before = json.dumps(found.dump())
    found.rest(min(n, 0), found.t + back_s, chance)
    found.rest(n, found.t - back_s, chance)
    assert json.dumps(found.dump()) == before


@given(GRIDS, SAMPLES, SAMPLES)
@example(ANYHOW, [(60.0, False, 0.01), (0.0, False, 0.01), (0.0, False, 0.01)], [])     # of one moment: tiny figures
def test_written_down_and_read_again_it_is_the_same_to_the_bit(grid, before, after):
    found = fed(grid, before)
    found.starts[3], found.start, found.steps = 2.0, found.t, [(0.0, 60.0, True)]
    again = Detector(grid, 0.0).load(json.loads(json.dumps(found.dump())))
    for one in (found, again):
        t = one.t
        for gap, bad, chance in after:
            t += gap
            one.step(t, bad, chance)
    assert again.dump() == found.dump()
    assert again.s == found.s
    assert (again.onset, again.hits()) == (found.onset, found.hits())


@given(st.integers(1, 40), st.integers(2, 40))
def test_the_onset_is_the_first_failure_and_not_the_alarm(calm, failures):
    found = Detector(ANYHOW, 0.0)
    found.rest(calm * 10, calm * 600.0, 0.01)
    began = found.t + 60.0
    for k in range(failures):
        found.note(began + k * 60.0, k, "network_timeout")
        found.step(began + k * 60.0, True, 0.01)
    assert found.onset == began
    assert len(found.hits()) == min(failures, 32)


def test_what_is_over_leaves_nothing_behind():
    found = fed(ANYHOW, [(60.0, True, 0.01)] * 5)
    found.start, found.steps, found.calm = found.t, [(0.0, 60.0, True)], 7.0
    found.clear()
    assert (found.value, found.age(found.t), found.steps, found.recent, found.calm) == (0.0, None, [], [], 0.0)


# -- how long transients last

@given(st.lists(WAITS, max_size=5), st.floats(0.0, 20_000.0), st.floats(0.0, 5000.0), st.floats(0.0, 5000.0))
def test_lasting_is_a_probability_and_longer_is_never_likelier(episodes, age_s, dt, more_s):
    lives = learned(*episodes, parent=Lives())
    assert 0.0 <= lives.lasting(age_s, dt + more_s) <= lives.lasting(age_s, dt) <= 1.0
    assert lives.lasting(age_s, 0.0) == 1.0


@given(st.lists(WAITS, max_size=5), st.floats(0.0, 9000.0), st.floats(0.0, 900.0), st.floats(0.0, 900.0))
def test_lasting_for_two_spans_is_lasting_for_the_one_and_then_the_other(episodes, age_s, first_s, then_s):
    lives = learned(*episodes)
    in_two = lives.lasting(age_s, first_s) * lives.lasting(age_s + first_s, then_s)
    assert lives.lasting(age_s, first_s + then_s) == pytest.approx(in_two, rel=1e-6, abs=1e-12)


@given(st.lists(WAITS, max_size=5))
def test_hazards_are_above_nothing_and_old_age_never_ends_sooner(episodes):
    hazards = learned(*episodes, parent=Lives()).hazards()
    assert len(hazards) == BINS
    assert all(h > 0.0 for h in hazards)
    old = hazards[6:]
    assert old == sorted(old, reverse=True)


@given(st.lists(WAITS, max_size=5), st.floats(0.0, 4000.0), st.floats(1.0, LONGEST_STEP_S), st.booleans())
def test_seeing_episodes_end_never_makes_them_longer_than_seeing_them_go_on(episodes, age_s, dt, pooled):
    ended, went_on = (learned(*episodes, [(age_s, dt, bad)], parent=Lives() if pooled else None)
                      for bad in (False, True))
    assert all(a >= b * (1 - 1e-12) for a, b in zip(ended.hazards(), went_on.hazards(), strict=True))
    for age in (0.0, *EDGES):
        assert ended.lasting(age, 60.0) <= went_on.lasting(age, 60.0) + 1e-12


@given(st.lists(WAITS, max_size=5), st.floats(0.0, 4000.0), st.booleans())
def test_an_episode_that_ends_sooner_than_expected_never_lengthens_lives(episodes, age_s, pooled):
    before, after = (learned(*episodes, parent=Lives() if pooled else None) for _ in range(2))
    known = [*before.hazards(), *(before.parent.hazards() if before.parent else ())]
    soon_s = min(1.0 / max(known), LONGEST_STEP_S)
    after.learn([(age_s, soon_s, False)])
    assert all(b >= a * (1 - 1e-12) for a, b in zip(before.hazards(), after.hazards(), strict=True))


@given(WAITS)
def test_a_gap_tells_nothing_of_how_long_episodes_last(steps):
    lives = Lives()
    before = list(lives.hazards())
    lives.learn([(age, LONGEST_STEP_S + 1.0 + dt, bad) for age, dt, bad in steps])
    assert lives.hazards() == before


def test_where_nothing_was_learned_it_is_as_with_the_others_and_what_is_learned_is_theirs_too():
    parent = learned(*[[(0.0, 60.0, True), (60.0, 60.0, False)]] * 50)
    child = Lives(parent)
    assert child.hazards() == pytest.approx(parent.hazards())
    before = parent.lasting(60.0, 60.0)
    child.learn([(60.0, 60.0, True)])
    assert parent.lasting(60.0, 60.0) > before
    assert child.lasting(60.0, 60.0) > before


def test_lives_come_to_what_they_are_learned_from():
    """Episodes of two minutes on average, watched by the minute: half of them outlast 83 s."""
    draw, lives = Random(3), Lives()
    for _ in range(2000):
        life_s, steps, age_s = draw.expovariate(1 / 120.0), [], 0.0
        while age_s + 60.0 < life_s:
            steps.append((age_s, 60.0, True))
            age_s += 60.0
        lives.learn([*steps, (age_s, 60.0, False)])
    assert lives.lasting(0.0, 83.0) == pytest.approx(0.5, abs=0.06)


@given(st.lists(WAITS, max_size=5), st.floats(0.0, 9000.0), st.floats(0.0, 900.0))
def test_lives_written_down_and_read_again_are_the_same_to_the_bit(episodes, age_s, dt):
    lives = learned(*episodes)
    again = Lives()
    again.load(json.loads(json.dumps(lives.dump())))
    assert again.lasting(age_s, dt) == lives.lasting(age_s, dt)
    assert again.dump() == lives.dump()


@given(st.floats(0.0, 1e6))
def test_every_age_has_its_bin(age_s):
    k = bin_of(age_s)
    assert 0 <= k < BINS
    assert k == 0 or EDGES[k - 1] <= age_s
    assert k == BINS - 1 or age_s < EDGES[k]


@given(st.floats(1e-6, 0.9), st.floats(0.0, 9000.0), st.floats(0.0, 9000.0))
def test_still_failing_is_never_less_likely_than_failing_anew_and_never_quite_sure(first, age_s, dt):
    assert first <= staying(first, Lives(), age_s, dt) <= SURELY


# -- the promise: a false alarm in `BUDGET_S` on average, whatever is asked when. Of each test the error is 1e-6: so
# often would it fail though the promise is kept (the seeds are fixed)

BUDGET_S = DAY_S
BUDGETS_LONG = 100
Pace = Callable[[Random, Detector, bool], float]


PACES: dict[str, Pace] = {
    "constant": lambda draw, found, bad: 60.0,
    "random": lambda draw, found, bad: draw.choice((1.0, 15.0, 60.0, 300.0, 1800.0)),
    "fast on evidence": lambda draw, found, bad: 5.0 if found.value > BUDGET_S / 20 else 120.0,
    "slow on evidence": lambda draw, found, bad: 900.0 if found.value > BUDGET_S / 100 else 30.0,
    "once more after a failure": lambda draw, found, bad: 2.0 if bad else 90.0,
    "asked late after a failure": lambda draw, found, bad: 3600.0 if bad else 60.0,
}


def alarms(pace: Pace, chance: float, told: float, seed: int = 1) -> int:
    """How often it reaches the budget where nothing is wrong. `chance`: that a call fails; `told`: what the null
    says of it.
    """
    draw, found, t, bad, count = Random(seed), Detector(ANYHOW, 0.0), 0.0, False, 0
    while t < BUDGETS_LONG * BUDGET_S:
        t += pace(draw, found, bad)
        bad = draw.random() < chance
        found.step(t, bad, told)
        if found.value >= BUDGET_S:
            found.clear()
            count += 1
    return count


def test_the_bound_of_a_count_is_that_of_the_textbook():
    assert most_alarms(1.0, 0.05) == 3
    assert 145 < most_alarms(100) < 155


@pytest.mark.parametrize("name", PACES)
@pytest.mark.parametrize("chance", [0.002, 0.03])
def test_false_alarms_stay_in_budget_however_it_is_asked(name, chance):
    assert alarms(PACES[name], chance, chance) <= most_alarms(BUDGETS_LONG)


def test_that_count_would_show_a_promise_that_is_broken():
    """The same with a null that believes in half of the failures there are."""
    assert alarms(PACES["constant"], 0.03, 0.015) > most_alarms(BUDGETS_LONG)
