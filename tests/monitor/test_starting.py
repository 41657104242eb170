"""A gateway's routes become a config that loads, whatever they are called; what nobody owns is said, not made up."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.model import Inventory, Route
from monitor.catalogue import load_catalogue
from monitor.configcheck import problems_in
from monitor.formats import format_named
from monitor.settings import Config
from monitor.starting import Running, first_config
from monitor.workloads import workloads_of
from monitor.yamlfile import read_mapping

CATALOGUE = load_catalogue()
SMART = Route("smart", "anthropic", "claude-opus-5", key_name="CLAUDE_KEY", key="0")
KIMI = Route("backup", "moonshot", "kimi-k3", key_name="KIMI_KEY", key="1")
HOUSE = Route("house", "openai", "qwen3:32b", "http://10.0.0.7:8000/v1", "HOUSE_KEY", key="2")


def made(tmp_path: Path, *routes: Route, **more: object) -> tuple[str, Config]:
    workloads: dict[str, tuple[str, ...]] = {}
    for route in routes:
        workloads[route.name] = (*workloads.get(route.name, ()), route.key)
    inventory = Inventory(routes, workloads=workloads, **more)  # type: ignore[arg-type]
    text = first_config(Running(inventory, "litellm", "litellm.yaml", CATALOGUE))
    (tmp_path / "litellm.yaml").write_text("model_list: []\n")
    (tmp_path / "c.yaml").write_text(text)
    config = Config.model_validate(read_mapping(tmp_path / "c.yaml"))
    anchored = config.model_copy(update={"database": f"sqlite:///{tmp_path}/v.db", "gateways": {
        name: one.model_copy(update={"file": str(tmp_path / one.file)}) for name, one in config.gateways.items()}})
    found = [line for line in problems_in(anchored, CATALOGUE, {}) if ".fallbacks[" not in line]
    assert found == [], "what init writes, check finds good (routes are the gateway's, whose file is a stand-in here)"
    return text, config


def test_workloads_vendors_accounts_and_gateway_come_from_what_runs(tmp_path: Path) -> None:
    _, config = made(tmp_path, SMART, KIMI, HOUSE, fallbacks={"smart": ("backup", "house")})
    assert list(config.workloads) == ["smart"], "what stands in for another is none of its own"
    smart = config.workloads["smart"]
    assert (smart.primary, smart.fallbacks, smart.gateway) == ("anthropic", ["backup", "house"], "litellm")
    assert list(config.vendors) == ["anthropic", "moonshot"]
    assert [(one.vendor, one.key_env) for one in config.accounts] == [("anthropic", "CLAUDE_KEY"),
                                                                      ("moonshot", "KIMI_KEY")]
    [house] = config.endpoints
    assert (house.base_url, house.models, house.key_env) == ("http://10.0.0.7:8000/v1", ["qwen3:32b"], "HOUSE_KEY")
    inventory = Inventory((SMART, KIMI, HOUSE))
    [known] = workloads_of(config, CATALOGUE, {"litellm": inventory})
    assert [(one.route, one.provider) for one in known.fallbacks] == [("backup", "moonshot"), ("house", house.name)]


def test_who_has_fallbacks_of_its_own_is_asked_for_by_name(tmp_path: Path) -> None:
    house = Route("house", "deepseek", "deepseek-chat", key="2")
    text, config = made(tmp_path, SMART, KIMI, house, fallbacks={"smart": ("backup",), "house": ("smart",)})
    assert list(config.workloads) == ["smart", "house"], "smart stands in for house, and is a workload all the same"
    assert config.workloads["smart"].fallbacks == ["backup"]
    assert "add what apps ask for by name: backup\n" in text, "what is left out is said"


def test_a_circle_of_fallbacks_leaves_nobody_out(tmp_path: Path) -> None:
    _, config = made(tmp_path, SMART, KIMI, fallbacks={"smart": ("backup",), "backup": ("smart",)})
    assert list(config.workloads) == ["smart", "backup"]


def test_the_name_of_a_kubernetes_secret_is_no_variable(tmp_path: Path) -> None:
    _, config = made(tmp_path, Route("s", "anthropic", "claude", key_name="anthropic", key="0"))
    assert config.accounts == []
    _, config = made(tmp_path, Route("s", "anthropic", "claude", key_name="anthropic_key", key="0"))
    assert [one.key_env for one in config.accounts] == ["anthropic_key"]


def test_a_group_of_two_vendors_has_the_second_for_a_fallback(tmp_path: Path) -> None:
    _, config = made(tmp_path, SMART, Route("smart", "openai", "gpt-6", key="9"))
    assert (config.workloads["smart"].primary, config.workloads["smart"].fallbacks) == ("anthropic", ["openai"])


def test_default_fallbacks_are_those_of_who_has_none_of_its_own(tmp_path: Path) -> None:
    _, config = made(tmp_path, SMART, KIMI, fallbacks={"*": ("backup",)})
    assert config.workloads["smart"].fallbacks == ["backup"]


def test_who_has_nobody_to_take_over_is_said(tmp_path: Path) -> None:
    text, config = made(tmp_path, SMART)
    assert config.workloads["smart"].fallbacks == []
    assert "the file names no fallback of it: name who may take over" in text


def test_embeddings_are_known_by_their_models_names(tmp_path: Path) -> None:
    routes = [Route(f"e{n}", "openai", model, key=str(n)) for n, model in enumerate(
        ["text-embedding-3-small", "BAAI/bge-m3", "gpt-6", "embedded-systems-chat"])]
    _, config = made(tmp_path, *routes)
    assert [config.workloads[f"e{n}"].embedding for n in range(3)] == [True, True, False]


def test_an_address_with_blanks_is_filled_from_the_route_or_left_to_the_reader(tmp_path: Path) -> None:
    azure = Route("a", "azure", "gpt", "https://ours.openai.azure.com/", "AZ_KEY", key="0")
    text, config = made(tmp_path, azure, Route("b", "bedrock", "claude", key="1"))
    assert config.vendors["azure_openai"].variables == {"resource": "ours"}
    assert [(one.vendor, one.key_env) for one in config.accounts] == [("azure_openai", "AZ_KEY")]
    assert "# bedrock: {variables: …}" in text
    assert "bedrock" not in config.vendors


def test_what_cannot_be_told_is_a_comment(tmp_path: Path) -> None:
    text, config = made(tmp_path, Route("odd", "nobody", "x", key="0"))
    assert config.workloads == {}
    assert '# not recognised: odd (nobody, "x")' in text


def test_a_resellers_key_is_none_of_the_vendors(tmp_path: Path) -> None:
    """Law 11: it would be sent to the vendor's own host."""
    relayed = Route("r", "openai", "gpt-6", "https://relay.example/v1", "OPENAI_API_KEY", key="0")
    _, config = made(tmp_path, relayed)
    assert config.accounts == []


