"""The yardstick no one can have: a CUSUM that knows the world's null and the change, at one false alarm in 90 days.

It sees one keyless stream (vendor x region) at base pace (the later one where it changes), and perfect controls: a
failure during which a neutral host of the region, or the vendor from another region, fails in the very same second is
dropped. `aged`: its null is P(failure | length of the failing episode so far) in this world, which bursts demand; else
one rate.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from random import Random

from bench.decide.effects import Stream
from bench.decide.figures import mean, quantile
from bench.decide.named import NAMED
from bench.decide.params import DAY
from bench.decide.worlds import World

AGES = (1, 2, 3, 4, 5, 7, 10, 15, 25, 50)      # samples into a failing episode at which another rate begins
SEEDS, DAYS, TRIALS = (901, 902, 903), 90, 400


@dataclass(frozen=True, slots=True)
class Null:
    """Failing samples of many streams, (number, masked) each, and what is learned from them."""

    every_s: int
    samples: int                                     # in one stream
    marks: tuple[tuple[tuple[int, bool], ...], ...]
    by_age: tuple[float, ...]                        # P(failure) in each bin of AGES; first: outside an episode

    @property
    def stream_90_days(self) -> float:
        return len(self.marks) * self.samples * self.every_s / (90 * DAY)


@dataclass(frozen=True, slots=True)
class Oracle:
    """Its threshold in nats, its false alarms in 90 days, its delay in seconds."""

    share: float
    aged: bool
    threshold: float
    false: float
    mean_s: float
    p95_s: float


@cache
def null_of(name: str) -> Null:
    """The null of a named world, from histories with no event at all."""
    params = NAMED[name]
    params = replace(params, nuisance=replace(params.nuisance, outages_per_day=0.0, silent_per_day=0.0),
                     silent_now=(), every_later_s={}, every_s=params.every_s | params.every_later_s)
    marks, samples, every = [], 0, params.every_s["reachability"]
    for seed in SEEDS:
        world = World(params, seed, DAYS, "quiet")
        for stream in world.streams:
            if stream.kind == "reachability":
                times = range(world.phase_s(stream), DAYS * DAY, every)
                samples = len(times)
                marks.append(_marks(world, stream, times))
    return Null(every, samples, tuple(marks), _learn(marks, samples))


def oracle(name: str, share: float, aged: bool = True) -> Oracle:
    """Calibrated on a named world's null, tried on changes put into it."""
    null = null_of(name)
    rates = null.by_age if aged else (_marginal(null),) * (len(AGES) + 1)
    gains = tuple(math.log((1 - (1 - share) * (1 - p)) / p) for p in rates)
    loss = math.log(1 - share) if share < 1 else -math.inf
    low, high = 1.0, 400.0
    while high - low > 0.05:
        middle = (low + high) / 2
        low, high = (low, middle) if _false(null, gains, loss, middle) <= 1 else (middle, high)
    dice = Random(f"{name}|{share}|{aged}")
    took = sorted(_trial(null, (gains, loss, high), share, dice) for _ in range(TRIALS))
    return Oracle(share, aged, high, _false(null, gains, loss, high), mean(took) or 0.0, quantile(took, 0.95) or 0.0)


def _marks(world: World, stream: Stream, times: Sequence[int]) -> tuple[tuple[int, bool], ...]:
    beside = [one for one in world.streams if (one.kind == "control" and one.region == stream.region)
              or (one.kind == "reachability" and one.provider == stream.provider and one.region != stream.region)]

    def fails(one: Stream, t: int) -> bool:
        record = world.ask(one, t)
        return record is not None and record["outcome"] != "ok"

    return tuple((n, any(fails(one, t) for one in beside)) for n, t in enumerate(times) if fails(stream, t))


def _learn(marks: Sequence[tuple[tuple[int, bool], ...]], samples: int) -> tuple[float, ...]:
    bad, tried = [0.5] * (len(AGES) + 1), [1.0] * (len(AGES) + 1)
    for some in marks:
        tried[0] += samples
        for n, age, ended in _aged(some):
            bad[bisect_right(AGES, age)] += 1
            tried[bisect_right(AGES, age)] += age > 0
            if ended:      # the good sample after it was tried at an age, not outside
                tried[bisect_right(AGES, age + 1)] += 1
                tried[0] -= n >= 0
    return tuple(min(0.995, one / all_) for one, all_ in zip(bad, tried, strict=True))


def _aged(some: Sequence[tuple[int, bool]]) -> list[tuple[int, int, bool]]:
    """(number, failures of this episode before it, whether it is the last) of what is not masked."""
    found, age, last = [], 0, -2
    for n, masked in some:
        age = age if n == last + 1 else 0
        last = n
        if not masked:
            found.append((n, age, False))
            age += 1
    for at, ((n, age, _), (_, following, _)) in enumerate(pairwise([*found, (-1, 0, True)])):
        found[at] = (n, age, following == 0)
    return found


def _marginal(null: Null) -> float:
    return sum(not masked for some in null.marks for _, masked in some) / (len(null.marks) * null.samples) or 1e-6


def _false(null: Null, gains: Sequence[float], loss: float, threshold: float) -> float:
    alarms = 0
    for some in null.marks:
        level, last = 0.0, -1
        for n, age, _ in _aged(some):
            gap = n - last - 1
            level = max(0.0, level + gap * loss) if gap > 0 else level
            level, last = level + gains[bisect_right(AGES, age)], n
            if level >= threshold:
                alarms, level = alarms + 1, 0.0
    return alarms / null.stream_90_days


def _trial(null: Null, rule: tuple[Sequence[float], float, float], share: float, dice: Random) -> float:
    """One change at a moment of a stream's null: seconds until the alarm."""
    gains, loss, threshold = rule
    known = dict(null.marks[dice.randrange(len(null.marks))])
    first = dice.randrange(100, null.samples // 2)
    begun = first - dice.random()
    level, age = 0.0, 0
    for n in range(first - 50, null.samples):
        masked = known.get(n)
        if masked:
            continue
        if masked is False or (n >= first and dice.random() < share):
            level += gains[bisect_right(AGES, age)]
            age += 1
        else:
            level, age = max(0.0, level + loss), 0
        if level >= threshold and n >= first:
            return (n - begun) * null.every_s
        level = min(level, threshold) if n >= first else min(level, threshold * 0.99)
    return (null.samples - begun) * null.every_s
