"""What the viewer sees: the matrix on a terminal, plain lines elsewhere, alerts as their channel brings them."""

import asyncio
import io
from dataclasses import replace

import pytest
from builders import a_measurement, a_provider, a_target, a_vantage
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text
from sinks import an_alert

from alerts import wording
from monitor.demo.screen import KEPT, Ear, Screen, lay_out
from monitor.model import Measurement
from probes.model import Figures
from probes.outcome import Outcome


def a_screen(*, terminal: bool = False) -> tuple[Screen, io.StringIO]:
    out = io.StringIO()
    console = Console(file=out, width=160, force_terminal=terminal, color_system=None)
    return Screen(console, {"acme": "Acme", "zeta": "Zeta"}, ("us", "eu")), out


def seen(outcome: Outcome = Outcome.OK, *, keyed: bool = False, kind: str = "reachability",
         total_s: float | None = 0.25, **check: object) -> Measurement:
    row = a_measurement(outcome, target=a_target(a_provider("acme"), keyed=keyed), vantage=a_vantage("eu"), kind=kind,
                        figures=Figures(total_s=total_s))
    return replace(row, check=replace(row.check, **check))  # type: ignore[arg-type]


def drawn(screen: Screen) -> str:
    """The live picture as text."""
    live = Live(console=Console(file=io.StringIO(), width=160), auto_refresh=False)
    screen.live = live
    screen.draw()
    screen.live = None
    out = io.StringIO()
    assert isinstance(live.renderable, Group)
    Console(file=out, width=160).print(live.renderable)
    return out.getvalue()


@pytest.mark.parametrize(("row", "cell"), [
    (seen(), "● 250 ms"), (seen(total_s=None), "● ok"), (seen(Outcome.GEO_RESTRICTED), "⛔ geo_restricted"),
    (seen(Outcome.GEO_RESTRICTED, expect_restricted=True), "⛔ as expected"),
    (seen(Outcome.PROVIDER_OUTAGE, expect_restricted=True), "▼ provider_outage"),
    (seen(Outcome.OVERLOADED), "! overloaded"), (seen(Outcome.SKIPPED), "– skipped"),
])
def test_a_cell_says_what_was_seen(row: Measurement, cell: str) -> None:
    screen, _ = a_screen()
    screen.measured(row)
    [acme] = [line for line in drawn(screen).splitlines() if "Acme" in line]
    assert cell in acme
    assert "·" in acme, "nothing was seen from us"


def test_the_newest_news_are_never_cut_off_by_a_small_terminal() -> None:
    screen, _ = a_screen()
    small = Console(file=io.StringIO(), width=60, height=12, force_terminal=True)
    screen.live = Live(console=small, auto_refresh=False)
    for number in range(20):
        screen.say(f"{number} {'long ' * 40}")
    lines = small.render_lines(screen.live.renderable)  # type: ignore[arg-type]
    assert len(lines) < small.height
    said = "".join(segment.text for line in lines for segment in line)
    assert "] 19 long" in said
    assert "] 15 long" not in said


@pytest.mark.parametrize("row", [seen(keyed=True), seen(control=True), seen(kind="completion")])
def test_keys_neutral_hosts_and_other_kinds_make_no_cell(row: Measurement) -> None:
    screen, _ = a_screen()
    screen.measured(row)
    assert screen.cells == {}


def test_news_are_printed_as_they_come_where_there_is_no_terminal() -> None:
    screen, out = a_screen()
    screen.minute = 9.04
    screen.say("Claude [geo-blocks] eu", "bold")
    assert out.getvalue() == "[  9.0 min] Claude [geo-blocks] eu\n"


def test_the_live_picture_shows_the_last_news_and_prints_none_twice() -> None:
    screen, out = a_screen()
    screen.live = Live(console=screen.console, auto_refresh=False)
    for number in range(KEPT + 3):
        screen.say(f"news {number:02}")
    assert out.getvalue() == ""
    said = drawn(screen)
    assert ("news 02" in said, "news 03" in said, f"news {KEPT + 2:02}" in said) == (False, True, True)


def test_a_block_is_to_the_letter_elsewhere_and_a_panel_on_a_terminal() -> None:
    diff = "-model: [claude]\n+model: qwen"
    screen, out = a_screen()
    screen.show("proposed patch", diff, language="diff")
    assert out.getvalue() == f"--- proposed patch\n{diff}\n"
    screen, out = a_screen(terminal=True)
    screen.show("proposed patch", diff, language="diff")
    assert "╭" in out.getvalue()
    assert "-model: [claude]" in out.getvalue()


def test_an_alert_is_what_every_channel_would_say() -> None:
    screen, out = a_screen()
    ear, alert = Ear(screen), an_alert()
    message = ear.render(alert)
    assert (message.subject, message.text) == (wording.headline(alert, "en"), wording.message(alert, "en", "UTC").text)
    receipt = asyncio.run(ear.deliver(message))
    assert receipt.reference == message.key
    assert out.getvalue().startswith(f"--- alert: {message.subject}\n")
    assert message.text in out.getvalue()


@pytest.mark.parametrize("terminal", [False, True])
def test_a_table_breaks_no_word_where_there_is_no_edge(terminal: bool) -> None:
    table = Table()
    table.add_column("cause", overflow="fold")
    table.add_column("told", overflow="fold")
    table.add_row("network_interference", " ".join(["account_restricted"] * 12))
    out = io.StringIO()
    lay_out(Console(file=out, width=40, force_terminal=terminal, no_color=True), table)
    said = Text.from_ansi(out.getvalue()).plain
    assert max(map(len, said.splitlines())) <= 40 if terminal else "account_restricted " * 11 in said
