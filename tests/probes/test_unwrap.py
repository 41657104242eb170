"""Evidence: codes and numbers are found however deep they were wrapped."""

import json

import pytest

from probes.unwrap import gather, is_page, spellings

CORE = {"error": {"code": "account_deactivated", "message": "Your account …", "type": "requests"}}


def wrap_in_string(value: object) -> object:
    return {"error": {"message": json.dumps(value), "code": 400}}


@pytest.mark.parametrize("text", [
    json.dumps(CORE),
    json.dumps([CORE]),
    json.dumps(wrap_in_string(CORE)),
    json.dumps(wrap_in_string(wrap_in_string(wrap_in_string(CORE)))),
    f"Error code: 403 - {CORE!r}",
    f"litellm.APIError: OpenAIException - {json.dumps(CORE)}",
    json.dumps({"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps(CORE)}}}),
    json.dumps(CORE)[:-12],
    "错误代码：account_deactivated",
])
def test_the_innermost_code_is_found(text: str) -> None:
    evidence = gather(403, {}, text, None, "")
    assert "accountdeactivated" in evidence.codes | evidence.tokens


def test_the_innermost_status_wins() -> None:
    text = json.dumps({"error": {"code": 502, "message": json.dumps({"error": {"code": 429, "message": "slow"}})}})
    assert gather(502, {}, text, None, "").status == 429


@pytest.mark.parametrize(("text", "number"), [
    ('{"error":{"code":"1302"}}', "code/1302"),
    ('{"base_resp":{"status_code":1008}}', "base_resp/1008"),
    ('{"error":{"message":"insufficient balance (1008)"}}', "bracket/1008"),
    ('{"error_code":17,"error_msg":"x"}', "error_code/17"),
    ("error code: 1009", "edge/1009"),
])
def test_numbers_keep_their_place(text: str, number: str) -> None:
    assert number in gather(400, {}, text, None, "").numbers


def test_spellings() -> None:
    assert set(spellings("Throttling.RateQuota")) == {"throttling", "ratequota", "throttlingratequota"}
    assert "unrecognizedclientexception" in spellings("UnrecognizedClientException:http://internal/")


@pytest.mark.parametrize(("status", "text", "who"), [
    (None, "", "nobody"),
    (403, "<html><body>no</body></html>", "edge"),
    (403, '{"error":{"type":"new_api_error","message":"x"}}', "gateway"),
    (403, '{"error":{"type":"forbidden"}}', "origin"),
    (403, "no", "unclear"),
])
def test_who_answered(status: int | None, text: str, who: str) -> None:
    assert gather(status, {}, text, None, "").who == who


def test_a_vendor_is_known_by_its_alias_and_its_words() -> None:
    assert "zhipu" in gather(400, {}, "x", None, "GLM").families
    assert "gemini" in gather(400, {}, "[GoogleGenerativeAI Error]", None, "").families


def test_comments_without_a_page_cost_no_time() -> None:
    assert not is_page("<!---->" * 280 + "x")
    assert is_page("<!-- a --><!-- b -->\n<?xml version='1.0'?><html>")
