"""200 is not success, and an answer is not an error."""

import json

import pytest

from probes.payload import find_complaint


@pytest.mark.parametrize("body", [
    {"error": {"message": "x"}},
    {"success": False, "message": "x"},
    {"base_resp": {"status_code": 1004}},
    {"error_code": 17},
    {"Response": {"Error": {"Code": "AuthFailure"}}},
    {"code": 40005, "msg": "x", "data": None},
    {"promptFeedback": {"blockReason": "SAFETY"}},
    {"candidates": [{"finishReason": "PROHIBITED_CONTENT"}]},
    {"choices": [{"finish_reason": "content_filter"}]},
    {"stop_reason": "refusal"},
    {"type": "response.failed", "response": {"error": {"code": "server_error"}}},
    {"object": "response", "status": "failed"},
    {"choices": [{"finish_reason": "error", "error": {"code": 502}}]},
    {"code": 0, "msg": "", "data": {"biz_code": 5, "biz_msg": "user is muted"}},
    {"ret": ["FAIL_SYS_USER_VALIDATE", "RGV587_ERROR::SM"], "data": {"url": "https://x.test/punish"}},
])
def test_a_complaint_is_found_plain_and_streamed(body: dict[str, object]) -> None:
    assert find_complaint(json.dumps(body)) is not None
    stream = 'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\n: ping\n\n' + f"data: {json.dumps(body)}\n\n"
    assert find_complaint(stream) is not None


@pytest.mark.parametrize("body", [
    {"error": None, "choices": [{"finish_reason": "stop"}]},
    {"base_resp": {"status_code": 0}},
    {"code": 20000, "message": "Ok", "data": {}},
    {"choices": [{"message": {"content": "error"}, "content_filter_results": {"hate": {"filtered": False}}}]},
    {"object": "response", "status": "completed", "error": None},
    {"data": [{"id": "kimi"}]},
    {"promptFeedback": {}},
    {"ret": ["SUCCESS::well"], "data": {"choices": []}},
    {"code": 0, "data": {"biz_code": 0, "biz_data": {"id": 1}}},
])
def test_an_answer_is_an_answer(body: dict[str, object]) -> None:
    assert find_complaint(json.dumps(body)) is None
    assert find_complaint(f"data: {json.dumps(body)}\n\ndata: [DONE]\n\n") is None


@pytest.mark.parametrize("text", ["", " \n\n", "<!doctype html><html>", "event: error\ndata: broken\n\n",
                                  "{'code': 40005, 'msg': 'no'}", "message: overloaded type: server_error"])
def test_other_complaints(text: str) -> None:
    assert find_complaint(text) is not None


@pytest.mark.parametrize("text", ["\n\n  {\"id\": 1}", ": OPENROUTER PROCESSING\n\ndata: {\"choices\":[]}\n\n",
                                  "<?xml version='1.0'?><rss/>", "transcribed words about an error"])
def test_other_answers(text: str) -> None:
    assert find_complaint(text) is None


def test_a_stream_that_was_only_kept_alive_is_empty() -> None:
    assert find_complaint(": keep-alive\n\n: keep-alive\n\n") is not None


def test_an_error_that_breaks_the_framing_of_a_stream_is_found() -> None:
    stream = 'data: {"candidates": [{"content": {}}]}\n\n{\n  "error": {\n    "code": 503\n  }\n}\n'
    complaint = find_complaint(stream)
    assert complaint is not None
    assert complaint.parsed == {"error": {"code": 503}}


@pytest.mark.parametrize("body", ["<html></html>", "<?xml version='1.0'?><html/>", "<?xml version='1.0'?>\n<Error>",
                                  "<Error/>", "<script></script>", "\n<!-- x --> <meta charset=utf-8>"])
def test_a_page_is_no_answer(body: str) -> None:
    assert find_complaint(body) is not None


def test_a_stream_of_json_lines_may_end_in_an_error() -> None:
    told = '{"message":{"content":"an error: banned"},"done":false}\n'
    complaint = find_complaint(told + '{"error":"unexpected EOF"}\n')
    assert complaint is not None
    assert complaint.parsed == {"error": "unexpected EOF"}
    assert find_complaint(told + '{"done":true,"done_reason":"stop"}\n') is None
