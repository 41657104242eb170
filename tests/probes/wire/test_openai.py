"""The OpenAI chat dialect and its accents (facts: sixteen things one robust client must handle)."""

import json
from datetime import date

import pytest
from builders import a_provider, a_stream, a_target, an_exchange
from hypothesis import given
from hypothesis import strategies as st

from probes.dialect import Question, Tool, ToolCall, Turn
from probes.model import Surface
from probes.wire.openai import Dialect

SAY = Dialect()


def chunk(content=None, finish=None, **more):
    return {"object": "chat.completion.chunk", "model": "m-1",
            "choices": [{"index": 0, "delta": {"content": content}, "finish_reason": finish}], **more}


def body_of(question=Question("hi"), without=frozenset(), **provider):  # noqa: B008
    call = SAY.chat(a_target(a_provider(**provider)), "m", question, without)
    return json.loads(call.body)


def test_no_temperature_and_plain_text_content():
    body = body_of()
    assert "temperature" not in body
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert body["max_tokens"] == 64
    assert body["stream_options"] == {"include_usage": True}


def test_obfuscation_is_off_where_it_exists():
    assert body_of(id="openai")["stream_options"]["include_obfuscation"] is False


def test_quirks_shape_the_body():
    quirks = {"token_limit_field": "max_completion_tokens", "thinking_off": {"thinking": {"type": "disabled"}},
              "min_tokens": 128, "stream_options": False, "extra_body": {"store": False}}
    body = body_of(quirks=quirks)
    assert body["max_completion_tokens"] == 128
    assert body["thinking"] == {"type": "disabled"}
    assert body["store"] is False
    assert "stream_options" not in body
    assert "max_tokens" not in body


def test_what_a_server_refuses_is_left_out():
    quirks = {"thinking_off": {"enable_thinking": False}}
    body = body_of(Question("hi", json_mode=True), frozenset({"token_limit_field", "stream_options", "thinking_off",
                                                              "json_mode"}), quirks=quirks)
    assert set(body) == {"model", "messages", "max_completion_tokens", "stream"}


def test_a_tool_is_offered_in_the_dialects_words():
    tool = Tool("add", "adds", {"type": "object"})
    assert body_of(Question("hi", tools=(tool,)))["tools"][0]["function"]["name"] == "add"


def test_the_catalogues_paths_win():
    surface = Surface("az", "https://a.test/openai", "openai", models_path="https://b.test/public/models",
                      chat_path="deployments/{model}/chat/completions?api-version=1")
    target = a_target(a_provider(surfaces=(surface,)))
    assert SAY.list_models(target).url == "https://b.test/public/models"
    assert SAY.chat(target, "m", Question("x")).url == (
        "https://a.test/openai/deployments/m/chat/completions?api-version=1")


def test_a_public_list_is_asked_only_without_a_key():
    vendor = a_provider(quirks={"public_models_url": "https://api.acme.test/public/models"})
    assert SAY.list_models(a_target(vendor, keyed=False)).url == "https://api.acme.test/public/models"
    assert SAY.list_models(a_target(vendor)).url == "https://api.acme.test/v1/models"


@pytest.mark.parametrize(
    ("message", "option"),
    [
        ("Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
         "token_limit_field"),
        ("Unrecognized request argument supplied: stream_options", "stream_options"),
        ("response_format.type json_object is not supported", "json_mode"),
        ("enable_thinking must be set to true for this model", "thinking_off"),
        ("your prompt is bad", None),
    ],
)
def test_a_400_is_blamed_on_the_option_it_names(message, option):
    assert SAY.blame(an_exchange(400, {"error": {"message": message}})) == option
    assert SAY.blame(an_exchange(500, {"error": {"message": message}})) is None


def test_model_lists_of_every_shape_and_their_end_dates():
    listed = SAY.read_models(an_exchange(200, {"data": [
        {"id": "a", "shutdown_date": "2026-12-01"}, {"id": "b", "deprecation": "2027-01-02T00:00:00Z"},
        {"id": "c", "expiration_date": None}, {"id": "d", "expiration_date": "2027-02-03"},
        {"id": "e", "deprecated": True}, {"id": "f", "deprecated": False, "shutdown_date": 1798761600}]}))
    assert listed is not None
    assert listed.ids == tuple("abcdef")
    assert listed.retires_on == {"a": date(2026, 12, 1), "b": date(2027, 1, 2), "d": date(2027, 2, 3),
                                 "f": date(2027, 1, 1)}
    assert listed.deprecated == ("e",)
    bare = SAY.read_models(an_exchange(200, [{"id": "x"}]))
    assert bare is not None
    assert bare.ids == ("x",)
    empty = SAY.read_models(an_exchange(200, {"data": []}))
    assert empty is not None
    assert empty.ids == ()
    for wrong in ({"hello": 1}, {"data": "x"}, {"data": ["x"]}, "<html>"):
        assert SAY.read_models(an_exchange(200, wrong)) is None


