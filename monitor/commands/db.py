"""`vendorwatch db`: bring the database to this version's shape, or say which shape it has."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption

if TYPE_CHECKING:
    from monitor.store.upgrade import DatabaseInfo

_Database = Annotated[
    str, typer.Option("--database", "-d", metavar="PATH|URL", help="Another database than the config's.")
]
_Json = Annotated[bool, typer.Option("--json", help="As one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="The database: upgrade, or say what it is.", rich_markup_mode=None)
    group.command("upgrade")(upgrade)
    group.command("stamp")(stamp)
    group.command("info")(info)
    app.add_typer(group, name="db")


def database_of(named: str, config: Path | None) -> str:
    """The database named on the command line, else the config's. Raises UserError."""
    if named:
        return named
    from monitor.setup import read_config

    return str(read_config(config).database)


def upgrade(database: _Database = "", config: ConfigOption = None, as_json: _Json = False) -> None:
    """Bring the database to the newest revision. Does nothing where it has it already."""
    from monitor.store.upgrade import upgrade as apply

    _print(apply(database_of(database, config)), as_json)


def stamp(
    revision: Annotated[str, typer.Argument(help="As in the files of migrations/versions, for example 0001.")],
    database: _Database = "",
    config: ConfigOption = None,
    as_json: _Json = False,
) -> None:
    """Write down a revision without running anything: for a database restored by hand."""
    from monitor.store.upgrade import stamp as write

    _print(write(database_of(database, config), revision), as_json)


def info(database: _Database = "", config: ConfigOption = None, as_json: _Json = False) -> None:
    """Where the database is and which revision it has. Exits with 1 unless it is current."""
    from monitor.store.upgrade import info as look

    found = look(database_of(database, config))
    _print(found, as_json)
    if found.state != "current":
        raise typer.Exit(1)


def _print(found: "DatabaseInfo", as_json: bool) -> None:
    if as_json:
        facts = {"database": found.place, "dialect": found.dialect, "revision": found.revision, "newest": found.head}
        typer.echo(json.dumps(facts | {"state": found.state}))
        return
    state = {"foreign": "another program's", "unmarked": "tables as ours; if it is: vendorwatch db stamp REVISION"}
    said = state.get(found.state, found.state)
    typer.echo(f"{found.place} ({found.dialect}): revision {found.revision or 'none'}, {said}")
