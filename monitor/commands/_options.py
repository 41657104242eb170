"""What many commands have in common. Not a command: the leading underscore keeps it off the list."""

import getpass
import os
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from monitor.settings import Config
    from monitor.store.sql import SqlStore

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="vendorwatch.yaml; else it is looked for.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KeysOption = Annotated[bool, typer.Option("--use-keys", help="Use the keys found in the usual variables.")]


def person() -> str:
    """Who types. In a container a user often has a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def paper() -> "Console":
    """What to print a table on: as wide as the terminal; a pipe or a file has no edge at which to break a row."""
    from rich.console import Console

    found = Console()
    return found if found.is_terminal else Console(width=10_000)


@contextmanager
def opened(config: Path | None) -> "Iterator[SqlStore]":
    """The database of the config at this place, or of the one that is found; closed after."""
    from monitor.setup import read_config

    with opened_of(read_config(config)) as store:
        yield store


@contextmanager
def opened_of(config: "Config") -> "Iterator[SqlStore]":
    """The config's database, made where there is none; never upgraded: an older daemon may be at work on it."""
    from monitor.store.sql import open_store
    from monitor.store.upgrade import info

    with closing(open_store(config.database, upgrade=info(config.database).state == "empty")) as store:
        yield store
