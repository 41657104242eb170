"""Tool-call items: one call, of that name, with those arguments."""

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Answer, ToolCall
from probes.quality.tool_call import draw


@given(st.integers())
def test_the_asked_for_call_passes(seed):
    item = draw(Random(seed), 64)
    call = ToolCall("set_temperature", json.dumps(dict(item.expected)))
    assert item.grade(Answer(tool_calls=(call,)))
    assert not item.grade(Answer(tool_calls=(call, call)))
    assert not item.grade(Answer(text="Done!"))
    assert not item.grade(Answer(tool_calls=(ToolCall("other", call.arguments),)))


@pytest.mark.parametrize("arguments", ["", "{", "[]", "{}", '{"room": 1, "celsius": true}', '{"room":"attic"}'])
def test_other_arguments_do_not(arguments):
    assert not draw(Random(1), 64).grade(Answer(tool_calls=(ToolCall("set_temperature", arguments),)))
