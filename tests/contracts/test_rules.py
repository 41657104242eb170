"""One suite over every file in monitor/rules: what any rule must keep, whatever it looks for. Walks the folder."""

import dataclasses
import inspect
import re
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from watched import Watched

from monitor.judge import Judge
from monitor.known import Known, Policy
from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from monitor.rules import BY_FIGURE, BY_PLACE, BY_VENDOR, COMPARED, families, reads, rule_names, rules
from monitor.standing import Standing
from probes.outcome import NETWORK, NO_EVIDENCE, Outcome

COUNTING = sorted(set(rule_names()) - {COMPARED, BY_PLACE, BY_VENDOR, *BY_FIGURE})
OUTCOMES = [outcome for outcome in Outcome if outcome not in (Outcome.UNKNOWN, Outcome.SKIPPED)]
PAST = st.lists(st.tuples(st.sampled_from(OUTCOMES), st.sampled_from([15.0, 60.0, 300.0])), max_size=12)
KEYED = st.sampled_from([None, "main"])


def after(past, account, last=(), dark=False):
    """A stream after such a past; neutral hosts answer, and at the last sample all of them are silent if it is dark."""
    seen = Watched()
    seen.ask = dataclasses.replace(seen.ask, account=account)
    seen.hosts(["ok"] * 3)
    for outcome, gap in past:
        seen.hosts(["ok"] * 3, gap)
        seen.see(outcome, 0.0)
    for outcome in last:
        seen.hosts(["network_timeout" if dark else "ok"] * 3, 60.0)
        seen.see(outcome, 0.0)
    return seen


def evidence(seen, name):
    """Brought up to date with the good answers since."""
    found = seen.vendor.evidence(seen.track, name, seen.t) if seen.memory.vendors else None
    return found.value if found is not None else 0.0


def test_the_folder_is_the_registry():
    assert {"refusals", "account", "auth", "billing", "rate_limit", "overload", "outage", "network", "model_gone",
            "ours", "regional", "widespread", "own_network", "quality", "latency"} <= set(rule_names())
    assert list(rules()) == list(rule_names()) == sorted(rule_names())
    assert sorted(name for names in families().values() for name in names) == list(rule_names())


def test_ids_are_unique():
    assert len({rule.id for rule in rules().values()}) == len(rules())


def test_shares_of_the_budget_make_one():
    assert sum(rule.share for rule in rules().values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", rule_names())
def test_a_rule_is_a_documented_frozen_value_whose_id_has_a_version(name):
    rule = rules()[name]
    assert isinstance(rule, Coding)
    assert re.fullmatch(rf"{name}\.[1-9][0-9]*", rule.id)
    assert len(inspect.getdoc(type(rule)) or "") > 15
    assert type(rule).__doc__ != Coding.__doc__
    assert len(inspect.getdoc(inspect.getmodule(type(rule))) or "") > 30
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.share = 0.5


@pytest.mark.parametrize("name", rule_names())
def test_its_figures_are_what_they_should_be(name):
    rule = rules()[name]
    assert isinstance(rule.cause, Cause)
    assert isinstance(rule.family, Family)
    assert 0.0 < rule.first < 0.5
    assert 0.0 < rule.share < 1.0
    assert rule.least >= 1
    assert all(0.0 < g < 1.0 for g in rule.grid)
    assert list(rule.grid) == sorted(set(rule.grid))
    assert rule.first < rule.grid[0]


@pytest.mark.parametrize("name", rule_names())
@pytest.mark.parametrize("keyless", [True, False])
def test_every_outcome_is_a_hit_a_clear_or_no_evidence(name, keyless):
    rule = rules()[name]
    assert not rule.hits & rule.clears
    told = {outcome: rule.reads(outcome, keyless) for outcome in Outcome}
    assert set(told.values()) <= {True, False, None}
    assert all(told[outcome] is False for outcome in SERVED)
    assert told[Outcome.UNKNOWN] is told[Outcome.SKIPPED] is None
    assert (told[Outcome.PROBE_ERROR] is None) or rule.cause is Cause.OWN_FAULT
    for outcome in set(Outcome) - {Outcome.AUTH_FAILED}:
        assert told[outcome] is (True if outcome in rule.hits else False if outcome in rule.clears else None)


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("keyless", [True, False])
def test_the_table_says_what_the_rules_say(outcome, keyless):
    told = reads()[outcome.value, keyless]
    assert set(told.hits) == {name for name in COUNTING if rules()[name].reads(outcome, keyless)}
    assert told.clears == {name for name in [*COUNTING, COMPARED] if rules()[name].reads(outcome, keyless) is False}


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - NO_EVIDENCE - SERVED))
def test_whatever_goes_wrong_is_one_counting_rules_business(outcome):
    assert len(reads()[outcome.value, False].hits) == 1


