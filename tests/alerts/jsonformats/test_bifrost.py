"""Bifrost's config as providers, rules and where requests end up."""

import pytest

from alerts.gateway import PatchRefused
from alerts.jsonformats.bifrost import cel_broken, read, split

TEXT = r"""{"providers": {
  "openai": {"keys": [{"name": "k", "value": "env.OPENAI_API_KEY", "models": ["gpt-4o", "*"]}]},
  "azure": {"keys": [{"value": "sk-canary-1234567", "azure_key_config": {"endpoint": "https://x.openai.azure.com",
             "deployments": {"gpt-4o": "d1"}}}]},
  "nvidia": {"network_config": {"base_url": "https://integrate.api.nvidia.com"},
             "keys": [{"models": ["openai/gpt-oss"], "aliases": {"oss": "x"}}]}},
 "governance": {"routing_rules": [
  {"name": "late", "cel_expression": "true", "priority": 9, "targets": [{"provider": "nvidia", "weight": 1}]},
  {"name": "soon", "cel_expression": "provider == 'openai' && model in [\"gpt-4o\", \"x\"]", "priority": 1,
   "targets": [{"provider": "azure", "model": "gpt-4o", "weight": 1}],
   "fallbacks": ["openai/gpt-4o", {"provider": "azure", "model": "y"}]},
  {"name": "vk", "cel_expression": "", "scope": "virtual_key", "targets": [], "priority": 0},
  {"id": "old", "cel_expression": "headers[\"a\"] == \"b\"", "provider": "openai", "model": "gpt-4o-mini"},
  {"name": "off", "enabled": false, "cel_expression": "", "priority": -5, "targets": [{"provider": "azure"}]}]}}"""


def test_providers_models_and_variables() -> None:
    reading = read(TEXT)
    assert reading.providers == {"openai": ("gpt-4o",), "azure": ("gpt-4o",), "nvidia": ("openai/gpt-oss", "oss")}
    assert list(reading.routes) == [
        "openai", "openai/gpt-4o", "openai/gpt-4o-mini", "azure", "azure/gpt-4o", "azure/y", "nvidia",
        "nvidia/openai/gpt-oss", "nvidia/oss"]
    assert reading.routes["openai"].key_name == "OPENAI_API_KEY"
    assert reading.routes["azure"].base_url == "https://x.openai.azure.com"
    assert "canary" not in str(reading.routes)
    assert split(reading, "NVIDIA/openai/gpt-oss") == ("nvidia", "openai/gpt-oss")
    assert split(reading, "openai/gpt-oss:free") == ("openai", "gpt-oss:free")
    assert split(reading, "gpt-4o") == ("", "gpt-4o")


def test_where_requests_end_up_by_the_rules_for_everyone() -> None:
    reading = read(TEXT)
    assert [one.said for one in reading.led("openai", "gpt-4o")] == ["azure/gpt-4o", "openai/gpt-4o", "azure/y"]
    assert [one.said for one in reading.led("openai", "z")] == ["nvidia/z"]
    old = reading.rules[3]
    assert old.flat
    assert (old.targets[0].said, old.matches("openai", "gpt-4o")) == ("openai/gpt-4o-mini", False)
    assert reading.route("nvidia", "z") == reading.routes["nvidia"]
    assert reading.route("nobody", "z") is None


@pytest.mark.parametrize(("cel", "broken"), [
    ("model == 'a' && headers[\"x\"] in ['a', 'b']", False), ("!(a || b)", False), ("budget_used >= 80", False),
    ("model = 'a'", True), ("model == 'a", True), ("(model == 'a'", True), ("a and b", True), ("a & b", True), ("",
        False),
    ("name == 'a and b'", False)])
def test_what_cannot_be_cel(cel: str, broken: bool) -> None:
    assert cel_broken(cel) is broken


@pytest.mark.parametrize("text", ["{}", '{"providers": []}', "x"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(PatchRefused):
        read(text)
