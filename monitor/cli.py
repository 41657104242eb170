"""Words in, words out. Every file of monitor/commands adds its commands through `register(app)`.

Imports late what is used late: `--help` loads typer and nothing of the house. What a person can mend is printed line
by line and ends with 2; a traceback is for our own bugs.
"""

import gc
import importlib
import io
import os
import pkgutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import StoreError, UserError

EXIT_PROBLEM = 2
EXIT_INTERRUPTED = 130
EXIT_READER_GONE = 141      # as of any program that SIGPIPE ends: `vendorwatch … | head`


def _version(wanted: bool) -> None:
    if wanted:
        from monitor import __version__

        typer.echo(f"vendorwatch {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The application with every command of the folder."""
    import monitor.commands

    app = typer.Typer(
        name="vendorwatch", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        rich_markup_mode=None,            # rich costs more than all of --help otherwise
    )

    @app.callback()
    def root(
        version: Annotated[
            bool, typer.Option("--version", help="Print the version and leave.", is_eager=True, callback=_version)
        ] = False,
    ) -> None:
        """Knows within minutes when an LLM vendor shuts you out, proves it, and proposes the way round it."""
        del version

    for module in pkgutil.iter_modules(monitor.commands.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"monitor.commands.{module.name}").register(app)
    return app


def main() -> None:
    """The entry point. Exit codes are in docs/operating.md."""
    gc.set_threshold(50_000)   # imports make what stays: looking for garbage among it costs a twentieth of every start
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")   # a terminal that cannot write 中 is no reason to say nothing
    try:
        _answer()
    except (UserError, StoreError) as error:       # a StoreError: the disk is full, another has the lock, …
        problems = error.problems if isinstance(error, UserError) else [" ".join(str(error).split())]
        for problem in problems:
            print(f"vendorwatch: {problem}", file=sys.stderr)
        sys.exit(EXIT_PROBLEM)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:
        _drop_the_rest()
        sys.exit(EXIT_READER_GONE)
    except OSError as error:
        _drop_the_rest()
        print(f"vendorwatch: {error.filename or 'output'}: {(error.strerror or 'failed').lower()}", file=sys.stderr)
        sys.exit(EXIT_PROBLEM)


def _answer() -> None:
    """The command, and all it printed brought out: what is lost in a buffer was never said."""
    try:
        Path.cwd()
    except OSError as error:
        raise UserError("the folder you are in is gone; change to another") from error
    try:
        build()()
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):    # left with 1, which `check` means as degraded
            raise leaving.__context__ from None
        raise
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()


def _drop_the_rest() -> None:
    """Nobody reads on, or nothing more can be written: Python must not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
