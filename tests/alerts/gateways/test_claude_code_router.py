"""claude-code-router v1: one scalar a slot, in a JSON5 file that keeps its comments."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlaws import DEMOTE, EXCLUDE, JUNK, catalogue, lawful, lines, refused_or_lawful, said, written

from alerts.gateway import PatchRefused
from alerts.gateways.claude_code_router import Gateway
from alerts.model import Strength
from monitor.owning import vendor_of

SAMPLE = """\
{
  // where Claude Code's requests go
  "APIKEY": "$CCR_KEY",
  "Providers": [
    {"name": "anthropic", "api_base_url": "https://api.anthropic.com/v1/messages", "api_key": "$ANTHROPIC_API_KEY",
     "models": ["claude-sonnet-4", "claude-haiku-4"]},
    {"name": "qwen", "api_base_url": "https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions",
     "api_key": "$DASHSCOPE_API_KEY", "models": ["qwen3-max", "qwen3-flash",]},
    {"name": "ollama", "api_base_url": "http://localhost:11434/v1/chat/completions", "models": ["gemma3:12b"]},
  ],
  "Router": {
    "default": "anthropic,claude-sonnet-4", // the main one
    "background": "ollama,gemma3:12b",
    "think": "anthropic,claude-sonnet-4",
    "longContext": "qwen,qwen3-max",
    "longContextThreshold": 60000
  }
}
"""
WORKLOAD, TARGET = "default", "qwen,qwen3-max"
NAME = "ccr"


def router(text: str) -> dict[str, Any]:
    return dict(said(text)["Router"])


@pytest.mark.parametrize("target", ["qwen,qwen3-max", "qwen/qwen3-max", "QWEN, qwen3-max", "qwen3-max", "qwen"])
def test_one_slot_by_whatever_natural_name(target: str) -> None:
    patch = lawful(NAME, SAMPLE, "default", "claude", target)
    assert router(patch.patched) == {**router(SAMPLE), "default": "qwen,qwen3-max"}
    assert lines(patch) == 2
    assert '"qwen,qwen3-max" /* vendorwatch:' in patch.patched
    assert "// the main one" in patch.patched
    assert any("slot think" in one for one in patch.warnings)
    assert "restart" in patch.apply


@pytest.mark.parametrize(("workload", "slots"), [
    ("all", {"default", "think"}), ("claude-sonnet-4", {"default", "think"}), ("anthropic", {"default", "think"}),
    ("anthropic,claude-sonnet-4", {"default", "think"}), ("claude-opus-4-5", {"default"}), ("Think", {"think"})])
def test_the_slots_that_a_word_means(workload: str, slots: set[str]) -> None:
    before, after = router(SAMPLE), router(lawful(NAME, SAMPLE, workload, "anthropic", "qwen,qwen3-flash").patched)
    assert {slot for slot in before if before[slot] != after[slot]} == slots


def test_a_slot_that_is_not_set_goes_where_default_goes() -> None:
    patch = lawful(NAME, SAMPLE, "webSearch", "anthropic", "qwen,qwen3-max")
    assert router(patch.patched)["webSearch"] == "qwen,qwen3-max"
    assert router(patch.patched)["default"] == "anthropic,claude-sonnet-4"


def test_strict_files_stay_strict_and_get_no_note() -> None:
    text = json.dumps({
        "Providers": [{"name": "a", "api_base_url": "https://api.anthropic.com", "models": ["m"]},
                      {"name": "deepseek", "api_base_url": "https://api.deepseek.com", "models": ["d"]}],
        "Router": {"default": "a,m"}})
    patch = lawful(NAME, text, "default", "anthropic", "deepseek,d")
    assert patch.patched == text.replace('"a,m"', '"deepseek,d"')


def test_fallback_lists_exclude_or_keep_last() -> None:
    text = SAMPLE.rstrip().removesuffix("}").rstrip() + (
        ',\n  "fallback": {"default": ["anthropic,claude-haiku-4", "ollama,gemma3:12b"]}\n}\n')
    out = said(lawful(NAME, text, "default", "claude", "qwen", EXCLUDE).patched)
    assert out["fallback"]["default"] == ["ollama,gemma3:12b"]
    last = said(lawful(NAME, text, "default", "claude", "qwen", DEMOTE).patched)
    assert last["fallback"]["default"] == [
        "ollama,gemma3:12b", "anthropic,claude-haiku-4", "anthropic,claude-sonnet-4"]
    assert any("no failover" in one for one in lawful(NAME, SAMPLE, "default", "claude", "qwen", DEMOTE).warnings)


@pytest.mark.parametrize(("move", "because"), [
    (("default", "claude", "kimi,k2"), "no provider,model"), (("default", "claude", "claude-haiku-4"), "itself"),
    (("smart", "claude", "qwen"), "neither a slot"), (("background", "claude", "qwen"), "nothing to move"),
    (("longContext", "claude", "ollama,gemma3:12b"), "nothing to move")])
def test_what_leads_nowhere_is_refused(move: tuple[str, str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        lawful(NAME, SAMPLE, *move)


def test_a_model_that_two_providers_have_must_be_told_apart() -> None:
    text = SAMPLE.replace('"models": ["gemma3:12b"]', '"models": ["gemma3:12b", "qwen3-max"]')
    with pytest.raises(PatchRefused, match="qwen,qwen3-max, ollama,qwen3-max; say which"):
        lawful(NAME, text, "default", "claude", "qwen3-max")


def test_inventory_names_variables_never_keys() -> None:
    text = SAMPLE.replace("$ANTHROPIC_API_KEY", "sk-ant-canary0123456789")
    found = Gateway().inventory(text)
    assert "canary" not in str(found)
    assert found.routes[2].key_name == "DASHSCOPE_API_KEY"
    assert vendor_of(found.routes[0], catalogue()) == "anthropic"
    assert found.workloads["longContext"] == ("Providers.1.models.0",)
    assert "canary" not in lawful(NAME, text, "default", "claude", "qwen").diff


def test_lint_finds_what_the_router_finds_at_the_first_request() -> None:
    text = SAMPLE.replace('"default": "anthropic,claude-sonnet-4"', '"defualt": "anthropic,claude-2"').replace(
        "60000", '"many"').replace('"name": "ollama", ', "")
    found = " ".join(one.what for one in Gateway().lint(text))
    for word in ("Router.default names no route", "anthropic,claude-2, which no provider lists", "is no number",
                 "needs name"):
        assert word in found
    assert Gateway().lint(SAMPLE) == ()


names = st.sampled_from(["anthropic", "qwen", "ollama"])
ROUTES = {"anthropic": "claude-sonnet-4", "qwen": "qwen3-max", "ollama": "gemma3:12b"}
HOSTS = {"anthropic": "https://api.anthropic.com/v1", "qwen": "https://dashscope.aliyuncs.com/v1", "ollama": "http://x:1"}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.dictionaries(st.sampled_from(["default", "think", "background", "image"]), names, min_size=1),
       st.sampled_from(list(Strength)))
def test_any_config_moves_as_meant(data: st.DataObject, slots: dict[str, str], strength: Strength) -> None:
    config = {
        "LOG": True, "Providers": [
            {"name": one, "api_base_url": HOSTS[one], "api_key": "$K", "models": [ROUTES[one]]} for one in HOSTS],
        "Router": {slot: f"{one},{ROUTES[one]}" for slot, one in slots.items()}}
    text = data.draw(written(config))
    patch = lawful(NAME, text, "all", "anthropic", "qwen", strength) if set(slots.values()) & {"anthropic"} else None
    if patch is None:
        return
    for slot, one in slots.items():
        config["Router"][slot] = f"qwen,{ROUTES['qwen']}" if one == "anthropic" else f"{one},{ROUTES[one]}"  # type: ignore[index]
    assert said(patch.patched) == config
    assert lines(patch) <= 2 * len(slots) or "\n" not in text.strip()


@settings(max_examples=80, deadline=None)
@given(JUNK)
def test_junk_is_refused(text: str) -> None:
    assert not refused_or_lawful(NAME, text, "default", "claude", "qwen")
    assert Gateway().lint(text)
    assert Gateway().fits(text) is False


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(SAMPLE)), st.text(alphabet="{}[],:\"'/*\\ \n1a", max_size=4))
def test_damaged_texts_are_refused_or_patched_lawfully(at: int, junk: str) -> None:
    refused_or_lawful(NAME, SAMPLE[:at] + junk + SAMPLE[at:], "default", "claude", "qwen")


def test_a_route_that_only_a_slot_named_is_gone_after_the_move() -> None:
    text = SAMPLE.replace('"ollama,gemma3:12b",', '"ghost,gone-1",')
    patch = lawful(NAME, text, "ghost,gone-1", "ghost", "qwen,qwen3-max")       # asks twice
    assert router(patch.patched)["background"] == "qwen,qwen3-max"


@pytest.mark.parametrize(("listed", "after"), [
    (["anthropic,claude-sonnet-4"], ["qwen,qwen3-flash"]),
    (["qwen,qwen3-flash", "anthropic,claude-sonnet-4"], ["qwen,qwen3-flash"])])
def test_a_vendor_that_is_but_a_fallback_leaves_the_fallbacks(listed: list[str], after: list[str]) -> None:
    text = json.dumps({**said(SAMPLE), "fallback": {"longContext": listed}}, indent=1)
    patch = lawful(NAME, text, "longContext", "claude", "qwen,qwen3-flash", EXCLUDE)     # asks twice
    assert said(patch.patched)["fallback"] == {"longContext": after}
    assert router(patch.patched) == router(text)
