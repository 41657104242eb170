"""`db info` says what is; `db upgrade` mends it."""

import json
import sqlite3
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


def test_another_programs_file_is_said_and_no_command_changes_it(vendorwatch: Command, home: Path) -> None:
    path = home / "o2.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE users (x)")
    connection.close()
    before = path.read_bytes()
    (home / "o.yaml").write_text("database: o2.db\n", encoding="utf-8")
    said = vendorwatch("db", "info", "-c", "o.yaml")
    assert (said.code, said.out) == (1, f"{path} (sqlite): revision none, another program's\n")
    for words in (("status",), ("patch", "log"), ("silence", "list"), ("patch", "stop"), ("db", "upgrade"), ("run",)):
        refused = vendorwatch(*words, "-c", "o.yaml")
        assert ("another program's" in refused.err, path.read_bytes() == before) == (True, True), words
        assert refused.code != 0 or words == ("patch", "stop"), "which stops by its file all the same"
    assert vendorwatch("sql", "SELECT * FROM users", "-c", "o.yaml", "--json").json == []
    assert path.read_bytes() == before
    assert not [one.name for one in home.iterdir() if one.name.startswith("o2.db") and one != path]


def test_the_config_that_is_named_says_which_database(vendorwatch: Command, home: Path) -> None:
    (home / "other.yaml").write_text("database: other.db\n", encoding="utf-8")
    assert vendorwatch("db", "upgrade", "--config", "other.yaml").code == 0
    assert (home / "other.db").exists()
    assert vendorwatch("db", "info", "-c", "other.yaml").out.startswith(f"{home / 'other.db'} (sqlite)")
    assert vendorwatch("sql", "SELECT 7 AS n", "-c", "other.yaml", "--json").json == [{"n": 7}]
    assert vendorwatch("sql", "SELECT 7", "-c", "none.yaml").code == 2
    assert not (home / ".local").exists(), "the usual database was not touched"
