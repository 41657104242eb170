"""Higress's ai-proxy: one scalar moves it, a mapping is added where it lacks; keys stay out of every diff."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.gateways.higress import Gateway
from alerts.kube.kustomize import applied
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed

SAMPLE = """\
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata:
  name: ai-proxy
  namespace: higress-system
spec:
  defaultConfig:
    activeProviderId: claude-main   # who answers
    providers:
      - id: claude-main
        type: claude
        apiTokens: ["secret-a-1"]
        modelMapping:
          smart: claude-opus
      - id: qwen-main
        type: qwen
        apiTokens:
          - "secret-b-2"
        modelMapping:
          smart: qwen3-max
      - {id: kimi, type: moonshot, modelMapping: {"kimi-*": kimi-k2}}
      - {id: glm, type: zhipuai}
  url: oci://registry.example/ai-proxy:1
"""
WORKLOAD, TARGET = "smart", "qwen-main"
CHANGE = RoutingChange("vw-1", WORKLOAD, "anthropic", (), TARGET, Strength.EXCLUDE, "geo", "403")
NOTE = "  # vendorwatch:vw-1 revert: vendorwatch patch revert vw-1\n"
RULES = """\
  matchRules:
    - config: {activeProviderId: claude-main}
      ingress: [ai/one]
    - config: {activeProviderId: claude-main}
      service: [llm-claude.internal.dns]
