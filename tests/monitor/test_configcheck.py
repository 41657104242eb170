"""What is said of each section is in test_config; here: order, silence on good configs, and no values of secrets."""

import os
from pathlib import Path

import pytest

from monitor.catalogue import load_catalogue
from monitor.configcheck import problems_in
from monitor.settings import Config

CATALOGUE = load_catalogue()


def found(tmp_path: Path, environ: dict[str, str] | None = None, **sections: object) -> list[str]:
    config = Config.model_validate({"database": f"sqlite:///{tmp_path}/a.db", **sections})
    return problems_in(config, CATALOGUE, environ or {})


def test_the_zero_config_is_good(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_without_a_catalogue_names_go_unchecked(tmp_path: Path) -> None:
    config = Config.model_validate({"database": f"sqlite:///{tmp_path}/a.db", "vendors": {"nobody": {}}})
    assert problems_in(config, None, {}) == []
    assert len(problems_in(config, CATALOGUE, {})) == 1


def test_a_database_in_a_read_only_folder_can_still_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not mode & os.W_OK)
    [line] = found(tmp_path, database=f"sqlite:///{tmp_path}/a.db")
    assert line.startswith("database: cannot write in")
    (tmp_path / "a.db").touch()
    assert found(tmp_path, database=f"sqlite:///{tmp_path}/a.db") == []


