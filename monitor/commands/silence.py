"""`vendorwatch silence add|list|expire`: say nothing of a vendor, region or cause for a while; measuring goes on."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.commands._options import ConfigOption, JsonOption, opened, paper, person

if TYPE_CHECKING:
    from monitor.config import Config
    from monitor.model import Cause
    from monitor.store.queries import Silence

# Beyond it, nobody remembers what is kept quiet; what comes again belongs into the config.
LONGEST = timedelta(days=366)

VendorOption = Annotated[str | None, typer.Option("--vendor", help="Id or everyday name; none: all.")]
RegionOption = Annotated[str | None, typer.Option("--region", help="A region of the config; none: all.")]
CauseOption = Annotated[str | None, typer.Option("--cause", help="A cause, such as rate_limited; none: all.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Silences: nothing is told of what matches; measuring goes on.", no_args_is_help=True)
    group.command("add")(add)
    group.command("list")(list_all)
    group.command("expire")(expire)
    app.add_typer(group, name="silence")


def add(  # noqa: PLR0913, PLR0917 - each is an option
    vendor: VendorOption = None, region: RegionOption = None, cause: CauseOption = None,
    lasts: Annotated[str, typer.Option("--for", help="How long, such as 30m, 2h, 1d.")] = "1h",
    reason: Annotated[str, typer.Option("--because", help="Why.")] = "",
    by: Annotated[str, typer.Option("--by", help="Your name; else your user's.")] = "",
    config: ConfigOption = None,
) -> None:
    """Say nothing of a vendor, a region or a cause for a while."""
    from monitor.setup import read_config
    from monitor.store.queries import Silence

    settings, duration = read_config(config), _duration(lasts)
    now = datetime.now(UTC)
    wanted = Silence(by.strip() or person(), reason, now + duration, _vendor(vendor, settings),
                     _region(region, settings), cause=_cause(cause))
    with opened(config) as store:
        made = store.add_silence(wanted, now)
    typer.echo(f"silence {made.id} until {made.until:%Y-%m-%d %H:%M:%SZ}: {made.provider or 'every vendor'}, "
               f"{made.region or 'every region'}, {made.cause or 'every cause'}, by {made.author}")


def _duration(lasts: str) -> timedelta:
    from monitor.errors import UserError
    from monitor.forms import parse_duration

    try:
        duration = parse_duration(lasts)
    except ValueError as error:
        raise UserError(f"--for {lasts}: {error}") from error
    if duration > LONGEST:
        raise UserError(f"--for {lasts}: expected at most {LONGEST.days}d; shorten it, renew it when it ends, or say "
                        "`maintenance:` in the config")
    return duration


def _vendor(name: str | None, settings: "Config") -> str | None:
    from monitor.config import catalogue_for, vendor_id
    from monitor.errors import UserError

    try:
        return None if name is None else vendor_id(name, settings, catalogue_for(settings))
    except UserError as error:
        raise UserError(f"--vendor {name}: {error}") from error


def _region(name: str | None, settings: "Config") -> str | None:
    from monitor.errors import UserError
    from monitor.yamlfile import near

    if name is not None and name not in settings.regions:
        raise UserError(f"--region {name}: no such region{near(name, list(settings.regions))}; "
                        f"there are: {', '.join(settings.regions)}")
    return name


def _cause(name: str | None) -> "Cause | None":
    from monitor.errors import UserError
    from monitor.model import Cause
    from monitor.yamlfile import near

    known = [cause.value for cause in Cause]
    if name is not None and name not in known:
        raise UserError(f"--cause {name}: no such cause{near(name, known)}; there are: {', '.join(known)}")
    return None if name is None else Cause(name)


def list_all(
    config: ConfigOption = None, as_json: JsonOption = False,
    ended: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
) -> None:
    """List the silences in force, the config's maintenance windows that are open among them."""
    from monitor import report

    now = datetime.now(UTC)
    windows = _windows(config, now)
    with opened(config) as store:
        found = [*store.silences(now, ended=ended), *windows]
    if as_json:
        typer.echo(report.as_json(found))
        return
    columns = ("id", "vendor", "region", "cause", "state", "since", "until", "author", "reason")
    rows = [(one.id or None, one.provider or "all", one.region or "all", one.cause or "all",
             "in force" if one.until > now else "over", report.when(one.created_at), report.when(one.until),
             one.author, one.reason) for one in found]
    paper().print(report.table("silences", columns, rows), markup=False)


def _windows(config: Path | None, now: datetime) -> list["Silence"]:
    from monitor.config import catalogue_for
    from monitor.knowing import maintenance_of
    from monitor.setup import read_config
    from monitor.store.queries import Silence

    settings = read_config(config)
    return [Silence("the config", one.because, one.until, one.provider, one.region)
            for one in maintenance_of(settings, catalogue_for(settings), now)]


def expire(
    number: Annotated[int, typer.Argument(help="The silence's number.", min=1, max=2**31 - 1)],
    config: ConfigOption = None,
) -> None:
    """End a silence now; its row stays."""
    from monitor.errors import UserError

    with opened(config) as store:
        if not store.expire_silence(number, datetime.now(UTC)):
            raise UserError(f"no silence {number} is in force; `vendorwatch silence list` shows them")
    typer.echo(f"silence {number} ended")
