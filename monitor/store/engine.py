"""Connections: which database a URL means, and how one is opened: writers take turns, readers never wait."""

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from monitor.errors import StoreError, UserError

_WRITER = 0x76656E64  # advisory lock of PostgreSQL: commits take sequence numbers one after the other


def database_url(text: str) -> URL:
    """A plain path is a SQLite file; postgresql:// means psycopg. Raises UserError."""
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:     # ValueError: a port that is no number, a bracket left open
        raise UserError(
            f"database {text.split('://', 1)[0]}://…: not a URL: expected a path or postgresql://…"
        ) from error
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise UserError(f"database {url.get_backend_name()}://…: use a path (SQLite) or postgresql://…")
    return url


def shown(url: URL) -> str:
    """For people and logs: never with a password."""
    if "uri" in url.query:                  # as read_only made it
        return unquote((url.database or "").removeprefix("file:"))
    return url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def told(error: DBAPIError) -> str:
    """What the driver says, on one line."""
    return " ".join(str(error.orig).split())


def connect(text: str) -> Engine:
    """An engine; nothing is opened yet but for a check that a SQLite file may be made where it is wanted."""
    url = database_url(text)
    if url.get_backend_name() == "sqlite":
        _writable(Path(url.database or ""))
    engine = made(url, {} if url.get_backend_name() == "sqlite" else _postgresql_options(url))
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def made(url: URL, options: dict[str, Any]) -> Engine:
    """An engine of these options. Raises UserError where the driver is not installed."""
    try:
        return create_engine(url, **options)
    except (ImportError, NoSuchModuleError) as error:
        raise UserError("database postgresql://…: install the driver: pip install 'vendorwatch[postgres]'") from error


def _postgresql_options(url: URL) -> dict[str, Any]:
    # JIT: the planner counts every month where one is read, and would compile for longer than the query takes.
    # Isolation: a server's stricter default would show who waited for the writer's lock the rows of before the wait
    options = f"{url.query.get('options', '')} -c jit=off".strip()
    return {"pool_pre_ping": True, "isolation_level": "READ COMMITTED", "connect_args": {"options": options}}


def read_only(url: URL, *, glance: bool = False) -> tuple[URL, dict[str, Any]]:
    """The same database so that it refuses to write, and the options to open it with. Raises UserError.

    `glance`: for one short look, which then leaves nothing beside a SQLite file either.
    """
    if url.get_backend_name() != "sqlite":
        options = f"{url.query.get('options', '')} -c default_transaction_read_only=on -c jit=off".strip()
        return url, {"connect_args": {"options": options}}
    path = Path(url.database or "")
    if path.is_dir():
        raise UserError(f"database {path}: is a folder; name a file in it")
    if not path.is_file():
        raise UserError(f"database {path}: there is none yet; `vendorwatch run` makes it")
    query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if _still(path, glance) else {})
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query=query), {}


def _still(path: Path, glance: bool) -> bool:
    """Whether to read the file alone. Even to read, WAL wants files beside it: they cannot be made in a folder that is
    read-only, and stay where a reader made them. Raises UserError where rows lie in a -wal that cannot be read there.
    """
    if not _wal(path):
        return False
    beside = Path(f"{path}-wal")
    waiting = beside.is_file() and beside.stat().st_size > 0
    fixed = not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
    if waiting and fixed and not Path(f"{path}-shm").exists():
        raise UserError(f"database {path}: has rows in {beside.name}, which cannot be read in a read-only folder;"
                        " copy both files to one that can be written")
    return not waiting and (glance or fixed)


def _wal(path: Path) -> bool:
    """By the header; a file that cannot be read is SQLite's to name."""
    try:
        with path.open("rb") as file:
            return file.read(20)[18:] == b"\2\2"
    except OSError:
        return False


def _writable(path: Path) -> None:
    if str(path) in {"", ".", ":memory:"}:
        raise UserError("database: name a file; a database in memory would forget everything")
    if path.is_dir():
        raise UserError(f"database {path}: is a folder; name a file in it")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
        if not os.access(path.parent, os.W_OK | os.X_OK):        # what SQLite makes beside it
            raise PermissionError(errno.EACCES, "its folder is read-only")
    except OSError as error:
        raise UserError(f"database {path}: cannot be written ({error.strerror}); choose another place") from error


def _pragmas(connection: Any, _record: object) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # BEGIN is ours: pysqlite's own begins too late, and never IMMEDIATE
    for pragma in ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


class Door:
    """One transaction at a time for writing, any number for reading. Driver errors leave as StoreError."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(writes=True)
        self._lock = threading.RLock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        with self._lock, self._named(), self._writer.begin() as connection:
            if not self.sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._named(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(f"database {shown(self.engine.url)}: {told(error)}") from error
