"""Our key is refused. A keyless call that is asked for a key is alive, not refused."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause, Sample
from monitor.rule import SERVED, Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """2 of the last 3 informative samples."""

    k: int = 2
    n: int = 3
    id: ClassVar[str] = "auth.1"
    cause: ClassVar[Cause] = Cause.AUTH_FAILED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.AUTH_FAILED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {
        Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED,
    }

    def reads(self, sample: Sample) -> bool | None:
        return False if sample.account is None else super().reads(sample)