def test_a_key_that_was_written_out_is_not_repeated(tmp_path: Path) -> None:
    text, config = made(tmp_path, Route("s", "anthropic", "claude", key_name="sk-ant-secret-0123", key="0"))
    assert "sk-ant" not in text
    assert config.accounts == []


NAMES = st.sampled_from(
    ["smart", "a b", "true", "1e3", "x: y", "#no", "模型", "a/b@c|d", "-", "gpt-4.1", '"q"', "null",
     "two\nlines", "two\u2028lines"])
ROUTES = st.lists(st.builds(
    Route, NAMES, st.sampled_from(["openai", "anthropic", "azure", "nobody", ""]), NAMES,
    st.sampled_from(["", "http://10.0.0.7/v1", "https://api.moonshot.cn/v1", "http://[bad", "${BASE}/v1", "x"]),
    st.sampled_from(["", "A_KEY", "sk-1", "os.environ/X"])), max_size=6)


@settings(max_examples=60)
@given(ROUTES, st.dictionaries(NAMES, st.lists(NAMES, max_size=3).map(tuple), max_size=3))
def test_whatever_they_are_called_it_loads(tmp_path_factory: pytest.TempPathFactory, routes: list[Route],
                                           fallbacks: dict[str, tuple[str, ...]]) -> None:
    folder = tmp_path_factory.mktemp("s")
    numbered = [Route(r.name, r.prefix, r.model, r.base_url, r.key_name, key=str(n)) for n, r in enumerate(routes)]
    text, config = made(folder, *numbered, fallbacks=fallbacks)
    assert "sk-1" not in text
    assert set(config.workloads) <= {route.name for route in routes}
    assert json.dumps(text)


def from_text(folder: Path, form: str, text: str) -> list[str]:
    inventory = format_named(form)[1].inventory(text)
    (folder / "c.yaml").write_text(first_config(Running(inventory, format_named(form)[0], "x", CATALOGUE)))
    return list(read_mapping(folder / "c.yaml")["workloads"])


def test_a_compose_files_variables_that_move_together_are_one_workload(tmp_path: Path) -> None:
    text = ("services:\n  app:\n    environment:\n      OPENAI_API_KEY: ${OPENAI_API_KEY}\n"
            "      OPENAI_BASE_URL: https://api.openai.com/v1\n      OPENAI_MODEL: gpt-5\n")
    assert from_text(tmp_path, "kubernetes", text) == ["OPENAI"]


def test_a_routers_slots_are_its_workloads_not_the_models_they_ask(tmp_path: Path) -> None:
    text = json.dumps({"Router": {"default": "a,claude-x", "think": "a,claude-x"}, "Providers": [
        {"name": "a", "api_base_url": "https://openrouter.ai/api/v1", "models": ["claude-x"]}]})
    assert from_text(tmp_path, "ccr", text) == ["default", "think"]
