"""The one statistic: a mixture e-SR detector that accrues per second, against a null that it learns by itself.

`S <- (S + dt) * L(x)` for every grid point, and the mean over the grid is the evidence, in seconds: while nothing
happens its expectation grows by a second a second, however often and by whatever plan is asked, so the first time it
reaches B comes on average after B seconds at the earliest. The threshold IS the budget of false alarms.

The null is conditional on history: failures come in episodes, and what counts is how much longer an episode lasts than
transient ones do. Where the null is not sure of itself the statistic is clamped (`max(g, p0)`), which keeps its promise
under any dependence. Method and measured comparisons: docs/deciding.md.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from typing import Any

EDGES = (3.0, 8.0, 15.0, 30.0, 60.0, 120.0, 240.0, 480.0, 960.0, 1920.0, 3840.0, 7680.0)   # age of an episode, s
STARTS = (0.0, *EDGES)
BINS = len(EDGES) + 1
YOUNG = 5              # up to this bin hazards are as learned: what is asked slowly ends late; beyond, none rises
CHAIN = 0.8            # what a bin nobody has been in yet is taken to end by, of the next younger one
PASSES_S = 28.6        # before anything was learned a transient lasts half a minute at the most
OWN_WEIGHT, CHAIN_WEIGHT = 8.0, 2.0      # pseudo-episodes of the prior
LONGEST_STEP_S = 1800.0                  # a gap tells nothing of how long episodes last
SURELY = 0.9998      # of going on for another moment: below the highest grid point, so that asking fast loses nothing
CEILING = 1e30                           # of S: more evidence than anybody needs, and no overflow
KEPT = 32                                # failures remembered one by one


class Lives:
    """How long transient episodes last: hazard of ending, 1/s, by age. `parent`: what is known of others like it;
    without one, `passes_s` is what is known before anything was learned. `spared`: until when nothing is learned, for
    what fails soon after an incident is still that.
    """

    __slots__ = ("_first", "_hazards", "_seen", "ends", "exposure", "parent", "spared", "version")

    def __init__(self, parent: "Lives | None" = None, passes_s: float = PASSES_S) -> None:
        self.ends, self.exposure = [0.0] * BINS, [0.0] * BINS
        self.parent, self.version, self.spared = parent, 0, 0.0
        self._first = 1.0 / passes_s
        self._hazards: list[float] = []
        self._seen = -1

    def learn(self, steps: Sequence[tuple[float, float, bool]]) -> None:
        """An episode that passed by itself: (its age, seconds waited, whether it went on). When between two samples it
        ended nobody saw: every moment is taken to be as likely.
        """
        for age, dt, bad in steps:
            if 0.0 < dt <= LONGEST_STEP_S:
                self._learn(age, dt, bad)
        self.version += 1
        self._hazards = []
        if self.parent is not None:
            self.parent.learn(steps)

    def _learn(self, age: float, dt: float, bad: bool) -> None:
        for k in range(bin_of(age), bin_of(age + dt) + 1):
            low, high = max(age, STARTS[k]), min(age + dt, EDGES[k] if k < len(EDGES) else age + dt)
            width = high - low
            if width > 0.0:
                ended = 0.0 if bad else width / dt
                self.ends[k] += ended
                self.exposure[k] += width if bad else width * (1.0 - ((low + high) / 2 - age) / dt)

    def hazards(self) -> list[float]:
        """1/s by bin; the parent's where nothing was learned."""
        seen = self.parent.version if self.parent is not None else 0
        if not self._hazards or self._seen != seen:
            self._hazards, self._seen = self._computed(), seen
        return self._hazards

    def lasting(self, age_s: float, dt: float) -> float:
        """P(it goes on for another `dt` s | it has gone on for `age_s`)."""
        hazards, end, log = self.hazards(), age_s + dt, 0.0
        for k in range(bin_of(age_s), bin_of(end) + 1):
            low, high = max(age_s, STARTS[k]), min(end, EDGES[k] if k < len(EDGES) else end)
            log -= hazards[k] * max(0.0, high - low)
        return math.exp(log)

    def _computed(self) -> list[float]:
        above = self.parent.hazards() if self.parent is not None else None
        weight = CHAIN_WEIGHT if above is None else OWN_WEIGHT
        found: list[float] = []
        for k in range(BINS):
            # single failures end at once: that tells nothing of what lasts for longer than they do
            prior = above[k] if above is not None else self._first if k == 0 else (
                found[-1] * CHAIN if k > YOUNG else min(self._first, found[-1]))
            hazard = (self.ends[k] + weight) / (self.exposure[k] + weight / prior)
            found.append(hazard if k <= YOUNG else min(hazard, found[-1]))
        return found

    def dump(self) -> list[list[float]]:
        return [self.ends, self.exposure, [self.spared]]

    def load(self, dumped: Sequence[Sequence[float]]) -> None:
        self.ends, self.exposure = list(dumped[0]), list(dumped[1])
        self.spared = dumped[2][0] if len(dumped) > 2 else 0.0
        self.version += 1
        self._hazards = []


