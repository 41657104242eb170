"""What would happen if a vendor restricted us now: the very functions decide that decide when it is real. Pure.

Nothing is stored, told or written; what is proven is handed in, as it is at this moment.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from alerts.gateway import PatchRefused
from alerts.model import Alert, Patch
from monitor.known import Deciding, KnownWorkload, Policy
from monitor.model import Cause, Move, Reroute, Tell, Verdict
from monitor.permits import refusal, shown
from monitor.policy import decide
from monitor.proposing import Place
from monitor.telling import touched


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which drill. No regions: all of the config's."""

    vendor: str
    regions: tuple[str, ...] = ()
    cause: str = Cause.REGION_RESTRICTED.value
    with_gateway: bool = False

    @property
    def mark(self) -> str:
        """Which drill it is: the same words are the same drill, so that a restart does not hold it again."""
        words = (self.vendor, *sorted(self.regions), self.cause, str(self.with_gateway))
        return hashlib.sha256("\n".join(words).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Moved:
    """What becomes of one workload. No patch: it does not move, and `why` says why not."""

    workload: str
    to: str = ""
    proven_at: datetime | None = None
    proven_from: tuple[str, ...] = ()
    gateway: str = ""
    patch: Patch | None = None
    why: str = ""

    @property
    def stops(self) -> bool:
        return self.patch is None


@dataclass(frozen=True, slots=True)
class Drilled:
    """A drill of one vendor. `alert` None: nobody would be told."""

    vendor: str
    regions: tuple[str, ...]
    cause: Cause
    alert: Alert | None
    channels: tuple[str, ...]
    moves: tuple[Moved, ...]

    @property
    def passed(self) -> bool:
        return not any(one.stops for one in self.moves)


@dataclass(frozen=True, slots=True)
class Team:
    """A gateway of the config, and its file's text as it was read once; `missing` says why there is none."""

    place: Place
    text: str = ""
    missing: str = ""


def rehearse(verdict: Verdict, policy: Policy, context: Deciding, now: datetime,
             teams: Mapping[str, Team]) -> Drilled:
    """Who would be told what, and what each workload's gateway would be given."""
    vendor = verdict.scope.provider or ""
    actions = list(decide(verdict, [], policy, now, context))
    tell = next((one for one in actions if isinstance(one, Tell)), None)
    moves = {one.change.workload: one for one in actions if isinstance(one, Reroute)}
    opened = next(one.incident for one in actions if isinstance(one, Move))
    return Drilled(
        vendor, verdict.regions, verdict.cause, tell.alert if tell else None, tell.channels if tell else (),
        tuple(_moved(one, moves.get(one.name), context, teams) for one in touched(opened, context)))


def _moved(workload: KnownWorkload, reroute: Reroute | None, context: Deciding,
           teams: Mapping[str, Team]) -> Moved:
    if reroute is None:
        return _unmoved(workload, context)
    change = reroute.change
    takes = next(one for one in workload.fallbacks if one.route == change.takes_over and not refusal(one, workload))
    moved = Moved(workload.name, change.takes_over, change.proven_at,
                  tuple(sorted(shown(takes, workload, context))), reroute.gateway)
    team = teams[reroute.gateway]
    if team.missing:
        return replace(moved, why=team.missing)
    try:
        return replace(moved, patch=team.place.rendered(change, team.text))
    except PatchRefused as refused:
        return replace(moved, why=str(refused))


def _unmoved(workload: KnownWorkload, context: Deciding) -> Moved:
    if not workload.fallbacks:
        return Moved(workload.name, why="it has no fallback; name one in its `fallbacks`")
    barred = [why for one in workload.fallbacks if (why := refusal(one, workload))]
    if len(barred) == len(workload.fallbacks):
        return Moved(workload.name, why=f"no fallback may be used: {'; '.join(barred)}")
    bare = [one.route for one in workload.fallbacks if not shown(one, workload, context)]
    if len(bare) == len(workload.fallbacks):
        return Moved(workload.name, why=f"no fallback is proven now: {', '.join(bare)}; see `vendorwatch readiness`")
    if not workload.gateway:
        return Moved(workload.name, workload.fallbacks[0].route, why="it names no gateway, so nothing can be patched")
    return Moved(workload.name, why="the policy moves nothing for this cause, or no fallback may take over there")
