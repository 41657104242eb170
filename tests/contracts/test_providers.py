"""Every vendor file keeps the promises the catalogue makes: names, sources, dates, hosts, dialects, sane prices."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import probes
from monitor.catalogue import ProviderEntry, load_catalogue

FOLDER = Path(probes.__file__).parent / "providers"
FILES = sorted(FOLDER.glob("*.yaml"))
EXPECTED = {
    "anthropic", "openai", "gemini", "dashscope", "moonshot", "zhipu", "deepseek", "xiaomi", "huggingface",
    "azure_openai", "bedrock", "vertex", "openrouter", "siliconflow", "volcengine", "qianfan", "tencent",
    "minimax", "stepfun", "xai", "mistral", "groq", "together", "fireworks", "cerebras", "vllm", "sglang",
    "ollama",
}
SELF_HOSTED = {"vllm", "sglang", "ollama"}
DIALECTS = {"openai", "anthropic", "gemini", "openai_responses"}
NO_PAGE = ("public test data", "general knowledge", "research of 2026-11-22")   # sources that have no page to link to
QUIRKS = {
    "token_limit_field", "thinking_off", "min_tokens", "fixed_temperature", "keyless_models", "retirement_in_api",
    "retirement_field", "retirement_header", "include_obfuscation", "list_is_partial", "usage_in_choice", "json_mode",
    "queues_under_load", "answers_retired_aliases", "listed_is_not_callable", "extra_body", "stream_options",
    "public_models_url", "thinking_field",
}


def raw(path: Path) -> dict[str, Any]:
    found = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_all_twenty_eight_are_there() -> None:
    assert {path.stem for path in FILES} == EXPECTED


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
class TestFile:
    def test_says_what_it_is_in_its_first_line(self, path: Path) -> None:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first.startswith("# ")
        assert raw(path)["name"] in first

    def test_is_valid_and_carries_its_file_name(self, path: Path) -> None:
        assert ProviderEntry.model_validate(raw(path)).id == path.stem

    def test_every_fact_has_a_source(self, path: Path) -> None:
        text = raw(path)
        listed = [*text["surfaces"], *text["probe_models"], *text["models"], *text["status"], *text["facts"]]
        for fact in [*listed, text["auth"], *(text[one] for one in ("supported", "limits") if one in text)]:
            source = fact["source"]
            assert source.startswith(("https://", *NO_PAGE)) or source in text["sources"], fact
        assert all(url.startswith("https://") for url in text["sources"].values())

    def test_dates_are_dates(self, path: Path) -> None:
        text = raw(path)
        assert text["checked"].year >= 2026
        for fact in text["facts"]:
            assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", fact.get("date", "2026")), fact

    def test_hosts_are_https_and_dialects_exist(self, path: Path) -> None:
        for surface in raw(path)["surfaces"]:
            own = path.stem in SELF_HOSTED and surface.get("template")
            assert surface["base_url"].startswith("http://" if own else "https://")
            written = (Path(probes.__file__).parent / "wire" / f"{surface['dialect']}.py").is_file()
            assert written or surface["dialect"] in DIALECTS

    def test_surfaces_have_names_of_their_own(self, path: Path) -> None:
        names = Counter(surface["name"] for surface in raw(path)["surfaces"])
        assert max(names.values()) == 1

    def test_pages_are_https(self, path: Path) -> None:
        text = raw(path)
        assert all(url.startswith("https://") and " " not in url for url in text["pages"].values())
        assert set(text["pages_unverified"]) <= set(text["pages"])

    def test_prices_are_sane(self, path: Path) -> None:
        text = raw(path)
        for model in [*text["probe_models"], *text["models"]]:
            price_in, price_out = model.get("price_in"), model.get("price_out")
            assert (price_in is None) == (price_out is None), model
            assert price_in is None or 0 <= price_in <= price_out <= 100, model
        first = next(iter(text["probe_models"]), {})
        assert first.get("price_out", 0) <= 5, "the first candidate is what costs money every five minutes"

    def test_model_ids_are_single_and_alive_where_probed(self, path: Path) -> None:
        text = raw(path)
        ids = Counter(model["id"] for model in [*text["probe_models"], *text["models"]])
        assert not ids or max(ids.values()) == 1
        for model in text["probe_models"]:
            assert not model.get("gone")
            assert "retires_on" not in model or model["retires_on"] > text["checked"]
            assert " " not in model["id"]

    def test_quirks_are_known_ones(self, path: Path) -> None:
        quirks = raw(path)["quirks"]
        assert set(quirks) <= QUIRKS
        assert quirks.get("token_limit_field", "max_tokens") in {"max_tokens", "max_completion_tokens"}
        assert 1 <= quirks["min_tokens"] <= 64

    def test_holds_no_key(self, path: Path) -> None:
        assert not re.search(r"\b(sk|hf|gsk|xai)[-_][A-Za-z0-9]{16,}", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("vendor", ["anthropic", "openai", "gemini"])
def test_the_countries_of_those_who_publish_a_list(vendor: str) -> None:
    served = load_catalogue().find(vendor).served_in
    assert len(served) == len(set(served)) > 150
    assert {"US", "SG", "JP", "DE", "TW", "NO"} <= set(served)
    assert not {"CN", "HK", "MO", "RU", "IR", "KP", "CU", "SY"} & set(served)


def test_names_and_key_variables_belong_to_one_vendor_each() -> None:
    providers = load_catalogue().providers
    names = Counter(word.lower() for one in providers for word in {one.id, *one.aliases})
    keys = Counter(env for one in providers for env in one.auth.key_envs)
    assert {word for word, times in names.items() if times > 1} == set()
    assert {env for env, times in keys.items() if times > 1} == set()


@pytest.mark.parametrize(("called", "provider"), [
    ("claude", "anthropic"), ("gpt", "openai"), ("codex", "openai"), ("Gemini", "gemini"), ("qwen", "dashscope"),
    ("kimi", "moonshot"), ("GLM", "zhipu"), ("mimo", "xiaomi"), ("hf", "huggingface"), ("deepseek", "deepseek"),
])
def test_everyday_names_are_understood(called: str, provider: str) -> None:
    assert load_catalogue().find(called).id == provider
