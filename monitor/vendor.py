"""What is remembered of one vendor: its streams, how long its transients last, and how it looks as a whole.

Half of the reach family's budget is on "any one region", half on "all of them": a mean of e-detectors is an e-detector,
so a vendor's evidence stays within one budget however many regions and streams look at it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from monitor.esr import Detector, Lives
from monitor.model import Tier
from monitor.rule import Family, StreamKey
from monitor.rules import BY_FIGURE, BY_VENDOR, families, rules
from monitor.speed import Speed
from monitor.tiers import Budgets
from monitor.track import Evidence, Track, load_track

FORGOTTEN_S = 600.0              # of evidence: less is nothing,
IDLE_PACES = 8.0                 # nor is what so many paces come to: while all is well some is left by the time alone


@dataclass(slots=True)
class Vendor:
    """One vendor's memory. `wholes`: by kind of question, the vendor as all regions together see it."""

    name: str
    above: dict[str, Lives]
    tracks: list[Track] = field(default_factory=list)
    wholes: dict[str, Track] = field(default_factory=dict)
    lives: dict[str, Lives] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)          # texts of the streams whose latest is no good answer
    standing: set[str] = field(default_factory=set)      # keys of the incidents that stand on it
    groups: dict[str, Track] = field(default_factory=dict)      # by 'rule group': what is plainly said, by whom it hits

    def lives_of(self, rule: str, kind: str) -> Lives:
        """How long this vendor's transients last, as this kind of question sees them: what is asked every five minutes
        cannot tell a hiccup from five minutes.
        """
        name = f"{rule} {kind}"
        found = self.lives.get(name)
        if found is None:
            above = self.above.get(name)
            if above is None:
                above = self.above[name] = pooled(name)
            found = self.lives[name] = Lives(above)
        return found

    def fresh(self, t: float) -> list[Track]:
        return [track for track in self.tracks if not track.expect and track.fresh(t)]

    def evidence(self, track: Track, name: str, t: float) -> Evidence | None:
        """What a stream has to show for a rule, up to date; None: nothing at all."""
        found = track.found(name)
        if isinstance(found, Detector) and name not in track.hot:
            track.catch_up(found, rules()[name], t)
        return found

    def free(self, name: str, t: float) -> Iterator[tuple[Track, Evidence]]:
        """The streams with evidence for a rule that no incident stands on, nor is expected of."""
        figure = name in BY_FIGURE
        for track in self.tracks:
            # most streams have nothing: they are passed by before anything is asked of them
            if (figure or name in track.detectors) and name not in track.declared and not track.expect and (
                    track.fresh(t)):
                found = self.evidence(track, name, t)
                if found is not None:
                    yield track, found

    def weight(self, name: str, t: float) -> float:
        """Seconds of evidence for a rule, all streams together, against the budget of one stream: the mean of a
        region's streams, each by how often it is asked, added up over regions.
        """
        rule = rules()[name]
        if not rule.sticky:
            return self._plain(name, t)
        if name == BY_VENDOR:
            regions = len({track.stream.region for track in self.tracks})
            return regions * rule.share * max((d.value for d in self.whole_detectors(t)), default=0.0)
        return rule.share * self._each(name, t)

    def _plain(self, name: str, t: float) -> float:
        """Of what is said in so many words half the weight is on one stream, half on all that it hits together: another
        stream that hears the same has heard it the second time.
        """
        each = self._each(name, t)
        if not each:
            return 0.0
        # of those alone in whom there is something new: what an incident stands on speaks for no other place
        new = {group_of(name, track) for track, found in self.free(name, t) if speaks(track, found)}
        together = sum(self.groups[key].detectors[name].value for key in sorted(new & self.groups.keys()))
        return rules()[name].share * (each + together) / 2

    def grouped(self, name: str) -> Iterator[Detector]:
        """The detectors of the groups of a rule that is plain."""
        for key, group in self.groups.items():
            if key.startswith(f"{name} "):
                yield group.detectors[name]

    def _each(self, name: str, t: float) -> float:
        found: dict[str, float] = {}
        weights: dict[str, float] = {}
        for track in self._asked(name, t):
            region, weight = track.stream.region, 1.0 / track.every_s
            weights[region] = weights.get(region, 0.0) + weight
            evidence = self.evidence(track, name, t)
            if evidence is not None and _matters(evidence):
                found[region] = found.get(region, 0.0) + evidence.value * weight
        return sum(value / weights[region] for region, value in found.items())

    def _asked(self, name: str, t: float) -> Iterator[Track]:
        """The streams that evidence for a rule is the mean of: that could have some, and that nothing stands on."""
        for track in self.tracks:
            if not track.expect and name not in track.declared and concerned(name, track) and track.fresh(t):
                yield track

    def part(self, track: Track, name: str, t: float) -> float:
        """How much of its region's evidence for a rule is this stream's: as much as it is of what is asked there."""
        own = 1.0 / track.every_s
        rates = (1.0 / one.every_s for one in self._asked(name, t) if one.stream.region == track.stream.region)
        return own / max(own, sum(rates))

    def whole_detectors(self, t: float) -> Iterator[Detector]:
        """The vendor as a whole, up to date."""
        for whole in self.wholes.values():
            found = whole.detectors.get(BY_VENDOR)
            if found is not None:
                if BY_VENDOR not in whole.hot:
                    whole.catch_up(found, rules()[BY_VENDOR], t)
                yield found

    def whole(self, kind: str) -> Track:
        found = self.wholes.get(kind)
        if found is None:
            found = self.wholes[kind] = Track(StreamKey(self.name, "*", kind), 0.0)
        return found

    def is_widespread(self, kind: str, t: float, dark: frozenset[str] = frozenset()) -> bool | None:
        """Whether most regions that ask this kind of question get no good answer now; None: fewer than two ask, those
        in the dark left out.
        """
        failing: dict[str, bool] = {}
        for track in self.tracks:
            if track.stream.kind == kind and not track.expect and not track.declared and (
                    t - track.last <= 1.5 * track.every_s) and track.stream.region not in dark:
                region = track.stream.region
                failing[region] = failing.get(region, False) or bool(track.bits & 1)
        if len(failing) < 2:
            return None
        return 2 * sum(failing.values()) > len(failing)

    def tier(self, family: Family, budgets: Budgets, t: float) -> tuple[Tier, float]:
        """How far a family's evidence reaches, and how much there is, in seconds: that of its rules together."""
        evidence_s, at_once_s, enough = 0.0, 0.0, False
        for name in families()[family]:
            weight = self.weight(name, t)
            evidence_s += weight
            at_once_s += weight if name == BY_VENDOR and self._seen_once(t) else 0.0
            least = rules()[name].least
            enough = enough or least == 1 or (weight > 0 and self.sightings(name, t) >= least)
        tier = budgets.tier(evidence_s)
        enough = enough and budgets.tier(evidence_s - at_once_s) >= Tier.CONFIRM
        return (tier if enough else min(tier, Tier.WARN)), evidence_s

    def _seen_once(self, t: float) -> bool:
        """Whether the vendor as a whole has failed at one moment only: how rare that is was learned of few, or none."""
        strongest = max(self.whole_detectors(t), key=lambda found: found.value, default=None)
        return strongest is not None and len({at for at, _, _ in strongest.hits()}) < 2

    def sightings(self, name: str, t: float) -> int:
        return sum(len(found.hits()) for _, found in self.free(name, t)
                   if isinstance(found, Detector) and found.value >= FORGOTTEN_S)

    def forget(self, family: Family) -> None:
        """An incident stands now on what was found: from here on the evidence of all together starts anew."""
        for key in [key for key in self.groups if key.split(" ")[0] in families()[family]]:
            del self.groups[key]
        if family is Family.REACH:
            for whole in self.wholes.values():
                if BY_VENDOR in whole.detectors:
                    whole.detectors[BY_VENDOR].clear()
                whole.hot.clear()

    def only_here(self, track: Track, dark: frozenset[str] = frozenset()) -> bool | None:
        """Whether the vendor answers from most other regions that are not in the dark; None: nobody else asks. Like is
        compared with like.
        """
        t, stream = track.last, track.stream
        others = [one for one in self.tracks if one.stream.region not in {stream.region, *dark} and not one.expect
                  and one.fresh(t)]
        alike = [one for one in others if one.stream.kind == stream.kind] or others
        if not alike:
            return None
        failing = sum(one.bits & 1 for one in alike)
        return 2 * failing < len(alike)

    def dump(self) -> dict[str, Any]:
        return {"name": self.name, "standing": sorted(self.standing), "down": sorted(self.down),
                "groups": {key: group.dump() for key, group in self.groups.items()},
                "wholes": {kind: whole.dump() for kind, whole in self.wholes.items()},
                "lives": {name: lives.dump() for name, lives in self.lives.items()}}


