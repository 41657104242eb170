"""The account has run out of money or of its contract's quota."""

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
    id: ClassVar[str] = "billing.1"
    cause: ClassVar[Cause] = Cause.BILLING
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.QUOTA_EXHAUSTED})
    clears: ClassVar[frozenset[Outcome]] = SERVED | {Outcome.RATE_LIMITED}
