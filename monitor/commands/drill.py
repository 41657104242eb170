"""`vendorwatch drill VENDOR`: what would happen if it restricted us now. Touches nothing."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened_of, paper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitor.catalogue import Catalogue
    from monitor.drilling import Drilled, Moved, Team
    from monitor.drillrun import Ran
    from monitor.setup import Setup

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
    from monitor import report
    from monitor.drilling import rehearse
    from monitor.setup import read_setup

    setup = read_setup(config, _environ())
    verdict, context, now = _scene(setup, vendor, region or [], cause)
    teams = _teams(setup)
    found = rehearse(verdict, setup.policy, context, now, (teams, setup.catalogue))
    ran, failed = _played(found, teams, setup.catalogue) if with_gateway else ([], [])
    if as_json:
        typer.echo(report.as_json({"drill": found, "gateway": ran, "failed": failed}))
    else:
        _print(found, ran, failed)
    if not found.passed or failed or not all(one.passed for one in ran):
        raise typer.Exit(EXIT_STOPS)


def _environ() -> "Mapping[str, str]":
    import os

    return os.environ


def _scene(setup: "Setup", vendor: str, regions: list[str], cause: str) -> Any:
    """The made-up verdict, what deciding leans on now, and now. Raises UserError for names that nobody has."""
    from datetime import UTC, datetime

    from monitor.config import vendor_id
    from monitor.drilling import made_up
    from monitor.errors import UserError
    from monitor.model import Cause
    from monitor.present import deciding_now
    from monitor.yamlfile import near

    names, causes = list(setup.config.regions), [one.value for one in Cause]
    for name in regions:
        if name not in names:
            raise UserError(f"no region '{name}' in the config{near(name, names)}; there are: {', '.join(names)}")
    if cause not in causes:
        raise UserError(f"no cause '{cause}'{near(cause, causes)}; there are: {', '.join(causes)}")
    now = datetime.now(UTC)
    owner = vendor_id(vendor, setup.config, setup.catalogue)
    store = opened_of(setup.config)
    try:
        context = deciding_now(store, setup.policy, _known(setup), now)
    finally:
        store.close()
    return made_up(owner, tuple(regions or names), Cause(cause), now), context, now


def _known(setup: "Setup") -> Any:
    from monitor.knowing import known_of
    from monitor.proposing import inventories_of

    return known_of(setup.config, setup.catalogue, setup.checks, inventories_of(_places(setup)))


def _places(setup: "Setup") -> Any:
    from pathlib import Path

    from monitor.proposing import Place

    return {name: Place(setup.gateways[name], Path(one.file), one.mode) for name, one in setup.config.gateways.items()}


def _teams(setup: "Setup") -> "dict[str, Team]":
    from alerts.gateway import PatchRefused
    from monitor.drilling import Team

    found = {}
    for name, place in _places(setup).items():
        try:
            found[name] = Team(place.gateway, place.read(), str(place.file))
        except PatchRefused as refusal:
            found[name] = Team(place.gateway, path=str(place.file), missing=str(refusal))
    return found


def _played(found: "Drilled", teams: "Mapping[str, Team]", catalogue: "Catalogue") -> "tuple[list[Ran], list[str]]":
    import asyncio

    from monitor.drillrun import Script, rig_for
    from monitor.drillrun import drill as play
    from monitor.rig import RigFailed

    ran, failed = [], []
    for one in found.moves:
        if one.patch is None or not one.patch.diff:
            continue
        team = teams[one.gateway]
        script = Script(one.workload, found.vendor, team.gateway, team.text, one.patch)
        rig, note = rig_for(one.patch.gateway, team.gateway)
        if note:
            typer.echo(note, err=True)
        try:
            ran.append(asyncio.run(play(rig, script, catalogue)))
        except RigFailed as failure:
            failed.append(f"{one.workload}: {rig.label}: {failure}")
    return ran, failed


def _print(found: "Drilled", ran: "list[Ran]", failed: list[str]) -> None:
    from alerts.wording import text

    console = paper()
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
    for done in ran:
        _print_ran(done)
    for reason in failed:
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


def _print_ran(one: "Ran") -> None:
    moved = "never" if one.moved_s is None else f"after {one.moved_s:.2f} s"
    paper().print(
        f"\n{'passed' if one.passed else 'FAILED'}: {one.workload} on {one.gateway}: {one.asked} requests, {one.lost} "
        f"lost; the fallback answered {moved}; {one.vendor} was asked {one.hits_before} times before and "
        f"{one.hits_after} after; taken back: {'the same bytes' if one.same_bytes else 'OTHER BYTES'}, "
        f"{one.vendor} {'answers' if one.back_answers else 'DOES NOT answer'} again",
        style="bold green" if one.passed else "bold red", markup=False, soft_wrap=True)
