"""Any SELECT, and nothing else: the database itself refuses to write, whatever the text says."""

import sqlite3
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from monitor.errors import UserError
from monitor.store.engine import database_url, made, read_only, shown, told


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns, and the rows in order. `more`: the limit cut it off."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool = False


def ask(url: str, statement: str, limit: int | None = None) -> Answer:
    """Run one statement read-only. Raises UserError with the database's own words."""
    found = database_url(url)
    engine = made(*read_only(found))
    try:
        with engine.connect() as connection:
            driver = connection.connection.driver_connection
            failure = engine.dialect.loaded_dbapi.Error
            try:
                return _answer(_run(driver, statement), limit)
            except failure as error:
                if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
                    raise KeyboardInterrupt from None
                raise UserError(f"database {shown(found)}: {str(error).strip()}") from error
    except DBAPIError as error:
        raise UserError(f"database {shown(found)}: {told(error)}") from error
    finally:
        engine.dispose()


def _run(driver: Any, statement: str) -> Any:
    """The driver's own cursor, run: exactly one statement, in which a percent sign is a percent sign."""
    if isinstance(driver, sqlite3.Connection):
        driver.execute("PRAGMA query_only=ON").close()
        # VACUUM INTO and ATTACH would make files elsewhere, read-only or not.
        driver.set_authorizer(_no_other_files)
        # SQLite asks now and then whether to go on: only in Python can Ctrl-C be heard, and it ends the statement.
        driver.set_progress_handler(_go_on, 100_000)
        return driver.execute(statement)
    # Prepared, for PostgreSQL would otherwise run 'COMMIT; BEGIN READ WRITE; DELETE …' as one text.
    return driver.cursor().execute(statement, prepare=True)


def _go_on() -> int:
    return 0


def _no_other_files(action: int, *_: object) -> int:
    return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_ATTACH else sqlite3.SQLITE_OK


def _answer(cursor: Any, limit: int | None) -> Answer:
    if cursor.description is None:
        raise UserError("sql: that statement gives no rows; only reading is possible here")
    columns = tuple(column[0] for column in cursor.description)
    rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
    kept = rows if limit is None else rows[:limit]
    return Answer(columns, tuple(tuple(row) for row in kept), len(rows) > len(kept))
