"""A gateway's config inside a ConfigMap, Helm values or a compose file: patched there, the rest byte for byte."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import Holder, PatchRefused
from alerts.gateways import litellm
from alerts.gateways.configmap import Gateway
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed, format_of

INNER = (
    "model_list:\n"
    "  - model_name: smart   # primary\n"
    "    litellm_params: {model: anthropic/claude-opus, api_key: os.environ/ANTHROPIC_API_KEY}\n"
    "  - model_name: smart-qwen\n"
    "    litellm_params: {model: dashscope/qwen3-max, api_key: os.environ/DASHSCOPE_API_KEY}\n"
)


def inside(text: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}" for line in text.splitlines(keepends=True))


SAMPLE = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: litellm-config\ndata:\n  OTHER: \"1\"\n  config.yaml: |\n"
    + inside(INNER, 4)
    + "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: litellm\nspec: {}\n"
)
WORKLOAD, TARGET = "smart", "smart-qwen"
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")
ADDED = (
    "router_settings: {model_group_alias: {smart: smart-qwen}}  "
    "# vendorwatch:vw-1 revert: vendorwatch patch revert vw-1\n"
)


def rendered(text: str, change: RoutingChange = CHANGE, path: str = "cm.yaml") -> Any:
    return Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text, path)


def test_the_file_inside_is_patched_and_the_pods_need_a_restart() -> None:
    patch = rendered(SAMPLE)
    assert patch.patched == SAMPLE.replace("---\n", inside(ADDED, 4) + "---\n")
    assert patch.apply == "kubectl apply -f cm.yaml && kubectl rollout restart deployment/litellm"
    assert any("not live" in said for said in patch.warnings)


@pytest.mark.parametrize(("head", "indent", "tail", "apply"), [
    ("replicaCount: 1\nproxy_config:\n", 2, "resources: {}\n", "helm upgrade"),
    ("spec:\n  source:\n    helm:\n      valuesObject:\n        proxy_config:\n", 10,
     "    path: x\nkind: Application\n", "commit"),
    ("kind: Application\nspec:\n  source:\n    helm:\n      values: |\n        proxy_config:\n", 10, "  project: x\n",
     "commit"),
    ("configs:\n  litellm:\n    content: |\n", 6, "services:\n  litellm: {}\n", "docker compose"),
    ("services:\n  litellm:\n    command:\n    - |\n      cat > /tmp/c.yaml << 'EOF'\n", 6,
     "      EOF\n      exec litellm\n", "docker compose"),
    ("kind: Secret\nstringData:\n  proxy.yaml: |-\n", 4, "", "rollout restart"),
])
def test_wherever_it_is_inside(head: str, indent: int, tail: str, apply: str) -> None:
    text = head + inside(INNER, indent) + tail
    patch = rendered(text)
    assert patch.patched == head + inside(INNER + ADDED, indent) + tail
    assert patch.reverted == text
    assert apply in patch.apply
    assert rendered(patch.patched).diff == ""


def test_a_helm_template_around_it_stays_as_it_is() -> None:
    name = "name: {{ include \"x.fullname\" . }}\n  {{- if .Values.a }}"
    text = SAMPLE.replace("name: litellm-config", name).replace("spec: {}", "spec: {{ toYaml .Values.spec }}")
    assert rendered(text).patched == text.replace("---\n", inside(ADDED, 4) + "---\n")


def test_a_helm_template_inside_is_refused_with_what_to_do() -> None:
    loop = "      {{- range .Values.models }}\n      - model_name: x\n"
    text = SAMPLE.replace("      - model_name: smart-qwen\n", loop)
    assert Gateway().fits(text)
    with pytest.raises(PatchRefused, match=r"Helm template.*values"):
        rendered(text)


def test_every_file_inside_that_serves_the_workload_is_patched() -> None:
    text = SAMPLE + "---\nkind: ConfigMap\ndata:\n  config.yaml: |\n" + inside(INNER, 6)
    keys = {route.key for route in Gateway().inventory(text).routes}
    assert keys == {f"{mark}#model_list.{n}" for mark in ("data.config.yaml", "data.config.yaml(2)") for n in (0, 1)}
    patch = rendered(text)
    assert patch.patched.count("smart: smart-qwen") == 2
    assert patch.reverted == text


def test_one_that_serves_it_and_cannot_be_moved_refuses_all() -> None:
    text = SAMPLE + "---\nkind: ConfigMap\ndata:\n  b.yaml: |\n" + inside(INNER.replace("smart-qwen", "other"), 4)
    with pytest.raises(PatchRefused, match=r"data\.b\.yaml: 'smart-qwen' is no model group"):
        rendered(text)


def test_one_that_does_not_serve_it_is_passed_over() -> None:
    text = SAMPLE + "---\nkind: ConfigMap\ndata:\n  b.yaml: |\n" + inside(INNER.replace("smart", "else"), 4)
    assert rendered(text).patched == text.replace(
        "---\napiVersion: apps", inside(ADDED, 4) + "---\napiVersion: apps")


FLOW = (
    "model_list: [{model_name: smart, litellm_params: {model: anthropic/c}}, {model_name: smart-qwen, "
    "litellm_params: {model: dashscope/q}}]"
)


@pytest.mark.parametrize("text", [
    json.dumps({"kind": "ConfigMap", "data": {"config.yaml": INNER, "b": "x"}}, indent=2),
    f"kind: ConfigMap\ndata: {{config.yaml: {json.dumps(INNER)}}}\n",
    "kind: ConfigMap\r\ndata:\r\n  config.yaml: " + json.dumps(INNER).replace("\\n ", "\\n\\\r\n    \\ ") + "\r\n",
    f"kind: Secret\nstringData:\n  config.yaml: '{FLOW}'\n",
])
@pytest.mark.parametrize("strength", list(Strength))
def test_a_string_in_quotes_is_patched_within_its_quotes(text: str, strength: Strength) -> None:
    change, alone = replace(CHANGE, strength=strength), litellm.Gateway()
    patch = rendered(text, change)
    said, before = (next(part for part in YAML(typ="safe").load(one).values() if isinstance(part, dict))["config.yaml"]
                    for one in (patch.patched, text))
    assert said == alone.render(aimed(change, alone, before, load_catalogue()), before).patched
    assert patch.reverted == text
    assert rendered(patch.patched, change).diff == ""
    assert len(re.findall(r"(?m)^[-+](?![-+])", patch.diff)) <= 4


def test_a_fault_in_quotes_is_told_by_the_line_they_stand_in() -> None:
    faulty = INNER + "router_settings: {num_retries: banana}\n"
    text = SAMPLE.replace("|\n" + inside(INNER, 4), json.dumps(faulty) + "\n")
    assert [(one.where, "banana" in one.what) for one in Gateway().lint(text)] == [("line 7", True)]


def test_folded_strings_are_refused_with_what_to_do() -> None:
    with pytest.raises(PatchRefused, match=r"write it as a block \(config\.yaml: \|\)"):
        rendered(f"kind: ConfigMap\ndata:\n  config.yaml: >-\n    {FLOW}\n")


def test_a_script_that_writes_a_config_at_the_left_margin() -> None:
    text = f"#!/bin/sh\nset -e\ncat > c.yaml <<EOF\n{INNER}EOF\nexec litellm --config c.yaml\n"
    assert format_of(text)[0] == "configmap"
    assert rendered(text).patched == text.replace("EOF\nexec", f"{ADDED}EOF\nexec")


def test_plain_configs_are_not_claimed() -> None:
    assert not Gateway().fits(INNER)
    assert not Gateway().fits("kind: ConfigMap\ndata:\n  x: |\n    hello\n")
    assert Gateway().fits(SAMPLE)


def test_lint_counts_lines_of_the_outer_file() -> None:
    text = SAMPLE.replace("api_key: os.environ/ANTHROPIC_API_KEY", "api_key: 'sk-1234567890'")
    (fault,) = Gateway().lint(text)
    at = int(fault.where.removeprefix("line "))
    assert "model_name: smart " in text.splitlines()[at - 1]
    assert "written out" in fault.what


def test_a_demotion_goes_inside_too() -> None:
    text = SAMPLE.replace("model_name: smart-qwen", "model_name: smart-qwen   # second")
    change = replace(CHANGE, strength=Strength.DEMOTE)
    inner_text = INNER.replace("model_name: smart-qwen", "model_name: smart-qwen   # second")
    alone = litellm.Gateway().render(
        aimed(change, litellm.Gateway(), inner_text, load_catalogue()), inner_text)
    assert inside(alone.patched, 4) in rendered(text, change).patched


def test_whoever_says_kubernetes_may_mean_another_kind_of_manifest() -> None:
    text = (
        "kind: AIGatewayRoute\nmetadata: {name: llm}\nspec:\n  rules:\n"
        "    - matches: [{headers: [{name: x-ai-eg-model, value: smart}]}]\n"
        "      backendRefs:\n        - name: claude\n        - name: qwen\n          priority: 1\n")
    patch = rendered(text, replace(CHANGE, takes_over="qwen"))
    assert patch.gateway == "envoy_ai_gateway"
    assert "weight: 0" in patch.patched
    assert list(Gateway().lint(text)) == []
    assert not Gateway().fits(text)


PAIRED = """\
services:
  app:
    environment:
      OPENAI_BASE_URL: "https://api.openai.com/v1"   # main
      OPENAI_API_KEY: ${OPENAI_API_KEY}
      OPENAI_MODEL: gpt-4o
      QWEN_BASE_URL: https://dashscope.aliyuncs.com/compatible-mode/v1
      QWEN_API_KEY: ${QWEN_API_KEY}
      QWEN_MODEL: qwen-max
