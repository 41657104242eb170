"""`vendorwatch patch stop` and `go`: the switch that stops all changes, and lets them go on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.commands._options import ConfigOption, person

if TYPE_CHECKING:
    from monitor.changes import What

_NOWHERE = ("nothing was stopped or let go: without the config's `database` nobody knows where. A daemon stops where a "
            "file `stop-patches` lies beside its SQLite database, or in its state folder")


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    group.command("stop")(stop)
    group.command("go")(go)


def stop(config: ConfigOption = None) -> None:
    """Stop all changes, at once and until `patch go`: nothing is applied. What is in place can be taken back still."""
    from monitor.changes import What
    from monitor.errors import UserError

    with _switch(config) as (file, throw):
        unkept = _put_down(file)
        if not unkept:
            typer.echo(f"changes are stopped ({file})")
        _, failed = throw(What.STOPPED)
        if unkept and failed:
            raise UserError(f"{unkept}; {failed}; nothing was stopped")
    if unkept:
        typer.echo("changes are stopped (through the database)")
        typer.echo(f"through the database alone: {unkept}", err=True)
    if failed:
        typer.echo(f"here only; who shares the database was not told: {failed}", err=True)


def _put_down(file: Path) -> str:
    """The stop file; why it could not be, '' where it could."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{person()} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}\n", encoding="utf-8")
    except OSError as error:
        return f"{file}: {error.strerror}"
    return ""


def go(config: ConfigOption = None) -> None:
    """Let changes go on after `patch stop`. Exits with 2 where those who share the database could not be told."""
    from monitor.changes import What
    from monitor.errors import UserError

    with _switch(config) as (file, throw):
        file.unlink(missing_ok=True)
        others, failed = throw(What.LET_GO)
    if failed:
        raise UserError(f"changes may go on as far as {file} goes; if they were stopped through the database too, they "
                        f"are still: {failed}")
    typer.echo("changes may go on")
    for other in others:
        typer.echo(f"who stopped them left {other}: while it is there, say `patch go` there too", err=True)


@contextmanager
def _switch(config: Path | None) -> "Iterator[tuple[Path, Callable[[What], tuple[list[str], str]]]]":
    """The stop file, and who tells the database, if it can: returns files of others, and why it cannot.

    Without the database, and without what else the config says: it may be what does not work. Raises UserError.
    """
    import os
    import socket

    from monitor.errors import StoreError, UserError
    from monitor.setup import read_part, state_folder
    from monitor.switch import STOP, elsewhere, told

    try:
        read = read_part(config, os.environ)
    except UserError as error:
        raise UserError([*error.problems, _NOWHERE]) from error
    file = state_folder(read) / STOP
    where = {"host": socket.gethostname(), "file": str(file)}

    def throw(what: "What") -> tuple[list[str], str]:
        try:
            return elsewhere(told(read.database, what, person(), where, datetime.now(UTC)), where), ""
        except (UserError, StoreError) as error:
            return [], str(error)

    try:
        yield file, throw
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}; nothing was let go") from error
