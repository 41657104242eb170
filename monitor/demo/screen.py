"""What the viewer sees: a live matrix on a terminal, plain lines elsewhere. Decides nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from alerts import wording
from alerts.model import Alert, Message, Receipt
from monitor.model import Measurement

MARKS = {
    "ok": ("●", "green"), "geo_restricted": ("⛔", "red"), "account_restricted": ("✋", "red"),
    "provider_outage": ("▼", "red"), "network_blocked": ("✂", "yellow"), "network_timeout": ("…", "yellow"),
    "network_dns": ("?", "yellow"), "skipped": ("–", "dim"), "probe_error": ("!", "magenta"),
}
KEPT = 12
NO_EDGE = 10_000
AROUND = 7     # lines of the matrix that are no vendor, its title twice as high, the cursor


@dataclass(slots=True)
class Screen:
    """Collects cells and news; `live` draws them, otherwise news are printed as they come."""

    console: Console
    vendors: Mapping[str, str]
    regions: Sequence[str]
    live: Live | None = None
    minute: float = 0.0
    cells: dict[tuple[str, str], tuple[str, float | None, bool]] = field(default_factory=dict)
    news: list[Text] = field(default_factory=list)

    def measured(self, measurement: Measurement) -> None:
        """Show a measurement in its cell; keyless reachability and controls make the matrix."""
        check, reading = measurement.check, measurement.reading
        if check.keyed or check.control or check.kind != "reachability":
            return
        self.cells[check.target.provider.id, check.vantage.region] = (
            reading.outcome.value, reading.figures.total_s, check.expect_restricted)
        self.draw()

    def say(self, text: str, style: str = "") -> None:
        """One line of news, stamped with the story's minute."""
        line = Text.assemble((f"[{self.minute:5.1f} min] ", "dim"), (text, style))
        self.news.append(line)
        if self.live is None:
            self.console.print(line, soft_wrap=True)
        self.draw()

    def show(self, title: str, body: str, *, language: str = "", style: str = "") -> None:
        """A block: an alert as its channel shows it, or a diff in colour."""
        content = Syntax(body, language, background_color="default", word_wrap=True) if language else Text(body)
        if self.live is None and not self.console.is_terminal:
            self.console.print(f"--- {title}", soft_wrap=True)
            self.console.print(body.removesuffix("\n"), highlight=False, markup=False, soft_wrap=True)
            return
        self.console.print(Panel(content, title=title, border_style=style or "dim", title_align="left"))

    def draw(self) -> None:
        """Draw the matrix and the last news again: a line each, as many as the terminal has room for."""
        if self.live is None:
            return
        room = max(3, self.live.console.height - len(self.vendors) - AROUND)
        self.live.update(Group(self._matrix(), *(_one_line(text) for text in self.news[-min(KEPT, room):])))

    def _matrix(self) -> Table:
        table = Table(title=f"minute {self.minute:.1f} – 1 second here is 1 minute of the rules' clock", expand=False)
        table.add_column("vendor")
        for region in self.regions:
            table.add_column(region, justify="left", min_width=18)
        for vendor, name in self.vendors.items():
            table.add_row(name, *(self._cell(vendor, region) for region in self.regions))
        return table

    def _cell(self, vendor: str, region: str) -> Text:
        if (vendor, region) not in self.cells:
            return Text("·", "dim")
        outcome, total_s, expected = self.cells[vendor, region]
        if expected and outcome == "geo_restricted":
            return Text("⛔ as expected", "dim")
        mark, style = MARKS.get(outcome, ("!", "yellow"))
        took = f" {total_s * 1000:.0f} ms" if outcome == "ok" and total_s is not None else f" {outcome}"
        return Text(f"{mark}{took}", style)


def lay_out(console: Console, table: Table) -> None:
    """Print a table: as wide as a terminal is, but a file or a pipe has no edge at which to break a word."""
    sheet = console if console.is_terminal else Console(file=console.file, width=NO_EDGE)
    sheet.print(table)


def _one_line(text: Text) -> Text:
    """Cut to the terminal's width: the whole of it is in the alert, and in the summary."""
    cut = text.copy()
    cut.no_wrap, cut.overflow = True, "ellipsis"
    return cut


@dataclass(frozen=True, slots=True)
class Ear:
    """A channel that shows what Slack and e-mail would bring, with the diff, as the courier delivers it."""

    screen: Screen

    def render(self, alert: Alert) -> Message:
        """Pure: the same words as every channel."""
        return wording.message(alert, "en", "UTC")

    async def deliver(self, message: Message, earlier: Receipt | None = None) -> Receipt:
        """Never fails: it is only a screen."""
        del earlier
        self.screen.show(f"alert: {message.subject}", message.text, style="cyan")
        return Receipt(reference=message.key)
