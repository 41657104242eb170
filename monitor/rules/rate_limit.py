"""The vendor throttles this account: 429 again and again."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import Counting
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Counting):
    """3 of the last 5 informative samples."""

    k: int = 3
    n: int = 5
    id: ClassVar[str] = "rate_limit.1"
    cause: ClassVar[Cause] = Cause.RATE_LIMITED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.RATE_LIMITED})
