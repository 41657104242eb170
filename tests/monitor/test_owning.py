"""Whose a route is: what is written out says more than what is named."""

import pytest

from alerts.model import Inventory, Route
from monitor.catalogue import load_catalogue
from monitor.owning import by_maker, routes_of, vendor_of

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


def test_a_word_that_is_no_vendors_is_a_part_of_a_prefix_a_variable_or_a_host() -> None:
    inventory = Inventory((
        Route("a", "my_house", key="0"), Route("b", "x", key="1", key_name="SOME_KEY"),
        Route("c", "x", key="2", base_url="https://relay.example:8080/v1")))
    assert [routes_of(inventory, word, CATALOGUE) for word in ("house", "some_key", "relay.example", "none")] == [
        ("0",), ("1",), ("2",), ()]
    slugs = Inventory((Route("a", "@our-vk", key="0"), Route("b", "@x", key="1")))
    assert [routes_of(slugs, word, CATALOGUE) for word in ("@our-vk", "our-vk", "our")] == [("0",)] * 3


def test_a_slug_that_somebody_chose_goes_by_the_words_in_it_then_by_the_model() -> None:
    assert vendor_of(Route("a", "@our-anthropic-prod", "x"), CATALOGUE) == "anthropic"
    assert vendor_of(Route("a", "@team", "gpt-5"), CATALOGUE) == "openai"
    assert vendor_of(Route("a", "team", "gpt-5"), CATALOGUE) is None
    assert vendor_of(Route("a", "", "g", "https://aiplatform.eu.rep.googleapis.com/v1"), CATALOGUE) == "vertex"


def test_what_a_vendor_made_whoever_serves_it_where_the_workload_has_some_of_it() -> None:
    models = ("openai/gpt-oss:free", "us.anthropic.claude-x", "meta-llama/llama-x", "gpt-x", "mystery")
    routes = tuple(Route(model, "openrouter", model, key=str(at)) for at, model in enumerate(models))
    inventory = Inventory(routes, workloads={"w": ("0", "1", "2"), "other": ("4",)})

    def made(vendor: str, workload: str = "W") -> list[str]:
        return [one.key for one in by_maker(inventory, workload, vendor, CATALOGUE)]

    assert [made("openai"), made("anthropic"), made("meta"), made("gemini")] == [["0", "3"], ["1"], ["2"], []]
    assert made("openai", "other") == []
