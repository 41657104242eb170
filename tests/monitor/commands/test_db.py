"""`db info` says what is; `db upgrade` mends it."""

import json
from pathlib import Path

import typer
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
