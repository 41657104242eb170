"""OpenRouter requests: another model, or another host of the same."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonlaws import DEMOTE, EXCLUDE, JUNK, lawful, lines, refused_or_lawful, said, written

from alerts.gateway import PatchRefused
from alerts.gateways.openrouter import Gateway
from alerts.model import Strength

SAMPLE = """\
{
  "app": "support",   // asks OpenRouter
  "answers": {
    "model": "anthropic/claude-sonnet-4",
    "models": ["openai/gpt-4o", "anthropic/claude-haiku-4", "qwen/qwen3-max"],
    "provider": {
      "order": ["anthropic", "amazon-bedrock"],
      "data_collection": "deny"
    }
  }
}
"""
WORKLOAD, TARGET = "answers", "qwen/qwen3-max"
NAME = "openrouter"


def moved(config: Any, target: str, strength: Strength = EXCLUDE, workload: str = "default",
    vendor: str = "claude") -> Any:
    return said(lawful(NAME, json.dumps(config, indent=2), workload, vendor, target, strength).patched)


def test_another_model_takes_over() -> None:
    patch = lawful(NAME, SAMPLE, "answers", "claude", "qwen3-max")
    assert said(patch.patched)["answers"] == {
        "model": "qwen/qwen3-max", "models": ["openai/gpt-4o", "qwen/qwen3-max"],
        "provider": {"order": ["amazon-bedrock"], "data_collection": "deny", "ignore": ["anthropic"]}}
    assert "// vendorwatch:" in patch.patched


def test_demoted_the_model_is_the_last_resort() -> None:
    after = said(lawful(NAME, SAMPLE, "claude-sonnet-4", "anthropic", "qwen/qwen3-max", DEMOTE).patched)["answers"]
    assert after["model"] == "qwen/qwen3-max"
    assert after["models"] == ["openai/gpt-4o", "qwen/qwen3-max", "anthropic/claude-haiku-4",
        "anthropic/claude-sonnet-4"]
    assert after["provider"] == {"order": ["amazon-bedrock", "anthropic"], "data_collection": "deny"}
    assert moved({"model": "anthropic/a", "x": {"model": "qwen/q"}}, "qwen/q", DEMOTE)["models"] == ["anthropic/a"]


def test_another_host_takes_over_and_the_model_stays() -> None:
    after = said(lawful(NAME, SAMPLE, "answers", "claude", "amazon-bedrock").patched)["answers"]
    assert after["model"] == "anthropic/claude-sonnet-4"
    assert after["provider"] == {"order": ["amazon-bedrock"], "data_collection": "deny", "ignore": ["anthropic"]}
    demoted = said(lawful(NAME, SAMPLE, "answers", "claude", "amazon-bedrock", DEMOTE).patched)["answers"]["provider"]
    assert demoted == {"order": ["amazon-bedrock", "anthropic"], "data_collection": "deny"}


def test_a_pin_needs_no_ignore_and_one_to_what_leaves_goes() -> None:
    pinned = {"model": "qwen/q", "provider": {"order": ["deepinfra", "together"], "allow_fallbacks": False}}
    assert moved(pinned, "together", vendor="deepinfra")["provider"] == {"order": ["together"],
        "allow_fallbacks": False}
    alone = {"model": "anthropic/a", "models": ["qwen/q"], "provider": {"only": ["anthropic"]}}
    assert moved(alone, "qwen/q") == {"model": "qwen/q", "models": ["qwen/q"], "provider": {}}


def test_a_list_of_models_without_a_first_one() -> None:
    listed = {"route": "fallback", "models": ["anthropic/a", "openai/o", "qwen/q"], "provider": {"sort": "price"}}
    assert moved(listed, "qwen/q")["models"] == ["qwen/q", "openai/o"]
    assert moved(listed, "openai/o")["models"] == ["openai/o", "qwen/q"]
    assert moved(listed, "qwen/q", DEMOTE)["models"] == ["qwen/q", "openai/o", "anthropic/a"]
    two = [{"models": ["anthropic/a"], "provider": {"sort": "price"}}, {"model": "qwen/q"}]
    assert moved(two, "qwen/q")[0]["models"] == ["qwen/q"]
    last = {"model": "qwen/q", "models": ["anthropic/a"], "provider": {"sort": "price"}}
    assert "models" not in moved(last, "qwen/q")


@pytest.mark.parametrize(("move", "because"), [
    (("answers", "claude", "mistral"), "no model and no upstream host"), (("answers", "claude", "anthropic"),
        "itself"),
    (("questions", "claude", "openai/gpt-4o"), "neither a model nor an object"),
    (("answers", "mistral", "x-ai/grok"), "no model")])
def test_what_leads_nowhere_is_refused(move: tuple[str, str, str], because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        lawful(NAME, SAMPLE, *move)
    two = '{"a": {"model": "anthropic/x"}, "b": {"model": "qwen/q", "provider": {"order": ["novita"]}}}'
    with pytest.raises(PatchRefused, match="no host of a"):
        lawful(NAME, two, "a", "claude", "novita")
    with pytest.raises(PatchRefused, match="nothing to move"):
        lawful(NAME, two, "b", "mistral", "anthropic/x")


def test_a_model_that_the_file_does_not_name_can_be_asked_for() -> None:
    assert moved({"model": "anthropic/a", "provider": {"sort": "price"}}, "qwen/qwen3-max")["model"] == "qwen/qwen3-max"
    with pytest.raises(PatchRefused, match="no model and no upstream host"):
        moved({"model": "anthropic/a", "provider": {"sort": "price"}}, "anthropic/b")


@pytest.mark.parametrize(("config", "what"), [
    ({"only": ["a"], "ignore": ["A"]}, "every request fails"), ({"order": ["a", "b"], "ignore": ["a"]},
        "in order and in"),
    ({"order": []}, "empty")])
def test_lint(config: Any, what: str) -> None:
    text = json.dumps({"model": "a/b", "models": ["c/d", "c/d"], "provider": config})
    found = [one.what for one in Gateway().lint(text)]
    assert any(what in one for one in found)
    assert any("twice in models" in one for one in found)
    assert Gateway().lint(SAMPLE) == ()


slugs = st.sampled_from(["anthropic/claude-4", "openai/gpt-5", "qwen/qwen3", "z-ai/glm"])
hosts = st.sampled_from(["anthropic", "amazon-bedrock", "together", "novita/fp8"])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), slugs, st.lists(slugs, unique=True, max_size=4), st.lists(hosts, unique=True, max_size=3),
    st.booleans(),
       st.sampled_from(list(Strength)))
def test_any_request_moves_as_meant(data: st.DataObject, model: str, models: list[str], order: list[str], pinned: bool,
                                    strength: Strength) -> None:
    body = {"model": model, "models": models, "provider": {"order": order, "allow_fallbacks": not pinned}}
    text = data.draw(written({"b": body, "t": {"model": "qwen/qwen3"}}))
    if not any("anthropic" in one for one in (model, *models, *order)):
        return
    after = said(lawful(NAME, text, "b", "anthropic", "qwen/qwen3", strength).patched)["b"]
    left = [one for one in (after["model"], *after.get("models", ())) if one.startswith("anthropic/")]
    if strength is Strength.EXCLUDE:
        assert not left
        assert "anthropic" not in after["provider"].get("order", ())
        assert "anthropic" not in order or pinned or after["provider"]["ignore"] == ["anthropic"]
    else:
        assert not left or after["models"][-len(left):] == left
        assert sorted(after["provider"]["order"]) == sorted(order)
    if model.startswith("anthropic/"):
        assert after["model"] == "qwen/qwen3"


@settings(max_examples=80, deadline=None)
@given(JUNK)
def test_junk_is_refused(text: str) -> None:
    assert not refused_or_lawful(NAME, text, "default", "claude", "qwen/qwen3")
    assert Gateway().lint(text)
    assert Gateway().fits(text) is False


def test_one_line_files_change_in_one_line() -> None:
    assert lines(lawful(NAME, '{"model": "anthropic/a", "models": ["qwen/q"]}', "default", "claude", "qwen/q")) == 2


def test_a_block_alone_is_moved_to_another_of_its_hosts() -> None:
    block = '{"order": ["anthropic", "amazon-bedrock"], "allow_fallbacks": false}'
    patch = lawful(NAME, block, "default", "anthropic", "amazon-bedrock")
    assert said(patch.patched) == {"order": ["amazon-bedrock"], "allow_fallbacks": False}
    keyed = f'{{"anthropic/claude-x": {block}}}'
    assert said(lawful(NAME, keyed, "anthropic/claude-x", "anthropic", "amazon-bedrock").patched) == {
        "anthropic/claude-x": said(patch.patched)}
