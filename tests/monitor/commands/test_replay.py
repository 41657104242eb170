"""The history judged again: of a file without config or database, of the database beside what did happen."""

import gzip
import io
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from history import MINUTE, a_check, a_measurement
from history import NOON as START
from terminal import Command

from monitor.clock import Clock
from monitor.judging import Judging
from monitor.known import Known, Policy
from monitor.model import Check
from monitor.store.sql import open_store
from probes.model import Figures
from probes.outcome import Outcome

REGIONS = ("eu", "us")


def checks() -> list[Check]:
    return [a_check(f"{name}@{region}", provider=name, region=region, control=name.startswith("n"))
            for region in REGIONS for name in ("n1", "n2", "claude", "openai")]


def outcome(check: Check, minute: int) -> Outcome:
    hit = check.key == "claude@eu" and 30 <= minute < 60
    return Outcome.GEO_RESTRICTED if hit else Outcome.OK


def lines() -> list[str]:
    return [json.dumps({"slot": (START + minute * MINUTE).isoformat(),
                        "kind": "control" if check.control else check.kind,
                        "provider": check.target.provider.id, "region": check.vantage.region, "model": None,
                        "account": None, "outcome": outcome(check, minute).value, "status": None, "total_s": 0.3})
            for minute in range(120) for check in checks()]


@pytest.fixture
def history(home: Path) -> Path:
    path = home / "h.jsonl"
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return path


def rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_file_is_json_lines_whether_asked_or_not_and_nothing_is_written(vendorwatch: Command, history: Path) -> None:
    told, asked = vendorwatch("replay", "h.jsonl"), vendorwatch("replay", "h.jsonl", "--json")
    assert (told.code, told.out, told.err) == (0, asked.out, "")
    [row] = rows(told.out)
    assert (row["cause"], row["provider"], row["region"], row["model"]) == ("region_restricted", "claude", "eu", None)
    assert row["onset"] == "2026-11-24T12:30:00Z"
    assert [path.name for path in history.parent.rglob("*")] == ["h.jsonl"], "not even a folder"