def test_a_whole_stream():
    answer = SAY.read_answer(a_stream(
        {"choices": [], "prompt_filter_results": [{}]}, chunk(""), chunk("Hel"), chunk("lo"), chunk(None, "stop"),
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2}}))
    assert (answer.text, answer.finish, answer.complete) == ("Hello", "stop", True)
    assert (answer.tokens_in, answer.tokens_out, answer.estimated) == (9, 2, False)
    assert (answer.first_token_at_s, answer.last_token_at_s) == pytest.approx((0.4, 0.5))
    assert (answer.token_events, answer.served_model, answer.error) == (2, "m-1", None)


@pytest.mark.parametrize(
    "last",
    [
        chunk(None, "stop", usage={"prompt_tokens": 9, "completion_tokens": 2}),
        chunk(None, "stop", x_groq={"usage": {"prompt_tokens": 9, "completion_tokens": 2}}),
        {"choices": [{"delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 9, "completion_tokens": 2}}]},
    ],
)
def test_usage_is_found_wherever_it_is(last):
    answer = SAY.read_answer(a_stream(chunk("Hi", usage=None), last, chunk(None)))
    assert (answer.tokens_in, answer.tokens_out) == (9, 2)


def test_uncounted_tokens_are_estimated_and_marked():
    answer = SAY.read_answer(a_stream(chunk("one two three four"), chunk(None, "stop")))
    assert answer.estimated
    assert answer.tokens_out == 5
    assert answer.tokens_in is None


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_the_first_token_may_be_a_thought(field):
    thought = {"choices": [{"delta": {field: "hm", "content": None}}]}
    answer = SAY.read_answer(a_stream(thought, chunk("42"), chunk(None, "stop")))
    assert (answer.thinking, answer.text) == ("hm", "42")
    assert answer.first_token_at_s == pytest.approx(0.2)


def test_a_stream_that_just_ends_is_not_complete():
    assert not SAY.read_answer(a_stream(chunk("Hel"), done=False)).complete
    assert SAY.read_answer(a_stream(chunk("Hel", "stop"), done=False)).complete
    assert SAY.read_answer(a_stream(chunk("Hel"), done=True)).complete


@pytest.mark.parametrize(
    "trouble",
    [{"error": {"message": "boom", "code": 502}}, {"error": "boom"},
     {"base_resp": {"status_code": 1002, "status_msg": "boom"}}, {"code": 50505, "message": "boom"}],
)
def test_an_error_inside_a_200_is_seen(trouble):
    answer = SAY.read_answer(a_stream(chunk("Hel"), trouble))
    assert answer.error is not None
    assert "boom" in answer.error
    assert not answer.complete


def test_a_fine_base_resp_is_no_error():
    fine = chunk("ok", "stop", base_resp={"status_code": 0})
    assert SAY.read_answer(a_stream(fine)).error is None


def test_tool_calls_are_joined_by_index():
    def part(**call):
        return {"choices": [{"delta": {"tool_calls": [call]}}]}

    answer = SAY.read_answer(a_stream(
        part(index=0, id="c", function={"name": "add", "arguments": ""}),
        part(index=0, function={"arguments": '{"a":'}), part(index=0, function={"arguments": "1}"}),
        part(index=1, function={"name": "sub", "arguments": "{}"}), chunk(None, "tool_calls")))
    assert [(call.name, call.arguments) for call in answer.tool_calls] == [("add", '{"a":1}'), ("sub", "{}")]


def test_one_json_body_after_blank_lines():
    choice = {"message": {"content": "<think>x</think>Hi"}, "finish_reason": "stop"}
    body = json.dumps({"model": "m", "choices": [choice],
                       "usage": {"prompt_tokens": 3, "completion_tokens": 1}})
    answer = SAY.read_answer(an_exchange(200, "\n\n\n" + body))
    assert (answer.text, answer.thinking, answer.complete, answer.tokens_out) == ("Hi", "x", True, 1)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["choices", "delta", "message", "usage", "tool_calls", "function", "error", "data", "id",
                         "content", "base_resp", "status_code", "finish_reason", "index", "shutdown_date"]),
        inner, max_size=4),
    max_leaves=12)


@given(json_values)
def test_no_json_makes_it_raise(value):
    SAY.read_answer(a_stream(json.dumps(value)))
    SAY.read_answer(an_exchange(200, json.dumps(value)))
    SAY.read_models(an_exchange(200, json.dumps(value)))


def a_turn(origin, signature="sealed"):
    call = ToolCall("read", '{"room": "attic"}', "id-1")
    return Turn(call, '{"celsius": 17}', "Let me see.", "Hm.", signature, origin)


def test_a_session_is_carried_on_with_its_thinking_where_the_vendor_writes_its_own():
    def messages(**provider):
        question = Question("Go on.", turns=(a_turn("anthropic"),))
        return json.loads(SAY.chat(a_target(a_provider(**provider)), "m", question).body)["messages"]

    prompt, said, told = messages()
    assert prompt == {"role": "user", "content": "Go on."}
    assert (said["content"], said["reasoning_content"]) == ("Let me see.", "Hm.")
    assert said["tool_calls"] == [{"id": "id-1", "type": "function",
                                   "function": {"name": "read", "arguments": '{"room": "attic"}'}}]
    assert told == {"role": "tool", "tool_call_id": "id-1", "content": '{"celsius": 17}'}
    assert messages(quirks={"thinking_field": "reasoning"})[1]["reasoning"] == "Hm."
    assert SAY.mint(1) != SAY.mint(2)
