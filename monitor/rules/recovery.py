"""Served, several times in a row: news where a refusal is expected (law 12)."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause, Sample
from monitor.rule import SERVED, Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """3 of the last 3 informative samples."""

    k: int = 3
    n: int = 3
    id: ClassVar[str] = "recovery.1"
    cause: ClassVar[Cause] = Cause.UNKNOWN
    hits: ClassVar[frozenset[Outcome]] = SERVED
    clears: ClassVar[frozenset[Outcome]] = frozenset(Outcome) - SERVED - {
        Outcome.UNKNOWN, Outcome.PROBE_ERROR, Outcome.SKIPPED,
    }

    def reads(self, sample: Sample) -> bool | None:
        outcome = Outcome(sample.outcome)
        return outcome in self.hits if outcome in self.hits | self.clears else None
