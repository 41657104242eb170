"""Bifrost: a rule in front of all others, narrower rules edited in place."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlaws import DEMOTE, JUNK, catalogue, lawful, lines, refused_or_lawful, said, written

from alerts.gateway import PatchRefused
from alerts.gateways.bifrost import Gateway
from alerts.model import Strength
from monitor.owning import routes_of

SAMPLE = """\
{
  "providers": {
    "anthropic": {
      "keys": [{"name": "a", "value": "env.ANTHROPIC_API_KEY", "weight": 1,
                "models": ["claude-sonnet-4", "claude-haiku-4"]}]
    },
    "openai": {
      "keys": [{"name": "o", "value": "env.OPENAI_API_KEY", "models": ["gpt-4o"], "weight": 1}]
    },
    "deepseek": {
      "keys": [{"name": "d", "value": "env.DEEPSEEK_API_KEY", "models": ["*"], "weight": 1}]
    }
  }
}
"""
WORKLOAD, TARGET = "anthropic/claude-sonnet-4", "openai/gpt-4o"     # the rule's description is the note
NAME = "bifrost"


def rules(text: str) -> list[Any]:
    return list(said(text)["governance"]["routing_rules"])


def ruled(*listed: Any) -> str:
    return json.dumps({**said(SAMPLE), "governance": {"routing_rules": listed}}, indent=2)


def rule(name: str, *targets: tuple[str, str], **more: Any) -> dict[str, Any]:
    hops = [{"provider": provider, "model": model, "weight": 1 / len(targets)} for provider, model in targets]
    return {"name": name, "cel_expression": "true", "targets": hops, "scope": "global", "priority": 0, **more}


@pytest.mark.parametrize(("workload", "cel"), [
    ("anthropic/claude-sonnet-4", "provider == 'anthropic' && model == 'claude-sonnet-4'"),
    ("claude-sonnet-4", "provider == 'anthropic' && model == 'claude-sonnet-4'"), ("anthropic",
        "provider == 'anthropic'"),
    ("all", "provider == 'anthropic'"), ("default", "provider == 'anthropic'")])
def test_one_rule_for_what_is_asked(workload: str, cel: str) -> None:
    patch = lawful(NAME, SAMPLE, workload, "claude", "openai/gpt-4o")
    (made,) = rules(patch.patched)
    assert made["cel_expression"] == cel
    assert made["targets"] == [{"provider": "openai", "model": "gpt-4o", "weight": 1}]
    assert (made["fallbacks"], made["priority"], made["enabled"]) == ([], 0, True)
    assert "patch revert" in made["description"]
    assert lines(patch) == 3
    assert Gateway().lint(patch.patched) == ()


def test_demoted_it_is_the_fallback() -> None:
    (made,) = rules(lawful(NAME, SAMPLE, "claude-sonnet-4", "claude", "openai", DEMOTE).patched)
    assert made["fallbacks"] == ["anthropic/claude-sonnet-4"]


def test_it_goes_before_the_others_and_is_switched_on_again() -> None:
    text = ruled(rule("r", ("anthropic", "claude-sonnet-4")))
    patch = lawful(NAME, text, "anthropic", "claude", "deepseek/deepseek-chat")
    assert [one["priority"] for one in rules(patch.patched)] == [-1, 0]
    off = patch.patched.replace('"enabled": true', '"enabled": false')
    assert rules(lawful(NAME, off, "anthropic", "claude", "deepseek/deepseek-chat").patched)[0]["enabled"] is True


def test_a_provider_that_takes_any_model() -> None:
    patch = lawful(NAME, SAMPLE, "anthropic", "claude", "deepseek")
    assert rules(patch.patched)[0]["targets"] == [{"provider": "deepseek", "weight": 1}]
    assert any("say deepseek/MODEL" in one for one in patch.warnings)
    other = lawful(NAME, SAMPLE, "deepseek-r1", "deepseek", "openai/gpt-4o")
    assert rules(other.patched)[0]["cel_expression"] == "provider == 'deepseek' && model == 'deepseek-r1'"


def test_a_rule_by_its_name_and_rules_of_a_narrower_scope_are_edited_in_place() -> None:
    narrow = rule("team", ("anthropic", "claude-sonnet-4"), ("openai", "gpt-4o"), scope="team", scope_id="t",
                  fallbacks=["anthropic/claude-haiku-4", "deepseek/x"])
    for workload in ("team", "anthropic"):
        after = rules(lawful(NAME, ruled(narrow), workload, "claude", "deepseek/x").patched)[-1]
        assert [one["provider"] for one in after["targets"]] == ["deepseek", "openai"]
        assert after["fallbacks"] == ["deepseek/x"]
    last = rules(lawful(NAME, ruled(narrow), "team", "claude", "deepseek/x", DEMOTE).patched)[0]
    assert last["fallbacks"] == ["deepseek/x", "anthropic/claude-haiku-4", "anthropic/claude-sonnet-4"]
    other = rule("other", ("anthropic", "claude-haiku-4"), cel_expression="model == 'claude-haiku-4'", scope="team")
    assert rules(lawful(NAME, ruled(other), "claude-sonnet-4", "claude", "deepseek/x").patched)[-1] == other


def test_a_virtual_key_is_a_boundary_that_is_told() -> None:
    text = json.dumps({**said(SAMPLE), "config_store": {"enabled": True}, "governance": {
        "virtual_keys": [{"name": "team", "provider_configs": [{"provider": "anthropic"}]}]}})
    said_so = " ".join(lawful(NAME, text, "anthropic", "claude", "openai/gpt-4o").warnings)
    assert "virtual key team does not allow openai" in said_so
    assert "config_store" in said_so


@pytest.mark.parametrize(("move", "because"), [
    (("anthropic", "claude", "mistral/large"), "no provider/model"), (("anthropic", "claude", "claude-haiku-4"),
        "itself"),
    (("smartest", "claude", "openai"), "no provider/model, no rule"), (("openai", "claude", "deepseek/x"),
        "nothing to move")])
def test_what_leads_nowhere_is_refused(move: tuple[str, str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        lawful(NAME, SAMPLE, *move)


def test_lint_finds_what_bifrost_skips() -> None:
    text = ruled(rule("a", ("nobody", "x"), cel_expression="model = 'x'"), rule("b"), rule(
        "c", ("openai", "gpt-4o"), scope="team"), {**rule("d", ("openai", "gpt-4o")), "targets": [{"weight": 0.4}]})
    found = " ".join(one.what for one in Gateway().lint(text))
    for word in ("no CEL", "leads to nobody", "b has no targets", "names no scope_id", "do not sum to 1"):
        assert word in found
    keyed = json.dumps({**said(SAMPLE), "governance": {"virtual_keys": [{"provider_configs": [{"provider": "gone"}]}]}})
    assert any("allows gone" in one.what for one in Gateway().lint(keyed))


hop = st.sampled_from([("anthropic", "claude-sonnet-4"), ("openai", "gpt-4o"), ("deepseek", "x")])
listed_rules = st.lists(st.builds(
    lambda targets, backs, scope, cel, priority: rule(
        f"r{priority}", *targets, fallbacks=["/".join(one) for one in backs], scope=scope, cel_expression=cel,
        priority=priority, **({"scope_id": "s"} if scope != "global" else {})),
    st.lists(hop, min_size=1, max_size=2), st.lists(hop, max_size=2), st.sampled_from(["global", "team",
        "virtual_key"]),
    st.sampled_from(["true", "model == 'claude-sonnet-4'", "headers['a'] == 'b'"]), st.integers(0, 5)), max_size=3)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), listed_rules)
def test_no_rule_leads_there_any_more(data: st.DataObject, listed: list[Any]) -> None:
    config = {**said(SAMPLE), "governance": {"routing_rules": listed}}
    text = data.draw(written(config, extended=False))
    try:
        patch = lawful(NAME, text, "claude-sonnet-4", "anthropic", "openai/gpt-4o")
    except PatchRefused as refusal:
        if "nothing to move" in str(refusal):
            return
        raise
    found = Gateway().inventory(patch.patched)
    gone = set(routes_of(found, "anthropic", catalogue()))
    assert not gone & set(found.workloads["anthropic/claude-sonnet-4"])
    for one in rules(patch.patched):
        if one["scope"] != "global":
            assert all(target["provider"] != "anthropic" for target in one["targets"])
    lawful(NAME, text, "claude-sonnet-4", "anthropic", "openai/gpt-4o", Strength.DEMOTE)


@settings(max_examples=80, deadline=None)
@given(JUNK)
def test_junk_is_refused(text: str) -> None:
    assert not refused_or_lawful(NAME, text, "default", "claude", "openai")
    assert Gateway().lint(text)
    assert Gateway().fits(text) is False
