"""`db info` says what is; `db upgrade` mends it."""

import json
from pathlib import Path

import typer
from terminal import Command
from typer.testing import CliRunner

from monitor.commands.db import register
from monitor.store.upgrade import revisions


def run(*words: str) -> tuple[int, str]:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    found = CliRunner().invoke(app, ["db", *words], catch_exceptions=False)
    return found.exit_code, found.stdout


def test_info_upgrade_info_stamp(tmp_path: Path) -> None:
    place = ["-d", str(tmp_path / "watch.db"), "--json"]
    code, said = run("info", *place)
    assert (code, json.loads(said)["state"]) == (1, "empty")
    assert run("upgrade", *place)[0] == 0
    code, said = run("info", *place)
    assert (code, json.loads(said)["state"], json.loads(said)["revision"]) == (0, "current", revisions()[-1])
    assert run("stamp", "0001", *place)[0] == 0
    code, said = run("info", *place)
    assert (code, json.loads(said)["state"], json.loads(said)["revision"]) == (1, "behind", "0001")


def test_the_config_that_is_named_says_which_database(vendorwatch: Command, home: Path) -> None:
    (home / "other.yaml").write_text("database: other.db\n", encoding="utf-8")
    assert vendorwatch("db", "upgrade", "--config", "other.yaml").code == 0
    assert (home / "other.db").exists()
    assert vendorwatch("db", "info", "-c", "other.yaml").out.startswith(f"{home / 'other.db'} (sqlite)")
    assert vendorwatch("sql", "SELECT 7 AS n", "-c", "other.yaml", "--json").json == [{"n": 7}]
    assert vendorwatch("sql", "SELECT 7", "-c", "none.yaml").code == 2
    assert not (home / ".local").exists(), "the usual database was not touched"
