"""The rows as a table, CSV or JSON; what vendors wrote moves no cursor."""

import json
from pathlib import Path

import pytest
import typer
from history import a_check, a_measurement
from typer.testing import CliRunner

from monitor.commands.sql import register
from monitor.store.sql import open_store


@pytest.fixture
def database(tmp_path: Path) -> str:
    path = str(tmp_path / "watch.db")
    store = open_store(path)
    store.record([a_measurement(a_check(), 0)])
    store.close()
    return path


def run(*words: str) -> str:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    found = CliRunner().invoke(app, ["sql", *words], catch_exceptions=False)
    assert found.exit_code == 0
    return found.stdout


QUERY = "SELECT provider, outcome, total_s, ttft_s FROM v_measurement"


def test_json(database: str) -> None:
    row = {"provider": "claude", "outcome": "ok", "total_s": 0.25, "ttft_s": None}
    assert json.loads(run(QUERY, "--json", "-d", database)) == [row]


def test_csv(database: str) -> None:
    assert run(QUERY, "-f", "csv", "-d", database) == "provider,outcome,total_s,ttft_s\nclaude,ok,0.25,\n"


def test_a_table_shows_control_characters_as_such(database: str) -> None:
    said = run("SELECT 'a' || char(27) || '[2J[red]' AS reason", "-d", database)
    assert "\x1b" not in said
    assert "a\N{REPLACEMENT CHARACTER}[2J[red]" in said


def test_where_a_terminal_is_too_narrow_a_column_is_a_line(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("FORCE_COLOR", "1")        # rich takes it for a terminal then
    monkeypatch.setenv("NO_COLOR", "1")
    lines = [line.split() for line in run("SELECT * FROM v_current", "-d", database).splitlines()]
    assert ["provider", "claude"] in lines
    assert ["total_s", "0.25"] in lines
    assert ["claude", "ok", "0.25"] in [line.split() for line in run(QUERY, "-d", database).splitlines()]


def test_what_is_no_number_in_json_is_text(database: str) -> None:
    said = run("SELECT 9e999 AS a, -9e999 AS b", "--json", "-d", database)
    assert json.loads(said, parse_constant=pytest.fail) == [{"a": "inf", "b": "-inf"}]
