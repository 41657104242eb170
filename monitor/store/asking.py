"""Any SELECT, and nothing else: the database itself refuses to write, whatever the text says."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, ResourceClosedError

from monitor.errors import UserError
from monitor.store.engine import database_url, shown


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns, and the rows in order. `more`: the limit cut it off."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    more: bool = False


def ask(url: str, statement: str, limit: int | None = None) -> Answer:
    """Run one statement read-only. Raises UserError with the database's own words."""
    found = database_url(url)
    engine = create_engine(_read_only(found), **_options(found))
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=ON")
            # Without parameters the driver leaves a percent sign of the text alone.
            result = connection.execution_options(no_parameters=True).exec_driver_sql(statement)
            columns = tuple(result.keys())
            rows = result.fetchall() if limit is None else result.fetchmany(limit + 1)
            kept = rows if limit is None else rows[:limit]
            return Answer(columns, tuple(tuple(row) for row in kept), len(rows) > len(kept))
    except DBAPIError as error:
        raise UserError(f"database {shown(found)}: {str(error.orig).strip()}") from error
    except ResourceClosedError as error:
        raise UserError("sql: that statement gives no rows; only reading is possible here") from error
    finally:
        engine.dispose()


def _read_only(url: URL) -> URL:
    if url.get_backend_name() != "sqlite":
        return url
    path = Path(url.database or "")
    if not path.is_file():
        raise UserError(f"database {path}: there is none yet; `vendorwatch run` makes it")
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query={"mode": "ro", "uri": "true"})


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {}
    return {"connect_args": {"options": "-c default_transaction_read_only=on"}}
