"""`vendorwatch run`: the daemon."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from monitor.setup import Setup


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    config: Annotated[Path | None, typer.Option("--config", "-c", help="vendorwatch.yaml; else it is looked for.")] = None,
    use_keys: Annotated[bool, typer.Option("--use-keys", help="Use the keys found in the usual variables.")] = False,
) -> None:
    """Probe, judge and tell until stopped. Needs no config and no key.

    Exits with 0 after SIGTERM or SIGINT, with 2 if it cannot start. SIGHUP reloads the config.
    """
    import asyncio
    import os

    from monitor import logs
    from monitor.app import compose
    from monitor.clock import Clock
    from monitor.daemon import Daemon, Lock, Systemd
    from monitor.setup import read_setup, state_folder

    setup = read_setup(config, os.environ, use_keys=use_keys)
    form = "json" if setup.config.logging.format == "json" else "pairs"
    logs.begin(form, setup.config.logging.level, _secrets(setup))
    _greet(setup)
    database = setup.config.database
    lock = None
    if database.startswith("sqlite:///"):
        state_folder(setup.config).mkdir(parents=True, exist_ok=True)
        lock = Lock(Path(database.removeprefix("sqlite:///") + ".lock"))
        lock.take()
    try:
        app = compose(setup, os.environ, Clock())
        if lock is not None:
            app.owner = "this machine"    # the lock proves that whoever had the lease here is dead

        def reload() -> None:
            app.renew(read_setup(config, os.environ, use_keys=use_keys))

        try:
            asyncio.run(Daemon(app, Systemd.of(os.environ), reload).serve())
        finally:
            app.store.close()
    finally:
        if lock is not None:
            lock.free()


def _secrets(setup: "Setup") -> dict[str, str]:
    """Names and values of everything the log must not show."""
    import os

    named = {key.env for key in setup.keys} | {account.key_env for account in setup.config.accounts}
    named |= {one.key_env for one in setup.config.endpoints if one.key_env}
    for channel in setup.config.channels.values():
        named |= {value for name, value in channel.options.items() if name.endswith("_env") and isinstance(value, str)}
    return {name: os.environ[name] for name in named if os.environ.get(name)}


def _greet(setup: "Setup") -> None:
    """What will be done, and what was found and is left alone."""
    vendors = {check.target.provider.id for check in setup.checks if not check.control}
    say = _say
    say(f"config: {setup.path or 'none, the built-in one'}")
    say(f"database: {setup.config.database}")
    say(f"{len(setup.checks)} checks, {len(vendors)} vendors, regions: {', '.join(setup.config.regions)}")
    for key in setup.keys:
        if not key.usable:
            say(f"key {key.env} ({key.provider}): not used: {key.why}")
        elif setup.config.use_keys:
            say(f"key {key.env} ({key.provider}): used, at most {setup.config.budget.usd_per_day:.2f} USD a day in all")
        else:
            say(f"key {key.env} ({key.provider}): found, not used; say --use-keys or use_keys: true")


def _say(line: str) -> None:
    typer.echo(line, err=True)
