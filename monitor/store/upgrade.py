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

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError

from monitor.errors import StoreError, UserError
from monitor.store.engine import connect, database_url, shown, told

if TYPE_CHECKING:
    from alembic.config import Config

_FILE = re.compile(r"(\d{4})_\w+\.py")


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """Where the database is and which revision it has; '' means an empty one."""

    place: str
    dialect: str
    revision: str
    head: str

    @property
    def state(self) -> str:
        """current, empty, behind or newer."""
        if not self.revision:
            return "empty"
        if self.revision == self.head:
            return "current"
        return "behind" if self.revision in revisions() else "newer"


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
    """Which revision the database has. Makes no file."""
    found = database_url(url)
    if found.get_backend_name() == "sqlite" and not Path(found.database or "").exists():
        return DatabaseInfo(shown(found), "sqlite", "", revisions()[-1])
    with _connected(url) as engine:
        return _info(engine)


def upgrade(url: str) -> DatabaseInfo:
    """To the newest revision, in one transaction. Raises UserError for a database from a newer version."""
    with _connected(url) as engine:
        upgrade_engine(engine)
        return _info(engine)


def stamp(url: str, revision: str) -> DatabaseInfo:
    """Write down a revision without running anything: for a database restored by hand."""
    if revision not in (known := revisions()):
        raise UserError(f"revision {revision}: unknown; known are {', '.join(known)}")
    from alembic import command

    with _connected(url) as engine:
        _run(engine, lambda config: command.stamp(config, revision))
        return _info(engine)


def upgrade_engine(engine: Engine, *, apply: bool = True) -> None:
    """Nothing if the revision is right. Raises UserError where it is from the future, or wrong and `apply` is off."""
    found = _info(engine)
    if found.state == "current":
        return
    if found.state == "newer":
        raise UserError(
            f"database {found.place}: has revision {found.revision}, from a newer vendorwatch (this one knows up to"
            f" {found.head}); nothing was changed. Install that version, or name another database"
        )
    if not apply:
        raise UserError(f"database {found.place}: is {found.state}; run: vendorwatch db upgrade")
    if found.state == "empty" and engine.dialect.name == "sqlite":
        _refuse_strangers(engine, found.place)
    from alembic import command

    _run(engine, lambda config: command.upgrade(config, "head"))


def _refuse_strangers(engine: Engine, place: str) -> None:
    """A SQLite file belongs to one program; a PostgreSQL database may hold what others and its extensions put there."""
    with engine.connect() as connection:
        theirs = inspect(connection).get_table_names()
    if theirs and "alembic_version" not in theirs:      # with it: ours, brought down to nothing
        raise UserError(f"database {place}: has tables already ({', '.join(theirs[:3])}) and no revision; nothing was "
                        "changed. Name another file, or, if it is ours restored by hand: vendorwatch db stamp REVISION")


def _info(engine: Engine) -> DatabaseInfo:
    place = shown(engine.url)
    try:
        with engine.connect() as connection:
            revision = _revision(connection)
    except DBAPIError as error:
        raise UserError(f"database {place}: cannot be opened: {told(error)}; mend it or name another") from error
    return DatabaseInfo(place, engine.dialect.name, revision, revisions()[-1])


def _revision(connection: Connection) -> str:
    # Two short questions rather than one that fails: in PostgreSQL a failed SELECT spoils the transaction.
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


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
