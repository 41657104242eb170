"""Answers take longer than at this hour they usually do here."""

from dataclasses import dataclass
from typing import ClassVar

from monitor.model import Cause
from monitor.rule import SERVED, Coding, Family
from probes.outcome import Outcome


@dataclass(frozen=True)
class Rule(Coding):
    """Read by ranks (monitor.speed); failures are masked, they have streams of their own."""

    id: ClassVar[str] = "latency.2"
    family: ClassVar[Family] = Family.LATENCY
    cause: ClassVar[Cause] = Cause.LATENCY_DEGRADED
    hits: ClassVar[frozenset[Outcome]] = frozenset()
    clears: ClassVar[frozenset[Outcome]] = SERVED
    share: ClassVar[float] = 0.06
