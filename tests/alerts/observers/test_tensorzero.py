"""TensorZero's answers, as 2026.6.0 gave them: the first that was tried tells, not the one that answered."""

import json
from typing import Any

import pytest
from observing import Judged, judged, written

from alerts.model import Strength
from alerts.observer import Seen
from alerts.observers.tensorzero import Observer

TWO = """
[models.smart]
routing = ["claude", "qwen"]
[models.smart.providers.claude]
type = "anthropic"
model_name = "claude-opus-4-8"
[models.smart.providers.qwen]
type = "openai"
model_name = "qwen3-max"
[models.other]
routing = ["mistral"]
[models.other.providers.mistral]
type = "mistral"
model_name = "mistral-large"
[functions.draft]
type = "chat"
[functions.draft.variants.a]
type = "chat_completion"
model = "anthropic::claude-sonnet"
"""
MOVED = written("tensorzero", TWO, "smart", "qwen")
LAST = written("tensorzero", TWO, "smart", "qwen", Strength.DEMOTE)
DRAFT = written("tensorzero", TWO, "draft", "other")
# both spoken with as OpenAI, as where OpenAI itself is the one that leaves
ALIKE = written("tensorzero", TWO.replace('"anthropic"\n', '"openai"\napi_base = "https://api.anthropic.com/v1"\n'),
                "smart", "qwen")
REFUSAL = '{"error": {"message": "Request not allowed"}}'


def row(kind: str, data: str) -> dict[str, str]:
    return {"provider_type": kind, "api_type": "chat_completions", "data": data}


def said(model: str) -> str:
    return json.dumps({"model": model, "choices": []})


def seen(*rows: dict[str, str], status: int = 200, error: str = "") -> Seen:
    body: dict[str, Any] = {"model": "tensorzero::model_name::smart", "tensorzero_raw_response": list(rows)}
    return Seen(status, {**body, **({"error": {"message": error}} if error else {})})


CLAUDE, QWEN = row("anthropic", said("claude-opus-4-8")), row("openai", said("qwen3-max-2026"))
NO_CLAUDE, NO_QWEN = row("anthropic", REFUSAL), row("openai", REFUSAL)
FAILED = "All variants failed with errors: smart: All model providers failed to infer with errors: {}: Error 403"


@pytest.mark.parametrize(("answer", "expected"), [
    (seen(QWEN), (True, False)), (seen(CLAUDE), (False, False)), (seen(NO_CLAUDE, QWEN), (False, False)),
    (seen(NO_QWEN, status=502), (True, True)), (seen(NO_CLAUDE, NO_QWEN, status=502), (False, False)),
    (seen(), (None, False)), (Seen(200, {"tensorzero_raw_response": ["junk", {"provider_type": 1}]}), (None, False)),
    (Seen(400, {"error": {"message": "Invalid inference target"}}), (None, False)),
    (Seen(failed="timed out"), (None, False))])
def test_by_who_was_tried_first(answer: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, {}, answer)) == expected


def test_the_words_name_who_was_asked_before() -> None:
    found = Observer().judge(MOVED, {}, seen(NO_CLAUDE, QWEN))
    assert "by openai/qwen3-max-2026 after anthropic, as before" in found.because


@pytest.mark.parametrize(("answer", "expected"), [
    (seen(QWEN), (True, False)), (seen(NO_QWEN, QWEN), (False, False)),
    (seen(NO_QWEN, status=502, error=FAILED.format("qwen")), (True, True)),
    (seen(NO_QWEN, NO_QWEN, status=502, error=FAILED.format("claude")), (False, False)),
    (seen(NO_QWEN, status=502), (None, False))])
def test_of_one_dialect_it_is_told_by_place_and_by_the_errors_words(answer: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(ALIKE, {}, answer)) == expected


def test_demoted_the_last_resort_may_answer_after_the_first() -> None:
    assert judged(Observer().judge(LAST, {}, seen(QWEN))) == (True, False)
    assert judged(Observer().judge(LAST, {}, seen(NO_QWEN, CLAUDE))) == (True, False)
    assert judged(Observer().judge(LAST, {}, seen(NO_CLAUDE, QWEN))) == (False, False)


def test_a_function_is_told_by_its_variants_model() -> None:
    assert judged(Observer().judge(DRAFT, {}, seen(row("mistral", said("mistral-large"))))) == (True, False)
    assert judged(Observer().judge(DRAFT, {}, seen(row("anthropic", said("claude-sonnet"))))) == (False, False)


@pytest.mark.parametrize(("workload", "model"), [
    ("smart", "tensorzero::model_name::smart"), ("draft", "tensorzero::function_name::draft"),
    ("draft.a", "tensorzero::function_name::draft"),
    ("anthropic::claude-sonnet", "tensorzero::model_name::anthropic::claude-sonnet"),
    ("tensorzero::model_name::smart", "tensorzero::model_name::smart")])
def test_asked_as_a_client_does(workload: str, model: str) -> None:
    takes = "qwen" if "smart" in workload else "other"
    asked = Observer().canary(written("tensorzero", TWO, workload, takes))
    assert asked is not None
    assert (asked[0], asked[1]["model"]) == ("/openai/v1/chat/completions", model)
    assert asked[1]["tensorzero::include_raw_response"] is True


def test_without_a_canary_it_says_that_it_cannot_tell() -> None:
    assert Observer().reads(MOVED) == ()
    assert Observer().loaded(MOVED, {}).took is None