def bin_of(age_s: float) -> int:
    return bisect_right(EDGES, age_s)


class Detector:
    """Evidence of one stream in one class, in seconds. Mutable; owned by the judge, stored by `dump`.

    `t`: when it was last brought up to date (stamp, s); `clean`: its stream's count of clean samples then; `start`:
    since when it fails without a break; `starts`: how many episodes began while nothing stood, by hour of the day;
    `since`: by grid point, the first failure after there was nothing against it; `recent`: the last failures.
    """

    __slots__ = ("bad", "calm", "clean", "grid", "recent", "s", "seen", "since", "start", "starts", "steps", "t",
                 "worst")

    def __init__(self, grid: Sequence[float], t: float, clean: int = 0) -> None:
        self.grid, self.t, self.clean = tuple(grid), t, clean
        self.s, self.since = [0.0] * len(grid), [t] * len(grid)
        self.start: float | None = None
        self.starts: dict[int, float] = {}
        self.steps: list[tuple[float, float, bool]] = []
        self.recent: list[tuple[float, int, str]] = []
        self.bad = self.seen = self.worst = 0.0         # what the standing incident looks like: failures of so many
        self.calm = 0.0                    # evidence that it is over, s

    @property
    def value(self) -> float:
        """Seconds of evidence: the mean over the grid."""
        return sum(self.s) / len(self.s)

    @property
    def onset(self) -> float:
        """When it began, by the grid point that explains it best."""
        return self.since[max(range(len(self.s)), key=self.s.__getitem__)]

    def age(self, t: float) -> float | None:
        return None if self.start is None else max(0.0, t - self.start)

    def rest(self, n: int, until: float, p0: float) -> None:
        """`n` clean samples in a row since `t`, the last at `until`: what they come to, in closed form."""
        if n <= 0 or until <= self.t:
            return
        dt = (until - self.t) / n
        for i, g in enumerate(self.grid):
            if g <= p0:
                self.s[i] = 0.0
                continue
            c, less = (1.0 - g) / (1.0 - p0), (g - p0) / (1.0 - p0)     # 1 - c, exact where g is hardly above p0
            power, gone = c ** n, -math.expm1(n * math.log1p(-less))
            self.s[i] = self.s[i] * power + dt * c * gone / less
        self.t = until

    def step(self, t: float, bad: bool, p0: float) -> None:
        """One sample, `p0` its chance under the null. A grid point that expects no more than the null says nothing."""
        dt = max(0.0, t - self.t)
        self.t = t
        s, since = self.s, self.since
        for i, g in enumerate(self.grid):
            if g <= p0:
                continue
            if bad:
                if s[i] <= 2.0 * dt * (1.0 - g) / (g - p0) + dt:
                    since[i] = t
                s[i] = min(CEILING, (s[i] + dt) * g / p0)
            else:
                s[i] = (s[i] + dt) * (1.0 - g) / (1.0 - p0)

    def note(self, t: float, seq: int, outcome: str) -> None:
        """Remember a failure."""
        self.recent.append((t, seq, outcome))
        if len(self.recent) > KEPT:
            del self.recent[0]

    def hits(self) -> list[tuple[float, int, str]]:
        """The failures since the onset."""
        onset = self.onset
        return [one for one in self.recent if one[0] >= onset]

    def clear(self) -> None:
        """Start anew: an incident is over."""
        self.s = [0.0] * len(self.s)
        self.start = None
        self.bad = self.seen = self.worst = self.calm = 0.0
        self.steps, self.recent = [], []

    def dump(self) -> list[Any]:
        return [self.s, self.since, self.t, self.clean, self.start, list(self.starts.items()),
                self.steps, self.recent, self.bad, self.seen, self.worst, self.calm]

    def load(self, dumped: Sequence[Any]) -> "Detector":
        (self.s, self.since, self.t, self.clean, self.start, starts, steps, recent, self.bad, self.seen,
         self.worst, self.calm) = dumped
        self.starts = dict(starts)
        self.steps = [(age, dt, bad) for age, dt, bad in steps]
        self.recent = [(t, seq, outcome) for t, seq, outcome in recent]
        return self


def staying(first: float, lives: Lives, age_s: float, dt: float) -> float:
    """P(still failing after `dt` s | failing for `age_s` already): it lasts, or a new one began."""
    return min(SURELY, first + (1.0 - first) * lives.lasting(age_s, dt))
