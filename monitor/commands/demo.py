"""`vendorwatch demo`: the main job against stand-in vendors, in a minute and a half."""

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo() -> None:
    """Eight stand-in vendors over real TLS, three regions, five disasters. Needs no key and no internet.

    Exits with 0 only if every scripted restriction was told with the right cause, nobody was blamed besides, and what
    is done by hand – readiness, a drill, a change approved, applied and taken back – came out as it must.
    """
    from rich.console import Console

    from monitor.demo.play import play
    from monitor.errors import UserError

    console = Console()
    console.print("One second here is one minute of the clock that the rules see; rules and budgets are the real ones.")
    try:
        passed = play(console)
    except ImportError as missing:        # an extra that is not there
        raise UserError(str(missing)) from missing
    console.print("The whole story was told rightly." if passed else "Something was missed or went wrong: see above.",
                  style="bold green" if passed else "bold red")
    raise typer.Exit(0 if passed else 1)