"""


def test_what_is_inside_is_told_with_its_format() -> None:
    assert isinstance(Gateway(), Holder)
    assert not isinstance(litellm.Gateway(), Holder)
    assert Gateway().inside(SAMPLE) == (("litellm", INNER),)
    route = "apiVersion: aigateway.envoyproxy.io/v1beta1\nkind: AIGatewayRoute\nspec: {rules: []}\n"
    assert Gateway().inside(route) == (("envoy_ai_gateway", route),)
    with pytest.raises(PatchRefused):
        Gateway().inside("a: 1\n")


def test_environment_pairs_of_a_compose_file_move_as_one_block() -> None:
    pytest.importorskip("alerts.gateways.dotenv", reason="the format dotenv is not here")
    change = replace(CHANGE, workload="OPENAI", leaves="openai", takes_over="QWEN")
    patch = rendered(PAIRED, change)
    moved = YAML(typ="safe", pure=True).load(patch.patched)["services"]["app"]["environment"]
    assert moved["OPENAI_BASE_URL"] == "https://dashscope.aliyuncs.com/compatible-mode/v1"
    assert moved["OPENAI_API_KEY"] == "${QWEN_API_KEY}"
    assert moved["OPENAI_MODEL"] == "qwen-max"
    assert patch.reverted == PAIRED
    assert rendered(patch.patched, change).diff == ""


def test_so_does_an_environment_written_as_a_list() -> None:
    pytest.importorskip("alerts.gateways.dotenv", reason="the format dotenv is not here")
    text = re.sub(r"(?m)^      (\w+): ([^\"\n]+)$", r"      - \1=\2", PAIRED).replace(
        '      OPENAI_BASE_URL: "https://api.openai.com/v1"', '      - "OPENAI_BASE_URL=https://api.openai.com/v1"')
    change = replace(CHANGE, workload="OPENAI", leaves="openai", takes_over="QWEN")
    patch = rendered(text, change)
    moved = YAML(typ="safe", pure=True).load(patch.patched)["services"]["app"]["environment"]
    assert moved[:3] == ["OPENAI_BASE_URL=https://dashscope.aliyuncs.com/compatible-mode/v1",
                         "OPENAI_API_KEY=${QWEN_API_KEY}", "OPENAI_MODEL=qwen-max"]
    assert patch.reverted == text
    assert rendered(patch.patched, change).diff == ""


def test_keys_do_not_move_by_name_in_a_configmap() -> None:
    pytest.importorskip("alerts.gateways.dotenv", reason="the format dotenv is not here")
    text = PAIRED.replace("services:\n  app:\n    environment:", "kind: ConfigMap\nspec:\n    data:")
    with pytest.raises(PatchRefused, match=r"does not expand \$\{…\}.*secretKeyRef"):
        rendered(text, replace(CHANGE, workload="OPENAI", leaves="openai", takes_over="QWEN"))


names = st.sampled_from(["config.yaml", "'proxy config.yaml'", "LITELLM_CONFIG"])


@settings(max_examples=40, deadline=None)
@given(names, st.integers(1, 6), st.sampled_from(["|", "|-", "|+", "| # c"]), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from(["", "\ufeff"]), st.sampled_from(["", "\n\n", "  z: 'ü'\n", "---\nkind: {{ x\n"]))
def test_generated_manifests(
        name: str, deep: int, mark: str, end: str, bom: str, tail: str) -> None:
    text = f"{bom}kind: ConfigMap\ndata:\n  {name}: {mark}\n{inside(INNER, 2 + deep)}{tail}".replace("\n", end)
    patch = rendered(text)
    assert patch.reverted == text
    assert patch.patched.replace(inside(ADDED, 2 + deep).replace("\n", end), "") == text
    assert rendered(patch.patched).diff == ""
    if "{{" not in tail:
        said: Any = YAML(typ="safe", pure=True).load(patch.patched)
        (held,) = (value for key, value in said["data"].items() if key != "z")
        alias = YAML(typ="safe", pure=True).load(held)["router_settings"]["model_group_alias"]
        assert alias == {"smart": "smart-qwen"}
