"""What was seen of one check that proves a fallback: when it last passed whole, and what its latest run came to. Pure.

A run that was not answered, or not made, neither proves nor disproves; a proof grows stale by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.model import Sample
from monitor.proving import KIND
from monitor.rule import moment, stamp

STANDS_SLOTS = 3         # a proof stands for so many of its check's slots
GRACE_SLOTS = 2          # nothing is missed for so many after it was first to be there


@dataclass(slots=True)
class Proof:
    """Stamps in seconds, 0.0: never. `score`: share of features that worked at the latest run; `reason`: which did not.
    """

    first_at: float
    every_s: float
    seen_at: float = 0.0
    passed_at: float = 0.0
    score: float = 0.0
    reason: str = ""

    def stands(self, t: float) -> bool:
        """Whether the latest run that said something passed, and not too long ago."""
        return 0.0 < self.seen_at <= self.passed_at and not self.stale(t)

    def stale(self, t: float) -> bool:
        return t - self.passed_at > STANDS_SLOTS * self.every_s

    def missed(self, t: float) -> bool:
        """Whether it should have been there by now."""
        return self.seen_at > 0.0 or t - self.first_at > GRACE_SLOTS * self.every_s

    def see(self, sample: Sample, t: float) -> None:
        """One run. What comes late does not take back what is known since."""
        self.every_s = sample.every_s or self.every_s
        if sample.items and t >= self.seen_at:
            self.seen_at, self.reason = t, sample.reason[:300]
            self.score = (sample.passed or 0) / sample.items
            if sample.passed == sample.items:
                self.passed_at = t

    def dump(self) -> list[float | str]:
        """JSON-able; `load_proof` makes the same again."""
        return [self.first_at, self.every_s, self.seen_at, self.passed_at, self.score, self.reason]


def load_proof(dumped: Iterable[float | str]) -> Proof:
    first, every, seen, passed, score, reason = dumped
    return Proof(float(first), float(every), float(seen), float(passed), float(score), str(reason))


def take_proof(proofs: dict[str, Proof], sample: Sample) -> None:
    """A sample of a check that proves something; of any other, nothing."""
    if sample.kind == KIND:
        t = stamp(sample.slot)
        proofs.setdefault(sample.check_key, Proof(t, sample.every_s or 60.0)).see(sample, t)


def failed_proofs(proofs: Mapping[str, Proof]) -> frozenset[str]:
    """The keys of the checks whose latest run that said something did not pass."""
    return frozenset(key for key, proof in proofs.items() if proof.seen_at > proof.passed_at)


def standing_proofs(proofs: Mapping[str, Proof], t: float) -> dict[str, datetime]:
    """By check's key: when each that still stands was last seen to pass."""
    return {key: moment(proof.passed_at) for key, proof in proofs.items() if proof.stands(t)}
