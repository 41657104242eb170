"""`budget`: promised and actual false alarms, and the marks that people set."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from history import NOON, a_check, a_measurement
from terminal import Command

from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Tier
from monitor.store.sql import open_store

OPENED = Incident(0, "a", Stage.OPEN, Cause.PROVIDER_OUTAGE, Scope("acme"), 0.97, "503", NOON, NOON, NOON,
                  regions=("home",))
DOUBT = replace(OPENED, key="b", stage=Stage.SUSPECTED, opened_at=None, tier=Tier.WARN)


@pytest.fixture(autouse=True)
def _history(home: Path) -> None:
    """Three days of one stream; an incident that stands, and a suspicion that faded."""
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    store = open_store(f"sqlite:///{home / 'v.db'}")
    check = a_check()
    store.register([check], NOON)
    store.record([a_measurement(check), replace(a_measurement(check), slot=NOON + timedelta(days=3))])
    faded = replace(DOUBT, id=2, stage=Stage.CLOSED, closed_at=NOON)
    store.carry_out(Judged(0, 0, NOON, actions=(
        Move(OPENED, None, NOON, "first"), Move(DOUBT, None, NOON, "odd"), Move(faded, Stage.SUSPECTED, NOON, "gone"))))
    store.close()


def tiers(vendorwatch: Command) -> dict[str, tuple[float, int, int]]:
    found = vendorwatch("budget", "--json").json
    return {one["tier"]: (one["promised"], one["reached"], one["false"]) for one in found["tiers"]}


def test_promised_and_actual_stand_beside_each_other(vendorwatch: Command) -> None:
    found = vendorwatch("budget", "--json").json
    assert (found["streams"], found["stream_days"]) == (1, 3)
    assert tiers(vendorwatch)["suspect"] == (3, 2, 1)
    assert tiers(vendorwatch)["confirm"] == (pytest.approx(3 / 90), 1, 0)
    shown = vendorwatch("budget")
    assert (shown.code, "1 in 90 days" in shown.out, "faded unconfirmed" in shown.out) == (0, True, True)
    assert "3.0 days of 1 streams" in shown.out


def test_a_person_says_what_was_false_and_may_think_better_of_it(vendorwatch: Command) -> None:
    done = vendorwatch("incident", "false", "1", "--by", "mei", "--because", "our firewall")
    assert (done.code, done.out) == (0, "incident 1 marked as false by mei\n")
    assert tiers(vendorwatch)["confirm"][2] == 1
    assert "marked as false by mei" in vendorwatch("incident", "show", "1").out
    assert "our firewall" in vendorwatch("incident", "show", "1").out
    assert vendorwatch("incident", "false", "1", "--undo").code == 0
    assert tiers(vendorwatch)["confirm"][2] == 0
    assert [one["mark"] for one in vendorwatch("incident", "show", "1", "--json").json["marks"]] == ["false", "real"]


def test_one_that_is_not_there_cannot_be_marked(vendorwatch: Command) -> None:
    assert vendorwatch("incident", "false", "7").problem.startswith("no incident 7")
