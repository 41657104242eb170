"""`vendorwatch readiness`: could every workload lose its vendor tonight? The table, and what stops if one is gone."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands._options import ConfigOption, JsonOption, KeysOption, opened_of, paper

if TYPE_CHECKING:
    from monitor.gaps import Gap
    from monitor.readiness import Line, Seen
    from monitor.setup import Setup

EXIT_GAPS = 1


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("readiness")(readiness)


def readiness(
    workload: Annotated[str | None, typer.Option("--workload", "-w", help="One workload; none: all.")] = None,
    region: Annotated[str | None, typer.Option("--region", "-r", help="One region; none: all.")] = None,
    config: ConfigOption = None,
    use_keys: KeysOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show which fallbacks are proven now, and what stops if a vendor or a jurisdiction is gone tomorrow.

    Exits with 0 if nothing is missing, with 1 if something is, with 2 for a name or a config that is wrong. Asks
    nobody: it reads what the daemon's probes have found, and needs no daemon that runs.
    """
    import os

    from monitor import report
    from monitor.gaps import gaps_of
    from monitor.readiness import concentration, lines_of, losses_of
    from monitor.setup import read_setup

    setup = read_setup(config, os.environ, use_keys=use_keys)
    seen = _seen(setup)
    _refuse_unknown(workload, [one.name for one in seen.known.workloads], "workload")
    _refuse_unknown(region, list(setup.config.regions), "region")
    found: list[dict[str, Any]] = []
    for one in seen.known.workloads:
        lines = [line for line in lines_of(one, seen) if region in (None, line.region)]
        if lines and workload in (None, one.name):
            found.append({
                "workload": one.name, "routes": lines, "findings": list(gaps_of(one, lines)),
                "concentration": {key: concentration(lines, key) for key in ("vendor", "jurisdiction")},
                "if_gone": list(losses_of(one, lines)),
            })
    if as_json:
        typer.echo(report.as_json({"workloads": found}))
    else:
        _print(found, seen)
    if any(one["findings"] for one in found):
        raise typer.Exit(EXIT_GAPS)


def _seen(setup: "Setup") -> "Seen":
    from monitor.clock import Clock
    from monitor.patching import known_by
    from monitor.present import seen_now

    known = known_by(setup, setup.inventories)
    with opened_of(setup.config) as store:
        return seen_now(store, setup.policy, known, Clock().now())


def _refuse_unknown(name: str | None, there: list[str], what: str) -> None:
    from monitor.errors import UserError
    from monitor.yamlfile import near

    if name is not None and name not in there:
        raise UserError(f"no {what} '{name}'{near(name, there)}; there are: {', '.join(there) or 'none'}")


def _print(found: list[dict[str, Any]], seen: "Seen") -> None:
    from monitor import report
    from monitor.readiness import in_words

    console = paper()
    if not found:
        console.print("no workload in the config: nothing to move. `vendorwatch config init --from FILE` makes some of "
                      "your gateway's config", markup=False)
    for one in found:
        columns = ("route", "vendor", "jurisdiction", "weights", "region", "proven", "score", "needs", "verdict")
        console.print(report.table(one["workload"], columns, (_row(line, seen) for line in one["routes"])))
        hangs = ", ".join(f"{key} {value:.2f}" for key, value in one["concentration"].items() if value is not None)
        console.print(f"concentration (1 is all on one): {hangs}", markup=False)
        for loss in one["if_gone"]:
            console.print(in_words(loss, seen), markup=False)
        for gap in one["findings"]:
            console.print(_finding(gap), markup=False)
        console.print()


def _row(line: "Line", seen: "Seen") -> tuple[object, ...]:
    from monitor import report

    verdict = f"{line.state}: {line.because.removeprefix('ready: ')}" if line.because else line.state
    return (line.route, seen.name(line.vendor), line.jurisdiction or "own", line.weights, line.region,
            report.when(line.proven_at), None if line.score is None else f"{line.score:.0%}",
            ", ".join(line.features) or None, verdict.replace("[", "\\["))


def _finding(gap: "Gap") -> str:
    return f"finding: {gap.kind}: {gap.because}"
