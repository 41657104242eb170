"""OpenAI's Responses dialect."""

import json

import pytest
from builders import a_provider, a_stream, a_target, an_exchange

from probes.dialect import Question, Tool, ToolCall, Turn
from probes.wire.openai_responses import Dialect

SAY = Dialect()
WHOLE = {"object": "response", "model": "m", "status": "completed", "usage": {
    "input_tokens": 3, "output_tokens": 20, "output_tokens_details": {"reasoning_tokens": 12}},
    "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hi"}]}]}


def said(text):
    return {"type": "response.output_text.delta", "delta": text}


def test_the_limit_is_never_below_sixteen_and_nothing_is_stored():
    target = a_target(a_provider(quirks={"thinking_off": {"reasoning_effort": "none"}}))
    body = json.loads(SAY.chat(target, "m", Question("hi", max_tokens=1)).body)
    assert body["max_output_tokens"] == 16
    assert body["store"] is False
    assert body["reasoning"] == {"effort": "none"}
    assert body["stream_options"] == {"include_obfuscation": False}


def test_a_whole_stream():
    answer = SAY.read_answer(a_stream(
        {"type": "response.created", "response": {"model": "m"}}, said("H"), said("i"),
        {"type": "response.completed", "response": WHOLE}, done=False))
    assert (answer.text, answer.finish, answer.complete) == ("Hi", "completed", True)
    assert (answer.tokens_in, answer.tokens_out, answer.tokens_hidden) == (3, 20, 12)
    assert answer.first_token_at_s == pytest.approx(0.3)


def test_one_response_and_one_that_the_limit_cut():
    assert SAY.read_answer(an_exchange(200, WHOLE)).text == "Hi"
    cut = {**WHOLE, "status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}, "output": []}
    answer = SAY.read_answer(a_stream({"type": "response.incomplete", "response": cut}, done=False))
    assert (answer.finish, answer.complete) == ("max_output_tokens", True)


def test_failures():
    failed = {"type": "response.failed", "response": {"status": "failed", "error": {"code": "server_error"}}}
    assert "server_error" in (SAY.read_answer(a_stream(failed, done=False)).error or "")
    assert "boom" in (SAY.read_answer(a_stream({"type": "error", "message": "boom"}, done=False)).error or "")
    assert not SAY.read_answer(a_stream(said("H"), done=False)).complete


def test_a_function_call_in_pieces():
    tool = Tool("add", "adds", {"type": "object"})
    body = json.loads(SAY.chat(a_target(), "m", Question("hi", tools=(tool,), json_mode=True)).body)
    assert body["tools"][0]["name"] == "add"
    assert body["text"] == {"format": {"type": "json_object"}}
    answer = SAY.read_answer(a_stream(
        {"type": "response.output_item.added", "output_index": 1, "item": {"type": "function_call", "name": "add"}},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": "{}"}, done=False))
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("add", "{}")]


def a_turn(origin, signature="sealed"):
    call = ToolCall("read", '{"room": "attic"}', "id-1")
    return Turn(call, '{"celsius": 17}', "Let me see.", "Hm.", signature, origin)


def test_a_session_is_carried_on_as_items_and_only_sealed_thinking_goes_along():
    def items(origin):
        question = Question("Go on.", turns=(a_turn(origin),))
        return json.loads(SAY.chat(a_target(), "m", question).body)["input"]

    assert [item.get("type", item.get("role")) for item in items("openai_responses")] == [
        "user", "reasoning", "assistant", "function_call", "function_call_output"]
    assert items("openai_responses")[1]["encrypted_content"] == "sealed"
    assert items("openai_responses")[-1] == {"type": "function_call_output", "call_id": "id-1",
                                             "output": '{"celsius": 17}'}
    assert "reasoning" not in [item.get("type") for item in items("anthropic")]
