"""`vendorwatch incident list|show|ack|resume|close|false`."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened, opened_of, paper, person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from monitor.model import Incident
    from monitor.settings import Config
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
    group.command("close")(close)
    group.command("false")(was_false)
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

    with opened(config) as store:
        found = store.incidents(closed=closed)
    if as_json:
        typer.echo(report.as_json(list(found)))
        return
    paper().print(report.incident_table(found))


def show(
    which: Which, config: ConfigOption = None, as_json: JsonOption = False,
    why: Annotated[bool, typer.Option("--why", help="The whole reasoning, in words.")] = False,
) -> None:
    """Show one incident and its moves; with --why, what it was judged by."""
    from monitor import report
    from monitor.setup import read_config

    settings = read_config(config)
    with opened_of(settings) as store:
        found = _find(store, which)
        moves, marks = store.moves(found.id), store.marks(found.id)
        words = _why(store, found, moves, settings) if why else []
    if as_json:
        told = {"incident": found, "moves": list(moves), "marks": list(marks)}
        typer.echo(report.as_json(told | {"why": words} if why else told))
        return
    console = paper()
    console.print(report.incident_table([found]))
    said = words or [found.because]
    for mark in marks:
        reason = f": {mark['reason']}" if mark["reason"] else ""
        said.append(f"{report.when(mark['at'])} marked as {mark['mark']} by {mark['author']}{reason}")
    console.print("\n".join(said), markup=False, highlight=False)
    if why:
        return
    console.print(report.table("moves", ("at", "from", "to", "because"), (
        (report.when(move["at"]), move["before"], move["after"], move["because"]) for move in moves)), markup=False)


def _why(store: "SqlStore", incident: "Incident", moves: "Sequence[Mapping[str, Any]]",
         settings: "Config") -> list[str]:
    from monitor.config import catalogue_for
    from monitor.explaining import explained, rests_on

    until = max((move["at"] for move in moves), default=incident.changed_at)
    calls = {row["seq"]: row for row in store.calls(rests_on(moves), incident.onset, until)}
    vendor = catalogue_for(settings).lookup(incident.scope.provider or "")
    return explained(incident, moves, calls, vendor.name if vendor else "")


def ack(which: Which, config: ConfigOption = None, by: Person = "") -> None:
    """Say that somebody has it: reminders stop."""
    from datetime import UTC, datetime

    with opened(config) as store:
        found = store.acknowledge(_find(store, which).id, by or person(), datetime.now(UTC))
    typer.echo(f"incident {found.id} acknowledged by {found.acked_by}")


def resume(which: Which, config: ConfigOption = None, by: Person = "") -> None:
    """Let a banned account be asked again, once the vendor has lifted the ban. Another refusal stops it again."""
    from datetime import UTC, datetime

    with opened(config) as store:
        found = store.resume(_find(store, which).id, by or person(), datetime.now(UTC))
    typer.echo(f"incident {found.id} resumed; a running daemon asks again within seconds")


def close(
    which: Which, config: ConfigOption = None, by: Person = "",
    because: Annotated[str, typer.Option("--because", help="Why nothing more is expected of it.")] = "",
) -> None:
    """Close it by hand: reminders end, what it stopped runs again. If it still fails, it comes back."""
    from datetime import UTC, datetime
    from functools import partial

    from monitor.ending import closing

    who, now = by or person(), datetime.now(UTC)
    with opened(config) as store:
        found = store.end(_find(store, which).id, partial(closing, by=who, because=because, now=now))
    typer.echo(f"incident {found.id} closed by {who}; a running daemon tells whoever heard of it")


def was_false(
    which: Which, config: ConfigOption = None, by: Person = "",
    because: Annotated[str, typer.Option("--because", help="What it was instead.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="It was real after all.")] = False,
) -> None:
    """Say that it was a false alarm: `vendorwatch budget` counts it. Nothing else changes."""
    from datetime import UTC, datetime

    who = by or person()
    with opened(config) as store:
        found = _find(store, which)
        store.mark(found.id, who, because, datetime.now(UTC), false=not undo)
    typer.echo(f"incident {found.id} marked as {'real' if undo else 'false'} by {who}")
