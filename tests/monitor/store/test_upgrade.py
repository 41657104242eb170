"""A database from the future, or one that cannot be written, is refused with words; nothing is changed."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from monitor.errors import StoreError, UserError
from monitor.store.asking import ask
from monitor.store.sql import open_store, read_store
from monitor.store.upgrade import info, revisions, stamp, upgrade


def test_a_database_from_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    upgrade(str(path))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    before = path.read_bytes()
    for job in (lambda: open_store(str(path)), lambda: upgrade(str(path))):
        with pytest.raises(UserError, match="9999, from a newer vendorwatch"):
            job()
    assert path.read_bytes() == before
    assert info(str(path)).state == "newer"


@pytest.mark.parametrize("place", ["/proc/nowhere/watch.db", "/dev/null/watch.db"])
def test_a_place_that_cannot_be_written_is_named(place: str) -> None:
    with pytest.raises(UserError, match=place):
        open_store(place)


def test_a_folder_and_memory_are_no_database(tmp_path: Path) -> None:
    for place, word in ((str(tmp_path), "folder"), ("sqlite://", "name a file"), ("mysql://h/d", "postgresql")):
        with pytest.raises(UserError, match=word):
            open_store(place)


def test_a_file_that_is_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary " * 400)
    with pytest.raises(UserError, match="cannot be opened: file is not a database"):
        open_store(str(path))


def made_by_another(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def folder(path: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in path.iterdir()}


ALEMBIC = ("CREATE TABLE alembic_version (version_num)", "INSERT INTO alembic_version VALUES ('ae1027a6acf')")
OLD = ("CREATE TABLE alembic_version (version_num)", "INSERT INTO alembic_version VALUES ('0001')")


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
@pytest.mark.parametrize(("theirs", "has"), [
    (("CREATE TABLE users (x)",), r"tables \(users\)"),
    (("CREATE TABLE measurement (x)",), r"tables \(measurement\)"),
    (ALEMBIC, "revision ae1027a6acf"),
    ((*OLD, "CREATE TABLE users (x)"), r"tables \(users\) and revision 0001"),
    (("CREATE TABLE alembic_version (version_num)", "CREATE TABLE users (x)"), r"tables \(users\)")])
def test_no_byte_of_another_programs_database_changes(
    tmp_path: Path, theirs: tuple[str, ...], has: str, mode: str
) -> None:
    path = tmp_path / "theirs.db"
    made_by_another(path, f"PRAGMA journal_mode={mode}", *theirs)
    before = folder(tmp_path)
    assert list(before) == ["theirs.db"]
    for job in (open_store, upgrade, lambda url: open_store(url, upgrade=False), lambda url: stamp(url, "0001")):
        with pytest.raises(UserError, match=rf"is another program's, as it seems: has {has}, and not .*nothing was"):
            job(str(path))
        assert folder(tmp_path) == before
    assert info(str(path)).state == "foreign"
    assert folder(tmp_path) == before


def test_what_another_program_has_not_yet_moved_into_its_file_is_seen_and_left(tmp_path: Path) -> None:
    path = tmp_path / "theirs.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL").fetchall()
    connection.execute("CREATE TABLE users (x)")
    connection.commit()
    before = folder(tmp_path)
    with pytest.raises(UserError, match="another program's"):
        open_store(str(path))
    after = folder(tmp_path)
    connection.close()
    assert {name: after[name] for name in ("theirs.db", "theirs.db-wal")} == {
        name: before[name] for name in ("theirs.db", "theirs.db-wal")}


def test_a_database_of_ours_that_lost_its_revision_can_be_stamped(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    upgrade(str(path))
    made_by_another(path, "DROP TABLE alembic_version")
    before = folder(tmp_path)
    with pytest.raises(UserError, match=r"has tables already .* and no revision; nothing was changed.* db stamp"):
        open_store(str(path))
    assert (info(str(path)).state, folder(tmp_path)) == ("unmarked", before)
    assert stamp(str(path), revisions()[-1]).state == "current"


def test_a_new_file_and_ours_keep_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    path.touch()
    upgrade(str(path))
    assert path.read_bytes()[18:20] == b"\2\2"
    made_by_another(path, "PRAGMA journal_mode=DELETE")
    assert path.read_bytes()[18:20] == b"\1\1"
    open_store(str(path)).close()
    assert path.read_bytes()[18:20] == b"\2\2"


def test_a_database_that_cannot_be_upgraded_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "half.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE alembic_version (version_num)")
    connection.execute("CREATE VIEW measurement AS SELECT 1 AS theirs")
    connection.commit()
    with pytest.raises(StoreError, match=r"nothing was changed: .*measurement already exists; if it is") as said:
        open_store(str(path))
    assert "SELECT" not in str(said.value)
    assert "CREATE TABLE" not in str(said.value)
    assert len(connection.execute("SELECT name FROM sqlite_master").fetchall()) == 2
    connection.close()


def test_without_upgrade_an_empty_database_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="vendorwatch db upgrade"):
        open_store(str(tmp_path / "watch.db"), upgrade=False)


def test_info_makes_no_file(tmp_path: Path) -> None:
    assert info(str(tmp_path / "watch.db")).state == "empty"
    assert not list(tmp_path.iterdir())


def test_an_unknown_revision_is_not_stamped(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="unknown; known are 0001"):
        stamp(str(tmp_path / "watch.db"), "7777")
    assert revisions()[0] == "0001"


def test_a_password_is_never_shown() -> None:
    with pytest.raises(UserError) as caught:
        open_store("postgresql://vw:s3cret@127.0.0.1:1/vw")
    assert "s3cret" not in str(caught.value)


def test_a_database_that_is_current_does_not_load_alembic(tmp_path: Path) -> None:
    path = str(tmp_path / "watch.db")
    upgrade(path)
    code = (
        "import sys; from monitor.store.sql import open_store; open_store(sys.argv[1]).close();"
        "print('alembic' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


@pytest.mark.parametrize("url", ["postgresql://[::1", "postgresql://host:port/vw", "://"])
def test_what_is_no_url_is_said(url: str) -> None:
    for attempt in (info, upgrade, lambda text: ask(text, "SELECT 1")):
        with pytest.raises(UserError, match="not a URL: expected a path or postgresql://"):
            attempt(url)


def test_a_driver_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    for attempt in (info, lambda text: ask(text, "SELECT 1")):
        with pytest.raises(UserError, match="install the driver: pip install"):
            attempt("postgresql://127.0.0.1:1/vw")


def test_what_is_refused_leaves_no_connection_open(tmp_path: Path) -> None:
    path = tmp_path / "watch.db"
    upgrade(str(path))
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    for opened in (open_store, read_store):
        with pytest.raises(UserError, match="from a newer vendorwatch"):
            opened(str(path))
        held = [os.path.realpath(one) for one in Path("/proc/self/fd").iterdir()]
        assert str(path) not in held
