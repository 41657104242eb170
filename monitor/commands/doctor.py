"""`vendorwatch doctor`: what on this machine would make measuring wrong, or keep it from starting."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.commands._options import ConfigOption, JsonOption

if TYPE_CHECKING:
    from monitor.settings import Config

OURS = ("alerts", "migrations", "monitor", "probes")
Finding = tuple[str, str, str]            # ok | note | problem, what was looked at, what was found


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Look at this machine. Exits with 0 if nothing stands in the way, with 1 otherwise."""
    from monitor import report
    from monitor.config import HERE
    from monitor.errors import UserError
    from monitor.setup import read_config

    found = [*packages(), *environment(), *clocks()]
    try:
        settings = read_config(config, here=HERE)
    except UserError as error:
        found += [("problem", "config", line) for line in error.problems]
    else:
        found += [("ok", "config", "loads"), *database(settings), *folders(settings)]
    if as_json:
        typer.echo(report.as_json([{"level": a, "what": b, "found": c} for a, b, c in found]))
    else:
        for level, what, text in found:
            typer.echo(f"{level:8} {what:12} {text}")
    raise typer.Exit(1 if any(level == "problem" for level, _, _ in found) else 0)


def packages() -> Iterator[Finding]:
    """Whether another distribution brings packages of our names: it would overwrite them, or be imported instead."""
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    clashes = {name: sorted({*owners.get(name, [])} - {"vendorwatch"}) for name in OURS}
    for name, others in clashes.items():
        if others:
            yield "problem", "packages", (
                f"{name} is also brought by {', '.join(others)}; install vendorwatch into a venv of its own"
            )
    for name in OURS:
        place = _place(name)
        if place is not None and place != _place("monitor"):
            yield "problem", "packages", f"{name} is imported from {place}, apart from monitor; set PYTHONSAFEPATH=1"
    if not any(clashes.values()):
        yield "ok", "packages", "ours alone"


def _place(name: str) -> Path | None:
    from importlib.util import find_spec

    spec = find_spec(name)
    return Path(spec.origin).parent.parent if spec is not None and spec.origin else None


def environment() -> Iterator[Finding]:
    """Proxies and certificate variables that probes do not obey."""
    import os

    from probes.environment import findings

    said = findings(os.environ)
    yield from (("note", "environment", line) for line in said)
    if not said:
        yield "ok", "environment", "no proxy or CA variables"


def clocks() -> Iterator[Finding]:
    """Who stamps the first byte, and whether the wall clock can be believed."""
    from datetime import UTC, datetime

    from probes.net.stamps import kernel_stamps_work

    if kernel_stamps_work():
        yield "ok", "stamps", "the kernel stamps arriving bytes"
    else:
        yield "note", "stamps", "this kernel stamps nothing: latencies are from user space, and rows say so"
    now = datetime.now(UTC)
    if now.year < 2026:
        yield "problem", "clock", f"the clock says {now:%Y-%m-%d}: certificates and slots will be wrong; set it"
    else:
        yield "ok", "clock", f"{now:%Y-%m-%d %H:%M:%SZ}"


def database(settings: "Config") -> Iterator[Finding]:
    """Whether the database opens and is of our version. A SQLite file that is not there yet is fine."""
    from monitor.errors import StoreError, UserError
    from monitor.store.sql import open_store

    url = settings.database
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).exists():
        yield "ok", "database", f"{url}: not there yet; the first run makes it"
        return
    try:
        with closing(open_store(url, upgrade=False)) as store:
            yield "ok", "database", f"judged up to {store.cursor()}"
    except (UserError, StoreError) as error:
        yield "problem", "database", str(error)


def folders(settings: "Config") -> Iterator[Finding]:
    """Whether the folders we write to can be written to."""
    import os

    from monitor.setup import state_folder

    folder = state_folder(settings)
    there = next(one for one in (folder, *folder.parents) if os.access(one, os.F_OK))
    if os.access(there, os.W_OK | os.X_OK):
        yield "ok", "folder", str(folder)
    else:
        yield "problem", "folder", f"{there} cannot be written to; mend its rights or set `database`"
