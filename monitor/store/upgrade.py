"""Bringing a database to this version's shape. Alembic is imported only when there is something to do.

The revisions are the numbers the files of `migrations/versions` begin with, so one SELECT tells whether all is well.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreError, UserError
from monitor.store.engine import connect, database_url, made, read_only, shown, told

if TYPE_CHECKING:
    from alembic.config import Config

_OURS = frozenset({"measurement", "rule_state", "errand"})      # in every revision; nobody else has all of them
_MARK = "alembic_version"
_FILE = re.compile(r"(\d{4})_\w+\.py")


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """Where the database is, which revision it says ('' is none) and which tables it has."""

    place: str
    dialect: str
    revision: str
    head: str
    tables: frozenset[str] = frozenset()

    @property
    def state(self) -> str:
        """current, empty, behind, newer, foreign (another program's) or unmarked (as ours, without a revision)."""
        if not self.revision:
            return self._without_revision()
        if not self.tables >= _OURS:
            return "foreign"
        if self.revision == self.head:
            return "current"
        return "behind" if self.revision in revisions() else "newer"

    def _without_revision(self) -> str:
        # A SQLite file belongs to one program; in PostgreSQL others and extensions may have put theirs beside ours.
        if self.dialect != "sqlite" or not self.tables - {_MARK}:
            return "empty"
        return "unmarked" if self.tables >= _OURS else "foreign"


def revisions() -> list[str]:
    """What this version knows, oldest first."""
    names = (entry.name for entry in files("migrations").joinpath("versions").iterdir())
    return sorted(match[1] for match in map(_FILE.fullmatch, names) if match)


@contextmanager
def _connected(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def info(url: str) -> DatabaseInfo:
    """Which revision the database has. Makes no file and changes none, whoever's it is."""
    found = database_url(url)
    if found.get_backend_name() == "sqlite" and not Path(found.database or "").exists():
        return DatabaseInfo(shown(found), "sqlite", "", revisions()[-1])
    engine = made(*read_only(found, glance=True))
    try:
        return _info(engine)
    finally:
        engine.dispose()


def admit(url: str) -> None:
    """Look before a SQLite file is opened for writing, which alone may change it. Raises UserError: not ours."""
    found = database_url(url)
    if found.get_backend_name() == "sqlite" and Path(found.database or "").is_file():
        _refuse(info(url))


def upgrade(url: str) -> DatabaseInfo:
    """To the newest revision, in one transaction. Raises UserError: from a newer version, or another program's."""
    admit(url)
    with _connected(url) as engine:
        upgrade_engine(engine)
        return _info(engine)


def stamp(url: str, revision: str) -> DatabaseInfo:
    """Write down a revision without running anything: for a database restored by hand."""
    if revision not in (known := revisions()):
        raise UserError(f"revision {revision}: unknown; known are {', '.join(known)}")
    if (found := info(url)).state == "foreign":
        _refuse(found)
    from alembic import command

    with _connected(url) as engine:
        _run(engine, lambda config: command.stamp(config, revision))
        return _info(engine)


def upgrade_engine(engine: Engine, *, apply: bool = True) -> None:
    """Nothing if the revision is right. Raises UserError where it is from the future, or wrong and `apply` is off."""
    found = _info(engine)
    if found.state == "current":
        return
    _refuse(found)
    if not apply:
        raise UserError(f"database {found.place}: is {found.state}; run: vendorwatch db upgrade")
    from alembic import command

    _run(engine, lambda config: command.upgrade(config, "head"))


def _refuse(found: DatabaseInfo) -> None:
    """Raises UserError for what no command of this version may write to."""
    place, some = found.place, ", ".join(sorted(found.tables - {_MARK})[:3])
    if found.state == "newer":
        raise UserError(
            f"database {place}: has revision {found.revision}, from a newer vendorwatch (this one knows up to"
            f" {found.head}); nothing was changed. Install that version, or name another database"
        )
    if found.state == "foreign":
        has = " and ".join(filter(None, (some and f"tables ({some})", found.revision and f"revision {found.revision}")))
        raise UserError(f"database {place}: is another program's, as it seems: has {has}, and not the tables of ours; "
                        "nothing was changed. Name another")
    if found.state == "unmarked":
        raise UserError(f"database {place}: has tables already ({some}) and no revision; nothing was changed. Name "
                        "another file, or, if it is ours restored by hand: vendorwatch db stamp REVISION")


def _info(engine: Engine) -> DatabaseInfo:
    place = shown(engine.url)
    try:
        with engine.connect() as connection:
            tables = frozenset(inspect(connection).get_table_names())
            # Asked only where it is there: in PostgreSQL a SELECT that fails spoils the transaction.
            asked = connection.exec_driver_sql("SELECT version_num FROM alembic_version") if _MARK in tables else None
            revision = str((asked and asked.scalar()) or "")
    except DBAPIError as error:
        raise UserError(f"database {place}: cannot be opened: {told(error)}; mend it or name another") from error
    return DatabaseInfo(place, engine.dialect.name, revision, revisions()[-1], tables)


def _run(engine: Engine, job: Callable[["Config"], None]) -> None:
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "migrations:.")
    # Alembic's own default splits on spaces and warns.
    config.set_main_option("path_separator", "os")
    try:
        with engine.execution_options(writes=True).begin() as connection:
            config.attributes["connection"] = connection
            job(config)
    except DBAPIError as error:
        raise StoreError(f"database {shown(engine.url)}: could not be upgraded, nothing was changed: {told(error)}; "
                         "if it is another program's, name one of our own") from error
    except CommandError as error:
        raise StoreError(f"database {shown(engine.url)}: could not be upgraded: {error}") from error
