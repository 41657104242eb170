"""`vendorwatch sql "SELECT …"`: the history in the reader's own words. Read-only; docs/sql.md has the views."""

import csv
import io
import json
import math
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands._options import ConfigOption, paper
from monitor.commands.db import database_of

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from monitor.store.asking import Answer


NARROWEST = 8      # characters that a column wants at least


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sql")(sql)


def sql(
    statement: Annotated[str, typer.Argument(help='For example "SELECT * FROM v_current".')],
    form: Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many rows; 0 is all.")] = 0,
    database: Annotated[
        str, typer.Option("--database", "-d", metavar="PATH|URL", help="Another database than the config's.")
    ] = "",
    config: ConfigOption = None,
) -> None:
    """Ask the database. Read-only, and the database itself sees to that.

    Views: v_current, v_measurement, v_incident, v_region_day, v_spending, v_delivery, v_drill, v_change,
    v_change_entry.
    """
    from monitor.store.asking import ask

    answer = ask(database_of(database, config), statement, limit or None)
    printers = {Format.TABLE: _table, Format.CSV: _csv, Format.JSON: _json}
    printers[Format.JSON if as_json else form](answer)
    if answer.more:
        typer.echo(f"… more than {limit} rows", err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)        # JSON has no number for it
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _json(answer: "Answer") -> None:
    rows = [dict(zip(answer.columns, map(_plain, row), strict=True)) for row in answer.rows]
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))


def _csv(answer: "Answer") -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([map(_plain, row) for row in answer.rows])
    typer.echo(text.getvalue(), nl=False)


def _cell(value: Any) -> "Text":
    """What vendors say is data: never markup, and it may move no cursor."""
    from rich.text import Text

    said = "" if value is None else str(_plain(value))
    return Text("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in said))


def _records(answer: "Answer") -> "Table":
    """A line a column, where a terminal is too narrow for a line a row."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for number, row in enumerate(answer.rows, start=1):
        table.add_row(f"-- row {number}", style="bold")
        for name, value in zip(answer.columns, row, strict=True):
            table.add_row(_cell(name), _cell(value))
    return table


def _table(answer: "Answer") -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, show_edge=False)
    for number, name in enumerate(answer.columns):
        numeric = any(isinstance(row[number], int | float) for row in answer.rows)
        table.add_column(Text(name), justify="right" if numeric else "left", overflow="fold")
    for row in answer.rows:
        table.add_row(*map(_cell, row))
    console = paper()
    if len(answer.columns) * NARROWEST > console.width:
        table = _records(answer)
    console.print(table)
    typer.echo(f"{len(answer.rows)} row{'' if len(answer.rows) == 1 else 's'}", err=True)
