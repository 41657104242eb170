"""Higress names nobody; the model in an answer is the vendor's own."""

import pytest
from observing import Judged, answer, judged, refused, written

from alerts.observer import Seen
from alerts.observers.higress import Observer

PLUGIN = """
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata: {name: ai-proxy}
spec:
  matchRules:
  - ingress: [llm]
    config:
      activeProviderId: claude
      providers:
      - id: claude
        type: claude
        modelMapping: {smart: claude-opus-4}
      - id: qwen
        type: qwen
        modelMapping: {smart: qwen3-max}
"""
MOVED = written("higress", PLUGIN, "smart", "qwen")


@pytest.mark.parametrize(("canary", "expected"), [
    (answer("qwen3-max"), (True, False)), (answer("claude-opus-4-20260101"), (False, False)),
    (answer("smart"), (None, False)), (refused("down"), (None, False)), (Seen(failed="x"), (None, False))])
def test_by_the_model_of_the_answer(canary: Seen, expected: Judged) -> None:
    assert judged(Observer().judge(MOVED, {}, canary)) == expected


def test_only_a_models_name_can_be_asked_for() -> None:
    asked = Observer().canary(MOVED)
    assert asked is not None
    assert asked[1]["model"] == "smart"
    assert Observer().canary(written("higress", PLUGIN, "llm", "qwen")) is None


def test_there_is_nothing_to_read() -> None:
    assert (Observer().reads(MOVED), Observer().loaded(MOVED, {}).took) == ((), None)
