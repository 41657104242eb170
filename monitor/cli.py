"""Words in, words out. Every file of monitor/commands adds its commands through `register(app)`.

Imports late what is used late: `--help` loads typer and nothing of the house. What a person can mend is printed line
by line and ends with 2; a traceback is for our own bugs.
"""

import importlib
import pkgutil
import sys
from typing import Annotated

import typer

from monitor.errors import StoreError, UserError

EXIT_PROBLEM = 2


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
    try:
        build()()
    except UserError as error:
        for problem in error.problems:
            print(f"vendorwatch: {problem}", file=sys.stderr)
        sys.exit(EXIT_PROBLEM)
    except StoreError as error:           # the disk is full, another holds the lock, the server is gone
        print(f"vendorwatch: {' '.join(str(error).split())}", file=sys.stderr)
        sys.exit(EXIT_PROBLEM)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:               # `vendorwatch … | head`
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
