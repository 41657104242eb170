"""`vendorwatch vendors`: who is in the catalogue, and what is known of one of them. Reads files only, asks nobody."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.commands._options import paper

if TYPE_CHECKING:
    from monitor.catalogue import Catalogue
    from probes.model import Provider

ConfigOption = Annotated[Path | None, typer.Option("--config", "-c", help="The config; its catalogue folder counts.")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("vendors")(vendors)


def vendors(
    name: Annotated[str | None, typer.Argument(help="One vendor, by id or everyday name: claude, kimi …")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    config: ConfigOption = None,
) -> None:
    """List the vendors that can be watched, or show one: hosts, models, prices, end dates, status pages, facts."""
    catalogue = _catalogue(config)
    shown = [catalogue.find(name)] if name else list(catalogue.providers)
    if as_json:
        rows = [as_row(one, catalogue) for one in shown]
        typer.echo(json.dumps(rows[0] if name else rows, ensure_ascii=False, indent=2, default=str))
    elif name:
        _show(shown[0], catalogue)
    else:
        _table(shown)


def as_row(provider: "Provider", catalogue: "Catalogue") -> dict[str, Any]:
    """Everything known of a vendor, as JSON has it."""
    from dataclasses import asdict

    row = asdict(provider)
    row["facts"] = [fact.model_dump(exclude_none=True) for fact in catalogue.facts.get(provider.id, ())]
    row["checked"] = catalogue.checked.get(provider.id)
    served = catalogue.supported.get(provider.id)
    row["supported"] = served.model_dump(exclude={"countries"}, exclude_none=True) if served else None
    return row


def _catalogue(path: Path | None) -> "Catalogue":
    """Only the config's catalogue folder matters here: a config with other faults must not hide the vendors."""
    import os

    from monitor.catalogue import load_catalogue
    from monitor.config import find_config
    from monitor.yamlfile import read_mapping

    file = path or find_config(os.environ, Path.cwd())
    folder = read_mapping(file).get("catalogue") if file else None
    return load_catalogue(file.parent / Path(folder).expanduser() if file and isinstance(folder, str) else None)


def _table(providers: "list[Provider]") -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column, whole in (("vendor", True), ("called", False), ("in", True), ("weights", True), ("surfaces", False),
                          ("probe model", True)):
        table.add_column(column, no_wrap=whole)
    for one in providers:
        table.add_row(
            one.id, ", ".join(one.aliases[:3]), one.jurisdiction or "own", one.weights,
            ", ".join(surface.name for surface in one.surfaces), one.probe_models[0].id if one.probe_models else "-",
        )
    paper().print(table)


def _show(one: "Provider", catalogue: "Catalogue") -> None:
    from rich.console import Console
    from rich.markup import escape

    lines = [f"[bold]{escape(one.name)}[/]  {escape(one.company)}  {one.jurisdiction or 'own'}  {one.weights} weights",
             f"called: {', '.join((one.id, *one.aliases))}; facts as of {catalogue.checked.get(one.id)}"]
    lines += [f"  {surface.name:<14}{escape(surface.base_url)}  {surface.dialect}, {surface.zone}"
              for surface in one.surfaces]
    lines += [f"  {'model':<14}{escape(_model_line(model))}" for model in (*one.probe_models, *one.models)]
    lines += [f"  {'status':<14}{escape(source.url)}" for source in one.status]
    lines += [f"  {page:<14}{escape(url)}" for page, url in one.pages.items()]
    if served := catalogue.supported.get(one.id):
        lines.append(f"  {'serves':<14}{len(served.countries)} countries, elsewhere refusal is expected "
                     f"({served.date or catalogue.checked[one.id]}, {escape(served.source)})")
    for fact in catalogue.facts.get(one.id, ()):
        lines.append(f"  {'fact':<14}{escape(fact.fact)} ({fact.date or 'undated'}, {fact.confidence})")
    console = Console(soft_wrap=True)
    for line in lines:
        console.print(line, highlight=False)


def _model_line(model: Any) -> str:
    price = "" if model.price_in is None else f"  {model.price_in:g}/{model.price_out:g} USD per million tokens"
    end = "" if model.retires_on is None else f"  retires {model.retires_on}"
    return f"{model.id}{price}{end}{'  gone' if model.gone else ''}"
