"""`vendorwatch policy test`: what the config's policy would do about made-up incidents."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, paper

if TYPE_CHECKING:
    from monitor.catalogue import Catalogue
    from monitor.rehearsal import CaseOfPolicy, Rehearsed
    from monitor.settings import Config

EXIT_WRONG = 1
FileArgument = Annotated[Path | None, typer.Argument(metavar="[FILE]", help="Cases in YAML; none: one for each cause.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The policy: who hears of what, and what is patched.", no_args_is_help=True)
    group.callback()(_group)
    group.command("test")(run_cases)
    app.add_typer(group, name="policy")


def _group() -> None:
    """The policy: who hears of what, and what is patched."""


def run_cases(file: FileArgument = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Run the config's policy over cases. Nothing is asked, stored or told.

    Exits with 1 if a case does not come to what it expects, with 2 for a file that is none.
    """
    from monitor import report
    from monitor.config import catalogue_for
    from monitor.knowing import known_of, policy_of
    from monitor.rehearsal import one_a_cause, rehearse
    from monitor.setup import read_config

    settings = read_config(config)
    catalogue = catalogue_for(settings)
    known, policy = known_of(settings, catalogue, ()), policy_of(settings, catalogue)
    cases = one_a_cause(known, list(settings.regions)) if file is None else _read(file, settings, catalogue)
    found = [rehearse(case, policy, known) for case in cases]
    if as_json:
        typer.echo(report.as_json(found))
    else:
        _print(found, expecting=file is not None)
    if any(one.wrong for one in found):
        raise typer.Exit(EXIT_WRONG)


def _read(file: Path, settings: "Config", catalogue: "Catalogue") -> "list[CaseOfPolicy]":
    """The cases, vendors by their ids. Raises UserError with every problem."""
    from pydantic import ValidationError

    from monitor.errors import UserError
    from monitor.rehearsal import Cases
    from monitor.yamlfile import problems_of, read_yaml

    raw = read_yaml(file)
    try:
        cases = Cases.model_validate({"cases": raw} if isinstance(raw, list) else raw).cases
    except ValidationError as error:
        raise UserError(problems_of(error, file, Cases)) from error
    problems: list[str] = []
    named = [_named(case, f"{file}: cases[{at}].incident", (settings, catalogue), problems)
             for at, case in enumerate(cases)]
    if problems:
        raise UserError(problems)
    return named


def _named(case: "CaseOfPolicy", where: str, known: "tuple[Config, Catalogue]", problems: list[str]) -> "CaseOfPolicy":
    """A name that nobody has would match no rule, and the test would pass for the wrong reason."""
    from monitor.config import vendor_id
    from monitor.errors import UserError
    from monitor.yamlfile import near

    settings, catalogue = known
    regions, made = list(settings.regions), case.incident
    problems += [f"{where}.regions: unknown region '{name}'{near(name, regions)}; there are: {', '.join(regions)}"
                 for name in made.regions if name not in regions]
    try:
        vendor = None if made.vendor is None else vendor_id(made.vendor, settings, catalogue)
    except UserError as error:
        problems.append(f"{where}.vendor: {error}")
        return case
    return case.model_copy(update={"incident": made.model_copy(update={"vendor": vendor})})


def _print(found: "list[Rehearsed]", *, expecting: bool) -> None:
    from monitor import report

    rows = [(one.name, one.cause, one.tier.name.lower(), _when(one), one.severity, ", ".join(one.channels) or "nobody",
             one.patch, "; ".join(one.wrong) if one.wrong else "as expected" if expecting else None) for one in found]
    columns = ("case", "cause", "tier", "told", "severity", "channels", "patch", "result")
    wrong = sum(bool(one.wrong) for one in found)
    title = f"{len(found)} cases, {wrong} not as expected" if expecting else f"{len(found)} cases, one a cause"
    shown = len(columns) if expecting else -1
    paper().print(report.table(title, columns[:shown], (row[:shown] for row in rows)), markup=False)


def _when(one: "Rehearsed") -> str:
    if one.after_s is None:
        return "no"
    return f"after {one.after_s / 60:g} min" if one.after_s else "at once"
