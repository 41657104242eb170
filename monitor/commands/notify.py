"""`vendorwatch notify test CHANNEL`: one real message, so that a channel is known to work before it is needed."""

from typing import Annotated

import typer

from monitor.commands._options import ConfigOption


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Channels.", no_args_is_help=True)
    group.command("test")(send_test)
    group.callback()(_group)              # with one command typer would drop its name
    app.add_typer(group, name="notify")


def _group() -> None:
    """Channels."""


def send_test(
    channel: Annotated[str, typer.Argument(help="A channel's name in the config.")],
    config: ConfigOption = None,
) -> None:
    """Send a test message. Exits with 1 if the channel refuses it."""
    import asyncio
    from datetime import UTC, datetime

    from alerts.channel import DeliveryError
    from alerts.model import Alert, Occasion, Severity
    from monitor.errors import UserError
    from monitor.setup import channels_of, read_config

    made = channels_of(read_config(config, here={"channels"}))
    if channel not in made:
        raise UserError(f"no channel {channel}; there are: {', '.join(made)}")
    now = datetime.now(UTC)
    alert = Alert(f"test:{now.isoformat()}", Occasion.TEST, Severity.INFO, "unknown", now, now,
                  because="this is a test; nothing is wrong")
    try:
        receipt = asyncio.run(made[channel].deliver(made[channel].render(alert)))
    except DeliveryError as failure:
        typer.echo(f"{channel}: not delivered: {failure.reason}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{channel}: delivered {receipt.detail}".rstrip())