def pooled(name: str) -> Lives:
    """How long all vendors' transients last, by 'rule kind', before anything was learned."""
    return Lives(passes_s=rules()[name.split(" ", maxsplit=1)[0]].passes_s)


def group_of(name: str, track: Track) -> str:
    """The key of the group that hears with this stream what is plainly said: its region's, or its account's."""
    return f"{name} {track.stream.region if rules()[name].family is Family.REGION else track.stream.account}"


def speaks(track: Track, found: Evidence) -> bool:
    """Whether there is more against a stream than what is asked so seldom always has."""
    return found.value >= max(FORGOTTEN_S, IDLE_PACES * track.every_s)


def concerned(name: str, track: Track) -> bool:
    """Whether this stream could have evidence for the rule at all: a mean over those that cannot would be none."""
    if name == "quality":
        return track.grades is not None
    keyed = name in ("account", "auth", "billing", "model_gone")
    return not track.stream.keyless if keyed else True


def _matters(found: Evidence) -> bool:
    return not isinstance(found, Speed) or found.matters


def load_vendor(dumped: Mapping[str, Any], above: dict[str, Lives]) -> Vendor:
    """The vendor that was dumped, without its streams."""
    vendor = Vendor(dumped["name"], above)
    vendor.standing, vendor.down = set(dumped["standing"]), set(dumped["down"])
    groups = {key: load_track(group, rules()) for key, group in dumped["groups"].items()}
    vendor.groups = {key: group for key, group in groups.items() if group.detectors}      # else its rule is gone
    vendor.wholes = {kind: load_track(whole, rules()) for kind, whole in dumped["wholes"].items()}
    for name, lives in dumped["lives"].items():
        vendor.lives_of(*name.split(" ", 1)).load(lives)
    return vendor
