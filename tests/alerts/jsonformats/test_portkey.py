"""A Portkey file as configs and trees of targets."""

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.portkey import looks_like, read, weight_of
from alerts.surgery.jsonnodes import parse

NESTED = """{"configs": {"chat": {"strategy": {"mode": "fallback"}, "targets": [
  {"strategy": {"mode": "loadbalance"}, "targets": [{"provider": "openai"}, {"provider": "azure-openai", "weight": 0}]},
  {"provider": "@anthropic-prod", "override_params": {"model": "claude"}}]},
 "one": {"name": "uno", "strategy": {"mode": "single"}, "targets": [{"virtual_key": "vk-1"}, {"virtual_key": "vk-2"}]},
 "by": {"strategy": {"mode": "conditional", "conditions": [{"query": {}, "then": "b"}], "default": "a"},
        "targets": [{"name": "a", "provider": "x"}, {"name": "b", "provider": "y"},
                    {"name": "c", "provider": "z"}]}}}"""


def test_configs_under_keys_with_what_calls_reach() -> None:
    chat, one, by = read(NESTED)
    assert (chat.names, one.names, by.names) == (("chat",), ("uno", "one"), ("by",))
    assert [route.prefix for route in chat.place.leaves()] == ["openai", "azure-openai", "@anthropic-prod"]
    assert [route.prefix for route in chat.place.called()] == ["openai", "@anthropic-prod"]
    assert [route.prefix for route in one.place.called()] == ["@vk-1"]
    assert [route.name for route in by.place.called()] == ["a", "b"]
    assert [weight_of(child) for child in chat.place.children[0].children] == [1.0, 0.0]


def test_a_model_names_its_integration() -> None:
    (config,) = read('{"strategy": {"mode": "single"}, "targets": [{"override_params": {"model": "@oai/gpt-4o"}}]}')
    (route,) = config.place.leaves()
    assert (route.name, route.prefix, route.model) == ("oai", "@oai", "gpt-4o")


def test_names_are_never_keys() -> None:
    (config,) = read('{"strategy": {"mode": "single"}, "targets": [{"provider": "openai", "api_key": "${K}"},'
                     '{"provider": "x", "api_key": "sk-canary-123456789"}]}')
    assert [route.key_name for route in config.place.leaves()] == ["K", ""]
    assert "canary" not in str(list(config.place.leaves()))


@pytest.mark.parametrize("text", ["{}", "[]", '{"targets": []}', '{"strategy": {"mode": "fallback"}}', "x"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        read(text)


def test_one_target_needs_no_list() -> None:
    (config,) = read('{"virtual_key": "openai-vk", "cache": {"mode": "simple"}}')
    assert [route.prefix for route in config.place.called()] == ["@openai-vk"]
    with pytest.raises(PatchRefused):
        read('{"provider": {"order": ["x"]}}')


def test_what_looks_like_a_target() -> None:
    assert looks_like(parse('{"provider": "x"}'))
    assert not looks_like(parse('{"weight": 1}'))
