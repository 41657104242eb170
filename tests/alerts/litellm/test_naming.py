"""What people call a workload and a target, and what is too much of a riddle."""

from dataclasses import replace

import pytest

from alerts.gateway import PatchRefused
from alerts.litellm.naming import target_of, workload_of
from alerts.litellm.reading import read
from alerts.model import RoutingChange, Strength

READING = read("""\
model_list:
  - {model_name: Smart, litellm_params: {model: anthropic/claude-opus, api_key: os.environ/ANTHROPIC_API_KEY}}
  - model_name: qwen-max
    litellm_params: {model: openai/qwen3-max, api_key: os.environ/DASHSCOPE_API_KEY}
    model_info: {id: q-1}
  - {model_name: kimi, litellm_params: {model: moonshot/kimi-k2}}
  - {model_name: kimi-long, litellm_params: {model: moonshot/kimi-k2-long}}
  - {model_name: google, litellm_params: {model: vertex_ai/gemini-pro}}
  - {model_name: router, litellm_params: {model: openrouter/meta/llama-4}}
  - {model_name: "azure/*", litellm_params: {model: "azure/*"}}
router_settings: {model_group_alias: {Chat: qwen-max, lost: nowhere}}
""")
CHANGE = RoutingChange("vw", "Smart", "anthropic", ("model_list.0",), "", Strength.EXCLUDE, "c", "b")


@pytest.mark.parametrize(
    ("word", "group"),
    [
        ("qwen-max", "qwen-max"), ("QWEN-MAX", "qwen-max"), ("chat", "qwen-max"), ("Chat", "qwen-max"),
        ("q-1", "qwen-max"), ("openai/qwen3-max", "qwen-max"), ("openai,qwen3-max", "qwen-max"),
        ("qwen3-max", "qwen-max"),
        ("dashscope", "qwen-max"), ("moonshot/kimi-k2", "kimi"), ("vertex", "google"), ("vertex_ai", "google"),
        ("llama-4", "router"), ("azure/gpt-x", "azure/gpt-x"), (" kimi ", "kimi"), ("model_list.2", "kimi"),
    ],
)
def test_what_takes_over_goes_by_many_names(word: str, group: str) -> None:
    assert target_of(replace(CHANGE, takes_over=word), READING, "Smart") == group


@pytest.mark.parametrize(
    ("word", "because"),
    [
        ("moonshot", "may be 'kimi', 'kimi-long'; name one"), ("claude-opus", "itself routes to anthropic"),
        ("nobody", "no model group"), ("", "no model group"), ("azure/*", "wildcard"), ("lost", "no group here"),
        ("anthropic", "itself routes"),
    ],
)
def test_what_cannot_take_over(word: str, because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        target_of(replace(CHANGE, takes_over=word), READING, "Smart")


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Smart", "Smart"), ("smart", "Smart"), ("CHAT", "Chat"), ("q-1", "qwen-max"),
        ("anthropic/claude-opus", "Smart"),
        ("claude-opus", "Smart"), ("anthropic", "Smart"), ("azure/some", "azure/some"),
    ],
)
def test_a_workload_goes_by_many_names(word: str, name: str) -> None:
    assert workload_of(replace(CHANGE, workload=word), READING) == name


@pytest.mark.parametrize(("word", "because"), [("moonshot", "may be"), ("nobody/else", "neither a model group")])
def test_a_workload_that_is_none(word: str, because: str) -> None:
    with pytest.raises(PatchRefused, match=because):
        workload_of(replace(CHANGE, workload=word), READING)


SAME = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/c}}\n"
    "- {model_name: mixed, litellm_params: {model: groq/llama-x}}\n"
    "- {model_name: mixed, litellm_params: {model: anthropic/c}}\n"
    "- {model_name: fast, litellm_params: {model: groq/llama-x}}\n"
    "- {model_name: llama-x, litellm_params: {model: groq/llama-x, temperature: 0}}\n"
    "- {model_name: one, litellm_params: {model: 'openai/m,gpu'}}\n"
    "- {model_name: two, litellm_params: {model: openai/m2, api_base: 'http://a'}}\n"
    "- {model_name: three, litellm_params: {model: openai/m2, api_base: 'http://b'}}\n"
)


@pytest.mark.parametrize(("word", "text", "group"), [
    ("groq/llama-x", SAME, "llama-x"), ("groq/llama-x", SAME.replace("name: llama-x", "name: slow"), "fast"),
    ("openai/m,gpu", SAME, "one"),
])
def test_one_model_in_several_groups_is_one_route(word: str, text: str, group: str) -> None:
    change = replace(CHANGE, takes_over=word, leaves_routes=("model_list.0", "model_list.2"))
    assert target_of(change, read(text), "smart") == group


def test_one_name_at_several_places_is_asked_back() -> None:
    with pytest.raises(PatchRefused, match="'openai/m2' may be 'two', 'three'"):
        target_of(replace(CHANGE, takes_over="openai/m2", leaves_routes=("model_list.0",)), read(SAME), "smart")