def test_rules_of_one_family_that_count_alike_are_not_both_counted():
    """Two rules that read the same samples of the same streams would spend two budgets on one question."""
    for one, other in combinations(COUNTING, 2):
        assert not rules()[one].hits & rules()[other].hits


def test_only_what_our_own_network_can_forge_is_masked_and_all_of_that_is():
    for rule in rules().values():
        forged = bool(rule.hits & NETWORK) and rule.cause is not Cause.OWN_NETWORK
        assert rule.maskable is forged


@pytest.mark.parametrize("name", COUNTING)
@settings(max_examples=25)
@given(past=PAST, account=KEYED, last=st.sampled_from(OUTCOMES))
def test_no_evidence_leaves_the_state_as_it_was(name, past, account, last):
    before, then = after(past, account), after(past, account, [last])
    if rules()[name].reads(last, account is None) is None:
        one, other = before.track.detectors.get(name), then.track.detectors.get(name)
        assert (one and one.dump()) == (other and other.dump())


@settings(max_examples=25)
@given(past=PAST, account=KEYED, last=st.lists(st.sampled_from(["unknown", "skipped"]), min_size=1, max_size=5))
def test_what_nobody_knows_leaves_no_trace_at_all(past, account, last):
    seen = after(past, account)
    before = seen.written()
    mind = Judge(seen.memory)
    standing = Standing(seen.memory, [], Policy(), Known())
    for outcome in last:
        mind.take(dataclasses.replace(seen.ask, outcome=outcome), standing)
    assert seen.written() == before
    assert not standing.actions


@pytest.mark.parametrize("name", [*COUNTING, COMPARED])
@settings(max_examples=25)
@given(past=PAST, account=KEYED, last=st.sampled_from(OUTCOMES))
def test_masking_only_ever_takes_evidence_away(name, past, account, last):
    before = evidence(after(past, account), name)
    light, dark = (evidence(after(past, account, [last], dark=d), name) for d in (False, True))
    before *= 1.01              # one sample more makes the rate of the null a little surer
    assert dark <= max(before, light)
    if rules()[name].maskable and last in rules()[name].hits:
        assert dark <= before


@pytest.mark.parametrize("name", rule_names())
def test_a_stream_that_is_served_well_holds_nothing_against_the_vendor(name):
    seen = Watched()
    seen.see_all(["ok"] * 400, total_s=0.4, items=6, passed=6)
    assert seen.weight(name) * 20 < seen.policy.budgets.suspect_s


@settings(max_examples=40)
@given(past=PAST, account=KEYED, gap=st.floats(1.0, 900.0))
def test_no_rules_weight_is_raised_by_a_good_answer_but_by_the_seconds_it_took(past, account, gap):
    seen = after(past, account)
    seen.track.every_s = 1e4                    # so that nothing grows stale in between
    before = {name: seen.weight(name) for name in rule_names()}
    took_s = gap + max((seen.t - found.t for found in seen.track.detectors.values()), default=0.0)
    seen.see("ok", gap, every_s=1e4)
    for name, weight in before.items():
        assert seen.weight(name) <= weight + rules()[name].share * took_s
