"""The vendor says that it does not serve this region. Two sightings suffice: nothing else answers like this."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """2 of the last 3 informative samples."""

    k: int = 2
    n: int = 3
    id: ClassVar[str] = "refusals.1"
    cause: ClassVar[Cause] = Cause.REGION_RESTRICTED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.GEO_RESTRICTED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {
        Outcome.RATE_LIMITED, Outcome.QUOTA_EXHAUSTED, Outcome.MODEL_UNAVAILABLE,
    }
