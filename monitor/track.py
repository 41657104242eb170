"""What is remembered of one stream: its latest, how often it has been asked, and the evidence of every rule.

Clean samples – by far the most – are only counted; a detector is brought up to date, in closed form, when something
happens to its stream. Mutable, owned by the judge, stored by `dump` (law 5: it survives a restart).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from monitor.esr import Detector, Lives, staying
from monitor.grades import Grades
from monitor.rule import Coding, StreamKey
from monitor.speed import Speed
from probes.outcome import NETWORK, Outcome

STALE_SLOTS = 3.5
HISTORY = 0xFFFF             # so many of the last samples are kept as bits: failing or not
MEMORY = 80_000.0            # samples after which the older half counts half: two months of minutes
HOUR_WEIGHT = 3.0            # pseudo-episodes: an hour of the day is as all of them until it has shown otherwise
EXPLICIT = frozenset({Outcome.GEO_RESTRICTED.value, Outcome.ACCOUNT_RESTRICTED.value})
_NETWORK = frozenset(outcome.value for outcome in NETWORK)
_REACH = _NETWORK | {Outcome.PROVIDER_OUTAGE.value, Outcome.OVERLOADED.value}


Evidence = Detector | Speed | Grades


class Track:
    """One stream. `last`: stamp of its latest; `clean`: clean samples so far; `hours`: informative ones by UTC hour;
    `bits`: the last 16, 1 = failing to answer; `hot`: rules in the middle of an episode, or declared.
    """

    __slots__ = ("bits", "clean", "control", "declared", "detectors", "every_s", "expect", "grades", "hot", "hours",
                 "known", "last", "outcome", "reason", "region_zone", "regular", "run_from", "slow_s", "speed",
                 "status", "stream", "total", "well", "zone")

    def __init__(self, stream: StreamKey, every_s: float, *, control: bool = False) -> None:
        self.stream, self.every_s, self.control = stream, every_s or 60.0, control
        self.regular = every_s > 0
        self.zone = self.region_zone = "global"
        self.expect = False
        self.last = self.run_from = 0.0
        self.outcome, self.reason = Outcome.UNKNOWN.value, ""
        self.status: int | None = None
        self.clean = self.bits = self.known = 0
        self.well = self.total = 0.0
        self.slow_s = 0.0
        self.hours = [0.0] * 24
        self.detectors: dict[str, Detector] = {}
        self.hot: set[str] = set()
        self.declared: dict[str, str] = {}       # by rule: key of the incident that stands on it
        self.speed: Speed | None = None
        self.grades: Grades | None = None

    @property
    def failing(self) -> bool:
        """No answer came at all."""
        return self.outcome in _NETWORK

    @property
    def down(self) -> bool:
        """No answer, or one that only says that there is none."""
        return self.outcome in _REACH

    def fresh(self, t: float) -> bool:
        """Whether it still reports; what was told to slow down is given the time to."""
        every_s = max(self.every_s, self.slow_s) if self.outcome in EXPLICIT and not self.control else self.every_s
        return t - self.last <= STALE_SLOTS * every_s

    def arrive(self, t: float, outcome: str) -> None:
        """Note that a sample came, whatever it says."""
        if self.known:
            gap = t - self.last
            if gap > STALE_SLOTS * self.every_s * 2:
                self.run_from = t
            if not self.regular and gap > 0:
                self.every_s += 0.3 * (min(gap, 8 * self.every_s) - self.every_s)
        else:
            self.run_from = t - self.every_s      # as if it had been well until we came
        self.known += 1
        self.last, self.outcome = t, outcome
        self.bits = (self.bits << 1 | (outcome in _REACH)) & HISTORY
        self.hours[int(t // 3600) % 24] += 1.0
        self.total += 1.0
        if self.total > MEMORY:
            self._fade()

    def tick(self, t: float, clean: bool = True) -> None:
        """Count a sample of a stream that is made of many others, or of a place that is well."""
        self.hours[int(t // 3600) % 24] += 1.0
        self.total += 1.0
        if clean:
            self.clean += 1
            # all was well until the moment before: what others say of this one is not known yet
            self.well = self.last if t > self.last else self.well
        self.last = t
        if self.total > MEMORY:
            self._fade()

    def _fade(self) -> None:
        self.total /= 2
        self.hours = [n / 2 for n in self.hours]
        for detector in self.detectors.values():
            detector.starts = {hour: n / 2 for hour, n in detector.starts.items()}

    def found(self, rule: str) -> Evidence | None:
        """What it has to show for a rule, as it was left; None: nothing at all."""
        if rule == "latency":
            return self.speed
        return self.grades if rule == "quality" else self.detectors.get(rule)

    def passed(self, rule: str, t: float) -> None:
        """Count a clean sample that the rule's detector has seen already."""
        self.clean += 1
        self.well = t
        self.detectors[rule].clean = self.clean

    def last_bits(self, n: int) -> tuple[int, int]:
        """(failing, all) of the last n samples."""
        n = min(n, 16, self.known)
        return (self.bits & ((1 << n) - 1)).bit_count(), n

    def detector(self, name: str, rule: Coding, t: float) -> Detector:
        """The rule's, brought up to date with the clean samples since."""
        found = self.detectors.get(name)
        if found is None:
            # it has seen all that was clean so far, and has nothing to show for it
            found = self.detectors[name] = Detector(rule.grid, max(self.run_from, t - self.every_s), self.clean)
            return found
        self.catch_up(found, rule, t)
        if name not in self.declared:
            found.t = max(found.t, self.run_from)      # law 1: while nobody asked, nobody waited for an answer either
        return found

    def catch_up(self, found: Detector, rule: Coding, t: float) -> None:
        """Let the clean samples since count; the latest is not later than `t`."""
        n = self.clean - found.clean
        if n > 0:
            # the last clean one was not later than the sample before this one
            until = max(found.t, min(t, self.well))
            found.rest(n, until, self.first(found, rule, t))
            found.clean, found.start = self.clean, None

    def first(self, found: Detector, rule: Coding, t: float) -> float:
        """How likely an episode begins with the next sample, at this hour of the day."""
        hour = int(t // 3600) % 24
        rate = (sum(found.starts.values()) + 0.5) / (self.total + 0.5 / rule.first)
        here = self.hours[hour]
        return min(0.9, rate * (found.starts.get(hour, 0.0) + HOUR_WEIGHT) / (rate * here + HOUR_WEIGHT))

    def chance(self, found: Detector, rule: Coding, t: float, lives: Lives) -> float:
        """P(this sample fails), given how long it has failed already, if nothing is wrong but what passes by itself."""
        first, age = self.first(found, rule, t), found.age(found.t)
        if age is None or not rule.sticky:
            return first
        return staying(first, lives, age, max(0.0, t - found.t))

    def dump(self) -> dict[str, Any]:
        """JSON-able; `load` makes the same again, to the bit."""
        s = self.stream
        line = [self.every_s, self.regular, self.control, self.zone, self.region_zone, self.expect, self.last,
                self.run_from, self.outcome, self.status, self.reason, self.clean, self.bits, self.known, self.well,
                self.total, self.slow_s]
        return {
            "stream": [s.provider, s.region, s.kind, s.surface, s.account, s.model, s.check], "line": line,
            "hours": self.hours, "rules": {name: one.dump() for name, one in self.detectors.items()},
            "hot": sorted(self.hot), "declared": self.declared,
            "speed": self.speed.dump() if self.speed else None, "grades": self.grades.dump() if self.grades else None,
        }


def load_track(dumped: Mapping[str, Any], rules: Mapping[str, Coding]) -> Track:
    """The track that was dumped; what a rule that is gone, or looks for other shares, has left behind is dropped."""
    line: Sequence[Any] = dumped["line"]
    track = Track(StreamKey(*dumped["stream"]), line[0], control=line[2])
    (track.every_s, track.regular, track.control, track.zone, track.region_zone, track.expect, track.last,
     track.run_from, track.outcome, track.status, track.reason, track.clean, track.bits, track.known, track.well,
     track.total, track.slow_s) = line
    track.hours = list(dumped["hours"])
    track.detectors = {name: Detector(rules[name].grid, 0.0).load(one)
                       for name, one in dumped["rules"].items()
                       if name in rules and len(one[0]) == len(rules[name].grid)}
    track.hot = {name for name in dumped["hot"] if name in track.detectors}
    track.declared = {name: key for name, key in dumped["declared"].items() if name in rules}
    track.speed = Speed().load(dumped["speed"]) if dumped["speed"] else None
    track.grades = Grades().load(dumped["grades"]) if dumped["grades"] else None
    return track
