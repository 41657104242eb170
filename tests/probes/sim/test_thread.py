"""A stand-in reads a conversation in every dialect: the task, what the tools answered, whose thinking is replayed."""

import json
from random import Random

import pytest
from builders import a_provider, a_target

from probes.dialect import find_dialect
from probes.quality import takeover
from probes.sim.thread import read_thread

DIALECTS = ("openai", "openai_responses", "anthropic", "gemini")


def asked(dialect: str, origin: str, *, thinking: bool = True) -> tuple[takeover.Item, dict[str, object]]:
    item = takeover.draw(Random(5), 512, origin, thinking=thinking)
    call = find_dialect(dialect).chat(a_target(a_provider(dialect=dialect)), "m", item.question)
    return item, json.loads(call.body)


@pytest.mark.parametrize("origin", DIALECTS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_task_tools_and_answers_are_read_in_every_dialect(dialect: str, origin: str) -> None:
    item, body = asked(dialect, origin)
    thread = read_thread(body)
    assert thread.prompt == item.question.prompt
    assert set(thread.tools) == {"read_temperature", "set_temperature"}
    assert [one["room"] for one in thread.told] == [json.loads(t.call.arguments)["room"] for t in item.question.turns]


@pytest.mark.parametrize(("dialect", "origins"), [
    ("openai", DIALECTS), ("gemini", DIALECTS), ("anthropic", ("anthropic",)),
    ("openai_responses", ("openai_responses",))])
def test_thinking_goes_along_where_the_dialect_has_a_place_for_it(dialect: str, origins: tuple[str, ...]) -> None:
    assert [origin for origin in DIALECTS if read_thread(asked(dialect, origin)[1]).thinking] == [
        origin for origin in DIALECTS if origin in origins]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_without_it_nothing_of_it_is_there(dialect: str) -> None:
    assert not any(read_thread(asked(dialect, origin, thinking=False)[1]).thinking for origin in DIALECTS
                   if (dialect, origin) != ("gemini", "gemini"))


def test_an_answer_that_is_no_object_is_none() -> None:
    turns = [{"role": "user", "content": "hi"}, {"role": "tool", "content": "not JSON"},
             {"role": "tool", "content": "[1]"}]
    assert read_thread({"messages": turns}).told == ()
