"""Whose a route is: what is written out says more than what is named."""

import pytest

from alerts.model import Inventory, Route
from monitor.catalogue import load_catalogue
from monitor.owning import routes_of, vendor_of

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(("route", "owner"), [
    (Route("a", "openai", "m"), "openai"),
    (Route("a", "openai", "m", "https://api.deepseek.com"), "deepseek"),
    (Route("a", "openai", "m", "https://relay.example/v1"), None),
    (Route("a", "openai", "m", "https://relay.example/v1", "OPENAI_API_KEY"), "openai"),
    (Route("a", "openai", "m", "http://localhost:8000/v1", "OPENAI_API_KEY"), None),
    (Route("a", "anthropic", "m", "https://open.bigmodel.cn/api/anthropic"), "zhipu"),
    (Route("a", "anthropic", "m", "https://gateway.example/anthropic"), "anthropic"),
    (Route("a", "azure", "m", "https://ours.openai.azure.com/"), "azure_openai"),
    (Route("a", "vertex_ai", "m"), "vertex"), (Route("a", "together_ai", "m"), "together"),
    (Route("a", "ollama_chat", "m", "http://localhost:11434"), "ollama"),
    (Route("a", "openai", "m", base_name="QWEN_BASE"), "dashscope"),
    (Route("a", "", "m", key_name="MY_KIMI_TOKEN"), "moonshot"),
    (Route("a", "openai", "m", "https://eu.api.openai.com/v1"), "openai"),
    (Route("a", model="gpt-5"), "openai"), (Route("a", model="claude-opus"), "anthropic"),
    (Route("a", model="gptx"), None), (Route("a", "nobody", "m"), None), (Route("a", "", "", "http://[bad"), None),
])
def test_whose(route: Route, owner: str | None) -> None:
    assert vendor_of(route, CATALOGUE) == owner


def test_routes_of_a_vendor_by_alias_and_of_a_word_nobody_is_called_by() -> None:
    rows = (("a", "anthropic"), ("b", "house"), ("c", "house"))
    inventory = Inventory(tuple(Route(name, prefix, key=str(at)) for at, (name, prefix) in enumerate(rows)))
    assert routes_of(inventory, "Claude", CATALOGUE) == ("0",)
    assert routes_of(inventory, "House", CATALOGUE) == ("1", "2")
    assert routes_of(inventory, "b", CATALOGUE) == ("1",)
