"""`vendorwatch silence add|list|expire`: say nothing of a vendor or a region for a while; measuring goes on."""

from typing import Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened, paper, person


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Silences: nothing is told of what matches; measuring goes on.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_all)
    group.command("expire")(expire)
    app.add_typer(group, name="silence")


def add(
    vendor: Annotated[str | None, typer.Option("--vendor", help="Id or everyday name; none: all.")] = None,
    region: Annotated[str | None, typer.Option("--region", help="A region of the config; none: all.")] = None,
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 30m, 2h, 1d.")] = "1h",
    reason: Annotated[str, typer.Option("--because", help="Why.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say nothing of a vendor or a region for a while."""
    from datetime import UTC, datetime

    from monitor.config import catalogue_for, vendor_id
    from monitor.errors import UserError
    from monitor.forms import parse_duration
    from monitor.setup import read_config
    from monitor.store.queries import Silence

    settings = read_config(config)
    try:
        duration = parse_duration(lasts)
    except ValueError as error:
        raise UserError(f"--for {lasts}: {error}") from error
    provider = vendor_id(vendor, settings, catalogue_for(settings)) if vendor else None
    if region is not None and region not in settings.regions:
        raise UserError(f"--region {region}: no such region; there are: {', '.join(settings.regions)}")
    now = datetime.now(UTC)
    store = opened(config)
    try:
        made = store.add_silence(Silence(person(), reason, now + duration, provider, region), now)
    finally:
        store.close()
    typer.echo(f"silence {made.id} until {made.until:%Y-%m-%d %H:%M:%SZ}: {made.provider or 'every vendor'}, "
               f"{made.region or 'every region'}")


def list_all(
    config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """List the silences in force, the config's maintenance windows among them."""
    from datetime import UTC, datetime

    from monitor import report
    from monitor.config import catalogue_for
    from monitor.knowing import maintenance_of
    from monitor.setup import read_config
    from monitor.store.queries import Silence

    settings, now = read_config(config), datetime.now(UTC)
    windows = [Silence("the config", one.because, one.until, one.provider, one.region)
               for one in maintenance_of(settings, catalogue_for(settings), now)]
    store = opened(config)
    try:
        found = [*store.silences(now), *windows]
    finally:
        store.close()
    if as_json:
        typer.echo(report.as_json(found))
        return
    paper().print(report.table("silences", ("id", "vendor", "region", "until", "author", "reason"), (
        (one.id or None, one.provider or "all", one.region or "all", report.when(one.until), one.author, one.reason)
        for one in found)))


def expire(
    number: Annotated[int, typer.Argument(help="The silence's number.", min=1, max=2**31 - 1)],
    config: ConfigOption = None,
) -> None:
    """End a silence now; its row stays."""
    from datetime import UTC, datetime

    from monitor.errors import UserError

    store = opened(config)
    try:
        if not store.expire_silence(number, datetime.now(UTC)):
            raise UserError(f"no silence {number} is in force; `vendorwatch silence list` shows them")
    finally:
        store.close()
    typer.echo(f"silence {number} ended")
