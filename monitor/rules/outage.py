"""The vendor answers, with an error of its own (5xx)."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """3 of the last 5 informative samples."""

    k: int = 3
    n: int = 5
    id: ClassVar[str] = "outage.1"
    cause: ClassVar[Cause] = Cause.PROVIDER_OUTAGE
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.PROVIDER_OUTAGE})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {
        Outcome.RATE_LIMITED, Outcome.GEO_RESTRICTED, Outcome.ACCOUNT_RESTRICTED, Outcome.AUTH_FAILED,
        Outcome.QUOTA_EXHAUSTED, Outcome.MODEL_UNAVAILABLE,
    }
