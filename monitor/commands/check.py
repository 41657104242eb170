"""`vendorwatch check`: ask once, now, and exit like a monitoring plugin."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, KeysOption, paper

if TYPE_CHECKING:
    import os

    from monitor.model import Check, Measurement

SLOW = ("quality", "readiness", "notices", "pages")     # dear, or the same text wherever and whenever it is read


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


def check(
    vendor: Annotated[str | None, typer.Argument(help="A vendor's id or everyday name; none: all.")] = None,
    config: ConfigOption = None,
    use_keys: KeysOption = False,
    as_json: JsonOption = False,
) -> None:
    """Ask once. Exits with 0 ok, 1 degraded, 2 restricted or down (or a config that is wrong), 3 unknown.

    Nothing is stored. Where no neutral host answers either, it is our own network: 3, and no vendor is blamed.
    """
    import asyncio
    import os

    from monitor import report
    from monitor.config import vendor_id
    from monitor.errors import UserError
    from monitor.pace import rates_of
    from monitor.setup import read_setup

    setup = read_setup(config, os.environ, use_keys=use_keys)
    name = None if vendor is None else vendor_id(vendor, setup.config, setup.catalogue)
    chosen = [one for one in setup.checks
              if one.kind not in SLOW and (one.control or name in (None, one.target.provider.id))]
    if all(one.control for one in chosen):
        whose, who = (f"of {vendor} ", "it") if vendor else ("", "every vendor")
        raise UserError(f"no check {whose}can be made: {who} needs an account or is switched off in the config")
    alone = _alone(setup.config.database, chosen)
    rates = rates_of(setup.config, setup.catalogue)
    rows = asyncio.run(_ask([one for one in chosen if one.key not in alone], os.environ, rates))
    rows += [_not_asked(one, alone[one.key]) for one in chosen if one.key in alone]
    dark = {
        region for region in {row.check.vantage.region for row in rows}
        if report.own_network_down([r.reading.outcome for r in rows if r.check.control
                                    and r.check.vantage.region == region])
    }
    seen = [row for row in rows if not row.check.control]
    codes = [
        report.UNKNOWN if row.check.vantage.region in dark
        else report.plugin_code(row.reading.outcome, expected=row.check.expect_restricted) for row in seen
    ]
    code = report.worst(codes)
    _print(seen, codes, code, dark, as_json)
    raise typer.Exit(code)


def _alone(database: str, checks: "Sequence[Check]") -> dict[str, str]:
    """Why, by check. A database that cannot be read says nothing of any vendor; but then no key is shown."""
    from monitor.errors import StoreError, UserError

    try:
        stopped = left_alone(database)
    except (StoreError, UserError) as error:
        why = f"left alone: whether an incident stopped it is unknown: {error}"
        return {one.key: why for one in checks if one.keyed}
    return dict.fromkeys(stopped, "left alone: an incident stopped it; `vendorwatch incident list` shows which")


def left_alone(database: str) -> frozenset[str]:
    """Checks that the daemon has stopped. Asking once by hand would show a banned key once more (law 11)."""
    from monitor.store.sql import open_store
    from monitor.store.upgrade import info

    if info(database).state != "current":
        return frozenset()                # none yet, or of another version: no daemon of ours runs on it
    with closing(open_store(database, upgrade=False)) as store:
        return frozenset(key for watch in store.watches() if watch.every is None for key in watch.check_keys)


def _not_asked(check: "Check", why: str) -> "Measurement":
    from datetime import UTC, datetime

    from monitor.model import Measurement
    from probes.model import Reading
    from probes.outcome import Outcome

    now = datetime.now(UTC)
    return Measurement(check, now, now, 0.0, Reading(Outcome.SKIPPED, why))


def _remember_nothing(key: str) -> dict[str, str]:
    del key
    return {}


async def _ask(
    checks: "Sequence[Check]", environ: "os._Environ[str]", rates: "Mapping[str, int]"
) -> "list[Measurement]":
    import asyncio

    from monitor.app import load_probe
    from monitor.clock import Clock
    from monitor.cycle import Cycle
    from monitor.model import Measurement, Slot
    from monitor.plan import trusted_by
    from probes.run import Runner

    async def keep(row: Measurement) -> None:
        del row

    clock = Clock()
    runner = Runner(environ.get, now=clock.now, trusting=trusted_by(checks))
    cycle = Cycle(clock, runner, keep, load_probe, _remember_nothing)
    cycle.pace.renew(rates)
    gate = asyncio.Semaphore(32)

    async def one(check: "Check") -> Measurement:
        async with gate:
            return await cycle.measure(Slot(check, clock.now()))

    try:
        return list(await asyncio.gather(*(one(check) for check in checks)))
    finally:
        await runner.aclose()


def _print(rows: "Sequence[Measurement]", codes: Sequence[int], code: int, dark: set[str], as_json: bool) -> None:
    from monitor import report

    if as_json:
        typer.echo(report.as_json({
            "status": report.WORDS[code], "code": code, "own_network_down": sorted(dark),
            "checks": [{"check": row.check.key, "vendor": row.check.target.provider.id, "kind": row.check.kind,
                        "region": row.check.vantage.region, "outcome": row.reading.outcome, "code": one,
                        "reason": row.reading.reason, "total_s": row.reading.figures.total_s,
                        "ttft_s": row.reading.figures.ttft_s} for row, one in zip(rows, codes, strict=True)],
        }))
        return
    bad = sum(one != report.OK for one in codes)
    for region in sorted(dark):
        typer.echo(f"own network down in {region}: no neutral host answers either; no vendor is blamed")
    typer.echo(f"{report.WORDS[code]} - {len(codes) - bad} of {len(codes)} checks fine")
    paper().print(report.status_table([
        {"provider": row.check.target.provider.id, "region": row.check.vantage.region, "kind": row.check.kind,
         "outcome": row.reading.outcome, "total_s": row.reading.figures.total_s, "ttft_s": row.reading.figures.ttft_s,
         "slot": row.slot, "reason": row.reading.reason} for row in rows
    ]))
