"""`doctor`: what it warns of, what it calls a problem, and that looking changes nothing."""

import os
import sqlite3
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
from terminal import Command

from monitor.commands.doctor import clocks, environment, folders, packages
from monitor.settings import Config
from monitor.store.upgrade import info, upgrade


def levels(found: list[dict[str, str]]) -> dict[str, str]:
    return {row["what"]: row["level"] for row in found}


def test_a_clean_machine_is_fine_and_stays_as_it_was(vendorwatch: Command, home: Path) -> None:
    done = vendorwatch("doctor", "--json")
    assert done.code == 0
    assert all(set(row) == {"level", "what", "found"} for row in done.json)
    assert set(levels(done.json)) == {"packages", "environment", "stamps", "clock", "config", "database", "folder"}
    assert "problem" not in levels(done.json).values()
    assert list(home.iterdir()) == []
    plain = vendorwatch("doctor")
    assert plain.code == 0
    assert len(plain.out.splitlines()) == len(done.json)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_variable_that_probes_do_not_obey_is_a_note_without_its_value(
    vendorwatch: Command, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "http://user:canary-81@127.0.0.1:3128")
    done = vendorwatch("doctor", "--json")
    [note] = [row for row in done.json if row["what"] == "environment"]
    assert (done.code, note["level"]) == (0, "note")
    assert note["found"].startswith(f"{name} is set, but probes do not use it")
    assert "canary-81" not in done.out + vendorwatch("doctor").out


def test_without_such_variables_it_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    assert [finding[:2] for finding in environment()] == [("ok", "environment")]


def test_another_distribution_with_our_names_is_a_problem(
    vendorwatch: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.packages_distributions", lambda: {
        "alerts": ["vendorwatch", "alerts-lib", "alerts-lib"], "probes": ["vendorwatch"], "numpy": ["numpy"]})
    done = vendorwatch("doctor", "--json")
    [row] = [row for row in done.json if row["what"] == "packages"]
    assert (done.code, row["level"]) == (1, "problem")
    assert row["found"] == "alerts is also brought by alerts-lib; install vendorwatch into a venv of its own"


def test_a_package_that_lies_apart_from_the_others_is_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.util

    real = importlib.util.find_spec

    def shadowed(name: str, package: str | None = None) -> ModuleSpec | None:
        if name == "alerts":
            return ModuleSpec("alerts", None, origin=str(home / "alerts" / "__init__.py"))
        return real(name, package)

    monkeypatch.setattr("importlib.util.find_spec", shadowed)
    said = [text for level, _, text in packages() if level == "problem"]
    assert said == [f"alerts is imported from {home}, apart from monitor; set PYTHONSAFEPATH=1"]


def test_a_kernel_that_stamps_nothing_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.net.stamps.kernel_stamps_work", lambda: False)
    assert ("note", "stamps") in [finding[:2] for finding in clocks()]
    monkeypatch.setattr("probes.net.stamps.kernel_stamps_work", lambda: True)
    assert ("ok", "stamps") in [finding[:2] for finding in clocks()]


def test_a_clock_before_this_program_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime

    class Reset(datetime.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Reset":
            return cls(1970, 1, 2, tzinfo=tz)

    monkeypatch.setattr(datetime, "datetime", Reset)
    [said] = [text for level, what, text in clocks() if (level, what) == ("problem", "clock")]
    assert said.startswith("the clock says 1970-01-02")


def test_every_problem_of_the_config_is_a_line(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("langauge: en\nretention_days: soon\n")
    done = vendorwatch("doctor", "--json")
    assert done.code == 1
    said = [row["found"] for row in done.json if row["what"] == "config"]
    assert len(said) == 2
    assert "did you mean language?" in said[0] + said[1]
    assert "database" not in levels(done.json), "what the config would say is not known"


def test_a_config_that_cannot_be_read_is_a_problem(vendorwatch: Command) -> None:
    done = vendorwatch("doctor", "--json", "--config", "none.yaml")
    assert (done.code, levels(done.json)["config"]) == (1, "problem")


def test_a_database_says_how_far_it_is_judged(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    [row] = [row for row in vendorwatch("doctor", "--json").json if row["what"] == "database"]
    assert row["found"].endswith("not there yet; the first run makes it")
    upgrade(str(home / "v.db"))
    [row] = [row for row in vendorwatch("doctor", "--json").json if row["what"] == "database"]
    assert (row["level"], row["found"]) == ("ok", "judged up to 0")


def test_a_database_from_a_newer_version_is_a_problem(vendorwatch: Command, newer: Path) -> None:
    done = vendorwatch("doctor", "--json")
    [row] = [row for row in done.json if row["what"] == "database"]
    assert (done.code, row["level"]) == (1, "problem")
    assert "has revision 9999, from a newer vendorwatch" in row["found"]


def test_a_database_that_is_behind_is_left_as_it_is(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    sqlite3.connect(home / "v.db").close()
    done = vendorwatch("doctor", "--json")
    [row] = [row for row in done.json if row["what"] == "database"]
    assert (done.code, row["level"]) == (1, "problem")
    assert "run: vendorwatch db upgrade" in row["found"]
    assert info(str(home / "v.db")).state == "empty"


@pytest.mark.parametrize("deep", ["", "not/yet/there/"])
def test_a_folder_that_cannot_be_written_is_a_problem(
    home: Path, monkeypatch: pytest.MonkeyPatch, deep: str
) -> None:
    settings = Config(database=f"sqlite:///{home}/{deep}v.db")
    assert [finding[:2] for finding in folders(settings)] == [("ok", "folder")]
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and (mode == os.F_OK or Path(path) != home))
    assert list(folders(settings)) == [
        ("problem", "folder", f"{home} cannot be written to; mend its rights or set `database`")]


def test_a_folder_that_may_not_even_be_looked_into_is_a_problem(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, secret = os.access, home / "secret"

    def access(path: Path, mode: int) -> bool:
        if secret in Path(path).parents:
            return False                                # nobody may search it
        return real(path, mode) and (mode == os.F_OK or Path(path) != secret)

    secret.mkdir()
    monkeypatch.setattr(os, "access", access)
    monkeypatch.setattr(Path, "exists", lambda self: pytest.fail("raises where a folder may not be searched"))
    [(level, _, text)] = folders(Config(database=f"sqlite:///{secret}/vw/v.db"))
    assert (level, text.startswith(f"{secret} cannot be written to")) == ("problem", True)
