"""A workload that its gateway's file knows by another name, or not at all, is found before it has to be moved."""

import json
from pathlib import Path

import pytest
import typer
from composed import a_setup

from monitor.commands.config import check
from monitor.commands.run import _greet
from monitor.setup import read_setup
from monitor.unserved import MOST

LITELLM = """model_list:
  - model_name: smart
    litellm_params: {model: anthropic/claude-haiku-5-5}
  - model_name: cn-backup
    litellm_params: {model: openai/kimi, api_base: "https://api.moonshot.cn/v1"}
"""
GW = {"gw": {"type": "litellm", "file": "gw.yaml"}}


def faults(folder: Path, name: str, text: str = LITELLM, gateways: object = None, **more: object) -> tuple[str, ...]:
    (folder / "gw.yaml").write_text(text)
    workload = {"primary": "claude", "fallbacks": ["kimi"], **more}
    return a_setup(folder, {"gateways": gateways or GW, "workloads": {name: workload}}, {}).faults


def test_a_name_that_is_not_in_the_file_is_said_with_those_that_are(tmp_path: Path) -> None:
    assert faults(tmp_path, "smart") == ()
    assert faults(tmp_path, "SMART") == (), "LiteLLM's own refusal is about nothing but the name"
    [line] = faults(tmp_path, "smrt")
    assert line == (
        f"workloads.smrt: {tmp_path / 'gw.yaml'} of gateway 'gw' serves no 'smrt' (did you mean smart?), so no change "
        "of it could be made; there are: smart, cn-backup; call it what your apps ask for there, or say which gateway "
        "serves it (gateway: none, if none does)")
    assert faults(tmp_path, "smrt", gateway="none") == ()
    assert len(faults(tmp_path, "chat", fallbacks=[])) == 1


def test_of_many_names_some_are_said(tmp_path: Path) -> None:
    more = "".join(f"  - {{model_name: m{n}, litellm_params: {{model: openai/m{n}}}}}\n" for n in range(MOST))
    [line] = faults(tmp_path, "chat", LITELLM + more)
    assert "m9 and 2 more; call it" in line


def test_a_file_that_is_patched_already_serves_it_still(tmp_path: Path) -> None:
    assert faults(tmp_path, "smart", LITELLM + "router_settings: {model_group_alias: {smart: cn-backup}}\n") == ()


def test_an_env_file_knows_variables_and_models(tmp_path: Path) -> None:
    text = "OPENAI_API_KEY=sk-x\nOPENAI_MODEL=gpt-5\nANTHROPIC_API_KEY=sk-y\n"
    env = {"gw": {"type": "dotenv", "file": "gw.yaml"}}
    for name in ("default", "gpt-5", "OPENAI_MODEL", "openai"):
        assert faults(tmp_path, name, text, env, primary="openai") == ()
    [line] = faults(tmp_path, "assistant", text, env, primary="openai")
    assert {"default", "OPENAI_MODEL"} <= set(line.partition("there are: ")[2].partition(";")[0].split(", "))


def test_the_check_refuses_it_and_a_daemon_watches_all_the_same(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(tmp_path, "smrt")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit) as ended:
        check()
    assert (ended.value.exit_code, "vendorwatch.yaml: workloads.smrt: " in capsys.readouterr().err) == (2, True)
    _greet(read_setup(None, {}))
    assert "note: workloads.smrt: " in capsys.readouterr().err


def test_an_export_of_an_admin_api_may_be_old(tmp_path: Path) -> None:
    text = json.dumps([{"id": number, "type": kind, "name": str(kind), "models": "smart", "group": "default",
                        "status": 1, "priority": 0, "weight": 0} for number, kind in ((1, 14), (2, 25))])
    api = {"type": "newapi", "file": "gw.yaml", "url": "http://127.0.0.1:9", "mode": "approve", "outlet": "api"}
    (tmp_path / "gw.yaml").write_text(text)
    config = {"gateways": {"gw": api}, "workloads": {"chat": {"primary": "claude", "fallbacks": ["kimi"]}}}
    setup = a_setup(tmp_path, config, {})
    assert setup.faults == ()
    assert [note for note in setup.notes if note.startswith("workloads.chat: ") and note.endswith("may be old")]


def test_a_file_that_is_no_config_of_its_kind_is_said(tmp_path: Path) -> None:
    (tmp_path / "gw.yaml").write_text("model_list: []\n")
    setup = a_setup(tmp_path, {"gateways": GW, "workloads": {"smart": {"primary": "claude"}}}, {})
    assert setup.faults == ()
    assert [note for note in setup.notes if note.startswith(f"gateways.gw.file: {tmp_path / 'gw.yaml'}: no model_list")]
