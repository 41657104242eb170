"""The stand-in model passes our own quality items when it is healthy and fails every one when it is degraded."""

import json
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest
from builders import a_provider, a_target, an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Question, Tool, find_dialect
from probes.model import HttpCall, Surface
from probes.quality import arithmetic, extraction, takeover, tool_call
from probes.sim.bodies import Answer
from probes.sim.brain import think
from probes.sim.speech import speak
from probes.sim.world import Behaviour
from probes.tally import Item

DRAW: dict[str, Callable[[Random, int], Item]] = {
    "arithmetic": arithmetic.draw, "extraction": extraction.draw, "tool_call": tool_call.draw,
    "takeover": takeover.draw}
PATH = {"openai": "/v1/chat/completions", "anthropic": "/v1/messages",
        "openai_responses": "/v1/responses", "gemini": "/v1beta/models/m:generateContent"}


def is_right(item: Item, dialect: str, *, wrong: bool) -> bool:
    """The whole way of one item: our request, the stand-in's answer, our reading of it."""
    surface = Surface("international", "https://api.acme.test/v1", dialect)
    wire = find_dialect(dialect)
    call = wire.chat(a_target(a_provider(surfaces=(surface,))), "m", item.question)
    assert isinstance(call, HttpCall)
    said = speak(dialect, PATH[dialect], call.body or b"", ("m",), Behaviour.WRONG if wrong else Behaviour.SERVE)
    assert isinstance(said, Answer)
    answer = wire.read_answer(an_exchange(said.status, said.body, headers=dict(said.headers)))
    assert answer.text or answer.tool_calls, "a degraded model still answers"
    return item.grade(answer)


@pytest.mark.parametrize("dialect", PATH)
@pytest.mark.parametrize("sort", DRAW)
@given(seed=st.integers())
def test_a_healthy_model_is_right_and_a_degraded_one_wrong(sort: str, dialect: str, seed: int) -> None:
    item = DRAW[sort](Random(seed), 512)
    assert is_right(item, dialect, wrong=False)
    assert not is_right(item, dialect, wrong=True)


@pytest.mark.parametrize("turns", [
    {"messages": [{"role": "system", "content": "9 * 9"}, {"role": "user", "content": "7 * 8 - 6"}]},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "7 * 8 - 6"}]}]},
    {"contents": [{"role": "user", "parts": [{"text": "7 * 8 - 6"}]}]},
    {"input": "7 * 8 - 6"},
])
def test_the_last_turn_is_the_question_in_every_dialect(turns: dict[str, object]) -> None:
    assert think(turns).text == "50"


@pytest.mark.parametrize(("prompt", "text"), [("12 * 3", "36"), ("12 × 3 + 4", "40"), ("-2*3-1", "-7"), ("hi", "ok")])
def test_sums_with_and_without_a_second_step(prompt: str, text: str) -> None:
    assert think({"input": prompt}).text == text


def test_a_tool_gets_only_what_its_schema_names() -> None:
    tool = Tool("set_temperature", "", {"type": "object", "properties": {"room": {"type": "string"}}})
    call = find_dialect("openai").chat(a_target(), "m", Question("set the attic to 19 degrees", tools=(tool,)))
    assert isinstance(call, HttpCall)
    said = speak("openai", "/v1/chat/completions", (call.body or b"").replace(b'"stream":true', b'"stream":false'), ())
    assert isinstance(said, Answer)
    answer = find_dialect("openai").read_answer(an_exchange(200, said.body))
    assert [(one.name, one.arguments) for one in answer.tool_calls] == [("set_temperature", '{"room": "attic"}')]


def test_nothing_asked_is_answered_all_the_same() -> None:
    thought = think({})
    assert (thought.text, thought.pieces, thought.tokens_in) == ("ok", ("ok",), 1)


def test_a_stream_brings_every_piece_and_tokens_are_counted() -> None:
    thought = think({"input": "From a dealer from Riga named Jun sold 3 lamps. Return JSON"})
    assert "".join(thought.pieces) == thought.text == '{"city": "Riga", "name": "Jun", "count": 3}'
    assert thought.tokens_out > 5


@pytest.mark.parametrize("told", [0, 1, 2])
def test_it_reads_what_it_has_to_know_before_it_acts(told: int) -> None:
    """Nothing is known of a room that no tool has answered for, so that room is read next."""
    item = takeover.draw(Random(3), 512)
    call = find_dialect("openai").chat(a_target(), "m", replace(item.question, turns=item.question.turns[:told]))
    thought = think(json.loads(call.body))
    assert thought.tool == ("read_temperature" if told < 2 else "set_temperature")
    rooms = [json.loads(turn.call.arguments) for turn in item.question.turns]
    assert thought.arguments == (rooms[told] if told < 2 else item.expected)


def test_a_model_that_cannot_says_so_in_its_own_way() -> None:
    tool = takeover.draw(Random(3), 512)
    asked = json.loads(find_dialect("openai").chat(a_target(), "m", tool.question).body)
    assert (think(asked, Behaviour.NO_TOOLS).tool, think(asked, Behaviour.NO_TOOLS).text != "") == ("", True)
    text = think({"input": "From a dealer from Riga named Jun sold 3 lamps. Return JSON"}, Behaviour.BROKEN_JSON).text
    with pytest.raises(ValueError, match="delimiter"):
        json.loads(text)
    assert think({"input": "hi"}, Behaviour.BROKEN_JSON).text == "ok"


def test_it_finds_what_stands_in_a_long_text() -> None:
    filler = "filler " * 50
    assert think({"input": f"{filler}the code word is heron. {filler}Which is it?"}).text == "heron"
