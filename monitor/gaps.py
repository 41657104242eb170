"""What is missing before it is needed: a workload nobody could take over, or only one who falls with its vendor.

Told once, again now and then while it lasts, and once more when it is mended.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from alerts.model import Alert, Occasion, Severity
from monitor.known import Known, KnownWorkload, Policy
from monitor.memory import Memory
from monitor.model import Cause, Tell
from monitor.present import takers_of
from monitor.proof import Proof
from monitor.readiness import WORKS, Line, Seen, State, lines_of
from monitor.rule import moment

AGAIN = timedelta(days=7)        # before what is known is said once more
LOOK_S = 60.0                    # of slots, between two looks
FORGET_S = 30 * 86_400.0
PATIENCE_S = 3600.0              # before a vendor that has no proof to pass is missed
LASTS = timedelta(minutes=15)    # before it is told: a fallback that is down for a moment is no gap in the plan
LOOKED, MARK = "gaps", "gap:"


class Kind(StrEnum):
    NO_WORKING_FALLBACK = "no_working_fallback"
    NOT_PROVEN = "fallback_not_proven"
    NOT_ALLOWED = "fallback_not_allowed"
    SAME_JURISDICTION = "fallback_same_jurisdiction"
    NO_OPEN_WEIGHTS = "no_open_weights"


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that is missing. `key` is the same for as long as it is."""

    kind: Kind
    workload: str
    because: str
    vendor: str | None = None
    regions: tuple[str, ...] = ()
    route: str = ""

    @property
    def key(self) -> str:
        return "|".join((self.kind, self.workload, self.route, *self.regions))


def gaps_of(workload: KnownWorkload, lines: Sequence[Line]) -> Iterator[Gap]:
    """All that is missing for a workload. What nobody can do in a region is not said again of each."""
    others = [line for line in lines if line.state is not State.PRIMARY]
    for region in dict.fromkeys(line.region for line in lines):
        here = [line for line in others if line.region == region]
        if not any(line.state in WORKS or line.state is State.WAITING for line in here):
            yield _nobody(workload, region, here)
        else:
            yield from (_unproven(line) for line in here if line.state in (State.NEVER, State.FAILED, State.STALE))
    refused = {line.route: line for line in others if line.state is State.NOT_ALLOWED}
    for line in refused.values():
        yield Gap(Kind.NOT_ALLOWED, workload.name, f"{workload.name} will never move to {line.route}: {line.because}",
                  line.vendor, route=line.route)
    yield from _together(workload, {line.vendor: line for line in lines if line.state is not State.NOT_ALLOWED})


def _nobody(workload: KnownWorkload, region: str, here: Sequence[Line]) -> Gap:
    why = "; ".join(f"{line.route}: {line.because}" for line in here) or "it has no fallback"
    return Gap(Kind.NO_WORKING_FALLBACK, workload.name,
               f"nobody could take {workload.name} over in {region}: {why}"[:500], workload.primary, (region,))


def _unproven(line: Line) -> Gap:
    return Gap(Kind.NOT_PROVEN, line.workload,
               f"{line.route} is not proven for {line.workload} from {line.region}: {line.state}, {line.because}",
               line.vendor, (line.region,), line.route)


def _together(workload: KnownWorkload, routes: dict[str, Line]) -> Iterator[Gap]:
    """What is amiss with the set of routes, however well each of them works."""
    places = {line.jurisdiction for line in routes.values()}
    if workload.spread and len(routes) > 1 and len(places) == 1 and places != {""}:
        yield Gap(Kind.SAME_JURISDICTION, workload.name, f"every route of {workload.name} stands under "
                  f"{next(iter(places))}: what bars one there may bar all")
    if workload.open_weights and not any(line.weights == "open" for line in routes.values()):
        yield Gap(Kind.NO_OPEN_WEIGHTS, workload.name, f"no route of {workload.name} serves open weights: nothing of "
                  "it could be served by ourselves")


