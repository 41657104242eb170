"""`vendorwatch status`: the latest of every check, the incidents that stand, and what probing has cost."""

from typing import TYPE_CHECKING, Any

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened_of, paper

if TYPE_CHECKING:
    from monitor.settings import Config
    from monitor.store.sql import SqlStore


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("status")(status)


def status(
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the latest result of every check, the incidents that stand, and what was spent of which budget."""
    from monitor import report
    from monitor.setup import read_config

    settings = read_config(config)
    with opened_of(settings) as store:
        rows, incidents, spending = store.current(), store.incidents(), _spending(store, settings)
    if as_json:
        typer.echo(report.as_json(report.summary(rows, incidents, spending)))
        return
    console = paper()
    if incidents:
        console.print(report.incident_table(incidents))
    console.print(report.status_table([row for row in rows if not row.get("control")]))
    console.print(report.spending_table(spending))


def _spending(store: "SqlStore", settings: "Config") -> list[dict[str, Any]]:
    from monitor.budget import books_of, day_of, limits_of, month_of, standing
    from monitor.clock import Clock
    from monitor.config import catalogue_for

    now = Clock().now()
    today, month = (books_of(store.spending(since)) for since in (day_of(now), month_of(now)))
    return standing(limits_of(settings, catalogue_for(settings)), today, month)
