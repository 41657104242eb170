"""The streams that an incident stands on: declared when it opens, let go when it is over. Keeps the memory in step.

What is declared teaches the null nothing, counts for no other incident, and has its recovery weighed.
"""

from collections.abc import Collection

from monitor.calm import declare
from monitor.esr import Detector
from monitor.memory import Memory
from monitor.model import Cause, Incident, Stage, Verdict
from monitor.rule import Family, stamp
from monitor.rules import BY_FIGURE, BY_PLACE, BY_VENDOR, families, rules
from monitor.track import Evidence, Track
from monitor.vendor import concerned

# what is no story of its own while the other stands (by family), and nothing that is left over when it is past
EXPLAINS = {Family.REACH: (Family.LATENCY, Family.QUALITY), Family.REGION: (Family.REACH,)}
SPARED_S = 1800.0        # what comes back within so long had not been over, and is none of what passes by itself


def explains(incident: Incident) -> tuple[Family, ...]:
    """The families of what is no story of its own while this stands. Who has more to do than it can throttles too."""
    busy = (Family.RATE,) if incident.cause is Cause.PROVIDER_OVERLOADED else ()
    return (*EXPLAINS.get(Family(incident.family), ()), *busy)


def join(memory: Memory, incident: Incident, verdict: Verdict, before: Incident | None, t: float) -> None:
    """From now on the verdict's streams belong to the incident."""
    members = memory.members.setdefault(incident.key, [])
    for text in verdict.members:
        rule, _, stream = text.partition(" ")
        for track, found in _evidence(memory, rule, stream, verdict):
            if rule not in track.declared:
                track.declared[rule] = incident.key
                members.append((track, rule))
                declare(found, track.every_s, stamp(incident.onset), t)
                if isinstance(found, Detector):
                    track.hot.add(rule)
    fresh = before is None or before.stage in (Stage.SUSPECTED, Stage.CLOSED)
    if fresh and verdict.scope.provider is not None:
        vendor = memory.vendors[verdict.scope.provider]
        vendor.forget(Family(verdict.family))
        vendor.standing.add(incident.key)


def _evidence(memory: Memory, rule: str, stream: str, verdict: Verdict) -> list[tuple[Track, Evidence]]:
    if verdict.scope.provider is None:
        whole = memory.places[stream].whole
        return [(whole, whole.detectors[BY_PLACE])]
    track = memory.by_text.get(stream)
    if track is None:
        return []
    found = memory.vendors[track.stream.provider].evidence(track, rule, track.last)
    return [(track, found)] if found is not None else []


def adopt(memory: Memory, incident: Incident) -> None:
    """Give an incident that stands in the rows alone its streams, so that it can end."""
    members = memory.members.setdefault(incident.key, [])
    vendor = memory.vendors.get(incident.scope.provider or "")
    if vendor is not None:
        vendor.standing.add(incident.key)
    names = [name for name in families()[Family(incident.family)] if name != BY_VENDOR]
    for track, name in ((track, name) for track in _streams(memory, incident) for name in names):
        if name not in BY_FIGURE and concerned(name, track):
            track.detector(name, rules()[name], track.last)
            track.hot.add(name)
        found = track.found(name)
        if found is not None and name not in track.declared and concerned(name, track):
            track.declared[name] = incident.key
            members.append((track, name))
            declare(found, track.every_s, stamp(incident.onset), track.last)


def _streams(memory: Memory, incident: Incident) -> list[Track]:
    """Those that a row's incident speaks of."""
    scope = incident.scope
    if scope.provider is None:
        return [memory.places[region].whole for region in incident.regions if region in memory.places]
    vendor = memory.vendors.get(scope.provider)
    return [track for track in (vendor.tracks if vendor else ()) if track.stream.region in incident.regions
            and scope.account in (None, track.stream.account) and scope.model in (None, track.stream.model)]


def let_go(memory: Memory, key: str, regions: Collection[str] | None = None) -> None:
    """Its streams, or those in these regions, are as any others, and start with nothing against them."""
    members = memory.members.pop(key, [])
    going = [one for one in members if regions is None or one[0].stream.region in regions]
    for track, rule in going:
        track.declared.pop(rule, None)
        _cleared(track, rule)
    if len(going) < len(members):
        memory.members[key] = [one for one in members if one not in going]


def release(memory: Memory, incident: Incident) -> None:
    """It is over, and so is what the same condition left in streams that never counted for it."""
    memory.looked.pop(incident.key, None)
    memory.proposed -= {one for one in memory.proposed if one.startswith(f"{incident.key} ")}
    let_go(memory, incident.key)
    vendor = memory.vendors.get(incident.scope.provider or "")
    if vendor is None:
        return
    vendor.standing.discard(incident.key)
    vendor.forget(Family(incident.family))
    if incident.opened_at and incident.closed_at:
        for lives in vendor.lives.values():
            lives.spared = stamp(incident.closed_at) + SPARED_S
    explained = [Family(incident.family), *explains(incident)]
    names = [name for family in explained for name in families()[family]]
    for track in vendor.tracks if incident.opened_at else ():
        for name in names:
            if name not in track.declared and track.stream.region in incident.regions:
                _cleared(track, name)


def _cleared(track: Track, rule: str) -> None:
    found = track.found(rule)
    if found is not None:
        found.clear()
    track.hot.discard(rule)
