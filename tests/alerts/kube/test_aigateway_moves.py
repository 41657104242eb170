"""What must change in a rule, and who is meant by a name; the text side is the format's own test."""

from dataclasses import replace

import pytest

from alerts.gateway import PatchRefused
from alerts.kube.aigateway import read, serving
from alerts.kube.aigateway_moves import Aim, Wanted, aim_of, concerned, wanted, warnings_of
from alerts.model import RoutingChange, Strength

TEXT = """\
kind: AIGatewayRoute
metadata: {name: llm, namespace: ai}
spec:
  rules:
    - matches: [{headers: [{name: x-ai-eg-model, value: smart}]}]
      backendRefs: [{name: claude}]
    - matches: [{headers: [{name: x-ai-eg-model, value: cheap}]}]
      backendRefs: [{name: qwen}]
    - matches: [{headers: [{name: x-ai-eg-model, value: other}]}]
      backendRefs: [{name: qwen, modelNameOverride: q-2}, {name: glm, namespace: far}]
"""
CHANGE = RoutingChange("vw-1", "smart", "anthropic", ("claude",), "qwen/q-2", Strength.EXCLUDE, "geo", "403")


def plan(change: RoutingChange) -> Wanted:
    reading = read(TEXT)
    (rule,) = concerned(change, reading, serving(reading, change.workload))
    return wanted(change, reading, rule)


def test_an_entry_for_a_backend_of_another_rule() -> None:
    assert plan(CHANGE) == Wanted({0: {"weight": 0}}, (("name", "qwen"), ("modelNameOverride", "q-2")))
    assert plan(replace(CHANGE, strength=Strength.DEMOTE)).fields == {0: {"priority": 1}}
    far = plan(replace(CHANGE, takes_over="glm"))
    assert far.entry == (("name", "glm"), ("namespace", "far"), ("modelNameOverride", "other"))


def test_one_backend_with_two_models_is_asked_back() -> None:
    with pytest.raises(PatchRefused, match="could be qwen/cheap or qwen/q-2; name one"):
        plan(replace(CHANGE, takes_over="qwen"))


def test_one_backend_that_a_rule_lists_twice_is_no_question() -> None:
    text = TEXT.replace("[{name: claude}]", "[{name: claude}, {name: qwen, weight: 0}, {name: qwen, weight: 0}]")
    reading = read(text)
    assert wanted(replace(CHANGE, takes_over="qwen"), reading, reading.rules[0]).fields == {
        0: {"weight": 0}, 1: {"weight": 1}}


def test_a_model_that_no_rule_names() -> None:
    reading = read(TEXT)
    rule = reading.rules[0]
    assert aim_of(replace(CHANGE, takes_over="qwen/q-3"), reading, rule) == Aim("qwen", "ai", "q-3")
    with pytest.raises(PatchRefused, match="itself routes to anthropic"):
        aim_of(replace(CHANGE, takes_over="claude/opus"), reading, rule)


def test_nothing_beside_a_pool() -> None:
    text = TEXT.replace("[{name: claude}]", "[{name: claude, kind: InferencePool, group: g}]")
    reading = read(text)
    with pytest.raises(PatchRefused, match="InferencePool"):
        wanted(CHANGE, reading, reading.rules[0])


def test_warnings() -> None:
    text = TEXT.replace("value: smart}]}]", "value: smart}]}, {headers: [{name: x-ai-eg-model, value: fast}]}]")
    reading = read(text)
    assert list(warnings_of(CHANGE, reading, reading.rules[0])) == ["the same rule serves fast, which move too"]
    assert list(warnings_of(CHANGE, reading, reading.rules[1])) == []
    policy = "---\nkind: BackendTrafficPolicy\nmetadata: {name: p}\n"
    demote = replace(CHANGE, strength=Strength.DEMOTE)
    assert "fails over" in "".join(warnings_of(demote, read(TEXT), reading.rules[1]))
    assert list(warnings_of(demote, read(TEXT + policy), reading.rules[1])) == []
