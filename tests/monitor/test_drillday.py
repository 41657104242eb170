"""A drill held on a real config and database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from composed import a_setup

from monitor.drillday import Held, Wanted, hold
from monitor.errors import UserError
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


def held(tmp_path: Path, wanted: Wanted) -> Held:
    (tmp_path / "litellm.yaml").write_text(TEXT)
    setup = a_setup(tmp_path, CONFIG, {})
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
