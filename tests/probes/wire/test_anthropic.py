"""Anthropic's Messages dialect."""

import json

import pytest
from builders import a_provider, a_stream, a_target, an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Question, Tool, ToolCall, Turn
from probes.model import Auth, Secret, Surface
from probes.wire.anthropic import Dialect

SAY = Dialect()
VENDOR = a_provider("anthropic", surfaces=(Surface("international", "https://api.anthropic.com", "anthropic"),),
                    auth=Auth("x-api-key", "", (("anthropic-version", "2023-06-01"),)))
START = {"type": "message_start", "message": {"model": "claude-x", "usage": {"input_tokens": 9, "output_tokens": 1}}}
STOP = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 4}}


def delta(**what):
    return {"type": "content_block_delta", "index": 0, "delta": what}


def test_the_free_question_shows_version_and_key_name():
    call = SAY.list_models(a_target(VENDOR))
    assert call.url == "https://api.anthropic.com/v1/models?limit=1000"
    headers = dict(call.headers)
    assert headers["anthropic-version"] == "2023-06-01"
    assert isinstance(headers["x-api-key"], Secret)
    assert headers["x-api-key"].prefix == ""


def test_a_base_that_has_its_version_gets_no_second_one():
    vendor = a_provider(surfaces=(Surface("x", "https://z.test/anthropic/v1", "anthropic"),))
    assert SAY.list_models(a_target(vendor)).url == "https://z.test/anthropic/v1/models?limit=1000"
    assert SAY.chat(a_target(vendor), "m", Question("x")).url == "https://z.test/anthropic/v1/messages"


def test_a_question():
    tool = Tool("add", "adds", {"type": "object"})
    body = json.loads(SAY.chat(a_target(VENDOR), "m", Question("hi", tools=(tool,))).body)
    assert body["max_tokens"] == 64
    assert body["tools"][0]["input_schema"] == {"type": "object"}
    assert "temperature" not in body


def test_a_whole_stream_without_done():
    answer = SAY.read_answer(a_stream(
        START, {"type": "ping"},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        delta(type="text_delta", text="Hel"), delta(type="text_delta", text="lo"), STOP, {"type": "message_stop"},
        done=False))
    assert (answer.text, answer.finish, answer.complete) == ("Hello", "end_turn", True)
    assert (answer.tokens_in, answer.tokens_out, answer.served_model) == (9, 4, "claude-x")
    assert answer.first_token_at_s == pytest.approx(0.5)


def test_thinking_is_a_token_too():
    answer = SAY.read_answer(a_stream(START, delta(type="thinking_delta", thinking="hm"), STOP, done=False))
    assert answer.thinking == "hm"
    assert answer.first_token_at_s == pytest.approx(0.3)


def test_a_tool_call_in_pieces():
    start = {"type": "content_block_start", "index": 1,
             "content_block": {"type": "tool_use", "name": "add", "input": {}}}
    parts = [{"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}}
             for piece in ('{"a"', ": 1}")]
    answer = SAY.read_answer(a_stream(START, start, *parts, STOP, done=False))
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("add", '{"a": 1}')]


def test_an_error_event_after_a_200():
    trouble = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    answer = SAY.read_answer(a_stream(START, trouble, done=False))
    assert "Overloaded" in (answer.error or "")
    assert not answer.complete


def test_a_cut_stream_is_not_complete():
    assert not SAY.read_answer(a_stream(START, delta(type="text_delta", text="Hel"), done=False)).complete


def test_one_message():
    answer = SAY.read_answer(an_exchange(200, {
        "type": "message", "model": "m", "stop_reason": "tool_use", "usage": {"input_tokens": 1, "output_tokens": 2},
        "content": [{"type": "text", "text": "Hi"}, {"type": "tool_use", "name": "add", "input": {"a": 1}}]}))
    assert (answer.text, answer.complete, answer.tokens_out) == ("Hi", True, 2)
    assert answer.tool_calls[0].arguments == '{"a": 1}'


@given(st.dictionaries(st.sampled_from(["type", "delta", "index", "usage", "message", "content_block", "content"]),
                       st.none() | st.integers() | st.lists(st.none()) | st.sampled_from(
                           ["message", "content_block_delta", "message_delta", "message_start"])
                       | st.dictionaries(st.text(max_size=3), st.none())))
def test_no_event_makes_it_raise(payload):
    SAY.read_answer(a_stream(payload))


def a_turn(origin, signature="sealed"):
    call = ToolCall("read", '{"room": "attic"}', "id-1")
    return Turn(call, '{"celsius": 17}', "Let me see.", "Hm.", signature, origin)


def test_a_session_is_carried_on_and_only_signed_thinking_of_its_own_kind_goes_along():
    def messages(*turns):
        return json.loads(SAY.chat(a_target(VENDOR), "m", Question("Go on.", turns=turns)).body)["messages"]

    _, said, told = messages(a_turn("anthropic"))
    assert said["content"] == [{"type": "thinking", "thinking": "Hm.", "signature": "sealed"},
                               {"type": "text", "text": "Let me see."},
                               {"type": "tool_use", "id": "id-1", "name": "read", "input": {"room": "attic"}}]
    assert told == {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "id-1",
                                                 "content": '{"celsius": 17}'}]}
    for foreign in (a_turn("openai"), a_turn("anthropic", signature="")):
        assert [block["type"] for block in messages(foreign)[1]["content"]] == ["text", "tool_use"]
