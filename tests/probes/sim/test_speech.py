"""Listings, whole answers and streams in each dialect."""

import json

import pytest

from probes.sim.bodies import Answer
from probes.sim.speech import Speech, speak
from probes.sim.world import Behaviour


@pytest.mark.parametrize(("dialect", "key", "name"), [
    ("openai", "data", "id"), ("anthropic", "data", "id"), ("gemini", "models", "name")])
def test_a_listing_names_the_models(dialect: str, key: str, name: str) -> None:
    answer = speak(dialect, "/v1/models?x=1", b"", ("m-1", "m-2"))
    assert isinstance(answer, Answer)
    assert [model[name].removeprefix("models/") for model in json.loads(answer.body)[key]] == ["m-1", "m-2"]


def test_an_openai_stream_ends_with_usage_and_done() -> None:
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": "say ok"}]}).encode()
    speech = speak("openai", "/v1/chat/completions", body, ("m",))
    assert isinstance(speech, Speech)
    assert speech.events[-1] == b"data: [DONE]\n\n"
    assert b'"choices": []' in speech.events[-2]


def test_a_worse_model_answers_wrongly() -> None:
    body = json.dumps({"model": "m", "messages": [{"role": "user", "content": "7 * 8 - 6"}]}).encode()
    good, bad = (speak("openai", "/v1/chat/completions", body, ("m",), manner)
                 for manner in (Behaviour.SERVE, Behaviour.WRONG))
    assert isinstance(good, Answer)
    assert isinstance(bad, Answer)
    assert b'"50"' in good.body
    assert b'"50"' not in bad.body
