"""The switch: as far as it can be thrown, whatever else does not work."""

from pathlib import Path

import pytest
from changing import CONFIG
from proposed import NOW
from terminal import Command

from monitor.changes import What
from monitor.store.sql import SqlStore
from monitor.switch import STOP


def test_stop_and_go(vendorwatch: Command, file: Path, store: SqlStore, home: Path) -> None:
    vendorwatch("patch", "approve", "vw-1")
    assert vendorwatch("patch", "stop").code == 0
    assert (home / STOP).exists()
    assert "changes are stopped" in vendorwatch("patch", "apply", "vw-1").err
    assert file.read_text() == CONFIG
    assert vendorwatch("patch", "go").code == 0
    assert vendorwatch("patch", "go").code == 0
    assert vendorwatch("patch", "apply", "vw-1").code == 0


def test_who_shares_the_database_is_stopped_too_and_let_go_by_anybody(
        vendorwatch: Command, file: Path, store: SqlStore, home: Path) -> None:
    vendorwatch("patch", "approve", "vw-1")
    where = {"host": "far", "file": "/home/bo/stop-patches"}
    store.throw(What.STOPPED, "bo", where, NOW)            # as bo's `patch stop` on another host does
    refused = vendorwatch("patch", "apply", "vw-1")
    assert (refused.code, "changes are stopped (by bo on far" in refused.err) == (3, True)
    assert vendorwatch("patch", "stop").err == ""
    (home / STOP).unlink()                                 # the row stops alone
    assert vendorwatch("patch", "apply", "vw-1").code == 3
    gone = vendorwatch("patch", "go")
    assert (gone.code, "/home/bo/stop-patches on far" in gone.err) == (0, True)
    assert vendorwatch("patch", "go").err == ""
    assert vendorwatch("patch", "apply", "vw-1").code == 0
    log = vendorwatch("patch", "log", "--verify")
    assert (log.code, "  *  let_go  by " in log.out) == (0, True)


def test_stopped_also_where_the_database_does_not_work(vendorwatch: Command, store: SqlStore, home: Path) -> None:
    store.close()
    for file in home.glob("*.db*"):
        file.write_text("no database")
    assert vendorwatch("patch", "log").code == 2
    said = vendorwatch("patch", "stop")
    assert (said.code, "here only; who shares the database was not told" in said.err) == (0, True)
    assert (home / STOP).exists()
    said = vendorwatch("patch", "go")
    assert (said.code, "they are still" in said.err, (home / STOP).exists()) == (2, True, False)
    (home / STOP).mkdir()
    said = vendorwatch("patch", "stop")
    assert (said.code, "Is a directory" in said.err) == (2, True)


@pytest.mark.parametrize("fault", ["gateways: {gw: {type: nobody, file: gone.yaml}}", "workloads: 7\nno_key: 1"])
def test_stopped_also_where_the_config_has_a_fault(vendorwatch: Command, home: Path, fault: str) -> None:
    (home / "vendorwatch.yaml").write_text(f"database: kept/v.db\n{fault}\n")
    assert vendorwatch("patch", "plan").code == 2
    assert vendorwatch("patch", "stop").code == 0
    assert (home / "kept" / STOP).exists()
    assert vendorwatch("patch", "go").code == 0
    assert not (home / "kept" / STOP).exists()
    for broken in ("database: [v.db]\n", "database: [\n"):
        (home / "vendorwatch.yaml").write_text(broken)
        said = vendorwatch("patch", "stop")
        assert (said.code, "nothing was stopped" in said.err, STOP in said.err) == (2, True, True), "nobody knows where"


def test_stopped_where_no_daemon_has_been_it_says_so(vendorwatch: Command, home: Path) -> None:
    """Or somebody goes home, and the daemon goes on by another config."""
    (home / "vendorwatch.yaml").write_text("database: elsewhere/v.db\n")
    said = vendorwatch("patch", "stop")
    assert (said.code, "there is none yet" in said.err, "--config" in said.err) == (0, True, True)
    assert (home / "elsewhere" / STOP).exists()
    assert vendorwatch("patch", "go").err == ""


def test_stopped_also_where_no_file_can_be_put_down(vendorwatch: Command, store: SqlStore, home: Path) -> None:
    """As on a full disk, or in a folder of another user: the row stops alone."""
    vendorwatch("patch", "approve", "vw-1")
    (home / STOP).symlink_to(home / "gone" / "gone")
    said = vendorwatch("patch", "stop")
    assert (said.code, "through the database alone" in said.err) == (0, True)
    assert "changes are stopped (by " in vendorwatch("patch", "apply", "vw-1").err
