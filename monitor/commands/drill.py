"""`vendorwatch drill VENDOR`: what would happen if it restricted us now. Touches nothing."""

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened_of, paper

if TYPE_CHECKING:
    from monitor.drillday import Held
    from monitor.drilling import Moved

EXIT_STOPS = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("drill")(drill)


def drill(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="Who restricts us: claude, openai …")],
    region: Annotated[list[str] | None, typer.Option("--region", "-r", help="Only there; may be repeated.")] = None,
    cause: Annotated[str, typer.Option("--cause", help="What happens to us.")] = "region_restricted",
    with_gateway: Annotated[
        bool, typer.Option("--with-gateway", help="Move for real: a gateway on loopback, stand-in vendors.")] = False,
    config: ConfigOption = None, as_json: JsonOption = False,
) -> None:
    """Show what would happen if a vendor restricted us now: who is told what, what moves where, what stops.

    Nothing is told, stored or written. Exits with 1 if a workload would stop, or if a drill with a gateway fails.
    """
    import os
    from datetime import UTC, datetime

    from monitor import report
    from monitor.drillday import hold
    from monitor.drilling import Wanted
    from monitor.setup import read_setup

    setup = read_setup(config, os.environ)
    with opened_of(setup.config) as store:
        held = hold(setup, store, Wanted(vendor, tuple(region or ()), cause, with_gateway), datetime.now(UTC))
    for note in held.notes:
        typer.echo(note, err=True)
    if as_json:
        typer.echo(report.as_json(held.plain()))
    else:
        _print(held)
    if not held.passed:
        raise typer.Exit(EXIT_STOPS)


def _print(held: "Held") -> None:
    from alerts.wording import text

    console, found = paper(), held.drill
    where = ", ".join(found.regions)
    console.print(f"If {found.vendor} did this now in {where}: {found.cause}", style="bold", soft_wrap=True)
    if found.alert is None:
        console.print("Nobody would be told: the policy holds it back.")
    else:
        console.print(f"\nTold to {', '.join(found.channels) or 'nobody'}:\n", style="bold")
        console.print(text(found.alert), highlight=False, markup=False, soft_wrap=True)
    if not found.moves:
        console.print(f"\nNo workload has {found.vendor} as its primary there: nothing would move.")
    for one in found.moves:
        _print_move(one)
    for done in held.gateway:
        console.print(f"\n{done.words()}", style="bold green" if done.passed else "bold red", markup=False,
                      soft_wrap=True)
    for reason in held.failed:
        console.print(f"\nthe drill failed: {reason}", style="bold red", markup=False, soft_wrap=True)


def _print_move(one: "Moved") -> None:
    console = paper()
    if one.patch is None:
        takes = f" ({one.to} could take over)" if one.to else ""
        console.print(f"\n{one.workload} STOPS: {one.why}{takes}", style="bold red", markup=False, soft_wrap=True)
        return
    proof = f", proven at {one.proven_at:%Y-%m-%d %H:%M} UTC from {', '.join(one.proven_from)}" if one.proven_at else ""
    console.print(f"\n{one.workload} moves to {one.to}{proof}", style="bold green", markup=False, soft_wrap=True)
    console.print(one.patch.diff or "the gateway's file is moved already", highlight=False, markup=False,
                  soft_wrap=True)
    for warning in one.patch.warnings:
        console.print(f"warning: {warning}", style="yellow", markup=False, soft_wrap=True)
