"""`vendorwatch status`: the latest of every check and the incidents that stand."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="vendorwatch.yaml; else it is looked for.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the latest result of every check, and the incidents that stand."""
    from monitor import report
    from monitor.setup import read_config
    from monitor.store.sql import open_store

    store = open_store(read_config(config).database)
    try:
        rows, incidents = store.current(), store.incidents()
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json(report.summary(rows, incidents)))
        return
    from rich.console import Console

    console = Console()
    if incidents:
        console.print(report.incident_table(incidents))
    console.print(report.status_table([row for row in rows if not row.get("control")]))
