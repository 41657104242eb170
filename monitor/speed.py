"""Latency of one stream: ranks within its own past at this hour of the day, whitened, and a mixture e-SR over them.

A latency's logarithm less its hour's mean goes into a sketch of small buckets; its rank there becomes a normal score,
and what the score before did not foretell (AR 1) is the evidence. Heavy tails cannot shout, a diurnal rhythm is no
change, and slow answers that come in runs are not counted as many. A shift too small to matter is no finding.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

from monitor.esr import CEILING

GRID = (0.6, 1.0, 1.5, 2.5)              # shifts that are looked for, in deviations
WIDTH = 0.08                             # of a bucket, in logarithms: 8 %
ENOUGH = 240                             # answers before anything is told
MATTERS = math.log(1.3)                  # a finding is at least so much slower than usual,
MATTERS_S = 0.02                         # and by so much: nobody is told of milliseconds
UNSEASONED = math.log(1.6)               # and so much, before every hour of the day is known
SEASONED = 6.0                           # answers of an hour that make it known, after so many days
DAYS_S = 3 * 86_400.0
PACE_S, PACE_SLACK = 86_400.0, 0.7       # how long a pace lasts that is the usual one; what comes much sooner is extra
SWIFT = 0.15                             # weight of the newest answer in what it is like now
LOUDEST = 1.0                            # of one answer in that, in logarithms: two that hang are no new pace
LOOKED_FOR = 1.0                         # shift, in deviations, that tells since when
EDGE = 3.2                               # a score can say no more than this
LEAST_SLOW, MOST_SLOW = 0.6, 3.0         # scores that slowness is taken to have while it stands
CAUTION = 0.75                           # of how slow it seems: taken for slower than it is, it would seem over
HOUR_PRIOR = 12.0
MEMORY = 40_000.0
_NORMAL = NormalDist()
_HALF = tuple(d * d / 2 for d in GRID)


class Speed:
    """One stream's latencies, in seconds. `value`: evidence in seconds; `shift`: how much slower now, in logarithms;
    `seen`: how far it has risen since its onset.
    """

    __slots__ = ("asked", "bad", "begun", "calm", "cross", "hourly", "hours", "mean", "n", "pace", "s", "scores",
                 "seen", "shift", "since", "sketch", "square", "t", "tide", "told", "z")

    def __init__(self) -> None:
        self.n, self.mean, self.begun = 0.0, 0.0, 0.0
        self.hours, self.hourly = [0.0] * 24, [0.0] * 24
        self.sketch: dict[int, float] = {}
        self.scores: dict[int, float] = {}
        self.told = 0.0
        self.s, self.since = [0.0] * len(GRID), 0.0
        self.t = self.z = self.shift = self.tide = 0.0
        self.cross, self.square = 0.0, 1.0
        self.bad = self.seen = self.calm = self.pace = self.asked = 0.0

    @property
    def value(self) -> float:
        return sum(self.s) / len(self.s)

    @property
    def onset(self) -> float:
        return self.since

    @property
    def seasoned(self) -> bool:
        """Whether every hour of the day is known. Until then all counts as usual: mornings are slow everywhere."""
        return self.t - self.begun >= DAYS_S and min(self.hours) >= SEASONED

    @property
    def matters(self) -> bool:
        """Whether it is slower by enough to tell anybody. Until every hour of the day is known, by more than all others
        are.
        """
        slower = self.shift >= MATTERS if self.seasoned else self.shift - self.tide >= UNSEASONED
        return slower and self.usual_s * (math.exp(self.shift) - 1.0) >= MATTERS_S

    @property
    def usual_s(self) -> float:
        return math.exp(self.mean)

    def due(self, t: float, every_s: float) -> bool:
        """Whether this answer counts: asked faster than usual, answers resemble each other more than is known yet."""
        gap, self.asked = t - self.asked, t
        if self.n == 0:
            self.pace = every_s
            return True
        gap = min(gap, 2 * self.pace)       # a silence is no pace: after it every answer would be too soon for a day
        self.pace += (gap - self.pace) * min(1.0, gap / PACE_S)
        return t - self.t >= PACE_SLACK * self.pace

    def step(self, t: float, took_s: float, every_s: float, learn: bool) -> float:
        """One answer; returns how much slower than usual it was, in logarithms. `learn`: nothing stands, so that it may
        count as usual.
        """
        level = math.log(max(took_s, 1e-4))
        hour = int(t // 3600) % 24
        if self.n == 0:
            self.mean, self.begun = level, t
        n = self.hours[hour]
        off = level - (self.hourly[hour] * n + self.mean * HOUR_PRIOR) / (n + HOUR_PRIOR)
        if self.n >= ENOUGH:
            self._weigh(t, off, every_s)
        else:
            self.t = t
        # what is slow no more than everything is, is a morning: else the first would be told, and so never be learned
        morning = not self.seasoned and off - self.tide < UNSEASONED
        if (learn and self.value < 6e5) or morning:
            self._learn(hour, level, off)
        return off

    def _weigh(self, t: float, off: float, every_s: float) -> None:
        z, dt = self._score(off), max(0.0, t - self.t)
        self.shift += SWIFT * (max(-LOUDEST, min(LOUDEST, off)) - self.shift)
        near = dt <= 4 * every_s
        rho = min(0.9, max(0.0, self.cross / self.square)) if near else 0.0
        e = (z - rho * self.z) / math.sqrt(1.0 - rho * rho)
        if near:
            # quickly at first: answers that come in runs are otherwise many before it is known that they do
            rate = max(0.002, 1.0 / max(20.0, self.n - ENOUGH + 20.0))
            self.cross += rate * (z * self.z - self.cross)
            self.square += rate * (z * z - self.square)
        self.t, self.z = t, z
        s = self.s
        # the onset is where a CUSUM was last at its bottom: the evidence itself is never wholly gone
        if self.seen <= 0.0:
            self.since = t
        self.seen = max(0.0, self.seen + LOOKED_FOR * e - LOOKED_FOR * LOOKED_FOR / 2)
        for i, d in enumerate(GRID):
            s[i] = min(CEILING, (s[i] + dt) * math.exp(d * e - _HALF[i]))

    def _score(self, off: float) -> float:
        bucket = math.floor(off / WIDTH)
        if self.n > self.told * 1.1:
            self._rank()
        found = self.scores.get(bucket)
        if found is None:
            low = min(self.scores, default=0)
            found = -EDGE if bucket < low else max(
                (z for b, z in self.scores.items() if b <= bucket), default=-EDGE)
            top = max(self.scores, default=0)
            found = EDGE if bucket > top else found
            self.scores[bucket] = found
        return found

    def _rank(self) -> None:
        """Normal scores of all buckets, afresh: done each time the past has grown by a tenth."""
        total, below = sum(self.sketch.values()), 0.0
        self.scores = {}
        for bucket in sorted(self.sketch):
            share = (below + self.sketch[bucket] / 2 + 0.5) / (total + 1.0)
            self.scores[bucket] = min(EDGE, max(-EDGE, _NORMAL.inv_cdf(share)))
            below += self.sketch[bucket]
        self.told = self.n

    def _learn(self, hour: int, level: float, off: float) -> None:
        self.n += 1.0
        self.mean += (level - self.mean) / min(self.n, 5000.0)
        self.hours[hour] += 1.0
        self.hourly[hour] += (level - self.hourly[hour]) / min(self.hours[hour], 600.0)
        bucket = math.floor(off / WIDTH)
        self.sketch[bucket] = self.sketch.get(bucket, 0.0) + 1.0
        if self.n > MEMORY:
            self.n, self.told = self.n / 2, self.told / 2
            self.hours = [n / 2 for n in self.hours]
            self.sketch = {bucket: n / 2 for bucket, n in self.sketch.items() if n > 0.5}

    def slowness(self) -> float:
        """How slow it is now, as a score: of several answers, for a single one may be the slowest of them."""
        return max(LEAST_SLOW, min(MOST_SLOW, self._score(self.shift)))

    def recover(self, dt: float) -> None:
        """While it stands: how surely the last answer is of the usual pace, and not of the slow one."""
        # it may have been told before it was known how slow it is
        slow = self.bad = max(LEAST_SLOW, self.bad, CAUTION * self.slowness())
        self.calm = min(CEILING, (self.calm + dt) * math.exp(-slow * self.z + slow * slow / 2))

    def clear(self) -> None:
        self.s = [0.0] * len(GRID)
        self.bad = self.seen = self.calm = self.shift = 0.0

    def dump(self) -> list[Any]:
        return [self.n, self.mean, self.begun, self.hours, self.hourly, list(self.sketch.items()),
                list(self.scores.items()), self.told, self.s, self.since, self.t, self.z, self.shift, self.tide,
                self.cross, self.square, self.bad, self.seen, self.calm, self.pace, self.asked]

    def load(self, dumped: Sequence[Any]) -> "Speed":
        (self.n, self.mean, self.begun, self.hours, self.hourly, sketch, scores, self.told, self.s, self.since, self.t,
         self.z, self.shift, self.tide, self.cross, self.square, self.bad, self.seen, self.calm, self.pace,
         self.asked) = dumped
        self.sketch, self.scores = dict(sketch), dict(scores)
        return self
