"""One suite over every file in monitor/rules: what any rule must keep, whatever its arithmetic."""

import json
from datetime import timedelta

import pytest
from histories import T0
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Cause, Holds, Sample
from monitor.rule import Context, stream_of
from monitor.rules import rule_names, standing_rules
from probes.outcome import NO_EVIDENCE, Outcome

RULES = standing_rules()
SAMPLES = st.lists(st.tuples(st.sampled_from(list(Outcome)), st.floats(0.05, 30.0), st.integers(0, 6)), max_size=40)


def samples_of(drawn, account=None):
    return [Sample(n + 1, T0 + timedelta(minutes=n), "completion", "claude", "eu", o, account=account, total_s=s,
                   items=6, passed=p) for n, (o, s, p) in enumerate(drawn)]


def fold(rule, samples, context=Context()):  # noqa: B008
    state = rule.start(stream_of(samples[0]))
    evidence = None
    for sample in samples:
        state, evidence = rule.step(state, sample, context)
    return state, evidence


def test_the_folder_is_the_registry_and_ids_are_unique():
    assert {"refusals", "account", "auth", "billing", "rate_limit", "overload", "outage", "network", "model_gone",
            "quality", "latency", "own_network", "recovery"} <= set(rule_names())
    assert len({rule.id for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize("name", rule_names())
def test_a_rule_names_itself(name):
    rule = RULES[name]
    assert rule.id
    assert " " not in rule.id
    assert isinstance(rule.cause, Cause)
    assert type(rule).__doc__


@pytest.mark.parametrize("name", rule_names())
@settings(max_examples=30, deadline=None)
@given(drawn=SAMPLES.filter(bool), masked=st.booleans())
def test_a_state_survives_being_written_down(name, drawn, masked):
    rule, samples = RULES[name], samples_of(drawn, "main")
    stream = stream_of(samples[0])
    state, evidence = fold(rule, samples, Context(masked))
    text = rule.dump(state)
    json.loads(text)
    assert rule.load(text, stream) == state
    assert rule.tick(rule.load(text, stream), T0) == (state, evidence)


@pytest.mark.parametrize("name", rule_names())
@settings(max_examples=30, deadline=None)
@given(drawn=SAMPLES.filter(bool), outcome=st.sampled_from(sorted(NO_EVIDENCE)))
def test_no_evidence_leaves_the_state_as_it_was(name, drawn, outcome):
    rule, samples = RULES[name], samples_of(drawn)
    state, _ = fold(rule, samples)
    nothing = Sample(99, T0 + timedelta(minutes=50), "completion", "claude", "eu", outcome)
    assert rule.step(state, nothing, Context())[0] == state


@pytest.mark.parametrize("name", rule_names())
@settings(max_examples=30, deadline=None)
@given(drawn=SAMPLES.filter(bool), last=st.sampled_from(list(Outcome)))
def test_masking_never_raises_evidence(name, drawn, last):
    rule, samples = RULES[name], samples_of([*drawn, (last, 9.0, 1)])
    state, before = fold(rule, samples[:-1])
    masked = rule.step(state, samples[-1], Context(masked=True))[1]
    plain = rule.step(state, samples[-1], Context())[1]
    # a masked sample adds nothing to what was known, nor to what it would have said unmasked if that was more
    assert masked.score <= max(before.score, plain.score)
    explicit = not getattr(rule, "maskable", True)
    assert explicit or masked.score <= before.score


@pytest.mark.parametrize("name", rule_names())
def test_nothing_pooled_is_no_evidence(name):
    assert RULES[name].pool([], T0).holds is Holds.NO_EVIDENCE


@pytest.mark.parametrize("name", sorted(set(rule_names()) - {"recovery"}))   # being served is what that looks for
def test_a_stream_that_is_served_well_holds_nothing_against_the_vendor(name):
    _, evidence = fold(RULES[name], samples_of([(Outcome.OK, 0.4, 6)] * 40))
    assert evidence.holds is not Holds.HOLDS
    assert not evidence.score
