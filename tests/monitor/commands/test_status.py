"""`status`: the latest of every check and what stands, for people and for machines."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders import SLOT, a_measurement, a_provider, a_target, a_vantage
from sinks import free_port
from terminal import Command
from worlds import NOON

from monitor.budget import month_of
from monitor.model import Cause, Check, Incident, Judged, Move, Scope, Stage
from monitor.store.sql import open_store
from probes.model import Figures
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
    assert set(said) == {"checks", "incidents", "spending"}
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
    said = vendorwatch("status", "--json").json
    assert (said["checks"], said["incidents"]) == ([], [])
    assert [(row["provider"], row["month"]) for row in said["spending"]] == [(None, {"usd": 0.0, "tokens": 0})]
    assert "0 checks" in vendorwatch("status").out


@pytest.fixture
def spent(home: Path) -> None:
    """Claude was paid today, another vendor last month only."""
    (home / "vendorwatch.yaml").write_text(
        "database: v.db\nbudget: {usd_per_day: 1.0, vendors: {claude: {usd_per_month: 0.5}}}\n")
    now = datetime.now(UTC)
    long_ago = month_of(now) - timedelta(days=1)
    cost = Figures(tokens_in=300, tokens_out=30, cost_usd=0.25)
    store = open_store(f"sqlite:///{home / 'v.db'}")
    store.record([a_measurement(target=a_target(vendor), kind="completion", slot=at, figures=cost)
                  for vendor, at in (("anthropic", now), ("openai", long_ago))])
    store.close()


@pytest.mark.usefixtures("spent")
def test_spending_is_a_figure_with_how_much_of_which_limit(vendorwatch: Command) -> None:
    every, claude = vendorwatch("status", "--json").json["spending"]
    assert (every["provider"], claude["provider"]) == (None, "anthropic")
    assert every["today"] == every["month"] == claude["today"] == claude["month"] == {"usd": 0.25, "tokens": 330}
    assert {one["limit"]: (one["used"], one["most"], one["share"]) for one in claude["limits"]} == {
        "budget.vendors.anthropic.tokens_per_day": (330, 33_000, 0.01),
        "budget.vendors.anthropic.usd_per_month": (0.25, 0.5, 0.5),
        "budget.vendors.anthropic.tokens_per_month": (330, 31 * 33_000, pytest.approx(0.01 / 31))}
    assert every["limits"][0] == {"limit": "budget.usd_per_day", "used": 0.25, "most": 1.0, "share": 0.25}


@pytest.mark.usefixtures("spent")
def test_people_see_what_was_spent(vendorwatch: Command) -> None:
    table = vendorwatch("status").out.partition("spending")[2]
    [line] = [line for line in table.splitlines() if line.startswith("anthropic")]
    assert line.split()[1:5] == ["330", "0.2500", "330", "0.2500"]
    assert "tokens_per_day 1%, usd_per_month 50%" in line


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
