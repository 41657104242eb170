"""Silences: made, listed, ended; and every way to say one wrongly is a line and a 2."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from terminal import Command


def test_made_listed_and_ended(vendorwatch: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ann")
    before = datetime.now(UTC)
    made = vendorwatch("silence", "add", "--vendor", "gpt", "--region", "here", "--for", "2h", "--because", "moving")
    assert (made.code, made.out[:16], made.out[-16:]) == (0, "silence 1 until ", "Z: openai, here\n")
    [row] = vendorwatch("silence", "list", "--json").json
    assert set(row) == {"id", "author", "reason", "until", "provider", "region", "created_at"}
    assert (row["id"], row["author"], row["reason"], row["provider"], row["region"]) == (
        1, "ann", "moving", "openai", "here")
    assert timedelta(hours=2) <= datetime.fromisoformat(row["until"]) - before < timedelta(hours=2, minutes=1)
    assert "moving" in vendorwatch("silence", "list").out
    assert vendorwatch("silence", "expire", "1").out == "silence 1 ended\n"
    assert vendorwatch("silence", "list", "--json").json == []


def test_without_words_it_is_everything_for_an_hour(vendorwatch: Command) -> None:
    assert vendorwatch("silence", "add").out.endswith("Z: every vendor, every region\n")
    [row] = vendorwatch("silence", "list", "--json").json
    assert (row["provider"], row["region"]) == (None, None)
    left = datetime.fromisoformat(row["until"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < left <= timedelta(hours=1)


@pytest.mark.parametrize(("words", "said"), [
    (("--for", "soon"), "--for soon: expected a duration above zero"),
    (("--for", "-1h"), "--for -1h: expected a duration above zero"),
    (("--for", "0s"), "--for 0s: expected a duration above zero"),
    (("--for", "99999999999d"), "--for 99999999999d: expected a duration of at most"),
    (("--vendor", "antropic"), "unknown vendor 'antropic' (did you mean anthropic?)"),
    (("--region", "mars"), "--region mars: no such region; there are: here"),
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
