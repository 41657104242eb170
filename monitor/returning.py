"""When what was moved may come back: the vendor is well, has been for long enough, and its own answers say so. Pure.

From incidents and the latest rows alone, so that it comes to the same whenever it is asked again (law 2). How long is
enough grows with each time that it came back ill: twice as long, each time, up to two days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerts.model import RoutingChange
from monitor.model import Incident, Stage
from probes.outcome import NO_EVIDENCE, Outcome

LONGEST_HOLD: Final = timedelta(days=2)
LATELY: Final = timedelta(days=14)          # flaps longer ago are forgotten
QUALITY: Final = "quality"
READINESS: Final = "readiness"              # what a vendor cannot do as a fallback it could not do before either


@dataclass(frozen=True, slots=True)
class Back:
    """Whether the way back is due; `because` is the same as long as the reason is. `ill`: an incident stands there."""

    due: bool
    because: str
    ill: bool = False


def hold_of(hold: timedelta, returns: int) -> timedelta:
    """How long a vendor must be well that has fallen ill again so many times."""
    return max(hold, min(hold * float(2 ** min(returns, 16)), LONGEST_HOLD))


def back(change: RoutingChange, incidents: Sequence[Incident], rows: Sequence[Mapping[str, Any]], hold: timedelta,
         now: datetime) -> Back:
    """`incidents`: those of the vendor among them, closed ones too; `rows`: the latest of each check (v_current)."""
    own = [one for one in incidents if one.scope.provider == change.leaves and _here(change, one)]
    standing = next((one for one in own if one.stage is not Stage.CLOSED), None)
    if standing is not None:
        return Back(False, f"{change.leaves} is not well: an incident is {standing.stage}", ill=True)
    ended = [one for one in own if one.opened_at is not None and one.closed_at is not None]
    since = max((one.closed_at for one in ended if one.closed_at is not None), default=None)
    if since is None:
        return Back(False, f"no incident of {change.leaves} has ended")
    lately = [one for one in ended if one.closed_at is not None and one.closed_at > since - LATELY]
    returns = sum(one.flaps for one in lately) + len(lately) - 1
    wait = hold_of(hold, returns)
    if now < since + wait:
        return Back(False, f"{change.leaves} is well since {since:%Y-%m-%d %H:%M} UTC; it is held for {_span(wait)}")
    if ill := _not_clean(change, rows, since):
        return Back(False, ill)
    again = f", after {returns} returns" if returns else ""
    return Back(True, f"{change.leaves} is well since {since:%Y-%m-%d %H:%M} UTC, for longer than {_span(wait)}{again}")


def _not_clean(change: RoutingChange, rows: Sequence[Mapping[str, Any]], since: datetime) -> str:
    """What its latest answers say against it; '' where all that is asked is answered well, quality too."""
    own = [row for row in rows if row["provider"] == change.leaves and change.region in (None, row["region"])
           and row["kind"] != READINESS and Outcome(row["outcome"]) not in NO_EVIDENCE]
    bad = next((row for row in own if row["outcome"] != Outcome.OK), None)
    if bad is not None:
        return f"{change.leaves} answers {bad['kind']} with {bad['outcome']} from {bad['region']}"
    fresh = {row["kind"] for row in own if datetime.fromtimestamp(row["slot_us"] / 1e6, UTC) > since}
    if not fresh:
        return f"{change.leaves} was not asked since"
    if QUALITY in {row["kind"] for row in own} - fresh:
        return f"the quality of {change.leaves} was not probed since"
    return ""


def _here(change: RoutingChange, incident: Incident) -> bool:
    return change.region is None or not incident.regions or change.region in incident.regions


def _span(length: timedelta) -> str:
    hours = length.total_seconds() / 3600
    return f"{hours:.3g} h" if hours >= 1 else f"{hours * 60:.3g} min"
