"""Incidents as people see them: listed, shown with their moves, acknowledged, resumed; what is not there is a line."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from history import a_check, a_measurement
from terminal import Command
from worlds import NOON

from monitor.model import Cause, Incident, Judged, Move, Scope, Stage, Watch
from monitor.store.sql import SqlStore, open_store
from probes.outcome import Outcome

BAN = Incident(0, "ban:acme|*|main|*", Stage.OPEN, Cause.ACCOUNT_RESTRICTED, Scope("acme", account="main"), 0.97,
               "the vendor says [banned]", NOON, NOON, NOON, regions=("home",))
OLD = replace(BAN, key="old", cause=Cause.PROVIDER_OUTAGE, scope=Scope("zeta"), because="503")


@pytest.fixture
def store(home: Path) -> Iterator[SqlStore]:
    """Incident 1 stands, incident 2 is closed."""
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    found = open_store(f"sqlite:///{home / 'v.db'}")
    later = NOON + timedelta(minutes=9)
    over = replace(OLD, id=2, stage=Stage.CLOSED, changed_at=later, closed_at=later)
    found.carry_out(Judged(0, 0, NOON, actions=(
        Move(BAN, None, NOON, "first"), Move(OLD, None, NOON, "down"), Move(over, Stage.OPEN, later, "up again"),
        Watch(f"{BAN.key}:stop", ("keyed",), None, None, "banned"))))
    yield found
    found.close()


def test_what_stands_is_listed_and_all_of_it_on_request(vendorwatch: Command, store: SqlStore) -> None:
    [row] = vendorwatch("incident", "list", "--json").json
    assert (row["id"], row["stage"], row["cause"], row["scope"]["account"]) == (1, "open", "account_restricted", "main")
    assert row["onset"] == NOON.isoformat()
    assert [one["id"] for one in vendorwatch("incident", "list", "--all", "--json").json] == [2, 1]
    plain = vendorwatch("incident", "list")
    assert (plain.code, "acme" in plain.out, "zeta" in plain.out) == (0, True, False)


@pytest.mark.parametrize("which", ["1", "01", BAN.key, BAN.short])
def test_one_is_found_by_number_and_by_the_names_an_alert_gives(
    vendorwatch: Command, store: SqlStore, which: str
) -> None:
    shown = vendorwatch("incident", "show", which, "--json").json
    assert shown["incident"]["id"] == 1
    assert [(move["before"], move["after"], move["because"]) for move in shown["moves"]] == [(None, "open", "first")]


def test_people_see_the_reason_to_the_letter_and_every_move(vendorwatch: Command, store: SqlStore) -> None:
    assert "the vendor says [banned]" in vendorwatch("incident", "show", "1").out
    over = vendorwatch("incident", "show", "2").out
    assert "up again" in over
    assert "2026-03-02 12:09:00Z" in over


def test_acknowledging_is_a_move_and_names_who(vendorwatch: Command, store: SqlStore) -> None:
    done = vendorwatch("incident", "ack", BAN.short, "--by", "mei")
    assert (done.code, done.out) == (0, "incident 1 acknowledged by mei\n")
    assert vendorwatch("incident", "list", "--json").json[0]["acked_by"] == "mei"
    assert store.moves(1)[-1]["because"] == "acknowledged by mei"
    shown = vendorwatch("incident", "show", "1", "--json").json
    assert (shown["incident"]["acked_by"], shown["moves"][-1]["because"]) == ("mei", "acknowledged by mei")
    line = next(line for line in vendorwatch("incident", "show", "1").out.splitlines() if "acknowledged" in line)
    assert line.startswith(f"{datetime.now(UTC):%Y-%m-%d %H:}")
    assert line.rstrip().endswith("acknowledged by mei")


def test_acknowledging_without_a_name_takes_the_users(
    vendorwatch: Command, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "jun")
    assert vendorwatch("incident", "ack", "1").out == "incident 1 acknowledged by jun\n"


def test_a_resumed_account_is_asked_again(vendorwatch: Command, store: SqlStore) -> None:
    done = vendorwatch("incident", "resume", "1", "--by", "mei")
    assert (done.code, done.out.startswith("incident 1 resumed")) == (0, True)
    assert store.watches() == []
    assert vendorwatch("incident", "list", "--json").json[0]["stage"] == "recovering"


def test_closing_by_hand_is_a_move_that_says_who_and_why(vendorwatch: Command, store: SqlStore) -> None:
    done = vendorwatch("incident", "close", "1", "--by", "mei", "--because", "the vendor is gone")
    assert (done.code, done.out.startswith("incident 1 closed by mei")) == (0, True)
    assert vendorwatch("incident", "list", "--json").json == []
    move = store.moves(1)[-1]
    assert (move["before"], move["after"], move["because"]) == ("open", "closed", "closed by mei: the vendor is gone")
    assert store.watches() == [], "what it stopped runs again"
    shown = vendorwatch("incident", "show", "1", "--json").json["incident"]
    assert shown["closed_at"] == shown["changed_at"] != shown["opened_at"]
    assert vendorwatch("incident", "close", "1").problem == "incident 1: already closed"


@pytest.mark.parametrize("which", ["7", "9" * 30, "²", "٧", "nobody", ""])
@pytest.mark.parametrize("verb", ["show", "ack", "resume", "close"])
def test_one_that_is_not_there_is_named(vendorwatch: Command, store: SqlStore, verb: str, which: str) -> None:
    assert vendorwatch("incident", verb, which).problem == (
        f"no incident {which}; `vendorwatch incident list --all` shows them")


@pytest.mark.parametrize("verb", ["ack", "resume", "close"])
def test_what_is_over_cannot_be_taken_on(vendorwatch: Command, store: SqlStore, verb: str) -> None:
    assert vendorwatch("incident", verb, "2").problem == "incident 2: already closed"


def test_only_a_stopped_account_can_be_resumed(vendorwatch: Command, store: SqlStore) -> None:
    store.carry_out(Judged(0, 0, NOON, actions=(Move(replace(OLD, key="new"), None, NOON, "down"),)))
    assert vendorwatch("incident", "resume", "3").problem.startswith("incident 3: no account is left alone")


@pytest.mark.parametrize("words", [
    ("list",), ("list", "--json"), ("show", "1"), ("ack", "1"), ("resume", "1"), ("close", "1")])
def test_a_database_from_a_newer_version_is_left_alone(
    vendorwatch: Command, newer: Path, words: tuple[str, ...]
) -> None:
    assert "has revision 9999, from a newer vendorwatch" in vendorwatch("incident", *words).problem


def test_why_tells_the_reasoning_with_the_calls_from_the_rows(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("database: w.db\n")
    store = open_store(f"sqlite:///{home / 'w.db'}")
    store.record([a_measurement(a_check(), 0, Outcome.GEO_RESTRICTED)])
    [sample] = store.unjudged(9)
    why = ('{"rules":["refusals.1"],"table":"causes.1","posterior":{"geo":0.998,"path":0.002},"tier":4,'
           '"evidence_s":4e7,"neutral":{"eu":[3,3]},"fine":["us"],"seen":{"kin":{"ok":2}},"spread":"few"}')
    block = replace(OLD, cause=Cause.REGION_RESTRICTED, scope=Scope("anthropic", "eu"), onset=sample.slot)
    store.carry_out(Judged(0, 0, sample.slot, actions=(
        Move(block, None, sample.slot, "it refuses", (sample.seq, 99), why),)))
    store.close()
    told = vendorwatch("incident", "show", "1", "--why").out
    for line in ("once in 463 days", "2026-11-24 12:00:00Z from eu, reachability, no key: geo_restricted",
                 "1 of them is no longer kept", "the vendor refuses the region: 99.8 %", "elsewhere: us was served",
                 "our own network: ruled out, 3 of 3 neutral hosts answered from eu",
                 "other accounts and models from there: 2 of the latest 2 answers well"):
        assert line in told
    found = vendorwatch("incident", "show", "1", "--why", "--json").json
    assert found["why"][0].endswith(": region restricted, 97 % sure")
