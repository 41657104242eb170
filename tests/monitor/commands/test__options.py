"""Who types: the name where there is one, else the number; and the options read the same wherever they stand."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pytest
import typer
from typer.testing import CliRunner

from monitor.commands._options import ConfigOption, JsonOption, KeysOption, opened, paper, person
from monitor.errors import UserError
from monitor.store.sql import SqlStore
from monitor.store.upgrade import info, stamp, upgrade


def fails(error: Exception) -> Callable[[], NoReturn]:
    def raises() -> NoReturn:
        raise error

    return raises


def test_a_person_has_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "mei")
    assert person() == "mei"


@pytest.mark.parametrize("error", [KeyError("getpwuid(): uid not found"), OSError("no username")])
def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr("getpass.getuser", fails(error))
    assert person() == f"uid {os.getuid()}"


@pytest.mark.parametrize(("words", "said"), [
    ([], "None False False"), (["-c", "a.yaml", "--json", "--use-keys"], "a.yaml True True"),
    (["--config", "b.yaml"], "b.yaml False False")])
def test_the_common_options(words: list[str], said: str) -> None:
    app = typer.Typer()

    @app.command()
    def go(config: ConfigOption = None, as_json: JsonOption = False, use_keys: KeysOption = False) -> None:
        typer.echo(f"{config} {as_json} {use_keys}")

    assert CliRunner().invoke(app, words).stdout.strip() == said


def test_a_pipe_has_no_edge_and_a_terminal_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert paper().width == 10_000
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert paper().width == 60


def test_a_database_is_made_but_never_upgraded_under_a_daemon_that_may_run(
        home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    with opened(None) as store:
        assert store.cursor() == 0
    assert info("v.db").state == "current"
    stamp("v.db", "0001")
    with pytest.raises(UserError, match="is behind; run: vendorwatch db upgrade"), opened(None):
        pass
    assert info("v.db").revision == "0001"
    upgrade("v.db")
    closed: list[object] = []

    def shut(store: SqlStore) -> None:
        closed.append(store)

    monkeypatch.setattr(SqlStore, "close", shut)
    with pytest.raises(UserError, match="incident 7: unknown"), opened(None) as store:
        store.acknowledge(7, "mei", datetime.now(UTC))
    assert closed == [store]
