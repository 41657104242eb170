import json
import re
from pathlib import Path

import jsonschema
import pytest
import typer
from ruamel.yaml import YAML
from terminal import Command
from typer.testing import CliRunner

from monitor.commands.config import TEMPLATE, register


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.chdir(tmp_path)
    for name in ("VENDORWATCH_CONFIG", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    return app


def test_what_init_writes_is_good(app: typer.Typer, tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(app, ["config", "init"]).exit_code == 0
    result = runner.invoke(app, ["config", "check"])
    assert result.exit_code == 0, result.output
    assert "vendorwatch.yaml: good; 47 checks in 1 region" in result.output
    assert not (tmp_path / ".local").exists(), "checking changes nothing"


def test_what_init_comments_out_is_good_too(app: typer.Typer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = TEMPLATE.splitlines()[4:]
    lines = [line.replace("# ", "", 1) if line.lstrip().startswith("# ") else line for line in written]
    (tmp_path / "vendorwatch.yaml").write_text("\n".join(lines))
    (tmp_path / "litellm.yaml").write_text("model_list: []\n")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.example")
    result = CliRunner().invoke(app, ["config", "check"])
    assert result.exit_code == 0, result.output
    assert "ANTHROPIC_API_KEY is not set here" in result.output


def test_init_never_overwrites(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "vendorwatch.yaml").write_text("language: zh\n")
    result = CliRunner().invoke(app, ["config", "init"])
    assert result.exit_code == 2
    assert "is there already" in result.output
    assert (tmp_path / "vendorwatch.yaml").read_text() == "language: zh\n"


def test_check_says_all_and_ends_with_2(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("vendors: {nobody: {}}\nendpoints: [{name: kimi, base_url: 'http://x/v1'}]\n")
    result = CliRunner().invoke(app, ["config", "check", "--config", "mine.yaml"])
    assert result.exit_code == 2
    assert len(result.output.splitlines()) == 2


def test_the_schema_accepts_the_example(app: typer.Typer) -> None:
    schema = json.loads(CliRunner().invoke(app, ["config", "schema"]).output)
    jsonschema.Draft202012Validator.check_schema(schema)
    example = Path(__file__).parents[3] / "deploy" / "vendorwatch.yaml"
    loaded = YAML(typ="safe").load(example.read_text(encoding="utf-8"))
    jsonschema.validate(loaded, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"langauge": "en"}, schema)


def test_the_windows_that_the_example_comments_out_are_good(app: typer.Typer, tmp_path: Path) -> None:
    example = (Path(__file__).parents[3] / "deploy" / "vendorwatch.yaml").read_text(encoding="utf-8")
    section = re.search(r"^# maintenance:.*\n(?:# .*\n)+", example, re.MULTILINE)
    assert section
    text = re.sub("^# ", "", section[0], flags=re.MULTILINE) + "regions: {shanghai: {}}\n"
    (tmp_path / "vendorwatch.yaml").write_text(text)
    result = CliRunner().invoke(app, ["config", "check"])
    assert result.exit_code == 0, result.output
    assert len(YAML(typ="safe").load(text)["maintenance"]) == 3
    schema = json.loads(CliRunner().invoke(app, ["config", "schema"]).output)
    jsonschema.validate(YAML(typ="safe").load(text), schema)


def test_check_says_what_is_not_planned_and_what_is_taken_for_granted(app: typer.Typer, tmp_path: Path) -> None:
    (tmp_path / "vendorwatch.yaml").write_text(
        "regions: {here: {country: CN}}\nvendors: {claude: {checks: {completion: {}}}}\n")
    result = CliRunner().invoke(app, ["config", "check"])
    assert result.exit_code == 0
    assert "note: vendors.claude.checks: not planned" in result.output
    assert "note: vendors.claude.expect: refusal is expected in here (CN)" in result.output


LITELLM = """model_list:
- {model_name: smart, litellm_params: {model: anthropic/claude-opus-5, api_key: os.environ/CLAUDE_KEY}}
- {model_name: backup, litellm_params: {model: moonshot/kimi-k3, api_key: os.environ/KIMI_KEY}}
router_settings: {fallbacks: [{smart: [backup]}]}
"""


@pytest.mark.parametrize("said", [(), ("--gateway", "litellm")])
def test_init_starts_from_what_runs_and_check_finds_it_good(home: Path, vendorwatch: Command,
                                                            said: tuple[str, ...]) -> None:
    (home / "litellm.yaml").write_text(LITELLM)
    assert vendorwatch("config", "init", "--from", "litellm.yaml", *said).code == 0
    text = (home / "vendorwatch.yaml").read_text()
    assert "file: litellm.yaml" in text
    checked = vendorwatch("config", "check")
    assert (checked.code, "good;" in checked.out) == (0, True), checked.err
    shown = vendorwatch("readiness", "--json")
    [smart] = json.loads(shown.out)["workloads"]
    assert [line["vendor"] for line in smart["routes"]] == ["anthropic", "moonshot"]
    assert vendorwatch("config", "init", "--from", "litellm.yaml").code == 2, "never overwrites"


@pytest.mark.parametrize(("text", "told"), [
    ("hello: world", "looks like no gateway's config"), (None, "cannot be read"), ("model_list: [", "litellm.yaml")])
def test_init_from_what_is_no_gateways_config_writes_nothing(home: Path, vendorwatch: Command, text: str | None,
                                                             told: str) -> None:
    if text is not None:
        (home / "litellm.yaml").write_text(text)
    said = vendorwatch("config", "init", "--from", "litellm.yaml")
    assert (said.code, told in said.err) == (2, True), said.err
    assert not (home / "vendorwatch.yaml").exists()
