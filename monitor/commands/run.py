"""`vendorwatch run`: the daemon."""

from typing import TYPE_CHECKING

import typer

from monitor.commands._options import ConfigOption, KeysOption

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitor.setup import Setup


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("run")(run)


def run(
    config: ConfigOption = None,
    use_keys: KeysOption = False,
) -> None:
    """Probe, judge and tell until stopped. Needs no config and no key.

    Exits with 0 after SIGTERM or SIGINT, with 2 if it cannot start. SIGHUP reloads the config.
    """
    import os

    from monitor import logs
    from monitor.setup import read_setup

    def read() -> "Setup":
        """At the start and for each reload: what the log must not show is the config's too."""
        setup = read_setup(config, os.environ, use_keys=use_keys, here={"channels"})
        logs.begin(setup.config.logging.format, setup.config.logging.level, _secrets(setup))
        return setup

    setup = read()
    _greet(setup)
    _serve(setup, read)


def _serve(setup: "Setup", read: "Callable[[], Setup]") -> None:
    """Hold the database, and run until stopped."""
    import asyncio
    import os
    from contextlib import ExitStack, closing

    from monitor.app import compose
    from monitor.clock import Clock
    from monitor.daemon import Daemon, Lock, Systemd
    from monitor.errors import UserError
    from monitor.setup import lock_file
    from monitor.store.upgrade import admit

    admit(setup.config.database)          # before a lock is laid beside another program's file
    with ExitStack() as held:
        lock = Lock(lock_file(setup.config))
        name = lock.take()
        held.callback(lock.free)
        app = compose(setup, os.environ, Clock())
        held.enter_context(closing(app.store))
        app.owner = name                  # the lock proves that whoever leased by this name is dead
        daemon = Daemon(app, Systemd.of(os.environ), lambda: app.renew(read()))
        app.on_lost = daemon.stop
        asyncio.run(daemon.serve())
        if app.lost:
            raise UserError("another vendorwatch daemon took this database's lease; this one has stopped")


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
    from monitor.store.engine import database_url, shown

    vendors = {check.target.provider.id for check in setup.checks if not check.control}
    _say(f"config: {setup.path or 'none, the built-in one'}")
    _say(f"database: {shown(database_url(setup.config.database))}")
    _say(f"{len(setup.checks)} checks, {len(vendors)} vendors, regions: {', '.join(setup.config.regions)}")
    for key in setup.keys:
        if not key.usable:
            _say(f"key {key.env} ({key.provider}): not used: {key.why}")
        elif setup.config.use_keys:
            _say(f"key {key.env} ({key.provider}): used, at most {setup.config.budget.usd_per_day:.2f} USD a day")
        else:
            _say(f"key {key.env} ({key.provider}): found, not used; say --use-keys or use_keys: true")
    for note in (*setup.notes, *setup.faults):
        _say(f"note: {note}")


def _say(line: str) -> None:
    typer.echo(line, err=True)
