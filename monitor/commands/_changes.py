"""`vendorwatch patch plan|show|approve|reject|apply|revert|log|stop|go`: the life of a change, by hand.

Exits with 0 where it is done (or was done already), with 1 where the chain of `log --verify` does not hold, with 2
where something was asked for that is not there, with 3 where it is refused, with the reason.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened_of, person

if TYPE_CHECKING:
    from monitor.changes import Entry, Life
    from monitor.ground import Ground
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore

EXIT_BROKEN, EXIT_REFUSED = 1, 3
_NO_WORKLOAD = ("no workload in the config: nothing to move. `vendorwatch config init --from FILE` makes some of your "
                "gateway's config")


Which = Annotated[str, typer.Argument(metavar="ID", help="The change, as `patch log` or an alert names it.")]
By = Annotated[str, typer.Option("--by", help="Your name.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group."""
    for name, command in (("plan", plan), ("show", show), ("approve", approve), ("reject", reject), ("apply", apply),
                          ("revert", revert), ("log", log)):
        group.command(name)(command)


@contextmanager
def _at(config: Path | None) -> "Iterator[tuple[Setup, SqlStore, Ground]]":
    import os

    from monitor.patching import ground_of
    from monitor.setup import read_setup

    setup = read_setup(config, os.environ)
    with opened_of(setup.config) as store:
        yield setup, store, ground_of(setup, store)


@contextmanager
def _whole(config: Path | None) -> "Iterator[Ground]":
    """What saying yes and applying stand on: all of the config."""
    with _at(config) as (_, _, ground):
        yield ground


@contextmanager
def _alone(config: Path | None) -> "Iterator[Ground]":
    """What looking, saying no and taking back stand on: the gateways, whatever else of the config is wrong or gone."""
    import os

    from monitor.patching import BACK, ground_back
    from monitor.setup import read_part

    read = read_part(config, os.environ, *BACK)
    with opened_of(read) as store:
        yield ground_back(read, store)


def plan(
    config: ConfigOption = None, as_json: JsonOption = False,
    workload: Annotated[str | None, typer.Option("--workload", "-w", help="Of this one alone.")] = None,
    away_from: Annotated[str | None, typer.Option("--away-from", metavar="VENDOR", help="As if it were down.")] = None,
    to: Annotated[str | None, typer.Option("--to", metavar="ROUTE", help="Who would take over then.")] = None,
) -> None:
    """Show what would be changed now, and what stands against it. Changes nothing, here or at a gateway.

    By what stands in the database; with --away-from, as if that vendor had shut us out.
    """
    from monitor.errors import UserError
    from monitor.planning import planned, supposed

    if to is not None and (away_from is None or workload is None):
        raise UserError("--to: name the workload and the vendor that is left too (--workload, --away-from)")
    now = datetime.now(UTC)
    with _at(config) as (setup, store, ground):
        steps = supposed(ground, setup, (workload, away_from, to), now) if away_from else planned(
            ground, setup, store, workload, now)
        found = list(steps)
    if as_json:
        typer.echo(json.dumps([one.as_object() for one in found], ensure_ascii=False, indent=2))
        return
    for one in found:
        typer.echo(one.diff, nl=False)
        for line in one.remarks():
            typer.echo(line, err=True)
    if not found:
        typer.echo("nothing to change" if setup.config.workloads else _NO_WORKLOAD, err=True)