def test_however_a_file_comes_it_says_the_same(
    vendorwatch: Command, history: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = vendorwatch("replay", "h.jsonl").out
    text = history.read_bytes()
    for name, data in (("bom", b"\xef\xbb\xbf" + text), ("crlf", text.replace(b"\n", b"\r\n\r\n")),
                       ("zipped.gz", gzip.compress(text)), ("open end", text.rstrip())):
        history.with_name(name).write_bytes(data)
        assert vendorwatch("replay", name).out == plain, name
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert vendorwatch("replay", "-").out == plain


def test_a_wrong_line_is_named_and_nothing_is_half_said(vendorwatch: Command, history: Path) -> None:
    with history.open("a", encoding="utf-8") as more:
        more.write('{"slot": "2026-11-25T00:00:00Z", "kind": "reachability", "provider": "x", "region": "eu"}\n')
    told = vendorwatch("replay", "h.jsonl")
    assert (told.code, told.out) == (2, "")
    assert told.err == ("vendorwatch: h.jsonl, line 961: outcome missing; expected slot, kind, provider, region, "
                        "outcome on every line\n")


@pytest.mark.parametrize(("words", "told"), [
    (("none.jsonl",), "none.jsonl: cannot be read: No such file or directory"),
    ((".",), ".: cannot be read: Is a directory"),
    (("h.jsonl", "--tier", "page"), "--tier page: expected one of suspect, warn, confirm, patch"),
    (("h.jsonl", "--since", "later"), "--since later: expected a duration such as 30d or 12h, or an ISO 8601 time"),
    (("broken.gz",), "broken.gz: cannot be read: "),
])
def test_what_cannot_be_is_a_line(vendorwatch: Command, history: Path, words: tuple[str, ...], told: str) -> None:
    history.with_name("broken.gz").write_bytes(gzip.compress(history.read_bytes())[:200])
    answer = vendorwatch("replay", *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"vendorwatch: {told}")


def test_notes_go_to_the_standard_error(vendorwatch: Command, history: Path) -> None:
    with history.open("a", encoding="utf-8") as more:
        more.write(lines()[0].replace("control", "pages") + "\n" + lines()[5] + "\n")
    told = vendorwatch("replay", "h.jsonl")
    assert (told.code, len(rows(told.out))) == (0, 1)
    assert "kind pages" in told.err
    assert "is before one above" in told.err


def test_since_tier_and_table(vendorwatch: Command, history: Path) -> None:
    assert vendorwatch("replay", "h.jsonl", "--since", "2026-11-24T13:00:00Z").out == ""
    assert len(rows(vendorwatch("replay", "h.jsonl", "--since", "2026-11-24T12:00:00+00:00").out)) == 1
    assert len(rows(vendorwatch("replay", "h.jsonl", "--tier", "suspect").out)) >= 1
    table = vendorwatch("replay", "h.jsonl", "--table").out
    assert "would open" in table
    assert "region_restricted" in table
    assert "did open" not in table


def test_budgets_of_a_config_are_judged_by(vendorwatch: Command, history: Path, home: Path) -> None:
    (home / "calm.yaml").write_text("database: nowhere.db\npolicy: {budgets: {confirm: 1/year, patch: 1/year}}\n")
    strict = vendorwatch("replay", "h.jsonl", "--config", "calm.yaml")
    assert strict.code == 0, strict.err
    assert not (home / "nowhere.db").exists()


class Hand(Clock):
    """A clock that a test sets."""

    def now(self) -> datetime:
        return self.epoch


@pytest.fixture
def database(home: Path) -> Path:
    """Two hours as they were lived, beside a config; the vendor's own page speaks twelve minutes late."""
    import asyncio

    store = open_store(f"sqlite:///{home / 'v.db'}")
    page = a_check("page:claude", provider="claude", kind="notices")
    store.register([*checks(), page], START)
    clock = Hand(epoch=START)
    desk = Judging(store, Policy(), Known(), clock)
    for minute in range(120):
        clock.epoch = START + minute * MINUTE + timedelta(seconds=3)
        store.record([a_measurement(check, minute, outcome(check, minute), figures=Figures(total_s=0.3))
                      for check in checks()])
        speaks = {"open_incidents": 1.0 if minute >= 43 else 0.0}
        store.record([a_measurement(page, minute, figures=Figures(total_s=0.3, extra=speaks))])
        asyncio.run(desk.once())
    store.close()
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    return home / "v.db"


def test_what_the_database_holds_beside_what_did_happen(vendorwatch: Command, database: Path) -> None:
    before = database.read_bytes()
    told = vendorwatch("replay", "--json")
    assert told.code == 0, told.err
    [row] = rows(told.out)
    assert row["cause"] == "region_restricted"
    assert row["did"] == {"incident": 1, "opened": row["opened"]}
    plain = vendorwatch("replay")
    assert "would open" in plain.out
    assert "did open" in plain.out
    assert plain.out.splitlines()[-1] == (
        "1 incident in 2 hours, first alert 12 minutes before the status page; exactly what happened (1 incident)")
    assert database.read_bytes() == before
    assert vendorwatch("replay", "--json", "--since", "2026-11-24T13:00:00Z").out == ""


def test_other_wishes_are_tried_on_the_same_history(vendorwatch: Command, database: Path) -> None:
    database.with_name("new.yaml").write_text("database: v.db\npolicy: {budgets: {confirm: 1/year}}\n")
    told = vendorwatch("replay", "--config", "new.yaml", "--json")
    assert told.code == 0, told.err
    [row] = rows(told.out)
    assert row["did"]["incident"] == 1  # type: ignore[index]
    assert row["opened"] is None or row["opened"] >= row["did"]["opened"]  # type: ignore[index]


def test_without_a_history_it_says_what_to_do_and_makes_nothing(vendorwatch: Command, home: Path) -> None:
    (home / "vendorwatch.yaml").write_text("database: v.db\n")
    told = vendorwatch("replay")
    assert (told.code, "there is none yet" in told.err) == (2, True)
    assert not (home / "v.db").exists()
    open_store(f"sqlite:///{home / 'v.db'}").close()
    told = vendorwatch("replay")
    assert (told.code, "nothing was judged yet" in told.err) == (2, True)


def test_a_database_of_another_version_is_left_as_it_is(vendorwatch: Command, newer: Path) -> None:
    before = newer.read_bytes()
    told = vendorwatch("replay")
    assert (told.code, "newer vendorwatch" in told.err) == (2, True)
    assert newer.read_bytes() == before

