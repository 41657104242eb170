"""Portkey configs: lists, weights, conditions and trees of them; no call reaches what leaves."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlaws import DEMOTE, EXCLUDE, JUNK, catalogue, lawful, lines, refused_or_lawful, said, written

from alerts.gateway import PatchRefused
from alerts.gateways.portkey import Gateway
from alerts.model import Strength
from monitor.owning import routes_of

SAMPLE = """\
{
  "strategy": {"mode": "fallback"},
  "retry": {"attempts": 2},
  "targets": [
    {"provider": "anthropic", "api_key": "{{ANTHROPIC_API_KEY}}", "override_params": {"model": "claude-sonnet-4"}},
    {"provider": "openai", "api_key": "{{OPENAI_API_KEY}}", "override_params": {"model": "gpt-4o"}},
    {"provider": "dashscope", "api_key": "{{DASHSCOPE_API_KEY}}", "override_params": {"model": "qwen3-max"}}
  ]
}
"""
WORKLOAD, TARGET, NOTED = "default", "dashscope", False
NAME = "portkey"
ANT, OAI, QWEN = ({"provider": "anthropic", "override_params": {"model": "claude"}},
                  {"provider": "openai", "override_params": {"model": "gpt-4o"}}, {"virtual_key": "qwen-prod"})


def group(mode: str, *targets: Any, **more: Any) -> dict[str, Any]:
    return {"strategy": {"mode": mode, **more}, "targets": list(targets)}


def text_of(config: Any) -> str:
    return json.dumps(config, indent=2) + "\n"


def moved(config: Any, target: str, strength: Strength = EXCLUDE, workload: str = "default") -> Any:
    return said(lawful(NAME, text_of(config), workload, "anthropic", target, strength).patched)


def test_what_leaves_is_taken_out_of_a_fallback_list_and_the_target_goes_first() -> None:
    patch = lawful(NAME, SAMPLE, "default", "claude", "dashscope")
    assert [one["provider"] for one in said(patch.patched)["targets"]] == ["dashscope", "openai"]
    assert lines(lawful(NAME, SAMPLE, "claude-sonnet-4", "claude", "openai")) == 1


def test_demoted_it_is_the_last() -> None:
    patch = lawful(NAME, SAMPLE, "default", "claude", "gpt-4o", DEMOTE)
    assert [one["provider"] for one in said(patch.patched)["targets"]] == ["openai", "dashscope", "anthropic"]
    assert len(patch.warnings) == 1         # that nobody has proven it


def test_a_weight_of_nought_is_never_called() -> None:
    before = group("loadbalance", {**ANT, "weight": 0.7}, {**OAI, "weight": 0}, QWEN)
    assert moved(before, "openai")["targets"] == [{**ANT, "weight": 0}, {**OAI, "weight": 1}, QWEN]
    patch = lawful(NAME, text_of(before), "default", "claude", "qwen-prod", DEMOTE)
    assert [one.get("weight") for one in said(patch.patched)["targets"]] == [0, 0, None]
    assert any("excluded, not demoted" in one for one in patch.warnings)
    assert lines(patch) == 2
    assert moved(group("loadbalance", ANT, QWEN), "qwen-prod")["targets"][0] == {**ANT, "weight": 0}


def test_single_takes_the_first() -> None:
    assert moved(group("single", ANT, OAI, QWEN), "qwen-prod")["targets"] == [QWEN, OAI, ANT]


def test_conditions_name_what_takes_over() -> None:
    before = group("conditional", {"name": "a", **ANT}, {"name": "q", **QWEN}, default="a",
                   conditions=[{"query": {"x": 1}, "then": "a"}, {"query": {"x": 2}, "then": "q"}])
    after = moved(before, "q")
    assert after["strategy"]["default"] == "q"
    assert [one["then"] for one in after["strategy"]["conditions"]] == ["q", "q"]
    assert after["targets"] == before["targets"]
    with pytest.raises(PatchRefused, match="give 'qwen-prod' a name"):
        moved(group("conditional", {"name": "a", **ANT}, QWEN, default="a"), "qwen-prod")


def test_trees_are_settled_inside_out() -> None:
    before = group("fallback", group("loadbalance", ANT, {**OAI, "weight": 2}), {"name": "g", **group("single",
        QWEN)}, ANT)
    after = moved(before, "g")
    assert after["targets"] == [
        {"name": "g", **group("single", QWEN)}, group("loadbalance", {**ANT, "weight": 0}, {**OAI, "weight": 2})]
    whole = group("loadbalance", group("fallback", ANT, ANT), group("fallback", OAI, QWEN))
    assert moved(whole, "openai")["targets"][0] == {**group("fallback", ANT, ANT), "weight": 0}


def test_one_of_several_configs_of_a_file() -> None:
    both = {"chat": group("fallback", ANT, OAI), "batch": group("fallback", ANT, QWEN)}
    assert moved(both, "openai", workload="chat") == {**both, "chat": group("fallback", OAI)}
    for workload, target in (("default", "openai"), ("chat", "qwen-prod")):
        with pytest.raises(PatchRefused, match=r"say which|no target of this workload"):
            moved(both, target, workload=workload)
    named = [{"name": "chat", "config": group("fallback", ANT, OAI)}]
    assert moved(named, "openai", workload="chat")[0]["config"]["targets"] == [OAI]


@pytest.mark.parametrize(("move", "because"), [
    (("default", "claude", "mistral"), "no target"), (("default", "claude", "anthropic"), "itself"),
    (("no-such-app", "claude", "openai"), "no config")])
def test_what_leads_nowhere_is_refused(move: tuple[str, str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        lawful(NAME, SAMPLE, *move)
    with pytest.raises(PatchRefused, match="nothing to move"):
        lawful(NAME, text_of(group("single", QWEN, OAI)), "default", "claude", "openai")


def test_a_list_that_starts_elsewhere_is_not_moved_already() -> None:
    two = text_of(group("fallback", {"provider": "groq"}, {"provider": "openai"}))
    with pytest.raises(PatchRefused, match="nor first to openai, but to groq"):
        lawful(NAME, two, "default", "mistral", "openai")
    slugs = group("fallback", {"provider": "@team", "override_params": {"model": "gpt-5"}}, {"provider": "anthropic"})
    assert said(lawful(NAME, text_of(slugs), "default", "openai", "anthropic").patched)["targets"] == [
        {"provider": "anthropic"}]


def test_keys_written_out_are_shown_nowhere() -> None:
    text = SAMPLE.replace("{{OPENAI_API_KEY}}", "sk-canary0123456789")
    assert "canary" not in str(Gateway().inventory(text))
    with pytest.raises(PatchRefused, match=r"a changed line \(line \d+\) holds a literal secret") as refusal:
        lawful(NAME, text.replace("{{ANTHROPIC_API_KEY}}", "sk-canary0123456789"), "default", "claude", "openai")
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize(("config", "what"), [
    (group("fallback", ANT, on_status_codes=[429, 500]), "401, 403, 404"), (group("fallback"), "empty"),
    (group("fallbck", ANT), "none of"), (group("load-balance", ANT), "none of"), (group("loadbalance", {**ANT,
        "weight": 0}), "every weight"),
    (group("loadbalance", {**ANT, "weight": "0.5"}), "no number"), (group("single", {"weight": 1}), "without provider"),
    (group("conditional", {"name": "a", **ANT}, default="b"), "'b'")])
def test_lint_finds_what_hands_errors_to_the_user(config: Any, what: str) -> None:
    assert any(what in one.what for one in Gateway().lint(text_of(config)))


def test_lint_is_silent_on_sound_configs() -> None:
    sound = group("fallback", ANT, group("loadbalance", OAI, QWEN), on_status_codes=[401, 403, 404, 429, 500])
    assert Gateway().lint(text_of(sound)) == ()
    assert Gateway().lint(SAMPLE + "// x") != ()


leaf = st.sampled_from([ANT, OAI, QWEN])


def weighted(one: Any) -> Any:
    return st.one_of(st.just(one), st.sampled_from([0, 1, 0.3]).map(lambda weight: {**one, "weight": weight}))


tree = st.recursive(leaf, lambda inner: st.builds(
    lambda mode, targets: group(mode, *targets), st.sampled_from(["fallback", "loadbalance", "single"]),
    st.lists(inner.flatmap(weighted), min_size=1, max_size=3)), max_leaves=6)


def test_one_target_has_nobody_to_take_over() -> None:
    assert not Gateway().lint('{"provider": "openai", "api_key": "x"}')
    with pytest.raises(PatchRefused, match="add it to targets first"):
        lawful(NAME, '{"provider": "openai", "api_key": "x"}', "default", "openai", "anthropic")


def test_a_branch_without_the_target_says_who_takes_over_there() -> None:
    first = group("fallback", {"provider": "anthropic"}, {"provider": "bedrock"})
    second = group("fallback", {"provider": "openai"}, {"provider": "azure-openai"})
    config = {"strategy": {"mode": "conditional", "conditions": [{"query": {}, "then": "a"}], "default": "b"},
              "targets": [{"name": "a", **first}, {"name": "b", **second}]}
    patch = lawful(NAME, json.dumps(config, indent=1), "default", "openai", "bedrock")      # asks twice
    assert "bedrock is no target beside openai: there azure-openai takes over" in patch.warnings


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.lists(tree, min_size=1, max_size=3), st.sampled_from(["fallback", "single"]))
def test_no_call_reaches_what_leaves(data: st.DataObject, targets: list[Any], mode: str) -> None:
    text = data.draw(written(group(mode, *targets, OAI)))
    try:
        patch = lawful(NAME, text, "default", "anthropic", "openai")
    except PatchRefused as refusal:
        if "weight 0" in str(refusal) or "nothing to move" in str(refusal):
            return
        raise
    after = Gateway().inventory(patch.patched)
    gone = set(routes_of(after, "anthropic", catalogue()))
    assert not gone & set(after.workloads["default"])
    assert after.workloads["default"]
    demoted = lawful(NAME, text, "default", "anthropic", "openai", DEMOTE)
    assert sorted(map(repr, leaves(said(demoted.patched)))) == sorted(map(repr, leaves(said(text))))


def leaves(config: Any) -> list[Any]:
    if "targets" not in config:
        return [{key: value for key, value in config.items() if key != "weight"}]
    return [one for target in config["targets"] for one in leaves(target)]


@settings(max_examples=80, deadline=None)
@given(JUNK)
def test_junk_is_refused(text: str) -> None:
    assert not refused_or_lawful(NAME, text, "default", "claude", "openai")
    assert Gateway().lint(text)
    assert Gateway().fits(text) is False
