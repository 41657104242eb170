"""`vendorwatch status`: the latest of every check and the incidents that stand."""


import typer

from monitor.commands._options import ConfigOption, JsonOption, opened, paper


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the latest result of every check, and the incidents that stand."""
    from monitor import report

    store = opened(config)
    try:
        rows, incidents = store.current(), store.incidents()
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json(report.summary(rows, incidents)))
        return
    console = paper()
    if incidents:
        console.print(report.incident_table(incidents))
    console.print(report.status_table([row for row in rows if not row.get("control")]))
