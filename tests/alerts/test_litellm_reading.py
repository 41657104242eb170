"""Faults that LiteLLM's own check lets pass."""

import pytest

from alerts.litellm_reading import misshapen, problems, read
from alerts.yamlnodes import compose

GOOD = """\
model_list:
  - {model_name: a, litellm_params: {model: anthropic/x, api_key: os.environ/A}}
  - {model_name: b, litellm_params: {model: dashscope/y, api_key: os.environ/B}}
  - {model_name: c, litellm_params: {model: anthropic/z, api_key: os.environ/A}}
"""


def faults(tail: str, models: str = GOOD) -> list[str]:
    return [f"{fault.where}: {fault.what}" for fault in problems(compose(models + tail))]


def test_a_sound_config_has_none() -> None:
    assert faults("router_settings: {num_retries: 2, cooldown_time: 0.5, fallbacks: [{a: [b]}, {b: [c]}]}\n") == []


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ("router_settings: {model_group_alias: {s: nowhere}}\n", "alias s leads to nowhere"),
        ("router_settings: {fallbacks: [{a: [nowhere]}]}\n", "lead to nowhere"),
        ("router_settings: {fallbacks: [{nobody: [a]}]}\n", "given for nobody"),
        ("router_settings: {fallbacks: {a: [b]}}\n", "must be a list"),
        ("router_settings: {num_retries: banana}\n", "whole number, not 'banana'"),
        ("router_settings: {cooldown_time: soon}\n", "must be a number"),
        ("router_settings: {num_retires: 1}\n", "did you mean num_retries"),
        ("router_settings: {quite_else: 1}\n", "is not known"),
        ("router_settings: {fallbacks: [{a: [b]}, {a: [c]}]}\n", "stand twice"),
        ("router_settings: {num_retries: 1, num_retries: 2}\n", "stands twice"),
        ("router_settings: {model_group_alias: {s: a}, fallbacks: [{a: [b]}]}\n", "list them under s too"),
        ("router_settings: {model_group_alias: {a: b}, fallbacks: [{a: [c]}]}\n", "lead back, by c"),
        ("litellm_settings: {fallbacks: [{a: [nowhere]}]}\n", "lead to nowhere"),
    ],
)
def test_faults_are_found_with_their_line(tail: str, said: str) -> None:
    found = faults(tail)
    assert len(found) == 1
    assert said in found[0]
    assert found[0].startswith("line 5:")


def test_faults_of_the_model_list() -> None:
    found = " ".join(faults("", GOOD + GOOD.splitlines()[1] + "\n  - {model_name: d}\n"
                            "  - {model_name: e, litellm_params: {model: f/g, api_key: canary-key}}\n"))
    assert "repeats the deployment of line 2" in found
    assert "needs model_name" in found
    assert "written out" in found
    assert "canary" not in found
    assert "model_list is missing" in faults("", "x: 1\n")[0]


def test_a_base_url_with_a_password_is_not_shown() -> None:
    text = "model_list: [{model_name: a, litellm_params: {model: m, api_base: 'https://u:canary@h/'}}]\n"
    assert read(compose(text)).routes[0].base_url == ""


def test_misshapen_fallbacks_are_named() -> None:
    assert misshapen(compose("router_settings: {fallbacks: [a]}")) == "router_settings.fallbacks"
    assert misshapen(compose("router_settings: {fallbacks: }")) == ""
