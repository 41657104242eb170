"""The Responses dialect of a stand-in is read by our own reader, whole and as a stream."""

import json

import pytest
from builders import an_exchange

from probes.dialect import find_dialect
from probes.sim.bodies import Answer
from probes.sim.speech import Speech, speak

TOOL = {"type": "function", "name": "set_temperature",
        "parameters": {"properties": {"room": {}, "celsius": {}}}}
ASKED = {"model": "m", "input": "Please set the attic to 19 degrees."}


def answered(**more: object):
    said = speak("openai_responses", "/v1/responses", json.dumps({**ASKED, **more}).encode(), ("m",))
    if isinstance(said, Answer):
        exchange = an_exchange(said.status, said.body, headers=dict(said.headers))
    else:
        assert isinstance(said, Speech)
        exchange = an_exchange(200, headers={"content-type": "text/event-stream"},
                               chunks=[(n / 10, event) for n, event in enumerate(said.events)])
    return find_dialect("openai_responses").read_answer(exchange)


@pytest.mark.parametrize("stream", [True, False])
def test_a_text_is_whole_and_counted(stream: bool) -> None:
    answer = answered(stream=stream, input="Count from one to ten in words.")
    assert (answer.text.split()[0], answer.text.split()[-1]) == ("one", "ten")
    assert (answer.complete, answer.finish, answer.served_model) == (True, "completed", "m")
    assert answer.tokens_out
    assert (answer.token_events > 1) is stream


@pytest.mark.parametrize("stream", [True, False])
def test_a_call_has_its_name_and_arguments(stream: bool) -> None:
    [call] = answered(stream=stream, tools=[TOOL]).tool_calls
    assert (call.name, json.loads(call.arguments)) == ("set_temperature", {"room": "attic", "celsius": 19})


def test_models_are_listed_as_in_the_chat_dialect() -> None:
    said = speak("openai_responses", "/v1/models", b"", ("m-1",))
    assert isinstance(said, Answer)
    assert json.loads(said.body)["data"][0]["id"] == "m-1"
