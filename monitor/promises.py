"""False alarms: how many were promised so far, by tier, and how many there were. Pure.

What was false only people know. Of what nobody was told, fading without ever being confirmed is counted for it; of what
was told, a person's mark is, and what closed at once is shown as doubtful until somebody has said.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Incident, Stage, Tier
from monitor.tiers import DAY_S, Budgets

FALSE, REAL = "false", "real"
AT_ONCE = timedelta(minutes=2)       # what closes so soon after it opened may have been nothing
HOW = {
    Tier.SUSPECT: "faded unconfirmed, or marked false", Tier.WARN: "faded unconfirmed, or marked false",
    Tier.CONFIRM: "marked false; doubtful: over within 2 min, unmarked",
    Tier.PATCH: "marked false; doubtful: over within 2 min, unmarked",
}


@dataclass(frozen=True, slots=True)
class Watched:
    """A stream: a vendor from a region; vendor None: the region's own network."""

    provider: str | None
    region: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """One tier. `accepted_s`: seconds to a false alarm that the team accepts, of each stream."""

    tier: str
    accepted_s: float
    promised: float
    reached: int
    false: int
    doubtful: int
    how: str


def stream_days(watched: Iterable[Watched]) -> tuple[int, float]:
    """How many streams, and how many days of them there were, all together."""
    spans: dict[tuple[str | None, str], tuple[datetime, datetime]] = {}
    for one in watched:
        since, until = spans.get((one.provider, one.region), (one.since, one.until))
        spans[one.provider, one.region] = min(since, one.since), max(until, one.until)
    lasted = sum(max(0.0, (until - since).total_seconds()) for since, until in spans.values())
    return len(spans), lasted / DAY_S


def promises(incidents: Sequence[Incident], marks: Mapping[int, str], days: float, budgets: Budgets) -> list[Promise]:
    """`marks`: the last word of a person by incident; `days`: of all streams."""
    accepted = {Tier.SUSPECT: budgets.suspect_s, Tier.WARN: budgets.warn_s, Tier.CONFIRM: budgets.confirm_s,
                Tier.PATCH: budgets.patch_s}
    found = []
    for tier, seconds in accepted.items():
        there = [one for one in incidents if _reached(one, tier)]
        false = sum(_false(one, marks.get(one.id)) for one in there)
        doubtful = sum(one.id not in marks and _at_once(one) for one in there) if tier >= Tier.CONFIRM else 0
        found.append(Promise(tier.name.lower(), seconds, days * DAY_S / seconds, len(there), false, doubtful,
                             HOW[tier]))
    return found


def _reached(incident: Incident, tier: Tier) -> bool:
    """Confirmed is what was opened: evidence for nobody knows what was told to nobody."""
    return incident.tier >= tier and (tier < Tier.CONFIRM or incident.opened_at is not None)


def _false(incident: Incident, mark: str | None) -> bool:
    if mark is not None:
        return mark == FALSE
    return incident.stage is Stage.CLOSED and incident.opened_at is None


def _at_once(incident: Incident) -> bool:
    opened, closed = incident.opened_at, incident.closed_at
    return opened is not None and closed is not None and closed - opened <= AT_ONCE