def told_gaps(memory: Memory, policy: Policy, known: Known, t: float) -> Iterator[Tell]:
    """What is news of all that, live. A workload that is gone from the config takes what was told of it along."""
    if not known.workloads or 0 <= t - memory.looked.get(LOOKED, 0.0) < LOOK_S:
        return
    memory.looked[LOOKED] = t
    _forget(memory, known, t)
    gaps = {gap.key: gap for workload in known.workloads for gap in _patient(workload, memory, known, t)}
    for key, gap in gaps.items():
        if any(region in memory.places and memory.places[region].dark for region in gap.regions):
            continue            # our own network is down there: nothing is known of anybody
        yield from _said(memory, gap, f"{MARK}{key}", policy, known, moment(t))
    names = {workload.name for workload in known.workloads}
    for mark in [one for one in memory.news if one.startswith(MARK) and one.removeprefix(MARK) not in gaps]:
        since, last, kind, workload, regions = json.loads(memory.news.pop(mark))
        if workload in names and last:
            mended = Gap(Kind(kind), workload, f"mended for {workload}: {kind}", regions=tuple(regions))
            told = _tell(mended, mark, datetime.fromisoformat(since), policy, known, moment(t))
            yield replace(told, key=f"{told.key}:mended",
                          alert=replace(told.alert, severity=Severity.INFO, ended=moment(t)))


def _forget(memory: Memory, known: Known, t: float) -> None:
    """Proofs of checks that nobody makes any more; not at once, for a config may be on its way back."""
    there = {check.key for check in known.checks}
    for key in [key for key, proof in memory.proofs.items()
                if key not in there and t - max(proof.first_at, proof.seen_at) > FORGET_S]:
        del memory.proofs[key]


def _patient(workload: KnownWorkload, memory: Memory, known: Known, t: float) -> Iterator[Gap]:
    """Less what could not be there yet: nobody is told at the first start that nothing is proven."""
    every_s = {check.key: check.every_s for check in known.checks}
    for fallback in workload.fallbacks:
        for key in (key for keys in fallback.proofs.values() for key in keys):
            memory.proofs.setdefault(key, Proof(t, every_s.get(key, PATIENCE_S)))
    green = takers_of(memory, (workload,), t)
    begun = memory.looked.setdefault(f"{LOOKED} {workload.name}", t)
    early = t - begun < PATIENCE_S
    lines = [replace(line, state=State.WAITING) if early and line.state is State.NEVER and not workload.needs else line
             for line in lines_of(workload, Seen(known, memory.proofs, green, t))]
    return gaps_of(workload, lines)


def _said(memory: Memory, gap: Gap, mark: str, policy: Policy, known: Known, now: datetime) -> Iterator[Tell]:
    first, last, *_ = json.loads(memory.news.get(mark) or '["", ""]')
    if last and now - datetime.fromisoformat(last) < AGAIN:
        return
    since = datetime.fromisoformat(first) if first else now
    told = now - since >= LASTS
    memory.news[mark] = json.dumps(
        [since.isoformat(), now.isoformat() if told else "", gap.kind.value, gap.workload, gap.regions])
    if told:
        yield _tell(gap, mark, since, policy, known, now)


def _tell(gap: Gap, mark: str, since: datetime, policy: Policy, known: Known, now: datetime) -> Tell:
    thread = f"{mark}:{since.isoformat()}"
    name = known.names.get(gap.vendor or "", gap.vendor or "")
    alert = Alert(thread, Occasion.FINDING, Severity.WARNING, Cause.UNKNOWN, now, since, gap.vendor, name,
                  gap.regions, because=gap.because, touches=(gap.workload,), run=("vendorwatch readiness",),
                  extra={"finding": gap.kind.value})
    return Tell(f"{thread}:finding:{now.isoformat()}", alert, policy.hearers(alert.severity, known.channels))
