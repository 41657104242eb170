"""Claude Code settings: base URL, key reference and every model slot move together, or nothing does."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlaws import DEMOTE, EXCLUDE, JUNK, lawful, lines, refused_or_lawful, said, written

from alerts.gateway import PatchRefused
from alerts.gateways.claude_code import Gateway

SAMPLE = """\
{
  "apiKeyHelper": "printenv ANTHROPIC_API_KEY",
  "env": {
    "ANTHROPIC_BASE_URL": "https://api.anthropic.com",
    "ANTHROPIC_MODEL": "claude-sonnet-4-5",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4-5",
    "KIMI_BASE_URL": "https://api.moonshot.cn/anthropic",
    "KIMI_MODEL": "kimi-k2",
    "KIMI_SMALL_FAST_MODEL": "kimi-k2-turbo"
  },
  "permissions": {"allow": ["Read"]}
}
"""
WORKLOAD, TARGET, NOTED = "claude-code", "KIMI", False
NAME = "claude_code"
KIMI = {"ANTHROPIC_BASE_URL": "https://api.moonshot.cn/anthropic", "ANTHROPIC_MODEL": "kimi-k2"}


def moved(config: Any, target: str, workload: str = "claude-code", vendor: str = "anthropic") -> Any:
    return said(lawful(NAME, json.dumps(config, indent=2), workload, vendor, target, EXCLUDE).patched)


@pytest.mark.parametrize("workload", ["claude-code", "default", "claude-sonnet-4-5", "opus", "claude-3-opus",
    "ANTHROPIC_MODEL"])
@pytest.mark.parametrize("target", ["KIMI", "kimi", "kimi-k2", "KIMI_BASE_URL", "KIMI_API_KEY"])
def test_base_key_and_every_model_move_together(workload: str, target: str) -> None:
    patch = lawful(NAME, SAMPLE, workload, "claude", target)
    after = said(patch.patched)
    assert after["apiKeyHelper"] == "printenv KIMI_API_KEY"
    assert after["env"] == {**said(SAMPLE)["env"], **KIMI, "ANTHROPIC_DEFAULT_HAIKU_MODEL": "kimi-k2-turbo"}
    assert lines(patch) == 8


def test_what_is_not_set_is_set_so_that_no_claude_model_is_asked_for() -> None:
    bare = {"model": "opus", "env": {"KIMI_BASE_URL": KIMI["ANTHROPIC_BASE_URL"], "KIMI_MODEL": "kimi-k2"}, "hooks": {}}
    after = moved(bare, "kimi")
    assert after["env"] == {**bare["env"], "ANTHROPIC_BASE_URL": KIMI["ANTHROPIC_BASE_URL"],   # type: ignore[dict-item]
                            "ANTHROPIC_DEFAULT_HAIKU_MODEL": "kimi-k2"}
    assert (after["model"], after["apiKeyHelper"]) == ("kimi-k2", "printenv KIMI_API_KEY")
    slotted = {**bare, "env": {**bare["env"],
        "ANTHROPIC_DEFAULT_OPUS_MODEL": "claude-opus"}}   # type: ignore[dict-item]
    assert moved(slotted, "kimi")["model"] == "opus"
    patch = lawful(NAME, json.dumps(bare), "default", "claude", "kimi", DEMOTE)
    assert any("no failover" in one for one in patch.warnings)
    assert any("unset ANTHROPIC_AUTH_TOKEN" in one for one in patch.warnings)


def test_a_reference_keeps_its_form() -> None:
    config = {"env": {"ANTHROPIC_AUTH_TOKEN": "${ANT_KEY}", "KIMI_BASE_URL": "https://api.moonshot.cn/anthropic",
                      "KIMI_MODEL": "k", "ANTHROPIC_MODEL": "claude"}}
    assert moved(config, "kimi")["env"]["ANTHROPIC_AUTH_TOKEN"] == "${KIMI_API_KEY}"


def test_profiles_of_the_same_file() -> None:
    config = {"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_MODEL": "us.anthropic.claude"},
              "profiles": {"kimi": {"apiKeyHelper": "pass kimi", "env": KIMI},
                  "plain": {"env": {"ANTHROPIC_MODEL": "claude"}}}}
    after = moved(config, "kimi", vendor="bedrock")
    assert (after["apiKeyHelper"], after["env"]) == ("pass kimi", {**KIMI, "ANTHROPIC_DEFAULT_HAIKU_MODEL": "kimi-k2"})
    home = {"env": {**KIMI, "ANTHROPIC_AUTH_TOKEN": "$KIMI_KEY"},
            "profiles": {"aws": {"env": {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_MODEL": "us.anthropic.claude"}}}}
    back = moved(home, "aws", vendor="kimi")["env"]
    assert "ANTHROPIC_BASE_URL" not in back
    assert back["CLAUDE_CODE_USE_BEDROCK"] == "1"


def test_a_file_of_profiles_moves_by_its_pointer() -> None:
    config = {"claude": {"providers": {
        "a1": {"name": "Official", "settingsConfig": {"env": {"ANTHROPIC_AUTH_TOKEN": "sk-canary0123456789"}}},
        "k2": {"name": "Kimi", "settingsConfig": {"env": {**KIMI, "ANTHROPIC_AUTH_TOKEN": "sk-canary0123456789"}}}},
        "current": "a1"}}
    after = moved(config, "Kimi")
    assert after == {"claude": {**config["claude"], "current": "k2"}}


@pytest.mark.parametrize(("change", "move", "because"), [
    ({}, ("claude-code", "claude", "xai"), "XAI_BASE_URL"), ({}, ("claude-code", "moonshot", "KIMI"), "itself"),
    ({}, ("no-model", "claude", "kimi"), "no model of these"), ({}, ("claude-code", "mistral", "kimi"),
        "nothing to move"),
    ({"apiKeyHelper": "security find"}, ("claude-code", "claude", "kimi"), "names no variable"),
    ({"apiKeyHelper": None, "env": {"ANTHROPIC_API_KEY": "sk-canary0123456789",
        "KIMI_BASE_URL": "https://api.moonshot.cn",
                                    "KIMI_MODEL": "k"}}, ("default", "claude", "kimi"), "literal secret"),
    ({"apiKeyHelper": None, "env": {"ANTHROPIC_API_KEY": "$A", "KIMI_BASE_URL": "https://api.moonshot.cn",
                                    "KIMI_API_KEY": "sk-canary0123456789"}}, ("default", "claude", "kimi"), "no model"),
    ({"apiKeyHelper": None, "env": {"ANTHROPIC_API_KEY": "$A", "KIMI_BASE_URL": "https://api.moonshot.cn",
        "KIMI_MODEL": "k",
                                    "KIMI_API_KEY": "sk-canary0123456789"}}, ("default", "claude", "kimi"),
                                        "literal secret"),
])
def test_half_a_move_is_none(change: dict[str, Any], move: tuple[str, str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because) as refusal:
        lawful(NAME, json.dumps({**said(SAMPLE), **change}), *move)
    assert "canary" not in str(refusal.value)


@pytest.mark.parametrize("config", [
    {}, {"permissions": {"allow": ["Read"]}}, {"hooks": {"PreToolUse": []}, "model": "opus"}, {"env": {"A": "b"}}])
def test_settings_that_name_no_vendor_are_anthropics(config: dict[str, Any]) -> None:
    assert not Gateway().lint(json.dumps(config))
    after = moved(config, "kimi/kimi-k2")
    assert after["env"]["ANTHROPIC_BASE_URL"] == KIMI["ANTHROPIC_BASE_URL"]
    assert after.get("model", after["env"].get("ANTHROPIC_MODEL")) == "kimi-k2"
    assert after["apiKeyHelper"] == "printenv MOONSHOT_API_KEY"
    assert after.get("permissions") == config.get("permissions")
    with pytest.raises(PatchRefused, match="openai does not serve the Messages API"):
        moved(config, "openai/gpt-5")


def test_a_vendor_and_model_written_out_need_nothing_of_the_file() -> None:
    after = moved({"env": {"ANTHROPIC_MODEL": "claude-x", "ANTHROPIC_API_KEY": "your-key"}}, "kimi/kimi-k2")
    assert after == {"apiKeyHelper": "printenv MOONSHOT_API_KEY", "env": {
        **KIMI, "ANTHROPIC_DEFAULT_HAIKU_MODEL": "kimi-k2"}}
    home = moved({"env": {**KIMI, "ANTHROPIC_AUTH_TOKEN": "$KIMI_KEY"}}, "anthropic/claude-x", vendor="kimi")
    assert home["env"] == {"ANTHROPIC_MODEL": "claude-x", "ANTHROPIC_AUTH_TOKEN": "$ANTHROPIC_API_KEY",
                           "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-x"}
    for target in ("nobody/x", "anthropic/claude-y", "kimi/"):
        with pytest.raises(PatchRefused, match="no block"):
            moved({"env": {"ANTHROPIC_MODEL": "claude-x", "ANTHROPIC_BASE_URL": "https://api.anthropic.com/"}}, target)


def test_lint_finds_half_moves() -> None:
    env = {"ANTHROPIC_BASE_URL": "https://api.moonshot.cn/anthropic", "ANTHROPIC_MODEL": "kimi-k2", "X": 1,
           "ANTHROPIC_DEFAULT_HAIKU_MODEL": "claude-haiku-4-5"}
    found = " ".join(one.what for one in Gateway().lint(json.dumps({"env": env}) + " // x"))
    for word in ("half a move", "is no text", "no key is named", "strict JSON"):
        assert word in found
    both = json.dumps({"env": {"ANTHROPIC_AUTH_TOKEN": "$A", "ANTHROPIC_API_KEY": "$B"}})
    assert any("both set" in one.what for one in Gateway().lint(both))
    assert Gateway().lint(SAMPLE) == ()


slots = st.dictionaries(st.sampled_from(["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "CLAUDE_CODE_SUBAGENT_MODEL",
                                         "ANTHROPIC_SMALL_FAST_MODEL"]), st.just("claude-x"), max_size=4)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), slots, st.booleans(), st.sampled_from([None, "opus", "claude-y"]))
def test_no_slot_is_left_behind(data: st.DataObject, named: dict[str, str], based: bool, model: str | None) -> None:
    env = {**({"ANTHROPIC_BASE_URL": "https://api.anthropic.com"} if based else {}), **named,
        "ANTHROPIC_API_KEY": "$ANT",
           "KIMI_BASE_URL": "https://api.moonshot.cn/anthropic", "KIMI_MODEL": "kimi-k2", "KIMI_KEY": "$KIMI"}
    config = {"env": env, **({"model": model} if model else {}), "permissions": {"deny": []}}
    after = said(lawful(NAME, data.draw(written(config)), "claude-code", "anthropic", "kimi").patched)
    assert "claude" not in json.dumps(after)
    assert after["env"]["ANTHROPIC_API_KEY"] == "$KIMI"
    assert after["env"]["ANTHROPIC_BASE_URL"] == "https://api.moonshot.cn/anthropic"
    assert after["permissions"] == config["permissions"]


@settings(max_examples=80, deadline=None)
@given(JUNK)
def test_junk_is_refused(text: str) -> None:
    assert not refused_or_lawful(NAME, text, "default", "claude", "kimi")
    assert Gateway().lint(text)
    assert Gateway().fits(text) is False
