"""Envoy AI Gateway: weights and priorities, nothing else; the overlay says the same; what is unsafe is refused."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.gateways.envoy_ai_gateway import Gateway
from alerts.kube.kustomize import applied
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed

ROUTE = """\
apiVersion: aigateway.envoyproxy.io/v1beta1
kind: AIGatewayRoute
metadata:
  name: llm
  namespace: ai
spec:
  rules:
    - matches:
        - headers:
            - type: Exact
              name: x-ai-eg-model
              value: smart
      backendRefs:
        - name: claude-primary   # the first choice
          modelNameOverride: claude-opus
        - name: qwen-second
          priority: 1
          modelNameOverride: "qwen3-max"
    - matches:
        - headers: [{name: x-ai-eg-model, value: cheap}]
      backendRefs: [{name: kimi, modelNameOverride: kimi-k2}]
"""
BACKENDS = "".join(
    f"""---
apiVersion: aigateway.envoyproxy.io/v1beta1
kind: AIServiceBackend
metadata: {{name: {name}, namespace: ai}}
spec:
  schema: {{name: {schema}}}
  backendRef: {{name: {name}-host, kind: Backend, group: gateway.envoyproxy.io}}
---
apiVersion: gateway.envoyproxy.io/v1alpha1
kind: Backend
metadata: {{name: {name}-host, namespace: ai}}
spec:
  endpoints: [{{fqdn: {{hostname: {host}, port: 443}}}}]
