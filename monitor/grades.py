"""Quality of one stream: how many items fail, against how many of this kind usually do. A mixture e-SR over items.

One stream an item kind, so that one kind that breaks is not thinned by those that do not. The linear form
`x g/p + (1-x) (1-g)/(1-p)` holds for whole items and for scores between nought and one alike.
"""

import math
from collections.abc import Sequence
from typing import Any

from monitor.esr import CEILING

GRID = (0.1, 0.16, 0.25, 0.4, 0.6, 0.85)     # shares of failing items that are looked for
ENOUGH = 40.0                                # items before anything is told
PRIOR_FAILED, PRIOR_ITEMS = 2.0, 40.0        # 5 % before anything was learned
DOUBT = 1.0                                  # deviations by which the usual share may be more than it looks
MATTERS = 0.04                               # a finding is at least so much worse than usual
MEMORY = 6000.0
LOUDEST = 100.0                              # logarithm of what one run can say at the most


class Grades:
    """One stream's graded items. `value`: evidence in seconds; `bad` of `seen`: what the standing incident is like."""

    __slots__ = ("bad", "calm", "failed", "items", "s", "seen", "since", "t")

    def __init__(self) -> None:
        self.failed = self.items = self.t = self.since = 0.0
        self.s = [0.0] * len(GRID)
        self.bad = self.seen = self.calm = 0.0

    @property
    def value(self) -> float:
        return sum(self.s) / len(self.s)

    @property
    def onset(self) -> float:
        return self.since

    @property
    def usual(self) -> float:
        """Share of items that usually fail."""
        return (self.failed + PRIOR_FAILED) / (self.items + PRIOR_ITEMS)

    def _at_most(self) -> float:
        """The same, as high as what was seen allows: of few items a good run is no promise."""
        usual = self.usual
        return min(0.9, usual + DOUBT * math.sqrt(usual * (1.0 - usual) / (self.items + PRIOR_ITEMS)))

    def step(self, t: float, failed: float, items: float, learn: bool) -> None:
        """One run: `failed` of `items`."""
        p, dt = self._at_most(), max(0.0, t - self.t) if self.t else 0.0
        self.t = t
        if self.items >= ENOUGH:
            self._weigh(t, failed, items, p, dt)
        if learn and self.value < 6e5:
            self.failed, self.items = self.failed + failed, self.items + items
            if self.items > MEMORY:
                self.failed, self.items = self.failed / 2, self.items / 2

    def _weigh(self, t: float, failed: float, items: float, p: float, dt: float) -> None:
        if self.value < 3 * dt:
            self.since = t
            self.bad = self.seen = 0.0
        self.bad, self.seen = self.bad + failed, self.seen + items
        for i, g in enumerate(GRID):
            if g > max(p, self.usual + MATTERS):
                self.s[i] = min(CEILING, (self.s[i] + dt) * _ratio(g, p, failed, items))

    def recover(self, dt: float, failed: float, items: float) -> None:
        """While it stands: how surely the last run is as usual, and not as bad as the incident."""
        worse = min(0.95, max(self.usual + MATTERS, (self.bad + 0.5) / (self.seen + 1.0)))
        self.calm = min(CEILING, (self.calm + dt) * _ratio(self.usual, worse, failed, items))

    def clear(self) -> None:
        self.s = [0.0] * len(GRID)
        self.bad = self.seen = self.calm = 0.0

    def dump(self) -> list[Any]:
        return [self.failed, self.items, self.s, self.since, self.t, self.bad, self.seen, self.calm]

    def load(self, dumped: Sequence[Any]) -> "Grades":
        (self.failed, self.items, self.s, self.since, self.t, self.bad, self.seen, self.calm) = dumped
        return self


def _ratio(g: float, p: float, failed: float, items: float) -> float:
    """How much likelier `failed` of `items` are at a share of `g` than at `p`. A run may be of hundreds of items."""
    log = failed * math.log(g / p) + (items - failed) * math.log((1.0 - g) / (1.0 - p))
    return math.exp(min(LOUDEST, log))
