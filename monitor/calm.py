"""How surely it is over: the mirrored e-process on every stream that an incident stands on.

While it stands, the null is "it still fails as it did"; a good answer multiplies by how much likelier it is of a stream
that is well. Silence is not calm: where nobody reports, there is no answer (law 1).
"""

from collections.abc import Sequence

from monitor.esr import CEILING, Detector
from monitor.grades import Grades
from monitor.model import Cause, Incident
from monitor.speed import Speed
from monitor.track import Evidence, Track

FORGET = 0.985           # of what the incident looks like, a sample
LEAST_BAD, MOST_BAD = 0.05, 0.97
SELDOM = 8.0             # times as rarely as another of its region: that one can tell, and nobody waits for this one
PASSING = 0.02           # a stream that is well fails so often, at the least
BY_REGION = frozenset({Cause.REGION_RESTRICTED, Cause.REGIONAL_PATH, Cause.NETWORK_INTERFERENCE, Cause.OWN_NETWORK})


def declare(found: Evidence, every_s: float, since: float, t: float) -> None:
    """An incident stands on it from now on: what it looks like is what was seen since it began, at `since`."""
    found.calm = 0.0
    if isinstance(found, Detector):
        # a stream with little evidence of its own may have been left with an onset of days ago
        onset, found.worst = max(found.onset, since - every_s), 0.0
        found.bad = float(sum(at >= onset for at, _, _ in found.recent))
        found.seen = max(found.bad, min(60.0, (t - onset) / max(every_s, 1.0) + 1.0))
    elif isinstance(found, Speed):
        found.bad = found.slowness()


def learn_calm(found: Detector, dt: float, bad: bool, first: float, every_s: float) -> None:
    """One more sample of a declared stream. `first`: how often it fails when it is well; `every_s`: its usual pace,
    since good answers asked faster are not as many witnesses: trouble comes and goes by minutes.
    """
    now = (found.bad + 0.5) / (found.seen + 1.0)
    found.worst = max(found.worst, min(now, MOST_BAD))
    # what comes and goes may look half as bad as it was, not better: it would never be over
    share = min(MOST_BAD, max(LEAST_BAD, 2 * first, now, found.worst / 2))
    well = max(PASSING, first)
    if share > well:
        ratio = well / share if bad else ((1.0 - well) / (1.0 - share)) ** min(1.0, dt / every_s)
        found.calm = min(CEILING, (found.calm + dt) * ratio)
    found.bad = found.bad * FORGET + bad
    found.seen = found.seen * FORGET + 1.0


def calm_of(incident: Incident, members: Sequence[tuple[Track, Evidence]], t: float) -> float | None:
    """Evidence in seconds that it is over; None: nobody who could tell reports."""
    by_region: dict[str, list[tuple[Track, Evidence]]] = {}
    for track, found in members:
        if track.fresh(t):
            by_region.setdefault(track.stream.region, []).append((track, found))
    if not by_region or (_needs_all(incident) and any(one.stream.region not in by_region for one, _ in members)):
        return None
    return min(_region_calm(there) for there in by_region.values())


def _needs_all(incident: Incident) -> bool:
    """Whether only the region itself can tell: one vendor everywhere can be judged by whoever still reports."""
    return incident.scope.region is not None or incident.cause in BY_REGION


def _region_calm(asked: Sequence[tuple[Track, Evidence]]) -> float:
    quickest = min(track.every_s for track, _ in asked)
    # who is asked an hour apart says late what the others have been saying all the time
    there = [one for one in asked if one[0].every_s <= SELDOM * quickest]
    if any(isinstance(found, Detector) and found.start is not None for _, found in there):
        return min(found.calm for _, found in there)
    if any(isinstance(found, (Speed, Grades)) for _, found in there):
        return min(found.calm for _, found in there)
    return max(found.calm for _, found in there)
