"""What the manifests of Envoy AI Gateway say: rules, backends, hosts, secrets."""

import pytest

from alerts.gateway import PatchRefused
from alerts.kube.aigateway import read, serving

TEXT = """\
kind: AIGatewayRoute
metadata: {name: llm, namespace: ai}
spec:
  rules:
    - name: first
      matches:
        - headers: [{name: X-AI-EG-Model, value: smart}]
        - headers: [{name: x-ai-eg-model, value: smarter}, {name: tenant, value: a}]
      backendRefs:
        - {name: b, priority: 1}
        - {name: a, weight: 2}
        - {name: c, weight: 0}
        - {name: pool, kind: InferencePool, group: inference.networking.k8s.io, priority: 2}
    - matches: [{headers: [{type: RegularExpression, name: x-ai-eg-model, value: "gpt-.*"}]}]
      backendRefs: [{name: b, namespace: other, modelNameOverride: m}]
    - backendRefs: [{name: b}]
---
kind: AIServiceBackend
metadata: {name: a, namespace: ai}
spec: {schema: {name: AWSBedrock}, backendRef: {name: a-host}}
---
kind: Backend
metadata: {name: a-host, namespace: ai}
spec: {endpoints: [{fqdn: {hostname: bedrock.example, port: 8443}}]}
---
kind: BackendSecurityPolicy
metadata: {name: a-key, namespace: ai}
spec: {targetRefs: [{name: a}], type: APIKey, apiKey: {secretRef: {name: the-secret}}}
---
kind: AIServiceBackend
metadata: {name: b, namespace: ai}
spec: {schema: {name: OpenAI}, backendRef: {name: nowhere}, backendSecurityPolicyRef: {name: a-key}}
"""


def test_rules_and_whose_their_backends_are() -> None:
    first, second, last = read(TEXT).rules
    assert first.called == ("smart", "smarter")
    assert [ref.route.name for ref in first.live] == ["a", "b", "pool"]
    of_a, of_b = first.live[0].route, first.live[1].route
    assert (of_a.prefix, of_a.base_url, of_a.key_name) == ("bedrock", "https://bedrock.example:8443", "the-secret")
    assert (of_b.prefix, of_b.base_url, of_b.key_name) == ("", "", "the-secret")
    assert of_b.key == "0/llm.rules.0.backendRefs.0"
    assert first.live[2].pool
    assert first.live[2].route.key_name == ""       # one's own servers, whatever they are called after
    assert second.called == ("gpt-.*",)
    assert second.refs[0].route.also == ("b/m", "m")
    assert last.called == ("llm",)


def test_which_rules_a_workload_meets() -> None:
    reading = read(TEXT)
    assert [rule.at for rule in serving(reading, "smarter")] == [0]
    assert [rule.at for rule in serving(reading, "first")] == [0]
    assert [rule.at for rule in serving(reading, "gpt-5")] == [1]
    assert [rule.at for rule in serving(reading, "gpt-.*")] == [1]
    assert [rule.at for rule in serving(reading, "llm")] == [2]
    assert serving(reading, "my-gpt-5") == ()


def test_a_route_of_several_rules_is_no_workload() -> None:
    with pytest.raises(PatchRefused, match="several rules; name the model: smart, smarter, gpt"):
        serving(read(TEXT.replace("    - backendRefs: [{name: b}]\n", "")), "llm")


def test_a_pattern_that_is_none_matches_nothing() -> None:
    assert serving(read(TEXT.replace("gpt-.*", "gpt-(")), "gpt-5") == ()
