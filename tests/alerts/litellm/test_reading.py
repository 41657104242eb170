"""What a config says: merges, nesting, and whom a name reaches."""

import pytest

from alerts.gateway import PatchRefused
from alerts.litellm.reading import matches, misshapen, named_in, read, section_of, served, serving
from alerts.surgery.yamlnodes import compose

TEXT = """\
x-base: &base {api_key: os.environ/A, api_base: https://a.example/v1}
x-more: &more {custom_llm_provider: anthropic}
model_list:
  - model_name: a
    litellm_params:
      <<: *base
      model: anthropic/x
    model_info: {id: first}
  - model_name: b
    litellm_params: {<<: [*more, *base], model: y, api_base: os.environ/B}
  - {model_name: 'openai/*', litellm_params: {model: 'openai/*'}}
  - {model_name: 'openai/gpt-*', litellm_params: {model: 'azure/*'}}
  - {model_name: '*', litellm_params: {model: 'openrouter/*'}}
router_settings: {model_group_alias: {s: a, b: a, t: {model: b}, empty: }}
"""


def test_merge_keys_are_followed_the_mappings_own_first() -> None:
    a, b = read(TEXT).routes[:2]
    assert (a.key_name, a.base_url, a.also) == ("A", "https://a.example/v1", ("first",))
    assert (b.prefix, b.model, b.key_name, b.base_name, b.base_url) == ("anthropic", "y", "A", "B", "")


@pytest.mark.parametrize(
    ("name", "reached"),
    [
        ("a", 0), ("first", 0), ("s", 0), ("b", 0), ("t", 1), ("openai/x", 2), ("openai/gpt-4", 3), ("else", 4),
        ("anthropic/x", 4), ("", None),
    ],
)
def test_whom_a_name_reaches(name: str, reached: int | None) -> None:
    found = [route.key for route in serving(read(TEXT), name)]
    assert found == ([] if reached is None else [f"model_list.{reached}"])


def test_a_name_without_a_provider_may_be_of_any_wildcard_of_one() -> None:
    text = "model_list: [{model_name: x/*, litellm_params: {model: x/*}}, {model_name: n, litellm_params: {model: m}}]"
    assert [route.name for route in serving(read(text), "claude")] == ["x/*"]
    assert serving(read(text), "y/claude") == ()
    assert [route.name for route in serving(read(text), "m")] == ["x/*"]


def test_what_is_served_has_the_keys_behind_it() -> None:
    assert served(read(TEXT))["t"] == ("model_list.1",)
    assert served(read(TEXT))["empty"] == ("model_list.4",)


def test_the_values_of_a_helm_chart_hold_a_config() -> None:
    inner = "".join(f"    {line}\n" for line in TEXT.splitlines())
    reading = read(f"replicas: 1\nlitellm:\n  proxy_config:\n{inner}")
    assert reading.below == ("litellm", "proxy_config")
    assert len(reading.routes) == 5
    assert read(TEXT).below == ()
    with pytest.raises(PatchRefused, match="2 configs"):
        read("a: {x: {model_list: []}}\nb: {x: {model_list: []}}\n")


def test_a_base_url_with_a_password_is_not_shown() -> None:
    text = "model_list: [{model_name: a, litellm_params: {model: m, api_base: 'https://u:canary@h/'}}]\n"
    assert read(text).routes[0].base_url == ""


def test_misshapen_fallbacks_are_named() -> None:
    assert misshapen(compose("router_settings: {fallbacks: [a]}")) == "router_settings.fallbacks"
    assert misshapen(compose("litellm_settings: {fallbacks: [{a: b}]}")) == "litellm_settings.fallbacks"
    assert misshapen(compose("router_settings: {fallbacks: }")) == ""
    assert named_in(compose("a: [b, {c: [d], e: f}]\n").value[0][1]) == {"", "b", "c", "e"}
    assert named_in(compose("a: {b: [c]}\n").value[0][1]) == {"b"}


def test_fallbacks_of_router_settings_hide_the_others() -> None:
    text = "model_list: []\nlitellm_settings: {fallbacks: [{a: [b]}], default_fallbacks: [c]}\n"
    assert read(text).fallbacks["fallbacks"] == {"a": ("b",), "*": ("c",)}
    more = text + "router_settings: {fallbacks: [{a: [d]}]}\n"
    assert section_of(compose(more), "fallbacks") == "router_settings"
    assert read(more).fallbacks["fallbacks"]["a"] == ("d",)


def test_a_star_stands_for_anything_and_nothing_else_is_special() -> None:
    assert matches("claude-*", "claude-3.5")
    assert not matches("claude.*", "claude-x")
    assert matches("*", "anything/at-all")
