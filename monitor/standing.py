"""The incidents while a batch is judged: which a sample concerns, what is concluded of it, what that moves.

Local to a batch but for the memory, which it keeps in step: a stream that an incident stands on is declared, so that
its null learns nothing and its recovery is weighed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.calm import calm_of, declare
from monitor.esr import Detector
from monitor.known import Deciding, Known, Policy
from monitor.memory import Memory
from monitor.model import Action, Incident, Move, Stage, Tier, Verdict
from monitor.own import own_network
from monitor.policy import SOON, decide, fade, settle
from monitor.rule import Family, moment
from monitor.rules import BY_FIGURE, BY_PLACE, BY_VENDOR, families, rules
from monitor.telling import over, suspicion
from monitor.track import EXPLICIT, Track
from monitor.vendor import Evidence, Vendor, concerned
from monitor.verdicts import Bench, verdicts

STANDS = frozenset({Stage.OPEN, Stage.RECOVERING, Stage.FLAPPING})
LOOK_AGAIN_S = 30.0          # a suspicion that nothing is added to is looked at so often


@dataclass(slots=True)
class Standing:
    """`incidents`: standing and lately closed, as they are after the last sample."""

    memory: Memory
    incidents: list[Incident]
    policy: Policy
    known: Known
    actions: list[Action] = field(default_factory=list)
    _about: dict[str | None, list[Incident]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._sort()

    def _sort(self) -> None:
        self._about = {}
        # by key: rows come in another order than memory has them, and the same must come of both
        for incident in sorted(self.incidents, key=lambda one: one.key):
            if incident.stage is not Stage.CLOSED:
                self._about.setdefault(incident.scope.provider, []).append(incident)

    def open(self) -> list[Incident]:
        return [incident for incident in self.incidents if incident.stage is not Stage.CLOSED]

    def concerns(self, track: Track) -> bool:
        """Whether something stands that this stream's answers may move."""
        return track.stream.provider in self._about or (track.control and None in self._about)

    def conclude(self, track: Track, touched: Iterable[Family], t: float) -> None:
        """What the sample comes to: suspicion, verdicts, calm."""
        families_touched = set(touched)
        if Family.OWN in families_touched or None in self._about:
            self._own(track, t)
        if track.control:
            return
        vendor = self.memory.vendors[track.stream.provider]
        bench = Bench(self.memory.vendors, self.memory.places, self.policy.budgets, self.known.names)
        for family in sorted(families_touched - {Family.OWN}):
            self._weigh(vendor, family, bench, t)
        if track.down and families_touched:
            refused = {one.stream.region for one in vendor.fresh(t) if one.outcome in EXPLICIT}
            self.actions += suspicion(track, self.open(), self.policy, self.known, moment(t), refused)
        for incident in self._about.get(track.stream.provider, [])[:]:
            self._settle(incident, track, t)

    def _weigh(self, vendor: Vendor, family: Family, bench: Bench, t: float) -> None:
        weight = vendor.tier(family, self.policy.budgets, t)
        if self._is_news(vendor, family, weight[0], t):
            for verdict in verdicts(vendor, family, bench, t, weight):
                if not self._explained(verdict):
                    self._decide(verdict, t)

    def _is_news(self, vendor: Vendor, family: Family, tier: Tier, t: float) -> bool:
        """Whether a verdict could come to anything else than the last: more evidence, other streams, or much later."""
        if tier is Tier.NONE:
            return False
        key, now = f"{vendor.name}|{family}", (float(tier), float(len(vendor.down)))
        before = self.memory.weighed.get(key)
        if before is not None and tuple(before[:2]) == now and 0 <= t - before[2] < LOOK_AGAIN_S:
            return False
        self.memory.weighed[key] = [*now, t]
        return True

    def _explained(self, verdict: Verdict) -> bool:
        """Slow or poor answers of a vendor that is down, and silence where it says that it refuses, are one story."""
        for incident in self._about.get(verdict.scope.provider, ()):
            if incident.stage is Stage.SUSPECTED:
                continue
            if verdict.family in (Family.LATENCY, Family.QUALITY) and incident.family == Family.REACH:
                return True
            if verdict.family == Family.REACH and incident.family == Family.REGION and (
                    set(verdict.regions) <= set(incident.regions)):
                return True
        return False

    def _own(self, track: Track, t: float) -> None:
        for verdict in own_network(self.memory.places, self.policy.budgets, t):
            self._decide(verdict, t)
        for incident in self._about.get(None, [])[:]:
            if track.stream.region in incident.regions:
                self._settle(incident, track, t)

    def _decide(self, verdict: Verdict, t: float) -> None:
        green = {f.provider: self._green(f.provider, t) for w in self.known.workloads for f in w.fallbacks} if (
            verdict.tier >= Tier.CONFIRM) else {}
        context = Deciding(self.known, tuple(self.open()), green)
        before = {i.key: i for i in self.incidents}
        actions = list(decide(verdict, self.incidents, self.policy, moment(t), context))
        self.apply(actions)
        for action in actions:
            if isinstance(action, Move) and action.incident.stage is not Stage.SUSPECTED:
                self._declare(action.incident, verdict, before.get(action.incident.key), t)

    def _green(self, provider: str, t: float) -> dict[str, datetime]:
        """Regions that a vendor answers now, with when that was seen. Where refusal is expected nothing is proven."""
        seen: dict[str, float] = {}
        vendor = self.memory.vendors.get(provider)
        for track in vendor.fresh(t) if vendor else ():
            if track.outcome == "ok":
                seen[track.stream.region] = max(track.last, seen.get(track.stream.region, 0.0))
        return {region: moment(at) for region, at in seen.items()}

    def _declare(self, incident: Incident, verdict: Verdict, before: Incident | None, t: float) -> None:
        """From now on these streams belong to the incident."""
        members = self.memory.members.setdefault(incident.key, [])
        fresh = before is None or before.stage in (Stage.SUSPECTED, Stage.CLOSED)
        for text in verdict.members:
            rule, _, stream = text.partition(" ")
            for track, found in self._evidence(rule, stream, verdict):
                if rule not in track.declared:
                    track.declared[rule] = incident.key
                    members.append((track, rule))
                    declare(found, track.every_s, t)
                    if isinstance(found, Detector):
                        track.hot.add(rule)
        if fresh and verdict.scope.provider is not None:
            vendor = self.memory.vendors[verdict.scope.provider]
            vendor.forget(Family(verdict.family))
            vendor.standing.add(incident.key)

    def _evidence(self, rule: str, stream: str, verdict: Verdict) -> list[tuple[Track, Evidence]]:
        if verdict.scope.provider is None:
            whole = self.memory.places[stream].whole
            return [(whole, whole.detectors[BY_PLACE])]
        track = self.memory.by_text.get(stream)
        if track is None:
            return []
        found = self.memory.vendors[track.stream.provider].evidence(track, rule, track.last)
        return [(track, found)] if found is not None else []

    def _settle(self, incident: Incident, track: Track, t: float) -> None:
        if incident.stage is Stage.SUSPECTED:
            self._fade(incident, t)
            return
        members = self.memory.members.get(incident.key, [])
        mine = track if incident.scope.provider is not None else self.memory.places[track.stream.region].whole
        if not any(one is mine for one, _ in members):
            return
        evidence = [(one, found) for one, rule in members if (found := _found(one, rule)) is not None]
        calm_s = calm_of(incident, evidence, t)
        self.apply(list(settle(incident, calm_s, self.policy, moment(t), Deciding(self.known, tuple(self.open())))))

    def _fade(self, incident: Incident, t: float) -> None:
        # remembered between batches: how a history is cut must not tell when it is looked at
        looked = self.memory.looked
        if t - looked.get(incident.key, 0.0) < LOOK_AGAIN_S:
            return
        looked[incident.key] = t
        if incident.scope.provider is None:
            places = (self.memory.places.get(region) for region in incident.regions)
            weight = max((_own_weight(place.whole) for place in places if place), default=0.0)
            tier = self.policy.budgets.tier(weight * 2)
        else:
            vendor = self.memory.vendors.get(incident.scope.provider)
            if vendor is None:
                return
            tier, _ = vendor.tier(Family(incident.family), self.policy.budgets.halved(), t)
        if tier is Tier.NONE:
            gone, context = fade(incident, moment(t)), Deciding(self.known, tuple(self.open()))
            ended = replace(gone.incident, because=gone.because)
            self.apply([gone, *over(ended, incident, self.policy, moment(t), context)])

    def apply(self, actions: Sequence[Action]) -> None:
        """Moves count at once: the next sample meets the incidents as they are now."""
        for action in actions:
            self.actions.append(action)
            if isinstance(action, Move):
                others = [i for i in self.incidents if i.key != action.incident.key]
                self.incidents = [*others, action.incident]
                if action.incident.stage is Stage.CLOSED:
                    self.memory.looked.pop(action.incident.key, None)
                    self._release(action.incident)
        if any(isinstance(action, Move) for action in actions):
            self._sort()

    def tidy(self, now: datetime) -> None:
        """Forget what was closed too long ago to come back."""
        self.incidents = [i for i in self.incidents if i.stage is not Stage.CLOSED or (
            i.closed_at is not None and now - i.closed_at <= 2 * SOON)]

    def agree(self) -> None:
        """Rows win over a memory that was lost, or judged again under another policy: what they say stands is given its
        streams, so that it can end; a stream that nothing stands on is let go, so that it counts again.
        """
        standing = {incident.key: incident for incident in self.incidents if incident.stage in STANDS}
        for key in sorted(self.memory.members.keys() - standing.keys()):
            self._let_go(key)
            for vendor in self.memory.vendors.values():
                vendor.standing.discard(key)
        for key in sorted(standing.keys() - self.memory.members.keys()):
            self._adopt(standing[key])

    def _adopt(self, incident: Incident) -> None:
        members = self.memory.members.setdefault(incident.key, [])
        vendor = self.memory.vendors.get(incident.scope.provider or "")
        if vendor is not None:
            vendor.standing.add(incident.key)
        names = [name for name in families()[Family(incident.family)] if name != BY_VENDOR]
        for track, name in ((track, name) for track in self._streams(incident) for name in names):
            if name not in BY_FIGURE and concerned(name, track):
                track.detector(name, rules()[name], track.last)
                track.hot.add(name)
            found = _found(track, name)
            if found is not None and name not in track.declared and concerned(name, track):
                track.declared[name] = incident.key
                members.append((track, name))
                declare(found, track.every_s, track.last)

    def _streams(self, incident: Incident) -> list[Track]:
        """Those that a row's incident speaks of."""
        scope = incident.scope
        if scope.provider is None:
            return [self.memory.places[region].whole for region in incident.regions if region in self.memory.places]
        vendor = self.memory.vendors.get(scope.provider)
        return [track for track in (vendor.tracks if vendor else ()) if track.stream.region in incident.regions
                and scope.account in (None, track.stream.account) and scope.model in (None, track.stream.model)]

    def _let_go(self, key: str) -> None:
        for track, rule in self.memory.members.pop(key, []):
            track.declared.pop(rule, None)
            found = _found(track, rule)
            if found is not None:
                found.clear()
            track.hot.discard(rule)

    def _release(self, incident: Incident) -> None:
        """It is over: its streams are as any others, and start with nothing against them."""
        self.memory.looked.pop(incident.key, None)
        self._let_go(incident.key)
        vendor = self.memory.vendors.get(incident.scope.provider or "")
        if vendor is not None:
            vendor.standing.discard(incident.key)
            vendor.forget(Family(incident.family))
        for names in (families()[Family(incident.family)],):
            self._forget_rest(incident, names)

    def _forget_rest(self, incident: Incident, names: Sequence[str]) -> None:
        """What the same condition left in streams that never counted for it is over, too."""
        vendor = self.memory.vendors.get(incident.scope.provider or "")
        for track in vendor.tracks if vendor and incident.opened_at else ():
            for name in names:
                if name not in track.declared and track.stream.region in incident.regions:
                    found = _found(track, name)
                    if found is not None:
                        found.clear()
                        track.hot.discard(name)


def _found(track: Track, rule: str) -> Evidence | None:
    if rule == "latency":
        return track.speed
    return track.grades if rule == "quality" else track.detectors.get(rule)


def _own_weight(whole: Track) -> float:
    found = whole.detectors.get(BY_PLACE)
    return found.value if found is not None else 0.0
