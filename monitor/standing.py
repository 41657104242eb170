"""The incidents while a batch is judged: which a sample concerns, what is concluded of it, what that moves.

Local to a batch but for the memory, which it keeps in step: a stream that an incident stands on is declared, so that
its null learns nothing and its recovery is weighed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from alerts.model import Occasion
from monitor.calm import calm_of
from monitor.known import Deciding, Known, Policy
from monitor.members import adopt, explains, join, let_go, release
from monitor.memory import Memory
from monitor.model import Action, Incident, Move, Reroute, Stage, Tier, Verdict
from monitor.own import own_network
from monitor.policy import SOON, decide, expected_now, fade, joins, settle, stories
from monitor.present import deciding_of
from monitor.rule import Family, moment
from monitor.rules import BY_PLACE, rules
from monitor.telling import confirmation, over, reroutes, silenced, suspicion, tell
from monitor.tiers import surer
from monitor.track import EXPLICIT, Track
from monitor.vendor import Vendor
from monitor.verdicts import Bench, verdicts

STANDS = frozenset({Stage.OPEN, Stage.RECOVERING, Stage.FLAPPING})
GEO = "geo_restricted"
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
        elif track.outcome == GEO:
            self.actions += confirmation(track, self.open(), self.policy, self.known, moment(t))
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

    def expect(self, track: Track, t: float) -> None:
        """A stream that is expected to be refused: what stands on such streams alone has been expected since."""
        for incident in self._about.get(track.stream.provider, [])[:]:
            members = self.memory.members.get(incident.key, [])
            if incident.family == Family.REGION and members and all(one.expect for one, _ in members):
                context = Deciding(self.known, tuple(self.open()))
                self.apply(list(expected_now(incident, self.policy, moment(t), context)))

    def _explained(self, verdict: Verdict) -> bool:
        """Slow or poor answers of a vendor that is down, and silence where it says that it refuses, are one story."""
        for incident in self._about.get(verdict.scope.provider, ()):
            if incident.stage is Stage.SUSPECTED:
                continue
            explained = verdict.family in explains(incident)
            if explained and (incident.family == Family.REACH or set(verdict.regions) <= set(incident.regions)):
                return True
        return False

    def _own(self, track: Track, t: float) -> None:
        for verdict in own_network(self.memory.places, self.policy.budgets, t):
            self._decide(verdict, t)
        for incident in self._about.get(None, [])[:]:
            if track.stream.region in incident.regions:
                self._settle(incident, track, t)

    def _decide(self, verdict: Verdict, t: float) -> None:
        context = self.context(t) if verdict.tier >= Tier.CONFIRM else Deciding(self.known, tuple(self.open()))
        before = {i.key: i for i in self.incidents}
        self.apply(list(decide(verdict, self.incidents, self.policy, moment(t), context)))
        # also where nothing moves: a stream that joins late would else be the beginning of a second incident
        told = next(iter(stories(verdict, self.incidents)), None)
        if told is not None and told.stage in STANDS and joins(told, verdict):
            join(self.memory, told, verdict, before.get(told.key), t)

    def context(self, t: float) -> Deciding:
        """With who could take over now."""
        return deciding_of(self.memory, tuple(self.open()), self.known, t)

    def propose(self, t: float) -> None:
        """What could not be proposed when it opened, and can be now: a fallback has shown since that it works."""
        for incident in self.open() if self.known.workloads else ():
            if incident.stage not in (Stage.OPEN, Stage.FLAPPING):
                continue
            context, now = self.context(t), moment(t)
            late = [one for one in reroutes(incident, context.standing, self.policy, now, context)[0]
                    if _proposal(one) not in self.memory.proposed]
            if late and incident.told and not silenced(incident, context, now):
                self.actions.append(tell(incident, Occasion.UPDATED, self.policy, now, context))
            self.apply(late)

    def _settle(self, incident: Incident, track: Track, t: float) -> None:
        if incident.stage is Stage.SUSPECTED:
            self._fade(incident, t)
            return
        members = self.memory.members.get(incident.key, [])
        mine = track if incident.scope.provider is not None else self.memory.places[track.stream.region].whole
        if not any(one is mine for one, _ in members):
            return
        evidence = [(one, found) for one, rule in members if (found := one.found(rule)) is not None]
        calm_s = calm_of(incident, evidence, t)
        moved = list(settle(incident, calm_s, self.policy, moment(t), Deciding(self.known, tuple(self.open()))))
        self.apply(moved or self._grown(incident, members, t))

    def _grown(self, incident: Incident, members: Sequence[tuple[Track, str]], t: float) -> list[Action]:
        """It goes on, and so does its evidence: what was enough to tell people becomes enough to move their traffic."""
        if incident.tier is not Tier.CONFIRM or incident.stage is not Stage.OPEN:
            return []
        most = max((found.value * rules()[rule].share for one, rule in members
                    if (found := one.found(rule)) is not None), default=0.0)
        tier = self.policy.budgets.tier(most)
        if tier <= incident.tier:
            return []
        grown = replace(incident, tier=tier, confidence=surer(incident.confidence, incident.tier, tier),
                        changed_at=moment(t))
        return [Move(grown, incident.stage, moment(t), "it goes on")]

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
            if isinstance(action, Reroute):
                self.memory.proposed.add(_proposal(action))
            if isinstance(action, Move):
                others = [i for i in self.incidents if i.key != action.incident.key]
                self.incidents = [*others, action.incident]
                if action.incident.stage is Stage.CLOSED:
                    self.memory.looked.pop(action.incident.key, None)
                    release(self.memory, action.incident)
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
            let_go(self.memory, key)
            for vendor in self.memory.vendors.values():
                vendor.standing.discard(key)
        for key in sorted(standing.keys() - self.memory.members.keys()):
            adopt(self.memory, standing[key])


def _proposal(action: Reroute) -> str:
    """One change a workload and incident, whoever takes over."""
    return f"{action.change.incident} {action.change.workload}"


def _own_weight(whole: Track) -> float:
    found = whole.detectors.get(BY_PLACE)
    return found.value if found is not None else 0.0
