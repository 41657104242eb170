"""`patch render` and `patch lint` on bare files, as a person types them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import build

TEXT = (
    "\ufeffmodel_list:\r\n"
    "- model_name: smart\r\n"
    "  litellm_params: {model: anthropic/claude}\r\n"
    "- model_name: backup\r\n"
    "  litellm_params: {model: dashscope/qwen3-max}\r\n"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_bytes(TEXT.encode())
    return file


def run(*words: object) -> Result:
    return CliRunner().invoke(build(), ["patch", *map(str, words)])


def render(file: Path, *more: str, to: str = "backup") -> Result:
    return run("render", file, "--workload", "smart", "--away-from", "claude", "--to", to, *more)


def test_the_diff_and_nothing_else_is_printed(file: Path) -> None:
    done = render(file, "--gateway", "litellm")
    assert done.exit_code == 0
    assert done.stdout_bytes.startswith(b"--- a/")
    assert b"+router_settings: {model_group_alias: {smart: backup}}  # vendorwatch:vw-" in done.stdout_bytes
    assert "no probe has proven" in done.stderr
    assert "to apply: " in done.stderr
    assert file.read_bytes() == TEXT.encode()


def test_as_json_it_is_one_object_with_the_way_back(file: Path) -> None:
    said = json.loads(render(file, "--json").stdout_bytes)
    assert said["reverted"] == TEXT
    assert said["patched"].startswith("\ufeff")
    assert said["changed_lines"] == 1
    assert said["apply"]
    assert said["warnings"]
    file.write_bytes(said["patched"].encode())
    again = render(file, "--json")
    assert (again.exit_code, json.loads(again.stdout_bytes)["diff"]) == (0, "")
    assert "moved already" in render(file).stderr


def test_a_refusal_is_three_with_its_reason(file: Path) -> None:
    done = render(file, to="nowhere")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "refused: 'nowhere' is no model group" in done.stderr
    assert "no model group" in json.loads(render(file, "--json", to="nowhere").stdout_bytes)["refused"]
    assert render(file.with_name("none"), "--gateway", "litellm").exit_code == 3


def test_lint_says_what_and_where(file: Path) -> None:
    assert run("lint", file).exit_code == 0
    file.write_text("model_list:\n- model_name: a\n  litellm_params: {model: b}\nrouter_settings: {num_retries: x}\n")
    done = run("lint", file, "--gateway", "litellm")
    assert done.exit_code == 1
    assert "line 4: warning: router_settings.num_retries must be a whole number" in done.stdout
    rows = json.loads(run("lint", file, "--json").stdout_bytes)
    assert rows["problems"][0]["where"] == "line 4"
    assert run("lint", file.with_name("none"), "--gateway", "litellm").exit_code == 3


def test_a_file_that_is_no_config_is_refused_and_a_language_is_no_format(file: Path) -> None:
    assert render(file, "--gateway", "yaml").exit_code == 0
    file.write_text("hello")
    result = render(file)
    assert (result.exit_code, "looks like no gateway's config" in result.stderr) == (3, True)
    assert render(file, "--gateway", "nobodys").exit_code != 3


def test_the_calls_are_printed_for_a_person_too_in_their_order(file: Path) -> None:
    rows = [{"id": 1, "type": 14, "name": "c", "status": 1, "models": "smart,x", "group": "default", "priority": 1},
            {"id": 2, "type": 17, "name": "backup", "status": 1, "models": "q", "group": "default", "priority": 0}]
    file.write_text(json.dumps({"success": True, "data": rows}, indent=1))
    calls = [line for line in render(file).stderr.splitlines() if line.startswith("call: ")]
    assert calls[0].startswith('call: PUT /api/channel/ {"id": 2, "models": "q,smart"')
    assert calls[1].startswith('call: PUT /api/channel/ {"id": 1, "models": "x"}')