"""


def rendered(text: str, change: RoutingChange = CHANGE) -> Any:
    return Gateway().render(aimed(change, Gateway(), text, load_catalogue()), text, "ai-proxy.yaml")


def load(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_one_scalar() -> None:
    patch = rendered(SAMPLE)
    assert patch.patched == SAMPLE.replace(
        "activeProviderId: claude-main   # who answers\n", f"activeProviderId: qwen-main   # who answers{NOTE}")
    assert patch.reverted == SAMPLE
    assert rendered(patch.patched).diff == ""
    assert "its key is sent to anthropic" in patch.warnings[0]


@pytest.mark.parametrize("target", ["qwen", "qwen-main/qwen3-max"])
def test_by_its_type_or_with_its_model(target: str) -> None:
    assert "activeProviderId: qwen-main" in rendered(SAMPLE, replace(CHANGE, takes_over=target)).patched


def test_a_model_that_is_not_mapped_gets_the_one_there_is() -> None:
    patch = rendered(SAMPLE, replace(CHANGE, takes_over="kimi"))
    assert 'modelMapping: {smart: kimi-k2, "kimi-*": kimi-k2}' in patch.patched
    assert patch.reverted == SAMPLE
    assert rendered(patch.patched, replace(CHANGE, takes_over="kimi")).diff == ""


def test_every_model_of_the_scope_moves_and_is_mapped() -> None:
    text = SAMPLE.replace("          smart: claude-opus\n", "          smart: claude-opus\n          'fast-*': haiku\n")
    patch = rendered(text, replace(CHANGE, takes_over="qwen-main"))
    assert load(patch.patched)["spec"]["defaultConfig"]["providers"][1]["modelMapping"] == {
        "smart": "qwen3-max", "fast-*": "qwen3-max"}
    assert any("these move too: fast-*" in said for said in patch.warnings)


def test_keys_written_out_stay_out_of_the_diff() -> None:
    text = SAMPLE.replace("          smart: qwen3-max\n", "          cheap: qwen3-max\n")
    patch = rendered(text)
    assert "smart: qwen3-max" in patch.diff
    assert "secret-" not in patch.diff
    assert "secret-" not in "".join(patch.files.values())
    assert "secret-" not in str(Gateway().inventory(text))


def test_a_rule_for_an_ingress_moves_alone() -> None:
    patch = rendered(SAMPLE + RULES.partition("    - config: {activeProviderId: claude-main}\n      service")[0],
                     replace(CHANGE, workload="one"))
    spec = load(patch.patched)["spec"]
    assert spec["defaultConfig"]["activeProviderId"] == "claude-main"
    assert spec["matchRules"][0]["config"]["activeProviderId"] == "qwen-main"


def test_demoted_is_excluded_and_says_so() -> None:
    assert any("not demoted" in said for said in rendered(SAMPLE, replace(CHANGE, strength=Strength.DEMOTE)).warnings)


def test_a_bare_config_of_the_plugin() -> None:
    text = (
        "providers:\n- {id: a, type: claude, modelMapping: {smart: x}}\n- {id: b, type: qwen, modelMapping: {'*': y}}\n"
        "activeProviderId: 'a'\n")
    patch = rendered(text, replace(CHANGE, takes_over="b"))
    assert patch.patched.endswith(f"activeProviderId: 'b'{NOTE}")
    assert patch.files == {}


@pytest.mark.parametrize(("text", "change", "why"), [
    (SAMPLE, replace(CHANGE, workload="nothing"), "'nothing' is no model or rule .* there are: ai-proxy, smart"),
    (SAMPLE, replace(CHANGE, takes_over="nobody"), "'nobody' is none of the providers here"),
    (SAMPLE, replace(CHANGE, takes_over="claude-main"), "leaves; choose another"),
    (SAMPLE, replace(CHANGE, takes_over="glm"), "maps no model for smart; name one as glm/MODEL"),
    (SAMPLE, replace(CHANGE, takes_over="glm/glm-4"), "glm has no modelMapping"),
    (SAMPLE, replace(CHANGE, takes_over="qwen-main/other"), "another model already"),
    (SAMPLE, replace(CHANGE, leaves="openai"), "leads neither to openai nor to 'qwen-main'"),
    (SAMPLE + RULES, replace(CHANGE, workload="llm-claude.internal.dns"), "send the AI route"),
    (SAMPLE.replace("    providers:", "    provider: {type: claude, modelMapping: {smart: x}}\n    providers:"), CHANGE,
     "written in place"),
    (SAMPLE.replace("id: kimi, type: moonshot", "id: kimi, type: qwen"), replace(CHANGE, takes_over="qwen"),
     "could be qwen-main or kimi"),
    (SAMPLE.replace("  defaultConfig:", "  defaultConfig: &a"), CHANGE, "anchor"),
    (SAMPLE.replace("spec:", "spec: ["), CHANGE, "line"),
    ("kind: Deployment\n", CHANGE, "no WasmPlugin"),
])
def test_refused_with_a_reason(text: str, change: RoutingChange, why: str) -> None:
    with pytest.raises(PatchRefused, match=why):
        rendered(text, change)


def test_the_overlay_says_the_same() -> None:
    patch = rendered(SAMPLE, replace(CHANGE, takes_over="kimi"))
    steps = [json.loads(line[2:]) for line in patch.files["vw-1.json6902.yaml"].splitlines()]
    back = [json.loads(line[2:]) for line in patch.files["vw-1.inverse.json6902.yaml"].splitlines()]
    assert applied(load(SAMPLE), steps) == load(patch.patched)
    assert applied(load(patch.patched), back) == load(SAMPLE)


@pytest.mark.parametrize(("text", "line", "what"), [
    (SAMPLE.replace("activeProviderId: claude-main", "activeProviderId: claude"), 8, "none of the providers"),
    (SAMPLE.replace("id: kimi", "id: glm"), 21, "stands twice; the first"),
    (SAMPLE.replace("type: zhipuai", "type: zhipuai, failover: {enabled: true}"), 22, "4.*"),
    (SAMPLE.replace("type: zhipuai", "type: zhipuai, type: qwen"), 22, "stands twice"),
])
def test_faults(text: str, line: int, what: str) -> None:
    assert any(one.where == f"line {line}" and what in one.what for one in Gateway().lint(text)), Gateway().lint(text)


def test_a_failover_with_its_own_list_is_sound() -> None:
    more = 'failover: {enabled: true, failoverOnStatus: ["401", "5.*"]}'
    assert list(Gateway().lint(SAMPLE.replace("type: zhipuai", f"type: zhipuai, {more}"))) == []


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(3)), st.booleans(), st.sampled_from(["'", '"', ""]), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from(["", "\ufeff"]), st.sampled_from(["", "   # ü"]))
def test_generated_configs(
        order: list[int], flow: bool, quote: str, end: str, bom: str, comment: str) -> None:
    rows = [("a", "claude", "smart: x"), ("b", "qwen", "'s*': y"), ("c", "moonshot", "other: z")]
    listed = "".join(
        f"    - {{id: {name}, type: {kind}, modelMapping: {{{said}}}}}{comment}\n" if flow else
        f"    - type: {kind}{comment}\n      id: {name}\n      modelMapping:\n        {said}\n"
        for name, kind, said in (rows[at] for at in order))
    text = bom + (
        f"kind: WasmPlugin\nspec:\n  defaultConfig:\n    providers:\n{listed}"
        f"    activeProviderId: {quote}a{quote}{comment}\n").replace("\n", end)
    for target in ("b", "c"):
        change = replace(CHANGE, takes_over=target)
        patch = rendered(text, change)
        assert patch.reverted == text
        assert f"activeProviderId: {quote}{target}{quote}{comment}{NOTE.rstrip()}{end}" in patch.patched
        assert rendered(patch.patched, change).diff == ""
        config = load(patch.patched)["spec"]["defaultConfig"]
        maps = {one["id"]: one["modelMapping"] for one in config["providers"]}
        assert maps == {"a": {"smart": "x"}, "b": {"s*": "y"},
                        "c": {"smart": "z", "other": "z"} if target == "c" else {"other": "z"}}
