"""A drill held on a real config and database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from composed import a_setup

from monitor import drillday
from monitor.drillday import Held, hold
from monitor.drilling import Wanted
from monitor.errors import UserError
from monitor.present import deciding_now
from monitor.report import as_json
from monitor.store.sql import open_store

CONFIG = {
    "gateways": {"team": {"type": "litellm", "file": "litellm.yaml"}},
    "workloads": {"smart": {"primary": "claude", "fallbacks": ["qwen"]}},
    "regions": {"cn": {}, "us": {}},
}
NOW = datetime(2026, 11, 26, tzinfo=UTC)


TEXT = (
    "model_list:\n"
    "- {model_name: smart, litellm_params: {model: anthropic/claude}}\n"
    "- {model_name: qwen, litellm_params: {model: dashscope/qwen}}\n"
)


def held(tmp_path: Path, wanted: Wanted, text: str = TEXT, config: Mapping[str, object] = CONFIG) -> Held:
    (tmp_path / "litellm.yaml").write_text(text)
    setup = a_setup(tmp_path, config, {})
    store = open_store(setup.config.database)
    try:
        return hold(setup, store, wanted, NOW)
    finally:
        store.close()


def test_all_regions_where_none_is_named_and_nothing_is_played_where_nothing_moves(tmp_path: Path) -> None:
    found = held(tmp_path, Wanted("Claude", with_gateway=True))
    assert found.drill.regions == ("cn", "us")
    assert found.drill.vendor == "anthropic"
    assert (found.passed, found.gateway, found.failed) == (False, (), ())
    assert held(tmp_path, Wanted("claude", ("cn",))).drill.regions == ("cn",)


@pytest.mark.parametrize(("wanted", "said"), [
    (Wanted("claude", ("moon",)), "no region 'moon' in the config"), (Wanted("klaude"), "unknown vendor 'klaude'"),
    (Wanted("claude", cause="bann"), "no cause 'bann'")])
def test_names_that_nobody_has(tmp_path: Path, wanted: Wanted, said: str) -> None:
    with pytest.raises(UserError, match=said):
        held(tmp_path, wanted)


@pytest.fixture
def proven(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every fallback answers now, from everywhere."""
    def context(*asked: object) -> object:
        found = deciding_now(*asked)  # type: ignore[arg-type]
        return replace(found, green={name: {"cn": NOW, "us": NOW} for name in found.green})

    monkeypatch.setattr(drillday, "deciding_now", context)


@pytest.mark.usefixtures("proven")
def test_what_is_kept_of_it_holds_no_secret_of_the_gateways_file(tmp_path: Path) -> None:
    found = held(tmp_path, Wanted("claude"), f"{TEXT}general_settings:\n  master_key: sk-live-4f9Q2Zx7Lm\n")
    assert found.passed
    said = as_json(found.plain())
    assert "sk-live" not in said
    assert "smart: qwen" in said, "the diff stays"


@pytest.mark.usefixtures("proven")
def test_an_endpoint_of_our_own_is_drilled_too(tmp_path: Path) -> None:
    text = TEXT.replace("model: anthropic/claude", "model: openai/q, api_base: 'http://127.0.0.1:9/v1'")
    own = CONFIG | {"endpoints": [{"name": "house", "base_url": "http://127.0.0.1:9/v1", "model": "q"}],
                    "workloads": {"smart": {"primary": "house", "fallbacks": ["qwen"]}}}
    found = held(tmp_path, Wanted("house", with_gateway=True), text, own)
    assert [one.why for one in found.drill.moves] == [""]
    [ran] = found.gateway
    assert ran.passed
    assert ran.hits_before > 0
