"""What would be changed now, and what stands against it: nothing is written, not even a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from alerts.gateway import PatchRefused
from alerts.model import RoutingChange, Strength
from monitor.changes import Life, Stand
from monitor.config import vendor_id
from monitor.errors import UserError
from monitor.ground import Ground
from monitor.guards import new_faults, objections
from monitor.model import Cause
from monitor.patching import known_by
from monitor.present import deciding_now
from monitor.proposing import drawn_of
from monitor.telling import reroutes

if TYPE_CHECKING:
    from monitor.known import Known, KnownWorkload
    from monitor.setup import Setup
    from monitor.store.sql import SqlStore

_SUPPOSED = "vw-supposed-"
_LONE = "it has no fallback at another vendor; name one in its `fallbacks`"


@dataclass(frozen=True, slots=True)
class Planned:
    """One change that would be made: its diff, or why there is none; and what would stand against applying it."""

    change: RoutingChange
    gateway: str
    diff: str = ""
    refused: str = ""
    against: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_object(self) -> dict[str, object]:
        change = self.change
        return {"workload": change.workload, "leaves": change.leaves, "takes_over": change.takes_over,
                "strength": change.strength, "cause": change.cause, "because": change.because, "gateway": self.gateway,
                "diff": self.diff, "refused": self.refused, "against": list(self.against),
                "warnings": list(self.warnings)}

    def remarks(self) -> Iterator[str]:
        change = self.change
        if self.refused:
            yield f"{change.workload}: no patch: {self.refused}"
        elif not self.diff:
            yield f"{change.workload}: moved already, nothing to change"
        elif change.id.startswith(_SUPPOSED):
            yield f"{change.workload}: supposed only: {change.id} is no change that could be approved or taken back"
        yield from (f"{change.workload}: not now: {reason}" for reason in self.against)
        yield from (f"{change.workload}: warning: {warning}" for warning in self.warnings)


def planned(ground: Ground, setup: "Setup", store: "SqlStore", workload: str | None,
            now: datetime) -> Iterator[Planned]:
    """For the incidents that stand. Raises UserError for a workload that is not in the config."""
    known = known_by(setup, setup.inventories)
    _check(workload, known)
    context = deciding_now(store, setup.policy, known, now)
    for incident in context.standing:
        for one in reroutes(incident, context.standing, setup.policy, now, context)[0]:
            if workload in (None, one.change.workload):
                yield _plan(ground, one.change, one.gateway, now)


def supposed(ground: Ground, setup: "Setup", move: tuple[str | None, str | None, str | None],
             now: datetime) -> Iterator[Planned]:
    """As if a vendor had shut us out. `move`: workload, vendor, route that takes over."""
    workload, vendor, to = move
    known = known_by(setup, setup.inventories)
    _check(workload, known)
    leaves = vendor_id(vendor or "", setup.config, setup.catalogue)
    for one in known.workloads:
        if workload == one.name or (workload is None and one.primary == leaves):
            takers = [to] if to else [fallback.route for fallback in one.fallbacks if fallback.provider != leaves]
            tries = [_intended(one, leaves, taker) for taker in takers]
            # the first that is proven, as deciding would; else the first, with what stands against it
            chosen = next((made for made in tries if not ground.prove(made, now)), tries[0] if tries else None)
            yield _plan(ground, chosen, one.gateway, now) if chosen is not None else Planned(
                _intended(one, leaves, ""), one.gateway, refused=_LONE)


def _intended(workload: "KnownWorkload", leaves: str, taker: str) -> RoutingChange:
    return RoutingChange(f"{_SUPPOSED}{workload.name}", workload.name, leaves, (), taker, Strength.EXCLUDE,
                         Cause.REGION_RESTRICTED, f"{leaves} had shut us out", proven_from=workload.regions)


def _plan(ground: Ground, change: RoutingChange, gateway: str, now: datetime) -> Planned:
    place = ground.places.get(gateway)
    if place is None:
        return Planned(change, gateway, refused=f"workload {change.workload} has no gateway in the config")
    try:
        patch = place.render(change)
    except PatchRefused as refusal:
        return Planned(change, gateway, refused=str(refusal))
    life = Life(change, gateway, place.mode_for(change, "auto"), Stand.APPROVED, drawn_of(patch), now, now)
    rows = ground.changes
    against = [*ground.closed(now), *objections(life, rows.lives(), rows.entries(), ground.bounds, now)]
    against += [dark] if (dark := ground.prove(change, now)) else []
    against += new_faults(place.gateway, patch.reverted, patch.patched)
    return Planned(change, gateway, patch.diff, "", tuple(against if patch.diff else ()), patch.warnings)


def _check(workload: str | None, known: "Known") -> None:
    names = [one.name for one in known.workloads]
    if workload is not None and workload not in names:
        raise UserError(f"no workload '{workload}'; there are: {', '.join(names) or 'none'}")