def test_a_place_that_is_no_folder_cannot_hold_a_database(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    [line] = found(tmp_path, database=f"sqlite:///{tmp_path}/file/x/a.db")
    assert line.startswith("database: cannot write in")
    [line] = found(tmp_path, database=f"sqlite:///{tmp_path}")
    assert line.startswith("database: ")
    assert "is a folder" in line


@pytest.mark.parametrize(("place", "said"), [
    ("mysql://root@db/x", "expected a path or postgresql"), ("sqlite://", "expected a path or postgresql"),
    ("sqlite:////dev/null", "no ordinary file")])
def test_a_database_that_is_none_is_said_before_anything_starts(tmp_path: Path, place: str, said: str) -> None:
    [line] = found(tmp_path, database=place)
    assert line.startswith("database: ")
    assert said in line


def test_a_fallback_is_another_vendor(tmp_path: Path) -> None:
    [line] = found(tmp_path, workloads={"smart": {"primary": "claude", "fallbacks": ["kimi", "claude"]}})
    assert line.startswith("workloads.smart: a vendor is there twice")
    assert found(tmp_path, workloads={"smart": {"primary": "claude", "fallbacks": ["kimi", "glm"]}}) == []


def test_an_endpoint_has_a_budget_as_a_vendor_has(tmp_path: Path) -> None:
    endpoints = [{"name": "ours", "base_url": "http://127.0.0.1:9/v1"}]
    assert found(tmp_path, endpoints=endpoints, budget={"vendors": {"ours": {}, "claude": {}}}) == []
    [line] = found(tmp_path, budget={"vendors": {"ours": {}}})
    assert line.startswith("budget.vendors.ours: unknown vendor 'ours'")


def test_sections_come_in_order(tmp_path: Path) -> None:
    lines = found(tmp_path, channels={"x": {"type": "slak"}}, regions={"a": {"vantages": [{}, {}]}},
                  vendors={"nobody": {}})
    assert [line.split(".")[0].split(":")[0] for line in lines] == ["regions", "vendors", "channels"]


def test_a_set_secret_is_never_shown(tmp_path: Path) -> None:
    channel = {"type": "slack", "webhook_env": "HOOK", "channell": "x"}
    lines = found(tmp_path, {"HOOK": "canary-81"}, channels={"x": channel})
    assert len(lines) == 1
    assert "canary-81" not in lines[0]


def test_options_of_a_check_and_of_a_channel_are_the_plugins_to_judge(tmp_path: Path) -> None:
    [line] = found(tmp_path, vendors={"kimi": {"checks": {"quality": {"round": 2}}}})
    assert line.startswith("vendors.kimi.checks.quality.round: unknown key (did you mean rounds?)")
    channels = {"a": {"type": "slack", "token_env": "T"}, "b": {"type": "console", "language": "fr"}}
    lone, foreign = found(tmp_path, {"T": "x"}, channels=channels)
    assert lone == "channels.a: channel: needed with token_env"
    assert foreign.startswith("channels.b: language")


def test_all_that_is_wrong_with_a_window_is_said_at_once(tmp_path: Path) -> None:
    skipped = {"interval": "2026-03-29T02:15/2026-03-29T02:45", "vendors": ["nobody", "ours", "kimi"], "regions": ["x"]}
    lines = found(tmp_path, timezone="Europe/Berlin", maintenance=[{**skipped, "timezone": "UTC"}, skipped],
                  endpoints=[{"name": "ours", "base_url": "http://10.0.0.7/v1"}])
    assert [line.partition(": ")[0] for line in lines] == [
        "maintenance[0].regions", "maintenance[1].regions", "maintenance[0].vendors", "maintenance[1]",
        "maintenance[1].vendors"]


def test_without_a_catalogue_a_window_is_looked_at_all_the_same(tmp_path: Path) -> None:
    config = Config.model_validate({
        "database": f"sqlite:///{tmp_path}/a.db", "timezone": "Europe/Berlin",
        "maintenance": [{"interval": "2026-03-29T02:15/2026-03-29T02:45", "vendors": ["nobody"]}]})
    assert [line.partition(": ")[0] for line in problems_in(config, None, {})] == ["maintenance[0]"]


def test_a_rule_names_what_there_is(tmp_path: Path) -> None:
    rule = {"when": {"vendor": "klaude", "region": "hear", "workload": "smrt"}, "channels": ["consol"]}
    good = {"when": {"vendor": "claude", "region": "here", "workload": "smart"}, "channels": ["console"]}
    workloads = {"smart": {"primary": "claude", "fallbacks": ["kimi"]}}
    assert found(tmp_path, workloads=workloads, policy={"rules": [good]}) == []
    lines = found(tmp_path, workloads=workloads, policy={"rules": [good, rule]})
    assert [line.split(":")[0] for line in lines] == [
        f"policy.rules[1].{key}" for key in ("channels", "when.region", "when.workload", "when.vendor")]
    assert lines[0] == "policy.rules[1].channels: no channel 'consol' (did you mean console?); there are: console"


def test_a_rule_may_name_an_endpoint(tmp_path: Path) -> None:
    endpoints = [{"name": "ours", "base_url": "http://127.0.0.1:9/v1"}]
    rules = [{"when": {"vendor": "ours"}, "patch": "none"}]
    assert found(tmp_path, endpoints=endpoints, policy={"rules": rules}) == []


def test_a_gateway_s_keys_go_together(tmp_path: Path) -> None:
    (tmp_path / "gw.yaml").write_text("model_list: []")
    here = {"type": "litellm", "file": str(tmp_path / "gw.yaml")}
    assert found(tmp_path, gateways={"g": {**here, "mode": "auto", "auto_causes": ["region_restricted"]}}) == []
    for wrong in ({"mode": "auto"}, {"mode": "approve", "auto_causes": ["region_restricted"]}):
        [line] = found(tmp_path, gateways={"g": {**here, **wrong}})
        assert line.startswith("gateways.g.auto_causes: go with mode: auto")
    api = {**here, "outlet": "api", "url": "http://127.0.0.1:9"}
    assert found(tmp_path, gateways={"g": {**api, "mode": "approve"}}) == []
    [line] = found(tmp_path, gateways={"g": api})
    assert line.startswith("gateways.g.outlet: api goes with mode: approve")
    for wrong in ({"canary": True}, {"key_env": "K"}, {"canary_key_env": "K"}, {"admin_url": "http://gw:9901"}):
        [line] = found(tmp_path, gateways={"g": {**here, **wrong}})
        assert line.startswith("gateways.g.url: is missing")


def test_a_freeze_that_its_clock_never_shows_is_said(tmp_path: Path) -> None:
    never = {"start": "2026-03-29T02:10", "end": "2026-03-29T02:20", "timezone": "Europe/Berlin"}
    [line] = found(tmp_path, patching={"freeze": [never]})
    assert line.startswith("patching.freeze[0]: the clocks of Europe/Berlin go forward")
