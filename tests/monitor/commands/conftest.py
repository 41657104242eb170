"""A command as a person types it: the real entry point, started in an empty home."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from proposed import proposed, set_up
from terminal import Command, Said

from monitor import cli
from monitor.store.sql import SqlStore
from monitor.store.upgrade import upgrade


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the command is started: no config, no database, no key and no proxy in sight."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    for name in list(os.environ):
        if name.endswith(("_KEY", "_TOKEN", "_BASE_URL")) or name.startswith(("XDG_", "VENDORWATCH")) \
                or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def vendorwatch(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """`vendorwatch(*words)`, started in `home`."""
    def typed(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["vendorwatch", *words])
        capsys.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as left:
            code = left.code or 0
        out, err = capsys.readouterr()
        assert isinstance(code, int)
        return Said(code, out, err)

    return typed


@pytest.fixture
def newer(home: Path) -> Path:
    """A database that a newer version has left; the config that names it is ./vendorwatch.yaml."""
    path = home / "newer.db"
    upgrade(str(path))
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    (home / "vendorwatch.yaml").write_text("database: newer.db\n")
    return path


@pytest.fixture
def file(home: Path) -> Path:
    """A gateway's, in a home with its config."""
    return set_up(home)


@pytest.fixture
def store(file: Path) -> Iterator[SqlStore]:
    """A database in which the fallback's vendor answers, and one change is proposed."""
    with proposed(file.parent) as opened:
        yield opened
