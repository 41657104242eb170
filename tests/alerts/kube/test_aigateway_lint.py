"""Faults of Envoy AI Gateway's manifests that the API server lets pass."""

import pytest

from alerts.kube.aigateway import read
from alerts.kube.aigateway_lint import problems

ROUTE = """\
kind: AIGatewayRoute
metadata: {name: llm}
spec:
  parentRefs: [{name: gw}]
  rules:
    - matches: [{headers: [{name: x-ai-eg-model, value: smart}]}]
      backendRefs:
        - {name: a}
        - {name: b, priority: 1}
"""
POLICY = """\
---
kind: BackendTrafficPolicy
metadata: {name: retry}
spec:
  targetRefs: [{kind: HTTPRoute, name: llm}]
  retry: {retryOn: {httpStatusCodes: [500, 503]}}
"""
BACKEND = "---\nkind: AIServiceBackend\nmetadata: {name: a}\nspec: {}\n"


def faults(text: str) -> list[tuple[str, str]]:
    return [(one.where, one.what) for one in problems(read(text), text)]


@pytest.mark.parametrize(("text", "line", "what"), [
    (ROUTE + POLICY, 15, "403"),
    (ROUTE + POLICY.replace("HTTPRoute, name: llm", "Gateway, name: gw"), 15, "smart does not fail over"),
    (ROUTE.replace("priority: 1", "priority: 2"), 6, "gap"),
    (ROUTE.replace("{name: a}", "{name: a, priority: 1}"), 6, "gap"),
    (ROUTE.replace("priority: 1", "priority: soon"), 9, "no whole number"),
    (ROUTE.replace("{name: a}", "{name: a, weight: 0}").replace("priority: 1", "weight: 0"), 6, "all calls fail"),
    (ROUTE.replace("{name: a}", "{priority: 0}"), 8, "no name"),
    (ROUTE.replace("{name: a}", "{name: a, kind: InferencePool, group: x}"), 6, "InferencePool"),
    (ROUTE.partition("      backendRefs")[0], 6, "no backend"),
    (ROUTE + BACKEND, 9, "b is no AIServiceBackend"),
    (ROUTE + ROUTE[ROUTE.index("    - matches"):], 10, "matched by rule 0 already"),
    (ROUTE.replace("priority: 1", "priority: 1, priority: 1"), 9, "stands twice"),
])
def test_found_with_its_line(text: str, line: int, what: str) -> None:
    found = [one for one in faults(text) if what in one[1]]
    assert found, faults(text)
    assert found[0][0] == f"line {line}"


@pytest.mark.parametrize("text", [
    ROUTE,
    ROUTE + POLICY.replace("500", "403"),
    ROUTE + POLICY.replace("name: llm", "name: other"),
    ROUTE.replace("        - {name: b, priority: 1}\n", "") + POLICY,
    ROUTE + BACKEND + BACKEND.replace("name: a", "name: b"),
    ROUTE + BACKEND.replace("{name: a}", "{name: a, namespace: other}"),
])
def test_silent_on_what_is_sound(text: str) -> None:
    assert faults(text) == []
