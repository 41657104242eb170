"""`vendorwatch budget`: the false alarms that the team accepts, and how many there have been."""

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened_of, paper


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("budget")(budget)


def budget(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show, for each tier, the false alarms promised and actual so far. What probing costs: `vendorwatch status`."""
    from monitor import report
    from monitor.knowing import policy_of
    from monitor.promises import promises, stream_days
    from monitor.setup import read_config

    settings = read_config(config)
    with opened_of(settings) as store:
        streams, days = stream_days(store.watched())
        marks = {row["incident_id"]: row["mark"] for row in store.marks()}
        found = promises(store.incidents(closed=True, limit=1_000_000), marks, days, policy_of(settings).budgets)
    if as_json:
        typer.echo(report.as_json({"streams": streams, "stream_days": round(days, 3), "tiers": found}))
        return
    console = paper()
    console.print(report.promise_table(found), markup=False)
    console.print(f"promised: {days:.1f} days of {streams} streams (a vendor from a region, and each region's own "
                  "network), from each one's first call to its latest; time when nothing ran is in it.", markup=False)
    console.print("Only people know what was false: `vendorwatch incident false N` says so, --undo takes it back.",
                  markup=False)
