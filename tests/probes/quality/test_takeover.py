"""Taking over: the one call that follows from what the tools told another model, and no other."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Answer, ToolCall
from probes.quality.takeover import draw


@given(st.integers(), st.sampled_from(["openai", "anthropic", "gemini", "openai_responses"]))
def test_the_call_that_carries_on_passes_and_others_do_not(seed, origin):
    item = draw(Random(seed), 64, origin)
    right = ToolCall("set_temperature", json.dumps(dict(item.expected)))
    assert item.grade(Answer(tool_calls=(right,)))
    assert not item.grade(Answer(tool_calls=(item.question.turns[0].call,))), "what was read need not be read again"
    other = {**item.expected, "celsius": item.expected["celsius"] + 1}
    assert not item.grade(Answer(tool_calls=(ToolCall("set_temperature", json.dumps(other)),)))
    assert not item.grade(Answer(text="I am sorry, whose session is this?"))


@given(st.integers())
def test_the_answer_stands_in_the_results_alone(seed):
    item = draw(Random(seed), 64)
    cold, warm = (json.loads(turn.result) for turn in item.question.turns)
    assert item.expected["room"] == cold["room"]
    assert item.expected["celsius"] > warm["celsius"]
    assert str(item.expected["celsius"]) not in item.question.prompt


@pytest.mark.parametrize(("origin", "form", "signed"), [
    ("openai", "call_", False), ("anthropic", "toolu_01", True), ("gemini", "call_", True),
    ("openai_responses", "call_", True)])
def test_the_session_looks_like_one_of_its_vendor(origin, form, signed):
    turns = draw(Random(1), 64, origin).question.turns
    assert all(turn.call.id.startswith(form) and turn.thinking and turn.origin == origin for turn in turns)
    assert all(bool(turn.signature) is signed for turn in turns)
    assert len({turn.call.id for turn in turns}) == 2


def test_thinking_can_be_left_out():
    bare = draw(Random(1), 64, "anthropic", thinking=False)
    assert not any(turn.thinking or turn.signature for turn in bare.question.turns)
    assert bare.expected == draw(Random(1), 64, "anthropic").expected
