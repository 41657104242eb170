"""`status`: the latest of every check and what stands, for people and for machines."""

from datetime import timedelta
from pathlib import Path

import pytest
from builders import SLOT, a_measurement, a_provider, a_target, a_vantage
from sinks import free_port
from terminal import Command
from worlds import NOON

from monitor.model import Cause, Check, Incident, Judged, Move, Scope, Stage
from monitor.store.sql import open_store
from probes.outcome import Outcome


@pytest.fixture
def lived(home: Path) -> None:
    """Two vendors and a neutral host were asked, one of them twice; one incident stands, one is over."""
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    rows = [
        a_measurement(Outcome.OK, target=a_target("acme", keyed=False)),
        a_measurement(Outcome.GEO_RESTRICTED, target=a_target("acme", keyed=False), slot=SLOT + timedelta(minutes=1),
                      reason="403 [bold]unsupported[/bold]"),
        a_measurement(Outcome.OK, target=a_target("zeta", keyed=False)),
    ]
    neutral = a_target(a_provider("neutral.example", neutral=True), keyed=False)
    control = Check("control", "network", neutral, a_vantage(), timedelta(minutes=1), control=True)
    store = open_store(f"sqlite:///{home / 'v.db'}")
    store.register([*(row.check for row in rows), control], SLOT)
    store.record(rows)
    store.record([a_measurement(target=neutral).__class__(control, SLOT, SLOT, 0.0, rows[0].reading)])
    stands = Incident(0, "a", Stage.OPEN, Cause.REGION_RESTRICTED, Scope("acme", "eu"), 0.9, "403", NOON, NOON, NOON)
    over = Incident(0, "b", Stage.CLOSED, Cause.BILLING, Scope("zeta"), 0.9, "402", NOON, NOON, NOON, NOON)
    store.carry_out(Judged(0, 0, NOON, actions=(Move(stands, None, NOON, "403"), Move(over, None, NOON, "402"))))
    store.close()


@pytest.mark.usefixtures("lived")
def test_machines_read_the_latest_of_every_check_and_what_stands(vendorwatch: Command) -> None:
    said = vendorwatch("status", "--json").json
    assert set(said) == {"checks", "incidents"}
    latest = {row["provider"]: row for row in said["checks"]}
    assert {name: row["outcome"] for name, row in latest.items()} == {
        "acme": "geo_restricted", "zeta": "ok", "neutral.example": "ok"}
    assert latest["acme"]["total_s"] == pytest.approx(0.3)
    assert [(one["id"], one["cause"], one["stage"]) for one in said["incidents"]] == [(1, "region_restricted", "open")]


@pytest.mark.usefixtures("lived")
def test_people_see_reasons_to_the_letter_and_no_neutral_hosts(vendorwatch: Command) -> None:
    done = vendorwatch("status")
    assert done.code == 0
    assert done.out.startswith("1 incident ")
    assert "403 [bold]unsupported[/bold]" in done.out
    assert "300 ms" in done.out
    assert "neutral.example" not in done.out


def test_nothing_yet_is_said_as_nothing(vendorwatch: Command) -> None:
    assert vendorwatch("status", "--json").json == {"checks": [], "incidents": []}
    assert "0 checks" in vendorwatch("status").out


def test_a_database_from_a_newer_version_is_left_alone(vendorwatch: Command, newer: Path) -> None:
    before = newer.read_bytes()
    assert "has revision 9999, from a newer vendorwatch" in vendorwatch("status").problem
    assert newer.read_bytes() == before


@pytest.mark.parametrize(("text", "said"), [
    ("retention_days: soon", "retention_days: "), ("[1, 2]", "expected keys and values"), ("a: [", "not valid YAML"),
    ("database: notes.txt", "notes.txt: cannot be opened: file is not a database")])
def test_a_config_that_is_wrong_is_named(vendorwatch: Command, home: Path, text: str, said: str) -> None:
    (home / "notes.txt").write_text("dear diary " * 400)
    (home / "vendorwatch.yaml").write_text(text)
    assert said in vendorwatch("status").problem


def test_a_config_that_is_not_there_is_named(vendorwatch: Command, home: Path) -> None:
    assert "none.yaml: cannot be read" in vendorwatch("status", "--config", "none.yaml").problem
    assert list(home.iterdir()) == []


def test_a_database_server_that_is_away_is_one_line_without_its_password(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text(f"database: postgresql://u:canary-81@127.0.0.1:{free_port()}/x\n")
    said = vendorwatch("status").problem
    assert len(said.splitlines()) == 1
    assert "cannot be opened" in said
    assert "canary-81" not in said
