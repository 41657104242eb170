"""The account, or without a key the way out, is throttled."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """A throttle that passes by itself belongs to the null."""

    id: ClassVar[str] = "rate_limit.2"
    family: ClassVar[Family] = Family.RATE
    cause: ClassVar[Cause] = Cause.RATE_LIMITED
    hits: ClassVar[frozenset[Outcome]] = frozenset({Outcome.RATE_LIMITED})
    clears: ClassVar[frozenset[Outcome]] = SERVED
    first: ClassVar[float] = 0.01
    share: ClassVar[float] = 0.05
