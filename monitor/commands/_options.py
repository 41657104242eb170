"""What many commands have in common. Not a command: the leading underscore keeps it off the list."""

import getpass
import os
from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="vendorwatch.yaml; else it is looked for.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KeysOption = Annotated[bool, typer.Option("--use-keys", help="Use the keys found in the usual variables.")]


def person() -> str:
    """Who types. In a container a user often has a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
