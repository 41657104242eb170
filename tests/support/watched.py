"""Streams watched sample by sample: what the evidence comes to, before anybody speaks of incidents."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from histories import T0

from monitor.known import Policy
from monitor.memory import Memory
from monitor.model import Sample, Tier
from monitor.reading import read
from monitor.rule import Family, moment, stamp
from monitor.tiers import Budgets
from monitor.track import Track
from monitor.vendor import Vendor

NOW = stamp(T0)


ASKED = Sample(0, T0, "reachability", "claude", "eu", "ok")


@dataclass
class Watched:
    """`t`: stamp of the latest; `ask`: what is asked where nothing else is said."""

    memory: Memory = field(default_factory=Memory)
    t: float = NOW
    ask: Sample = ASKED
    policy: Policy = field(default_factory=Policy)

    def see(self, outcome: str, after_s: float = 60.0, **more: Any) -> frozenset[Family]:
        """The next answer, `after_s` later; the families it touched."""
        self.t += after_s
        sample = replace(self.ask, slot=moment(self.t), outcome=str(outcome), **more)
        return read(self.memory, self.memory.track_of(sample), sample, self.t)

    def see_all(self, outcomes: Sequence[str], after_s: float = 60.0, **more: Any) -> None:
        for outcome in outcomes:
            self.see(outcome, after_s, **more)

    def everywhere(self, outcome: str, regions: Sequence[str], after_s: float = 60.0, **more: Any) -> None:
        """One answer from each region, at the same moment."""
        for n, region in enumerate(regions):
            self.see(outcome, 0.0 if n else after_s, region=region, **more)

    def hosts(self, outcomes: Sequence[str], after_s: float = 0.0, region: str = "eu") -> None:
        """An answer of each neutral host."""
        for n, outcome in enumerate(outcomes):
            self.see(outcome, 0.0 if n else after_s, provider=f"neutral{n}", region=region, control=True)

    @property
    def vendor(self) -> Vendor:
        return self.memory.vendors[self.ask.provider]

    @property
    def track(self) -> Track:
        return self.memory.track_of(self.ask)

    def tier(self, family: Family) -> Tier:
        return self.vendor.tier(family, Budgets(), self.t)[0]

    def weight(self, rule: str) -> float:
        return self.vendor.weight(rule, self.t)

    def written(self) -> dict[str, Any]:
        """The memory as it would be stored."""
        return {key: json.loads(text) for key, text in self.memory.dump()}
