"""Silences: made, listed, ended; and every way to say one wrongly is a line and a 2."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from terminal import Command


def test_made_listed_and_ended(vendorwatch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")
    before = datetime.now(UTC)
    made = vendorwatch("silence", "add", "--vendor", "gpt", "--region", "here", "--for", "2h", "--because", "moving")
    assert (made.code, made.out[:16], made.out[-37:]) == (
        0, "silence 1 until ", "Z: openai, here, every cause, by ann\n")
    [row] = vendorwatch("silence", "list", "--json").json
    assert set(row) == {"id", "author", "reason", "until", "provider", "region", "created_at", "cause"}
    assert (row["id"], row["author"], row["reason"], row["provider"], row["region"]) == (
        1, "ann", "moving", "openai", "here")
    assert timedelta(hours=2) <= datetime.fromisoformat(row["until"]) - before < timedelta(hours=2, minutes=1)
    assert "moving" in vendorwatch("silence", "list").out
    assert vendorwatch("silence", "expire", "1").out == "silence 1 ended\n"
    assert vendorwatch("silence", "list", "--json").json == []


def test_without_words_it_is_everything_for_an_hour(vendorwatch: Command) -> None:
    assert vendorwatch("silence", "add").code == 0
    [row] = vendorwatch("silence", "list", "--json").json
    assert (row["provider"], row["region"]) == (None, None)
    left = datetime.fromisoformat(row["until"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)


@pytest.mark.parametrize(("words", "said"), [
    (("--for", "soon"), "--for soon: expected a duration above zero"),
    (("--for", "-1h"), "--for -1h: expected a duration above zero"),
    (("--for", "0s"), "--for 0s: expected a duration above zero"),
    (("--for", "99999999999d"), "--for 99999999999d: expected a duration of at most"),
    (("--for", "nan d"), "--for nan d: expected a duration above zero"),
    (("--for", "367d"), "--for 367d: expected at most 366d; shorten it"),
    (("--vendor", "antropic"), "--vendor antropic: unknown vendor 'antropic' (did you mean anthropic?)"),
    (("--vendor", ""), "--vendor : unknown vendor ''"),
    (("--region", "mars"), "--region mars: no such region; there are: here"),
    (("--region", "her"), "--region her: no such region (did you mean here?)"),
    (("--cause", "rate_limit"), "--cause rate_limit: no such cause (did you mean rate_limited?); there are: "),
])
def test_what_is_said_wrongly_is_named_and_nothing_is_made(
    vendorwatch: Command, home: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in vendorwatch("silence", "add", *words).problem
    assert vendorwatch("silence", "list", "--json").json == []


def test_an_endpoint_of_ones_own_can_be_silenced(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("endpoints: [{name: ours, base_url: 'http://127.0.0.1:9/v1', model: m}]\n")
    assert vendorwatch("silence", "add", "--vendor", "ours").code == 0
    assert vendorwatch("silence", "list", "--json").json[0]["provider"] == "ours"


def test_a_silence_that_is_over_or_was_never_made_cannot_be_ended(vendorwatch: Command) -> None:
    vendorwatch("silence", "add")
    assert vendorwatch("silence", "expire", "1").code == 0
    for number in ("1", "7", "2147483647"):
        assert vendorwatch("silence", "expire", number).problem == (
            f"no silence {number} is in force; `vendorwatch silence list` shows them")


@pytest.mark.parametrize("number", ["one", "0", "99999999999999999999"])
def test_what_is_no_number_is_refused_before_the_database(vendorwatch: Command, home: Path, number: str) -> None:
    done = vendorwatch("silence", "expire", number)
    assert (done.code, "Invalid value for 'number'" in done.err) == (2, True), done
    assert list(home.iterdir()) == []


def test_an_open_maintenance_window_is_a_silence_too(vendorwatch: Command, home: Path) -> None:
    start, end = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(hours=1)
    (home / "vendorwatch.yaml").write_text(
        f"maintenance:\n- {{start: '{start.isoformat()}', end: '{end.isoformat()}', "
        "vendors: [kimi], because: our move}\n"
        f"- {{start: '{end.isoformat()}', end: '{(end + timedelta(1)).isoformat()}', because: later}}\n")
    [row] = vendorwatch("silence", "list", "--json").json
    assert (row["author"], row["reason"], row["provider"], row["id"]) == ("the config", "our move", "moonshot", 0)
    assert "our move" in vendorwatch("silence", "list").out


def test_a_user_without_a_name_has_a_number(vendorwatch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert vendorwatch("silence", "add").code == 0
    assert vendorwatch("silence", "list", "--json").json[0]["author"].startswith("uid ")


@pytest.mark.parametrize("words", [("add",), ("list",), ("expire", "1")])
def test_a_database_from_a_newer_version_is_left_alone(
    vendorwatch: Command, newer: Path, words: tuple[str, ...]
) -> None:
    assert "has revision 9999, from a newer vendorwatch" in vendorwatch("silence", *words).problem


def test_who_it_is_by_and_which_cause_it_is_of_are_kept_and_shown(vendorwatch: Command) -> None:
    made = vendorwatch("silence", "add", "--cause", "rate_limited", "--by", "mei", "--because", "our [load] test")
    assert made.out.endswith(", by mei\n")
    [row] = vendorwatch("silence", "list", "--json").json
    assert (row["author"], row["cause"], row["reason"]) == ("mei", "rate_limited", "our [load] test")
    shown = vendorwatch("silence", "list").out
    assert [word for word in ("mei", "rate_limited", "our [load] test", "in force") if word not in shown] == []


def test_what_is_over_is_listed_on_request(vendorwatch: Command) -> None:
    vendorwatch("silence", "add", "--by", "mei", "--because", "first")
    vendorwatch("silence", "expire", "1")
    vendorwatch("silence", "add", "--by", "jun", "--for", "366d")
    assert [row["id"] for row in vendorwatch("silence", "list", "--json").json] == [2]
    assert "first" not in vendorwatch("silence", "list").out
    first, second = vendorwatch("silence", "list", "--all", "--json").json
    assert (first["id"], first["author"], first["reason"], second["author"]) == (1, "mei", "first", "jun")
    assert first["created_at"] <= first["until"] < second["until"]
    lines = vendorwatch("silence", "list", "--all").out.splitlines()
    assert [("over" in line, "in force" in line) for line in lines if "mei" in line or "jun" in line] == [
        (True, False), (False, True)]


def test_a_window_that_opens_by_a_cron_line_is_listed_while_it_is_open(vendorwatch: Command, home: Path) -> None:
    now = datetime.now(UTC)

    def line(start: datetime) -> str:
        return f"- {{cron: '{start:%M %H} * * *', for: 2h, timezone: UTC, because: at {start:%H}}}\n"

    (home / "vendorwatch.yaml").write_text(
        f"maintenance:\n{line(now - timedelta(hours=1))}{line(now + timedelta(hours=1))}")
    [row] = vendorwatch("silence", "list", "--json").json
    assert row["reason"] == f"at {now - timedelta(hours=1):%H}"
    assert timedelta(minutes=58) < datetime.fromisoformat(row["until"]) - now <= timedelta(hours=1)