""" for name, schema, host in (
        ("claude-primary", "Anthropic", "api.anthropic.com"), ("qwen-second", "OpenAI", "dashscope.aliyuncs.com"),
        ("kimi", "OpenAI", "api.moonshot.cn")))
SAMPLE = ROUTE + BACKENDS
WORKLOAD, TARGET = "smart", "qwen-second"
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")
DEMOTE = replace(CHANGE, strength=Strength.DEMOTE)
NOTE = "# vendorwatch:vw-1 revert: vendorwatch patch revert vw-1\n"


def rendered(text: str, change: RoutingChange = CHANGE) -> Any:
    return Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text, "deploy/route.yaml")


def refs(text: str, rule: int = 0) -> list[dict[str, Any]]:
    documents = YAML(typ="safe", pure=True).load_all(text)
    return list(next(one for one in documents if one["kind"] == "AIGatewayRoute")["spec"]["rules"][rule]["backendRefs"])


def test_excluded_is_weight_0_and_the_target_goes_first() -> None:
    patch = rendered(SAMPLE)
    assert patch.patched == SAMPLE.replace(
        "        - name: claude-primary   # the first choice\n",
        f"        - name: claude-primary   # the first choice\n          weight: 0  {NOTE}",
    ).replace("priority: 1", "priority: 0")
    assert patch.reverted == SAMPLE
    assert rendered(patch.patched).diff == ""


def test_demoted_is_behind_everybody() -> None:
    patch = rendered(SAMPLE, DEMOTE)
    assert [(ref["name"], ref["priority"]) for ref in refs(patch.patched)] == [
        ("claude-primary", 1), ("qwen-second", 0)]
    assert "weight" not in patch.patched
    assert rendered(patch.patched, DEMOTE).diff == ""
    assert any("BackendTrafficPolicy" in said for said in patch.warnings)


@pytest.mark.parametrize("target", ["kimi", "kimi-k2", "kimi/kimi-k2"])
def test_a_backend_of_another_rule_gets_an_entry_of_its_own(target: str) -> None:
    patch = rendered(SAMPLE, replace(CHANGE, takes_over=target))
    assert patch.patched == SAMPLE.replace(
        "        - name: claude-primary   # the first choice\n",
        f"        - name: kimi  {NOTE}          modelNameOverride: kimi-k2\n"
        "        - name: claude-primary   # the first choice\n          weight: 0\n")
    demoted = rendered(SAMPLE, replace(DEMOTE, takes_over=target))
    assert [(one["name"], one.get("priority", 0)) for one in refs(demoted.patched)] == [
        ("kimi", 0), ("claude-primary", 2), ("qwen-second", 1)]


def test_in_flow_style() -> None:
    change = replace(CHANGE, workload="cheap", leaves="moonshot")
    patch = rendered(SAMPLE, change)
    assert ("backendRefs: [{name: qwen-second, modelNameOverride: qwen3-max}, "
            "{name: kimi, weight: 0, modelNameOverride: kimi-k2}]") in patch.patched
    assert patch.reverted == SAMPLE
    assert rendered(patch.patched, change).diff == ""


def test_shared_traffic_stays_with_who_does_not_leave() -> None:
    text = SAMPLE.replace("        - name: qwen-second\n", "        - name: kimi\n        - name: qwen-second\n")
    left = refs(rendered(text).patched)
    assert [(one["name"], one.get("weight", 1), one.get("priority", 0)) for one in left] == [
        ("claude-primary", 0, 0), ("kimi", 1, 0), ("qwen-second", 1, 0)]


def test_priorities_are_left_without_a_gap() -> None:
    more = "          priority: 3\n        - name: kimi\n          priority: 2\n"
    text = SAMPLE.replace("          priority: 1\n", more)
    assert [(one["name"], one.get("priority", 0)) for one in refs(rendered(text).patched)] == [
        ("claude-primary", 0), ("qwen-second", 0), ("kimi", 1)]


def test_a_target_of_weight_0_is_called_again() -> None:
    text = SAMPLE.replace("          priority: 1\n", "          weight: 0\n")
    assert [one["weight"] for one in refs(rendered(text).patched)] == [0, 1]


def test_a_pattern_serves_too_and_the_others_are_named() -> None:
    text = SAMPLE.replace("type: Exact", "type: RegularExpression").replace("value: smart", "value: 'smart.*'")
    patch = rendered(text, replace(CHANGE, workload="smart-1"))
    assert "weight: 0" in patch.patched
    assert any("smart.*" in said for said in patch.warnings)


@pytest.mark.parametrize(("text", "change", "why"), [
    (SAMPLE, replace(CHANGE, workload="other"), "no rule matches the model 'other'; there are: cheap, smart"),
    (SAMPLE, replace(CHANGE, takes_over="nobody"), "'nobody' is no backend of this file"),
    (SAMPLE, replace(CHANGE, takes_over="claude-primary"), "'claude-primary' itself routes to anthropic"),
    (SAMPLE, replace(CHANGE, takes_over="claude-opus"), "itself routes to anthropic"),
    (SAMPLE, replace(CHANGE, workload="cheap"), "leads neither to anthropic nor to 'qwen-second'"),
    (SAMPLE, replace(CHANGE, takes_over="smart"), "'smart' is no backend"),
    (SAMPLE + BACKENDS.replace("name: kimi,", "name: spare,"), replace(CHANGE, takes_over="spare"),
     "name it as spare/MODEL"),
    (SAMPLE.replace("priority: 1", "priority: 1\n          priority: 2"), CHANGE, "priority stands twice"),
    (SAMPLE.replace("backendRefs:\n", "backendRefs: &a\n", 1), CHANGE, "anchor"),
    (SAMPLE.replace("        - name: claude-primary", "        - <<: {}\n          name: claude-primary"), CHANGE,
     "an anchor or uses one"),
    (SAMPLE.replace("        - name: qwen-second\n", "        - name: qwen-second\n          <<: {}\n"), CHANGE,
     "an anchor or uses one"),
    (SAMPLE.replace("priority: 1", "priority: |\n            1"), CHANGE, "priority of qwen-second is no whole number"),
    (ROUTE.replace("  rules:", "  rules: ["), CHANGE, "line"),
    (BACKENDS, CHANGE, "no AIGatewayRoute"),
])
def test_refused_with_a_reason(text: str, change: RoutingChange, why: str) -> None:
    with pytest.raises(PatchRefused, match=why.replace("(", r"\(")):
        rendered(text, change)


def test_a_model_of_ones_own_choice_for_a_backend_no_rule_leads_to() -> None:
    text = SAMPLE + BACKENDS.replace("{name: kimi,", "{name: spare,")
    first = refs(rendered(text, replace(CHANGE, takes_over="spare/glm/4")).patched)[0]
    assert first == {"name": "spare", "modelNameOverride": "glm/4"}


def test_a_document_beside_it_may_be_no_yaml() -> None:
    text = SAMPLE + "---\nkind: Deployment\n{{ if .Values.x }}\n: [\n"
    assert rendered(text).patched.endswith("{{ if .Values.x }}\n: [\n")


def test_whose_a_backend_is_without_its_object() -> None:
    route = Gateway().inventory(ROUTE.replace("claude-primary", "team-anthropic")).routes[0]
    assert (route.name, route.base_url, route.key_name) == ("team-anthropic", "", "team-anthropic")
    assert aimed(CHANGE, Gateway(), ROUTE.replace("claude-primary", "team-anthropic"), load_catalogue()).leaves_routes


def test_the_overlay_says_the_same_and_its_inverse_takes_it_back() -> None:
    patch = rendered(SAMPLE)
    assert sorted(patch.files) == ["kustomization.yaml", "vw-1.inverse.json6902.yaml", "vw-1.json6902.yaml"]
    before, after = (YAML(typ="safe", pure=True).load(text.partition("---")[0]) for text in (SAMPLE, patch.patched))
    steps = [json.loads(line[2:]) for line in patch.files["vw-1.json6902.yaml"].splitlines()]
    back = [json.loads(line[2:]) for line in patch.files["vw-1.inverse.json6902.yaml"].splitlines()]
    assert applied(before, steps) == after
    assert applied(after, back) == before
    assert {"op": "test", "path": "/spec/rules/0/backendRefs/0/name", "value": "claude-primary"} in steps


@pytest.mark.skipif(which("kubectl") is None, reason="no kubectl here; it comes with kubernetes-client (apt)")
@pytest.mark.parametrize("change", [CHANGE, DEMOTE, replace(CHANGE, takes_over="kimi")])
def test_kubectl_builds_the_overlay_into_what_the_patched_text_says(tmp_path: Path, change: RoutingChange) -> None:
    patch = rendered(SAMPLE, change)
    for name, text in patch.files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "route.yaml").write_text(SAMPLE)
    run = ["kubectl", "kustomize", str(tmp_path)]
    assert refs(subprocess.run(run, capture_output=True, text=True, check=True).stdout) == refs(patch.patched)
    (tmp_path / "route.yaml").write_text(patch.patched)     # the base has moved already: the guards say so
    assert subprocess.run(run, capture_output=True, text=True, check=False).returncode != 0
    kustomization = (tmp_path / "kustomization.yaml").read_text()
    (tmp_path / "kustomization.yaml").write_text(kustomization.replace("vw-1.json", "vw-1.inverse.json"))
    assert refs(subprocess.run(run, capture_output=True, text=True, check=True).stdout) == refs(SAMPLE)


backend = st.fixed_dictionaries({}, optional={
    "priority": st.integers(0, 3), "weight": st.integers(0, 9), "modelNameOverride": st.sampled_from(["m-1", "ü: x"])})
order = st.permutations(["claude-primary", "qwen-second", "kimi"])


def written(names: list[str], fields: list[dict[str, Any]], style: tuple[bool, str, str]) -> str:
    flow, gap, dash = style
    rows = []
    for name, more in zip(names, fields, strict=True):
        said = {"name": name, **more}
        pairs = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in said.items()]
        rows.append(f"{dash}- {{{', '.join(pairs)}}}{gap}\n" if flow else "".join(
            f"{dash}{'- ' if at == 0 else '  '}{pair}{gap if at == 0 else ''}\n" for at, pair in enumerate(pairs)))
    head = ROUTE.partition("        - name: claude-primary")[0]
    tail = ROUTE[ROUTE.index("    - matches:\n        - headers: ["):]
    return head + "".join(rows) + tail + BACKENDS


@settings(max_examples=60, deadline=None)
@given(order, st.lists(backend, min_size=3, max_size=3), st.booleans(), st.sampled_from(["", " # ä", "  "]),
       st.sampled_from(["      ", "        "]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["", "\ufeff"]),
       st.sampled_from(list(Strength)))
def test_generated_rules(
        names: list[str], fields: list[dict[str, Any]], flow: bool, gap: str, dash: str, end: str, bom: str,
        strength: Strength) -> None:
    text = bom + written(names, fields, (flow, gap, dash)).replace("\n", end)
    change = replace(CHANGE, strength=strength)
    if not any(one["name"] != "kimi" and one.get("weight", 1) for one in refs(text)):
        with pytest.raises(PatchRefused, match="leads neither"):
            rendered(text, change)
        return
    patch = rendered(text, change)
    assert patch.reverted == text
    assert rendered(patch.patched, change).diff == ""
    before, after = ({one["name"]: one for one in refs(said)} for said in (text, patch.patched))
    level = {name: one.get("priority", 0) for name, one in after.items() if one.get("weight", 1)}
    if before["claude-primary"].get("weight", 1):
        assert level["qwen-second"] == 0
        assert sorted(set(level.values())) == list(range(len(set(level.values()))))
        assert ("claude-primary" in level) is (strength is Strength.DEMOTE)
        assert "claude-primary" not in level or all(
            level["claude-primary"] > one for name, one in level.items() if name != "claude-primary")
    for name, one in after.items():
        assert {k: v for k, v in one.items() if k not in ("weight", "priority")} == {
            k: v for k, v in before[name].items() if k not in ("weight", "priority")}
    assert refs(patch.patched, 1) == refs(text, 1)
    kept = [line for line in patch.patched.splitlines() if "vendorwatch" not in line]
    assert len(kept) - len(text.splitlines()) <= 3
