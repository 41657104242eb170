"""LiteLLM in a drill: its routing is kept, everything else of the team's is not. The proxy: `make test-litellm`."""

import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from monitor.rig import Place
from monitor.rigs.litellm import Rig

TEXT = (
    "\ufeffmodel_list:\n"
    "- {model_name: smart, model_info: {id: a},\n"
    "   litellm_params: {model: anthropic/claude, api_key: sk-real, weight: 3}}\n"
    "- {model_name: backup, litellm_params: {model: dashscope/qwen, api_key: os.environ/Q}}\n"
    "- {model_name: lost, litellm_params: {model: x/y}}\n"
    "router_settings: {model_group_alias: {s: smart}, redis_host: cache.example, num_retries: 3}\n"
    "litellm_settings: {fallbacks: [{smart: [backup]}], callbacks: [langfuse]}\n"
    "general_settings: {database_url: 'postgres://u:p@db/x', master_key: sk-master}\n"
)
PLACES = {"model_list.0": Place("http://127.0.0.1:1/v1", "anthropic", "anthropic"),
          "model_list.1": Place("http://127.0.0.1:2/v1", "openai", "dashscope")}


def test_routes_lead_to_stand_ins_and_no_key_or_database_goes_along() -> None:
    said = Rig().adapted(TEXT, PLACES)
    assert "sk-real" not in said
    assert "sk-master" not in said
    assert "db/x" not in said
    assert YAML(typ="safe", pure=True).load(said) == {
        "model_list": [
            {"model_name": "smart", "model_info": {"id": "a"}, "litellm_params": {
                "model": "anthropic/claude", "api_base": "http://127.0.0.1:1", "api_key": "sk-drill-0000",
                "weight": 3}},
            {"model_name": "backup", "litellm_params": {
                "model": "openai/qwen", "api_base": "http://127.0.0.1:2/v1", "api_key": "sk-drill-0000"}},
        ],
        "router_settings": {"model_group_alias": {"s": "smart"}, "num_retries": 0},
        "litellm_settings": {"fallbacks": [{"smart": ["backup"]}]},
    }


def test_where_it_is_not_installed_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", "")
    assert "pip install 'litellm[proxy]'" in Rig().missing()
    program = tmp_path / "litellm"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    assert Rig().missing() == ""
