"""What stops all changes: a file of this machine, or a row of a database that others share."""

from datetime import timedelta
from pathlib import Path

import pytest
from changing import a_world
from worlds import NOON

from monitor.chain import faults, jumps
from monitor.changes import SWITCH, Entry, What
from monitor.errors import UserError
from monitor.store.sql import open_store
from monitor.switch import STOP, elsewhere, stopped_by, told

HERE, THERE = {"host": "a", "file": "/home/mei/stop-patches"}, {"host": "b", "file": "/home/bo/stop-patches"}


def rows(url: str) -> list[Entry]:
    store = open_store(url)
    try:
        return list(store.entries(SWITCH))
    finally:
        store.close()


def test_the_row_of_another_host_stops_as_the_file_does_here(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        assert world.ground.closed(NOON) == []
        world.store.throw(What.STOPPED, "bo", THERE, NOON)
        [said] = world.ground.closed(NOON)
        assert said.startswith("changes are stopped (by bo on b, 2026-")
        (tmp_path / STOP).touch()
        assert world.ground.closed(NOON) == [
            f"changes are stopped ({tmp_path / STOP}); `vendorwatch patch go` lets them go on"]
        world.store.throw(What.LET_GO, "mei", HERE, NOON)
        assert len(world.ground.closed(NOON)) == 1
        (tmp_path / STOP).unlink()
        assert world.ground.closed(NOON) == []


def test_its_rows_are_links_of_the_one_chain(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.propose()
        world.store.throw(What.STOPPED, "bo", THERE, NOON)
        world.store.throw(What.STOPPED, "mei", HERE, NOON)
        world.store.throw(What.LET_GO, "mei", HERE, NOON)
        entries, life = world.store.entries(), world.life()
        assert [one.what for one in entries] == ["proposed", "stopped", "stopped", "let_go"]
        assert list(faults(entries, {life.id: life.head})) == list(jumps(entries, {life.id: life.stand})) == []


def test_the_database_is_told_only_where_there_is_one_and_something_to_tell(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'v.db'}"
    with pytest.raises(UserError, match="there is none yet; if a daemon is at work, name its own config"):
        told(url, What.STOPPED, "mei", HERE, NOON)
    assert told(url, What.LET_GO, "mei", HERE, NOON) == []
    assert not (tmp_path / "v.db").exists()
    assert rows(url) == []
    told(url, What.LET_GO, "mei", HERE, NOON)
    assert rows(url) == []
    told(url, What.STOPPED, "mei", HERE, NOON)
    assert [one.what for one in told(url, What.LET_GO, "bo", THERE, NOON + timedelta(hours=1))] == ["stopped"]
    told(url, What.LET_GO, "bo", THERE, NOON + timedelta(hours=2))
    assert [(one.what, one.by) for one in rows(url)] == [("stopped", "mei"), ("let_go", "bo")]
    (tmp_path / "v.db").write_text("no database")
    with pytest.raises(UserError):
        told(url, What.STOPPED, "mei", HERE, NOON)


def test_who_lets_go_hears_of_the_files_that_others_left(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        for what, where in ((What.STOPPED, HERE), (What.LET_GO, HERE), (What.STOPPED, HERE), (What.STOPPED, THERE)):
            world.store.throw(what, "x", where, NOON)
        entries = world.store.entries(SWITCH)
        assert elsewhere(entries, HERE) == ["/home/bo/stop-patches on b"]
        assert elsewhere(entries, THERE) == ["/home/mei/stop-patches on a"]
        assert elsewhere(entries[:2], THERE) == []
        assert stopped_by(tmp_path, entries[:2]) == ""
