import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from monitor.commands.vendors import register
from monitor.errors import UserError


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.chdir(tmp_path)
    for name in ("VENDORWATCH_CONFIG", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    app = typer.Typer()
    register(app)
    app.callback()(lambda: None)
    return app


def test_all_of_them(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["vendors"])
    assert result.exit_code == 0
    assert len(result.output.splitlines()) >= 29
    rows = json.loads(CliRunner().invoke(app, ["vendors", "--json"]).output)
    assert len(rows) == 28
    assert {"id", "surfaces", "facts", "checked"} <= set(rows[0])


def test_one_of_them_by_its_everyday_name(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["vendors", "Kimi"])
    assert "https://api.moonshot.cn/v1" in result.output
    assert json.loads(CliRunner().invoke(app, ["vendors", "kimi", "--json"]).output)["id"] == "moonshot"


def test_nobody_of_that_name(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["vendors", "kimmi"])
    assert isinstance(result.exception, UserError)
    assert "did you mean" in str(result.exception)


def test_who_serves_which_countries_is_said_with_its_source(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["vendors", "claude"])
    assert "179 countries" in result.output
    row = json.loads(CliRunner().invoke(app, ["vendors", "claude", "--json"]).output)
    assert row["supported"]["source"].startswith("https://")
    assert "CN" not in row["served_in"]
