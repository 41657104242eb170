"""`vendorwatch incident list|show|ack|resume`."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened, paper, person

if TYPE_CHECKING:
    from monitor.model import Incident
    from monitor.store.sql import SqlStore

LONGEST_NUMBER = 9        # digits; databases take no more than they can hold

Person = Annotated[str, typer.Option("--by", help="Your name.")]
Which = Annotated[str, typer.Argument(help="The incident's number, or its name as in an alert.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Incidents: what stands, what happened, who has it.", no_args_is_help=True)
    group.command("list")(list_all)
    group.command("show")(show)
    group.command("ack")(ack)
    group.command("resume")(resume)
    app.add_typer(group, name="incident")


def _find(store: "SqlStore", which: str) -> "Incident":
    from monitor.errors import UserError

    if which.isdecimal():
        found = store.incident(int(which)) if len(which) <= LONGEST_NUMBER else None
    else:
        found = next((one for one in store.incidents(closed=True) if which in (one.short, one.key)), None)
    if found is None:
        raise UserError(f"no incident {which}; `vendorwatch incident list --all` shows them")
    return found


def list_all(
    config: ConfigOption = None, as_json: JsonOption = False,
    closed: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
) -> None:
    """List the incidents, newest first."""
    from monitor import report

    store = opened(config)
    try:
        found = store.incidents(closed=closed)
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json(list(found)))
        return
    paper().print(report.incident_table(found))


def show(which: Which, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show one incident and its moves."""
    from monitor import report

    store = opened(config)
    try:
        found = _find(store, which)
        moves = store.moves(found.id)
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json({"incident": found, "moves": list(moves)}))
        return
    console = paper()
    console.print(report.incident_table([found]))
    console.print(found.because, markup=False)
    console.print(report.table("moves", ("at", "from", "to", "because"), (
        (report.when(move["at"]), move["before"], move["after"], move["because"]) for move in moves)), markup=False)


def ack(which: Which, config: ConfigOption = None, by: Person = "") -> None:
    """Say that somebody has it: reminders stop."""
    from datetime import UTC, datetime

    store = opened(config)
    try:
        found = store.acknowledge(_find(store, which).id, by or person(), datetime.now(UTC))
    finally:
        store.close()
    typer.echo(f"incident {found.id} acknowledged by {found.acked_by}")


def resume(which: Which, config: ConfigOption = None, by: Person = "") -> None:
    """Let a banned account be asked again, once the vendor has lifted the ban. Another refusal stops it again."""
    from datetime import UTC, datetime

    store = opened(config)
    try:
        found = store.resume(_find(store, which).id, by or person(), datetime.now(UTC))
    finally:
        store.close()
    typer.echo(f"incident {found.id} resumed; a running daemon asks again within seconds")
