"""A provider written in place stays where it is: the names that its rule holds for go to another rule, and back."""

from dataclasses import replace
from typing import Any

import pytest
from ruamel.yaml import YAML

from alerts.gateway import PatchRefused
from alerts.gateways.higress import Gateway
from alerts.kube.kustomize import applied
from alerts.model import RoutingChange, Strength
from monitor.catalogue import load_catalogue
from monitor.formats import aimed

TEXT = """\
apiVersion: extensions.higress.io/v1alpha1
kind: WasmPlugin
metadata: {name: ai-proxy}
spec:
  defaultConfig:
    provider: {type: moonshot, apiTokens: [secret-k], modelMapping: {"*": kimi-x}}
  matchRules:
    - config:
        provider:
          type: claude
          apiTokens: [secret-a]
          modelMapping: {smart: claude-x}
      ingress:
        - shop/chat
        - shop/mail   # of the office
      domain: [a.example]
    - config:
        provider: {type: qwen, apiTokens: [secret-b], modelMapping: {"*": qwen-x}}
      ingress: [shop/other]
    - config:
        provider: {type: claude, apiTokens: [secret-c]}
      domain:
        - b.example
    - config: {provider: {type: zhipuai, modelMapping: {big: glm-x}}}
      domain: [c.example]
"""
CHANGE = RoutingChange("vw-1", "chat", "anthropic", (), "shop/other", Strength.EXCLUDE, "geo", "403")


def rules(text: str, change: RoutingChange) -> tuple[Any, list[str]]:
    """The rules after the move; the changed lines. The move is checked to go back, to stay, and to be the overlay's."""
    form, catalogue = Gateway(), load_catalogue()
    patch = form.render(aimed(change, form, text, catalogue), text)
    assert patch.reverted == text
    assert form.render(aimed(change, form, patch.patched, catalogue), patch.patched).diff == ""
    assert "secret" not in patch.diff
    operations = YAML(typ="safe").load(next(said for name, said in patch.files.items() if name.endswith("6902.yaml")))
    assert applied(YAML(typ="safe").load(text), operations) == YAML(typ="safe").load(patch.patched)
    changed = [line for line in patch.diff.splitlines()[2:] if line[0] in "+-"]
    return YAML(typ="safe").load(patch.patched)["spec"]["matchRules"], changed


def test_one_of_several_names_leaves_the_rule() -> None:
    made, changed = rules(TEXT, CHANGE)
    assert (made[0]["ingress"], made[1]["ingress"]) == (["shop/mail"], ["shop/other", "shop/chat"])
    assert "configDisable" not in made[0]
    assert len(changed) <= 5


@pytest.mark.parametrize(("target", "received"), [
    ("qwen", {"ingress": ["shop/other"], "domain": ["b.example"]}),
    ("c.example/", {"domain": ["c.example", "b.example"]}),
])
def test_the_last_name_leaves_a_rule_that_is_passed_over(target: str, received: dict[str, list[str]]) -> None:
    made, changed = rules(TEXT, replace(CHANGE, workload="b.example", takes_over=target))
    assert made[2]["configDisable"] is True
    assert made[2]["domain"] == ["b.example"]
    assert received in [{key: rule[key] for key in ("ingress", "domain") if key in rule} for rule in made]
    assert len(changed) <= 3


def test_a_rule_that_was_switched_on_is_switched_off_and_the_rest_goes_by_default() -> None:
    text = TEXT.replace("        - b.example\n", "        - b.example\n      configDisable: false\n")
    made, changed = rules(text, replace(CHANGE, workload="b.example", takes_over="moonshot"))
    assert made[2]["configDisable"] is True
    assert len(changed) == 2
    assert rules(TEXT, replace(CHANGE, takes_over="moonshot"))[0][0]["ingress"] == ["shop/mail"]


@pytest.mark.parametrize(("text", "change", "why"), [
    (TEXT, replace(CHANGE, takes_over="nobody"), r"'nobody' is no other rule's here \(there are: ai-proxy, shop/other"),
    (TEXT, replace(CHANGE, takes_over="b.example"), "leaves; choose another"),
    (TEXT, replace(CHANGE, takes_over="c.example"), "maps no such model for smart; add it"),
    (TEXT, replace(CHANGE, takes_over="qwen/other"), "maps no such model for smart"),
    (TEXT, replace(CHANGE, workload="smart"), "holds for shop/chat, .*name one of them"),
    (TEXT, replace(CHANGE, workload="ai-proxy", leaves="moonshot"), "list it under providers"),
    (TEXT.replace("type: zhipuai", "type: qwen"), replace(CHANGE, takes_over="qwen"), "be shop/other or c.example"),
    (TEXT[:TEXT.index("    - config:\n        provider: {type: qwen")].replace("  defaultConfig:\n    provider", "  x"),
     CHANGE, "this file has no other"),
    (TEXT.replace("      domain:\n        - b.example\n", "      domain: [b.example]\n").replace(
        "    - config:\n        provider: {type: claude, apiTokens: [secret-c]}\n      domain: [b.example]\n",
        "    - {config: {provider: {type: claude}}, domain: [b.example]}\n"),
     replace(CHANGE, workload="b.example", takes_over="moonshot"), "written in a way not handled"),
])
def test_refused_with_a_reason(text: str, change: RoutingChange, why: str) -> None:
    with pytest.raises(PatchRefused, match=why):
        rules(text, change)


def test_a_service_is_not_handed_over_to() -> None:
    text = TEXT.replace("      ingress: [shop/other]", "      ingress: [shop/other]\n      service: [llm-qwen.dns]")
    with pytest.raises(PatchRefused, match="is no other rule's here"):
        rules(text, CHANGE)
