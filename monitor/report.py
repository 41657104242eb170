"""Rows → tables and JSON. Pure: values in, renderables or text out; rich is loaded on first use."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any

from probes.outcome import NETWORK, NO_EVIDENCE, Outcome

if TYPE_CHECKING:
    from rich.table import Table

Row = Mapping[str, Any]

OK, WARNING, CRITICAL, UNKNOWN = 0, 1, 2, 3       # what a monitoring plugin exits with
_FINE = frozenset({Outcome.OK, Outcome.CONTENT_FILTERED})
_STRAINED = frozenset({Outcome.DEGRADED, Outcome.RATE_LIMITED, Outcome.OVERLOADED})
_DARK = NO_EVIDENCE | {Outcome.BAD_REQUEST}
_RANK = (OK, UNKNOWN, WARNING, CRITICAL)          # worst last
COLOURS = {OK: "green", WARNING: "yellow", CRITICAL: "red", UNKNOWN: "dim"}
WORDS = {OK: "OK", WARNING: "DEGRADED", CRITICAL: "RESTRICTED OR DOWN", UNKNOWN: "UNKNOWN"}


def plugin_code(outcome: str, *, expected: bool = False) -> int:
    """0 ok, 1 degraded, 2 restricted or down, 3 unknown. A refusal that is expected is fine (law 12)."""
    member = Outcome(outcome)
    if member in _FINE or (expected and member is Outcome.GEO_RESTRICTED):
        return OK
    if member in _STRAINED:
        return WARNING
    return UNKNOWN if member in _DARK else CRITICAL


def worst(codes: Iterable[int]) -> int:
    """The one to exit with: restricted before degraded before unknown. Nothing seen is unknown."""
    return max(codes, key=_RANK.index, default=UNKNOWN)


def own_network_down(controls: Sequence[str]) -> bool:
    """Whether every neutral host failed on the way: then it is us, and no vendor is blamed (law 1)."""
    return bool(controls) and all(Outcome(one) in NETWORK for one in controls)


def as_json(value: object) -> str:
    """JSON text; times ISO 8601, durations in seconds, dataclasses as objects."""
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Enum):
        return value.value
    return list(value) if isinstance(value, set | frozenset | Sequence) else str(value)


def seconds(value: object) -> str:
    """0.123 → '123 ms'; None → '–', for what was not measured is not zero."""
    if not isinstance(value, int | float):
        return "–"
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> "Table":
    """A plain table; None is a dash."""
    from rich.table import Table

    made = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*("–" if cell is None else str(cell) for cell in row))
    return made


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def status_table(rows: Sequence[Row]) -> "Table":
    """The latest row of each check: v_current."""
    return table(
        _counted(len(rows), "check"), ("vendor", "region", "kind", "outcome", "total", "ttft", "when", "reason"),
        ((row["provider"], row["region"], row["kind"], _coloured(str(row["outcome"])), seconds(row.get("total_s")),
          seconds(row.get("ttft_s")), str(row.get("slot") or row.get("at") or "")[:19], _short(row.get("reason")))
         for row in rows),
    )


def _coloured(outcome: str) -> str:
    return f"[{COLOURS[plugin_code(outcome)]}]{outcome}[/]"


def _short(text: object, most: int = 70) -> str:
    """One line of it, with nothing that rich would take for markup."""
    line = " ".join(str(text or "").split()).replace("[", "\\[")
    return line if len(line) <= most else line[: most - 1] + "…"


def incident_table(incidents: Sequence[Any]) -> "Table":
    """Incidents, newest first."""
    return table(
        _counted(len(incidents), "incident"),
        ("id", "stage", "cause", "vendor", "regions", "since", "sure", "acked", "because"),
        ((one.id, one.stage, one.cause, one.scope.provider, ", ".join(one.regions), when(one.onset),
          f"{one.confidence:.0%}", one.acked_by, _short(one.because)) for one in incidents),
    )


def when(at: datetime | None) -> str:
    """To the second, in UTC."""
    return "–" if at is None else at.strftime("%Y-%m-%d %H:%M:%SZ")


def spending_table(rows: Sequence[Row]) -> "Table":
    """What probing has cost, and how much of the limits that is: budget.standing."""
    return table(
        "spending", ("vendor", "tokens today", "USD today", "tokens this month", "USD this month", "used of limits"),
        ((row["provider"] or "all", row["today"].tokens, f"{row['today'].usd:.4f}", row["month"].tokens,
          f"{row['month'].usd:.4f}", ", ".join(f"{_key(one['limit'])} {one['share']:.0%}" for one in row["limits"]))
         for row in rows),
    )


def promise_table(rows: Sequence[Any]) -> "Table":
    """False alarms promised and actual: promises.promises."""
    return table(
        "false alarms so far", ("tier", "accepted of a stream", "promised", "reached", "false", "doubtful",
                                "what counts as false"),
        ((one.tier, f"1 in {one.accepted_s / 86400:.3g} days", f"{one.promised:.1f}", one.reached, one.false,
          one.doubtful or None, one.how) for one in rows),
    )


def _key(path: str) -> str:
    return path.rpartition(".")[2]


def summary(rows: Sequence[Row], incidents: Sequence[Any], spending: Sequence[Row]) -> dict[str, Any]:
    """What `status --json` prints."""
    return {"checks": [dict(row) for row in rows], "incidents": list(incidents), "spending": list(spending)}