def show(which: Which, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Show a change: its diff, where it stands, what happened to it."""
    with _alone(config) as ground:
        life, entries = ground.find(which), ground.changes.entries(which)
    if as_json:
        rows = [_row(one) for one in entries]
        typer.echo(json.dumps(_object(life) | {"entries": rows}, ensure_ascii=False, indent=2))
        return
    typer.echo(life.words())
    for entry in entries:
        typer.echo(entry.words())
    typer.echo(life.drawn.diff, nl=False)


def approve(which: Which, config: ConfigOption = None, by: By = "", as_json: JsonOption = False) -> None:
    """Say yes to a change as it would be written now. In the modes approve and auto a running daemon applies it."""
    from monitor.applying import approve as say_yes

    _do(_whole(config), as_json, lambda ground, now: say_yes(ground, which, by or person(), now))


def reject(
    which: Which, config: ConfigOption = None, by: By = "", as_json: JsonOption = False,
    because: Annotated[str, typer.Option("--because", help="Why not.")] = "",
) -> None:
    """Say no to a change; or, of one in conflict, that you have seen to it."""
    from monitor.applying import reject as say_no

    _do(_alone(config), as_json, lambda ground, now: say_no(ground, which, by or person(), now, because))


def apply(which: Which, config: ConfigOption = None, by: By = "", as_json: JsonOption = False) -> None:
    """Write an approved change to the gateway's file, or commit it on a branch: what its outlet says.

    Refused where a guard stands against it, where the fallback is not proven now, or where the file has changed.
    """
    from monitor.applying import apply as write

    _do(_whole(config), as_json, lambda ground, now: write(ground, which, by or person(), now), live=True)


def revert(which: Which, config: ConfigOption = None, by: By = "", as_json: JsonOption = False) -> None:
    """Take a change back: to the byte, or merged with what was edited since. A conflict says which lines."""
    from monitor.reverting import revert as take_back

    _do(_alone(config), as_json, lambda ground, now: take_back(ground, which, by or person(), now), live=True)


def log(
    config: ConfigOption = None, as_json: JsonOption = False,
    which: Annotated[str | None, typer.Argument(metavar="[ID]", help="Of one change.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Check the chain of all rows.")] = False,
    head: Annotated[str, typer.Option("--head", metavar="HASH", help="A head noted earlier, to be found again.")] = "",
) -> None:
    """List what happened to the changes. With --verify, whether any row was changed, removed or put in."""
    from monitor import chain

    with _alone(config) as ground:
        if which is not None:
            ground.find(which)
        entries, lives = ground.changes.entries(), ground.changes.lives()
    shown = [entry for entry in entries if which in (None, entry.change)]
    broken = [*chain.faults(entries, {life.id: life.head for life in lives}, head),
              *chain.jumps(entries, {life.id: life.stand for life in lives}),
              *chain.altered(entries, {life.id: life.drawn.diff for life in lives})] if verify or head else []
    if as_json:
        said = {"entries": [_row(entry) for entry in shown]}
        checked = {"faults": broken, "head": entries[-1].hash if entries else chain.BEGINNING}
        typer.echo(json.dumps(said | (checked if verify or head else {}), ensure_ascii=False, indent=2))
    else:
        for entry in shown:
            typer.echo(entry.words())
        for fault in broken:
            typer.echo(f"broken: {fault}", err=True)
        if verify and not broken:
            typer.echo(f"{len(entries)} rows, the chain holds; head {entries[-1].hash if entries else chain.BEGINNING}",
                       err=True)
    if broken:
        raise typer.Exit(EXIT_BROKEN)


def _do(opened: "AbstractContextManager[Ground]", as_json: bool, deed: "Callable[[Ground, datetime], Life]", *,
        live: bool = False) -> None:
    """One deed, and how it ended."""
    from monitor.applying import reconcile
    from monitor.ground import Refused

    now = datetime.now(UTC)
    with opened as ground:
        for found in reconcile(ground, now):
            typer.echo(f"change {found.id} was found half done: it is {found.stand}", err=True)
        try:
            life = deed(ground, now)
        except Refused as refusal:
            if as_json:
                typer.echo(json.dumps({"refused": str(refusal), "lines": list(refusal.lines)}, ensure_ascii=False))
            for line in (f"refused: {refusal}", *(f"  {one}" for one in refusal.lines)):
                typer.echo(line, err=True)
            raise typer.Exit(EXIT_REFUSED) from None
        hint = _hint(ground, life) if live else ""
        how = json.loads(ground.changes.entries(life.id)[-1].detail).get("how", "") if live else ""
    if as_json:
        typer.echo(json.dumps(_object(life), ensure_ascii=False, indent=2))
        return
    typer.echo(f"change {life.id} is {life.stand}")
    if how:
        typer.echo(how, err=True)
    if hint:
        typer.echo(f"to make it live: {hint}", err=True)


def _hint(ground: "Ground", life: "Life") -> str:
    from alerts.branch import Branch
    from monitor.changes import IN_PLACE

    place, branch = ground.place(life), f"vendorwatch/{life.id}"
    said = place.to_make_live(life.change)
    if not isinstance(place.landing, Branch):
        return said
    merge = f"merge {branch}" if life.stand in IN_PLACE else (
        f"merge {branch}-revert; if {branch} was never merged, delete it instead")
    return f"{merge}. {said}".rstrip()


def _object(life: "Life") -> dict[str, object]:
    from dataclasses import asdict

    said = {name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in asdict(life.change).items()}
    return {"id": life.id, "stand": life.stand, "gateway": life.gateway, "mode": life.mode, "file": life.drawn.file,
            "diff": life.drawn.diff, "base_sha256": life.drawn.base_sha256,
            "patched_sha256": life.drawn.patched_sha256, "warnings": list(life.drawn.warnings), "change": said}


def _row(entry: "Entry") -> dict[str, object]:
    from dataclasses import asdict

    return asdict(entry) | {"at": entry.at.isoformat(), "detail": json.loads(entry.detail)}
