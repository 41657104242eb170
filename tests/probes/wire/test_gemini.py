"""Google's Gemini dialect."""

import json

import pytest
from builders import a_provider, a_stream, a_target, an_exchange

from probes.dialect import Question, Tool, ToolCall, Turn
from probes.model import Auth, Surface
from probes.wire.gemini import Dialect

SAY = Dialect()
VENDOR = a_provider("gemini", surfaces=(Surface("international", "https://g.test/v1beta", "gemini"),),
                    auth=Auth("x-goog-api-key", ""), quirks={"thinking_off": {"thinkingConfig": {"thinkingBudget": 0}}})


def part(finish=None, **what):
    return {"candidates": [{"content": {"parts": [what]}, "finishReason": finish}], "modelVersion": "g-1"}


def test_the_model_is_in_the_path():
    target = a_target(VENDOR)
    assert SAY.list_models(target).url == "https://g.test/v1beta/models?pageSize=1000"
    call = SAY.chat(target, "models/g-1", Question("hi"))
    assert call.url == "https://g.test/v1beta/models/g-1:streamGenerateContent?alt=sse"
    assert SAY.chat(target, "g-1", Question("hi", stream=False)).url == "https://g.test/v1beta/models/g-1:generateContent"


def test_a_question_and_what_may_be_left_out():
    question = Question("hi", json_mode=True, tools=(Tool("add", "adds", {"type": "object"}),))
    config = json.loads(SAY.chat(a_target(VENDOR), "m", question).body)["generationConfig"]
    assert config == {"maxOutputTokens": 64, "responseMimeType": "application/json",
                      "thinkingConfig": {"thinkingBudget": 0}}
    bare = SAY.chat(a_target(VENDOR), "m", question, frozenset({"thinking_off", "json_mode"}))
    assert json.loads(bare.body)["generationConfig"] == {"maxOutputTokens": 64}


def test_a_whole_stream_without_done():
    answer = SAY.read_answer(a_stream(
        part(text="hm", thought=True), part(text="4"), part("STOP", text="2"),
        {"usageMetadata": {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 7}}, done=False))
    assert (answer.text, answer.thinking, answer.complete) == ("42", "hm", True)
    assert (answer.tokens_in, answer.tokens_out, answer.served_model) == (5, 9, "g-1")
    assert answer.first_token_at_s == pytest.approx(0.2)


def test_an_empty_answer_cut_by_the_limit_has_a_finish():
    answer = SAY.read_answer(a_stream({"candidates": [{"finishReason": "MAX_TOKENS"}]}, done=False))
    assert (answer.complete, answer.finish, answer.first_token_at_s) == (True, "MAX_TOKENS", None)


def test_a_blocked_prompt_is_a_finish():
    assert SAY.read_answer(an_exchange(200, {"promptFeedback": {"blockReason": "SAFETY"}})).finish == "SAFETY"


def test_a_function_call_and_an_error():
    answer = SAY.read_answer(a_stream(part("STOP", functionCall={"name": "add", "args": {"a": 1}}), done=False))
    assert (answer.tool_calls[0].name, answer.tool_calls[0].arguments) == ("add", '{"a": 1}')
    assert "boom" in (SAY.read_answer(a_stream({"error": {"code": 503, "message": "boom"}})).error or "")


def test_listed_names_lose_their_prefix():
    listed = SAY.read_models(an_exchange(200, {"models": [{"name": "models/g-1"}]}))
    assert listed is not None
    assert listed.ids == ("g-1",)
    assert SAY.read_models(an_exchange(200, "<html>")) is None


def a_turn(origin, signature="sealed"):
    call = ToolCall("read", '{"room": "attic"}', "id-1")
    return Turn(call, '{"celsius": 17}', "Let me see.", "Hm.", signature, origin)


def test_a_session_is_carried_on_and_what_others_called_is_marked_as_google_wants_it():
    def contents(origin):
        question = Question("Go on.", turns=(a_turn(origin),))
        return json.loads(SAY.chat(a_target(VENDOR), "m", question).body)["contents"]

    _, said, told = contents("gemini")
    assert said["role"] == "model"
    assert said["parts"] == [{"text": "Hm.", "thought": True}, {"text": "Let me see."},
                             {"functionCall": {"name": "read", "args": {"room": "attic"}},
                              "thoughtSignature": "sealed"}]
    assert told["parts"] == [{"functionResponse": {"name": "read", "response": {"celsius": 17}}}]
    assert contents("openai")[1]["parts"][-1]["thoughtSignature"] == "skip_thought_signature_validator"
