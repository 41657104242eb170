"""Up, down and up again leaves the same database as up once."""

import sqlite3
from pathlib import Path

from alembic import command

from monitor.store.engine import connect
from monitor.store.upgrade import _run, info, upgrade


def shape(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    found = connection.execute("SELECT name, coalesce(sql, '') FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return found


def test_up_down_up(tmp_path: Path) -> None:
    database = tmp_path / "watch.db"
    upgrade(str(database))
    once = shape(database)
    engine = connect(str(database))
    _run(engine, lambda config: command.downgrade(config, "base"))
    assert {name for name, _ in shape(database)} <= {"alembic_version", "sqlite_autoindex_alembic_version_1"}
    engine.dispose()
    assert info(str(database)).state == "empty"
    upgrade(str(database))
    assert shape(database) == once
