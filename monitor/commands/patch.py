"""`vendorwatch patch render|lint`: a gateway's config moved away from a vendor, or looked over. Writes nothing.

The commands of a change's life are in _changes, those that stop all of them in _stopping.
"""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import JsonOption

if TYPE_CHECKING:
    from alerts.gateway import Gateway
    from alerts.model import Patch

EXIT_FAULTS = 1
EXIT_REFUSED = 3
_LANGUAGES = ("json", "jsonc", "json5", "yaml", "yml", "toml", "auto")     # say nothing of whose config it is

File = Annotated[Path, typer.Argument(metavar="FILE", help="The gateway's config; - is standard input.")]
Format = Annotated[str | None, typer.Option("--gateway", "-g", help="Its format; else it is guessed.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    from monitor.commands import _changes, _stopping

    group = typer.Typer(help="Patches of a gateway's config: plan, approve, apply, take back; render, look over.",
                        no_args_is_help=True)
    group.command("render")(render)
    group.command("lint")(lint)
    _changes.register(group)
    _stopping.register(group)
    app.add_typer(group, name="patch")


def render(  # noqa: PLR0913, PLR0917 (a command's options are its parameters)
    file: File,
    workload: Annotated[str, typer.Option("--workload", "-w", help="The public model name that the apps ask for.")],
    away_from: Annotated[str, typer.Option("--away-from", metavar="VENDOR", help="The vendor that is left.")],
    to: Annotated[str, typer.Option("--to", metavar="ROUTE", help="The model group or deployment that takes over.")],
    gateway: Format = None,
    demote: Annotated[bool, typer.Option("--demote", help="Keep the vendor as the last resort.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the smallest change that moves a workload away from a vendor, and back. Writes nothing.

    Exits with 0 (also where it is moved already: the diff is empty), with 3 where it refuses, saying why.
    """
    from alerts.gateway import PatchRefused
    from alerts.model import Strength
    from monitor.catalogue import load_catalogue
    from monitor.formats import moved

    move = (workload, away_from, to, Strength.DEMOTE if demote else Strength.EXCLUDE)
    try:
        text, form = _opened(file, gateway)
        patch = moved(form, text, _shown(file), move, load_catalogue())
    except PatchRefused as refusal:
        if as_json:
            _out(json.dumps({"refused": str(refusal)}, ensure_ascii=False) + "\n")
        typer.echo(f"refused: {refusal}", err=True)
        raise typer.Exit(EXIT_REFUSED) from None
    if as_json:
        _out(json.dumps(_object(patch), ensure_ascii=False) + "\n")
        return
    _out(patch.diff)
    for line in (*(f"warning: {one}" for one in patch.warnings), f"to apply: {patch.apply}"):
        if patch.diff:
            typer.echo(line, err=True)
    for call in patch.calls:
        typer.echo(f"call: {call.method} {call.path} {json.dumps(call.body, ensure_ascii=False)}", err=True)
    if not patch.diff:
        typer.echo("nothing to change: it is moved already", err=True)


def lint(file: File, gateway: Format = None, as_json: JsonOption = False) -> None:
    """Find the faults of a gateway's config, those included that the gateway lets pass.

    Exits with 0 if there are none to mend, with 1 if there are, with 3 where the file cannot be read.
    """
    from alerts.gateway import PatchRefused
    from alerts.model import Severity

    try:
        text, (name, form) = _opened(file, gateway)
    except PatchRefused as refusal:
        typer.echo(f"refused: {refusal}", err=True)
        raise typer.Exit(EXIT_REFUSED) from None
    found = form.lint(text)
    if as_json:
        rows = [{"where": one.where, "severity": one.severity, "what": one.what} for one in found]
        _out(json.dumps({"gateway": name, "problems": rows}, ensure_ascii=False) + "\n")
    else:
        for one in found:
            _out(f"{file}: {one.where}: {one.severity}: {one.what}\n")
        typer.echo(f"{file}: {len(found)} found" if found else f"{file}: no fault found", err=True)
    if any(one.severity is not Severity.INFO for one in found):
        raise typer.Exit(EXIT_FAULTS)


def _opened(file: Path, gateway: str | None) -> "tuple[str, tuple[str, Gateway]]":
    from alerts.gateway import PatchRefused
    from monitor.errors import UserError
    from monitor.formats import format_named, format_of, read_text

    named = format_named(gateway) if gateway and gateway.lower() not in _LANGUAGES else None
    try:
        text = read_text(file)
        return text, named or format_of(text, str(file))
    except UserError as error:
        raise PatchRefused(str(error)) from error


def _shown(file: Path) -> str:
    return "" if str(file) == "-" else str(file)


def _object(patch: "Patch") -> dict[str, object]:
    from dataclasses import asdict

    from monitor.formats import changed_lines

    said: dict[str, object] = {
        "gateway": patch.gateway, "diff": patch.diff, "patched": patch.patched, "reverted": patch.reverted,
        "changed_lines": changed_lines(patch), "warnings": list(patch.warnings), "apply": patch.apply,
    }
    if patch.files:
        said["files"] = dict(patch.files)
    if patch.calls:
        said["calls"] = [asdict(call) for call in patch.calls]
    return said


def _out(text: str) -> None:
    """As bytes: a CRLF file's diff keeps its line ends, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()
