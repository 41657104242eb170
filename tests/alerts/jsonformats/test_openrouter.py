"""Requests to OpenRouter within an app's JSON."""

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.openrouter import has_list, is_block, read

TEXT = """{"llm": {"model": "openrouter/anthropic/claude-sonnet-4:beta", "models": ["z-ai/glm-4.6", "not a slug"],
  "provider": {"order": ["Amazon Bedrock", "deepinfra/fp8"], "allow_fallbacks": false}},
 "embed": {"name": "vectors", "model": "qwen/embed", "extra_body": {"provider": {"only": ["${HOST}", "nebius"]}}}}"""


def test_bodies_with_their_models_and_hosts() -> None:
    llm, embed = read(TEXT)
    assert (llm.names, embed.names) == (("llm",), ("vectors", "embed"))
    assert [(one.prefix, one.model) for one in llm.models] == [("anthropic", "claude-sonnet-4:beta"), ("zhipu",
        "glm-4.6")]
    assert "anthropic/claude-sonnet-4" in llm.models[0].also
    assert [one.prefix for one in llm.hosts] == ["bedrock", "deepinfra"]
    assert [one.name for one in embed.hosts] == ["nebius"]
    assert embed.block == ("embed", "extra_body", "provider")
    assert not llm.open_to_others()
    assert not embed.open_to_others()
    assert llm.listed("ignore") == ()
    assert has_list(llm, "order")
    assert not has_list(llm, "ignore")


def test_an_order_alone_keeps_nobody_out() -> None:
    (body,) = read('{"model": "a/b", "provider": {"order": ["x"]}}')
    assert body.open_to_others()
    assert body.names == ()


@pytest.mark.parametrize("text", ["{}", '{"model": "gpt-4o"}', '{"model": "https://x/y"}', '{"provider": {"a": 1}}',
    "x"])
def test_what_asks_nobody_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        read(text)


def test_a_block_is_known_by_its_keys() -> None:
    assert not is_block(None)


def test_a_block_alone_or_under_an_apps_own_key() -> None:
    alone, = read('{"order": ["x"], "allow_fallbacks": false}')
    assert (alone.block, alone.names, [one.name for one in alone.hosts]) == ((), (), ["x"])
    nested, = read('{"models": [{"id": "maker/model", "routing": {"only": ["y"], "zdr": true}}]}')
    assert "maker/model" in nested.names
    keyed, = read('{"a/b": {"order": ["z"], "data_collection": "deny"}}')
    assert keyed.names == ("a/b",)
    with pytest.raises(PatchRefused):
        read('{"order": ["name", "date"], "sort": "asc"}')
